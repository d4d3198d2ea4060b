/* Sets of characters, and how far a text keeps to one. Pure. */
#ifndef MMD_ALPHABET_H
#define MMD_ALPHABET_H

#include <stddef.h>

/* All letters and digits, and what rest holds. Whole words of letters, of from..'9' and of also
 * take an express lane, so these must belong to the set, too. */
struct mmd_alphabet {
    char from, also, rest[16];
};

/* How many bytes from the start of s belong to the alphabet. */
size_t mmd_span(const char *s, size_t len, const struct mmd_alphabet *alphabet);

/* What a hexadecimal digit says, or -1. */
int mmd_hex_digit(unsigned char c);

#endif
