# What all firmware is made of: these sources, lwIP, and a board's own. The board sets
#   POOL_SIZE     bytes for TLS          REQUEST_MAX  bytes for a request and its answer
#   TLS13         yes or no              P384         yes or no: with that curve, and the roots that need it
# and the user may set
#   TRUST=FILE    trust these certificates (PEM) instead of the service family's roots
#   LWIP_DIR=DIR  another checkout of lwIP 2.2 (2.2.1 or later)
BOARD_NUMBERS += POOL_SIZE REQUEST_MAX
$(foreach name,$(BOARD_NUMBERS),$(if $(shell echo '$($(name))' | grep -x '[1-9][0-9]*'),,\
    $(error boards/$(BOARD)/board.mk or you have to say $(name), a number of bytes, not '$($(name))')))
$(foreach name,TLS13 P384,$(if $(filter yes no,$($(name))),,$(error $(name) is yes or no, not '$($(name))')))
LWIP  := $(or $(LWIP_DIR),deps/lwip)
RSA_ROOTS := DigiCert_Global_Root_G2 Microsoft_RSA_Root_Certificate_Authority_2017
ECC_ROOTS := DigiCert_Global_Root_G3 Microsoft_ECC_Root_Certificate_Authority_2017
TRUST ?= $(patsubst %,/usr/share/ca-certificates/mozilla/%.crt,$(RSA_ROOTS) $(if $(filter yes,$(P384)),$(ECC_ROOTS)))
ANCHORS_SIZE := $(if $(filter yes,$(P384)),4096,2368)

BOARD_DEPS     += firmware
BOARD_CPPFLAGS += -Iprograms/firmware $(if $(filter yes,$(TLS13)),-DMMD_TLS13) $(if $(filter yes,$(P384)),-DMMD_P384)
BOARD_OWN_CPPFLAGS   += -DPOOL_SIZE=$(POOL_SIZE) -DREQUEST_MAX=$(REQUEST_MAX) -DANCHORS_SIZE=$(ANCHORS_SIZE) -DANCHORS_FILE='"$(BUILD)/anchors.der"'
BOARD_SYSTEM_INCLUDE += $(LWIP)/src/include

# A client that shows no certificate of its own needs no private keys. Mbed TLS's tables name what
# works with them all the same; what they name gives way to one function that refuses (private_keys.c).
PRIVATE_KEYS := rsa_pkcs1_sign rsa_pkcs1_encrypt rsa_pkcs1_decrypt rsa_deduce_primes rsa_deduce_private_exponent rsa_deduce_crt \
                rsa_validate_params rsa_validate_crt rsa_check_pub_priv ecdsa_write_signature ecp_check_pub_priv \
                ecdsa_write_signature_restartable pk_sign pk_sign_ext
BOARD_LDFLAGS += $(foreach name,$(PRIVATE_KEYS),-Wl,--wrap=mbedtls_$(name),--defsym=__wrap_mbedtls_$(name)=mmd_refuse_private_key)

BOARD_PORT_C    += $(wildcard port/lwip/*.c )
BOARD_PROGRAM_C += $(wildcard programs/firmware/*.c programs/common/*.c boards/$(BOARD)/*.c)
LWIP_C := $(wildcard $(addprefix $(LWIP)/src/,$(addprefix core/,def.c dns.c inet_chksum.c init.c ip.c mem.c memp.c netif.c \
            pbuf.c stats.c tcp.c tcp_in.c tcp_out.c timeouts.c udp.c) \
            $(addprefix core/ipv4/,acd.c dhcp.c etharp.c icmp.c ip4.c ip4_addr.c) netif/ethernet.c apps/sntp/sntp.c))

$(BUILD)/trust: FORCE
	$(call write_if_changed,$(TRUST))
$(BUILD)/anchors.der: $(TRUST) tools/anchors.py $(BUILD)/trust $(BUILD)/flags
	@mkdir -p $(@D)
	$(Q)python3 tools/anchors.py $@ $(ANCHORS_SIZE) $(TRUST)
$(BUILD)/programs/firmware/anchors.o: $(BUILD)/anchors.der
$(BUILD)/mbedtls/library/pk_wrap.o $(BUILD)/mbedtls/library/rsa.o: private FOREIGN += -fno-lto

# The linux command beside it tells the same; the relay loses frames between the emulator and the network.
BOARD_DEMO   = python3 test/board/demo.py $(BOARD) $(PROGRAM)
BOARD_CHECK  = check-firmware
BOARD_SIZE   = size-firmware
RELAY        = build/linux/relay
COMMAND      = build/linux/mmdclose

CHECK_DIR ?= $(BUILD)

.PHONY: check-firmware size-firmware
check-firmware:
	@$(MAKE) --no-print-directory DEPS=no BUILD=$(CHECK_DIR) $(CHECK_FLAGS) all $(CHECK_DIR)/conformance$(BOARD_EXTENSION)
	@$(ALONE) BOARD=linux $(COMMAND) $(RELAY) build/linux/conformance-peer
	@TLS13=$(TLS13) P384=$(P384) REQUEST_MAX=$(REQUEST_MAX) PEER=$(CURDIR)/build/linux/conformance-peer RELAY=$(CURDIR)/$(RELAY) MMDCLOSE=$(CURDIR)/$(COMMAND) python3 test/run.py $(CHECK_DIR) --board $(BOARD)

size-firmware: all
	@P384=$(P384) python3 tools/size.py $(BOARD) $(BUILD) $(PROGRAM)
