/* SPDX-License-Identifier: MIT */
/* The shared text: characters, the names of hosts, UTF-8, the writer, JSON strings, base64, GUIDs;
 * and HTTP's dates, and what is fit to be shown. */
#include "proof.h"

#include "../../programs/common/printable.c"
#include "../../src/http/http_date.c"
#include "../../src/text/base64.c"
#include "../../src/text/calendar.c"
#include "../../src/text/charclass.c"
#include "../../src/text/guid.c"
#include "../../src/text/hostname.c"
#include "../../src/text/json_string.c"
#include "../../src/text/utf8.c"
#include "../../src/text/writer.c"

/* ---- characters ---- */

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alphanumeric(unsigned char c)
{
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_one_of(unsigned char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* What the classes are for, in the plainest way. */
static bool belongs(unsigned char c, enum mmd_char_class kind)
{
    switch (kind) {
    case MMD_CHAR_DIGIT: return is_digit(c);
    case MMD_CHAR_UNRESERVED: return is_alphanumeric(c) || is_one_of(c, "-._~");
    case MMD_CHAR_B64TOKEN: return is_alphanumeric(c) || is_one_of(c, "-._~+/");
    case MMD_CHAR_HOST: return is_alphanumeric(c) || is_one_of(c, "-._");
    case MMD_CHAR_TCHAR: return is_alphanumeric(c) || is_one_of(c, "!#$%&'*+-.^_`|~");
    case MMD_CHAR_LINE: return c == '\t' || (c >= ' ' && c != 0x7F);
    case MMD_CHAR_PLAIN: return c >= ' ' && c < 0x80 && c != '"' && c != '\\';
    case MMD_CHAR_BLANK: return is_one_of(c, " \t\r\n");
    }
    return false;
}

/* PROOF mmd_span
 * proved: returns exactly how many bytes belong to the class, for every class
 * bound: texts up to 9 bytes
 * models: 64 arm
 * with: --unwind 18 */
void prove_span(void)
{
    size_t len = any_length(9), at = any_length(8);
    enum mmd_char_class kind = (enum mmd_char_class)(1 << any_length(7));
    char *s = any_bytes(len);
    size_t n = mmd_span(s, len, kind);

    PROVE(n <= len);
    PROVE(at >= n || belongs((unsigned char)s[at], kind));
    PROVE(n == len || !belongs((unsigned char)s[n], kind));
    REACHED(n == 8 && len == 9 && kind == MMD_CHAR_BLANK);
}

/* PROOF mmd_hex_digit
 * proved: what strtol says
 * bound: all
 * models: 64 arm
 * with: --unwind 17 */
void prove_hex_digit(void)
{
    static const char digits[] = "0123456789abcdef", capitals[] = "0123456789ABCDEF";
    unsigned char c = (unsigned char)nondet_char();
    int digit = mmd_hex_digit((char)c);

    PROVE(digit >= -1 && digit < 16);
    PROVE(digit < 0 || c == digits[digit] || c == capitals[digit]);
    size_t i = any_length(15);
    PROVE(digit >= 0 || (c != digits[i] && c != capitals[i]));
    REACHED(digit == 15 && c == 'F');
}

/* ---- the names of hosts ---- */

/* The rule that a name breaks, and where: letter by letter. */
static enum mmd_rule rule_by_letter(const char *s, size_t *at)
{
    size_t label = 0;
    bool is_number = true;

    for (*at = 0; s[*at] != '\0'; ++*at) {
        if (!belongs((unsigned char)s[*at], MMD_CHAR_HOST))
            return MMD_RULE_CHARACTER;
        label = s[*at] == '.' ? *at + 1 : label;
        is_number = s[*at] == '.' || (is_number && is_digit((unsigned char)s[*at]));
    }
    if (*at == 0)
        return MMD_RULE_EMPTY;
    if (!is_number)
        return MMD_RULE_NONE;
    enum mmd_rule rule = label == *at ? MMD_RULE_LABEL : MMD_RULE_ADDRESS;
    *at = label;
    return rule;
}

/* PROOF mmd_check_hostname
 * proved: takes just letters, digits and "-._" with a last label that is neither empty nor a
 * number; else gives the rule that is broken, and exactly where
 * bound: names of up to 6 characters
 * not: the greatest length, which test_text tests
 * models: 64 arm
 * with: --unwind 8 */
void prove_check_hostname(void)
{
    const char *name = any_text(6);
    struct mmd_fault fault;
    size_t at;
    bool right = mmd_check_hostname(name, &fault);

    PROVE(fault.rule == rule_by_letter(name, &at));
    PROVE(right == (fault.rule == MMD_RULE_NONE) && (right || fault.offset == at));
    REACHED(fault.rule == MMD_RULE_LABEL && fault.offset == 6);
    REACHED(fault.rule == MMD_RULE_ADDRESS && fault.offset == 2);
    REACHED(right && strlen(name) == 6 && name[4] == '.' && name[5] == 'x');
}

/* ---- UTF-8 ---- */

/* What RFC 3629 says, by way of the character: the shortest form, no surrogate, up to U+10FFFF. */
static size_t utf8_by_value(const unsigned char *s, size_t len)
{
    size_t n = s[0] < 0x80 ? 1 : s[0] >> 5 == 6 ? 2 : s[0] >> 4 == 14 ? 3 : s[0] >> 3 == 30 ? 4 : 0;
    uint32_t c = s[0], least[] = {0, 0, 0x80, 0x800, 0x10000};

    if (n == 0 || n > len)
        return 0;
    if (n > 1)
        c &= 0x7Fu >> n;
    for (size_t i = 1; i < n; i++) {
        if (s[i] >> 6 != 2)
            return 0;
        c = c << 6 | (s[i] & 0x3F);
    }
    return c >= least[n] && c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF) ? n : 0;
}

/* PROOF mmd_utf8_sequence
 * proved: the length that decoding the character gives, and 0 for all that RFC 3629 forbids
 * bound: all
 * models: 64 arm
 * with: --unwind 6 */
void prove_utf8_sequence(void)
{
    size_t len = any_length(5);
    ASSUME(len > 0);
    char *s = any_bytes(len);
    size_t n = mmd_utf8_sequence(s, len);

    PROVE(n == utf8_by_value((unsigned char *)s, len));
    REACHED(n == 4);
}

/* ---- the writer ---- */

/* A writer of at most max bytes that is full, not full or already past its capacity. */
static struct mmd_writer any_writer(size_t max)
{
    size_t cap = any_length(max);
    struct mmd_writer w = {cap > 0 || nondet_bool() ? any_bytes(cap) : NULL, cap,
                           any_length(2 * max)};

    return w;
}

/* PROOF mmd_put
 * proved: nothing is written but what is put, at the place that the length tells, and that
 * only if it fits as a whole; the length grows by it in any case
 * bound: 8 bytes into a buffer of up to 8, from any length on
 * models: 64 arm
 * with: --unwind 18 */
void prove_put(void)
{
    struct mmd_writer w = any_writer(8), before = w;
    size_t len = any_length(8), at = any_length(7);
    char *data = any_bytes(len), old = at < w.cap ? w.buf[at] : 0;

    mmd_put(&w, data, len);
    PROVE(w.len == before.len + len && w.buf == before.buf && w.cap == before.cap);
    if (at < w.cap)
        PROVE(w.buf[at] ==
              (w.len <= w.cap && at >= before.len && at < w.len ? data[at - before.len] : old));
    REACHED(before.len == 3 && w.len == 8 && w.cap == 8);
    REACHED(before.len > w.cap && len > 0);
}

/* PROOF mmd_put_decimal
 * proved: the digits give the number back, without leading zeros
 * bound: numbers of up to 16 bits: all ports, and the lengths of bodies
 * not: the lengths of bodies beyond 65535 bytes
 * models: 64 32
 * with: --unwind 22 */
void prove_put_decimal(void)
{
    char buf[20];
    struct mmd_writer w = {buf, sizeof buf, 0};
    size_t value = any_length(65535), back = 0;

    mmd_put_decimal(&w, value);
    PROVE(w.len > 0 && w.len <= 5 && (buf[0] != '0' || value == 0));
    for (size_t i = 0; i < w.len; i++)
        back = back * 10 + (size_t)(buf[i] - '0');
    PROVE(back == value);
    REACHED(value == 40961);
}

/* ---- JSON strings ---- */

static char before_it; /* the last byte of a text that was put */

/* Checks what a JSON string is made of; what is done with it, mmd_put's proof says. */
void contract_of_put(struct mmd_writer *w, const char *data, size_t len)
{
    PROVE(len <= 6 && __CPROVER_r_ok(data, len));
    for (size_t i = 0; i < 6 && i < len; i++) {
        PROVE((unsigned char)data[i] >= ' ' && (data[i] != '"' || before_it == '\\'));
        before_it = data[i];
    }
    w->len += len;
}

/* PROOF mmd_put_json
 * proved: takes all up to the first byte that is no UTF-8; puts no control character, and no quote
 * but after a backslash; needs one to six bytes for each
 * bound: texts of up to 4 bytes
 * models: 64 arm
 * with: --unwind 9
 * replaced: mmd_put:contract_of_put */
void prove_put_json(void)
{
    struct mmd_writer w = {NULL, 0, 0};
    size_t len = any_length(4);
    char text[4];
    size_t taken = mmd_put_json(&w, text, len);

    PROVE(taken <= len && w.len <= 6 * taken && w.len >= taken);
    PROVE(taken == len || utf8_by_value((unsigned char *)text + taken, len - taken) == 0);
    REACHED(taken == 4 && w.len == 24);
    REACHED(taken == 2 && len == 4 && w.len == 2 && (unsigned char)text[0] > 0x7F);
}

/* PROOF mmd_json_unescape(mmd_put_json)
 * proved: gives a character back as it was
 * bound: all but NUL
 * models: 64 arm
 * with: --unwind 12 --unwindset mmd_put_json.0:4,mmd_json_unescape.0:6 */
void prove_there_and_back(void)
{
    char buf[8], text[4];
    struct mmd_writer w = {buf, sizeof buf, 0};
    size_t len = any_length(4), back;

    ASSUME(len > 0 && text[0] != '\0' && utf8_by_value((unsigned char *)text, len) == len);
    PROVE(mmd_put_json(&w, text, len) == len && w.len <= 6);
    PROVE(mmd_json_unescape(buf, w.len, &back) == w.len && back == len && same(buf, text, len));
    REACHED(len == 4);
    REACHED(text[0] == 1);
}

/* PROOF mmd_json_unescape
 * proved: makes a text without NUL that is no longer than what it resolves; a control
 * character below U+0020 comes from an escape only; stops just before what is no character; what
 * stands before the first escape, and what is not resolved, stays as it was
 * bound: texts of 6 bytes; a shorter one is the end of such
 * models: 64
 * with: --unwind 10 --unwindset put_utf8.0:4,mmd_span.0:3,mmd_span.1:5,four_hex.0:5 */
void prove_unescape(void)
{
    char s[6];
    size_t len = sizeof s, at = any_length(5), out;
    char old = s[at], *escaped = memchr(s, '\\', len);
    size_t plain = escaped != NULL ? (size_t)(escaped - s) : len;
    size_t n = mmd_json_unescape(s, len, &out);

    PROVE(out <= n && n <= len);
    if (at < out)
        PROVE(s[at] != '\0' && ((unsigned char)s[at] >= 0x20 || at >= plain));
    if (at < plain || at >= n)
        PROVE(s[at] == old);
    if (n < len)
        PROVE(s[n] == '\\' || s[n] == '"' || (unsigned char)s[n] < 0x20);
    REACHED(n == 6 && out == 6);
    REACHED(n == 6 && out == 3 && s[1] == '\n');
}

/* Writes a number as an escape, in letters of any case. */
static void put_unit(char *out, unsigned unit)
{
    out[0] = '\\';
    out[1] = 'u';
    for (size_t i = 5; i > 1; i--, unit >>= 4)
        out[i] = (nondet_bool() ? "0123456789abcdef" : "0123456789ABCDEF")[unit & 15];
}

/* The character that s begins with, in n bytes. */
static uint32_t character(const char *s, size_t n)
{
    uint32_t c = n == 1 ? (unsigned char)s[0] : (unsigned char)s[0] & 0x7Fu >> n;

    for (size_t i = 1; i < n; i++)
        c = c << 6 | ((unsigned char)s[i] & 0x3Fu);
    return c;
}

/* PROOF mmd_json_equals
 * proved: in bounds; just what mmd_json_unescape makes of it whole is the text
 * bound: strings of up to 6 bytes, texts of up to 4
 * models: 64
 * with: --unwind 10 --unwindset put_utf8.0:4,four_hex.0:5 */
void prove_json_equals(void)
{
    char s[6];
    size_t len = any_length(6), out;
    const char *text = any_text(4);
    bool equals = mmd_json_equals(s, len, text);
    bool whole = mmd_json_unescape(s, len, &out) == len;

    PROVE(equals == (whole && strlen(text) == out && same(s, text, out)));
    REACHED(equals && len == 6 && out == 1);
}

/* PROOF mmd_json_unescape(escapes)
 * proved: two escapes of a surrogate pair give their character; of any two others each gives its
 * own, U+FFFD for U+0000 and for half of a pair
 * bound: any two numbers of 16 bits, in letters of any case
 * models: 64 arm
 * with: --unwind 14 --unwindset mmd_json_unescape.0:4,put_utf8.0:4,utf8_by_value.0:5 */
void prove_unescape_escapes(void)
{
    char s[12];
    const unsigned first = (unsigned)any_length(0xFFFF), second = (unsigned)any_length(0xFFFF);
    size_t out;

    put_unit(s, first);
    put_unit(s + 6, second);
    PROVE(mmd_json_unescape(s, sizeof s, &out) == sizeof s && out > 0);
    size_t n = utf8_by_value((unsigned char *)s, out);
    PROVE(n > 0);
    uint32_t c = character(s, n);
    if (first >> 10 == 0x36 && second >> 10 == 0x37)
        PROVE(n == out && c == 0x10000 + ((first & 0x3FF) << 10 | (second & 0x3FF)));
    else
        PROVE(n < out && c == (first == 0 || first >> 11 == 0x1B ? REPLACEMENT : first));
    REACHED(c == 0x10FFFF);
    REACHED(c == REPLACEMENT && first == 0xD800 && second == 0x41);
}

/* PROOF mmd_json_unescape(what is no escape)
 * proved: takes just a backslash with one of the eight characters of RFC 8259, or with "u" and four
 * hexadecimal digits
 * bound: all texts of up to 6 bytes that begin with a backslash, and of which the rest could only
 * be that one escape
 * models: 64
 * with: --unwind 10 --unwindset
 * mmd_json_unescape.0:2,put_utf8.0:4,mmd_span.0:2,mmd_span.1:2,memmove.0:2,memmove.1:2 */
void prove_unescape_first(void)
{
    char s[6];
    size_t len = any_length(6), out;

    ASSUME(s[0] == '\\' && (s[1] == 'u' ? len == 6 : len <= 2) && len > 0);
    bool is_escape = len == 2 && is_one_of((unsigned char)s[1], "\"\\/bfnrt");
    if (len == 6) {
        is_escape = true;
        for (size_t i = 2; i < 6; i++)
            is_escape &= mmd_hex_digit(s[i]) >= 0;
    }
    PROVE((mmd_json_unescape(s, len, &out) > 0) == is_escape);
    REACHED(is_escape && out == 3);
    REACHED(is_escape && len == 2 && s[0] == '\b');
}

/* ---- base64 ---- */

static bool is_base64_digit(char c)
{
    return is_alphanumeric((unsigned char)c) || c == '+' || c == '/';
}

/* The digit of a group's place, 0 to 3, that its three bytes are written with; "A" stands for none
 * of it, too. */
static char digit_of(const char *group, size_t place)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                 "0123456789+/";
    uint32_t bits = (uint32_t)(unsigned char)group[0] << 16 |
                    (uint32_t)(unsigned char)group[1] << 8 | (unsigned char)group[2];

    return digits[bits >> (18 - 6 * place) & 63];
}

/* PROOF mmd_base64_decode
 * proved: takes just digits in fours, up to two of the last of them "=", and white space anywhere;
 * writes, in place, the bytes whose digits these are
 * bound: texts of up to 8 bytes
 * models: 64 arm
 * with: --unwind 10 */
void prove_base64_decode(void)
{
    size_t len = any_length(8), at = any_length(7), digits = 0, padding = 0;
    char text[8], packed[8];
    bool right = true;

    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (c == ' ' || (c >= '\t' && c <= '\r'))
            continue;
        right &= c == '=' || (is_base64_digit(c) && padding == 0);
        padding += c == '=';
        packed[digits++] = c;
    }
    right &= digits % 4 == 0 && padding <= 2;
    size_t n = mmd_base64_decode((uint8_t *)text, text, len);
    PROVE(n == (right ? digits / 4 * 3 - padding : 0) && n <= len / 4 * 3);
    if (n > 0 && at < digits)
        PROVE(digit_of(text + at / 4 * 3, at % 4) == (packed[at] == '=' ? 'A' : packed[at]));
    REACHED(n == 6 && text[5] == 'x');
    REACHED(n == 1 && len == 8);
    REACHED(n == 5 && at == 4 && text[4] == 'x');
}

static unsigned above_blank(const char *in)
{
    unsigned count = 0;

    for (size_t i = 0; i < 8; i++)
        count += in[i] > ' ';
    return count;
}

/* PROOF count_digits
 * proved: of eight digits, "=" and white space in any order, how many are no white space
 * bound: all
 * models: 64 arm 64be
 * with: --unwind 9 */
void prove_count_digits(void)
{
    const char *text = any_bytes(8);

    for (size_t i = 0; i < 8; i++)
        ASSUME(text[i] >= '\t' && text[i] <= 'z');
    PROVE(count_digits(text) == above_blank(text));
    REACHED(count_digits(text) == 5);
}

/* PROOF mmd_base64_skip and mmd_base64_next
 * proved: in bounds, whatever the text is, and never further than its end
 * bound: texts of up to 9 bytes
 * not: that the bytes are those of mmd_base64_decode: test_bundle and the fuzz target trust
 * models: 64 arm
 * with: --unwind 11
 * replaced: count_digits:above_blank */
void prove_base64_reader(void)
{
    size_t len = any_length(9);
    char *text = any_bytes(len);
    struct mmd_base64_reader r = {.at = text, .end = text + len};
    uint8_t byte;

    bool there = mmd_base64_skip(&r, nondet_size()) && mmd_base64_next(&r, &byte);
    PROVE(r.at >= text && r.at <= r.end && r.left <= 3);
    REACHED(there && r.at - text == 9 && r.left == 1);
}

/* ---- GUIDs, dates ---- */

/* PROOF mmd_guid
 * proved: the form of RFC 9562, version 4, in lower case
 * bound: all
 * models: 64
 * with: --unwind 38 */
void prove_guid(void)
{
    char guid[MMD_GUID_LEN + 1];
    size_t at = any_length(MMD_GUID_LEN - 1);

    mmd_guid(guid, any_bytes(16));
    PROVE(guid[MMD_GUID_LEN] == '\0' && guid[14] == '4');
    PROVE(guid[19] == '8' || guid[19] == '9' || guid[19] == 'a' || guid[19] == 'b');
    bool is_dash = at == 8 || at == 13 || at == 18 || at == 23;
    PROVE(is_dash ? guid[at] == '-'
                  : (guid[at] >= '0' && guid[at] <= '9') || (guid[at] >= 'a' && guid[at] <= 'f'));
    REACHED(guid[0] == 'f');
}

static int two(const char *digits)
{
    return (digits[0] - '0') * 10 + (digits[1] - '0');
}

/* PROOF mmd_http_date
 * proved: takes just IMF-fixdate: digits where it has digits, a month's name, all other characters
 * as they are there, days up to 31, years from 1900 on, times of the day up to a leap second; gives
 * a time within the years 1900 to 9999
 * bound: all
 * not: which time, that test_text compares; the day of the week, which is not checked
 * models: 64 arm
 * with: --unwind 33 */
void prove_http_date(void)
{
    size_t len = any_length(31);
    char *text = any_bytes(len);
    int64_t when = mmd_http_date(text, len);
    static const char form[] = "???, 00 ??? 0000 00:00:00 GMT",
                      months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    bool right = len == sizeof form - 1, is_month = false;

    for (size_t i = 0; right && i < len; i++)
        right = form[i] == '0' ? text[i] >= '0' && text[i] <= '9'
                               : form[i] == '?' || text[i] == form[i];
    for (size_t i = 0; right && i < 12; i++)
        is_month |= same(text + 8, months[i], 3);
    right = right && is_month && two(text + 5) >= 1 && two(text + 5) <= 31 &&
            two(text + 12) >= 19 && two(text + 17) <= 23 && two(text + 20) <= 59 &&
            two(text + 23) <= 60;
    PROVE(when == -1 || (when >= -2208988800 && when <= 253402300800));
    PROVE(right ? when != -1 || same(text + 5, "31 Dec 1969 23:59:59", 20) : when == -1);
    REACHED(when == 784111777);
}

/* ---- what is fit to be shown ---- */

/* PROOF make_printable
 * proved: leaves UTF-8 of the same length without control characters: none below U+0020, no DEL,
 * none of U+0080 to U+009F; what it changes becomes "?"; printable ASCII stays
 * bound: texts up to 8 bytes
 * models: 64 arm
 * with: --unwind 10 --unwindset mmd_utf8_sequence.0:4,utf8_by_value.0:5,prove_make_printable.1:5 */
void prove_make_printable(void)
{
    char text[9];
    size_t len = any_length(8), at = any_length(7);

    for (size_t i = 0; i < len; i++)
        ASSUME(text[i] != '\0');
    text[len] = '\0';
    unsigned char old = (unsigned char)text[at];
    make_printable(text);
    if (at >= len)
        return;
    unsigned char c = (unsigned char)text[at];
    PROVE(c >= 0x20 && c != 0x7F);
    PROVE(c == old || (c == '?' && (old < 0x20 || old >= 0x7F)));
    PROVE(c != 0xC2 || (unsigned char)text[at + 1] >= 0xA0);
    /* it belongs to a well-formed sequence, which begins up to three bytes before */
    bool is_in = false;
    for (size_t back = 0; back < 4 && back <= at; back++)
        is_in |= utf8_by_value((unsigned char *)text + at - back, len - at + back) > back;
    PROVE(is_in);
    PROVE(strlen(text) == len);
    REACHED(len == 8 && at == 7 && c == 0xBF);
    REACHED(len == 8 && at == 3 && old == 0x9F && c == '?');
}

/* Whether a piece of a text is one of the secret, too. */
static bool is_piece(const char *piece, size_t piece_len, const char *secret, size_t len)
{
    for (size_t i = 0; i + piece_len <= len; i++)
        if (same(piece, secret + i, piece_len))
            return true;
    return false;
}

static void check_contains(size_t piece_len)
{
    size_t len = any_length(18);
    char *secret = any_bytes(len), piece[PIECE];

    PROVE(contains(secret, len, piece, piece_len) == is_piece(piece, piece_len, secret, len));
    REACHED(len == 18 && contains(secret + 2, 16, piece, piece_len) && secret[2] != secret[17]);
}

/* PROOF contains
 * proved: whether the 16 bytes are anywhere in the secret
 * bound: secrets up to 18 bytes
 * models: 64 arm
 * with: --unwind 18 --unwindset contains.0:4,is_piece.0:4 */
void prove_contains(void)
{
    check_contains(PIECE);
}

/* PROOF contains(short)
 * proved: the same of fewer bytes
 * bound: 14 bytes; secrets up to 18
 * models: 64 arm
 * with: --unwind 18 --unwindset contains.0:6,is_piece.0:6 */
void prove_contains_short(void)
{
    check_contains(14);
}

static char shown[20], old[20];
static bool is_secret[20]; /* whether the piece that begins there is */
static size_t piece;

bool contract_of_contains(const char *secret, size_t len, const char *from, size_t piece_len)
{
    size_t at = (size_t)(from - shown);

    PROVE(piece_len == piece && __CPROVER_r_ok(secret, len) && __CPROVER_r_ok(from, piece));
    PROVE(same(from, old + at, piece)); /* it is not starred before it is looked at */
    return is_secret[at];
}

static void check_cover(const char *secret, size_t max)
{
    size_t len = any_length(max), at = any_length(sizeof shown - 1), from = any_length(at);
    bool was_secret = false, is_alone = true;

    for (size_t i = 0; i < sizeof shown; i++) {
        old[i] = shown[i] = nondet_char();
        is_secret[i] = i + piece <= len && nondet_bool();
    }
    cover(shown, len, secret);
    for (size_t i = 0; i < sizeof shown; i++) {
        was_secret |= is_secret[i] && i <= at && at - i < piece;
        is_alone &= !is_secret[i] || i >= from || from - i >= piece;
    }
    PROVE(shown[at] == old[at] || (shown[at] == '*' && was_secret));
    if (is_secret[from]) {
        PROVE(shown[from] == '*' || shown[from + piece - 1] == '*');
        PROVE(!is_alone || at - from >= piece || shown[at] == '*');
    }
    REACHED(was_secret && len == max && at == max - 1 && shown[at] == '*' && is_secret[0]);
    REACHED(was_secret && old[at] != '*' && shown[at] == old[at]);
}

/* PROOF cover
 * proved: in bounds; of each piece that is in the secret, at least the first or the last byte is
 * starred, and so 16 bytes of it never stay; all of it, unless a piece begins less than 16 bytes
 * before; nothing is starred that belongs to no piece
 * bound: texts of up to 20 bytes, any pieces of it secret
 * not: that each piece is starred as a whole: of two that overlap without making one, up to 15
 * bytes of the second may stay
 * models: 64 arm
 * with: --unwind 22 --unwindset cover.0:7,cover.1:7,same.0:17
 * replaced: contains:contract_of_contains */
void prove_cover(void)
{
    piece = PIECE;
    check_cover("a secret of 20 bytes", sizeof shown);
}

/* PROOF cover(short)
 * proved: the same of a secret that is shorter than a piece, which then is all of it
 * bound: a secret of 14 bytes; texts of up to 17, wherever it may be in them
 * models: 64 arm
 * with: --unwind 22 --unwindset cover.0:6,cover.1:6,same.0:15
 * replaced: contains:contract_of_contains */
void prove_cover_short(void)
{
    piece = 14;
    check_cover("fourteen bytes", 17);
}
