/* SPDX-License-Identifier: MIT */
/* Searching a bundle in PEM for the anchors of one name. Of the others only the headers up to their
 * names are decoded: all of it would cost as much as the handshake. */
#include <string.h>

#include "text/base64.h"
#include "tls/pem.h"
#include "tls/trust.h"

#define VERSION 0xA0 /* the tag of tbsCertificate's version, which may be left out */

/* Moves past an element's header. That a length makes sense is seen once all is decoded. */
static bool enter(struct mmd_base64_reader *r, uint8_t *tag, size_t *len)
{
    uint8_t first, byte;

    if (!mmd_base64_next(r, tag) || !mmd_base64_next(r, &first))
        return false;
    *len = first;
    if (first < 0x80)
        return true;
    *len = 0;
    for (; first > 0x80; first--) {
        if (!mmd_base64_next(r, &byte))
            return false;
        *len = *len << 8 | byte;
    }
    return true;
}

static bool skip(struct mmd_base64_reader *r, uint8_t *tag)
{
    size_t len;

    return enter(r, tag, &len) && mmd_base64_skip(r, len);
}

/* Moves to the subject, if it is a certificate (RFC 5280, 4.1). */
static bool find_subject(struct mmd_base64_reader *r)
{
    uint8_t tag;
    size_t len;

    if (!enter(r, &tag, &len) || !enter(r, &tag, &len) || !skip(r, &tag))
        return false;
    /* serialNumber, signature, issuer, validity */
    for (unsigned left = tag == VERSION ? 4 : 3; left > 0; left--)
        if (!skip(r, &tag))
            return false;
    return true;
}

static bool may_have_subject(const struct mmd_pem_certificate *c, const uint8_t *subject,
                             size_t subject_len)
{
    struct mmd_base64_reader r = {.at = c->text, .end = c->text + c->len};
    uint8_t byte;

    if (!c->supported || !find_subject(&r))
        return false;
    for (size_t i = 0; i < subject_len; i++)
        if (!mmd_base64_next(&r, &byte) || byte != subject[i])
            return false;
    return true;
}

/* Decodes a certificate after those that were found, and reads its outline. Its size, or 0 if it
 * cannot be read. */
static size_t decode(const struct mmd_bundle *b, const struct mmd_pem_certificate *c,
                     struct mmd_outline *outline)
{
    uint8_t *to = b->memory + b->found.len;
    size_t len = mmd_base64_decode(to, c->text, c->len);

    return mmd_outline_read(outline, to, len) && outline->len == len ? len : 0;
}

static bool has_room(const struct mmd_bundle *b, const struct mmd_pem_certificate *c)
{
    return c->len / 4 * 3 <= b->cap - b->found.len;
}

bool mmd_bundle_has_any(const struct mmd_bundle *b)
{
    const char *at = b->pem;
    struct mmd_pem_certificate next;
    struct mmd_outline outline;

    while (mmd_pem_next(&next, &at, b->pem + b->len))
        if (next.supported && has_room(b, &next) && decode(b, &next, &outline) > 0)
            return true;
    return false;
}

static bool has_subject(const struct mmd_outline *outline, const uint8_t *subject,
                        size_t subject_len)
{
    return outline->subject_len == subject_len &&
           memcmp(outline->subject, subject, subject_len) == 0;
}

static bool was_found(const struct mmd_trust *found, const uint8_t *subject, size_t subject_len)
{
    struct mmd_outline outline;
    const uint8_t *der;
    size_t at = 0, len;

    while ((der = mmd_trust_next(found, &at, &len)) != NULL)
        if (mmd_outline_read(&outline, der, len) && has_subject(&outline, subject, subject_len))
            return true;
    return false;
}

int mmd_bundle_find(void *bundle, const uint8_t *subject, size_t subject_len)
{
    struct mmd_bundle *b = bundle;
    size_t before = b->found.len;
    const char *at = b->pem;
    struct mmd_pem_certificate next;
    struct mmd_outline outline;

    b->found.der = b->memory;
    if (was_found(&b->found, subject, subject_len))
        return MMD_OK;
    while (mmd_pem_next(&next, &at, b->pem + b->len)) {
        if (!may_have_subject(&next, subject, subject_len))
            continue;
        if (!has_room(b, &next)) {
            b->found.len = before; /* all of that name, or none */
            return MMD_ERR_MEMORY;
        }
        size_t len = decode(b, &next, &outline);
        if (len > 0 && has_subject(&outline, subject, subject_len))
            b->found.len += len;
    }
    return MMD_OK;
}
