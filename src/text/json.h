/* SPDX-License-Identifier: MIT */
/* JSON text (RFC 8259) that a peer sent: checked, then looked up by name. Pure; allocates nothing;
 * no recursion. */
#ifndef MMD_JSON_H
#define MMD_JSON_H

#include <stdbool.h>
#include <stddef.h>

#define JSMN_HEADER
#include <jsmn.h>

#ifndef MMD_JSON_TOKENS
#define MMD_JSON_TOKENS 20 /* names and values; what comes after them is not found */
#endif

struct mmd_json {
    char *text; /* the caller's; has to outlive this */
    size_t len;
    size_t count; /* of the tokens; the first is the whole object */
    jsmntok_t tokens[MMD_JSON_TOKENS];
};

/* Reads a text that is an object; a byte order mark before it is skipped. cut: the text is only the
 * first part of what was sent, and may end anywhere. Returns whether it is JSON. */
bool mmd_json_parse(struct mmd_json *json, char *text, size_t len, bool cut);

/* The value of an object's member, or NULL: no such member, or object is NULL or not an object. A
 * path of names is looked up by one call for each. Of members of the same name the last counts.
 * Names are compared with their escapes resolved (RFC 8259, 8.3). */
const jsmntok_t *mmd_json_member(const struct mmd_json *json, const jsmntok_t *object,
                                 const char *name);

/* An array's element, from 0 on, or NULL: no such element, or array is NULL or not an array. */
const jsmntok_t *mmd_json_element(const struct mmd_json *json, const jsmntok_t *array,
                                  size_t index);

bool mmd_json_is_object(const jsmntok_t *value); /* NULL is none */
bool mmd_json_is_string(const jsmntok_t *value);

/* Whether the text ends within this value, a string. */
bool mmd_json_is_cut(const struct mmd_json *json, const jsmntok_t *value);

/* The text of a string, or of a whole number as it is written; "" for NULL and all other values. It
 * is unescaped in place and NUL-terminated: U+0000 and half of a surrogate pair become U+FFFD;
 * any other control character may be in it, and bytes that are not UTF-8. Of a string that is cut
 * it is the beginning. Ask once for each value; others can still be looked up after that. */
char *mmd_json_text(const struct mmd_json *json, const jsmntok_t *value);

/* Whether a text is JSON of any kind, or blank; if it is cut, may be the beginning of an object or
 * an array. */
bool mmd_json_is_any(const char *text, size_t len, bool cut);

#endif
