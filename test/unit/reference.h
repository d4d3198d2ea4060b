/* SPDX-License-Identifier: MIT */
/* UTF-8 and JSON strings once more, written another way than in src/: byte by byte, by the numbers
 * that the bytes stand for. What the library does is held against this. */
#ifndef TEST_REFERENCE_H
#define TEST_REFERENCE_H

#include <stddef.h>
#include <stdint.h>

/* Writes a code point, and returns its length. Surrogates are written as any other number. */
static inline size_t reference_encode(unsigned char out[4], uint32_t c)
{
    if (c < 0x80) {
        out[0] = (unsigned char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (unsigned char)(0xC0 + c / 64);
        out[1] = (unsigned char)(0x80 + c % 64);
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (unsigned char)(0xE0 + c / 4096);
        out[1] = (unsigned char)(0x80 + c / 64 % 64);
        out[2] = (unsigned char)(0x80 + c % 64);
        return 3;
    }
    out[0] = (unsigned char)(0xF0 + c / 262144);
    out[1] = (unsigned char)(0x80 + c / 4096 % 64);
    out[2] = (unsigned char)(0x80 + c / 64 % 64);
    out[3] = (unsigned char)(0x80 + c % 64);
    return 4;
}

/* The length of the well-formed sequence that s begins with, or 0: what it stands for must be a
 * character (not a surrogate, not above U+10FFFF) and be written as short as it can be. */
static inline size_t reference_utf8(const unsigned char *s, size_t len)
{
    size_t n = s[0] < 0x80 ? 1 : s[0] < 0xC0 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    static const uint32_t take_off[] = {0, 0, 0xC0, 0xE0, 0xF0};

    if (n == 0 || n > len || s[0] > 0xF7)
        return 0;
    uint32_t c = s[0] - take_off[n];
    for (size_t i = 1; i < n; i++) {
        if (s[i] < 0x80 || s[i] > 0xBF)
            return 0;
        c = c * 64 + (s[i] - 0x80u);
    }
    return c >= least[n] && c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF) ? n : 0;
}

static inline int reference_is_utf8(const char *text, size_t len)
{
    for (size_t at = 0, n; at < len; at += n) {
        n = reference_utf8((const unsigned char *)text + at, len - at);
        if (n == 0)
            return 0;
    }
    return 1;
}

static inline uint32_t reference_hex(const char *s, size_t digits)
{
    uint32_t value = 0;

    for (; digits > 0; digits--, s++)
        value = value * 16 + (uint32_t)(*s <= '9' ? *s - '0' : (*s & 0xDF) - 'A' + 10);
    return value;
}

/* Decodes the inside of a JSON string that is known to be well formed. Returns the length of what
 * is written to out, which is as long as s at most; (size_t)-1 if a byte must not stand there. */
static inline size_t reference_json_decode(const char *s, size_t len, char *out)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    size_t n = 0;

    for (size_t at = 0; at < len; at++) {
        unsigned char c = (unsigned char)s[at];
        if (c < 0x20 || c == '"')
            return (size_t)-1;
        if (c != '\\') {
            out[n++] = (char)c;
            continue;
        }
        if (++at == len)
            return (size_t)-1;
        if (s[at] == 'u') {
            n += reference_encode((unsigned char *)out + n, reference_hex(s + at + 1, 4));
            at += 4;
            continue;
        }
        size_t i = 0;
        while (names[i] != s[at])
            if (names[++i] == '\0')
                return (size_t)-1;
        out[n++] = values[i];
    }
    return n;
}

#endif
