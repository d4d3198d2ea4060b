# SPDX-License-Identifier: MIT
# Linux with musl, as one static program that needs nothing of the system it runs on.
ifeq ($(origin CC),default)
CC := $(if $(CROSS_COMPILE),$(CROSS_COMPILE)gcc,musl-gcc)
endif
BOARD_CONFIG := boards/linux
SHARED := no
include boards/linux/board.mk
BOARD_LIBS  := -static -pthread
BOARD_DEPS  := musl
BOARD_CHECK  = check-musl

# There are no sanitizers for musl, and no cmocka; the code of the library is the same as the linux board's. So this
# runs what may differ: what the command does with files, signals, names and networks.
MUSL_TESTS := test_lookup test_refusals test_answers test_command test_network
.PHONY: check-musl
check-musl:
	@$(MAKE) --no-print-directory DEPS=no all
	@python3 test/run.py $(BUILD) $(or $(TESTS),$(MUSL_TESTS))
