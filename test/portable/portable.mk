# SPDX-License-Identifier: MIT
# The tests on machines of other word sizes, byte orders and signs of char: see portable.py.
#   make portable MACHINES=sample      the unit tests on one big-endian machine
PORTABLE := build/portable
CMOCKA   := deps/cmocka

.PHONY: portable deps-portable
portable: deps-portable ## run the tests on 32-bit and big-endian machines, in emulators
	@$(ALONE) BOARD=linux build/linux/conformance-peer
	@MAKE='$(MAKE)' NGINX='$(NGINX)' PEER='$(CURDIR)/build/linux/conformance-peer' \
	    PORTABLE_INCLUDE='$(CMOCKA)/include' python3 test/portable/portable.py $(PORTABLE) $(MACHINES)

deps-portable:
	@$(if $(filter no,$(DEPS)),,MBEDTLS_DIR=$(MBEDTLS_DIR) tools/deps.sh deps build test proxy portable)

$(BUILD)/libcmocka.a: $(CMOCKA)/src/cmocka.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -fno-sanitize=all -w -I$(CMOCKA)/include -DHAVE_SIGNAL_H -DHAVE_INTTYPES_H -c -o $(@:.a=.o) $<
	$(Q)$(AR) rcs $@ $(@:.a=.o)
