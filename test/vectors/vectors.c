/* SPDX-License-Identifier: MIT */
/* What the library's build of Mbed TLS makes of test vectors, for vectors.py to judge. Numbers are
 * in hexadecimal, "-" is none. Reads lines, and writes a line for each:
 *
 *     verify PADDING HASH SALT KEY MESSAGE SIGNATURE     PADDING: none, pss; KEY: in DER
 *         -> valid, invalid, key (which cannot be read)
 *     x25519 SECRET POINT SHARED
 *         -> same, other, refused; apart: where PSA, ECDH and Everest's own function differ */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mbedtls/ecdh.h>
#include <mbedtls/md.h>
#include <mbedtls/pk.h>
#include <mbedtls/rsa.h>
#include <psa/crypto.h>

#define MAX_LEN 65536

void Hacl_Curve25519_crypto_scalarmult(uint8_t *out, uint8_t *secret, uint8_t *point);

struct bytes {
    uint8_t at[MAX_LEN];
    size_t len;
};
static struct bytes key_der, message, signature;
static char line[6 * MAX_LEN];

static const char *next_word(void)
{
    const char *word = strtok(NULL, " \n");

    if (word == NULL)
        exit(2);
    return word;
}

static int digit(char c)
{
    const char *const digits = "0123456789abcdef", *at = strchr(digits, c);

    if (c == '\0' || at == NULL)
        exit(2);
    return (int)(at - digits);
}

static void next_bytes(struct bytes *out)
{
    const char *word = next_word();
    const size_t len = strcmp(word, "-") == 0 ? 0 : strlen(word) / 2;

    if (len > MAX_LEN)
        exit(2);
    for (size_t i = 0; i < len; i++)
        out->at[i] = (uint8_t)(digit(word[2 * i]) << 4 | digit(word[2 * i + 1]));
    out->len = len;
}

/* ---- signatures ---- */

static mbedtls_md_type_t hash_of(const char *name)
{
    return strcmp(name, "SHA-256") == 0   ? MBEDTLS_MD_SHA256
           : strcmp(name, "SHA-384") == 0 ? MBEDTLS_MD_SHA384
           : strcmp(name, "SHA-512") == 0 ? MBEDTLS_MD_SHA512
                                          : MBEDTLS_MD_NONE;
}

static bool is_valid(mbedtls_pk_context *pk, bool is_pss, mbedtls_md_type_t hash, int salt)
{
    const mbedtls_md_info_t *info = mbedtls_md_info_from_type(hash);
    mbedtls_pk_rsassa_pss_options options = {hash, salt};
    uint8_t digest[MBEDTLS_MD_MAX_SIZE];

    if (info == NULL || mbedtls_md(info, message.at, message.len, digest) != 0)
        exit(2);
    const size_t len = mbedtls_md_get_size(info);
    return (is_pss ? mbedtls_pk_verify_ext(MBEDTLS_PK_RSASSA_PSS, &options, pk, hash, digest, len,
                                           signature.at, signature.len)
                   : mbedtls_pk_verify(pk, hash, digest, len, signature.at, signature.len)) == 0;
}

/* Twice, since a key keeps what its first signature needed. */
static const char *verify(void)
{
    const bool is_pss = strcmp(next_word(), "pss") == 0;
    const mbedtls_md_type_t hash = hash_of(next_word());
    const int salt = atoi(next_word());
    const char *result = "key";
    mbedtls_pk_context pk;

    next_bytes(&key_der);
    next_bytes(&message);
    next_bytes(&signature);
    mbedtls_pk_init(&pk);
    if (mbedtls_pk_parse_public_key(&pk, key_der.at, key_der.len) == 0) {
        const bool valid = is_valid(&pk, is_pss, hash, salt);
        if (valid != is_valid(&pk, is_pss, hash, salt))
            exit(3);
        result = valid ? "valid" : "invalid";
    }
    mbedtls_pk_free(&pk);
    return result;
}

/* ---- X25519 ---- */

static bool by_psa(const uint8_t secret[32], const uint8_t point[32], uint8_t out[32])
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_key_id_t key;
    size_t len;

    psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_MONTGOMERY));
    psa_set_key_algorithm(&attributes, PSA_ALG_ECDH);
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_DERIVE);
    if (psa_import_key(&attributes, secret, 32, &key) != PSA_SUCCESS)
        exit(2);
    const psa_status_t status = psa_raw_key_agreement(PSA_ALG_ECDH, key, point, 32, out, 32, &len);
    (void)psa_destroy_key(key);
    return status == PSA_SUCCESS && len == 32;
}

static int no_random(void *context, unsigned char *out, size_t len)
{
    (void)context;
    memset(out, 0, len);
    return 0;
}

/* As in TLS 1.2: the point comes as the server's parameters, the secret is put in place. */
static bool by_ecdh(const uint8_t secret[32], const uint8_t point[32], uint8_t out[32])
{
    uint8_t params[36] = {3, 0, 29, 32};
    const uint8_t *at = params;
    mbedtls_ecdh_context context;
    mbedtls_ecp_keypair own;
    size_t len = 0;

    memcpy(params + 4, point, 32);
    mbedtls_ecdh_init(&context);
    mbedtls_ecp_keypair_init(&own);
    if (mbedtls_ecp_read_key(MBEDTLS_ECP_DP_CURVE25519, &own, secret, 32) != 0 ||
        mbedtls_ecdh_read_params(&context, &at, params + sizeof params) != 0 ||
        mbedtls_ecdh_get_params(&context, &own, MBEDTLS_ECDH_OURS) != 0)
        exit(2);
    const bool agreed =
        mbedtls_ecdh_calc_secret(&context, &len, out, 32, no_random, NULL) == 0 && len == 32;
    mbedtls_ecp_keypair_free(&own);
    mbedtls_ecdh_free(&context);
    return agreed;
}

static const char *agree(void)
{
    static const uint8_t zeros[32];
    static struct bytes secret, point, shared;
    uint8_t psa[32], ecdh[32], everest[32];

    next_bytes(&secret);
    next_bytes(&point);
    next_bytes(&shared);
    if (secret.len != 32 || point.len != 32 || shared.len != 32)
        exit(2);
    const bool agreed = by_psa(secret.at, point.at, psa);
    const bool also = by_ecdh(secret.at, point.at, ecdh);
    Hacl_Curve25519_crypto_scalarmult(everest, secret.at, point.at);
    if (agreed != also || agreed != (memcmp(everest, zeros, 32) != 0))
        return "apart";
    if (!agreed)
        return "refused";
    if (memcmp(psa, ecdh, 32) != 0 || memcmp(psa, everest, 32) != 0)
        return "apart";
    return memcmp(psa, shared.at, 32) == 0 ? "same" : "other";
}

int main(void)
{
    if (psa_crypto_init() != PSA_SUCCESS)
        return 2;
    while (fgets(line, sizeof line, stdin) != NULL) {
        const char *word = strtok(line, " \n");
        if (word == NULL)
            return 2;
        puts(strcmp(word, "x25519") == 0 ? agree() : verify());
    }
    mbedtls_psa_crypto_free();
    return 0;
}
