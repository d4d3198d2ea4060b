# SPDX-License-Identifier: MIT
# Linux and its like, with a C library: native, or cross with CC and AR set.
# ONLY=close: a command that closes, with a token that is in a file, and does nothing else.
ifeq ($(ONLY),close)
BUILD_SUFFIX    := $(BUILD_SUFFIX)-close
BOARD_CPPFLAGS  += -DMMD_ONLY_CLOSE -DMMD_NO_TOKEN_SERVER -DMMD_NO_KEY
override KEY     := no
override SHARED  := no
override SYSTEMD := no
include mk/private_keys.mk
endif
# Times after 2038 and all files on 32-bit machines, too.
BOARD_CPPFLAGS  += -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64
# A record of the queue has more members than a response of which the first ones count.
BOARD_OWN_CPPFLAGS := -DMMD_JSON_TOKENS=64
# A shared library besides the archive; SHARED=no, or a static link: none.
SHARED          ?= $(if $(filter -static,$(LDFLAGS)),no,yes)
BOARD_PORT_C    := $(wildcard port/linux/*.c)
BOARD_PROGRAM_C := $(wildcard programs/mmdclose/*.c programs/mmdclose/*/*.c programs/common/*.c)
# Old roots sign themselves with SHA-1, of which only the name is known here: no signature of a root is checked.
$(BUILD)/mbedtls/library/oid.o: private FOREIGN += -DMBEDTLS_MD_CAN_SHA1
# TRUST=FILE: certificates in PEM that become part of the command, and are trusted in place of the system's bundle.
$(BUILD)/trust: FORCE
	$(call write_if_changed,$(TRUST))
$(BUILD)/programs/mmdclose/roots.o: $(BUILD)/trust
ifneq ($(TRUST),)
$(foreach file,$(TRUST),$(if $(wildcard $(file)),,$(error TRUST names $(file), which is not there)))
$(BUILD)/trust.pem: $(TRUST) $(BUILD)/trust
	@for file in $(TRUST); do grep -q 'BEGIN CERTIFICATE' "$$file" || \
	    { echo "TRUST: there is no certificate in PEM in $$file" >&2; exit 1; }; done
	@cat $(TRUST) >$@
$(BUILD)/programs/mmdclose/roots.o: private OWN += -DTRUST_FILE='"$(BUILD)/trust.pem"'
$(BUILD)/programs/mmdclose/roots.o: $(BUILD)/trust.pem
endif
# QRCODE=yes: with libqrencode, the address of a login is also shown as a QR code.
ifeq ($(QRCODE),yes)
BOARD_CPPFLAGS  += -DMMD_QRCODE
else
BOARD_PROGRAM_C := $(filter-out programs/mmdclose/qrcode.c,$(BOARD_PROGRAM_C))
endif
# Bound at the start: the dynamic linker, called later, saves vector registers on the stack, and with
# them what was last copied, pieces of the token.
BOARD_LIBS      := -pthread -Wl,-z,relro,-z,now
