# SPDX-License-Identifier: MIT
# The tests on the Linux boards for other machines, with undefined behaviour trapping: not all machines have the library
# that would say more. Alignment is checked where the processor would not mind, too.
#   make check BOARD=linux-armhf                the unit tests, and test_answers
#   make check BOARD=linux-armhf WHOLE=yes      all that can run in an emulator
#   make portable MACHINES='linux-mips'         only these
TRAPS := -O2 -g -fsanitize=undefined -fsanitize-undefined-trap-on-error

# test_run_program reads the memory of its process, test_linux counts its threads, and an emulator has its own; the last
# two rows need OpenSSL or libqrencode for the machine.
NOT_UNIT   := test_run_program test_linux test_close test_failures test_front_keys test_kept test_key test_proxy \
              test_session test_qrcode
# These are of the host's build or its tools; these read the memory of a process or its limits, which are the
# emulator's.
NOT_SYSTEM := test_build test_dist test_library test_only_close test_stand_in test_units test_power_cut \
              test_secrets test_login_memory $(if $(BOARD_RUNNER),test_refusals)
MACHINE_UNIT   := $(filter-out $(NOT_UNIT) $(BOARD_NOT),$(notdir $(UNIT)))
MACHINE_SYSTEM := $(filter-out $(NOT_SYSTEM),$(basename $(notdir $(wildcard test/system/test_*.py))))
MACHINE_SAMPLE := test_answers $(if $(BOARD_RUNNER),,test_command test_lookup test_network test_refusals)
MACHINE_BUILT  := $(addprefix test/,$(MACHINE_UNIT:%=unit/%) system/driver system/sessions port/on_linux port/on_proxy \
                  port/on_scripted bench/fleet)

.PHONY: check-machine portable deps-portable
check-machine:
	@$(MAKE) --no-print-directory DEPS=no BUILD=$(BUILD)-check CFLAGS='$(TRAPS)' LDFLAGS=-L$(BUILD)-check SHARED=no \
	    $(BUILD)-check/libcmocka.a $(BUILD)-check/mmdclose $(MACHINE_BUILT:%=$(BUILD)-check/%)
	@$(ALONE) BOARD=linux build/linux/conformance-peer
	@NGINX='$(NGINX)' PEER='$(CURDIR)/build/linux/conformance-peer' MMDCLOSE_RUNNER='$(BOARD_RUNNER)' \
	    MMDCLOSE_SLOWER=$(if $(BOARD_RUNNER),4,1) python3 test/run.py $(BUILD)-check \
	    $(or $(TESTS),$(MACHINE_UNIT) $(if $(filter yes,$(WHOLE)),$(MACHINE_SYSTEM),$(MACHINE_SAMPLE)))
	@$(if $(BOARD_RUNNER)$(TESTS),,$(MAKE) --no-print-directory DEPS=no all && python3 test/root/run.py $(PROGRAM))

portable: deps-portable ## run the tests for each other machine, in emulators: all of them on a big-endian one
	@for board in $(MACHINES); do echo "portable: $$board"; $(ALONE) check BOARD=$$board WERROR=$(WERROR) \
	    WHOLE=$$(test $$board != linux-mips || echo yes) || exit 1; done

deps-portable:
	@$(if $(filter no,$(DEPS)),,MBEDTLS_DIR=$(MBEDTLS_DIR) tools/deps.sh deps build test proxy $(MACHINES))

$(BUILD)/libcmocka.a: $(CMOCKA)/src/cmocka.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(Q)$(CC) $(BOARD_CPPFLAGS) $(CFLAGS) -fno-sanitize=all -w $(CMOCKA_FLAGS) -DHAVE_SIGNAL_H -DHAVE_INTTYPES_H \
	    -c -o $(@:.a=.o) $<
	$(Q)$(AR) rcs $@ $(@:.a=.o)
