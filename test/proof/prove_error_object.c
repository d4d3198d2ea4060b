/* SPDX-License-Identifier: MIT */
/* JSON of a server, and what the service makes of it: the grammar, jsmn's tokens, lookup and texts,
 * the error object, the outcome. A server may send any bytes; each step below begins from no more
 * than what the one before proves. The strings' escapes are proved in prove_text.c. */
#include "proof.h"

#include "../../src/text/json.c" /* first: it takes jsmn's functions, too */

#include "../../src/service/cause.c"
#include "../../src/service/error_object.c"
#include "../../src/service/outcome.c"
#include "../../src/text/charclass.c"
#include "../../src/text/json_check.c"
#include "../../src/text/json_string.c"
#include "../../src/text/utf8.c"
#include "../../src/text/writer.c"

/* ---- the grammar ---- */

/* The classes that the grammar asks for, without the table, which costs the solver much. */
static bool belongs(char c, enum mmd_char_class kind)
{
    if (kind == MMD_CHAR_DIGIT)
        return c >= '0' && c <= '9';
    if (kind == MMD_CHAR_BLANK)
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
    PROVE(kind == MMD_CHAR_PLAIN);
    return (unsigned char)c >= ' ' && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

/* Exactly the bytes of the class: see prove_text.c. */
size_t contract_of_span(const char *s, size_t len, enum mmd_char_class kind)
{
    PROVE(__CPROVER_r_ok(s, len));
    size_t n = any_length(len);
    for (size_t i = 0; i < n; i++)
        ASSUME(belongs(s[i], kind));
    ASSUME(n == len || !belongs(s[n], kind));
    return n;
}

/* PROOF mmd_json_check
 * proved: ends, within the text; takes only what begins with "{" after white space, and if it is
 * not cut, only what ends with "}" before white space
 * bound: texts up to 4 bytes
 * not: the rest of the grammar, and many brackets: test_error_object tests these, and
 * differential.py compares with Python's json
 * models: 64
 * with: --unwind 6 --unwindset
 * mmd_json_check.0:5,check_string.0:4,check_after.0:4
 * replaced: mmd_span:contract_of_span */
void prove_json_check(void)
{
    static char text[4];
    size_t len = any_length(sizeof text), first = 0, last = sizeof text;
    char *s = text + sizeof text - len;

    for (size_t i = 0; i < sizeof text; i++)
        text[i] = nondet_char();
    bool cut = nondet_bool(), right = mmd_json_check(s, len, cut);
    first = sizeof text - len;
    while (first < sizeof text && belongs(text[first], MMD_CHAR_BLANK))
        first++;
    while (last > 0 && belongs(text[last - 1], MMD_CHAR_BLANK))
        last--;
    PROVE(!right || (first < sizeof text ? text[first] == '{' : cut));
    PROVE(!right || cut || (last >= 2 && text[last - 1] == '}'));
    PROVE(len != 2 || !same(s, "{}", 2) || right);
    REACHED(right && !cut && len == 4 && s[1] == ' ');
    REACHED(right && cut && len == 4 && s[3] == ':');
}

/* ---- the tokens ---- */

static bool is_text(const jsmntok_t *t)
{
    return t->type == JSMN_STRING || t->type == JSMN_PRIMITIVE;
}

/* What mmd_json_member and mmd_json_text rely on: each token begins after the one before, and after
 * the end of it if that is text; its end lies within the text, or it is a bracket's that is open.
 */
static bool are_tokens(const jsmntok_t *t, size_t count, size_t len)
{
    for (size_t i = 0; i < count; i++) {
        bool is_bracket = t[i].type == JSMN_OBJECT || t[i].type == JSMN_ARRAY;
        if (!is_bracket && !is_text(&t[i]))
            return false;
        if (t[i].start < 0 || (size_t)t[i].start + is_bracket > len)
            return false;
        if (i > 0 && t[i].start <= (is_text(&t[i - 1]) ? t[i - 1].end : t[i - 1].start))
            return false;
        if (is_bracket && t[i].end == -1)
            continue;
        if (t[i].end < t[i].start + is_bracket || (size_t)t[i].end > len)
            return false;
    }
    return true;
}

#define FEW 4 /* jsmn takes any number of tokens: what holds for few holds for MMD_JSON_TOKENS */

static bool ends_primitive(char c)
{
    return mmd_is_char(c, MMD_CHAR_BLANK) || c == ':' || c == ',' || c == ']' || c == '}' ||
           c == '\0';
}

/* What holds between two steps of jsmn's: all tokens are of what it has passed, and it stands
 * after a string's quote and at what ended a primitive. */
static bool is_state(const jsmn_parser *parser, const jsmntok_t *tokens, unsigned max,
                     const char *js, size_t len)
{
    if (parser->pos > len || parser->toknext > max || parser->toksuper < -1 ||
        parser->toksuper >= (int)parser->toknext)
        return false;
    for (unsigned i = 0; i < parser->toknext; i++)
        if (tokens[i].size < 0 || tokens[i].size > (int)parser->pos)
            return false;
    if (!are_tokens(tokens, parser->toknext, parser->pos))
        return false;
    if (parser->toknext == 0)
        return true;
    const jsmntok_t *last = &tokens[parser->toknext - 1];
    return !is_text(last) || last->end < (int)parser->pos ||
           (last->type == JSMN_PRIMITIVE &&
            (parser->pos == len || ends_primitive(js[parser->pos])));
}

/* What both of jsmn's parts do: an error leaves all as it was, else there is a token more. */
static bool is_one_more(int result, const jsmn_parser *parser, const jsmn_parser *before,
                        size_t len, size_t max)
{
    if (parser->toksuper != before->toksuper)
        return false;
    if (result == 0)
        return parser->toknext == before->toknext + 1 && parser->toknext <= max &&
               parser->pos >= before->pos && parser->pos < len;
    return parser->toknext == before->toknext && parser->pos == before->pos &&
           (result == JSMN_ERROR_NOMEM ? before->toknext == max
                                       : result == JSMN_ERROR_INVAL || result == JSMN_ERROR_PART);
}

static bool is_string_at(const jsmntok_t *t, unsigned start, unsigned pos, const char *js)
{
    return t->type == JSMN_STRING && t->size == 0 && t->start == (int)start + 1 &&
           t->end == (int)pos && pos > start && js[pos] == '"';
}

static bool is_primitive_at(const jsmntok_t *t, unsigned start, unsigned pos, const char *js,
                            size_t len)
{
    return t->type == JSMN_PRIMITIVE && t->size == 0 && t->start == (int)start &&
           t->end == (int)pos + 1 && (pos + 1 == len || ends_primitive(js[pos + 1]));
}

/* PROOF jsmn_parse_string
 * proved: adds one token, from after the quote to another one, and goes on to that; or adds none
 * and stays
 * bound: texts of up to 8 bytes, with a token left or not
 * models: 64 arm
 * with: --unwind 10 --unwindset jsmn_parse_string.0:5 */
void prove_jsmn_parse_string(void)
{
    char js[8];
    jsmntok_t tokens[1];
    jsmn_parser parser = {(unsigned)any_length(7), (unsigned)any_length(1), -1}, before = parser;

    ASSUME(js[parser.pos] == '"');
    int result = jsmn_parse_string(&parser, js, sizeof js, tokens, 1);
    PROVE(is_one_more(result, &parser, &before, sizeof js, 1));
    PROVE(result != 0 || is_string_at(tokens, before.pos, parser.pos, js));
    REACHED(result == 0 && before.pos == 0 && parser.pos == 7 && js[6] == '"');
    REACHED(result == JSMN_ERROR_NOMEM);
}

/* PROOF jsmn_parse_primitive
 * proved: adds one token, up to what ends a primitive, and goes on to its last byte; or adds none
 * and stays
 * bound: texts of up to 8 bytes, with a token left or not
 * models: 64 arm
 * with: --unwind 10 */
void prove_jsmn_parse_primitive(void)
{
    char js[8];
    jsmntok_t tokens[1];
    jsmn_parser parser = {(unsigned)any_length(7), (unsigned)any_length(1), -1}, before = parser;

    ASSUME(!ends_primitive(js[parser.pos]));
    int result = jsmn_parse_primitive(&parser, js, sizeof js, tokens, 1);
    PROVE(is_one_more(result, &parser, &before, sizeof js, 1));
    PROVE(result != 0 || is_primitive_at(tokens, before.pos, parser.pos, js, sizeof js));
    REACHED(result == 0 && before.pos == 1 && parser.pos == 7);
    REACHED(result == 0 && before.pos == 0 && parser.pos == 5 && js[6] == ':');
}

/* One more token at most, of which nothing is known yet. */
static int any_part(jsmn_parser *parser, const char *js, size_t len, jsmntok_t *tokens, size_t max)
{
    PROVE(__CPROVER_r_ok(js, len) && parser->pos < len && parser->toknext <= max);
    jsmn_parser before = *parser;
    jsmntok_t token;
    int result = nondet_int();

    if (result == 0 && before.toknext < max) {
        tokens[parser->toknext++] = token;
        parser->pos += (unsigned)any_length(len);
    }
    ASSUME(is_one_more(result, parser, &before, len, max));
    return result;
}

int contract_of_parse_string(jsmn_parser *parser, const char *js, size_t len, jsmntok_t *tokens,
                             size_t max)
{
    PROVE(js[parser->pos] == '"');
    unsigned start = parser->pos;
    int result = any_part(parser, js, len, tokens, max);
    ASSUME(result != 0 || is_string_at(&tokens[parser->toknext - 1], start, parser->pos, js));
    return result;
}

int contract_of_parse_primitive(jsmn_parser *parser, const char *js, size_t len, jsmntok_t *tokens,
                                size_t max)
{
    PROVE(!ends_primitive(js[parser->pos]));
    unsigned start = parser->pos;
    int result = any_part(parser, js, len, tokens, max);
    ASSUME(result != 0 ||
           is_primitive_at(&tokens[parser->toknext - 1], start, parser->pos, js, len));
    return result;
}

/* PROOF jsmn_parse
 * proved: ends, in bounds; gives no more tokens than there are, in the order of the text, each
 * within what it has passed or open, none within a string or a primitive; this holds when it begins
 * and is kept by each step
 * bound: from any state at byte 8, up to 2 bytes further; 4 tokens in all
 * models: 64 arm
 * with: --unwind 6 --unwindset jsmn_parse.3:3
 * replaced: jsmn_parse_string:contract_of_parse_string
 * jsmn_parse_primitive:contract_of_parse_primitive */
void prove_jsmn_parse(void)
{
    char js[10];
    jsmntok_t tokens[FEW];
    jsmn_parser parser = {8 + (unsigned)any_length(2), (unsigned)any_length(FEW), nondet_int()};
    jsmn_parser before = parser;

    ASSUME(is_state(&parser, tokens, FEW, js, sizeof js));
    int result = jsmn_parse(&parser, js, sizeof js, tokens, FEW);
    PROVE(is_state(&parser, tokens, FEW, js, sizeof js) && parser.pos >= before.pos);
    REACHED(result == JSMN_ERROR_NOMEM && before.toknext == 3 && before.pos == 8);
    REACHED(result == 3 && before.toknext == 2 && before.pos == 8 && tokens[0].end == 10);
}

int contract_of_jsmn_parse(jsmn_parser *parser, const char *js, size_t len, jsmntok_t *tokens,
                           unsigned max)
{
    PROVE(len <= INT_MAX && __CPROVER_r_ok(js, len) && is_state(parser, tokens, max, js, len));
    jsmn_parser next;
    for (unsigned i = 0; i < max; i++) {
        jsmntok_t token;
        tokens[i] = token;
    }
    ASSUME(is_state(&next, tokens, max, js, len));
    *parser = next;
    return nondet_int();
}

bool contract_of_json_check(const char *s, size_t len, bool cut)
{
    PROVE(__CPROVER_r_ok(s, len));
    (void)cut;
    return nondet_bool();
}

/* PROOF mmd_json_parse
 * proved: skips a byte order mark; gives 1 to 20 tokens, in the order of the text, each within it
 * or open, none within a string or a primitive; only the last may end where the text does
 * bound: texts up to 24 bytes
 * models: 64 arm
 * with: --unwind 25
 * replaced: mmd_json_check:contract_of_json_check jsmn_parse:contract_of_jsmn_parse */
void prove_json_parse(void)
{
    static char text[24];
    struct mmd_json json;
    size_t len = any_length(sizeof text), mark = 0;

    for (size_t i = 0; i < sizeof text; i++)
        text[i] = nondet_char();
    bool right = mmd_json_parse(&json, text, len, nondet_bool());
    if (len >= 3 && same(text, "\xEF\xBB\xBF", 3))
        mark = 3;
    PROVE(json.count <= MMD_JSON_TOKENS && (!right || len > 0));
    PROVE(len == 0 || (json.text == text + mark && json.len == len - mark));
    if (!right)
        return;
    size_t at = any_length(MMD_JSON_TOKENS - 1);
    PROVE(json.count > 0 && are_tokens(json.tokens, json.count, json.len));
    if (at + 1 < json.count && is_text(&json.tokens[at]))
        PROVE((size_t)json.tokens[at].end < json.len);
    REACHED(json.count == 20 && json.tokens[19].type == JSMN_STRING && mark == 3);
}

/* ---- what is made of them ---- */

static char body[12];

/* Any tokens that mmd_json_parse may give of such a body. */
static void any_tokens(struct mmd_json *json, size_t max)
{
    json->count = 1 + any_length(max - 1);
    for (size_t i = 0; i < sizeof body; i++)
        body[i] = nondet_char();
    json->text = body;
    json->len = sizeof body;
    ASSUME(are_tokens(json->tokens, json->count, sizeof body));
}

static const char *same_name; /* the name that was found to be the wanted one, the last of them */

bool contract_of_json_equals(const char *s, size_t len, const char *text)
{
    PROVE(__CPROVER_r_ok(s, len) && __CPROVER_r_ok(text, 1));
    bool equals = nondet_bool();
    if (equals)
        same_name = s;
    return equals;
}

/* PROOF mmd_json_member
 * proved: ends, in bounds; gives what follows the last of the object's names that are the wanted
 * one, and NULL if none is or if it is no object
 * bound: any 6 tokens that mmd_json_parse may give, texts of up to 12 bytes, any of the names the
 * same, any of the tokens as the object
 * models: 64 arm
 * with: --unwind 14 --unwindset skip.0:7,mmd_json_member.0:4,are_tokens.0:7
 * replaced: mmd_json_equals:contract_of_json_equals */
void prove_json_member(void)
{
    struct mmd_json json;

    any_tokens(&json, 6);
    const jsmntok_t *object = &json.tokens[any_length(json.count - 1)];
    const jsmntok_t *t = mmd_json_member(&json, object, "code");
    PROVE(t == NULL || (t >= object + 2 && t < json.tokens + json.count));
    PROVE(t == NULL ? same_name == NULL : same_name == json.text + t[-1].start);
    PROVE(t == NULL || object->type == JSMN_OBJECT);
    PROVE(t == NULL || object->end < 0 || t->start < object->end);
    PROVE(mmd_json_member(&json, NULL, "code") == NULL);
    REACHED(t == json.tokens + 4 && object == json.tokens);
    REACHED(t == json.tokens + 5 && object == json.tokens + 1);
}

static size_t resolved; /* bytes that mmd_json_unescape left */

size_t contract_of_unescape(char *s, size_t len, size_t *out_len)
{
    PROVE(len == 0 || __CPROVER_w_ok(s, len));
    resolved = any_length(len);
    for (size_t i = 0; i < len; i++) {
        s[i] = nondet_char();
        ASSUME(i >= resolved || s[i] != '\0');
    }
    *out_len = resolved;
    return resolved + any_length(len - resolved);
}

/* PROOF mmd_json_text
 * proved: in bounds; changes nothing but the token and the one byte after it; gives "", or what
 * mmd_json_unescape makes of it, all of it or, of a cut string, all but the last character, with
 * its NUL within the text; a string is cut just if it ends where the text does
 * bound: any token that mmd_json_parse may give, texts of up to 12 bytes
 * models: 64 arm
 * with: --unwind 14
 * replaced: mmd_json_unescape:contract_of_unescape */
void prove_json_text(void)
{
    struct mmd_json json;
    size_t at = any_length(sizeof body - 1);

    any_tokens(&json, 1);
    const jsmntok_t t = json.tokens[0];
    ASSUME(t.type != JSMN_PRIMITIVE || t.end > t.start); /* so does jsmn_parse_primitive */
    char old = body[at];
    bool cut = mmd_json_is_cut(&json, &json.tokens[0]);
    const char *text = mmd_json_text(&json, &json.tokens[0]);
    PROVE(*mmd_json_text(&json, NULL) == '\0' && !mmd_json_is_cut(&json, NULL));
    PROVE(cut == (t.type == JSMN_STRING && t.end == sizeof body));
    PROVE(body[at] == old || (is_text(&t) && (int)at >= t.start && (int)at <= t.end));
    if (text != body + t.start) {
        PROVE(*text == '\0' && body[at] == old);
        return;
    }
    size_t len = strlen(text);
    PROVE(is_text(&t) && t.start + (int)len <= t.end - cut);
    PROVE(len == resolved || (cut && len < resolved && len + 4 >= resolved));
    REACHED(cut && t.start == 3 && len == 5);
    REACHED(!cut && t.type == JSMN_PRIMITIVE && len == 3 && t.end == 11);
}

/* PROOF mmd_json_check_any
 * proved: ends, within the text; takes blanks only if it is not cut, and else only what begins as a
 * value does; what is not cut and begins with a bracket or a quote ends with its counterpart
 * bound: texts up to 3 bytes
 * not: the rest of the grammar: test_error_object has a table
 * models: 64
 * with: --unwind 6 --unwindset mmd_json_check_any.0:5,check_string.0:4,check_after.0:4,memchr.0:18
 * replaced: mmd_span:contract_of_span */
void prove_json_check_any(void)
{
    static char text[3];
    size_t len = any_length(sizeof text), first = sizeof text - len, last = sizeof text;
    char *s = text + first;

    for (size_t i = 0; i < sizeof text; i++)
        text[i] = nondet_char();
    bool cut = nondet_bool(), right = mmd_json_check_any(s, len, cut);
    while (first < sizeof text && belongs(text[first], MMD_CHAR_BLANK))
        first++;
    while (last > first && belongs(text[last - 1], MMD_CHAR_BLANK))
        last--;
    if (first == sizeof text) {
        PROVE(right == !cut);
        return;
    }
    char begin = text[first], end = text[last - 1];
    PROVE(!right || memchr("{[\"-0123456789tfn", begin, 17) != NULL);
    PROVE(!right || cut || begin != '{' || end == '}');
    PROVE(!right || cut || begin != '[' || end == ']');
    PROVE(!right || begin != '"' || (!cut && end == '"' && last - first > 1));
    REACHED(right && !cut && begin == '[' && len == 3);
}

/* ---- the error object ---- */

bool contract_of_json_parse(struct mmd_json *json, char *text, size_t len, bool cut)
{
    PROVE(__CPROVER_w_ok(text, len));
    (void)cut;
    json->text = text;
    json->len = len;
    json->count = 1 + any_length(3);
    ASSUME(are_tokens(json->tokens, json->count, len));
    return nondet_bool();
}

static const jsmntok_t *found[8]; /* the values that were looked up */
static size_t lookups;
static const jsmntok_t *error_value; /* of the one name that is looked up twice */

/* Each other value is found once, since it is looked up by another name or in another object. */
const jsmntok_t *contract_of_json_member(const struct mmd_json *json, const jsmntok_t *object,
                                         const char *name)
{
    PROVE(name != NULL && lookups < 8);
    if (strcmp(name, "error") == 0 && error_value != NULL)
        return error_value;
    const jsmntok_t *value = &json->tokens[any_length(json->count - 1)];
    if (object == NULL || object->type != JSMN_OBJECT || value <= object || nondet_bool())
        return NULL;
    for (size_t i = 0; i < lookups; i++)
        ASSUME(value != found[i]);
    found[lookups++] = value;
    if (strcmp(name, "error") == 0)
        error_value = value;
    return value;
}

static const jsmntok_t *first_value;

char *contract_of_json_text(const struct mmd_json *json, const jsmntok_t *value)
{
    PROVE(value == NULL || value != first_value); /* once for each */
    first_value = value;
    if (value == NULL || !is_text(value) || nondet_bool())
        return (char *)"";
    int last = (size_t)value->end < json->len ? value->end : (int)json->len - 1;
    if (value->start > last)
        return (char *)"";
    for (int i = value->start; i <= last; i++)
        json->text[i] = nondet_char();
    json->text[value->start + (int)any_length((size_t)(last - value->start))] = '\0';
    return json->text + value->start;
}

/* PROOF mmd_error_object_read
 * proved: code and message are "" or end with their NUL within the body, whatever tokens there are;
 * what is made of one does not reach into the other
 * bound: bodies of up to 12 bytes, any 4 tokens
 * models: 64 arm
 * with: --unwind 15 --unwindset are_tokens.0:5
 * replaced: mmd_json_parse:contract_of_json_parse mmd_json_member:contract_of_json_member
 * mmd_json_text:contract_of_json_text */
void prove_error_object_read(void)
{
    struct mmd_error_object out;
    size_t len = any_length(sizeof body);
    char *begin = body + sizeof body - len;

    for (size_t i = 0; i < sizeof body; i++)
        body[i] = nondet_char();
    mmd_error_object_read(&out, begin, len, nondet_bool());
    bool is_code = __CPROVER_same_object(out.code, body);
    bool is_message = __CPROVER_same_object(out.message, body);
    PROVE(is_code ? out.code >= begin && out.code < body + sizeof body : *out.code == '\0');
    PROVE(is_message ? out.message >= begin && out.message < body + sizeof body
                     : *out.message == '\0');
    if (is_code)
        PROVE(memchr(out.code, '\0', (size_t)(body + sizeof body - out.code)) != NULL);
    if (is_message)
        PROVE(memchr(out.message, '\0', (size_t)(body + sizeof body - out.message)) != NULL);
    if (is_code && is_message && out.code < out.message)
        PROVE(strlen(out.code) < (size_t)(out.message - out.code));
    if (is_code && is_message && out.message < out.code)
        PROVE(strlen(out.message) < (size_t)(out.code - out.message));
    REACHED(is_code && is_message && out.code > out.message && strlen(out.message) == 3);
    REACHED(is_code && lookups == 1);
}

/* ---- the outcome ---- */

/* Whether a text has "already closed" in it, in any case of letters. */
static bool says_already_closed(const char *text)
{
    static const char small[] = "already closed", capital[] = "ALREADY CLOSED";
    size_t len = strlen(text);

    for (size_t at = 0; at + sizeof small - 1 <= len; at++) {
        bool is_there = true;
        for (size_t i = 0; i < sizeof small - 1; i++)
            is_there &= text[at + i] == small[i] || text[at + i] == capital[i];
        if (is_there)
            return true;
    }
    return false;
}

static char *message; /* of the error object */
static bool documented;
static bool may_be_json; /* the body */

bool contract_of_json_is_any(const char *text, size_t len, bool cut)
{
    (void)cut;
    PROVE(__CPROVER_r_ok(text, len));
    return may_be_json;
}

void contract_of_error_object_read(struct mmd_error_object *out, char *text, size_t len, bool cut)
{
    PROVE(__CPROVER_w_ok(text, len));
    documented = nondet_bool();
    *out = (struct mmd_error_object){(char *)"", message, cut && nondet_bool(), documented};
}

/* PROOF mmd_closing_judge
 * proved: every result has an outcome; "closed" just for a 2xx without a body that is coded or
 * cannot be JSON; "already closed" just for a 400 with the error object, whose message has these
 * words, in any case of letters; "no such request" and "refused" only with the error object; "not
 * verified" and "internal" only when nothing was sent, or when the server demands a certificate, or
 * for a token too long
 * bound: messages up to 16 bytes, bodies up to 2, all errors, statuses and deliveries
 * models: 64 arm
 * with: --unwind 18
 * replaced: mmd_error_object_read:contract_of_error_object_read
 * mmd_json_is_any:contract_of_json_is_any */
void prove_closing_judge(void)
{
    struct mmd_result result;
    struct mmd_verdict verdict;
    int delivery = nondet_int();

    message = any_text(16);
    ASSUME(delivery >= MMD_NOT_SENT && delivery <= MMD_ANSWERED);
    ASSUME(result.error != MMD_OK || (delivery == MMD_ANSWERED && result.status >= 200));
    ASSUME(result.error > MMD_ERR_CODED || result.error < MMD_ERR_STATUS); /* the judge's */
    result.coded = nondet_bool();
    result.bearer = nondet_bool();
    result.challenge = any_text(2);
    documented = false;
    result.delivery = (enum mmd_delivery)delivery;
    result.body_len = any_length(2);
    result.body = any_bytes(result.body_len);
    may_be_json = nondet_bool();
    mmd_closing_judge(&verdict, &result);
    bool was_read = result.error == MMD_OK, is_2xx = result.status >= 200 && result.status < 300;
    bool is_other = result.body_len > 0 && !may_be_json;
    int outcome = (int)verdict.outcome;
    bool is_coded = result.coded && result.body_len > 0;
    PROVE(outcome >= MMD_OUTCOME_CLOSED && outcome <= MMD_OUTCOME_NO_TOKEN);
    PROVE((outcome == MMD_OUTCOME_CLOSED) == (was_read && is_2xx && !is_other && !is_coded));
    PROVE((outcome == MMD_OUTCOME_ALREADY_CLOSED) ==
          (was_read && result.status == 400 && documented && says_already_closed(message)));
    PROVE((outcome != MMD_OUTCOME_NO_SUCH_REQUEST && outcome != MMD_OUTCOME_REFUSED) || documented);
    if (outcome == MMD_OUTCOME_NOT_VERIFIED || outcome == MMD_OUTCOME_INTERNAL)
        PROVE(result.delivery == MMD_NOT_SENT || result.error == MMD_ERR_CLIENT_CERT ||
              result.error == MMD_ERR_TOKEN_SIZE);
    REACHED(outcome == MMD_OUTCOME_ALREADY_CLOSED && message[0] == 'x' && message[1] == 'A' &&
            message[2] == 'l');
}
