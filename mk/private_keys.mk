# SPDX-License-Identifier: MIT
# For a board that needs no private keys: Mbed TLS's tables name the functions for them, so the linker would keep them.
# These give way to one that refuses (src/tls/private_keys.c). With KEY=yes a signature is RSA-PSS, which takes none of
# them as long as the key has the numbers for the Chinese remainder theorem: RFC 8017, A.1.2, demands them.
PRIVATE_KEYS := rsa_pkcs1_sign rsa_pkcs1_encrypt rsa_pkcs1_decrypt \
                rsa_deduce_primes rsa_deduce_private_exponent rsa_deduce_crt \
                rsa_validate_params rsa_validate_crt rsa_check_pub_priv ecp_check_pub_priv \
                ecdsa_write_signature ecdsa_write_signature_restartable pk_sign pk_sign_ext \
                $(if $(filter no,$(KEY)),mpi_exp_mod)
BOARD_WRAPS    = $(foreach name,$(PRIVATE_KEYS),-Wl,--wrap=mbedtls_$(name) \
                                                 -Wl,--defsym=__wrap_mbedtls_$(name)=mmd_refuse_private_key)
BOARD_LDFLAGS += $(BOARD_WRAPS)
# With link-time optimisation the linker would not see these call what is wrapped. Of pk.o that costs more than it saves
# where there is no TLS 1.3.
CALLERS := pk_wrap rsa $(if $(filter no,$(TLS13)),,pk)
$(CALLERS:%=$(BUILD)/mbedtls/library/%.o): private FOREIGN += -fno-lto
