/* SPDX-License-Identifier: MIT */
/* Base64. Mbed TLS decodes it too, but in constant time, for keys: a system's bundle of
 * certificates then costs twice what the TLS handshake does. */
#include "base64.h"

#define NONE 64

static unsigned sextet(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (unsigned)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (unsigned)(c - 'a') + 26;
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0') + 52;
    return c == '+' ? 62 : c == '/' ? 63 : NONE;
}

size_t mmd_base64_decode(uint8_t *out, const char *in, size_t len)
{
    size_t digits = 0, padding = 0, written = 0;
    uint32_t bits = 0;

    for (size_t i = 0; i < len; i++) {
        unsigned value = sextet(in[i]);
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
