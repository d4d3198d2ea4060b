/* Unescaping in place: what is read is always at or ahead of what is written. */
#include "json_string.h"

#include <stdint.h>
#include <string.h>

#include "charclass.h"
#include "utf8.h"

#define REPLACEMENT 0xFFFDu

static size_t put_utf8(char *out, uint32_t c)
{
    size_t more = (size_t)(c >= 0x80) + (c >= 0x800) + (c >= 0x10000);
    uint32_t lead = more > 0 ? 0xFFu << (7 - more) : 0;

    for (size_t i = more; i > 0; c >>= 6)
        out[i--] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)(lead | c);
    return 1 + more;
}

/* The number behind "\u", or -1. */
static int32_t four_hex(const char *s, size_t len)
{
    int32_t value = 0;

    if (len < 6 || s[0] != '\\' || s[1] != 'u')
        return -1;
    for (size_t i = 2; i < 6; i++) {
        int digit = mmd_hex_digit(s[i]);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* Resolves one escape. Returns the bytes it takes, 0 if it is none, and sets *c. */
static size_t escape(const char *s, size_t len, uint32_t *c)
{
    static const char named[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    int32_t first = four_hex(s, len);

    if (first < 0) {
        const char *at = len >= 2 ? memchr(named, s[1], sizeof named - 1) : NULL;
        if (at == NULL)
            return 0;
        *c = (unsigned char)meant[at - named];
        return 2;
    }
    *c = (uint32_t)first;
    if ((first & 0xF800) == 0xD800) {
        int32_t second = four_hex(s + 6, len - 6);
        *c = REPLACEMENT;
        if (first < 0xDC00 && (second & 0xFC00) == 0xDC00 && second >= 0) {
            *c = 0x10000u + (((uint32_t)first & 0x3FF) << 10) + ((uint32_t)second & 0x3FF);
            return 12;
        }
    }
    if (*c == 0)
        *c = REPLACEMENT;
    return 6;
}

size_t mmd_json_unescape(char *s, size_t len, size_t *out_len)
{
    size_t at = 0, out = 0, n;

    for (; at < len; at += n) {
        unsigned char first = (unsigned char)s[at];
        uint32_t c;
        if (first == '\\') {
            n = escape(s + at, len - at, &c);
            out += n > 0 ? put_utf8(s + out, c) : 0;
        } else if (first >= 0x20 && first < 0x80) {
            s[out++] = s[at];
            n = 1;
        } else {
            n = first < 0x20 ? 0 : mmd_utf8_sequence(s + at, len - at);
            for (size_t i = 0; i < n; i++)
                s[out++] = s[at + i];
        }
        if (n == 0)
            break;
    }
    *out_len = out;
    return at;
}
