/* SPDX-License-Identifier: MIT */
/* Tests of what stands in front of Mbed TLS's arithmetic for RSA: against Mbed TLS's own, and
 * against plain multiplications and divisions.
 *
 * MMDCLOSE_ROUNDS: that many random ones, and moduli of each length, instead of what make check
 * runs; MMDCLOSE_SEED: the seed for them (make fronts). */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tls/front_montgomery.h"
#undef mbedtls_mpi_exp_mod_unsafe

#include <mbedtls/asn1write.h>
#include <mbedtls/ecp.h>
#include <mbedtls/rsa.h>
#include <psa/crypto.h>
#include <rsa_internal.h>

#include "failing_allocator.h"
#include "mmdclose/tls_pool.h"
#include "numbers.h"

#define LIMB_BITS  (8 * sizeof(mbedtls_mpi_uint))
#define MAX_LEN    512 /* of a modulus, in bytes */
#define GOOD(call) assert_int_equal(call, 0)

void Hacl_Curve25519_crypto_scalarmult(uint8_t *out, uint8_t *secret, uint8_t *point);

static _Alignas(8) unsigned char pool_memory[64 * 1024];
static uint64_t rounds, seed = 20;

/* ---- what bignum.c calls of bignum_core.c ---- */

static struct {
    unsigned multiplications, powers, public_powers;
} calls;

#define MULTIPLY                                                                                   \
    mbedtls_mpi_uint *x, const mbedtls_mpi_uint *a, const mbedtls_mpi_uint *b, size_t b_limbs,     \
        const mbedtls_mpi_uint *n, size_t limbs, mbedtls_mpi_uint mm, mbedtls_mpi_uint *temp
#define POWER                                                                                      \
    mbedtls_mpi_uint *x, const mbedtls_mpi_uint *a, const mbedtls_mpi_uint *n, size_t limbs,       \
        const mbedtls_mpi_uint *e, size_t e_limbs, const mbedtls_mpi_uint *rr,                     \
        mbedtls_mpi_uint *temp

void __real_mbedtls_mpi_core_montmul(MULTIPLY);
void __wrap_mbedtls_mpi_core_montmul(MULTIPLY);
void __real_mbedtls_mpi_core_exp_mod(POWER);
void __wrap_mbedtls_mpi_core_exp_mod(POWER);
void __real_mbedtls_mpi_core_exp_mod_unsafe(POWER);
void __wrap_mbedtls_mpi_core_exp_mod_unsafe(POWER);

void __wrap_mbedtls_mpi_core_montmul(MULTIPLY)
{
    calls.multiplications++;
    __real_mbedtls_mpi_core_montmul(x, a, b, b_limbs, n, limbs, mm, temp);
}

void __wrap_mbedtls_mpi_core_exp_mod(POWER)
{
    calls.powers++;
    __real_mbedtls_mpi_core_exp_mod(x, a, n, limbs, e, e_limbs, rr, temp);
}

void __wrap_mbedtls_mpi_core_exp_mod_unsafe(POWER)
{
    calls.public_powers++;
    __real_mbedtls_mpi_core_exp_mod_unsafe(x, a, n, limbs, e, e_limbs, rr, temp);
}

/* ---- numbers ---- */

struct numbers {
    mbedtls_mpi n, a, e, expected, got, rr, other;
};

static struct numbers *open_numbers(void)
{
    static struct numbers them;
    mbedtls_mpi *const all[] = {&them.n,   &them.a,  &them.e,    &them.expected,
                                &them.got, &them.rr, &them.other};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        mbedtls_mpi_init(all[i]);
    return &them;
}

static void close_numbers(struct numbers *them)
{
    mbedtls_mpi *const all[] = {&them->n,   &them->a,  &them->e,    &them->expected,
                                &them->got, &them->rr, &them->other};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        mbedtls_mpi_free(all[i]);
}

static void say(const char *name, const mbedtls_mpi *x)
{
    print_message("# %s =", name);
    for (size_t i = x->n; i-- > 0;)
        print_message(" %0*" PRIx64, (int)LIMB_BITS / 4, (uint64_t)x->p[i]);
    print_message("\n");
}

static void assert_same(struct numbers *them, const mbedtls_mpi *got, const char *what)
{
    if (mbedtls_mpi_cmp_mpi(got, &them->expected) == 0)
        return;
    say("n", &them->n);
    say("a", &them->a);
    say("e", &them->e);
    say("expected", &them->expected);
    say("got", got);
    fail_msg("%s differs; seed %" PRIu64, what, seed);
}

static size_t limbs_of(size_t bits)
{
    return (bits + LIMB_BITS - 1) / LIMB_BITS;
}

/* An exponent of one limb, or of some, but no longer than n. */
static void make_exponent(mbedtls_mpi *e, size_t bits)
{
    static const uint32_t known[] = {0, 1, 2, 3, 4, 17, 65537, 65536, 1u << 31, UINT32_MAX};
    const uint64_t which = numbers_below(16);
    unsigned char bytes[4];

    if (which >= sizeof known / sizeof *known) {
        const bool is_long = numbers_below(bits <= 1024 ? 3 : 32) == 0;
        numbers_make(e, 1 + (size_t)numbers_below(is_long ? bits : 64), EDGE_LIMBS);
        return;
    }
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(known[which] >> 8 * i);
    GOOD(mbedtls_mpi_read_binary_le(e, bytes, sizeof bytes));
}

/* ---- 2^(2k) mod n ---- */

/* x * 2^(bits of a limb) mod n, for x below n. */
static void check_shift(struct numbers *them, size_t bits)
{
    mbedtls_mpi_uint c[MAX_LEN / 4] = {0}, temp[MAX_LEN / 4];
    const size_t limbs = limbs_of(bits);

    numbers_under(&them->a, &them->n);
    GOOD(mbedtls_mpi_grow(&them->a, limbs));
    GOOD(mbedtls_mpi_copy(&them->expected, &them->a));
    GOOD(mbedtls_mpi_shift_l(&them->expected, LIMB_BITS));
    GOOD(mbedtls_mpi_mod_mpi(&them->expected, &them->expected, &them->n));
    GOOD(mbedtls_mpi_copy(&them->got, &them->a));
    GOOD(mbedtls_mpi_grow(&them->got, limbs));
    (void)mbedtls_mpi_core_sub(c, c, them->n.p, limbs);
    mmd_shift_limb(them->got.p, them->n.p, c, limbs, temp);
    assert_same(them, &them->got, "a number shifted by a limb");
}

/* Only a modulus that fills its limbs, two at least, is ours. */
static void check_rr(struct numbers *them, size_t bits, enum shape shape)
{
    numbers_odd(&them->n, bits, shape);
    mbedtls_mpi_free(&them->rr);
    GOOD(mmd_make_rr(&them->rr, &them->n));
    if (bits % LIMB_BITS != 0 || bits == LIMB_BITS) {
        assert_null(them->rr.p);
        return;
    }
    GOOD(mbedtls_mpi_core_get_mont_r2_unsafe(&them->expected, &them->n));
    assert_int_equal(them->rr.n, limbs_of(bits));
    assert_same(them, &them->rr, "2^(2k) mod n");
    check_shift(them, bits);
}

static void test_rr(void **state)
{
    struct numbers *them = open_numbers();

    (void)state;
    for (size_t limbs = 1; limbs <= limbs_of(8 * MAX_LEN); limbs++)
        for (enum shape shape = 0; shape < SHAPES; shape++) {
            check_rr(them, limbs * LIMB_BITS, shape);
            check_rr(them, limbs * LIMB_BITS - 1, shape);
            check_rr(them, limbs * LIMB_BITS - LIMB_BITS + 1, shape);
        }
    for (size_t i = 0; i < 20000; i++)
        check_rr(them, LIMB_BITS * (2 + i % 5), i % 3 == 0 ? RANDOM : EDGE_LIMBS);
    close_numbers(them);
}

/* ---- powers ---- */

/* With a zero limb in front of n, as DER leads to it; its power is made with what another power
 * has left, too, public or not, in both orders. */
static void check_public(struct numbers *them, bool zero, bool secret_first)
{
    mbedtls_mpi n;

    mbedtls_mpi_init(&n);
    GOOD(mbedtls_mpi_copy(&n, &them->n));
    GOOD(mbedtls_mpi_grow(&n, them->n.n + zero));
    mbedtls_mpi_free(&them->rr);
    if (secret_first) {
        GOOD(mbedtls_mpi_exp_mod(&them->got, &them->a, &them->e, &n, &them->rr));
        assert_same(them, &them->got, "a secret power first");
    }
    GOOD(mmd_exp_mod_public(&them->got, &them->a, &them->e, &n, &them->rr));
    assert_same(them, &them->got, "a public power");
    GOOD(mbedtls_mpi_exp_mod(&them->got, &them->a, &them->e, &n, &them->rr));
    assert_same(them, &them->got, "a secret power next");
    GOOD(mbedtls_mpi_copy(&them->got, &them->a)); /* the result replaces it, as in RSA */
    GOOD(mmd_exp_mod_public(&them->got, &them->got, &them->e, &n, &them->rr));
    assert_same(them, &them->got, "a public power again");
    mbedtls_mpi_free(&n);
}

static void check_unsafe(struct numbers *them)
{
    GOOD(mbedtls_mpi_exp_mod_unsafe(&them->got, &them->a, &them->e, &them->n, NULL));
    assert_same(them, &them->got, "a power");
    mbedtls_mpi_free(&them->rr);
    for (int i = 0; i < 3; i++) {
        GOOD(mbedtls_mpi_exp_mod_unsafe(&them->got, &them->a, &them->e, &them->n, &them->rr));
        assert_same(them, &them->got, "a power with 2^(2k) kept");
    }
}

static void check_power(struct numbers *them, size_t bits, enum shape shape)
{
    const unsigned way = (unsigned)numbers_below(256);

    numbers_odd(&them->n, bits, shape);
    make_exponent(&them->e, bits);
    if (way % 16 == 0) /* not below n */
        numbers_make(&them->a, bits + LIMB_BITS * (way / 16 % 2), RANDOM);
    else
        numbers_under(&them->a, &them->n);
    GOOD(mbedtls_mpi_exp_mod(&them->expected, &them->a, &them->e, &them->n, NULL));
    if (mbedtls_mpi_bitlen(&them->e) <= 64 || bits <= 256) {
        numbers_power(&them->other, &them->a, &them->e, &them->n);
        assert_same(them, &them->other, "the plain power");
    }
    check_unsafe(them);
    check_public(them, (way & 64) != 0, (way & 128) != 0);
}

static void test_powers_of_small_moduli(void **state)
{
    struct numbers *them = open_numbers();

    (void)state;
    for (size_t bits = 2; bits <= 4 * 64 + 2; bits++)
        for (enum shape shape = 0; shape < SHAPES; shape++)
            check_power(them, bits, shape);
    for (size_t bits = 260; bits < 1024; bits += 31)
        for (enum shape shape = 0; shape < SHAPES; shape++)
            check_power(them, bits, shape);
    close_numbers(them);
}

static void test_powers(void **state)
{
    static const size_t known[] = {1024, 1536, 2047, 2048, 2049, 3072, 4095, 4096};
    struct numbers *them = open_numbers();
    enum shape shape = 0;

    (void)state;
    for (size_t bits = 1025; bits < 4096; bits += 61) {
        check_power(them, bits, shape);
        shape = (shape + 1) % SHAPES;
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        for (shape = 0; shape < SHAPES; shape++)
            check_power(them, known[i], shape);
    close_numbers(them);
}

static void test_moduli_that_are_refused(void **state)
{
    struct numbers *them = open_numbers();

    (void)state;
    GOOD(mbedtls_mpi_lset(&them->a, 3));
    GOOD(mbedtls_mpi_lset(&them->e, 65537));
    for (size_t bits = 1; bits <= 4096; bits += bits < 260 ? 1 : 959)
        for (enum shape shape = 0; shape < SHAPES; shape++) {
            mbedtls_mpi_free(&them->rr);
            numbers_make(&them->n, bits, shape);
            GOOD(mbedtls_mpi_set_bit(&them->n, 0, 0)); /* even: 0, if of one bit */
            for (int i = 0; i < 2; i++)
                assert_int_equal(
                    mmd_exp_mod_public(&them->got, &them->a, &them->e, &them->n, &them->rr),
                    MBEDTLS_ERR_MPI_BAD_INPUT_DATA);
            assert_int_equal(
                mbedtls_mpi_exp_mod_unsafe(&them->got, &them->a, &them->e, &them->n, NULL),
                MBEDTLS_ERR_MPI_BAD_INPUT_DATA);
        }
    close_numbers(them);
}

/* A public power is made by squarings, and a multiplication for each further 1 of the exponent; any
 * other power is left to Mbed TLS, which takes the same time for each exponent of a length. */
static void test_only_a_public_power_is_ours(void **state)
{
    struct numbers *them = open_numbers();

    (void)state;
    numbers_odd(&them->n, 2048, RANDOM);
    numbers_under(&them->a, &them->n);
    GOOD(mbedtls_mpi_lset(&them->e, 65537));
    memset(&calls, 0, sizeof calls);
    GOOD(mbedtls_mpi_exp_mod(&them->expected, &them->a, &them->e, &them->n, NULL));
    assert_int_equal(calls.powers, 1);
    assert_int_equal(calls.multiplications, 0);
    GOOD(mbedtls_mpi_exp_mod_unsafe(&them->got, &them->a, &them->e, &them->n, NULL));
    assert_int_equal(calls.powers, 1);
    assert_int_equal(calls.multiplications, 16 + 1);
    assert_int_equal(calls.public_powers, 0);
    close_numbers(them);
}

/* ---- RSA ---- */

static const size_t zeros[] = {0, 1, 7, 8, 9, 17}; /* bytes in front of n */
#define WAYS (1 + sizeof zeros / sizeof *zeros)    /* the first: DER */

static void import_der(mbedtls_rsa_context *rsa, const struct numbers *them)
{
    unsigned char der[2 * MAX_LEN + 32] = {0}, *at = der + sizeof der;
    int len = mbedtls_asn1_write_mpi(&at, der, &them->e);

    len += mbedtls_asn1_write_mpi(&at, der, &them->n);
    len += mbedtls_asn1_write_len(&at, der, (size_t)len);
    len += mbedtls_asn1_write_tag(&at, der, MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE);
    GOOD(mbedtls_rsa_parse_pubkey(rsa, at, (size_t)len));
}

static void import(mbedtls_rsa_context *rsa, const struct numbers *them, size_t way)
{
    unsigned char n[MAX_LEN + 17], e[MAX_LEN];
    const size_t len = way == 0 ? 0 : mbedtls_mpi_size(&them->n) + zeros[way - 1];

    mbedtls_rsa_init(rsa);
    if (way == 0) {
        import_der(rsa, them);
        return;
    }
    GOOD(mbedtls_mpi_write_binary(&them->n, n, len));
    GOOD(mbedtls_mpi_write_binary(&them->e, e, sizeof e));
    GOOD(mbedtls_rsa_import_raw(rsa, n, len, NULL, 0, NULL, 0, NULL, 0, e, sizeof e));
}

/* What the context keeps is right for its n, as long as that is now. */
static void check_kept(struct numbers *them, const mbedtls_rsa_context *rsa)
{
    GOOD(mbedtls_mpi_lset(&them->other, 1));
    GOOD(mbedtls_mpi_shift_l(&them->other, 2 * LIMB_BITS * rsa->N.n));
    GOOD(mbedtls_mpi_mod_mpi(&them->other, &them->other, &them->n));
    assert_int_equal(mbedtls_mpi_cmp_mpi(&rsa->RN, &them->other), 0);
    assert_true(rsa->RN.n >= rsa->N.n);
    assert_int_equal(mbedtls_mpi_cmp_mpi(&rsa->N, &them->n), 0);
}

static void check_value(struct numbers *them, mbedtls_rsa_context *rsa)
{
    unsigned char in[MAX_LEN], out[MAX_LEN];
    const size_t len = mbedtls_rsa_get_len(rsa);

    GOOD(mbedtls_mpi_exp_mod(&them->expected, &them->a, &them->e, &them->n, NULL));
    GOOD(mbedtls_mpi_write_binary(&them->a, in, len));
    GOOD(mbedtls_rsa_public(rsa, in, out));
    GOOD(mbedtls_mpi_read_binary(&them->got, out, len));
    assert_same(them, &them->got, "RSA");
    check_kept(them, rsa);
}

/* 0, 1, n - 1, some at random; n is refused, and the highest of its length. */
static void check_rsa(struct numbers *them, size_t way)
{
    mbedtls_rsa_context rsa;
    unsigned char in[MAX_LEN], out[MAX_LEN];

    import(&rsa, them, way);
    const size_t len = mbedtls_rsa_get_len(&rsa);
    GOOD(mbedtls_mpi_write_binary(&them->n, in, len));
    for (mbedtls_mpi_sint i = 0; i < 5; i++) {
        if (i < 2)
            GOOD(mbedtls_mpi_lset(&them->a, i));
        else if (i == 2)
            GOOD(mbedtls_mpi_sub_int(&them->a, &them->n, 1));
        else
            numbers_under(&them->a, &them->n);
        check_value(them, &rsa);
        assert_int_not_equal(mbedtls_rsa_public(&rsa, in, out), 0);
    }
    memset(in, 0xff, len);
    assert_int_not_equal(mbedtls_rsa_public(&rsa, in, out), 0);
    mbedtls_rsa_free(&rsa);
}

static void test_rsa(void **state)
{
    static const size_t lengths[] = {192, 512, 1000, 1024, 1025, 2047, 2048, 3072, 4095, 4096};
    static const int exponents[] = {3, 17, 65537};
    struct numbers *them = open_numbers();

    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        for (enum shape shape = 0; shape < SHAPES; shape++) {
            numbers_odd(&them->n, lengths[i], shape);
            GOOD(mbedtls_mpi_lset(&them->e, exponents[(i + shape) % 3]));
            check_rsa(them, (i + shape) % WAYS);
        }
    for (size_t way = 0; way < WAYS; way++) {
        numbers_odd(&them->n, 1024, RANDOM);
        numbers_odd(&them->e, 1023, RANDOM);
        check_rsa(them, way);
    }
    close_numbers(them);
}

static void test_rsa_refuses_even_moduli(void **state)
{
    struct numbers *them = open_numbers();
    mbedtls_rsa_context rsa;
    unsigned char in[MAX_LEN] = {0}, out[MAX_LEN];

    (void)state;
    GOOD(mbedtls_mpi_lset(&them->e, 3));
    for (size_t way = 1; way < WAYS; way++) {
        numbers_odd(&them->n, 2048, RANDOM);
        GOOD(mbedtls_mpi_set_bit(&them->n, 0, 0));
        import(&rsa, them, way);
        assert_int_equal(mbedtls_rsa_complete(&rsa), MBEDTLS_ERR_RSA_BAD_INPUT_DATA);
        for (int i = 0; i < 2; i++)
            assert_int_equal(mbedtls_rsa_public(&rsa, in, out), MBEDTLS_ERR_RSA_BAD_INPUT_DATA);
        mbedtls_rsa_free(&rsa);
    }
    close_numbers(them);
}

/* Each allocation fails once: an error, and then the same context gives what is right. */
static void check_without_memory(struct numbers *them, size_t way)
{
    unsigned char in[MAX_LEN], out[MAX_LEN];
    mbedtls_rsa_context rsa;
    bool failed = true;

    for (unsigned long at = 1; failed; at++) {
        import(&rsa, them, way);
        numbers_under(&them->a, &them->n);
        GOOD(mbedtls_mpi_write_binary(&them->a, in, mbedtls_rsa_get_len(&rsa)));
        allocator = (struct failing_allocator){0, at, false, allocator.calloc, allocator.free};
        const int error = mbedtls_rsa_public(&rsa, in, out);
        failed = allocator.happened;
        assert_int_equal(error,
                         failed ? MBEDTLS_ERR_RSA_PUBLIC_FAILED + MBEDTLS_ERR_MPI_ALLOC_FAILED : 0);
        assert_true(failed || at > 3);
        allocator.at = 0;
        check_value(them, &rsa);
        mbedtls_rsa_free(&rsa);
    }
}

static void test_rsa_without_memory(void **state)
{
    const struct mmd_tls_pool *pool = mmd_tls_pool_init(pool_memory, sizeof pool_memory);
    struct numbers *them;

    (void)state;
    for (size_t way = 0; way < WAYS; way++)
        for (size_t bits = 2047; bits <= 2048; bits++) {
            them = open_numbers();
            numbers_odd(&them->n, bits, RANDOM);
            GOOD(mbedtls_mpi_lset(&them->e, 65537));
            check_without_memory(them, way);
            close_numbers(them);
            assert_int_equal(pool->used, 0);
        }
}

/* ---- X25519 ---- */

static void from_hex(const char *hex, uint8_t out[32])
{
    for (size_t i = 0; i < 32; i++) {
        const char pair[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        out[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
}

/* RFC 7748, 5.2 and 6.1. */
static void test_x25519_known_answers(void **state)
{
    static const char *const rows[][3] = {
        {"a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
         "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
         "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"},
        {"4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
         "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
         "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"},
        {"77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
         "0900000000000000000000000000000000000000000000000000000000000000",
         "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"},
        {"5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
         "0900000000000000000000000000000000000000000000000000000000000000",
         "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"},
        {"77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
         "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
         "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"},
    };
    uint8_t secret[32], point[32], expected[32], out[32];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        from_hex(rows[i][0], secret);
        from_hex(rows[i][1], point);
        from_hex(rows[i][2], expected);
        Hacl_Curve25519_crypto_scalarmult(out, secret, point);
        assert_memory_equal(out, expected, sizeof out);
    }
}

/* The result is the next secret, and the secret the next point (RFC 7748, 5.2). */
static void test_x25519_iterated(void **state)
{
    uint8_t secret[32] = {9}, point[32] = {9}, out[32], expected[32];

    (void)state;
    for (int i = 1; i <= 1000; i++) {
        uint8_t copy[32];
        memcpy(copy, secret, sizeof copy); /* it may be changed */
        Hacl_Curve25519_crypto_scalarmult(out, copy, point);
        memcpy(point, secret, sizeof point);
        memcpy(secret, out, sizeof secret);
        if (i != 1 && i != 1000)
            continue;
        from_hex(i == 1 ? "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"
                        : "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51",
                 expected);
        assert_memory_equal(out, expected, sizeof out);
    }
}

/* By the arithmetic that Mbed TLS has for all curves. */
static void general_public(const uint8_t secret[32], uint8_t out[32])
{
    mbedtls_ecp_keypair key;
    size_t len;

    mbedtls_ecp_keypair_init(&key);
    GOOD(mbedtls_ecp_read_key(MBEDTLS_ECP_DP_CURVE25519, &key, secret, 32));
    GOOD(mbedtls_ecp_mul(&key.grp, &key.Q, &key.d, &key.grp.G, numbers_random, NULL));
    GOOD(mbedtls_ecp_point_write_binary(&key.grp, &key.Q, MBEDTLS_ECP_PF_UNCOMPRESSED, &len, out,
                                        32));
    assert_int_equal(len, 32);
    mbedtls_ecp_keypair_free(&key);
}

static psa_key_id_t import_x25519(const uint8_t secret[32])
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_key_id_t key;

    psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_MONTGOMERY));
    psa_set_key_algorithm(&attributes, PSA_ALG_ECDH);
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_DERIVE);
    GOOD(psa_import_key(&attributes, secret, 32, &key));
    return key;
}

/* The key share of TLS 1.3 is the one that Mbed TLS makes otherwise, and both ends agree by them.
 */
static void test_x25519_key_shares(void **state)
{
    uint8_t secret[32], public[2][32], expected[32], shared[2][32];
    psa_key_id_t keys[2];
    size_t len;

    (void)state;
    GOOD(psa_crypto_init());
    for (int i = 0; i < 20; i++) {
        for (int end = 0; end < 2; end++) {
            if (i < 2)
                memset(secret, i == end ? 0 : 0xff, sizeof secret);
            else
                (void)numbers_random(NULL, secret, sizeof secret);
            keys[end] = import_x25519(secret);
            GOOD(psa_export_public_key(keys[end], public[end], 32, &len));
            general_public(secret, expected);
            assert_memory_equal(public[end], expected, 32);
        }
        for (int end = 0; end < 2; end++)
            GOOD(psa_raw_key_agreement(PSA_ALG_ECDH, keys[end], public[1 - end], 32, shared[end],
                                       32, &len));
        assert_memory_equal(shared[0], shared[1], 32);
        GOOD(psa_destroy_key(keys[0]));
        GOOD(psa_destroy_key(keys[1]));
    }
    mbedtls_psa_crypto_free();
}

/* ---- what takes long ---- */

/* Each length of a modulus from 1024 bits on. */
static void test_each_length(void **state)
{
    struct numbers *them = open_numbers();

    (void)state;
    for (size_t bits = 1024; bits <= 4096; bits++)
        check_power(them, bits, (enum shape)numbers_below(SHAPES));
    close_numbers(them);
}

/* The shorter a modulus, the more of them. */
static void test_random_ones(void **state)
{
    struct numbers *them = open_numbers();

    (void)state;
    for (uint64_t i = 0; i < rounds; i++) {
        const size_t longest = i % 1024 == 0 ? 4096 : i % 64 == 0 ? 1024 : i % 8 == 0 ? 512 : 192;
        const size_t bits = 2 + (size_t)numbers_below(longest - 1);
        check_power(them, bits, (enum shape)numbers_below(SHAPES));
        for (int k = 0; k < 4; k++)
            check_rr(them, LIMB_BITS * (2 + (size_t)numbers_below(longest / LIMB_BITS - 1)),
                     k == 0 ? (enum shape)numbers_below(SHAPES) : EDGE_LIMBS);
    }
    close_numbers(them);
}

static void test_random_keys(void **state)
{
    struct numbers *them = open_numbers();

    (void)state;
    for (uint64_t i = 0; i < rounds / 1000; i++) {
        numbers_odd(&them->n, 1024 + (size_t)numbers_below(3073), (enum shape)(i % SHAPES));
        numbers_odd(&them->e, 2 + (size_t)numbers_below(63), EDGE_LIMBS);
        check_rsa(them, (size_t)numbers_below(WAYS));
    }
    close_numbers(them);
}

int main(void)
{
    const char *const text = getenv("MMDCLOSE_ROUNDS"), *const seed_text = getenv("MMDCLOSE_SEED");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rr),
        cmocka_unit_test(test_powers_of_small_moduli),
        cmocka_unit_test(test_powers),
        cmocka_unit_test(test_moduli_that_are_refused),
        cmocka_unit_test(test_only_a_public_power_is_ours),
        cmocka_unit_test(test_rsa),
        cmocka_unit_test(test_rsa_refuses_even_moduli),
        cmocka_unit_test(test_x25519_known_answers),
        cmocka_unit_test(test_x25519_iterated),
        cmocka_unit_test(test_x25519_key_shares),
        cmocka_unit_test(test_rsa_without_memory),
    };
    const struct CMUnitTest long_tests[] = {
        cmocka_unit_test(test_each_length),
        cmocka_unit_test(test_random_ones),
        cmocka_unit_test(test_random_keys),
    };

    if (text != NULL)
        rounds = strtoull(text, NULL, 10);
    if (seed_text != NULL)
        seed = strtoull(seed_text, NULL, 10);
    else if (rounds > 0)
        seed = (uint64_t)time(NULL);
    print_message("# MMDCLOSE_SEED=%" PRIu64 "\n", seed);
    numbers_begin(seed);
    return rounds > 0 ? cmocka_run_group_tests_name("fronts, at length", long_tests, NULL, NULL)
                      : cmocka_run_group_tests_name("fronts", tests, NULL, NULL);
}
