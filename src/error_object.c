/* The error object. jsmn finds the tokens; since it lets much pass that is not JSON, the walk over
 * them checks what stands between: each member is a string, a colon and one value. */
#include "mmdclose/error_object.h"

#include <limits.h>
#include <string.h>

#define JSMN_STATIC
#define JSMN_STRICT
#include <jsmn.h>

#include "json_string.h"

#define TOKENS 24

struct json {
    char *text;
    int len;
    bool cut;
    int count; /* of tokens */
    jsmntok_t tokens[TOKENS];
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Whether text from..to is white space around one mark, or white space alone if mark is 0. */
static bool is_gap(const struct json *j, int from, int to, char mark)
{
    for (; from < to; from++) {
        char c = j->text[from];
        if (c == mark && mark != '\0')
            mark = '\0';
        else if (!is_space(c))
            return false;
    }
    return mark == '\0';
}

/* Where a token begins and ends with its quotes; an unclosed one ends behind everything. */
static int begin_of(const jsmntok_t *t)
{
    return t->type == JSMN_STRING ? t->start - 1 : t->start;
}

static int end_of(const jsmntok_t *t)
{
    if (t->end < 0)
        return INT_MAX;
    return t->type == JSMN_STRING ? t->end + 1 : t->end;
}

/* The token behind a value and all that is in it. */
static int behind(const struct json *j, int value)
{
    int end = end_of(&j->tokens[value]), next = value + 1;

    while (next < j->count && j->tokens[next].start < end)
        next++;
    return next;
}

/* Goes to an object's next member: *key is the token to look at, *from where the last one ended.
 * Returns the token of its value, 0 at the end, or -1 if this is no member. */
static int next_member(const struct json *j, int object, int *key, int *from)
{
    const jsmntok_t *t = j->tokens, *o = &t[object];
    bool first = *key == object + 1;

    if (*key >= j->count || t[*key].start >= end_of(o))
        return o->end < 0 || is_gap(j, *from, o->end - 1, '\0') ? 0 : -1;
    if (t[*key].type != JSMN_STRING || !is_gap(j, *from, begin_of(&t[*key]), first ? '\0' : ','))
        return -1;

    int value = *key + 1;
    if (value == j->count && (j->cut || j->count == TOKENS))
        return 0; /* its value is beyond what was kept */
    if (t[*key].size != 1 || !is_gap(j, end_of(&t[*key]), begin_of(&t[value]), ':'))
        return -1;
    *from = end_of(&t[value]);
    *key = behind(j, value);
    return value;
}

static bool has_name(const struct json *j, int value, const char *name)
{
    const jsmntok_t *key = &j->tokens[value - 1];
    size_t len = (size_t)(key->end - key->start);

    return len == strlen(name) && memcmp(j->text + key->start, name, len) == 0;
}

/* The token of an object's member of that name, the last if there are several; 0 if there is none,
 * or if the value is no object, or is one with anything wrong in it. */
static int find(const struct json *j, int object, const char *name)
{
    int key = object + 1, from = j->tokens[object].start + 1, found = 0, value;

    if (j->tokens[object].type != JSMN_OBJECT)
        return 0;
    while ((value = next_member(j, object, &key, &from)) > 0)
        if (has_name(j, value, name))
            found = value;
    return value < 0 ? 0 : found;
}

/* Whether a token is a whole number (RFC 8259, 6). */
static bool is_number(const char *s, size_t len)
{
    size_t at = len > 0 && s[0] == '-';

    if (len - at > 1 && s[at] == '0')
        return false;
    for (size_t i = at; i < len; i++)
        if (s[i] < '0' || s[i] > '9')
            return false;
    return len > at;
}

/* Makes C text of a string or a whole number, in place: what stands behind it, the quote at least,
 * gives way to the NUL. The last character of a string that was cut does, too. */
static const char *text_of(struct json *j, int value, bool *cut)
{
    const jsmntok_t *t = &j->tokens[value];
    char *s = j->text + t->start;
    size_t len = (size_t)(t->end - t->start), resolved;

    *cut = false;
    if (value == 0)
        return "";
    if (t->type == JSMN_PRIMITIVE && is_number(s, len)) {
        s[len] = '\0';
        return s;
    }
    if (t->type != JSMN_STRING)
        return "";
    *cut = t->end == j->len;
    if (*cut && len == 0)
        return "";
    if (mmd_json_unescape(s, *cut ? len - 1 : len, &resolved) != len && !*cut)
        return "";
    if (*cut && resolved >= 3 && memcmp(s + resolved - 3, "\xEF\xBF\xBD", 3) == 0)
        resolved -= 3; /* half of a surrogate pair */
    s[resolved] = '\0';
    return s;
}

/* Finds the tokens. A string that the end of the body cuts becomes the last of them. */
static bool tokenize(struct json *j)
{
    jsmn_parser parser;

    jsmn_init(&parser);
    int result = jsmn_parse(&parser, j->text, (size_t)j->len, j->tokens, TOKENS);
    j->count = (int)parser.toknext;
    if (j->count == 0 || result == JSMN_ERROR_INVAL || (result == JSMN_ERROR_PART && !j->cut) ||
        !is_gap(j, 0, begin_of(&j->tokens[0]), '\0'))
        return false;
    if (j->tokens[0].end >= 0)
        return is_gap(j, end_of(&j->tokens[0]), j->len, '\0');
    if (result == JSMN_ERROR_PART && (int)parser.pos < j->len && j->text[parser.pos] == '"' &&
        j->count < TOKENS) {
        j->tokens[j->count++] = (jsmntok_t){JSMN_STRING, (int)parser.pos + 1, j->len, 0};
        j->tokens[parser.toksuper].size++;
    }
    return true;
}

static size_t without_mark(const char *body, size_t len)
{
    return len >= 3 && memcmp(body, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

void mmd_error_object_read(struct mmd_error_object *out, char *body, size_t len, bool cut)
{
    size_t mark = without_mark(body, len);
    struct json j = {.text = body + mark, .len = (int)(len - mark), .cut = cut};
    bool code_cut;

    *out = (struct mmd_error_object){"", "", false};
    if (len > INT_MAX || !tokenize(&j))
        return;
    int code = find(&j, 0, "error"), message = find(&j, 0, "error_description");
    if (code > 0 && j.tokens[code].type == JSMN_OBJECT) {
        message = find(&j, code, "message");
        if (message > 0 && j.tokens[message].type == JSMN_OBJECT)
            message = find(&j, message, "value");
        code = find(&j, code, "code");
    }
    out->code = text_of(&j, code, &code_cut);
    out->message = text_of(&j, message, &out->message_cut);
}

bool mmd_looks_like_json(const char *body, size_t len)
{
    size_t at = without_mark(body, len);

    while (at < len && is_space(body[at]))
        at++;
    return at < len && (body[at] == '{' || body[at] == '[');
}
