/* SPDX-License-Identifier: MIT */
/* Tests of what stands in front of Mbed TLS's arithmetic, with keys: OpenSSL makes them, signs what
 * ours verify, verifies what ours sign, and agrees on secrets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <common.h> /* allows private access */
#include <mbedtls/ecdh.h>
#include <mbedtls/ecp.h>
#include <mbedtls/pk.h>
#include <mbedtls/rsa.h>
#include <psa/crypto.h>
#include <rsa_internal.h>

#include "failing_allocator.h"
#include "mmdclose/tls_pool.h"
#include "numbers.h"

#define DIGEST_LEN 32
#define MAX_LEN    512
#define GOOD(call) assert_int_equal(call, 0)

void Hacl_Curve25519_crypto_scalarmult(uint8_t *out, uint8_t *secret, uint8_t *point);

static _Alignas(8) unsigned char pool_memory[128 * 1024];
static uint8_t digest[DIGEST_LEN];

/* ---- what is called of Mbed TLS's arithmetic, from another of its files ---- */

static struct {
    unsigned multiplications, expected, public_powers;
} calls;

#define MULTIPLY                                                                                   \
    mbedtls_mpi_uint *x, const mbedtls_mpi_uint *a, const mbedtls_mpi_uint *b, size_t b_limbs,     \
        const mbedtls_mpi_uint *n, size_t limbs, mbedtls_mpi_uint mm, mbedtls_mpi_uint *temp
#define POWER                                                                                      \
    mbedtls_mpi *x, const mbedtls_mpi *a, const mbedtls_mpi *e, const mbedtls_mpi *n,              \
        mbedtls_mpi *rr

void __real_mbedtls_mpi_core_montmul(MULTIPLY);
void __wrap_mbedtls_mpi_core_montmul(MULTIPLY);
int __real_mbedtls_mpi_exp_mod_unsafe(POWER);
int __wrap_mbedtls_mpi_exp_mod_unsafe(POWER);

void __wrap_mbedtls_mpi_core_montmul(MULTIPLY)
{
    calls.multiplications++;
    __real_mbedtls_mpi_core_montmul(x, a, b, b_limbs, n, limbs, mm, temp);
}

int __wrap_mbedtls_mpi_exp_mod_unsafe(POWER)
{
    calls.public_powers++;
    calls.expected += (unsigned)mbedtls_mpi_bitlen(e) - 1;
    for (size_t i = mbedtls_mpi_bitlen(e) - 1; i-- > 0;)
        calls.expected += (unsigned)mbedtls_mpi_get_bit(e, i);
    return __real_mbedtls_mpi_exp_mod_unsafe(x, a, e, n, rr);
}

static void assert_no_public_power(void)
{
    assert_int_equal(calls.multiplications, 0);
    assert_int_equal(calls.public_powers, 0);
}

/* ---- RSA keys ---- */

enum form { DER, RAW, ONE_ZERO, LIMB_OF_ZEROS, FORMS };
enum act { SIGN, VERIFY };

struct key {
    EVP_PKEY *key;
    size_t len;
};
static struct key keys[6];
#define KEYS (sizeof keys / sizeof *keys)

static EVP_PKEY *make_rsa(size_t bits, unsigned exponent)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, NULL);
    EVP_PKEY *key = NULL;
    BIGNUM *e = BN_new();

    assert_int_equal(BN_set_word(e, exponent), 1);
    assert_int_equal(EVP_PKEY_keygen_init(context), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(context, (int)bits), 1);
    assert_int_equal(EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context, e), 1);
    assert_int_equal(EVP_PKEY_generate(context, &key), 1);
    EVP_PKEY_CTX_free(context);
    BN_free(e);
    return key;
}

static int make_keys(void **state)
{
    static const size_t bits[KEYS] = {1024, 1031, 2048, 2048, 2047, 3072};
    static const unsigned exponents[KEYS] = {65537, 65537, 65537, 3, 17, 65537};

    (void)state;
    for (size_t i = 0; i < KEYS; i++)
        keys[i] = (struct key){make_rsa(bits[i], exponents[i]), (bits[i] + 7) / 8};
    GOOD(psa_crypto_init());
    return numbers_random(NULL, digest, sizeof digest);
}

static int free_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEYS; i++)
        EVP_PKEY_free(keys[i].key);
    return 0;
}

/* Writes a number of the key's with that many zeros in front. */
static size_t write_number(const struct key *key, const char *name, size_t zeros,
                           uint8_t out[MAX_LEN + 8])
{
    BIGNUM *number = NULL;

    assert_int_equal(EVP_PKEY_get_bn_param(key->key, name, &number), 1);
    const size_t len = (size_t)BN_num_bytes(number);
    memset(out, 0, zeros);
    BN_bn2bin(number, out + zeros);
    BN_clear_free(number);
    return zeros + len;
}

static void import(mbedtls_rsa_context *rsa, const struct key *key, enum form form)
{
    static const char *const names[] = {OSSL_PKEY_PARAM_RSA_N, OSSL_PKEY_PARAM_RSA_FACTOR1,
                                        OSSL_PKEY_PARAM_RSA_FACTOR2, OSSL_PKEY_PARAM_RSA_D,
                                        OSSL_PKEY_PARAM_RSA_E};
    uint8_t out[5][MAX_LEN + 8], der[4096], *at = der;
    size_t len[5];

    mbedtls_rsa_init(rsa);
    if (form == DER) {
        int der_len = i2d_PrivateKey(key->key, &at);
        GOOD(mbedtls_rsa_parse_key(rsa, der, (size_t)der_len));
        return;
    }
    for (size_t i = 0; i < 5; i++) {
        const size_t zeros = i > 0 || form == RAW ? 0 : form == ONE_ZERO ? 1 : 8;
        len[i] = write_number(key, names[i], zeros, out[i]);
    }
    GOOD(mbedtls_rsa_import_raw(rsa, out[0], len[0], out[1], len[1], out[2], len[2], out[3], len[3],
                                out[4], len[4]));
    GOOD(mbedtls_rsa_complete(rsa));
}

static bool openssl_verifies(const struct key *key, int padding, const uint8_t *signature)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key->key, NULL);

    assert_int_equal(EVP_PKEY_verify_init(context), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context, padding == MBEDTLS_RSA_PKCS_V21
                                                               ? RSA_PKCS1_PSS_PADDING
                                                               : RSA_PKCS1_PADDING),
                     1);
    assert_int_equal(EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()), 1);
    int result = EVP_PKEY_verify(context, signature, key->len, digest, sizeof digest);
    EVP_PKEY_CTX_free(context);
    return result == 1;
}

/* No secret exponent comes to the public path. What does is the signature's last check in PKCS #1
 * v1.5; one multiplication takes the blinding away. */
static int sign(mbedtls_rsa_context *rsa, uint8_t out[MAX_LEN])
{
    memset(&calls, 0, sizeof calls);
    int error = mbedtls_rsa_pkcs1_sign(rsa, numbers_random, NULL, MBEDTLS_MD_SHA256, DIGEST_LEN,
                                       digest, out);
    if (error == 0) {
        assert_int_equal(calls.public_powers, rsa->padding == MBEDTLS_RSA_PKCS_V15);
        assert_int_equal(calls.multiplications, 1 + calls.expected);
    }
    assert_true(calls.expected <= 17 && calls.multiplications <= 1 + 17);
    return error;
}

static int verify(mbedtls_rsa_context *rsa, const uint8_t *signature)
{
    return mbedtls_rsa_pkcs1_verify(rsa, MBEDTLS_MD_SHA256, DIGEST_LEN, digest, signature);
}

/* Verifies what is right, and refuses what is not. */
static void check_verifying(const struct key *key, mbedtls_rsa_context *rsa, uint8_t *signature)
{
    const size_t at = (size_t)numbers_below(key->len);

    memset(&calls, 0, sizeof calls);
    GOOD(verify(rsa, signature));
    assert_int_equal(calls.public_powers, 1);
    assert_int_equal(calls.multiplications, calls.expected);
    signature[at] ^= (uint8_t)(1u << numbers_below(8));
    assert_int_not_equal(verify(rsa, signature), 0);
}

/* Signatures and checks of the same context, in that order. */
static void check_order(const struct key *key, int padding, enum form form, const enum act *order,
                        size_t count)
{
    uint8_t signature[MAX_LEN];
    mbedtls_rsa_context rsa, other;

    import(&rsa, key, form);
    import(&other, key, DER);
    GOOD(mbedtls_rsa_set_padding(&rsa, padding, MBEDTLS_MD_SHA256));
    GOOD(mbedtls_rsa_set_padding(&other, padding, MBEDTLS_MD_SHA256));
    for (size_t i = 0; i < count; i++) {
        if (order[i] == SIGN) {
            GOOD(sign(&rsa, signature));
            assert_true(openssl_verifies(key, padding, signature));
        } else {
            GOOD(sign(&other, signature));
            check_verifying(key, &rsa, signature);
        }
    }
    mbedtls_rsa_free(&rsa);
    mbedtls_rsa_free(&other);
}

/* n has a limb more than it needs, or not; the first that is done with a key decides whether that
 * limb stays, and all that follows has to agree. */
static void test_rsa_in_any_order(void **state)
{
    static const enum act orders[][4] = {
        {SIGN, VERIFY, SIGN, VERIFY}, {VERIFY, SIGN, VERIFY, SIGN}, {VERIFY, VERIFY, SIGN, SIGN}};
    static const int paddings[] = {MBEDTLS_RSA_PKCS_V15, MBEDTLS_RSA_PKCS_V21};

    (void)state;
    for (size_t i = 0; i < KEYS; i++)
        for (enum form form = 0; form < FORMS; form++)
            for (size_t k = 0; k < 2; k++)
                for (size_t order = 0; order < 3; order++)
                    if (i < 2 || order == (i + form) % 3) /* signatures take long */
                        check_order(&keys[i], paddings[k], form, orders[order], 4);
}

/* ---- memory that fails ---- */

static void fail_at(unsigned long at)
{
    allocator = (struct failing_allocator){0, at, false, allocator.calloc, allocator.free};
}

/* The first operation fails at that allocation, and then each works; but for signatures where a
 * signature failed, since Mbed TLS 3.6.7 keeps half of what it blinds with, and then refuses what
 * it made. Whether there was such an allocation. */
static bool fails_once(const struct key *key, enum form form, enum act act, unsigned long at)
{
    uint8_t signature[MAX_LEN], right[MAX_LEN];
    mbedtls_rsa_context rsa;

    import(&rsa, key, form);
    GOOD(mbedtls_rsa_set_padding(&rsa, MBEDTLS_RSA_PKCS_V15, MBEDTLS_MD_SHA256));
    GOOD(sign(&rsa, right));
    mbedtls_rsa_free(&rsa);
    import(&rsa, key, form);
    fail_at(at);
    const int error = act == SIGN ? sign(&rsa, signature) : verify(&rsa, right);
    const bool happened = allocator.happened;
    allocator.at = 0;
    assert_int_equal(error != 0, happened);
    GOOD(verify(&rsa, right));
    const int again = sign(&rsa, signature);
    assert_true(again == 0 || (act == SIGN && again == MBEDTLS_ERR_RSA_PRIVATE_FAILED));
    if (again == 0)
        assert_memory_equal(signature, right, key->len);
    GOOD(verify(&rsa, right));
    mbedtls_rsa_free(&rsa);
    return happened;
}

static void test_rsa_without_memory(void **state)
{
    mbedtls_psa_crypto_free();
    const struct mmd_tls_pool *pool = mmd_tls_pool_init(pool_memory, sizeof pool_memory);
    unsigned long at;

    (void)state;
    for (enum form form = 0; form < FORMS; form++) {
        for (at = 1; fails_once(&keys[0], form, VERIFY, at); at++)
            assert_int_equal(pool->used, 0);
        assert_true(at > 4);
        /* a signature allocates a hundred times: all at first, then ever fewer */
        for (at = 1; fails_once(&keys[0], form, SIGN, at); at += 1 + at / 16)
            assert_int_equal(pool->used, 0);
        assert_true(at > 30);
    }
    assert_int_equal(pool->used, 0);
}

/* ---- compressed points ---- */

static EC_GROUP *group_of(int nid)
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(nid);

    assert_non_null(group);
    return group;
}

/* A point that OpenSSL takes is the same one to ours; what it refuses lies not on the curve. */
static bool check_point(const EC_GROUP *theirs, const mbedtls_ecp_group *ours, const uint8_t *in,
                        size_t len)
{
    EC_POINT *point = EC_POINT_new(theirs);
    mbedtls_ecp_point got;
    uint8_t expected[1 + 2 * 48], out[1 + 2 * 48];
    size_t out_len;
    const bool taken = EC_POINT_oct2point(theirs, point, in, len, NULL) == 1;

    mbedtls_ecp_point_init(&got);
    int error = mbedtls_ecp_point_read_binary(ours, &got, in, len);
    assert_int_equal(error == 0 && mbedtls_ecp_check_pubkey(ours, &got) == 0, taken);
    if (taken) {
        const size_t full = EC_POINT_point2oct(theirs, point, POINT_CONVERSION_UNCOMPRESSED,
                                               expected, sizeof expected, NULL);
        GOOD(mbedtls_ecp_point_write_binary(ours, &got, MBEDTLS_ECP_PF_UNCOMPRESSED, &out_len, out,
                                            sizeof out));
        assert_int_equal(out_len, full);
        assert_memory_equal(out, expected, full);
    }
    EC_POINT_free(point);
    mbedtls_ecp_point_free(&got);
    return taken;
}

/* About half of all x belong to a point; those next to 0 and the prime, too. */
static void check_points(int nid, mbedtls_ecp_group_id id, size_t len)
{
    EC_GROUP *theirs = group_of(nid);
    mbedtls_ecp_group ours;
    uint8_t in[1 + 48];
    unsigned taken = 0;

    mbedtls_ecp_group_init(&ours);
    GOOD(mbedtls_ecp_group_load(&ours, id));
    for (unsigned i = 0; i < 400; i++) {
        (void)numbers_random(NULL, in + 1, len);
        if (i < 100) {
            GOOD(mbedtls_mpi_write_binary(&ours.P, in + 1, len));
            if (i % 2 == 0)
                memset(in + 1, 0, len);
            in[len] = (uint8_t)(in[len] + (i % 2 == 0 ? i / 4 : -i / 4));
        }
        in[0] = (uint8_t)(2 + (i / 2) % 2);
        taken += check_point(theirs, &ours, in, 1 + len);
    }
    assert_in_range(taken, 140, 260);
    EC_GROUP_free(theirs);
    mbedtls_ecp_group_free(&ours);
}

static void test_compressed_points(void **state)
{
    (void)state;
    check_points(NID_X9_62_prime256v1, MBEDTLS_ECP_DP_SECP256R1, 32);
    check_points(NID_secp384r1, MBEDTLS_ECP_DP_SECP384R1, 48);
}

/* ---- X25519 ---- */

static void openssl_agrees(const uint8_t secret[32], const uint8_t peer[32], uint8_t public[32],
                           uint8_t out[32], bool *refused)
{
    EVP_PKEY *own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, 32);
    EVP_PKEY *theirs = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, peer, 32);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(own, NULL);
    size_t len = 32, out_len = 32;

    assert_int_equal(EVP_PKEY_get_raw_public_key(own, public, &len), 1);
    assert_int_equal(EVP_PKEY_derive_init(context), 1);
    assert_int_equal(EVP_PKEY_derive_set_peer(context, theirs), 1);
    *refused = EVP_PKEY_derive(context, out, &out_len) != 1;
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(own);
    EVP_PKEY_free(theirs);
}

static psa_key_attributes_t x25519(void)
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;

    psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_MONTGOMERY));
    psa_set_key_bits(&attributes, 255);
    psa_set_key_algorithm(&attributes, PSA_ALG_ECDH);
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_DERIVE | PSA_KEY_USAGE_EXPORT);
    return attributes;
}

/* By the arithmetic that Mbed TLS has for all curves. */
static void general_public(const uint8_t secret[32], uint8_t out[32])
{
    mbedtls_ecp_group group;
    mbedtls_ecp_point point;
    mbedtls_mpi scalar;
    size_t len;
    uint8_t clamped[32];

    mbedtls_ecp_group_init(&group);
    mbedtls_ecp_point_init(&point);
    mbedtls_mpi_init(&scalar);
    memcpy(clamped, secret, sizeof clamped);
    clamped[0] &= 248;
    clamped[31] = (uint8_t)((clamped[31] & 127) | 64);
    GOOD(mbedtls_ecp_group_load(&group, MBEDTLS_ECP_DP_CURVE25519));
    GOOD(mbedtls_mpi_read_binary_le(&scalar, clamped, sizeof clamped));
    GOOD(mbedtls_ecp_mul(&group, &point, &scalar, &group.G, numbers_random, NULL));
    GOOD(
        mbedtls_ecp_point_write_binary(&group, &point, MBEDTLS_ECP_PF_UNCOMPRESSED, &len, out, 32));
    assert_int_equal(len, 32);
    mbedtls_ecp_group_free(&group);
    mbedtls_ecp_point_free(&point);
    mbedtls_mpi_free(&scalar);
}

/* The key share of TLS 1.3, and the secret that it leads to, as OpenSSL has both. */
static void check_key(psa_key_id_t key, const uint8_t peer[32])
{
    uint8_t secret[32], public[32], out[32], expected_public[32], expected[32], general[32];
    size_t len;
    bool refused;

    GOOD(psa_export_key(key, secret, sizeof secret, &len));
    memset(&calls, 0, sizeof calls);
    GOOD(psa_export_public_key(key, public, sizeof public, &len));
    assert_int_equal(len, 32);
    openssl_agrees(secret, peer, expected_public, expected, &refused);
    assert_memory_equal(public, expected_public, 32);
    general_public(secret, general);
    assert_memory_equal(public, general, 32);
    psa_status_t status = psa_raw_key_agreement(PSA_ALG_ECDH, key, peer, 32, out, sizeof out, &len);
    assert_no_public_power();
    assert_int_equal(status != PSA_SUCCESS, refused);
    if (!refused)
        assert_memory_equal(out, expected, 32);
}

/* A point at random, one of small order (the first five), or a number next to the prime. */
static void make_peer(unsigned i, uint8_t out[32])
{
    static const uint8_t low[][32] = {
        {0},
        {1},
        {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3,
         0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32,
         0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
        {0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1,
         0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c,
         0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57},
    };

    (void)numbers_random(NULL, out, 32);
    if (i < 4)
        memcpy(out, low[i], 32);
    else if (i < 40) { /* 2^255 - 36 to 2^255 - 1, with the highest bit and without */
        memset(out, 0xff, 32);
        out[0] = (uint8_t)(0xff - (i - 4));
        out[31] = i % 2 == 0 ? 0x7f : 0xff;
    }
}

static void test_x25519_key_shares(void **state)
{
    psa_key_attributes_t attributes = x25519();
    psa_key_id_t key;
    uint8_t peer[32];

    (void)state;
    for (unsigned i = 0; i < 120; i++) {
        make_peer(i, peer);
        GOOD(psa_generate_key(&attributes, &key));
        check_key(key, peer);
        GOOD(psa_destroy_key(key));
    }
}

/* All zeros, all ones, one bit; PSA and OpenSSL both set and clear the bits of RFC 7748, 5. */
static void test_x25519_edge_scalars(void **state)
{
    psa_key_attributes_t attributes = x25519();
    psa_key_id_t key;
    uint8_t secret[32], peer[32];

    (void)state;
    for (unsigned i = 0; i < 2 + 2 * 64; i++) {
        memset(secret, i % 2 == 0 ? 0 : 0xff, 32);
        if (i >= 2)
            secret[i / 4 % 32] ^= (uint8_t)(1u << i % 8);
        make_peer(i % 3 == 0 ? i / 3 : 1000, peer);
        GOOD(psa_import_key(&attributes, secret, 32, &key));
        check_key(key, peer);
        GOOD(psa_destroy_key(key));
    }
}

/* TLS 1.2: both ends by Mbed TLS's ECDH. */
static void test_x25519_of_tls_1_2(void **state)
{
    mbedtls_ecdh_context context;
    uint8_t point[33], params[36] = {3, 0, 29, 32}, out[32], expected[32], public[32], secret[32];
    const uint8_t *at;
    size_t len;
    bool refused;

    (void)state;
    for (unsigned i = 0; i < 60; i++) {
        make_peer(i, params + 4);
        at = params;
        mbedtls_ecdh_init(&context);
        GOOD(mbedtls_ecdh_read_params(&context, &at, params + sizeof params));
        GOOD(mbedtls_ecdh_make_public(&context, &len, point, sizeof point, numbers_random, NULL));
        assert_int_equal(len, 33);
        int error = mbedtls_ecdh_calc_secret(&context, &len, out, sizeof out, numbers_random, NULL);
        memcpy(secret, context.ctx.everest_ecdh.ctx.our_secret, 32);
        openssl_agrees(secret, params + 4, public, expected, &refused);
        assert_memory_equal(point + 1, public, 32);
        assert_int_equal(error != 0, refused);
        if (!refused)
            assert_memory_equal(out, expected, 32);
        mbedtls_ecdh_free(&context);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rsa_in_any_order),  cmocka_unit_test(test_compressed_points),
        cmocka_unit_test(test_x25519_key_shares), cmocka_unit_test(test_x25519_edge_scalars),
        cmocka_unit_test(test_x25519_of_tls_1_2), cmocka_unit_test(test_rsa_without_memory),
    };

    numbers_begin(21);
    return cmocka_run_group_tests_name("front keys", tests, make_keys, free_keys);
}
