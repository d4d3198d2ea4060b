/* SPDX-License-Identifier: MIT */
/* PEM to DER in place. */
#include <string.h>

#include "text/base64.h"
#include "tls/trust.h"

static const char begin_mark[] = "-----BEGIN CERTIFICATE-----";
static const char end_mark[] = "-----END CERTIFICATE-----";

/* The first place of mark in from..end, or NULL. */
static char *find(char *from, const char *end, const char *mark)
{
    size_t len = strlen(mark);

    while (from < end && (from = memchr(from, '-', (size_t)(end - from))) != NULL) {
        if ((size_t)(end - from) >= len && memcmp(from, mark, len) == 0)
            return from;
        from++;
    }
    return NULL;
}

/* Whether what was decoded is one certificate, as far as it matters here. */
static bool is_certificate(const uint8_t *der, size_t len)
{
    struct mmd_trust one = {der, len};
    size_t at = 0, size, subject_len;

    return mmd_trust_next(&one, &at, &size) != NULL && size == len &&
           mmd_trust_subject(der, size, &subject_len) != NULL;
}

size_t mmd_trust_from_pem(char *pem, size_t len, struct mmd_trust *out, size_t *skipped)
{
    uint8_t *to = (uint8_t *)pem;
    char *at = pem, *end = pem + len, *stop, *next;
    size_t count = 0;

    *skipped = 0;
    while ((at = find(at, end, begin_mark)) != NULL) {
        at += strlen(begin_mark);
        if ((stop = find(at, end, end_mark)) == NULL)
            stop = end;
        if ((next = find(at, stop, begin_mark)) != NULL)
            stop = next; /* its own end is missing */
        size_t size = mmd_base64_decode(to, at, (size_t)(stop - at));
        if (is_certificate(to, size)) {
            to += size;
            count++;
        } else {
            ++*skipped;
        }
        at = stop;
    }
    out->der = (const uint8_t *)pem;
    out->len = (size_t)(to - (uint8_t *)pem);
    return count;
}
