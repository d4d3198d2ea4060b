/* SPDX-License-Identifier: MIT */
/* The grammar of JSON (RFC 8259), for json.c. Pure. */
#ifndef MMD_JSON_CHECK_H
#define MMD_JSON_CHECK_H

#include <stdbool.h>
#include <stddef.h>

/* Whether a text is one JSON object, or, if it is cut, may be the beginning of one. Not checked are
 * the characters that follow a backslash, which is left to jsmn and mmd_json_unescape, and whether
 * strings are UTF-8. With more than 64 brackets open it counts as none. */
bool mmd_json_check(const char *text, size_t len, bool cut);

/* The same for any value, or none: blanks only. One that is cut is an object or an array. */
bool mmd_json_check_any(const char *text, size_t len, bool cut);

#endif
