/* SPDX-License-Identifier: MIT */
/* Version 4 GUIDs (RFC 9562, 5.4). */
#include "mmdclose/guid.h"

#include <stddef.h>

void mmd_guid(char out[MMD_GUID_LEN + 1], const uint8_t random[16])
{
    static const char hex[] = "0123456789abcdef";
    size_t at = 0;

    for (size_t i = 0; i < 16; i++) {
        unsigned byte = random[i];
        if (i == 6)
            byte = (byte & 0x0F) | 0x40; /* the version */
        if (i == 8)
            byte = (byte & 0x3F) | 0x80; /* the variant */
        if (i == 4 || i == 6 || i == 8 || i == 10)
            out[at++] = '-';
        out[at++] = hex[byte >> 4];
        out[at++] = hex[byte & 15];
    }
    out[at] = '\0';
}
