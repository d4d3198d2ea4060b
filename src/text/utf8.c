/* SPDX-License-Identifier: MIT */
/* UTF-8 well-formedness, by the table of RFC 3629, section 4. */
#include "utf8.h"

size_t mmd_utf8_sequence(const char *s, size_t len)
{
    const unsigned char *bytes = (const unsigned char *)s, first = bytes[0];
    unsigned char low = 0x80, high = 0xBF; /* of the second byte */
    size_t n = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;

    if (first < 0x80)
        return 1;
    if (first < 0xC2 || first > 0xF4 || n > len)
        return 0;
    switch (first) {
    case 0xE0: low = 0xA0; break;  /* less is overlong */
    case 0xED: high = 0x9F; break; /* more is a surrogate */
    case 0xF0: low = 0x90; break;  /* less is overlong */
    case 0xF4: high = 0x8F; break; /* more is above U+10FFFF */
    default: break;
    }
    if (bytes[1] < low || bytes[1] > high)
        return 0;
    for (size_t i = 2; i < n; i++)
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
    return n;
}
