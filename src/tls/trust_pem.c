/* PEM to DER in place: base64 shrinks, so output never overtakes input.
 */
#include <string.h>

#include "text/charclass.h"
#include "tls/trust.h"

#define NONE 64

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

static unsigned sextet(unsigned char c)
{
    unsigned char letter = (unsigned char)((c | 0x20) - 'a');

    if (letter < 26)
        return letter + (c >= 'a' ? 26u : 0u);
    if (mmd_is_char((char)c, MMD_CHAR_DIGIT))
        return c - '0' + 52u;
    return c == '+' ? 62 : c == '/' ? 63 : NONE;
}

/* Decodes base64 (RFC 4648, 4) with white space anywhere; returns the bytes written, or 0 if it is
 * malformed. Mbed TLS has this too, but in constant time, for keys: a system's bundle then costs
 * twice what the TLS handshake does. */
static size_t decode(uint8_t *out, const char *in, size_t len)
{
    size_t digits = 0, padding = 0, written = 0;
    uint32_t bits = 0;

    for (size_t i = 0; i < len; i++) {
        unsigned value = sextet((unsigned char)in[i]);
        if (value == NONE) {
            if (in[i] == ' ' || (in[i] >= '\t' && in[i] <= '\r'))
                continue;
            if (in[i] != '=')
                return 0;
            padding++;
            value = 0;
        } else if (padding > 0) {
            return 0;
        }
        bits = bits << 6 | value;
        if (++digits % 4 != 0)
            continue;
        out[written++] = (uint8_t)(bits >> 16);
        out[written++] = (uint8_t)(bits >> 8);
        out[written++] = (uint8_t)bits;
    }
    return digits % 4 == 0 && padding <= 2 ? written - padding : 0;
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
        size_t size = decode(to, at, (size_t)(stop - at));
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
