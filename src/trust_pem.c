/* PEM to DER in place: base64 shrinks, so what is written never reaches what is still to be read.
 */
#include <mbedtls/base64.h>
#include <string.h>

#include "trust.h"

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

static size_t decode(uint8_t *out, size_t cap, const char *base64, size_t len)
{
    struct mmd_trust one = {out, 0};
    size_t at = 0, size, subject_len;

    if (mbedtls_base64_decode(out, cap, &one.len, (const unsigned char *)base64, len) != 0)
        return 0;
    const uint8_t *der = mmd_trust_next(&one, &at, &size);
    return der != NULL && size == one.len && mmd_trust_subject(der, size, &subject_len) != NULL
               ? one.len
               : 0;
}

size_t mmd_trust_from_pem(char *pem, size_t len, struct mmd_trust *out, size_t *skipped)
{
    uint8_t *to = (uint8_t *)pem;
    char *at = pem, *end = pem + len, *stop;
    size_t count = 0;

    *skipped = 0;
    while ((at = find(at, end, begin_mark)) != NULL) {
        at += strlen(begin_mark);
        if ((stop = find(at, end, end_mark)) == NULL)
            stop = end;
        size_t size = decode(to, (size_t)((uint8_t *)stop - to), at, (size_t)(stop - at));
        to += size;
        if (size > 0)
            count++;
        else
            ++*skipped;
        at = stop;
    }
    out->der = (const uint8_t *)pem;
    out->len = (size_t)(to - (uint8_t *)pem);
    return count;
}
