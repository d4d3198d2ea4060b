/* SPDX-License-Identifier: MIT */
/* The inside of JSON strings (RFC 8259, section 7), in both directions. Pure. */
#ifndef MMD_JSON_STRING_H
#define MMD_JSON_STRING_H

#include <stdbool.h>
#include <stddef.h>

#include "writer.h"

/* Puts UTF-8 text as the inside of a JSON string. Returns len, or the offset of the first byte that
 * is not well-formed UTF-8. */
size_t mmd_put_json(struct mmd_writer *w, const char *text, size_t len);

/* Resolves the escapes of a string's inside in place; the result is never longer. U+0000 and lone
 * surrogates become U+FFFD; bytes that are not UTF-8 stay. Stops at what is not a character of a
 * JSON string: a control character, a quote, a malformed or incomplete escape. Sets *out_len to the
 * bytes now at s and returns how many of the len were resolved. */
size_t mmd_json_unescape(char *s, size_t len, size_t *out_len);

/* Whether a string's inside, its escapes resolved, is the text (RFC 8259, 8.3). */
bool mmd_json_equals(const char *s, size_t len, const char *text);

#endif
