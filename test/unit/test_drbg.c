/* SPDX-License-Identifier: MIT */
/* Tests of the generator of random bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <mbedtls/ctr_drbg.h>

#include "mmdclose/drbg.h"

#define LEN 3000 /* more than Mbed TLS gives at a time */

static void set_seed(uint8_t seed[MMD_DRBG_SEED_LEN], uint8_t first)
{
    for (size_t i = 0; i < MMD_DRBG_SEED_LEN; i++)
        seed[i] = (uint8_t)(first + i);
}

/* Starts from this seed, which becomes its successor, and takes len bytes. */
static void take(uint8_t seed[MMD_DRBG_SEED_LEN], uint8_t *out, size_t len)
{
    struct mmd_drbg drbg = {{0}};

    assert_int_equal(mmd_drbg_start(&drbg, seed), MMD_OK);
    assert_int_equal(mmd_drbg_random(&drbg, out, len), MMD_OK);
}

static void test_without_a_start_there_are_no_bytes(void **state)
{
    struct mmd_drbg drbg = {{0}};
    uint8_t out[4] = {1, 2, 3, 4};

    (void)state;
    assert_int_equal(mmd_drbg_random(&drbg, out, sizeof out), MMD_ERR_ENTROPY);
    assert_int_equal(mmd_drbg_random(&drbg, out, 0), MMD_OK);
}

/* The seed of bytes 0 to 47. By an implementation apart from Mbed TLS: CTR_DRBG of AES-256 with the
 * derivation function, no nonce, no personalization (NIST SP 800-90A, 10.2.1). */
static void test_known_answer(void **state)
{
    static const uint8_t successor[MMD_DRBG_SEED_LEN] = {
        0x7a, 0xd7, 0xf0, 0x61, 0x2b, 0x3e, 0xef, 0x3e, 0x51, 0xf8, 0xb3, 0x51,
        0x7d, 0xec, 0xa5, 0x8d, 0xf1, 0xdb, 0xb9, 0x77, 0x83, 0xe8, 0xb2, 0x93,
        0x03, 0x34, 0xc5, 0xc7, 0x6c, 0xd7, 0x16, 0x12, 0x68, 0xf0, 0x55, 0xe6,
        0x4d, 0xc8, 0x11, 0xda, 0x09, 0x3a, 0xf4, 0xd3, 0x6c, 0x94, 0x39, 0x82,
    };
    static const uint8_t bytes[32] = {
        0x21, 0xc6, 0x85, 0x63, 0x28, 0xa4, 0x32, 0xe0, 0xfa, 0x63, 0x04,
        0xaf, 0x4b, 0x5a, 0x2d, 0x1e, 0xdc, 0x8a, 0x21, 0x01, 0x5f, 0xcd,
        0x44, 0xe0, 0xa9, 0x20, 0xa5, 0x84, 0xf3, 0xd6, 0xfc, 0xbe,
    };
    uint8_t seed[MMD_DRBG_SEED_LEN], out[sizeof bytes];

    (void)state;
    set_seed(seed, 0);
    take(seed, out, sizeof out);
    assert_memory_equal(seed, successor, sizeof seed);
    assert_memory_equal(out, bytes, sizeof out);
}

static void test_a_successor_gives_other_bytes(void **state)
{
    uint8_t seed[MMD_DRBG_SEED_LEN], before[MMD_DRBG_SEED_LEN];
    static uint8_t first[LEN], second[LEN];

    (void)state;
    set_seed(seed, 1);
    memcpy(before, seed, sizeof seed);
    take(seed, first, LEN);
    assert_memory_not_equal(seed, before, sizeof seed);
    take(seed, second, LEN);
    assert_memory_not_equal(first, second, LEN);
    take(before, second, LEN);
    assert_memory_equal(first, second, LEN);
}

/* No 16 bytes that lie at a multiple of 16 come twice, and the last ones are written. */
static void test_a_long_request_is_filled(void **state)
{
    uint8_t seed[MMD_DRBG_SEED_LEN];
    static uint8_t out[LEN];

    (void)state;
    set_seed(seed, 2);
    take(seed, out, LEN);
    for (size_t a = 0; a + 16 <= LEN; a += 16)
        for (size_t b = a + 16; b + 16 <= LEN; b += 16)
            assert_memory_not_equal(out + a, out + b, 16);
    static const uint8_t zeros[8] = {0};
    assert_memory_not_equal(out + LEN - sizeof zeros, zeros, sizeof zeros);
}

/* A generator that wants new entropy has none: it fails, and does not go on without. */
static void test_no_seed_serves_twice(void **state)
{
    uint8_t seed[MMD_DRBG_SEED_LEN], out[16];
    struct mmd_drbg drbg = {{0}};

    (void)state;
    set_seed(seed, 3);
    assert_int_equal(mmd_drbg_start(&drbg, seed), MMD_OK);
    mbedtls_ctr_drbg_set_reseed_interval((mbedtls_ctr_drbg_context *)(void *)&drbg, 1);
    assert_int_equal(mmd_drbg_random(&drbg, out, sizeof out), MMD_ERR_ENTROPY);
}

static bool seeding_fails;

int __real_mbedtls_ctr_drbg_seed(mbedtls_ctr_drbg_context *ctx,
                                 int (*entropy)(void *, unsigned char *, size_t), void *context,
                                 const unsigned char *custom, size_t len);
int __wrap_mbedtls_ctr_drbg_seed(mbedtls_ctr_drbg_context *ctx,
                                 int (*entropy)(void *, unsigned char *, size_t), void *context,
                                 const unsigned char *custom, size_t len);
int __wrap_mbedtls_ctr_drbg_seed(mbedtls_ctr_drbg_context *ctx,
                                 int (*entropy)(void *, unsigned char *, size_t), void *context,
                                 const unsigned char *custom, size_t len)
{
    return seeding_fails ? MBEDTLS_ERR_CTR_DRBG_ENTROPY_SOURCE_FAILED
                         : __real_mbedtls_ctr_drbg_seed(ctx, entropy, context, custom, len);
}

static void test_a_start_that_fails_wipes_the_seed(void **state)
{
    static const uint8_t zeros[MMD_DRBG_SEED_LEN];
    uint8_t seed[MMD_DRBG_SEED_LEN], byte;
    struct mmd_drbg drbg = {{0}};

    (void)state;
    set_seed(seed, 4);
    seeding_fails = true;
    assert_int_equal(mmd_drbg_start(&drbg, seed), MMD_ERR_ENTROPY);
    seeding_fails = false;
    assert_memory_equal(seed, zeros, sizeof seed);
    assert_int_equal(mmd_drbg_random(&drbg, &byte, 1), MMD_ERR_ENTROPY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_a_start_there_are_no_bytes),
        cmocka_unit_test(test_known_answer),
        cmocka_unit_test(test_a_successor_gives_other_bytes),
        cmocka_unit_test(test_a_long_request_is_filled),
        cmocka_unit_test(test_no_seed_serves_twice),
        cmocka_unit_test(test_a_start_that_fails_wipes_the_seed),
    };
    return cmocka_run_group_tests_name("DRBG", tests, NULL, NULL);
}
