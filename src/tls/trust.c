/* SPDX-License-Identifier: MIT */
/* Finding anchors in their DER. An anchor is parsed only if its subject is the one that is wanted;
 * one that cannot be used is passed over and does not disable the rest. */
#include "tls/trust.h"

#include <mbedtls/platform.h>
#include <string.h>

#include "tls/x509_time.h"

/* What is damaged is passed over byte by byte: its length may be what is wrong. */
const uint8_t *mmd_trust_next(const struct mmd_trust *trust, size_t *at, size_t *len)
{
    struct mmd_outline outline;

    for (; *at < trust->len; ++*at) {
        const uint8_t *from = trust->der + *at;
        if (mmd_outline_read(&outline, from, trust->len - *at)) {
            *len = outline.len;
            *at += outline.len;
            return from;
        }
    }
    return NULL;
}

size_t mmd_trust_damaged(const struct mmd_trust *trust)
{
    size_t at = 0, len, after = 0, damaged = 0, end = trust->len;

    while (mmd_trust_next(trust, &at, &len) != NULL) {
        damaged += at - len - after;
        after = at;
    }
    while (end > after && trust->der[end - 1] == 0xFF)
        end--;
    return damaged + end - after;
}

static bool is_listed(const mbedtls_x509_crt *list, const uint8_t *der, size_t len)
{
    for (; list != NULL; list = list->next)
        if (list->raw.len == len && memcmp(list->raw.p, der, len) == 0)
            return true;
    return false;
}

/* Puts an anchor into the list: first if it is valid now. */
static void insert(mbedtls_x509_crt **place, mbedtls_x509_crt *crt, int64_t now)
{
    if (now >= mmd_x509_seconds(&crt->valid_from) && now <= mmd_x509_seconds(&crt->valid_to))
        crt->next = *place;
    else
        while (*place != NULL)
            place = &(*place)->next;
    *place = crt;
}

/* Adds an anchor that bears the name of child's issuer, if there is a child. */
static int add(struct mmd_signers *out, const uint8_t *der, size_t len, int64_t now,
               const mbedtls_x509_crt *child)
{
    const char *defect;

    if (is_listed(out->list, der, len)) /* a bundle may have one many times */
        return 0;
    mbedtls_x509_crt *crt = mbedtls_calloc(1, sizeof *crt);
    if (crt == NULL)
        return MBEDTLS_ERR_X509_ALLOC_FAILED;
    if (mmd_anchor_parse(crt, der, len, &defect) != 0) {
        out->any_unusable |= defect != NULL;
        mbedtls_free(crt);
        return defect != NULL ? 0 : MBEDTLS_ERR_X509_ALLOC_FAILED;
    }
    if (child == NULL || mmd_anchor_may_sign(crt)) {
        insert(&out->list, crt, now);
        return 0;
    }
    /* It was not meant to sign, if child vouches for itself, too. */
    out->any_unusable |= !mmd_is_self_issued(child);
    mbedtls_x509_crt_free(crt);
    mbedtls_free(crt);
    return 0;
}

static bool is_wanted(const mbedtls_x509_crt *child, const uint8_t *der, size_t len)
{
    struct mmd_outline outline;

    return child == NULL ||
           (mmd_outline_read(&outline, der, len) && outline.subject_len == child->issuer_raw.len &&
            memcmp(outline.subject, child->issuer_raw.p, outline.subject_len) == 0);
}

int mmd_trust_find(const struct mmd_trust *trust, int64_t now, const mbedtls_x509_crt *child,
                   struct mmd_signers *out)
{
    const uint8_t *der;
    size_t at = 0, len;
    int error = 0;

    *out = (struct mmd_signers){NULL, false};
    while (error == 0 && (der = mmd_trust_next(trust, &at, &len)) != NULL)
        if (is_wanted(child, der, len))
            error = add(out, der, len, now, child);
    return error;
}

#if !defined(MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK)
void mmd_free_signers(mbedtls_x509_crt *list)
{
    if (list != NULL)
        mbedtls_x509_crt_free(list); /* all after the first, too, and what they hold */
    mbedtls_free(list);
}
#endif
