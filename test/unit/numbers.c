/* SPDX-License-Identifier: MIT */
/* See numbers.h. */
#define MBEDTLS_ALLOW_PRIVATE_ACCESS
#include "numbers.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define LIMB_BITS (8 * sizeof(mbedtls_mpi_uint))

static uint64_t state;

void numbers_begin(uint64_t seed)
{
    state = seed;
}

/* SplitMix64 */
uint64_t numbers_next(void)
{
    uint64_t z = state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

uint64_t numbers_below(uint64_t bound)
{
    return numbers_next() % bound;
}

int numbers_random(void *context, unsigned char *out, size_t len)
{
    (void)context;
    for (size_t i = 0; i < len; i++)
        out[i] = (unsigned char)(numbers_next() >> 32);
    return 0;
}

static mbedtls_mpi_uint edge_limb(void)
{
    static const mbedtls_mpi_uint ones = (mbedtls_mpi_uint)-1, half = ones / 2;
    const mbedtls_mpi_uint edges[] = {
        0,
        1,
        2,
        ones,
        ones - 1,
        half,
        half + 1,
        half + 2,
        ones << LIMB_BITS / 2,
        ones >> LIMB_BITS / 2,
    };
    uint64_t which = numbers_below(3 * sizeof edges / sizeof *edges / 2);

    return which < sizeof edges / sizeof *edges ? edges[which] : (mbedtls_mpi_uint)numbers_next();
}

static void set_bits(mbedtls_mpi *x, size_t from, size_t to, unsigned char value)
{
    for (size_t i = from; i < to; i++)
        assert_int_equal(mbedtls_mpi_set_bit(x, i, value), 0);
}

void numbers_make(mbedtls_mpi *x, size_t bits, enum shape shape)
{
    const size_t limbs = (bits + LIMB_BITS - 1) / LIMB_BITS;
    const size_t below = bits - 1 > LIMB_BITS ? bits - 1 - LIMB_BITS : 0;
    const mbedtls_mpi_uint same = shape == ONES || shape == LOW_ONES ? (mbedtls_mpi_uint)-1 : 0;
    const int is_same = shape == ONES || shape == LOW_ONES || shape == MINIMAL;

    mbedtls_mpi_free(x);
    assert_int_equal(mbedtls_mpi_grow(x, limbs), 0);
    for (size_t i = 0; i < limbs; i++)
        x->p[i] = is_same               ? same
                  : shape == EDGE_LIMBS ? edge_limb()
                                        : (mbedtls_mpi_uint)numbers_next();
    set_bits(x, bits, limbs * LIMB_BITS, 0);
    set_bits(x, bits - 1, bits, 1);
    if (shape == HIGHEST_ONE || shape == HIGHEST_LOW || shape == LOW_ONES)
        set_bits(x, below, bits - 1, shape == HIGHEST_ONE);
    if (shape == MINIMAL)
        set_bits(x, 0, 1, 1);
}

void numbers_odd(mbedtls_mpi *x, size_t bits, enum shape shape)
{
    numbers_make(x, bits, shape);
    set_bits(x, 0, 1, 1);
}

void numbers_under(mbedtls_mpi *x, const mbedtls_mpi *n)
{
    const uint64_t which = numbers_below(12);
    const size_t bits = mbedtls_mpi_bitlen(n);

    if (which < 2 || bits < 2) {
        assert_int_equal(mbedtls_mpi_lset(x, bits < 2 ? 0 : (mbedtls_mpi_sint)which), 0);
    } else if (which == 2) {
        assert_int_equal(mbedtls_mpi_sub_int(x, n, 1), 0);
    } else {
        numbers_make(x, bits, which == 3 ? EDGE_LIMBS : RANDOM);
        assert_int_equal(mbedtls_mpi_mod_mpi(x, x, n), 0);
    }
}

void numbers_power(mbedtls_mpi *x, const mbedtls_mpi *a, const mbedtls_mpi *e, const mbedtls_mpi *n)
{
    mbedtls_mpi_free(x);
    assert_int_equal(mbedtls_mpi_lset(x, 1), 0);
    assert_int_equal(mbedtls_mpi_mod_mpi(x, x, n), 0);
    for (size_t bit = mbedtls_mpi_bitlen(e); bit-- > 0;) {
        assert_int_equal(mbedtls_mpi_mul_mpi(x, x, x), 0);
        assert_int_equal(mbedtls_mpi_mod_mpi(x, x, n), 0);
        if (mbedtls_mpi_get_bit(e, bit) == 0)
            continue;
        assert_int_equal(mbedtls_mpi_mul_mpi(x, x, a), 0);
        assert_int_equal(mbedtls_mpi_mod_mpi(x, x, n), 0);
    }
}
