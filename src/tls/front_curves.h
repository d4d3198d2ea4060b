/* SPDX-License-Identifier: MIT */
/* Included in front of Mbed TLS's ecp.c, to take less flash. With TLS 1.2, X25519 is only agreed
 * on, and Project Everest's code does that: Mbed TLS's own arithmetic for such curves is left out.
 * PSA, which TLS 1.3 needs, cannot do without. A compressed point is public, and so is its power.
 */
#ifndef MMD_FRONT_CURVES_H
#define MMD_FRONT_CURVES_H

#include <bignum_core.h>
#include <bignum_internal.h>
#include <common.h> /* allows private access, as there */
#include <mbedtls/ecp.h>

#if !defined(MBEDTLS_PSA_CRYPTO_C)
#undef MBEDTLS_ECP_MONTGOMERY_ENABLED
#endif

#define mbedtls_mpi_exp_mod mbedtls_mpi_exp_mod_unsafe

#endif
