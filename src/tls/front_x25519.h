/* SPDX-License-Identifier: MIT */
/* Included in front of Mbed TLS's psa_crypto_ecp.c. Where X25519 is Project Everest's, Mbed TLS
 * 3.6.7 takes it to agree on a secret, but makes the public key of TLS 1.3's key share by its
 * general arithmetic for curves, which takes four times as long. */
#ifndef MMD_FRONT_X25519_H
#define MMD_FRONT_X25519_H

#include <common.h> /* allows private access, as there */

#if defined(MBEDTLS_ECDH_VARIANT_EVEREST_ENABLED)
#include <mbedtls/ecp.h>
#include <mbedtls/platform_util.h>

/* Its own header has no type for 128 bits on 32-bit machines. */
void Hacl_Curve25519_crypto_scalarmult(uint8_t *out, uint8_t *secret, uint8_t *point);

/* out = scalar * point: all of this file multiplies the base point only, to make a public key. */
static inline int mmd_make_public(mbedtls_ecp_group *group, mbedtls_ecp_point *out,
                                  const mbedtls_mpi *scalar, const mbedtls_ecp_point *point,
                                  int (*random)(void *, unsigned char *, size_t), void *context)
{
    uint8_t secret[32], at[32], public[32];

    if (group->id != MBEDTLS_ECP_DP_CURVE25519)
        return mbedtls_ecp_mul(group, out, scalar, point, random, context);
    int error = mbedtls_mpi_write_binary_le(&point->X, at, sizeof at);
    if (error == 0)
        error = mbedtls_mpi_write_binary_le(scalar, secret, sizeof secret);
    if (error == 0) {
        Hacl_Curve25519_crypto_scalarmult(public, secret, at);
        error = mbedtls_mpi_read_binary_le(&out->X, public, sizeof public);
    }
    if (error == 0)
        error = mbedtls_mpi_lset(&out->Z, 1);
    mbedtls_platform_zeroize(secret, sizeof secret);
    return error;
}

#define mbedtls_ecp_mul mmd_make_public
#endif

#endif
