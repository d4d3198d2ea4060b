/* SPDX-License-Identifier: MIT */
/* Whether this build can use a certificate as a trust anchor. */
#include <mbedtls/oid.h>
#include <mbedtls/x509_crt.h>
#include <string.h>

#include "tls/extensions.h"
#include "tls/no_memory.h"
#include "tls/trust.h"

#define RSA_BITS_MIN 2048 /* as Mbed TLS's profile for certificates asks for */

static const char damaged[] = "it is damaged";
static const char constrained[] = "it has name constraints, which are not checked here";
static const char unknown_extension[] = "it has a critical extension that is unknown here";

/* Mbed TLS asks about each extension that it does not know. */
static int on_extension(void *context, const mbedtls_x509_crt *crt, const mbedtls_x509_buf *oid,
                        int critical, const unsigned char *p, const unsigned char *end)
{
    const char **defect = context;
    const size_t len = sizeof MMD_OID_NAME_CONSTRAINTS - 1;

    (void)crt;
    (void)p;
    (void)end;
    if (!critical)
        return 0;
    *defect = oid->len == len && memcmp(oid->p, MMD_OID_NAME_CONSTRAINTS, len) == 0
                  ? constrained
                  : unknown_extension;
    return MBEDTLS_ERR_X509_FEATURE_UNAVAILABLE;
}

/* What Mbed TLS's error says, which is the sum of one of X.509 or keys and one below these. */
static const char *defect_of_error(int error)
{
    unsigned high = (unsigned)-error & 0xFF80;

    if (high == -MBEDTLS_ERR_X509_UNKNOWN_SIG_ALG)
        return "its signature algorithm is unknown here";
    if (high >= -MBEDTLS_ERR_PK_FEATURE_UNAVAILABLE && high <= -MBEDTLS_ERR_PK_TYPE_MISMATCH)
        return "its key is of a kind, curve or length that this build has not";
    return damaged;
}

bool mmd_anchor_may_sign(const mbedtls_x509_crt *crt)
{
    return crt->version < 3 ||
           (mbedtls_x509_crt_get_ca_istrue(crt) == 1 &&
            mbedtls_x509_crt_check_key_usage(crt, MBEDTLS_X509_KU_KEY_CERT_SIGN) == 0);
}

static const char *defect_of_key(const mbedtls_pk_context *key)
{
    if (mbedtls_pk_get_type(key) != MBEDTLS_PK_RSA)
        return NULL;
    size_t bits = mbedtls_pk_get_bitlen(key);
    if (bits < RSA_BITS_MIN)
        return "its RSA key has less than 2048 bits";
    return (bits + 7) / 8 > MBEDTLS_MPI_MAX_SIZE ? "its RSA key is too long for this build" : NULL;
}

/* What is wrong with an anchor that Mbed TLS has parsed, or NULL. One that may not sign can still
 * be the server's own. */
static const char *defect_of(const mbedtls_x509_crt *crt)
{
    switch (mmd_extensions_read(crt)) {
    case MMD_EXTENSIONS_CONSTRAINED: return constrained;
    case MMD_EXTENSIONS_NOT_DER: return damaged;
    case MMD_EXTENSIONS_FREE: break;
    }
    if (!mmd_anchor_may_sign(crt) && !mmd_is_self_issued(crt))
        return "it may not sign certificates, and is not a server's own either";
    if (mbedtls_x509_crt_check_extended_key_usage(crt, MBEDTLS_OID_SERVER_AUTH,
                                                  MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH)) != 0)
        return "it is not for servers";
    return defect_of_key(&crt->pk);
}

int mmd_anchor_parse(mbedtls_x509_crt *out, const uint8_t *der, size_t len, const char **defect)
{
    *defect = NULL;
    mbedtls_x509_crt_init(out);
    int error = mbedtls_x509_crt_parse_der_with_ext_cb(out, der, len, 0, on_extension, defect);
    if (error != 0 && *defect == NULL && !mmd_is_out_of_memory(error))
        *defect = defect_of_error(error);
    if (error == 0 && (*defect = defect_of(out)) != NULL)
        error = MBEDTLS_ERR_X509_FEATURE_UNAVAILABLE;
    if (error != 0)
        mbedtls_x509_crt_free(out);
    return error;
}

int mmd_trust_check(const uint8_t *der, size_t len, const char **reason)
{
    mbedtls_x509_crt crt;

    int error = mmd_anchor_parse(&crt, der, len, reason);
    if (error == 0) {
        *reason = mmd_anchor_may_sign(&crt) ? "" : "it may not sign others, and serves for itself";
        mbedtls_x509_crt_free(&crt);
        return MMD_OK;
    }
    if (*reason != NULL)
        return MMD_ERR_CERT_ANCHOR;
    *reason = mmd_error_text(MMD_ERR_MEMORY);
    return MMD_ERR_MEMORY;
}
