/* Text of others, on its way to a screen. */
#ifndef MMD_PRINTABLE_H
#define MMD_PRINTABLE_H

#include <stdbool.h>
#include <stddef.h>

void make_printable(char *text);                        /* what is no printable UTF-8 becomes "?" */
void cover(char *text, size_t len, const char *secret); /* every piece of it, with asterisks */

#endif
