/* UTF-8 well-formedness, by the table of RFC 3629, section 4. */
#include "utf8.h"

static size_t sequence_length(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xC2)
        return 0;
    if (first < 0xE0)
        return 2;
    if (first < 0xF0)
        return 3;
    return first < 0xF5 ? 4 : 0;
}

size_t mmd_utf8_sequence(const char *s, size_t len)
{
    unsigned char first = (unsigned char)s[0];
    size_t n = sequence_length(first);

    if (n > len)
        return 0;
    for (size_t i = 1; i < n; i++)
        if (((unsigned char)s[i] & 0xC0) != 0x80)
            return 0;
    if (n < 3)
        return n;

    unsigned char second = (unsigned char)s[1];
    if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
        (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F))
        return 0;
    return n;
}
