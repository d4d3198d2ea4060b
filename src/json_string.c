/* Unescaping in place: what is read is always at or ahead of what is written. */
#include "json_string.h"

#include <stdint.h>
#include <string.h>

#include "utf8.h"

#define REPLACEMENT 0xFFFDu

static size_t put_utf8(char *out, uint32_t c)
{
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};

    for (size_t i = n; --i > 0; c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)(lead[n] | c);
    return n;
}

/* The number behind "\u", or -1. */
static int32_t four_hex(const char *s, size_t len)
{
    int32_t value = 0;

    if (len < 6 || s[0] != '\\' || s[1] != 'u')
        return -1;
    for (size_t i = 2; i < 6; i++) {
        unsigned char c = (unsigned char)s[i], letter = c | 0x20;
        if (c >= '0' && c <= '9')
            value = value * 16 + (c - '0');
        else if (letter >= 'a' && letter <= 'f')
            value = value * 16 + (letter - 'a' + 10);
        else
            return -1;
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
        if (first >= 0x20 && first < 0x80 && first != '\\') {
            s[out++] = s[at];
            n = 1;
            continue;
        }
        if (s[at] == '\\') {
            n = escape(s + at, len - at, &c);
            if (n == 0)
                break;
            out += put_utf8(s + out, c);
            continue;
        }
        n = first < 0x20 ? 0 : mmd_utf8_sequence(s + at, len - at);
        if (n == 0)
            break;
        memmove(s + out, s + at, n);
        out += n;
    }
    *out_len = out;
    return at;
}
