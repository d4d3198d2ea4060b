# SPDX-License-Identifier: MIT
# make fuzz, make fuzz-replay, make coverage.
#
#   SECONDS=60    how long make fuzz runs each target
#   TARGETS=...   which: see FUZZ_TARGETS
FUZZ_TARGETS := request response proxy error_object token text trust queue_record client_plain client_tls
FUZZ         := $(FUZZ_TARGETS:%=$(BUILD)/test/fuzz/%)
SECONDS      ?= 60
TARGETS      ?= $(FUZZ_TARGETS) differential

# What gives a target its main: replay.c; or libFuzzer by LDFLAGS, and nothing here.
FUZZ_MAIN ?= $(BUILD)/test/fuzz/replay.o

FUZZ_CLIENT := $(addprefix $(BUILD)/test/,fuzz/exchange.o scripted/scripted_port.o)
$(BUILD)/test/fuzz/client_plain: $(BUILD)/test/fuzz/plain_tls.o $(FUZZ_CLIENT)
$(BUILD)/test/fuzz/client_tls: $(FUZZ_CLIENT)
$(BUILD)/test/fuzz/proxy: $(BUILD)/test/scripted/scripted_port.o
$(BUILD)/test/fuzz/record: $(BUILD)/test/fuzz/client_tls.o $(FUZZ_CLIENT)
$(BUILD)/test/fuzz/queue_record: $(addprefix $(BUILD)/programs/mmdclose/,queue/record.o json_members.o)
$(FUZZ): $(FUZZ_MAIN)
$(FUZZ) $(BUILD)/test/fuzz/record $(BUILD)/test/fuzz/differential: %: %.o $(PARTS)
	$(link)


.PHONY: fuzz fuzz-programs fuzz-checks fuzz-build fuzz-replay fuzz-minimise coverage
fuzz-programs: $(FUZZ)
fuzz-checks: $(BUILD)/test/fuzz/record $(BUILD)/test/fuzz/differential

fuzz-build: deps-lint
	@$(MAKE) --no-print-directory DEPS=no CC=clang BUILD=$(BUILD)-fuzz CFLAGS='$(SANITIZE) -O2 -fsanitize=fuzzer-no-link' \
	    LDFLAGS=-fsanitize=fuzzer FUZZ_MAIN= fuzz-programs

fuzz: fuzz-build ## search for inputs that break the library: SECONDS=60 for each of TARGETS
	@$(MAKE) --no-print-directory DEPS=no BUILD=$(BUILD)-replay CFLAGS='$(SANITIZE)' fuzz-checks
	@python3 -B test/fuzz/fuzz.py $(BUILD)-fuzz $(BUILD)-replay $(SECONDS) $(TARGETS)

fuzz-minimise: fuzz-build ## keep the fewest inputs that reach all that the kept ones, and what make fuzz found, reach
	@python3 -B test/fuzz/corpus.py minimise $(BUILD)-fuzz $(FUZZ_TARGETS)

fuzz-replay: deps-build ## run the fuzz targets on the inputs kept, with any compiler
	@$(MAKE) --no-print-directory DEPS=no BUILD=$(BUILD)-replay CFLAGS='$(SANITIZE)' fuzz-programs fuzz-checks
	@for target in $(FUZZ_TARGETS); do $(BUILD)-replay/test/fuzz/$$target packed test/fuzz/corpus/$$target || exit 1; done
	@for folder in test/fuzz/seeds/*; do $(BUILD)-replay/test/fuzz/$${folder##*/} $$folder/* || exit 1; done
	@$(BUILD)-replay/test/fuzz/record check test/fuzz/seeds/client_tls/*
	@python3 -B test/fuzz/differential.py $(BUILD)-replay/test/fuzz/differential 5

# Without optimisation, so that each branch of the source is one of the program.
coverage: deps-test ## measure the branches that tests and fuzz inputs take; fails below 98 %, 90 % for a file
	@$(MAKE) --no-print-directory DEPS=no CC=gcc BUILD=$(BUILD)-coverage CFLAGS='-O0 -g --coverage' \
	    all $(BUILD)-coverage/test/system/driver fuzz-programs $(UNIT:$(BUILD)/%=$(BUILD)-coverage/%)
	@python3 -B test/fuzz/coverage.py $(BUILD)-coverage 98 90
