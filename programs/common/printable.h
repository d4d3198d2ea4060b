/* SPDX-License-Identifier: MIT */
/* Text that a server chose, made fit to be printed. */
#ifndef MMD_PRINTABLE_H
#define MMD_PRINTABLE_H

#include <stddef.h>

/* Replaces each control character, and each byte that is not UTF-8, by "?", in place. */
void make_printable(char *text);

/* Covers with asterisks, in place, every piece of the secret that has at least 16 bytes; all of a
 * shorter secret. The secret has no asterisk in it. text has len bytes; secret ends with a NUL. */
void cover(char *text, size_t len, const char *secret);

#endif
