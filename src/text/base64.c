/* SPDX-License-Identifier: MIT */
/* Decoding base64. Mbed TLS has this too, but in constant time, for keys: a system's bundle of
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
