/* SPDX-License-Identifier: MIT */
/* The grammar of JSON (RFC 8259), for json.c. Pure. */
#ifndef MMD_JSON_CHECK_H
#define MMD_JSON_CHECK_H

#include <stdbool.h>
#include <stddef.h>

/* Whether a text is one JSON object, or, if it is cut, may be the beginning of one. Three things
 * are not checked: which characters may follow a backslash, which is left to jsmn and
 * mmd_json_unescape; whether strings are UTF-8; and all that follows once more brackets are open
 * than json.h's tokens reach. */
bool mmd_json_check(const char *text, size_t len, bool cut);

#endif
