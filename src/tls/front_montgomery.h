/* SPDX-License-Identifier: MIT */
/* Included in front of Mbed TLS's rsa.c. The first signature that a key checks needs 2^(2k) mod n,
 * for a modulus n of k bits. Mbed TLS 3.6.7 divides for it, which takes a third as long as the
 * check itself, and more memory than anything else in a handshake. Only mbedtls_rsa_public comes
 * here, with what anyone may know. */
#ifndef MMD_FRONT_MONTGOMERY_H
#define MMD_FRONT_MONTGOMERY_H

#include <bignum_core.h>
#include <bignum_internal.h>
#include <common.h> /* allows private access, as there */
#include <mbedtls/bignum.h>
#include <mbedtls/platform.h>
#include <string.h>

/* x = x * 2^(bits of a limb) mod n, for x < n and an n whose highest bit is 1; c = 2^k - n.
 * The quotient is estimated by the highest limbs, never too high and too low by a few at most. */
static inline void mmd_shift_limb(mbedtls_mpi_uint *x, const mbedtls_mpi_uint *n,
                                  const mbedtls_mpi_uint *c, size_t limbs, mbedtls_mpi_uint *temp)
{
    const size_t size = limbs * sizeof *x;
    const mbedtls_mpi_uint above = n[limbs - 1] + 1, top = x[limbs - 1];
    const mbedtls_t_udbl two = (mbedtls_t_udbl)top << (8 * sizeof *x) | x[limbs - 2];
    const mbedtls_mpi_uint q = above == 0 ? top : (mbedtls_mpi_uint)(two / above);

    memmove(x + 1, x, size - sizeof *x);
    x[0] = 0;
    mbedtls_mpi_uint over =
        top - q + mbedtls_mpi_core_mla(x, limbs, c, limbs, q); /* -qn = qc - q2^k */
    for (mbedtls_mpi_uint borrow; (borrow = mbedtls_mpi_core_sub(temp, x, n, limbs)) <= over;) {
        memcpy(x, temp, size);
        over -= borrow;
    }
}

/* rr = 2^(2k) mod n. Leaves it to Mbed TLS where n does not fill its limbs. */
static inline int mmd_make_rr(mbedtls_mpi *rr, const mbedtls_mpi *n)
{
    const size_t limbs = n->n, size = limbs * sizeof *n->p;

    if (limbs < 2 || n->p[limbs - 1] >> (8 * sizeof *n->p - 1) == 0)
        return 0;
    mbedtls_mpi_uint *c = mbedtls_calloc(2, size);
    int error = c == NULL ? MBEDTLS_ERR_MPI_ALLOC_FAILED : mbedtls_mpi_grow(rr, limbs);
    if (error == 0) {
        (void)mbedtls_mpi_core_sub(c, c, n->p, limbs); /* from 0 */
        memcpy(rr->p, c, size);
        for (size_t i = 0; i < limbs; i++)
            mmd_shift_limb(rr->p, n->p, c, limbs, c + limbs);
    }
    mbedtls_free(c);
    return error;
}

/* DER puts a zero before n, which makes it a limb longer than it is: that one is given up while
 * nothing has been made for its length. */
static inline int mmd_exp_mod_public(mbedtls_mpi *x, const mbedtls_mpi *a, const mbedtls_mpi *e,
                                     mbedtls_mpi *n, mbedtls_mpi *rr)
{
    int error = 0;

    if (rr->p == NULL) {
        if (n->n > 1 && n->p[n->n - 1] == 0)
            n->n--;
        error = mmd_make_rr(rr, n);
    }
    return error != 0 ? error : mbedtls_mpi_exp_mod_unsafe(x, a, e, n, rr);
}

#define mbedtls_mpi_exp_mod_unsafe mmd_exp_mod_public

#endif
