/* SPDX-License-Identifier: MIT */
/* jsmn finds the tokens. It lets much pass that is not JSON, so mmd_json_check reads the text
 * first. */
#define JSMN_STATIC
#include <jsmn.h> /* with its functions: json.h takes only its types */

#include "json.h"

#include <limits.h>
#include <string.h>

#include "charclass.h"
#include "json_check.h"
#include "json_string.h"
#include "utf8.h"

static size_t byte_order_mark(const char *text, size_t len)
{
    return len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

bool mmd_json_is_any(const char *text, size_t len, bool cut)
{
    size_t mark = byte_order_mark(text, len);

    return mmd_json_check_any(text + mark, len - mark, cut);
}

/* Finds the tokens of a text that is checked. jsmn makes none of a string without its end: one that
 * is cut becomes the last. Returns false for a wrong escape. */
static bool tokenize(struct mmd_json *json)
{
    jsmn_parser parser;

    jsmn_init(&parser);
    if (jsmn_parse(&parser, json->text, json->len, json->tokens, MMD_JSON_TOKENS) ==
        JSMN_ERROR_INVAL)
        return false;
    json->count = parser.toknext;
    if (json->count < MMD_JSON_TOKENS && parser.pos < json->len && json->text[parser.pos] == '"')
        json->tokens[json->count++] =
            (jsmntok_t){JSMN_STRING, (int)parser.pos + 1, (int)json->len, 0};
    return json->count > 0;
}

bool mmd_json_parse(struct mmd_json *json, char *text, size_t len, bool cut)
{
    json->count = 0;
    if (len == 0) /* of none, text may be NULL */
        return false;
    size_t mark = byte_order_mark(text, len);
    json->text = text + mark;
    json->len = len - mark;
    return len <= INT_MAX && mmd_json_check(json->text, json->len, cut) && tokenize(json);
}

/* The first token after a value and all that is in it. The end of one that is cut is -1. */
static const jsmntok_t *skip(const struct mmd_json *json, const jsmntok_t *value)
{
    const jsmntok_t *t = value + 1, *end = json->tokens + json->count;

    while (t < end && (value->end < 0 || t->start < value->end))
        t++;
    return t;
}

static bool is_named(const struct mmd_json *json, const jsmntok_t *key, const char *name)
{
    return key->type == JSMN_STRING &&
           mmd_json_equals(json->text + key->start, (size_t)(key->end - key->start), name);
}

const jsmntok_t *mmd_json_member(const struct mmd_json *json, const jsmntok_t *object,
                                 const char *name)
{
    const jsmntok_t *found = NULL;

    if (!mmd_json_is_object(object))
        return NULL;
    const jsmntok_t *end = skip(json, object);
    for (const jsmntok_t *key = object + 1; key < end && key + 1 < end; key = skip(json, key + 1))
        if (is_named(json, key, name))
            found = key + 1;
    return found;
}

const jsmntok_t *mmd_json_element(const struct mmd_json *json, const jsmntok_t *array, size_t index)
{
    if (array == NULL || array->type != JSMN_ARRAY)
        return NULL;
    const jsmntok_t *end = skip(json, array), *element = array + 1;
    for (; index > 0 && element < end; index--)
        element = skip(json, element);
    return element < end ? element : NULL;
}

bool mmd_json_is_object(const jsmntok_t *value)
{
    return value != NULL && value->type == JSMN_OBJECT;
}

bool mmd_json_is_string(const jsmntok_t *value)
{
    return value != NULL && value->type == JSMN_STRING;
}

bool mmd_json_is_cut(const struct mmd_json *json, const jsmntok_t *value)
{
    return mmd_json_is_string(value) && (size_t)value->end == json->len;
}

/* Whether a number, true, false or null is a whole number. One that ends where the text does may
 * lack digits. */
static bool is_whole_number(const struct mmd_json *json, const jsmntok_t *value)
{
    const char *s = json->text + value->start;
    size_t len = (size_t)(value->end - value->start), sign = *s == '-';

    return (size_t)value->end < json->len &&
           mmd_span(s + sign, len - sign, MMD_CHAR_DIGIT) == len - sign;
}

/* The length without what a cut has left of the last character: the first bytes of its UTF-8, or
 * U+FFFD for half of a surrogate pair. */
static size_t without_half_character(const char *s, size_t len)
{
    size_t n = 1;

    while (n < 4 && n < len && ((unsigned char)s[len - n] & 0xC0) == 0x80)
        n++;
    if (len < n || (unsigned char)s[len - n] < 0x80)
        return len;
    bool whole = mmd_utf8_sequence(s + len - n, n) == n;
    return whole && memcmp(s + len - n, "\xEF\xBF\xBD", n) != 0 ? len : len - n;
}

char *mmd_json_text(const struct mmd_json *json, const jsmntok_t *value)
{
    bool cut = mmd_json_is_cut(json, value);

    if (value == NULL || (value->type != JSMN_STRING &&
                          (value->type != JSMN_PRIMITIVE || !is_whole_number(json, value))))
        return (char *)"";
    char *s = json->text + value->start;
    size_t len = (size_t)(value->end - value->start);
    if (cut &&
        len-- == 0) /* the NUL takes the place of what follows: here, of the last character */
        return (char *)"";
    mmd_json_unescape(s, len, &len);
    if (cut)
        len = without_half_character(s, len);
    s[len] = '\0';
    return s;
}
