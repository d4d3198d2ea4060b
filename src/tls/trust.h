/* SPDX-License-Identifier: MIT */
/* The library's inner side of trust anchors. */
#ifndef MMD_TRUST_H
#define MMD_TRUST_H

#include <mbedtls/x509_crt.h>
#include <string.h>

#include "mmdclose/trust.h"

/* Where the parts of a certificate lie (RFC 5280, 4.1), as far as they are read without Mbed TLS:
 * what it cannot parse still has a name. Tags and lengths are included. */
struct mmd_outline {
    const uint8_t *validity, *subject;
    size_t subject_len, len; /* of the subject; of the whole certificate */
};

/* Reads the outline of the certificate that begins at der and ends within cap bytes; false if there
 * is none: each part must have its tag, and all of them fill the whole. */
bool mmd_outline_read(struct mmd_outline *out, const uint8_t *der, size_t cap);

/* The anchors that might have signed a certificate. */
struct mmd_signers {
    mbedtls_x509_crt *list; /* for Mbed TLS to free, also after an error */
    bool any_unusable;      /* one of that name was left out, which cannot be used for this */
};

/* Finds the anchors whose subject is child's issuer, or with NULL all; those that are valid at now
 * (seconds since 1970) first. Returns 0 or an error of Mbed TLS. */
int mmd_trust_find(const struct mmd_trust *trust, int64_t now, const mbedtls_x509_crt *child,
                   struct mmd_signers *out);

/* Frees a list of them, for which Mbed TLS did not ask. */
void mmd_free_signers(mbedtls_x509_crt *list);

/* Parses an anchor without copying it. Returns 0, or an error of Mbed TLS with nothing to free;
 * *defect is then why the anchor cannot be used, or NULL where only memory is missing. */
int mmd_anchor_parse(mbedtls_x509_crt *out, const uint8_t *der, size_t len, const char **defect);

/* Whether Mbed TLS lets an anchor sign others (RFC 5280, 4.2.1.3, 4.2.1.9). */
bool mmd_anchor_may_sign(const mbedtls_x509_crt *crt);

/* Of a certificate that was parsed. */
static inline bool mmd_is_self_issued(const mbedtls_x509_crt *crt)
{
    return crt->issuer_raw.len == crt->subject_raw.len &&
           memcmp(crt->issuer_raw.p, crt->subject_raw.p, crt->subject_raw.len) == 0;
}

#endif
