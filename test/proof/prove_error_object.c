/* The error object: its JSON strings, the grammar, jsmn's tokens and what is made of them. A server
 * may send any bytes; each step below begins from no more than what the one before proves. */
#include "proof.h"

#include "../../src/alphabet.c"
#include "../../src/error_object.c"
#include "../../src/json_string.c"
#include "../../src/utf8.c"

/* ---- JSON strings ---- */

static bool is_character(uint32_t c)
{
    return c > 0 && c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);
}

static size_t utf8_len(uint32_t c)
{
    return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

/* Whether the byte at a place belongs to a well-formed sequence: one that begins up to three bytes
 * before. If that holds for each place, all is UTF-8, since none can begin within another. */
static bool is_in_utf8(const char *s, size_t len, size_t at)
{
    for (size_t back = 0; back < 4 && back <= at; back++)
        if (mmd_utf8_sequence(s + at - back, len - at + back) > back)
            return true;
    return false;
}

/* PROOF put_utf8
 * proved: writes what decodes to the character, in the shortest form, and nothing else
 * bound: all characters but NUL
 * models: size arm
 * with: --unwind 5 */
void prove_put_utf8(void)
{
    uint32_t c = (uint32_t)nondet_int();
    ASSUME(is_character(c));
    size_t n = utf8_len(c);
    unsigned char *out = any_bytes(n);

    PROVE(put_utf8((char *)out, c) == n && mmd_utf8_sequence((char *)out, n) == n);
    uint32_t back = n == 1 ? out[0] : out[0] & 0x7Fu >> n;
    for (size_t i = 1; i < n; i++)
        back = back << 6 | (out[i] & 0x3Fu);
    PROVE(back == c);
    REACHED(c == 0x10FFFF);
    REACHED(c == 0x7FF);
}

/* PROOF four_hex
 * proved: takes just a backslash, "u" and four hexadecimal digits; gives their number
 * bound: all
 * models: size arm
 * with: --unwind 8 */
void prove_four_hex(void)
{
    size_t len = any_length(7), at = 2 + any_length(3);
    char *s = any_bytes(len);
    int32_t value = four_hex(s, len);
    bool right = len >= 6 && s[0] == '\\' && s[1] == 'u';

    for (size_t i = 2; right && i < 6; i++)
        right = mmd_hex_digit((unsigned char)s[i]) >= 0;
    PROVE(value >= -1 && value <= 0xFFFF && right == (value >= 0));
    if (right)
        PROVE((value >> (20 - 4 * at) & 15) == mmd_hex_digit((unsigned char)s[at]));
    REACHED(value == 0xBEEF);
}

/* PROOF escape
 * proved: takes at most what it is given, and at least as many bytes as the character has in UTF-8;
 * gives no NUL, no surrogate and none above U+10FFFF; a pair gives its character, a number that is
 * none gives U+FFFD
 * bound: all
 * models: size arm
 * with: --unwind 9 */
void prove_escape(void)
{
    size_t len = any_length(13);
    char *s = any_bytes(len);
    uint32_t c;

    ASSUME(len > 0 && s[0] == '\\');
    int32_t first = four_hex(s, len);
    size_t n = escape(s, len, &c);
    PROVE(n <= len && (n == 0 || (is_character(c) && n >= utf8_len(c))));
    PROVE(first < 0 ? n == 0 || (n == 2 && c < 0x7F && c != 'u') : n == 6 || n == 12);
    if (n == 6)
        PROVE(c == (is_character((uint32_t)first) ? (uint32_t)first : REPLACEMENT));
    if (n == 12)
        PROVE(first == (int32_t)(0xD7C0 + (c >> 10)) &&
              four_hex(s + 6, len - 6) == (int32_t)(0xDC00 + (c & 0x3FF)));
    REACHED(n == 12 && c == 0x10FFFF);
    REACHED(n == 6 && first == 0xD800 && len == 13);
    REACHED(n == 2 && c == '\b');
}

static bool no_controls; /* the text's escapes stand for none */

size_t contract_of_escape(const char *s, size_t len, uint32_t *c)
{
    PROVE(len > 0 && __CPROVER_r_ok(s, len) && s[0] == '\\');
    size_t n = any_length(len);
    *c = (uint32_t)nondet_int();
    ASSUME(n == 0 || n == 2 || n == 6 || n == 12);
    ASSUME(n == 0 || (is_character(*c) && n >= utf8_len(*c) && (*c >= 0x20 || !no_controls)));
    return n;
}

/* PROOF mmd_json_unescape
 * proved: makes UTF-8 without NUL that is no longer than what it resolves of the text; a control
 * character below U+0020 comes from an escape only; stops just before what is no character; what
 * stands before the first escape, and what is not resolved, stays as it was
 * bound: texts of 8 bytes; a shorter one is the end of such
 * models: size arm
 * with: --unwind 10 --unwindset put_utf8.0:4,mmd_json_unescape.0:5,mmd_utf8_sequence.0:4
 * replaced: escape:contract_of_escape */
void prove_unescape(void)
{
    char s[8];
    size_t len = sizeof s, at = any_length(7), out;
    char old = s[at], *escaped = memchr(s, '\\', len);
    size_t plain = escaped != NULL ? (size_t)(escaped - s) : len;

    no_controls = nondet_bool();
    size_t n = mmd_json_unescape(s, len, &out);
    PROVE(out <= n && n <= len);
    if (at < out) {
        PROVE(is_in_utf8(s, out, at));
        PROVE(s[at] != '\0' && (!no_controls || (unsigned char)s[at] >= 0x20));
    }
    if (at < plain || at >= n)
        PROVE(s[at] == old);
    if (n < len)
        PROVE(s[n] == '\\' || (unsigned char)s[n] < 0x20 || mmd_utf8_sequence(s + n, len - n) == 0);
    REACHED(n == 8 && out == 8);
    REACHED(n == 7 && out == 2 && !no_controls && s[1] == '\n');
}

/* ---- the grammar ---- */

/* PROOF behind_string
 * proved: NULL, or a place up to the end: behind a quote, or the end itself; a quote or a control
 * character passes behind a backslash only, and so does what is no UTF-8, but for the last three
 * bytes at the end, which may be cut; no text of printable ASCII is refused
 * bound: texts up to 8 bytes
 * models: size arm
 * with: --unwind 10 --unwindset mmd_utf8_sequence.0:4,is_in_utf8.0:5 */
void prove_behind_string(void)
{
    size_t len = any_length(8), at = any_length(7);
    char *s = any_bytes(len);
    const char *behind = behind_string(s, s + len);
    bool is_plain = true;

    for (size_t i = 0; i < len; i++)
        is_plain &= (unsigned char)s[i] >= 0x20 && (unsigned char)s[i] < 0x80;
    PROVE(behind != NULL || !is_plain);
    if (behind == NULL)
        return;
    PROVE(__CPROVER_same_object(behind, s) && behind >= s && behind <= s + len);
    size_t n = (size_t)(behind - s);
    PROVE(n == len || (n > 0 && s[n - 1] == '"'));
    if (at < n && (n < len || at + 3 < len)) {
        PROVE((unsigned char)s[at] >= 0x20 || (at > 0 && s[at - 1] == '\\'));
        PROVE(s[at] != '"' || at + 1 == n || (at > 0 && s[at - 1] == '\\'));
        PROVE(is_in_utf8(s, len, at) || memchr(s, '\\', at) != NULL);
    }
    REACHED(n == 5 && len == 8 && s[3] == '"');
    REACHED(n == 8 && (unsigned char)s[7] == 0xF0);
}

const char *contract_of_behind_string(const char *s, const char *end)
{
    PROVE(__CPROVER_same_object(s, end) && s <= end && __CPROVER_r_ok(s, (size_t)(end - s)));
    return nondet_bool() ? s + any_length((size_t)(end - s)) : NULL;
}

/* Where in a text the first byte is that is no white space, and behind the last; len if none is. */
static size_t first_of(const char *s, size_t len)
{
    size_t at = 0;

    while (at < len && kind_of(s[at]) == ' ')
        at++;
    return at;
}

static size_t behind_last_of(const char *s, size_t len)
{
    while (len > 0 && kind_of(s[len - 1]) == ' ')
        len--;
    return len;
}

/* PROOF is_json
 * proved: ends, within the text and the grammar's table; takes only what begins with "{" behind
 * white space, and if it is not cut, only what ends with "}" or "]" before white space
 * bound: texts up to 8 bytes
 * not: many brackets: see below
 * models: size arm
 * with: --unwind 17 --unwindset is_json.0:13
 * replaced: behind_string:contract_of_behind_string */
void prove_is_json(void)
{
    size_t len = any_length(8);
    char *s = any_bytes(len);
    bool cut = nondet_bool(), right = is_json(s, s + len, cut);
    size_t first = first_of(s, len), last = behind_last_of(s, len);

    PROVE(!right || (first < len ? s[first] == '{' : cut));
    PROVE(!right || cut || (last >= 2 && (s[last - 1] == '}' || s[last - 1] == ']')));
    PROVE(len != 2 || !same(s, "{}", 2) || right);
    REACHED(right && !cut && len == 8);
    REACHED(right && cut && len == 8 && s[7] == '[');
}

/* PROOF is_json(brackets)
 * proved: with many brackets open it ends, too, within the text and the table, and no bit of the
 * stack is shifted out
 * bound: 19 open brackets, then up to 5 bytes
 * not: what it says of a text after its first 20 brackets: nothing
 * models: size arm
 * with: --unwind 12 --unwindset is_json.0:13,is_json.1:34,prove_is_json_deep.0:20
 * replaced: behind_string:contract_of_behind_string */
void prove_is_json_deep(void)
{
    char text[4 + 18 + 5];
    size_t len = sizeof text - 5 + any_length(5);
    bool cut = nondet_bool(), right;

    memcpy(text, "{\"\":", 4);
    for (size_t i = 4; i < 4 + 18; i++)
        text[i] = '[';
    right = is_json(text, text + len, cut);
    REACHED(right && !cut && len == sizeof text && text[len - 1] == 'x'); /* is not looked at */
    REACHED(!right && len == sizeof text && text[22] == '[');
}

/* ---- the tokens ---- */

static bool is_text(const jsmntok_t *t)
{
    return t->type == JSMN_STRING || t->type == JSMN_PRIMITIVE;
}

/* What find and text_of rely on: each token begins behind the one before, and behind the end of it
 * if that is text; its end lies within the text, or it is a bracket's that is open. */
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

#define FEW 4 /* jsmn is told how many tokens there are: what holds for few holds for TOKENS */

static bool ends_primitive(char c)
{
    return kind_of(c) == ' ' || c == ':' || c == ',' || c == ']' || c == '}' || c == '\0';
}

/* What holds between two steps of jsmn's: all tokens are of what it has passed, and it stands
 * behind a string's quote and at what ended a primitive. */
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
 * proved: adds one token, from behind the quote to another one, and goes on to that; or adds none
 * and stays
 * bound: texts of up to 8 bytes, with a token left or not
 * models: size arm
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
 * models: size arm
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
 * models: size arm
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

/* PROOF tokenize
 * proved: gives 1 to 20 tokens, in the order of the text, each within it or open, none within a
 * string or a primitive; only the last may end where the text does
 * bound: texts up to 24 bytes
 * models: size arm
 * with: --unwind 25
 * replaced: jsmn_parse:contract_of_jsmn_parse */
void prove_tokenize(void)
{
    static char text[24];
    struct json j;
    size_t len = any_length(sizeof text);

    for (size_t i = 0; i < sizeof text; i++)
        text[i] = nondet_char();
    if (!tokenize(&j, text, len))
        return;
    size_t count = (size_t)(j.end - j.tokens), at = any_length(TOKENS - 1);
    PROVE(j.text == text && j.len == len && count > 0 && count <= TOKENS);
    PROVE(are_tokens(j.tokens, count, len));
    if (at + 1 < count && is_text(&j.tokens[at]))
        PROVE((size_t)j.tokens[at].end < len);
    REACHED(count == 20 && j.tokens[19].type == JSMN_STRING && j.tokens[19].start == 24);
}

/* ---- what is made of them ---- */

static char body[12];

/* Any tokens that tokenize may give of such a body. */
static void any_tokens(struct json *j, size_t max)
{
    size_t count = 1 + any_length(max - 1);

    for (size_t i = 0; i < sizeof body; i++)
        body[i] = nondet_char();
    j->text = body;
    j->len = sizeof body;
    j->end = j->tokens + count;
    ASSUME(are_tokens(j->tokens, count, sizeof body));
}

static const char *same_name; /* the name that was found to be the path's, the last of them */

int contract_of_memcmp(const void *a, const void *b, size_t n)
{
    PROVE(__CPROVER_r_ok(a, n) && __CPROVER_r_ok(b, n));
    int difference = nondet_int();
    if (difference == 0)
        same_name = a;
    return difference;
}

/* PROOF find
 * proved: ends, in bounds; gives what is behind the last of the names that are as the path says,
 * and the first token if none is
 * bound: any 6 tokens that tokenize may give, texts of up to 12 bytes, any of the names the same
 * models: size arm
 * with: --unwind 14 --unwindset find.0:6,find.1:4,find.2:5,are_tokens.0:7
 * replaced: memcmp:contract_of_memcmp */
void prove_find(void)
{
    struct json j;

    any_tokens(&j, 6);
    const jsmntok_t *t = find(&j, "error\0message\0value\0");
    PROVE(t >= j.tokens && t < j.end);
    PROVE(t == j.tokens ? same_name == NULL : same_name == j.text + t[-1].start);
    REACHED(t == j.tokens + 4);
    REACHED(t == j.tokens + 5);
}

static size_t unescaped; /* bytes that mmd_json_unescape left */

size_t contract_of_unescape(char *s, size_t len, size_t *out_len)
{
    PROVE(len == 0 || __CPROVER_w_ok(s, len));
    unescaped = any_length(len);
    for (size_t i = 0; i < len; i++) {
        s[i] = nondet_char();
        ASSUME(i >= unescaped || s[i] != '\0');
    }
    *out_len = unescaped;
    return unescaped + any_length(len - unescaped);
}

/* PROOF text_of
 * proved: in bounds; changes nothing but the token and the one byte behind it; gives "", or what
 * mmd_json_unescape makes of it, all of it or all but a last U+FFFD, with its NUL within the text;
 * it is cut just if it is a string that ends where the text does
 * bound: any token that tokenize may give, texts of up to 12 bytes
 * models: size arm
 * with: --unwind 14
 * replaced: mmd_json_unescape:contract_of_unescape */
void prove_text_of(void)
{
    struct json j;
    bool cut;
    size_t at = any_length(sizeof body - 1);

    any_tokens(&j, 1);
    const jsmntok_t t = j.tokens[0];
    char old = body[at];
    const char *text = text_of(&j, &j.tokens[0], &cut);
    PROVE(cut == (t.type == JSMN_STRING && t.end == sizeof body));
    PROVE(body[at] == old || (is_text(&t) && (int)at >= t.start && (int)at <= t.end));
    if (text != body + t.start) {
        PROVE(*text == '\0' && body[at] == old);
        return;
    }
    size_t len = strlen(text);
    PROVE(is_text(&t) && t.start + (int)len <= t.end - cut);
    PROVE(len == unescaped || (cut && len + 3 == unescaped && same(text + len + 1, "\xBF\xBD", 2)));
    REACHED(cut && t.start == 3 && len == 5);
    REACHED(!cut && t.type == JSMN_PRIMITIVE && len == 3 && t.end == 11);
}

/* ---- the interface ---- */

bool contract_of_is_json(const char *s, const char *end, bool cut)
{
    PROVE(__CPROVER_same_object(s, end) && s <= end && __CPROVER_r_ok(s, (size_t)(end - s)));
    (void)cut;
    return nondet_bool();
}

bool contract_of_tokenize(struct json *j, char *text, size_t len)
{
    PROVE(len <= INT_MAX && __CPROVER_w_ok(text, len));
    size_t count = 1 + any_length(2);
    j->text = text;
    j->len = len;
    j->end = j->tokens + count;
    ASSUME(are_tokens(j->tokens, count, len));
    return nondet_bool();
}

const jsmntok_t *contract_of_find(const struct json *j, const char *path)
{
    size_t count = (size_t)(j->end - j->tokens), len = strlen(path);

    PROVE(count > 0 && len > 0 && strlen(path + len + 1) < sizeof "message");
    return &j->tokens[any_length(count - 1)];
}

const char *contract_of_text_of(const struct json *j, const jsmntok_t *t, bool *cut)
{
    PROVE(t >= j->tokens && t < j->end);
    *cut = nondet_bool();
    int last = (size_t)t->end < j->len ? t->end : (int)j->len - 1;
    if (!is_text(t) || t->start > last || nondet_bool())
        return "";
    for (int i = t->start; i <= last; i++)
        j->text[i] = nondet_char();
    j->text[t->start + (int)any_length((size_t)(last - t->start))] = '\0';
    return j->text + t->start;
}

/* PROOF mmd_error_object_read
 * proved: code and message are "" or end with their NUL within the body, whatever tokens there are;
 * what is made of one does not reach into the other
 * bound: bodies of up to 12 bytes, any 3 tokens
 * models: size arm
 * with: --unwind 15 --unwindset are_tokens.0:4,strlen.0:19
 * replaced: is_json:contract_of_is_json tokenize:contract_of_tokenize find:contract_of_find
 * text_of:contract_of_text_of */
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
    REACHED(is_code && (unsigned char)body[0] == 0xEF && out.code == body + 4 &&
            strlen(out.code) == 2);
}

/* PROOF mmd_looks_like_json
 * proved: true just if the first byte behind a byte order mark and white space is "{" or "["
 * bound: bodies of up to 8 bytes
 * models: size arm
 * with: --unwind 10 */
void prove_looks_like_json(void)
{
    size_t len = any_length(8), at = 0;
    char *s = any_bytes(len);
    bool looks = mmd_looks_like_json(s, len);

    if (len >= 3 && same(s, "\xEF\xBB\xBF", 3))
        at = 3;
    while (at < len && (s[at] == ' ' || s[at] == '\t' || s[at] == '\r' || s[at] == '\n'))
        at++;
    PROVE(looks == (at < len && (s[at] == '{' || s[at] == '[')));
    REACHED(looks && at == 7 && (unsigned char)s[0] == 0xEF && s[7] == '[');
}
