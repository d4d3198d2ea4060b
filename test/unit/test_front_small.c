/* SPDX-License-Identifier: MIT */
/* Tests of the arithmetic in front of Mbed TLS's for limbs of 8 bits: a shift by a limb modulo n,
 * for each n of two limbs and each number below it with MMDCLOSE_ROUNDS set, as make fronts does;
 * otherwise for some n. What is estimated depends on two limbs only. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <bignum_core.h>
#include <bignum_internal.h>
#include <common.h>
#include <mbedtls/bignum.h>
#include <mbedtls/platform.h>

#include "numbers.h"

#define MAX_LIMBS 4

struct small_mpi {
    uint8_t *p;
    size_t n;
};

static unsigned subtractions;

/* As mbedtls_mpi_core_mla, where both are of one length. */
static uint8_t small_mla(uint8_t *d, size_t limbs, const uint8_t *s, size_t s_limbs, uint8_t b)
{
    unsigned carry = 0;

    assert_int_equal(limbs, s_limbs);
    for (size_t i = 0; i < limbs; i++) {
        carry += d[i] + (unsigned)s[i] * b;
        d[i] = (uint8_t)carry;
        carry >>= 8;
    }
    return (uint8_t)carry;
}

static uint8_t small_sub(uint8_t *x, const uint8_t *a, const uint8_t *b, size_t limbs)
{
    unsigned borrow = 0;

    subtractions++;
    for (size_t i = 0; i < limbs; i++) {
        const unsigned difference = a[i] - borrow - b[i];
        x[i] = (uint8_t)difference;
        borrow = difference >> 8 & 1;
    }
    return (uint8_t)borrow;
}

static int small_grow(struct small_mpi *x, size_t limbs)
{
    x->p = calloc(limbs, 1);
    x->n = limbs;
    return x->p == NULL ? MBEDTLS_ERR_MPI_ALLOC_FAILED : 0;
}

/* The last of its functions, which is not called here, is not for such limbs. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wincompatible-pointer-types"
#define mbedtls_mpi          struct small_mpi
#define mbedtls_mpi_uint     uint8_t
#define mbedtls_t_udbl       uint16_t
#define mbedtls_mpi_core_mla small_mla
#define mbedtls_mpi_core_sub small_sub
#define mbedtls_mpi_grow     small_grow
#include "tls/front_montgomery.h"
#undef mbedtls_mpi_exp_mod_unsafe
#undef mbedtls_mpi
#undef mbedtls_mpi_uint
#pragma GCC diagnostic pop

static uint64_t value_of(const uint8_t *p, size_t limbs)
{
    uint64_t value = 0;

    while (limbs-- > 0)
        value = value << 8 | p[limbs];
    return value;
}

static void put(uint64_t value, uint8_t *p, size_t limbs)
{
    for (size_t i = 0; i < limbs; i++, value >>= 8)
        p[i] = (uint8_t)value;
}

/* The quotient is never too low by more than 3: the last subtraction is the one that is not taken.
 */
static void check_shift(uint64_t n, uint64_t x, size_t limbs)
{
    uint8_t n_limbs[MAX_LIMBS], c[MAX_LIMBS], x_limbs[MAX_LIMBS], temp[MAX_LIMBS];

    put(n, n_limbs, limbs);
    put(0 - n, c, limbs);
    put(x, x_limbs, limbs);
    subtractions = 0;
    mmd_shift_limb(x_limbs, n_limbs, c, limbs, temp);
    if (value_of(x_limbs, limbs) != (x << 8) % n || subtractions > 4)
        fail_msg("%llx of %llx: %llx, %u subtractions", (unsigned long long)x,
                 (unsigned long long)n, (unsigned long long)value_of(x_limbs, limbs), subtractions);
}

static void test_two_limbs(void **state)
{
    const uint64_t stride = getenv("MMDCLOSE_ROUNDS") != NULL ? 1 : 509;

    (void)state;
    for (uint64_t n = 0x8001; n <= 0xffff;
         n += n > 0xff00 && stride > 1 ? 16 : 2 * ((stride + 1) / 2))
        for (uint64_t x = 0; x < n; x++)
            check_shift(n, x, 2);
}

/* 2^(2k) mod n, for each n of two limbs; for some of three and four. */
static void test_rr(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 1u << 17; i++) {
        const size_t limbs = i < 1u << 16 ? 2 : 3 + i % 2;
        uint64_t r = (uint64_t)1 << 8 * limbs;
        const uint64_t n = i < 1u << 16 ? i | 1 : (numbers_next() % r) | 1;
        uint8_t p[MAX_LIMBS];
        struct small_mpi modulus = {p, limbs}, rr = {NULL, 0};
        put(n, p, limbs);
        assert_int_equal(mmd_make_rr(&rr, &modulus), 0);
        assert_int_equal(rr.p != NULL, n >> (8 * limbs - 1));
        if (rr.p != NULL)
            assert_int_equal(value_of(rr.p, limbs), (r % n) * (r % n) % n);
        free(rr.p);
    }
}

/* Longer ones at random, with the limbs that are edges. */
static void test_longer_ones(void **state)
{
    static const uint8_t edges[] = {0, 1, 0x7f, 0x80, 0x81, 0xfe, 0xff};

    (void)state;
    for (unsigned i = 0; i < 500000; i++) {
        const size_t limbs = 3 + i % 2;
        uint64_t n = 0, x = 0;
        for (size_t k = 0; k < limbs; k++) {
            n = n << 8 | edges[numbers_below(sizeof edges)];
            x = x << 8 | (i % 3 == 0 ? numbers_below(256) : edges[numbers_below(sizeof edges)]);
        }
        n |= 1 | (uint64_t)1 << (8 * limbs - 1);
        check_shift(n, x % n, limbs);
        check_shift(n, n - 1 - numbers_below(4), limbs);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_limbs),
        cmocka_unit_test(test_rr),
        cmocka_unit_test(test_longer_ones),
    };

    numbers_begin(22);
    return cmocka_run_group_tests_name("fronts, with limbs of 8 bits", tests, NULL, NULL);
}
