/* The error object. jsmn finds the tokens; since it lets much pass that is not JSON, is_json checks
 * them, and what stands between them, before anything is believed. */
#include "mmdclose/error_object.h"

#include <limits.h>
#include <string.h>

#define JSMN_STATIC
#define JSMN_STRICT
#include <jsmn.h>

#include "json_string.h"
#include "utf8.h"

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

static bool is_container(const jsmntok_t *t)
{
    return t->type == JSMN_OBJECT || t->type == JSMN_ARRAY;
}

/* The object or array that a token lies in, or -1. */
static int parent_of(const struct json *j, int token)
{
    int at = j->tokens[token].start;

    do
        token--;
    while (token >= 0 && !(is_container(&j->tokens[token]) && end_of(&j->tokens[token]) > at));
    return token;
}

/* The innermost object or array that is open behind a token, or that begins with it; or -1. */
static int open_behind(const struct json *j, int token)
{
    return token >= 0 && !is_container(&j->tokens[token]) ? parent_of(j, token) : token;
}

/* Goes over the ends of objects and arrays, from the innermost that is open up to one that stays so
 * (or -1: all). Returns where the last of them ends, or -1 if there is more than white space. */
static int close_up_to(const struct json *j, int from, int open, int stays)
{
    for (; from >= 0 && open != stays; open = parent_of(j, open)) {
        int end = j->tokens[open].end;
        from = end >= 0 && is_gap(j, from, end - 1, '\0') ? end : -1;
    }
    return from;
}

static size_t digits(const char *s, size_t len)
{
    size_t n = 0;

    while (n < len && s[n] >= '0' && s[n] <= '9')
        n++;
    return n;
}

/* The length of the whole number (RFC 8259, 6: int) that s begins with, or 0. */
static size_t whole_number(const char *s, size_t len)
{
    size_t sign = len > 0 && s[0] == '-', n = digits(s + sign, len - sign);

    return n == 0 || (n > 1 && s[sign] == '0') ? 0 : sign + n;
}

static bool is_primitive(const char *s, size_t len)
{
    if (len == 4 && (memcmp(s, "true", 4) == 0 || memcmp(s, "null", 4) == 0))
        return true;
    if (len == 5 && memcmp(s, "false", 5) == 0)
        return true;
    size_t at = whole_number(s, len), n = at;
    if (n > 0 && at < len && s[at] == '.') {
        n = digits(s + at + 1, len - at - 1);
        at += 1 + n;
    }
    if (n > 0 && at < len && (s[at] | 0x20) == 'e') {
        at++;
        at += at < len && (s[at] == '+' || s[at] == '-');
        n = digits(s + at, len - at);
        at += n;
    }
    return n > 0 && at == len;
}

static bool is_string(const char *s, size_t len)
{
    for (size_t at = 0, n; at < len; at += n) {
        n = (unsigned char)s[at] < 0x20 ? 0 : mmd_utf8_sequence(s + at, len - at);
        if (n == 0)
            return false;
    }
    return true;
}

/* Whether a token is right in itself, and what its number of children must be. A key at the end of
 * what was kept may lack its value, and the last string its end. */
static bool is_sound(const struct json *j, int token, bool is_key)
{
    const jsmntok_t *t = &j->tokens[token];
    const char *s = j->text + t->start;
    size_t len = (size_t)(t->end - t->start);
    bool is_last = token + 1 == j->count;

    if (is_key && (t->type != JSMN_STRING || (t->size != 1 && !is_last)))
        return false;
    if (t->type == JSMN_PRIMITIVE)
        return is_primitive(s, len);
    return t->type != JSMN_STRING ||
           ((is_key || t->size == 0) && (t->end == j->len || is_string(s, len)));
}

/* Whether the tokens and what stands between them are JSON. */
static bool is_json(const struct json *j)
{
    const jsmntok_t *t = j->tokens;
    bool after_key = false;
    int from = 0;

    for (int i = 0; i < j->count; i++) {
        int in = parent_of(j, i), open = open_behind(j, i - 1);
        if (after_key && open != in)
            return false;
        from = close_up_to(j, from, open, in);
        bool is_key = in >= 0 && t[in].type == JSMN_OBJECT && !after_key;
        char mark = ',';
        if (after_key)
            mark = ':';
        else if (in == i - 1)
            mark = '\0';
        if (from < 0 || (in < 0 && i > 0) || !is_sound(j, i, is_key) ||
            !is_gap(j, from, begin_of(&t[i]), mark))
            return false;
        from = is_container(&t[i]) ? t[i].start + 1 : end_of(&t[i]);
        after_key = is_key;
    }
    if (t[0].end < 0)
        return true; /* as far as it goes */
    from = close_up_to(j, from, open_behind(j, j->count - 1), -1);
    return from >= 0 && !after_key && is_gap(j, from, j->len, '\0');
}

/* The token behind a value and all that is in it. */
static int behind(const struct json *j, int value)
{
    int end = end_of(&j->tokens[value]), next = value + 1;

    while (next < j->count && j->tokens[next].start < end)
        next++;
    return next;
}

/* The token of an object's member of that name, the last if there are several; 0 if there is none,
 * or if this is no object. */
static int find(const struct json *j, int object, const char *name)
{
    const jsmntok_t *t = j->tokens;
    size_t len = strlen(name);
    int found = 0;

    if (t[object].type != JSMN_OBJECT)
        return 0;
    for (int key = object + 1; key + 1 < j->count && t[key].start < end_of(&t[object]);
         key = behind(j, key + 1))
        if ((size_t)(t[key].end - t[key].start) == len &&
            memcmp(j->text + t[key].start, name, len) == 0)
            found = key + 1;
    return found;
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
    if (t->type == JSMN_PRIMITIVE && whole_number(s, len) == len) {
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
    if (j->count == 0 || result == JSMN_ERROR_INVAL || (result == JSMN_ERROR_PART && !j->cut))
        return false;
    if (result == JSMN_ERROR_PART && (int)parser.pos < j->len && j->text[parser.pos] == '"' &&
        j->count < TOKENS && parser.toksuper >= 0) {
        j->tokens[j->count++] = (jsmntok_t){JSMN_STRING, (int)parser.pos + 1, j->len, 0};
        j->tokens[parser.toksuper].size++;
    }
    return is_json(j);
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
