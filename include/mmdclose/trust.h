/* SPDX-License-Identifier: MIT */
/* Trust anchors: the root certificates that a server's chain must lead to. */
#ifndef MMDCLOSE_TRUST_H
#define MMDCLOSE_TRUST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mmdclose/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* X.509 certificates in DER, one after the other, in flash or RAM; borrowed. Their number costs
 * no RAM: only the one that signed the chain is parsed. */
struct mmd_trust {
    const uint8_t *der;
    size_t len;
};

/* Goes through the anchors: *at is 0 at first. Returns the next certificate, as far as its outline
 * shows (RFC 5280, 4.1), and sets *len; NULL at the end. What is damaged between two of them is
 * passed over. */
const uint8_t *mmd_trust_next(const struct mmd_trust *trust, size_t *at, size_t *len);

/* Returns how many bytes mmd_trust_next passes over. 0xFF after the last certificate, as erased
 * flash has it, does not count. */
size_t mmd_trust_damaged(const struct mmd_trust *trust);

/* Whether this build can use a certificate as an anchor: it may lack the kind of key, the curve or
 * its length, and it checks no name constraints. A server whose chain ends at one that it cannot
 * use is refused with MMD_ERR_CERT_ANCHOR; the other anchors work. Returns MMD_OK,
 * MMD_ERR_CERT_ANCHOR or MMD_ERR_MEMORY, and sets *reason to a clause about it ("it is damaged"),
 * static storage; with MMD_OK to "", or to what it cannot do. Allocates from the TLS allocator for
 * the time of the call. */
int mmd_trust_check(const uint8_t *der, size_t len, const char **reason);

/* Turns PEM (RFC 7468), as in a CA bundle, into DER within the same buffer and sets *out to it.
 * Labels are CERTIFICATE and X509 CERTIFICATE. Other text between the certificates is passed over.
 * Returns how many there are; *skipped counts those that are not certificates (bad base64, damaged
 * DER) or have OpenSSL's own label TRUSTED CERTIFICATE: the rest work without them. */
size_t mmd_trust_from_pem(char *pem, size_t len, struct mmd_trust *out, size_t *skipped);

/* A bundle in PEM that is searched when an issuer is wanted, where decoding all of a system's would
 * cost nearly as much as a handshake. What is in it counts as mmd_trust_from_pem reads it. */
struct mmd_bundle {
    const char *pem; /* borrowed until the last search, and not changed */
    size_t len;
    uint8_t *memory; /* borrowed: for a list of its certificates, then for those that are found */
    size_t cap;      /* bytes of it; len are enough, unless what is in it are no certificates */

    size_t count;           /* of what is listed */
    struct mmd_trust found; /* the anchors, for mmd_tls_config: those found by now, in DER. It only
                               grows, and may be emptied while there is no connection */
};

/* Lists what is in the bundle; of each certificate no more is decoded than the way to its subject,
 * until one can be read. Call it first. Returns MMD_OK, MMD_ERR_TRUST if none can be read, or
 * MMD_ERR_MEMORY if cap is too small. */
int mmd_bundle_open(struct mmd_bundle *bundle);

/* Adds to bundle->found all certificates with that subject, a Name in DER (RFC 5280, 4.1.2.6); none
 * if it has one of them. NULL: all certificates, in place of those it has. For mmd_tls_config's
 * find_anchors, with a struct mmd_bundle as context. Returns MMD_OK, also if there is none, or
 * MMD_ERR_MEMORY: cap is too small, and none was added.
 */
int mmd_bundle_find(void *bundle, const uint8_t *subject, size_t subject_len);

/* What a certificate says of itself. */
struct mmd_certificate {
    char subject[256];             /* "O=..., CN=..."; one that does not fit is not shown */
    int64_t not_before, not_after; /* seconds since 1970 */
    bool is_ca;
};

/* Describes a DER certificate, also one that this build cannot use (is_ca is then false). Returns
 * MMD_OK or MMD_ERR_CERT. Allocates from the TLS allocator for the time of the call. */
int mmd_certificate_read(struct mmd_certificate *out, const uint8_t *der, size_t len);

#ifdef __cplusplus
}
#endif
#endif
