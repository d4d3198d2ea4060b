/* SPDX-License-Identifier: MIT */
/* UTF-8 (RFC 3629): the one check that both directions need. Pure. */
#ifndef MMD_UTF8_H
#define MMD_UTF8_H

#include <stddef.h>

/* The length, 1-4, of the well-formed sequence that s begins with, or 0: overlong, a surrogate,
 * above U+10FFFF, cut at len (at least 1), or not a first byte. */
size_t mmd_utf8_sequence(const char *s, size_t len);

#endif
