# SPDX-License-Identifier: MIT
# What it needs: tools/deps.sh brings what is missing. A plain make installs nothing; demo, check and their like do,
# unless DEPS=no.
TEST_DEPS = $(or $(BOARD_DEPS),$(if $(BOARDS),firmware cortex-m linux-musl))

MACHINES  = $(filter linux-%,$(KNOWN_BOARDS))

DEPS_build = build $(BOARD_DEPS)
DEPS_test  = build $(TEST_DEPS) test proxy keys
DEPS_boards = build firmware cortex-m $(MACHINES)
DEPS_bench = build $(BOARD_DEPS) test bench linux-musl firmware cortex-m
DEPS_interop = build interop
DEPS_booted = build booted
DEPS_deb   = build deb
DEPS_lint  = build firmware cortex-m test lint
DEPS_deep  = build firmware cortex-m test proxy keys lint bench $(MACHINES) prove interop booted deb recipes
bring      = @MBEDTLS_DIR=$(MBEDTLS_DIR) LWIP_DIR=$(LWIP_DIR) tools/deps.sh deps

.PHONY: deps deps-boards deps-build deps-test deps-bench deps-lint deps-interop deps-booted deps-deb deps-deep
# But the root of make deb-check, which takes minutes.
deps: ## install and fetch everything that is missing
	$(bring) build test proxy keys bench lint firmware cortex-m $(MACHINES) prove interop booted recipes
deps-build deps-test deps-bench deps-lint deps-interop deps-booted deps-boards deps-deb deps-deep:
	$(if $(filter no,$(DEPS)),@:,$(bring) $(DEPS_$(@:deps-%=%)))

# Mbed TLS and lwIP have to be there before their files are listed.
missing := $(if $(shell command -v $(firstword $(CC)) 2>/dev/null),,the compiler $(firstword $(CC)),) \
    $(if $(SYSTEM_MBEDTLS)$(wildcard $(MBEDTLS)/library/ssl_tls.c),,Mbed TLS in $(MBEDTLS) (or set MBEDTLS_DIR),) \
    $(if $(LWIP),$(if $(wildcard $(LWIP)/src/core/tcp.c),,lwIP in $(LWIP) (or set LWIP_DIR),)) \
    $(if $(wildcard $(JSMN)/jsmn.h),,jsmn.h in $(JSMN) (Debian: libjsmn-dev; or set JSMN_DIR),)
ifneq ($(and $(strip $(missing)),$(filter all lib install install-strip,$(or $(MAKECMDGOALS),all))),)
$(error there is no $(strip $(missing)) and nothing can be built; run 'make deps', which installs and fetches it)
endif
