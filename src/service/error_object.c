/* The error object. jsmn finds the tokens; since it lets much pass that is not JSON, is_json goes
 * over the text first. What jsmn refuses itself, wrong escapes and unequal brackets, is left to it.
 */
#include "service/error_object.h"

#include <limits.h>
#include <string.h>

#define JSMN_STATIC
#include <jsmn.h>

#include "text/charclass.h"
#include "text/json_string.h"
#include "text/utf8.h"

#define TOKENS 20 /* fewer than the bits of an unsigned: see is_json */

struct json {
    char *text;
    size_t len;
    const jsmntok_t *end;
    jsmntok_t tokens[TOKENS];
};

/* ---- the grammar (RFC 8259) ---- */

#define TO(state) offsetof(struct grammar, state)
#define WRONG     0
#define DONE      1

/* For each state, which characters lead to which; ' ' is all white space, '1' all digits but 0. At
 * the end of a state's list, what to think of all others: WRONG; or the value is DONE; or, if there
 * is neither, the next list counts, too. */
struct grammar {
    char start[5], array[4], value[21], object[4], name[5], colon[5], after[9], end[3];
    char minus[5], whole[4], zero[7], point[5], fraction[9], e[4], sign[5], exponent[5];
    char t[3], tr[3], fals[3], f[3], fa[3], fal[3], n[3], nu[3], nul[3];
};

static const struct grammar grammar = {
    .start = {' ', TO(start), '{', TO(object), WRONG},
    .array = {' ', TO(array), ']', TO(after)},
    .value = {' ',       TO(value), '"',       TO(after), '{',      TO(object), '[',
              TO(array), '-',       TO(minus), '0',       TO(zero), '1',        TO(whole),
              't',       TO(t),     'f',       TO(f),     'n',      TO(n),      WRONG},
    .object = {' ', TO(object), '}', TO(after)},
    .name = {' ', TO(name), '"', TO(colon), WRONG},
    .colon = {' ', TO(colon), ':', TO(value), WRONG},
    .after = {' ', TO(after), ',', TO(value), '}', TO(after), ']', TO(after), WRONG},
    .end = {' ', TO(end), WRONG},
    .minus = {'0', TO(zero), '1', TO(whole), WRONG},
    .whole = {'0', TO(whole), '1', TO(whole)},
    .zero = {'.', TO(point), 'e', TO(e), 'E', TO(e), DONE},
    .point = {'0', TO(fraction), '1', TO(fraction), WRONG},
    .fraction = {'0', TO(fraction), '1', TO(fraction), 'e', TO(e), 'E', TO(e), DONE},
    .e = {'+', TO(sign), '-', TO(sign)},
    .sign = {'0', TO(exponent), '1', TO(exponent), WRONG},
    .exponent = {'0', TO(exponent), '1', TO(exponent), DONE},
    .t = {'r', TO(tr), WRONG},
    .tr = {'u', TO(fals), WRONG},
    .f = {'a', TO(fa), WRONG},
    .fa = {'l', TO(fal), WRONG},
    .fal = {'s', TO(fals), WRONG},
    .fals = {'e', TO(after), WRONG},
    .n = {'u', TO(nu), WRONG},
    .nu = {'l', TO(nul), WRONG},
    .nul = {'l', TO(after), WRONG},
};

static char kind_of(char c)
{
    if (c >= '1' && c <= '9')
        return '1';
    if (c == '\t' || c == '\r' || c == '\n')
        return ' ';
    return c;
}

/* Where a string ends, behind its quote or where it is cut; NULL if it is wrong. */
static const char *behind_string(const char *s, const char *end)
{
    for (size_t n; s < end; s += n) {
        unsigned char c = (unsigned char)*s;
        n = 1;
        if (c == '"')
            return s + 1;
        if (c < 0x20)
            return NULL;
        if (c == '\\' && end - s > 1)
            n = 2;
        else if (c >= 0x80 && (n = mmd_utf8_sequence(s, (size_t)(end - s))) == 0)
            return end - s < 4 && (end[-1] & 0x80) != 0 ? end : NULL; /* cut, or wrong */
    }
    return s;
}

/* Whether the text is JSON; of what is nested deeper than the tokens reach, nothing is said. */
static bool is_json(const char *s, const char *end, bool cut)
{
    size_t state = TO(start);
    unsigned open = 1; /* a 1 and, for each open bracket, a bit: an object's? */

    while (s < end) {
        const char *rule = (const char *)&grammar + state;
        char c = kind_of(*s);
        while (*rule > DONE && *rule != c)
            rule += 2;
        if (*rule == WRONG)
            return false;
        state = TO(after);
        if (*rule != DONE) {
            state = (unsigned char)rule[1];
            s++;
            if (c == '"' && (s = behind_string(s, end)) == NULL)
                return false;
            if ((c | 0x20) == '{')
                open = open << 1 | (c == '{');
            if ((c | 0x20) == '}')
                open >>= 1;
            if (c == ',' && (open & 1) != 0)
                state = TO(name);
            if (open >> TOKENS > 1)
                return true;
        }
        if (state == TO(after) && open == 1)
            state = TO(end);
    }
    return cut || state == TO(end);
}

/* ---- the tokens ---- */

/* Finds them. A string that the end of the body cuts becomes the last. */
static bool tokenize(struct json *j, char *text, size_t len)
{
    jsmn_parser parser;

    j->text = text;
    j->len = len;
    jsmn_init(&parser);
    if (jsmn_parse(&parser, text, len, j->tokens, TOKENS) == JSMN_ERROR_INVAL)
        return false;
    if (parser.toknext < TOKENS && parser.pos < len && text[parser.pos] == '"')
        j->tokens[parser.toknext++] = (jsmntok_t){JSMN_STRING, (int)parser.pos + 1, (int)len, 0};
    j->end = j->tokens + parser.toknext;
    return parser.toknext > 0;
}

/* Whether a token begins within another, which may be open: its end then is -1. */
static bool is_in(const jsmntok_t *t, const jsmntok_t *outer)
{
    return (unsigned)t->start < (unsigned)outer->end;
}

/* Follows names down from the first token, as long as that leads to an object. Of members of the
 * same name the last counts; where there is none, it stays at the object. */
static const jsmntok_t *find(const struct json *j, const char *path)
{
    const jsmntok_t *t = j->tokens, *object = NULL;

    while (t != object && t->type == JSMN_OBJECT && *path != '\0') {
        const jsmntok_t *key = t + 1;
        size_t len = strlen(path);
        object = t;
        while (key + 1 < j->end && is_in(key, object)) {
            const jsmntok_t *value = key + 1;
            if ((size_t)(key->end - key->start) == len &&
                memcmp(j->text + key->start, path, len) == 0)
                t = value;
            for (key = value + 1; key < j->end && is_in(key, value);)
                key++;
        }
        path += len + 1;
    }
    return t;
}

/* Whether a number is whole, and no word. */
static bool is_whole(const char *s, size_t len)
{
    while (len > 0 && s[len - 1] <= '9' && s[len - 1] != '.')
        len--;
    return len == 0;
}

/* Makes C text of a string or a whole number, in place: what stands behind it, the quote at least,
 * gives way to the NUL. The last character of a string that was cut does, too. */
static char *text_of(const struct json *j, const jsmntok_t *t, bool *cut)
{
    char *s = j->text + t->start;
    size_t len = (size_t)(t->end - t->start);
    bool is_last = (size_t)t->end == j->len;

    *cut = false;
    if (t->type == JSMN_STRING)
        *cut = is_last;
    else if (t->type != JSMN_PRIMITIVE || is_last || !is_whole(s, len))
        return (char *)"";
    if (*cut && len-- == 0)
        return (char *)"";
    mmd_json_unescape(s, len, &len);
    if (*cut && len >= 3 && memcmp(s + len - 3, "\xEF\xBF\xBD", 3) == 0)
        len -= 3; /* half of a surrogate pair */
    s[len] = '\0';
    return s;
}

/* ---- the interface ---- */

static size_t without_mark(const char *body, size_t len)
{
    return len >= 3 && memcmp(body, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

void mmd_error_object_read(struct mmd_error_object *out, char *body, size_t len, bool cut)
{
    size_t mark = without_mark(body, len);
    struct json j;

    *out = (struct mmd_error_object){(char *)"", (char *)"", false};
    if (len > INT_MAX || !is_json(body + mark, body + len, cut) ||
        !tokenize(&j, body + mark, len - mark))
        return;
    const jsmntok_t *code = find(&j, "error\0code\0"),
                    *message = find(&j, "error\0message\0value\0");
    if (code == message && (code->type != JSMN_OBJECT || code == j.tokens)) /* error is no object */
        message = find(&j, "error_description\0");
    out->code = text_of(&j, code, &out->message_cut);
    out->message = text_of(&j, message, &out->message_cut);
}

bool mmd_looks_like_json(const char *body, size_t len)
{
    size_t at = without_mark(body, len);

    while (at < len && kind_of(body[at]) == ' ')
        at++;
    return at < len && (body[at] | 0x20) == '{'; /* or '[' */
}
