/* SPDX-License-Identifier: MIT */
/* Included in front of Mbed TLS's bignum.c. To check a signature, a number is raised to a public
 * exponent, nearly always 65537: 16 squarings and one multiplication. Mbed TLS 3.6.7 multiplies for
 * each zero among the exponent's bits, too, and so takes twice as long. What comes here is known to
 * anyone: an RSA signature (rsa.c), and a point of a curve (front_curves.h). */
#ifndef MMD_FRONT_POWER_H
#define MMD_FRONT_POWER_H

#include <bignum_core.h>
#include <common.h> /* allows private access, as there */
#include <string.h>

/* x = a^e mod n, by its bits from the top; x and a in Montgomery's form, of n's length. All is as
 * for mbedtls_mpi_core_exp_mod_unsafe, and so temp has room for more than is used here. */
static inline void mmd_power(mbedtls_mpi_uint *x, const mbedtls_mpi_uint *a,
                             const mbedtls_mpi_uint *n, size_t limbs, const mbedtls_mpi_uint *e,
                             size_t e_limbs, const mbedtls_mpi_uint *rr, mbedtls_mpi_uint *temp)
{
    const size_t limb_bits = 8 * sizeof *e;
    const mbedtls_mpi_uint mm = mbedtls_mpi_core_montmul_init(n);
    mbedtls_mpi_uint *base = temp + 2 * limbs + 1; /* x may be a */
    size_t bit = mbedtls_mpi_core_bitlen(e, e_limbs);

    if (bit == 0) { /* 1, in Montgomery's form */
        mbedtls_mpi_core_from_mont_rep(x, rr, n, limbs, mm, temp);
        return;
    }
    memcpy(base, a, limbs * sizeof *a);
    memmove(x, a, limbs * sizeof *a);
    while (--bit > 0) {
        mbedtls_mpi_core_montmul(x, x, x, limbs, n, limbs, mm, temp);
        if ((e[(bit - 1) / limb_bits] >> ((bit - 1) % limb_bits) & 1) != 0)
            mbedtls_mpi_core_montmul(x, x, base, limbs, n, limbs, mm, temp);
    }
}

#define mbedtls_mpi_core_exp_mod_unsafe mmd_power

#endif
