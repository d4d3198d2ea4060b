/* SPDX-License-Identifier: MIT */
/* Numbers for tests of arithmetic: at random from a seed, and of the shapes that are edges to it.
 */
#ifndef TEST_NUMBERS_H
#define TEST_NUMBERS_H

#include <mbedtls/bignum.h>
#include <stddef.h>
#include <stdint.h>

enum shape {
    RANDOM,      /* each bit below the highest */
    EDGE_LIMBS,  /* limbs like 0, 1, all ones, half of that */
    ONES,        /* 2^bits - 1 */
    MINIMAL,     /* 2^(bits - 1) + 1 */
    HIGHEST_ONE, /* as many bits as a limb has are 1, then at random */
    HIGHEST_LOW, /* 1, as many zeros as a limb has bits, then at random */
    LOW_ONES,    /* 1, zeros for a limb, then ones: the quotient's estimate is worst */
    SHAPES,
};

/* The same numbers follow for the same seed. */
void numbers_begin(uint64_t seed);
uint64_t numbers_next(void);
uint64_t numbers_below(uint64_t bound);

/* For Mbed TLS, which asks for random bytes in this way. */
int numbers_random(void *context, unsigned char *out, size_t len);

/* x = a number of exactly that many bits, in as many limbs as they need. x is initialised. */
void numbers_make(mbedtls_mpi *x, size_t bits, enum shape shape);

/* The same, and odd. */
void numbers_odd(mbedtls_mpi *x, size_t bits, enum shape shape);

/* x = a number below n: 0, 1, n - 1, or at random. */
void numbers_under(mbedtls_mpi *x, const mbedtls_mpi *n);

/* x = a^e mod n, by multiplications and divisions. */
void numbers_power(mbedtls_mpi *x, const mbedtls_mpi *a, const mbedtls_mpi *e,
                   const mbedtls_mpi *n);

#endif
