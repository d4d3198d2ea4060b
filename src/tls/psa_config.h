/* SPDX-License-Identifier: MIT */
/* For boards' mbedtls_config.h: of PSA what TLS 1.3 needs. Otherwise PSA would have all that Mbed
 * TLS's own functions have, private RSA keys too. RSA-PSS and SHA-512 are not used of it, but
 * without them TLS does not know those signatures. */
#ifndef MMD_PSA_CONFIG_H
#define MMD_PSA_CONFIG_H

#define MBEDTLS_PSA_CRYPTO_CONFIG
#define MBEDTLS_PSA_CRYPTO_CONFIG_FILE <stddef.h> /* in place of a file of their own */

#define PSA_WANT_ALG_ECDH                       1
#define PSA_WANT_ALG_HKDF_EXTRACT               1
#define PSA_WANT_ALG_HKDF_EXPAND                1
#define PSA_WANT_ALG_HMAC                       1
#define PSA_WANT_ALG_SHA_256                    1
#define PSA_WANT_ALG_SHA_384                    1
#define PSA_WANT_ALG_SHA_512                    1
#define PSA_WANT_ALG_RSA_PSS                    1
#define PSA_WANT_ALG_GCM                        1
#define PSA_WANT_KEY_TYPE_AES                   1
#define PSA_WANT_KEY_TYPE_DERIVE                1
#define PSA_WANT_KEY_TYPE_HMAC                  1
#define PSA_WANT_KEY_TYPE_RSA_PUBLIC_KEY        1
#define PSA_WANT_KEY_TYPE_ECC_PUBLIC_KEY        1
#define PSA_WANT_KEY_TYPE_ECC_KEY_PAIR_BASIC    1
#define PSA_WANT_KEY_TYPE_ECC_KEY_PAIR_GENERATE 1
#define PSA_WANT_ECC_SECP_R1_256                1
#define PSA_WANT_ECC_MONTGOMERY_255             1
#if defined(MBEDTLS_ECP_DP_SECP384R1_ENABLED)
#define PSA_WANT_ECC_SECP_R1_384 1
#endif
#if defined(MBEDTLS_CHACHAPOLY_C)
#define PSA_WANT_ALG_CHACHA20_POLY1305 1
#define PSA_WANT_KEY_TYPE_CHACHA20     1
#endif

#endif
