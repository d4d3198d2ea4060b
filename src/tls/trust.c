/* SPDX-License-Identifier: MIT */
/* Finding anchors in their DER. An anchor is parsed only if its subject is the one that is wanted;
 * one that cannot be parsed is passed over and does not disable the rest. */
#include "tls/trust.h"

#include <mbedtls/asn1.h>
#include <mbedtls/platform.h>
#include <string.h>

#include "tls/x509_time.h"

#define SEQUENCE (MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE)

const uint8_t *mmd_trust_next(const struct mmd_trust *trust, size_t *at, size_t *len)
{
    if (*at >= trust->len) /* of none, der may be NULL */
        return NULL;
    const uint8_t *from = trust->der + *at;
    unsigned char *p = (unsigned char *)from; /* Mbed TLS only reads */
    size_t inner;

    if (mbedtls_asn1_get_tag(&p, trust->der + trust->len, &inner, SEQUENCE) != 0)
        return NULL;
    *len = (size_t)(p - from) + inner;
    *at += *len;
    return from;
}

static int skip_element(unsigned char **p, const unsigned char *end, int tag)
{
    size_t len;
    int error = mbedtls_asn1_get_tag(p, end, &len, tag);

    if (error == 0)
        *p += len;
    return error;
}

const uint8_t *mmd_trust_subject(const uint8_t *der, size_t der_len, size_t *len)
{
    unsigned char *p = (unsigned char *)der;
    const unsigned char *end = der + der_len;
    size_t inner;

    for (int depth = 0; depth < 2; depth++) { /* Certificate, and tbsCertificate in it */
        if (mbedtls_asn1_get_tag(&p, end, &inner, SEQUENCE) != 0)
            return NULL;
        end = p + inner;
    }
    /* The version is left out of version 1 certificates. */
    (void)skip_element(&p, end, MBEDTLS_ASN1_CONTEXT_SPECIFIC | MBEDTLS_ASN1_CONSTRUCTED);
    if (skip_element(&p, end, MBEDTLS_ASN1_INTEGER) != 0 || /* serialNumber */
        skip_element(&p, end, SEQUENCE) != 0 ||             /* signature */
        skip_element(&p, end, SEQUENCE) != 0 ||             /* issuer */
        skip_element(&p, end, SEQUENCE) != 0)               /* validity */
        return NULL;
    const uint8_t *subject = p;
    if (skip_element(&p, end, SEQUENCE) != 0)
        return NULL;
    *len = (size_t)(p - subject);
    return subject;
}

/* Adds an anchor to the list: first if it is valid now. */
static int add(mbedtls_x509_crt **list, const uint8_t *der, size_t len, int64_t now)
{
    mbedtls_x509_crt *crt = mbedtls_calloc(1, sizeof *crt);

    if (crt == NULL)
        return MBEDTLS_ERR_X509_ALLOC_FAILED;
    mbedtls_x509_crt_init(crt);
    int error = mbedtls_x509_crt_parse_der_nocopy(crt, der, len);
    if (error != 0) {
        mbedtls_x509_crt_free(crt);
        mbedtls_free(crt);
        return error == MBEDTLS_ERR_X509_ALLOC_FAILED ? error : 0;
    }
    if (now >= mmd_x509_seconds(&crt->valid_from) && now <= mmd_x509_seconds(&crt->valid_to))
        crt->next = *list;
    else
        while (*list != NULL)
            list = &(*list)->next;
    *list = crt;
    return 0;
}

int mmd_trust_find(const struct mmd_trust *trust, int64_t now, const mbedtls_x509_crt *child,
                   mbedtls_x509_crt **out)
{
    const uint8_t *der, *subject;
    size_t at = 0, len, subject_len;
    int error = 0;

    *out = NULL;
    while (error == 0 && (der = mmd_trust_next(trust, &at, &len)) != NULL) {
        subject = mmd_trust_subject(der, len, &subject_len);
        if (subject != NULL && subject_len == child->issuer_raw.len &&
            memcmp(subject, child->issuer_raw.p, subject_len) == 0)
            error = add(out, der, len, now);
    }
    return error; /* Mbed TLS frees the list, also after an error */
}
