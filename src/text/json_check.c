/* SPDX-License-Identifier: MIT */
/* Each part of the grammar is a function that goes on from s and returns where that part ends, or
 * NULL if it is wrong. Where the text ends too early, all of them return its end. */
#include "json_check.h"

#include <stdint.h>

#include "charclass.h"

static const char *skip_space(const char *s, const char *end)
{
    return s + mmd_span(s, (size_t)(end - s), MMD_CHAR_BLANK);
}

/* What follows the opening quote. Bytes that are not UTF-8 pass: some servers send them, and they
 * are replaced where they are shown. */
static const char *check_string(const char *s, const char *end)
{
    while ((s += mmd_span(s, (size_t)(end - s), MMD_CHAR_PLAIN)) < end) {
        if (*s == '"')
            return s + 1;
        if ((unsigned char)*s < 0x20)
            return NULL;
        s += *s == '\\' && end - s > 1 ? 2 : 1;
    }
    return end;
}

static bool is_at(const char *s, const char *end, char c)
{
    return s < end && *s == c;
}

static const char *check_digits(const char *s, const char *end)
{
    size_t n = mmd_span(s, (size_t)(end - s), MMD_CHAR_DIGIT);

    return n > 0 || s == end ? s + n : NULL;
}

static const char *check_number(const char *s, const char *end)
{
    if (is_at(s, end, '-'))
        s++;
    s = is_at(s, end, '0') ? s + 1 : check_digits(s, end);
    if (s != NULL && is_at(s, end, '.'))
        s = check_digits(s + 1, end);
    if (s != NULL && (is_at(s, end, 'e') || is_at(s, end, 'E'))) {
        s++;
        s = check_digits(is_at(s, end, '+') || is_at(s, end, '-') ? s + 1 : s, end);
    }
    return s;
}

static const char *check_word(const char *s, const char *end, const char *word)
{
    for (; s < end && *word != '\0'; s++, word++)
        if (*s != *word)
            return NULL;
    return s;
}

/* A value that is neither an object nor an array. */
static const char *check_scalar(const char *s, const char *end)
{
    switch (*s) {
    case '"': return check_string(s + 1, end);
    case 't': return check_word(s, end, "true");
    case 'f': return check_word(s, end, "false");
    case 'n': return check_word(s, end, "null");
    default: return check_number(s, end);
    }
}

/* A member's name, and the colon. */
static const char *check_name(const char *s, const char *end)
{
    s = skip_space(s, end);
    if (s == end)
        return end;
    if (*s != '"' || (s = check_string(s + 1, end)) == NULL)
        return NULL;
    s = skip_space(s, end);
    if (s == end)
        return end;
    return *s == ':' ? s + 1 : NULL;
}

/* The brackets that are open. */
struct nest {
    uint64_t objects; /* a bit for each, the lowest for the innermost: is it an object's? */
    unsigned depth;
};
#define NEST_MAX 64 /* a bit for each bracket; what is nested deeper counts as no JSON */

static bool is_in_object(const struct nest *nest)
{
    return (nest->objects & 1) != 0;
}

static bool is_closing(char c, const struct nest *nest)
{
    return c == (is_in_object(nest) ? '}' : ']');
}

/* From after a bracket or a comma to where the next value begins. */
static const char *check_before(const char *s, const char *end, const struct nest *nest)
{
    if (is_in_object(nest) && (s = check_name(s, end)) == NULL)
        return NULL;
    return skip_space(s, end);
}

/* From after a value to where the next one begins; after the outermost bracket there is none. */
static const char *check_after(const char *s, const char *end, struct nest *nest)
{
    s = skip_space(s, end);
    while (s < end && is_closing(*s, nest)) {
        nest->objects >>= 1;
        nest->depth--;
        s = skip_space(s + 1, end);
        if (nest->depth == 0)
            return s == end ? end : NULL;
    }
    if (s == end)
        return end;
    return *s == ',' ? check_before(s + 1, end, nest) : NULL;
}

/* From where a value begins to where the next one does: the first in it, or one that follows. */
static const char *check_value(const char *s, const char *end, struct nest *nest)
{
    if (*s != '{' && *s != '[') {
        s = check_scalar(s, end);
        return s != NULL ? check_after(s, end, nest) : NULL;
    }
    nest->objects = nest->objects << 1 | (*s == '{');
    if (++nest->depth > NEST_MAX)
        return NULL;
    s = skip_space(s + 1, end);
    return s < end && is_closing(*s, nest) ? check_after(s, end, nest) : check_before(s, end, nest);
}

/* From an opening bracket to the end of the text. */
static bool check_nested(const char *s, const char *end, bool cut)
{
    struct nest nest = {0, 0};

    while (s != NULL && s < end)
        s = check_value(s, end, &nest);
    return s != NULL && (cut || nest.depth == 0);
}

bool mmd_json_check(const char *text, size_t len, bool cut)
{
    const char *end = text + len, *s = skip_space(text, end);

    if (s == end)
        return cut;
    return *s == '{' && check_nested(s, end, cut);
}

/* Whether a string's quotes are the first and the last of its bytes. */
static bool is_string(const char *s, const char *end)
{
    for (s++; s < end && *s != '"'; s++)
        if ((unsigned char)*s < 0x20 || (*s == '\\' && ++s == end))
            return false;
    return end - s == 1;
}

bool mmd_json_check_any(const char *text, size_t len, bool cut)
{
    const char *end = text + len, *s = skip_space(text, end);

    while (end > s && mmd_is_char(end[-1], MMD_CHAR_BLANK))
        end--;
    if (s < end && (*s == '{' || *s == '['))
        return check_nested(s, end, cut);
    if (cut || s == end)
        return !cut;
    switch (*s) {
    case '"': return is_string(s, end);
    case 't':
    case 'n': return end - s == 4 && check_scalar(s, end) == end;
    case 'f': return end - s == 5 && check_scalar(s, end) == end;
    default: return mmd_is_char(end[-1], MMD_CHAR_DIGIT) && check_number(s, end) == end;
    }
}
