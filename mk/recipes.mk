# SPDX-License-Identifier: MIT
# The recipes of packaging/, parsed and run: see test/recipes/run.py.
#   make recipes-check RECIPES='test_buildroot test_yocto'    only these
RECIPES ?=

.PHONY: recipes-check deps-recipes
deps-recipes:
	@$(if $(filter no,$(DEPS)),,MBEDTLS_DIR=$(MBEDTLS_DIR) tools/deps.sh deps build test recipes)
recipes-check: deps-recipes ## parse the recipes of packaging/, build by them (as root), and close requests
	@env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL MBEDTLS='$(abspath $(MBEDTLS))' JSMN='$(JSMN)' \
	    /usr/bin/python3 -B test/recipes/run.py $(RECIPES)
