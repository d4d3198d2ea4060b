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

/* The first byte at fault in a host's name, or -1: it is 1-253 of letters, digits, "-._", and its
 * last label is neither empty nor a number, so that it is no address and can be sent as SNI (RFC
 * 6066, 3). */
int mmd_host_fault(const char *s);

/* What a hexadecimal digit says, or -1. */
int mmd_hex_digit(unsigned char c);

#endif
