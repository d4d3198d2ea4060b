# SPDX-License-Identifier: MIT
# The tests of the library and the command under valgrind: see memcheck.py. .ci/run has two of them, make deep all.
#   make memcheck TESTS='test_response'    only these
.PHONY: memcheck deps-memcheck
memcheck: deps-memcheck ## run the tests of the library and the command under valgrind
	@$(MAKE) --no-print-directory DEPS=no BUILD=$(BUILD)-memcheck CFLAGS='-O1 -g' all tests
	@NGINX='$(NGINX)' python3 test/memcheck/memcheck.py $(BUILD)-memcheck $(TESTS)

deps-memcheck:
	@$(if $(filter no,$(DEPS)),,MBEDTLS_DIR=$(MBEDTLS_DIR) tools/deps.sh deps build test proxy bench)
