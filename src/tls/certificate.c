/* SPDX-License-Identifier: MIT */
/* Describing a certificate to a person, also one that this build cannot use. */
#include <mbedtls/x509_crt.h>
#include <string.h>

#include "tls/trust.h"
#include "tls/x509_time.h"

#define SEQUENCE  (MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE)
#define SET       (MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SET)
#define NAMES_MAX 16 /* attributes of a subject */

static void put_subject(struct mmd_certificate *out, const mbedtls_x509_name *subject)
{
    if (mbedtls_x509_dn_gets(out->subject, sizeof out->subject, subject) < 0)
        strcpy(out->subject, "(a subject too long to show)");
}

/* ---- by the outline: the key, say, may be of a kind that is unknown here ---- */

/* Two digits at a time; -1 for anything else. */
static int two_digits(const unsigned char *p)
{
    return p[0] >= '0' && p[0] <= '9' && p[1] >= '0' && p[1] <= '9' ? (p[0] - '0') * 10 + p[1] - '0'
                                                                    : -1;
}

/* UTCTime or GeneralizedTime, as RFC 5280, 4.1.2.5, has them: to the second, with a Z. */
static bool read_time(unsigned char **p, const unsigned char *end, int64_t *out)
{
    int field[7] = {0}; /* century, year, month, day, hour, minute, second */
    bool is_utc = *p < end && **p == MBEDTLS_ASN1_UTC_TIME;
    size_t len, n = is_utc ? 1 : 0;

    if (mbedtls_asn1_get_tag(p, end, &len,
                             is_utc ? MBEDTLS_ASN1_UTC_TIME : MBEDTLS_ASN1_GENERALIZED_TIME) != 0 ||
        len != 2 * (7 - n) + 1)
        return false;
    for (; n < 7; n++, *p += 2)
        if ((field[n] = two_digits(*p)) < 0)
            return false;
    if (is_utc)
        field[0] = field[1] < 50 ? 20 : 19;
    if (*(*p)++ != 'Z' || field[2] < 1 || field[2] > 12 || field[3] < 1 || field[3] > 31)
        return false;
    *out = mmd_seconds_since_1970(field[0] * 100 + field[1], field[2], field[3], field[4], field[5],
                                  field[6]);
    return true;
}

/* The next attribute of a relative name: SET OF SEQUENCE { type, value }. */
static bool read_attribute(unsigned char **p, const unsigned char *end, mbedtls_x509_name *out)
{
    size_t len;

    if (mbedtls_asn1_get_tag(p, end, &len, SEQUENCE) != 0)
        return false;
    end = *p + len;
    out->oid.tag = MBEDTLS_ASN1_OID;
    if (mbedtls_asn1_get_tag(p, end, &out->oid.len, MBEDTLS_ASN1_OID) != 0)
        return false;
    out->oid.p = *p;
    *p += out->oid.len;
    out->val.tag = *p < end ? **p : 0;
    if (mbedtls_asn1_get_tag(p, end, &out->val.len, out->val.tag) != 0)
        return false;
    out->val.p = *p;
    *p += out->val.len;
    return *p == end;
}

/* Fills names, up to NAMES_MAX of them, in a list; returns how many, or -1. */
static int read_names(unsigned char *p, const unsigned char *end, mbedtls_x509_name *names)
{
    int count = 0;
    size_t len;

    while (p < end && count < NAMES_MAX) {
        if (mbedtls_asn1_get_tag(&p, end, &len, SET) != 0)
            return -1;
        for (const unsigned char *set_end = p + len; p < set_end && count < NAMES_MAX; count++) {
            if (!read_attribute(&p, set_end, &names[count]))
                return -1;
            names[count].MBEDTLS_PRIVATE(next_merged) = p < set_end;
            if (count > 0)
                names[count - 1].next = &names[count];
        }
    }
    return count;
}

static bool describe(struct mmd_certificate *out, const uint8_t *der, size_t cap)
{
    mbedtls_x509_name names[NAMES_MAX];
    struct mmd_outline outline;
    size_t len;

    if (!mmd_outline_read(&outline, der, cap))
        return false;
    unsigned char *p = (unsigned char *)outline.validity; /* Mbed TLS only reads */
    if (mbedtls_asn1_get_tag(&p, outline.subject, &len, SEQUENCE) != 0 ||
        !read_time(&p, outline.subject, &out->not_before) ||
        !read_time(&p, outline.subject, &out->not_after))
        return false;
    memset(names, 0, sizeof names);
    p = (unsigned char *)outline.subject;
    if (mbedtls_asn1_get_tag(&p, outline.subject + outline.subject_len, &len, SEQUENCE) != 0 ||
        read_names(p, p + len, names) < 0)
        return false;
    put_subject(out, names);
    return true;
}

/* ---- the interface ---- */

int mmd_certificate_read(struct mmd_certificate *out, const uint8_t *der, size_t len)
{
    mbedtls_x509_crt crt;

    *out = (struct mmd_certificate){.is_ca = false};
    mbedtls_x509_crt_init(&crt);
    bool parsed = mbedtls_x509_crt_parse_der_nocopy(&crt, der, len) == 0;
    if (parsed) {
        put_subject(out, &crt.subject);
        out->not_before = mmd_x509_seconds(&crt.valid_from);
        out->not_after = mmd_x509_seconds(&crt.valid_to);
        out->is_ca = mbedtls_x509_crt_get_ca_istrue(&crt) == 1;
    }
    mbedtls_x509_crt_free(&crt);
    return parsed || describe(out, der, len) ? MMD_OK : MMD_ERR_CERT;
}
