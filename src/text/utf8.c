/* UTF-8 well-formedness, by the table of RFC 3629, section 4. */
#include "utf8.h"

size_t mmd_utf8_sequence(const char *s, size_t len)
{
    const unsigned char *bytes = (const unsigned char *)s;
    size_t n = 2;
    unsigned least = 0xC280; /* that the first two bytes may be; less is overlong */

    if (bytes[0] < 0x80)
        return 1;
    if (bytes[0] >= 0xE0) {
        n = 3;
        least = 0xE0A0;
    }
    if (bytes[0] >= 0xF0) {
        n = 4;
        least = 0xF090;
    }
    if (n > len)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
    unsigned two = (unsigned)bytes[0] << 8 | bytes[1];
    return two >= least && two <= 0xF48F && two >> 5 != 0xEDA0 >> 5 ? n : 0; /* or a surrogate */
}
