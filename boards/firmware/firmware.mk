# What all firmware is made of: these sources, lwIP, and a board's own. The board sets
#   POOL_SIZE     bytes for TLS          REQUEST_MAX  bytes for a request and its answer
#   TLS13         yes or no              ANCHORS_SIZE bytes for trust anchors
# and the user may set
#   TRUST=FILE    trust these certificates (PEM) instead of the service family's roots
#   LWIP_DIR=DIR  another checkout of lwIP 2.2 (2.2.1 or later)
LWIP  := $(or $(LWIP_DIR),deps/lwip)
ROOTS := $(addprefix /usr/share/ca-certificates/mozilla/,DigiCert_Global_Root_G2.crt DigiCert_Global_Root_G3.crt \
           Microsoft_RSA_Root_Certificate_Authority_2017.crt Microsoft_ECC_Root_Certificate_Authority_2017.crt)
TRUST ?= $(ROOTS)
ANCHORS_SIZE ?= 4096

BOARD_DEPS     += firmware
BOARD_CPPFLAGS += -Iboards/firmware $(if $(filter yes,$(TLS13)),-DMMD_TLS13)
OWN_CPPFLAGS   += -DPOOL_SIZE=$(POOL_SIZE) -DREQUEST_MAX=$(REQUEST_MAX) -DANCHORS_FILE='"$(BUILD)/anchors.der"'
BOARD_SYSTEM_INCLUDE += $(LWIP)/src/include

# A client that shows no certificate of its own needs no private keys. Mbed TLS's tables name what
# works with them all the same; what they name gives way to one function that refuses (private_keys.c).
PRIVATE_KEYS := rsa_pkcs1_sign rsa_pkcs1_decrypt rsa_deduce_primes rsa_deduce_private_exponent rsa_deduce_crt \
                rsa_validate_params rsa_validate_crt rsa_check_pub_priv ecdsa_write_signature ecp_check_pub_priv \
                ecdsa_write_signature_restartable pk_sign pk_sign_ext
BOARD_LDFLAGS += $(foreach name,$(PRIVATE_KEYS),-Wl,--wrap=mbedtls_$(name),--defsym=__wrap_mbedtls_$(name)=refuse_private_key)

BOARD_PORT_C    += $(wildcard port/lwip/*.c port/pool/*.c)
BOARD_PROGRAM_C += $(wildcard boards/firmware/*.c boards/common/*.c boards/$(BOARD)/*.c)
LWIP_C := $(wildcard $(addprefix $(LWIP)/src/,$(addprefix core/,def.c dns.c inet_chksum.c init.c ip.c mem.c memp.c netif.c \
            pbuf.c stats.c tcp.c tcp_in.c tcp_out.c timeouts.c udp.c) \
            $(addprefix core/ipv4/,acd.c dhcp.c etharp.c icmp.c ip4.c ip4_addr.c) netif/ethernet.c apps/sntp/sntp.c))

$(BUILD)/anchors.der: $(TRUST) tools/anchors.py $(BUILD)/flags
	@mkdir -p $(@D)
	$(Q)python3 tools/anchors.py $@ $(ANCHORS_SIZE) $(TRUST)
$(BUILD)/boards/firmware/anchors.o: $(BUILD)/anchors.der
$(BUILD)/mbedtls/library/pk_wrap.o $(BUILD)/mbedtls/library/rsa.o: FOREIGN += -fno-lto
