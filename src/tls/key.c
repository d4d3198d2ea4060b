/* SPDX-License-Identifier: MIT */
/* PS256 by Mbed TLS: verified with a certificate, and made with a key in memory. */
#include "mmdclose/key.h"

#include <mbedtls/pk.h>
#include <mbedtls/rsa.h>
#include <mbedtls/sha256.h>
#include <mbedtls/x509_crt.h>

#include "tls/no_memory.h"

#define BITS_MIN 2048
#define BITS_MAX 4096

int mmd_sha256(const void *data, size_t len, uint8_t out[MMD_SHA256_LEN])
{
    return mbedtls_sha256(data, len, out, 0) == 0 ? MMD_OK : MMD_ERR_SYSTEM;
}

#if defined(MBEDTLS_PKCS1_V21)

/* The key's RSA part, ready for PSS with SHA-256, or NULL. */
static mbedtls_rsa_context *rsa_of(const mbedtls_pk_context *pk)
{
    if (!mbedtls_pk_can_do(pk, MBEDTLS_PK_RSA))
        return NULL;
    mbedtls_rsa_context *rsa = mbedtls_pk_rsa(*pk);
    size_t bits = mbedtls_rsa_get_bitlen(rsa);
    if (bits < BITS_MIN || bits > BITS_MAX)
        return NULL;
    return mbedtls_rsa_set_padding(rsa, MBEDTLS_RSA_PKCS_V21, MBEDTLS_MD_SHA256) == 0 ? rsa : NULL;
}

/* ---- verifying ---- */

static int verify(mbedtls_rsa_context *rsa, const uint8_t *sha256, const uint8_t *signature,
                  int salt_len)
{
    return mbedtls_rsa_rsassa_pss_verify_ext(rsa, MBEDTLS_MD_SHA256, MMD_SHA256_LEN, sha256,
                                             MBEDTLS_MD_SHA256, salt_len, signature);
}

static int verify_with(const mbedtls_pk_context *pk, const uint8_t *sha256,
                       const uint8_t *signature, size_t signature_len)
{
    mbedtls_rsa_context *rsa = rsa_of(pk);

    if (rsa == NULL)
        return MMD_ERR_CERT;
    if (signature_len != mbedtls_rsa_get_len(rsa))
        return MMD_ERR_SIGN_KEY;
    int error = verify(rsa, sha256, signature, MMD_SHA256_LEN);
    if (error == 0)
        return MMD_OK;
    if (!mmd_is_out_of_memory(error))
        error = verify(rsa, sha256, signature, MBEDTLS_RSA_SALT_LEN_ANY);
    if (error == 0)
        return MMD_ERR_SIGN_SALT;
    return mmd_is_out_of_memory(error) ? MMD_ERR_MEMORY : MMD_ERR_SIGN_KEY;
}

int mmd_verify_ps256(const uint8_t *certificate, size_t len, const uint8_t sha256[MMD_SHA256_LEN],
                     const uint8_t *signature, size_t signature_len)
{
    mbedtls_x509_crt crt;

    mbedtls_x509_crt_init(&crt);
    int error = mbedtls_x509_crt_parse_der_nocopy(&crt, certificate, len);
    if (error == 0)
        error = verify_with(&crt.pk, sha256, signature, signature_len);
    else
        error = mmd_is_out_of_memory(error) ? MMD_ERR_MEMORY : MMD_ERR_CERT;
    mbedtls_x509_crt_free(&crt);
    return error;
}

/* ---- signing ---- */

static int fill_random(void *context, unsigned char *data, size_t len)
{
    const struct mmd_port *port = context;

    return port->random(port->context, data, len);
}

int mmd_sign_in_memory(void *context, const uint8_t sha256[MMD_SHA256_LEN], uint8_t *out,
                       size_t cap)
{
    const struct mmd_memory_key *key = context;
    void *port = (void *)(uintptr_t)key->port; /* which only reads it */
    mbedtls_rsa_context *rsa = NULL;
    mbedtls_pk_context pk;
    int len = MMD_ERR_SIGN;

    mbedtls_pk_init(&pk);
    if (mbedtls_pk_parse_key(&pk, key->der, key->len, NULL, 0, fill_random, port) == 0)
        rsa = rsa_of(&pk);
    if (rsa == NULL)
        len = MMD_ERR_INPUT;
    else if (mbedtls_rsa_get_len(rsa) <= cap &&
             mbedtls_rsa_rsassa_pss_sign_ext(rsa, fill_random, port, MBEDTLS_MD_SHA256,
                                             MMD_SHA256_LEN, sha256, MMD_SHA256_LEN, out) == 0)
        len = (int)mbedtls_rsa_get_len(rsa);
    mbedtls_pk_free(&pk);
    return len;
}

#else /* a build without PSS: see KEY in boards' board.mk */

int mmd_verify_ps256(const uint8_t *certificate, size_t len, const uint8_t sha256[MMD_SHA256_LEN],
                     const uint8_t *signature, size_t signature_len)
{
    (void)certificate, (void)len, (void)sha256, (void)signature, (void)signature_len;
    return MMD_ERR_SIGN_KEY;
}

int mmd_sign_in_memory(void *context, const uint8_t sha256[MMD_SHA256_LEN], uint8_t *out,
                       size_t cap)
{
    (void)context, (void)sha256, (void)out, (void)cap;
    return MMD_ERR_SIGN;
}

#endif
