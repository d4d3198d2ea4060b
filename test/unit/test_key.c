/* SPDX-License-Identifier: MIT */
/* Tests of signatures as PS256: OpenSSL verifies ours, and makes those that are right, and those
 * that are not quite. Memory that runs out is reported as such. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "mmdclose/key.h"
#include "mmdclose/tls_pool.h"
#include "scripted_port.h"

static _Alignas(8) unsigned char pool_memory[128 * 1024];
static const struct mmd_tls_pool *pool;
static const struct peer no_peer;
static struct scripted_port scripted;
static struct mmd_port port;
static const uint8_t digest[MMD_SHA256_LEN] = "32 bytes that stand for a digest";

struct owner {
    EVP_PKEY *key;
    uint8_t certificate[2048], der[4096];
    size_t certificate_len, der_len;
};
static struct owner one, other, small, large, elliptic;

static void make(struct owner *owner, EVP_PKEY *key)
{
    uint8_t *at = owner->certificate, *key_at = owner->der;
    X509 *x509 = X509_new();

    owner->key = key;
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    ASN1_TIME_set_string(X509_getm_notBefore(x509), "20200101000000Z");
    ASN1_TIME_set_string(X509_getm_notAfter(x509), "21200101000000Z");
    X509_NAME *name = X509_get_subject_name(x509);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)"client", -1, -1, 0);
    X509_set_issuer_name(x509, name);
    assert_int_equal(X509_set_pubkey(x509, key), 1);
    assert_true(X509_sign(x509, key, EVP_sha256()) > 0);
    owner->certificate_len = (size_t)i2d_X509(x509, &at);
    owner->der_len = (size_t)i2d_PrivateKey(key, &key_at);
    X509_free(x509);
}

static int make_owners(void **state)
{
    (void)state;
    make(&one, EVP_RSA_gen(2048));
    make(&other, EVP_RSA_gen(2048));
    make(&small, EVP_RSA_gen(1024));
    make(&large, EVP_RSA_gen(4096));
    make(&elliptic, EVP_EC_gen("P-256"));
    scripted_port_init(&scripted, &no_peer, &port);
    return 0;
}

static EVP_PKEY_CTX *pss(EVP_PKEY *key, bool signs, int padding, int salt_len)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);

    assert_int_equal(signs ? EVP_PKEY_sign_init(context) : EVP_PKEY_verify_init(context), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context, padding), 1);
    assert_int_equal(EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()), 1);
    if (padding == RSA_PKCS1_PSS_PADDING)
        assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(context, salt_len), 1);
    return context;
}

static size_t openssl_signs(const struct owner *owner, int padding, int salt_len,
                            uint8_t out[MMD_SIGNATURE_MAX])
{
    EVP_PKEY_CTX *context = pss(owner->key, true, padding, salt_len);
    size_t len = MMD_SIGNATURE_MAX;

    assert_int_equal(EVP_PKEY_sign(context, out, &len, digest, sizeof digest), 1);
    EVP_PKEY_CTX_free(context);
    return len;
}

static int verify(const struct owner *owner, const uint8_t *signature, size_t len)
{
    return mmd_verify_ps256(owner->certificate, owner->certificate_len, digest, signature, len);
}

static int sign(const struct owner *owner, uint8_t *out, size_t cap)
{
    struct mmd_memory_key key = {owner->der, owner->der_len, &port};

    return mmd_sign_in_memory(&key, digest, out, cap);
}

/* Our signatures are PS256 to OpenSSL, too. */
static void test_signing(void **state)
{
    const struct owner *const owners[] = {&one, &large};
    uint8_t signature[MMD_SIGNATURE_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof owners / sizeof *owners; i++) {
        int len = sign(owners[i], signature, sizeof signature);
        assert_int_equal(len, EVP_PKEY_get_size(owners[i]->key));
        EVP_PKEY_CTX *context = pss(owners[i]->key, false, RSA_PKCS1_PSS_PADDING, 32);
        assert_int_equal(EVP_PKEY_verify(context, signature, (size_t)len, digest, 32), 1);
        EVP_PKEY_CTX_free(context);
        assert_int_equal(verify(owners[i], signature, (size_t)len), MMD_OK);
    }
}

/* Fault 800: a key that is too short, elliptic, damaged or cut; a place too small; no random bytes
 * -> no signature */
static void test_what_cannot_sign(void **state)
{
    struct owner cut = one;
    uint8_t signature[MMD_SIGNATURE_MAX];

    (void)state;
    assert_int_equal(sign(&small, signature, sizeof signature), MMD_ERR_INPUT);
    assert_int_equal(sign(&elliptic, signature, sizeof signature), MMD_ERR_INPUT);
    assert_int_equal(sign(&one, signature, 255), MMD_ERR_SIGN);
    for (size_t len = 0; len < one.der_len; len += 7) {
        cut.der_len = len;
        assert_int_equal(sign(&cut, signature, sizeof signature), MMD_ERR_INPUT);
    }
    scripted.fault = SCRIPTED_ENTROPY;
    bool failed;
    do {
        scripted.happened = false;
        scripted.asked = 0;
        scripted.at++;
        failed = sign(&one, signature, sizeof signature) == MMD_ERR_SIGN;
        assert_int_equal(failed, scripted.happened);
    } while (failed);
    assert_true(scripted.at > 2);
    scripted.fault = SCRIPTED_NONE;
    assert_int_equal(pool->used, 0);
}

/* Fault 801: OpenSSL's with 32 bytes of salt -> right; with another salt -> its own error; PKCS #1
 * v1.5, another key's, another length, any bit flipped -> refused */
static void test_verifying(void **state)
{
    static const int salts[] = {0, 20, 31, 33, RSA_PSS_SALTLEN_MAX};
    uint8_t signature[MMD_SIGNATURE_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof salts / sizeof *salts; i++) {
        size_t len = openssl_signs(&one, RSA_PKCS1_PSS_PADDING, salts[i], signature);
        assert_int_equal(verify(&one, signature, len), MMD_ERR_SIGN_SALT);
    }
    size_t len = openssl_signs(&one, RSA_PKCS1_PADDING, 0, signature);
    assert_int_equal(verify(&one, signature, len), MMD_ERR_SIGN_KEY);
    len = openssl_signs(&other, RSA_PKCS1_PSS_PADDING, 32, signature);
    assert_int_equal(verify(&one, signature, len), MMD_ERR_SIGN_KEY);
    len = openssl_signs(&one, RSA_PKCS1_PSS_PADDING, 32, signature);
    assert_int_equal(verify(&one, signature, len), MMD_OK);
    for (size_t i = 0; i <= MMD_SIGNATURE_MAX; i++)
        if (i != len)
            assert_int_equal(verify(&one, signature, i), MMD_ERR_SIGN_KEY);
    for (size_t bit = 0; bit < len * 8; bit += 13) {
        signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(verify(&one, signature, len), MMD_ERR_SIGN_KEY);
        signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

/* Fault 802: no RSA key of 2048 to 4096 bits in the certificate, or no certificate -> said so */
static void test_certificates(void **state)
{
    uint8_t signature[MMD_SIGNATURE_MAX];
    size_t len = openssl_signs(&small, RSA_PKCS1_PSS_PADDING, 32, signature);

    (void)state;
    assert_int_equal(verify(&small, signature, len), MMD_ERR_CERT);
    assert_int_equal(verify(&elliptic, signature, 64), MMD_ERR_CERT);
    for (size_t cut = 0; cut < one.certificate_len; cut += 5)
        assert_int_equal(mmd_verify_ps256(one.certificate, cut, digest, signature, 256),
                         MMD_ERR_CERT);
    len = openssl_signs(&large, RSA_PKCS1_PSS_PADDING, 32, signature);
    assert_int_equal(verify(&large, signature, len), MMD_OK);
}

/* Fault 803: memory runs out at any place -> an error, counted; nothing is leaked */
static void test_without_memory(void **state)
{
    uint8_t signature[MMD_SIGNATURE_MAX];
    size_t len = openssl_signs(&one, RSA_PKCS1_PSS_PADDING, 32, signature);

    (void)state;
    assert_int_equal(verify(&one, signature, len), MMD_OK);
    for (size_t left = 0; left < 40000; left += 64) {
        void *taken = mmd_tls_pool_alloc(sizeof pool_memory - 64 - left);
        assert_non_null(taken);
        size_t base = pool->used;
        unsigned failures = pool->failures;
        int error = verify(&one, signature, len);
        assert_int_equal(error != MMD_OK, pool->failures != failures);
        assert_true(error == MMD_OK || error == MMD_ERR_MEMORY || error == MMD_ERR_CERT);
        failures = pool->failures;
        uint8_t ours[MMD_SIGNATURE_MAX];
        int got = sign(&one, ours, sizeof ours);
        assert_int_equal(got > 0 ? got : 0, pool->failures != failures ? 0 : 256);
        assert_int_equal(pool->used, base);
        mmd_tls_pool_free(taken);
    }
    assert_int_equal(sign(&one, signature, sizeof signature), 256);
}

/* ---- PEM ---- */

static size_t write_pem(char *out, size_t cap, bool traditional, const EVP_CIPHER *cipher)
{
    BIO *bio = BIO_new(BIO_s_mem());
    unsigned char password[] = "password";
    int done =
        traditional
            ? PEM_write_bio_PrivateKey_traditional(bio, one.key, cipher, password, 8, NULL, NULL)
            : PEM_write_bio_PKCS8PrivateKey(bio, one.key, cipher, (char *)password, 8, NULL, NULL);
    assert_int_equal(done, 1);
    int len = BIO_read(bio, out, (int)cap);
    BIO_free(bio);
    return (size_t)len;
}

static void test_pem(void **state)
{
    char pem[8192];
    const uint8_t *der;
    uint8_t signature[MMD_SIGNATURE_MAX];

    (void)state;
    for (int traditional = 0; traditional < 2; traditional++) {
        size_t len = write_pem(pem, sizeof pem, traditional != 0, NULL);
        size_t size = mmd_key_from_pem(pem, len, &der);
        assert_in_range(size, 1100, 1300);
        for (size_t i = size; i < len; i++)
            assert_int_equal(pem[i], 0);
        struct mmd_memory_key key = {der, size, &port};
        assert_int_equal(mmd_sign_in_memory(&key, digest, signature, sizeof signature), 256);
        assert_int_equal(verify(&one, signature, 256), MMD_OK);
    }
}

/* Fault 804: a key that is encrypted, cut, a certificate, nothing -> none, and all is wiped */
static void test_pem_without_a_key(void **state)
{
    static const char *const texts[] = {
        "", "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\nAAAA\n",
        "-----BEGIN PRIVATE KEY-----\nAA*A\n-----END PRIVATE KEY-----\n",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"};
    char pem[8192];
    const uint8_t *der;

    (void)state;
    for (size_t i = 0; i < 2 + sizeof texts / sizeof *texts; i++) {
        size_t len = i < 2 ? write_pem(pem, sizeof pem, i == 1, EVP_aes_128_cbc())
                           : strlen(strcpy(pem, texts[i - 2]));
        assert_int_equal(mmd_key_from_pem(pem, len, &der), 0);
        for (size_t at = 0; at < len; at++)
            assert_int_equal(pem[at], 0);
    }
}

/* FIPS 180-4's examples. */
static void test_sha256(void **state)
{
    static const uint8_t abc[MMD_SHA256_LEN] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea,
                                                0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
                                                0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c,
                                                0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
    static const uint8_t none[4] = {0xe3, 0xb0, 0xc4, 0x42};
    uint8_t out[MMD_SHA256_LEN];

    (void)state;
    assert_int_equal(mmd_sha256("abc", 3, out), MMD_OK);
    assert_memory_equal(out, abc, sizeof out);
    assert_int_equal(mmd_sha256("", 0, out), MMD_OK);
    assert_memory_equal(out, none, sizeof none);
}

int main(void)
{
#define TEST(name) cmocka_unit_test(name)
    const struct CMUnitTest tests[] = {
        TEST(test_signing),           TEST(test_what_cannot_sign), TEST(test_verifying),
        TEST(test_certificates),      TEST(test_without_memory),   TEST(test_pem),
        TEST(test_pem_without_a_key), TEST(test_sha256),
    };

    pool = mmd_tls_pool_init(pool_memory, sizeof pool_memory);
    return cmocka_run_group_tests_name("key", tests, make_owners, NULL);
}
