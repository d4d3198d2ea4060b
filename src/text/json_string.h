/* JSON strings of a peer's (RFC 8259, section 7). Pure. */
#ifndef MMD_JSON_STRING_H
#define MMD_JSON_STRING_H

#include <stddef.h>

/* Resolves the escapes of a string's inside in place; the result is never longer. U+0000 and lone
 * surrogates become U+FFFD. Stops at what is not a character of a JSON string: a control character,
 * malformed UTF-8, a malformed or incomplete escape. Sets *out_len to the bytes now at s and
 * returns how many of the len were resolved. */
size_t mmd_json_unescape(char *s, size_t len, size_t *out_len);

#endif
