/* Text of others, on its way to a screen. */
#ifndef MMD_PRINTABLE_H
#define MMD_PRINTABLE_H

#include <stdbool.h>
#include <stddef.h>

/* Makes "?" of what is no printable UTF-8. */
void make_printable(char *text);

/* Covers with asterisks, so that no 16 bytes in a row of the secret, which holds no asterisk, are
 * left. */
void cover(char *text, size_t len, const char *secret);

#endif
