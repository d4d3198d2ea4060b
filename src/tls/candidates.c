/* SPDX-License-Identifier: MIT */
/* Which of the server's intermediates is tried first. Mbed TLS takes the first that bears the
 * issuer's name, checks its date and signature afterwards, and tries no other. */
#include <string.h>

#include "tls/connection.h"
#include "tls/peer_chain.h"
#include "tls/trust.h"
#include "tls/x509_time.h"

/* Candidates: 0 is best. */
enum { OTHER_KEY = 2, NOT_NOW = 1, NO_CANDIDATE = 4, RANKS };

static bool differ(const mbedtls_x509_buf *a, const mbedtls_x509_buf *b)
{
    return a->len != b->len || memcmp(a->p, b->p, a->len) != 0;
}

/* Whether both name a key (RFC 5280, 4.2.1.1 and 4.2.1.2), and not the same. */
static bool has_other_key(const mbedtls_x509_crt *child, const mbedtls_x509_crt *crt)
{
    const mbedtls_x509_buf *wanted = &child->authority_key_id.keyIdentifier;
    const mbedtls_x509_buf *key = &crt->subject_key_id;

    return wanted->len > 0 && key->len > 0 && differ(wanted, key);
}

static int rank_of(const mbedtls_x509_crt *child, const mbedtls_x509_crt *crt, int64_t now)
{
    if (mmd_is_unreadable(crt) || differ(&child->issuer_raw, &crt->subject_raw))
        return NO_CANDIDATE;
    bool valid =
        now >= mmd_x509_seconds(&crt->valid_from) && now <= mmd_x509_seconds(&crt->valid_to);
    return (has_other_key(child, crt) ? OTHER_KEY : 0) + (valid ? 0 : NOT_NOW);
}

/* Whether a certificate that cannot be parsed is one of child's issuer, by its outline. */
static bool bears_issuer_name(const mbedtls_x509_crt *child, const mbedtls_x509_buf *raw)
{
    struct mmd_outline outline;

    return mmd_outline_read(&outline, raw->p, raw->len) &&
           outline.subject_len == child->issuer_raw.len &&
           memcmp(outline.subject, child->issuer_raw.p, outline.subject_len) == 0;
}

/* Moves the candidates before the rest. All keep their order otherwise, and all stay after child:
 * each remains a candidate for the certificates above. */
bool mmd_order_candidates(mbedtls_x509_crt *child, int64_t now)
{
    mbedtls_x509_crt *lists[RANKS] = {NULL}, **ends[RANKS], **link = &child->next;
    bool any_unreadable = false;

    for (int rank = 0; rank < RANKS; rank++)
        ends[rank] = &lists[rank];
    for (mbedtls_x509_crt *crt = child->next; crt != NULL; crt = crt->next) {
        int rank = rank_of(child, crt, now);
        *ends[rank] = crt;
        ends[rank] = &crt->next;
        any_unreadable |= mmd_is_unreadable(crt) && bears_issuer_name(child, &crt->raw);
    }
    for (int rank = 0; rank < RANKS; rank++) {
        *link = lists[rank];
        if (lists[rank] != NULL)
            link = ends[rank];
    }
    *link = NULL;
    return any_unreadable;
}
