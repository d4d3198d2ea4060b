# SPDX-License-Identifier: MIT
# Boards with the firmware: programs/firmware, lwIP, and the board's own sources. board.mk sets, before it includes this
# page:
#   POOL_SIZE     bytes for TLS
#   REQUEST_MAX   bytes for a request and its response
#   TOKEN_MAX     characters of a token that is got from a token server
#   COMMAND_MAX   bytes of a command line; one with a token may have TOKEN_MAX more
#   TLS13         yes or no: TLS 1.3 besides 1.2
#   P384          yes or no: the curve P-384, and the roots that need it
#   KEY           yes or no: a token with a certificate and its key, too, not only with a secret
#   PROXY         yes or no: through an HTTP proxy
#   BOARD_NUMBERS names of further variables that must be numbers of bytes
#   CHECK_DIR     the build that make check tests ($(BUILD))
#   CHECK_FLAGS   variables for that build (CFLAGS='...')
# A Cortex-M3 includes boards/cortex-m3/cortex-m3.mk instead, which includes this page. Before that it sets, too,
#   STACK_SIZE    bytes
#   BOARD_CPU     another core that runs Armv7-M code, such as cortex-m4
# On make's command line the user may set these, STACK_SIZE included, for any board, and
#   TRUST=FILE    the certificates (PEM) to trust in place of the service family's roots
#   LWIP_DIR=DIR  another checkout of lwIP 2.2 (2.2.1 or later)
BOARD_NUMBERS += POOL_SIZE REQUEST_MAX TOKEN_MAX COMMAND_MAX
$(foreach name,$(BOARD_NUMBERS),$(if $(shell echo '$($(name))' | grep -x '[1-9][0-9]*'),,\
    $(error boards/$(BOARD)/board.mk or you have to set $(name), a number of bytes, not '$($(name))')))
$(foreach name,TLS13 P384 KEY PROXY,$(if $(filter yes no,$($(name))),,$(error $(name) is yes or no, not '$($(name))')))

LWIP      := $(or $(LWIP_DIR),deps/lwip)
RSA_ROOTS := DigiCert_Global_Root_G2 Microsoft_RSA_Root_Certificate_Authority_2017
ECC_ROOTS := DigiCert_Global_Root_G3 Microsoft_ECC_Root_Certificate_Authority_2017
ROOTS     := $(RSA_ROOTS) $(if $(filter yes,$(P384)),$(ECC_ROOTS))
TRUST     ?= $(ROOTS:%=/usr/share/ca-certificates/mozilla/%.crt)
ANCHORS_SIZE := $(if $(filter yes,$(P384)),4096,2368)

BOARD_DEPS     += firmware
BOARD_CPPFLAGS += -Iprograms/firmware $(foreach name,TLS13 P384 KEY,$(if $(filter yes,$($(name))),-DMMD_$(name)))
BOARD_OWN_CPPFLAGS   += -DPOOL_SIZE=$(POOL_SIZE) -DREQUEST_MAX=$(REQUEST_MAX) -DTOKEN_MAX=$(TOKEN_MAX) \
                        -DCOMMAND_MAX=$(COMMAND_MAX) $(if $(filter yes,$(PROXY)),-DMMD_PROXY) \
                        $(if $(filter no,$(KEY)),-DMMD_NO_KEY) \
                        -DANCHORS_SIZE=$(ANCHORS_SIZE) -DANCHORS_FILE='"$(BUILD)/anchors.der"'
BOARD_SYSTEM_INCLUDE += $(LWIP)/src/include

include mk/private_keys.mk

BOARD_PORT_C    += $(wildcard port/lwip/*.c)
BOARD_PROGRAM_C += $(wildcard programs/firmware/*.c programs/common/*.c boards/$(BOARD)/*.c)
LWIP_CORE := def.c dns.c inet_chksum.c init.c ip.c mem.c memp.c netif.c pbuf.c stats.c tcp.c tcp_in.c tcp_out.c \
             timeouts.c udp.c $(addprefix ipv4/,acd.c dhcp.c etharp.c icmp.c ip4.c ip4_addr.c)
LWIP_C    := $(wildcard $(addprefix $(LWIP)/src/,$(LWIP_CORE:%=core/%) netif/ethernet.c apps/sntp/sntp.c))

$(BUILD)/trust: FORCE
	$(call write_if_changed,$(TRUST))
$(BUILD)/anchors.der: $(TRUST) tools/anchors.py $(BUILD)/trust $(BUILD)/flags
	@mkdir -p $(@D)
	$(Q)python3 tools/anchors.py --without=$(if $(filter no,$(P384)),P384),$(if $(filter no,$(TLS13)),PSS) \
	    $@ $(ANCHORS_SIZE) $(TRUST)
$(BUILD)/programs/firmware/anchors.o: $(BUILD)/anchors.der
# What stands in front of lwIP's files.
$(BUILD)/lwip/src/core/dns.o: private FOREIGN += -include port/lwip/dns_front.h
$(BUILD)/lwip/src/apps/sntp/sntp.o: private FOREIGN += -include programs/firmware/sntp_front.h

BOARD_DEMO  = python3 test/board/demo.py $(BOARD) $(PROGRAM)
BOARD_CHECK = check-firmware
BOARD_SIZE  = size-firmware

# The tests compare what the firmware says with what the Linux command says; the relay, between the emulator and its
# network, loses frames; the peer is the other end of the port's conformance test.
LINUX_COMMAND := build/linux/mmdclose
LINUX_RELAY   := build/linux/relay
LINUX_PEER    := build/linux/conformance-peer
CHECK_DIR     ?= $(BUILD)

.PHONY: check-firmware size-firmware
check-firmware:
	@$(MAKE) --no-print-directory DEPS=no BUILD=$(CHECK_DIR) $(CHECK_FLAGS) all \
	    $(CHECK_DIR)/conformance$(BOARD_EXTENSION)
	@$(ALONE) BOARD=linux $(LINUX_COMMAND) $(LINUX_RELAY) $(LINUX_PEER)
	@TLS13=$(TLS13) P384=$(P384) KEY=$(KEY) PROXY=$(PROXY) REQUEST_MAX=$(REQUEST_MAX) TOKEN_MAX=$(TOKEN_MAX) \
	    COMMAND_MAX=$(COMMAND_MAX) MMDCLOSE='$(CURDIR)/$(LINUX_COMMAND)' \
	    RELAY='$(CURDIR)/$(LINUX_RELAY)' PEER='$(CURDIR)/$(LINUX_PEER)' python3 test/run.py $(CHECK_DIR) --board $(BOARD)

size-firmware: all
	@P384=$(P384) KEY=$(KEY) COMMAND_MAX=$(COMMAND_MAX) python3 tools/size.py $(BOARD) $(BUILD) $(PROGRAM)
