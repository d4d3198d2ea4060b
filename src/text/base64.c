/* SPDX-License-Identifier: MIT */
/* Base64. Mbed TLS decodes it too, but in constant time, for keys: a system's bundle of
 * certificates then costs twice what the TLS handshake does. */
#include "base64.h"

#include <string.h>

#define NO  64 /* no digit */
#define WS  65 /* white space */
#define ROW NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO

/* What each character stands for. */
static const uint8_t values[256] = {
    NO,  NO,  NO,  NO,  NO,  NO,  NO,  NO,  NO, WS, WS, WS, WS, WS, NO, NO, /* \t to \r */
    ROW,                                                                    /* control characters */
    WS,  NO,  NO,  NO,  NO,  NO,  NO,  NO,  NO, NO, NO, 62, NO, NO, NO, 63, /* blank, + and / */
    52,  53,  54,  55,  56,  57,  58,  59,  60, 61, NO, NO, NO, NO, NO, NO, /* 0 to 9 */
    NO,  0,   1,   2,   3,   4,   5,   6,   7,  8,  9,  10, 11, 12, 13, 14, /* A to O */
    15,  16,  17,  18,  19,  20,  21,  22,  23, 24, 25, NO, NO, NO, NO, NO, /* P to Z */
    NO,  26,  27,  28,  29,  30,  31,  32,  33, 34, 35, 36, 37, 38, 39, 40, /* a to o */
    41,  42,  43,  44,  45,  46,  47,  48,  49, 50, 51, NO, NO, NO, NO, NO, /* p to z */
    ROW, ROW, ROW, ROW, ROW, ROW, ROW, ROW,                                 /* not ASCII */
};

static unsigned value_of(char c)
{
    return values[(unsigned char)c];
}

static void put_group(uint8_t *out, uint32_t bits)
{
    out[0] = (uint8_t)(bits >> 16);
    out[1] = (uint8_t)(bits >> 8);
    out[2] = (uint8_t)bits;
}

/* Four digits without white space between them. */
static bool decode_group(uint8_t *out, const char *in)
{
    unsigned a = value_of(in[0]), b = value_of(in[1]), c = value_of(in[2]), d = value_of(in[3]);

    if ((a | b | c | d) >= NO)
        return false;
    put_group(out, a << 18 | b << 12 | c << 6 | d);
    return true;
}

/* Returns how many digits came in such groups. */
static size_t decode_groups(uint8_t *out, const char *in, size_t len)
{
    size_t i = 0;

    for (; len - i >= 4 && decode_group(out, in + i); i += 4)
        out += 3;
    return i;
}

size_t mmd_base64_decode(uint8_t *out, const char *in, size_t len)
{
    size_t digits = 0, padding = 0;
    uint32_t bits = 0;

    for (size_t i = 0; i < len; i++) {
        if (digits % 4 == 0 && padding == 0) {
            size_t n = decode_groups(out + digits / 4 * 3, in + i, len - i);
            digits += n;
            if ((i += n) == len)
                break;
        }
        unsigned value = value_of(in[i]);
        if (value == WS)
            continue;
        if (value == NO ? in[i] != '=' : padding > 0)
            return 0;
        padding += value == NO;
        bits = bits << 6 | (value & 63);
        if (++digits % 4 == 0)
            put_group(out + digits / 4 * 3 - 3, bits);
    }
    return digits % 4 == 0 && padding <= 2 ? digits / 4 * 3 - padding : 0;
}

/* ---- from the beginning, as far as it is wanted ---- */

static bool read_slowly(struct mmd_base64_reader *r)
{
    uint32_t bits = 0;
    unsigned digits = 0;

    while (digits < 4) {
        unsigned value = r->at < r->end ? value_of(*r->at++) : NO;
        if (value == NO)
            return false;
        if (value == WS)
            continue;
        bits = bits << 6 | value;
        digits++;
    }
    put_group(r->group, bits);
    return true;
}

bool mmd_base64_read_group(struct mmd_base64_reader *r)
{
    if (r->end - r->at >= 4 && decode_group(r->group, r->at))
        r->at += 4;
    else if (!read_slowly(r))
        return false;
    r->left = 3;
    return true;
}

#define EACH(byte) (UINT64_MAX / 255 * (byte))

/* How many of eight characters are digits, if the others are white space: what is above it. The
 * highest bit of each byte stays set if the rest is large enough, and takes no other along. */
static unsigned count_digits(const char *in)
{
    uint64_t eight;

    memcpy(&eight, in, sizeof eight);
    uint64_t above = ((eight | EACH(0x80)) - EACH(' ' + 1)) & EACH(0x80);
    return (unsigned)((above >> 7) * EACH(1) >> 56);
}

/* Passes over digits without a look at which. */
static bool skip_groups(struct mmd_base64_reader *r, size_t count)
{
    size_t digits = 4 * count;

    if (count > (size_t)(r->end - r->at) / 4)
        return false;
    for (; digits >= 8 && r->end - r->at >= 8; r->at += 8)
        digits -= count_digits(r->at);
    for (; digits > 0 && r->at < r->end; r->at++)
        digits -= value_of(*r->at) != WS;
    return digits == 0;
}

bool mmd_base64_skip(struct mmd_base64_reader *r, size_t count)
{
    uint8_t byte;

    if (count > r->left) {
        count -= r->left;
        r->left = 0;
        if (!skip_groups(r, count / 3))
            return false;
        count %= 3;
    }
    for (; count > 0; count--)
        if (!mmd_base64_next(r, &byte))
            return false;
    return true;
}

/* ---- encoding ---- */

/* Three bytes become four digits. */
static size_t put(struct mmd_writer *w, const char digits[64], const uint8_t *data, size_t len)
{
    uint32_t bits = 0;
    unsigned count = 0; /* of bits */
    size_t begin = w->len;

    for (size_t i = 0; i < len; i++) {
        bits = bits << 8 | data[i];
        for (count += 8; count >= 6; count -= 6)
            mmd_put(w, &digits[bits >> (count - 6) & 63], 1);
    }
    if (count > 0)
        mmd_put(w, &digits[bits << (6 - count) & 63], 1);
    return w->len - begin;
}

void mmd_put_base64(struct mmd_writer *w, const uint8_t *data, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t put_len = put(w, digits, data, len);

    mmd_put(w, "==", (4 - put_len % 4) % 4);
}

void mmd_put_base64url(struct mmd_writer *w, const uint8_t *data, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    (void)put(w, digits, data, len);
}
