/* SPDX-License-Identifier: MIT */
/* Searching a bundle in PEM for the anchors of one name. Of the others only the headers up to their
 * names are decoded: all of it would cost nearly as much as the handshake. */
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

    bool is_inside = enter(r, &tag, &len);         /* Certificate */
    is_inside = is_inside && enter(r, &tag, &len); /* tbsCertificate */
    if (!is_inside || !skip(r, &tag))
        return false;
    /* serialNumber, signature, issuer, validity */
    for (unsigned left = tag == VERSION ? 4 : 3; left > 0; left--)
        if (!skip(r, &tag))
            return false;
    return true;
}

/* What the memory begins with: one for each certificate that has a subject. */
struct entry {
    const char *text;                 /* of the whole, */
    struct mmd_base64_reader subject; /* and to its end from the subject on */
};

static struct entry entry_at(const struct mmd_bundle *b, size_t i)
{
    struct entry entry;

    memcpy(&entry, b->memory + i * sizeof entry, sizeof entry); /* it need not be aligned */
    return entry;
}

/* Whether there was room for all. */
static bool list(struct mmd_bundle *b)
{
    struct mmd_pem_certificate next;
    const char *at = b->pem, *end = b->pem + b->len;
    size_t left = b->cap / sizeof(struct entry);

    for (b->count = 0; mmd_pem_next(&next, &at, end);) {
        struct entry entry = {next.text, {.at = next.text, .end = next.text + next.len}};
        if (!next.supported || !find_subject(&entry.subject))
            continue;
        if (b->count == left)
            return false;
        memcpy(b->memory + b->count++ * sizeof entry, &entry, sizeof entry);
    }
    return true;
}

/* Decodes a certificate after those that were found, and reads its outline. Sets *len to its size,
 * or 0 if it cannot be read; false if there is no room. */
static bool decode(const struct mmd_bundle *b, const struct entry *entry,
                   struct mmd_outline *outline, size_t *len)
{
    uint8_t *to = b->memory + b->count * sizeof *entry + b->found.len;
    size_t text_len = (size_t)(entry->subject.end - entry->text);

    if (text_len / 4 * 3 > (size_t)(b->memory + b->cap - to))
        return false;
    *len = mmd_base64_decode(to, entry->text, text_len);
    if (!mmd_outline_read(outline, to, *len) || outline->len != *len)
        *len = 0;
    return true;
}

int mmd_bundle_open(struct mmd_bundle *b)
{
    struct mmd_outline outline;
    size_t len;

    if (!list(b))
        return MMD_ERR_MEMORY;
    b->found = (struct mmd_trust){b->memory + b->count * sizeof(struct entry), 0};
    for (size_t i = 0; i < b->count; i++) {
        struct entry entry = entry_at(b, i);
        if (!decode(b, &entry, &outline, &len))
            return MMD_ERR_MEMORY;
        if (len > 0)
            return MMD_OK;
    }
    return MMD_ERR_TRUST;
}

static bool has_subject(const struct mmd_outline *outline, const uint8_t *subject, size_t len)
{
    return outline->subject_len == len && memcmp(outline->subject, subject, len) == 0;
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

static bool may_have_subject(const struct entry *entry, const uint8_t *subject, size_t len)
{
    struct mmd_base64_reader r = entry->subject;
    uint8_t byte;

    for (size_t i = 0; i < len; i++)
        if (!mmd_base64_next(&r, &byte) || byte != subject[i])
            return false;
    return true;
}

int mmd_bundle_find(void *bundle, const uint8_t *subject, size_t subject_len)
{
    struct mmd_bundle *b = bundle;
    struct mmd_outline outline;
    size_t before = b->found.len, len;

    if (subject == NULL)
        b->found.len = 0;
    else if (was_found(&b->found, subject, subject_len))
        return MMD_OK;
    for (size_t i = 0; i < b->count; i++) {
        struct entry entry = entry_at(b, i);
        if (subject != NULL && !may_have_subject(&entry, subject, subject_len))
            continue;
        if (!decode(b, &entry, &outline, &len)) {
            b->found.len = before; /* all of that name, or none */
            return MMD_ERR_MEMORY;
        }
        if (len > 0 && (subject == NULL || has_subject(&outline, subject, subject_len)))
            b->found.len += len;
    }
    return MMD_OK;
}
