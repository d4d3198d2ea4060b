/* SPDX-License-Identifier: MIT */
/* The outline of a certificate: enough to find where it ends and what it is called. */
#include <mbedtls/asn1.h>

#include "tls/trust.h"

#define SEQUENCE (MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE)
#define VERSION  (MBEDTLS_ASN1_CONTEXT_SPECIFIC | MBEDTLS_ASN1_CONSTRUCTED)

/* Moves *p past the header of an element, all of which lies before end. */
static bool enter(unsigned char **p, const unsigned char *end, int tag, size_t *len)
{
    return mbedtls_asn1_get_tag(p, end, len, tag) == 0;
}

/* Moves *p past such an element. */
static bool skip(unsigned char **p, const unsigned char *end, int tag)
{
    size_t len;
    bool found = enter(p, end, tag, &len);

    if (found)
        *p += len;
    return found;
}

/* tbsCertificate, up to the subject; what follows differs by the kind of key. */
static bool read_body(struct mmd_outline *out, unsigned char *p, const unsigned char *end)
{
    if (p < end && *p == VERSION && !skip(&p, end, VERSION)) /* left out of version 1 */
        return false;
    if (!skip(&p, end, MBEDTLS_ASN1_INTEGER) || /* serialNumber */
        !skip(&p, end, SEQUENCE) ||             /* signature */
        !skip(&p, end, SEQUENCE))               /* issuer */
        return false;
    out->validity = p;
    if (!skip(&p, end, SEQUENCE))
        return false;
    out->subject = p;
    bool found = skip(&p, end, SEQUENCE);
    out->subject_len = (size_t)(p - out->subject);
    return found;
}

bool mmd_outline_read(struct mmd_outline *out, const uint8_t *der, size_t cap)
{
    unsigned char *p = (unsigned char *)der; /* Mbed TLS only reads */
    const unsigned char *end = der + cap;
    size_t len;

    if (!enter(&p, end, SEQUENCE, &len))
        return false;
    end = p + len;
    out->len = (size_t)(end - der);
    if (!enter(&p, end, SEQUENCE, &len) || !read_body(out, p, p + len))
        return false;
    p += len;
    return skip(&p, end, SEQUENCE) && skip(&p, end, MBEDTLS_ASN1_BIT_STRING) && p == end;
}
