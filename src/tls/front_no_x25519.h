/* SPDX-License-Identifier: MIT */
/* Included in front of Mbed TLS's ecp_curves.c, oid.c and pkparse.c, to take less flash. X25519 is
 * agreed on by Project Everest's code, and no certificate has such a key: it cannot sign. PSA,
 * which TLS 1.3 needs, cannot do without. */
#ifndef MMD_FRONT_NO_X25519_H
#define MMD_FRONT_NO_X25519_H

#include <common.h> /* allows private access, as there */

#if !defined(MBEDTLS_PSA_CRYPTO_C)
#undef MBEDTLS_ECP_DP_CURVE25519_ENABLED
#undef MBEDTLS_ECP_MONTGOMERY_ENABLED
#undef MBEDTLS_PK_HAVE_RFC8410_CURVES
#endif

#endif
