/* SPDX-License-Identifier: MIT */
/* Escapes of JSON strings. They are resolved in place: none is shorter than its character. */
#include "json_string.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "charclass.h"
#include "utf8.h"

#define REPLACEMENT 0xFFFDu

/* What may follow a backslash besides "u", and what that stands for. */
static const char named[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";

/* ---- text to JSON ---- */

static void put_escape(struct mmd_writer *w, char c)
{
    static const char hex[] = "0123456789abcdef";
    const char *at = memchr(meant, c, sizeof meant - 1);

    if (at != NULL)
        mmd_put(w, (const char[]){'\\', named[at - meant]}, 2);
    else
        mmd_put(w, (const char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
}

size_t mmd_put_json(struct mmd_writer *w, const char *text, size_t len)
{
    size_t at = 0, n;

    for (;;) {
        n = mmd_span(text + at, len - at, MMD_CHAR_PLAIN);
        mmd_put(w, text + at, n);
        at += n;
        if (at == len)
            return len;
        if ((unsigned char)text[at] < 0x80) {
            put_escape(w, text[at++]);
            continue;
        }
        n = mmd_utf8_sequence(text + at, len - at);
        if (n == 0)
            return at;
        mmd_put(w, text + at, n);
        at += n;
    }
}

/* ---- JSON to text ---- */

static size_t put_utf8(char *out, uint32_t c)
{
    static const unsigned char first[] = {0, 0, 0xC0, 0xE0, 0xF0};
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

    for (size_t i = n - 1; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)(first[n] | c);
    return n;
}

/* The number of a backslash, "u" and four hexadecimal digits; -1 if that is not there. */
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

static bool is_high(int32_t c)
{
    return c >= 0xD800 && c < 0xDC00;
}

static bool is_low(int32_t c)
{
    return c >= 0xDC00 && c < 0xE000;
}

/* Resolves one escape. Returns the bytes it takes, 0 if it is none, and sets *c. */
static size_t escape(const char *s, size_t len, uint32_t *c)
{
    const char *at = len >= 2 ? memchr(named, s[1], sizeof named - 1) : NULL;
    int32_t first = four_hex(s, len), second;

    if (at != NULL) {
        *c = (uint32_t)meant[at - named];
        return 2;
    }
    if (first < 0)
        return 0;
    if (is_high(first) && is_low(second = four_hex(s + 6, len - 6))) {
        *c = 0x10000 + ((uint32_t)(first - 0xD800) << 10) + (uint32_t)(second - 0xDC00);
        return 12;
    }
    *c = first == 0 || is_high(first) || is_low(first) ? REPLACEMENT : (uint32_t)first;
    return 6;
}

/* The bytes that stand for themselves, up to where others may begin. */
static size_t unescaped(const char *s, size_t len)
{
    size_t n = mmd_span(s, len, MMD_CHAR_PLAIN);

    return n > 0 || (unsigned char)*s < 0x20 ? n : (unsigned char)*s >= 0x80;
}

/* The UTF-8 of the next character, at most 4 bytes, and in *n the bytes that it takes; 0: it is
 * none. */
static size_t next_character(const char *s, size_t len, char out[4], size_t *n)
{
    uint32_t c;

    if (*s != '\\') {
        *n = 1;
        out[0] = *s;
        return (unsigned char)*s >= 0x20 && *s != '"';
    }
    *n = escape(s, len, &c);
    return *n > 0 ? put_utf8(out, c) : 0;
}

bool mmd_json_equals(const char *s, size_t len, const char *text)
{
    size_t n, size;
    char character[4];

    for (; len > 0; s += n, len -= n, text += size) {
        size = next_character(s, len, character, &n);
        if (size == 0 || strncmp(text, character, size) != 0)
            return false;
    }
    return *text == '\0';
}

size_t mmd_json_unescape(char *s, size_t len, size_t *out_len)
{
    size_t at = 0, out = 0, n;

    for (uint32_t c; at < len; at += n) {
        if (s[at] == '\\') {
            n = escape(s + at, len - at, &c);
            out += n > 0 ? put_utf8(s + out, c) : 0;
        } else {
            n = unescaped(s + at, len - at);
            memmove(s + out, s + at, n);
            out += n;
        }
        if (n == 0)
            break;
    }
    *out_len = out;
    return at;
}
