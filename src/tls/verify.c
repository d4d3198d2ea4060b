/* SPDX-License-Identifier: MIT */
/* Verifying the server's chain: what Mbed TLS leaves out, dates by the port's clock, and what is
 * wrong with a chain that is refused. */
#include <mbedtls/oid.h>
#include <string.h>

#include "tls/connection.h"
#include "tls/extensions.h"
#include "tls/trust.h"
#include "tls/x509_time.h"

/* An RSA exponent may be as long as the modulus, and each check of a signature then takes a hundred
 * times as long. No authority uses one of more than 32 bits. */
static bool is_slow(const mbedtls_pk_context *key)
{
    return mbedtls_pk_get_type(key) == MBEDTLS_PK_RSA &&
           mbedtls_mpi_bitlen(&mbedtls_pk_rsa(*key)->MBEDTLS_PRIVATE(E)) > 32;
}

/* Lets the program add what it has of the issuer's name; of any, if that is NULL. */
static bool add_anchors(struct connection *t, const uint8_t *issuer, size_t len)
{
    const struct mmd_tls_config *config = t->config;

    if (config->find_anchors == NULL)
        return true;
    int error = config->find_anchors(config->find_anchors_context, issuer, len);
    if (error != MMD_OK)
        t->cause = error;
    return error == MMD_OK;
}

/* Is called for a certificate's issuer before its signature is checked with any key. The server's
 * intermediates follow it in the list, and their keys are used before they are trusted. */
int mmd_verify_find_anchors(void *context, const mbedtls_x509_crt *child, mbedtls_x509_crt **out)
{
    struct connection *t = context;
    struct mmd_signers signers;

    for (const mbedtls_x509_crt *crt = child->next; crt != NULL; crt = crt->next)
        if (is_slow(&crt->pk))
            return MBEDTLS_ERR_X509_FATAL_ERROR;
    /* It is Mbed TLS's own list, which it does not go through at this moment. */
    t->unreadable = mmd_order_candidates((mbedtls_x509_crt *)child, t->now);
    if (!add_anchors(t, child->issuer_raw.p, child->issuer_raw.len))
        return MBEDTLS_ERR_X509_FATAL_ERROR;
    int error = mmd_trust_find(t->config->trust, t->now, child, &signers);

    *out = signers.list;
    t->unusable = signers.any_unusable;
    if (error == MBEDTLS_ERR_X509_ALLOC_FAILED)
        t->cause = MMD_ERR_MEMORY;
    return error;
}

#if !defined(MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK)
int mmd_verify_load_anchors(struct connection *t)
{
    struct mmd_signers signers;

    if (!add_anchors(t, NULL, 0))
        return MBEDTLS_ERR_X509_FATAL_ERROR;
    int error = mmd_trust_find(t->config->trust, t->now, NULL, &signers);
    t->anchors = signers.list;
    t->unusable = signers.list == NULL && signers.any_unusable;
    return error;
}
#endif

/* What Mbed TLS does not check of an authority: its extended key usage binds what is below it, too.
 * Mbed TLS does not know name constraints (RFC 5280, 4.2.1.10); an authority with them is
 * refused. */
static bool may_issue_for_servers(const mbedtls_x509_crt *crt)
{
    return mmd_extensions_read(crt) == MMD_EXTENSIONS_FREE &&
           mbedtls_x509_crt_check_extended_key_usage(
               crt, MBEDTLS_OID_SERVER_AUTH, MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH)) == 0;
}

/* The first certificate that is checked is the topmost: the anchor, if the chain leads to one. */
static void begin_chain(struct connection *t, const mbedtls_x509_crt *crt, int depth)
{
    const struct mmd_trust *trust = t->config->trust;

    t->chain_top = depth;
    t->self_signed = mmd_is_self_issued(crt);
    t->chain = (struct mmd_chain){.not_before = INT64_MIN, .not_after = INT64_MAX};
    if (trust->len > 0 && crt->raw.p >= trust->der && crt->raw.p < trust->der + trust->len) {
        t->chain.anchor_at = (size_t)(crt->raw.p - trust->der);
        t->chain.anchor_len = crt->raw.len;
    }
}

/* Whether Mbed TLS can only have matched a DNS name (RFC 9525, 2). It also matches the common name
 * where there is no alternative name, and a URI that equals the host's name; a real URI has a
 * colon. */
static bool is_named_by_dns(const mbedtls_x509_crt *crt)
{
    const mbedtls_x509_sequence *name = &crt->subject_alt_names;

    for (; name != NULL; name = name->next)
        if ((name->buf.tag & MBEDTLS_ASN1_TAG_VALUE_MASK) ==
                MBEDTLS_X509_SAN_UNIFORM_RESOURCE_IDENTIFIER &&
            memchr(name->buf.p, ':', name->buf.len) == NULL)
            return false;
    return mbedtls_x509_crt_has_ext_type(crt, MBEDTLS_X509_EXT_SUBJECT_ALT_NAME);
}

/* Reports a certificate to the caller. What it allocates then is its own, not the handshake's. */
static void report(struct connection *t, const mbedtls_x509_crt *crt, int depth)
{
    const struct mmd_tls_config *config = t->config;
    unsigned before = mmd_count_failures(t);

    if (config->on_certificate == NULL)
        return;
    config->on_certificate(config->on_certificate_context, depth, crt->raw.p, crt->raw.len);
    t->failures += mmd_count_failures(t) - before;
}

/* Narrows the time in which the whole chain is valid, and flags a date that is wrong now. A clock
 * below the floor agrees with no date. */
static void check_dates(struct connection *t, const mbedtls_x509_crt *crt, uint32_t *flags)
{
    int64_t from = mmd_x509_seconds(&crt->valid_from), to = mmd_x509_seconds(&crt->valid_to);

    if (from > t->chain.not_before)
        t->chain.not_before = from;
    if (to < t->chain.not_after)
        t->chain.not_after = to;
    if (t->now < mmd_clock_floor || t->now < from)
        *flags |= MBEDTLS_X509_BADCERT_FUTURE;
    if (t->now > to)
        *flags |= MBEDTLS_X509_BADCERT_EXPIRED;
}

/* Whether the server's own certificate, which vouches for itself, is one of the anchors to the
 * byte. Mbed TLS accepts that too, but not where anchors are found by a function. */
static bool is_anchor_itself(struct connection *t, const mbedtls_x509_crt *crt)
{
    const struct mmd_trust *trust = t->config->trust;
    const uint8_t *der;
    size_t at = 0, len;

    if (!t->self_signed)
        return false;
    while ((der = mmd_trust_next(trust, &at, &len)) != NULL)
        if (len == crt->raw.len && memcmp(der, crt->raw.p, len) == 0) {
            t->unusable = mmd_extensions_read(crt) != MMD_EXTENSIONS_FREE;
            if (t->unusable)
                return false;
            t->chain.anchor_at = at - len;
            t->chain.anchor_len = len;
            return true;
        }
    return false;
}

/* Is called for each certificate of the chain, from the top (depth > 0) down to the server's own
 * (0), after Mbed TLS's own checks. */
int mmd_verify_certificate(void *context, mbedtls_x509_crt *crt, int depth, uint32_t *flags)
{
    struct connection *t = context;

    if (t->chain_top < 0)
        begin_chain(t, crt, depth);
    check_dates(t, crt, flags);
    if (depth == 0 && t->chain_top == 0 && is_anchor_itself(t, crt))
        *flags &= ~(uint32_t)MBEDTLS_X509_BADCERT_NOT_TRUSTED; /* that it has no issuer */
    if (depth == 0 && !is_named_by_dns(crt))
        *flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
#if !defined(MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK)
    if (is_slow(&crt->pk)) /* too late to save time */
        *flags |= MBEDTLS_X509_BADCERT_BAD_KEY;
#endif
    if (depth > 0 && !may_issue_for_servers(crt))
        *flags |= MBEDTLS_X509_BADCERT_EXT_KEY_USAGE;
    report(t, crt, depth);
    return 0;
}

/* Why the chain leads to no anchor. */
static int untrusted(const struct connection *t)
{
    bool ends_at_anchor = t->chain.anchor_len > 0; /* and a signature below it is wrong */

    if (t->unusable && !ends_at_anchor)
        return MMD_ERR_CERT_ANCHOR;
    if (t->unreadable && !ends_at_anchor)
        return MMD_ERR_CERT;
    if (t->chain_top > 0)
        return MMD_ERR_CERT_ISSUER;
    return t->self_signed ? MMD_ERR_CERT_SELF_SIGNED : MMD_ERR_CERT_CHAIN;
}

int mmd_verify_error(const struct connection *t, uint32_t flags)
{
    const uint32_t dates = MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE;

    if ((flags & MBEDTLS_X509_BADCERT_BAD_MD) != 0)
        return MMD_ERR_CERT; /* a signature by a weak hash, which this build may not have at all */
    if ((flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) != 0)
        return untrusted(t);
    if ((flags & MBEDTLS_X509_BADCERT_CN_MISMATCH) != 0)
        return MMD_ERR_CERT_NAME;
    if ((flags & ~dates) != 0)
        return MMD_ERR_CERT;
    if (t->now < mmd_clock_floor)
        return MMD_ERR_CLOCK;
    return (flags & MBEDTLS_X509_BADCERT_EXPIRED) != 0 ? MMD_ERR_CERT_DATE : MMD_ERR_CERT_FUTURE;
}
