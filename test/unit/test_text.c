/* SPDX-License-Identifier: MIT */
/* Tests of the small pure parts: classes of characters, the names of hosts, UTF-8, JSON, base64,
 * dates, and the two tables that turn errors into sentences and results into outcomes. Inputs end
 * at a guard page. */
#define _GNU_SOURCE 1
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base64.h"
#include "calendar.h"
#include "charclass.h"
#include "guard.h"
#include "hostname.h"
#include "http/http_date.h"
#include "json.h"
#include "json_string.h"
#include "mmdclose/closing.h"
#include "mmdclose/version.h"
#include "reference.h"
#include "utf8.h"

static struct guard memory;

static int open_memory(void **state)
{
    (void)state;
    memory = guard_open(4096);
    return 0;
}

/* ---- classes of characters ---- */

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS  "0123456789"

/* Each class once more, as its RFC lists it: by its members, or by those that are not. */
static const struct {
    enum mmd_char_class kind;
    const char *members;
} classes[] = {
    {MMD_CHAR_DIGIT, DIGITS},
    {MMD_CHAR_UNRESERVED, LETTERS DIGITS "-._~"},
    {MMD_CHAR_B64TOKEN, LETTERS DIGITS "-._~+/"},
    {MMD_CHAR_HOST, LETTERS DIGITS "-._"},
    {MMD_CHAR_TCHAR, LETTERS DIGITS "!#$%&'*+-.^_`|~"},
    {MMD_CHAR_BLANK, " \t\n\r"},
};

static bool is_listed(unsigned c, const char *members)
{
    return c != '\0' && strchr(members, (int)c) != NULL;
}

static void test_every_character_in_every_class(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
            if (mmd_is_char((char)c, classes[i].kind) != is_listed(c, classes[i].members))
                fail_msg("%02X in class %02X", c, (unsigned)classes[i].kind);
        assert_int_equal(mmd_is_char((char)c, MMD_CHAR_LINE), c == '\t' || (c >= ' ' && c != 0x7F));
        assert_int_equal(mmd_is_char((char)c, MMD_CHAR_PLAIN),
                         c >= ' ' && c < 0x80 && c != '"' && c != '\\');
    }
}

static void test_span(void **state)
{
    (void)state;
    for (size_t len = 0; len <= 20; len++) {
        char *s = guard_room(&memory, len);
        memset(s, '7', len);
        assert_int_equal(mmd_span(s, len, MMD_CHAR_DIGIT), len);
        for (size_t at = len; at-- > 0; s[at] = 'x') {
            s[at] = 'x';
            assert_int_equal(mmd_span(s, len, MMD_CHAR_DIGIT), at);
        }
    }
}

static void test_hex_digits(void **state)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";

    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        const char *at = memchr(digits, (int)c, sizeof digits - 1);
        assert_int_equal(mmd_hex_digit((char)c), at != NULL ? (at - digits) % 16 : -1);
    }
}

/* ---- the names of hosts ---- */

static void test_hostnames(void **state)
{
    static const struct {
        const char *name;
        enum mmd_rule rule;
        size_t offset;
    } table[] = {
        {"mmdls.microsoft.com", MMD_RULE_NONE, 0},
        {"a", MMD_RULE_NONE, 0},
        {"1a", MMD_RULE_NONE, 0},
        {"a.b1", MMD_RULE_NONE, 0},
        {"1.2.3.4x", MMD_RULE_NONE, 0},
        {"_x-y.test", MMD_RULE_NONE, 0},
        {"", MMD_RULE_EMPTY, 0},
        {"a b", MMD_RULE_CHARACTER, 1},
        {"host:443", MMD_RULE_CHARACTER, 4},
        {"a/", MMD_RULE_CHARACTER, 1},
        {"\xC3\xA9.test", MMD_RULE_CHARACTER, 0},
        {"::1", MMD_RULE_CHARACTER, 0},
        {"a.", MMD_RULE_LABEL, 2},
        {".", MMD_RULE_LABEL, 1},
        {"a..", MMD_RULE_LABEL, 3},
        {"192.0.2.1", MMD_RULE_ADDRESS, 8},
        {"7", MMD_RULE_ADDRESS, 0},
        {"a.12", MMD_RULE_ADDRESS, 2},
    };
    char name[256];
    struct mmd_fault fault;

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        bool good = mmd_check_hostname(guard_text(&memory, table[i].name), &fault);
        if (good != (table[i].rule == MMD_RULE_NONE) || fault.rule != table[i].rule ||
            (!good && fault.offset != table[i].offset))
            fail_msg("\"%s\": rule %d at %zu", table[i].name, (int)fault.rule, fault.offset);
    }
    memset(name, 'a', sizeof name);
    name[254] = '\0';
    assert_false(mmd_check_hostname(guard_text(&memory, name), &fault));
    assert_int_equal(fault.rule, MMD_RULE_LENGTH);
    assert_int_equal(fault.offset, 253);
    name[253] = '\0';
    assert_true(mmd_check_hostname(guard_text(&memory, name), &fault));
}

/* ---- UTF-8 ---- */

static void expect_same_length(const unsigned char *s, size_t len)
{
    size_t n = mmd_utf8_sequence((const char *)s, len), expected = reference_utf8(s, len);

    if (n != expected)
        fail_msg("%02X %02X...: %zu of %zu bytes, expected %zu", s[0], len > 1 ? s[1] : 0u, n, len,
                 expected);
}

/* Fault 166: overlong forms, surrogates, what is above U+10FFFF, stray and missing bytes -> no
 * UTF-8 (RFC 3629, 4) */
static void test_utf8_of_one_to_three_bytes(void **state)
{
    unsigned char *one = guard_room(&memory, 1), *two = one - 1, *three = one - 2;

    (void)state;
    for (unsigned a = 0; a < 256; a++) {
        one[0] = (unsigned char)a;
        expect_same_length(one, 1);
        for (unsigned b = 0; b < 256; b++) {
            two[0] = (unsigned char)a;
            two[1] = (unsigned char)b;
            expect_same_length(two, 2);
            for (unsigned c = 0; c < 256; c++) {
                three[0] = (unsigned char)a;
                three[1] = (unsigned char)b;
                three[2] = (unsigned char)c;
                expect_same_length(three, 3);
            }
        }
    }
}

static void test_utf8_of_four_bytes(void **state)
{
    static const unsigned char edges[] = {0x00, 0x7F, 0x80, 0x8F, 0x90,
                                          0x9F, 0xA0, 0xBF, 0xC0, 0xFF};
    unsigned char *s = guard_room(&memory, 4);

    (void)state;
    for (unsigned a = 0; a < 256; a++)
        for (unsigned b = 0; b < 256; b++)
            for (size_t c = 0; c < sizeof edges; c++)
                for (size_t d = 0; d < sizeof edges; d++) {
                    s[0] = (unsigned char)a;
                    s[1] = (unsigned char)b;
                    s[2] = edges[c];
                    s[3] = edges[d];
                    expect_same_length(s, 4);
                }
}

static void test_every_character(void **state)
{
    unsigned char bytes[4];

    (void)state;
    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        size_t len = reference_encode(bytes, c);
        const char *s = guard_put(&memory, bytes, len);
        size_t expected = c >= 0xD800 && c <= 0xDFFF ? 0 : len;
        if (mmd_utf8_sequence(s, len) != expected)
            fail_msg("U+%04X", (unsigned)c);
        if (len > 1 && mmd_utf8_sequence(guard_put(&memory, bytes, len - 1), len - 1) != 0)
            fail_msg("U+%04X without its last byte", (unsigned)c);
    }
}

/* ---- JSON strings ---- */

#define REPLACED "\xEF\xBF\xBD"

static void expect_unescaped(const char *in, size_t len, size_t resolved, const char *out,
                             size_t out_len)
{
    char *s = guard_put(&memory, in, len);
    size_t got_len = 0, got = mmd_json_unescape(s, len, &got_len);

    if (got != resolved || got_len != out_len || memcmp(s, out, out_len) != 0)
        fail_msg("%.*s: resolved %zu to %zu bytes: %.*s", (int)len, in, got, got_len, (int)got_len,
                 s);
    assert_true(guard_intact(&memory, len));
}

static void test_unescape(void **state)
{
    static const struct {
        const char *in;
        size_t resolved; /* bytes of it */
        const char *out;
    } table[] = {
        {"", 0, ""},
        {"plain", 5, "plain"},
        {"\x7F\xC3\xA9", 3, "\x7F\xC3\xA9"},
        {"\\\"\\\\\\/\\b\\f\\n\\r\\t", 16, "\"\\/\b\f\n\r\t"},
        {"a\\u0041b\\u00e9\\u20AC", 20, "aAb\xC3\xA9\xE2\x82\xAC"},
        /* Fault 163: the escape of NUL -> a replacement character (RFC 8259, 7) */
        {"\\u0000", 6, REPLACED},
        {"\\ud800\\udc00", 12, "\xF0\x90\x80\x80"},
        {"\\uDBFF\\uDFFF", 12, "\xF4\x8F\xBF\xBF"},
        /* Fault 164: half a surrogate pair, two in the wrong order, or one before something else
         * -> a replacement character (RFC 8259, 8.2) */
        {"\\ud800", 6, REPLACED},
        {"\\udc00", 6, REPLACED},
        {"\\udc00\\ud800", 12, REPLACED REPLACED},
        {"\\ud800x", 7, REPLACED "x"},
        {"\\ud800\\n", 8, REPLACED "\n"},
        {"\\ud800\\u0041", 12, REPLACED "A"},
        {"\\ud800\\ud800\\udc00", 18, REPLACED "\xF0\x90\x80\x80"},
        /* what must not stand there ends it. Fault 165 */
        {"a\\", 1, "a"},
        {"a\\x", 1, "a"},
        {"a\\B", 1, "a"},
        {"a\\u", 1, "a"},
        {"a\\u123", 1, "a"},
        {"a\\u123g", 1, "a"},
        {"a\\u 123", 1, "a"},
        {"a\\u-123", 1, "a"},
        {"a\\U0041", 1, "a"},
        {"\\ud800\\udc0", 6, REPLACED},
        {"\\ud800\\", 6, REPLACED},
        {"a\nb", 1, "a"},
        {"a\x1F", 1, "a"},
        {"\x01", 0, ""},
        /* Fault 631: bytes that are not UTF-8 -> stay, to be replaced where they are shown */
        {"a\x80", 2, "a\x80"},
        {"a\xC3", 2, "a\xC3"},
        {"\\n\xE2\x82", 4, "\n\xE2\x82"},
        {"\xED\xA0\x80", 3, "\xED\xA0\x80"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        expect_unescaped(table[i].in, strlen(table[i].in), table[i].resolved, table[i].out,
                         strlen(table[i].out));
    expect_unescaped("a\0b", 3, 1, "a", 1);
    expect_unescaped("a\\\0b", 4, 1, "a", 1);
}

static void test_every_unicode_escape(void **state)
{
    char in[16];
    unsigned char out[4];

    (void)state;
    for (uint32_t c = 1; c <= 0xFFFF; c++) {
        if (c < 0xD800 || c > 0xDFFF) {
            snprintf(in, sizeof in, c % 2 == 0 ? "\\u%04x" : "\\u%04X", (unsigned)c);
            expect_unescaped(in, 6, 6, (char *)out, reference_encode(out, c));
        }
    }
    for (uint32_t c = 0x10000; c <= 0x10FFFF; c += 0x1F) {
        snprintf(in, sizeof in, "\\u%04x\\u%04x", (unsigned)(0xD800 + (c - 0x10000) / 0x400),
                 (unsigned)(0xDC00 + (c - 0x10000) % 0x400));
        expect_unescaped(in, 12, 12, (char *)out, reference_encode(out, c));
    }
}

/* ---- JSON texts ---- */

/* Parses a copy of a text at the guard page. */
static bool parse(struct mmd_json *json, const char *text, bool cut)
{
    size_t len = strlen(text);

    return mmd_json_parse(json, guard_put(&memory, text, len), len, cut);
}

static const char *text_at(const struct mmd_json *json, const char *outer, const char *inner)
{
    const jsmntok_t *value = mmd_json_member(json, json->tokens, outer);

    return mmd_json_text(json, inner != NULL ? mmd_json_member(json, value, inner) : value);
}

static void test_json_members(void **state)
{
    static const char text[] =
        "\xEF\xBB\xBF{\"a\":\"one\",\"b\":{\"a\":\"two\",\"b\":{\"ab\":1},\"c\":3},"
        "\"c\":[\"a\"],\"ab\":-4,\"a\":\"l\\u00e4st\"}"; /* as many tokens as a board may take */
    struct mmd_json json;

    (void)state;
    assert_true(parse(&json, text, false));
    const jsmntok_t *root = json.tokens, *b = mmd_json_member(&json, root, "b");
    assert_true(mmd_json_is_object(root) && mmd_json_is_object(b));
    assert_false(mmd_json_is_object(mmd_json_member(&json, root, "c")));
    assert_false(mmd_json_is_object(NULL));
    assert_string_equal(text_at(&json, "a", NULL), "l\xC3\xA4st"); /* the last of that name */
    assert_string_equal(text_at(&json, "b", "a"), "two");
    assert_string_equal(text_at(&json, "b", "c"), "3");
    assert_string_equal(text_at(&json, "ab", NULL), "-4");
    assert_string_equal(text_at(&json, "b", NULL), ""); /* an object, */
    assert_string_equal(text_at(&json, "c", NULL), ""); /* an array: no text */
    assert_null(mmd_json_member(&json, root, "d"));
    assert_null(mmd_json_member(&json, root, "A"));
    assert_null(mmd_json_member(&json, root, ""));
    assert_int_equal(json.count, 20);
    assert_null(mmd_json_member(&json, b, "ab")); /* within its "b", and after it */
    assert_null(mmd_json_member(&json, mmd_json_member(&json, root, "a"), "a"));
    assert_null(mmd_json_member(&json, mmd_json_member(&json, root, "c"), "a"));
    assert_null(mmd_json_member(&json, NULL, "a"));
    assert_string_equal(mmd_json_text(&json, NULL), "");
    assert_false(mmd_json_is_cut(&json, NULL));
}

/* What an OAuth token endpoint responds (RFC 6749, 5.1), with expires_in as the number it is there
 * or as the string that some send. */
static void test_json_of_a_token(void **state)
{
    static const char *const texts[] = {
        "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"eyJ0.e-_Y.c2ln\"}",
        "{ \"token_type\" : \"Bearer\", \"expires_in\" : \"3599\" ,\r\n"
        "\"access_token\" : \"eyJ0.e-_Y.c2ln\" }\n",
        "{\"access_token\":\"eyJ0.e-_Y.c2ln\",\"ext_expires_in\":1,\"expires_in\":3599,"
        "\"expires_on\":\"7\",\"resource\":null,\"token_type\":\"Bearer\"}",
    };
    struct mmd_json json;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_true(parse(&json, texts[i], false));
        assert_string_equal(text_at(&json, "token_type", NULL), "Bearer");
        assert_string_equal(text_at(&json, "expires_in", NULL), "3599");
        assert_string_equal(text_at(&json, "access_token", NULL), "eyJ0.e-_Y.c2ln");
        assert_string_equal(text_at(&json, "refresh_token", NULL), "");
    }
}

/* A token that is not all there must be seen to be cut; a number that may go on is no number. */
static void test_json_of_a_token_that_is_cut(void **state)
{
    static const char text[] = "{\"expires_in\":3599,\"access_token\":\"eyJ0.e-_Y.c2ln\"}";
    const size_t number = strlen("{\"expires_in\":3599"), end = sizeof text - 2;
    struct mmd_json json;

    (void)state;
    for (size_t len = 0; len < sizeof text - 1; len++) {
        assert_false(mmd_json_parse(&json, guard_put(&memory, text, len), len, false));
        if (!mmd_json_parse(&json, guard_put(&memory, text, len), len, true))
            continue;
        assert_string_equal(text_at(&json, "expires_in", NULL), len > number ? "3599" : "");
        const jsmntok_t *token = mmd_json_member(&json, json.tokens, "access_token");
        bool cut = mmd_json_is_cut(&json, token);
        const char *begun = mmd_json_text(&json, token);
        assert_true(len >= end ? !cut && strcmp(begun, "eyJ0.e-_Y.c2ln") == 0
                               : cut == (token != NULL) && strlen(begun) < 14);
    }
}

static void test_json_numbers(void **state)
{
    static const struct {
        const char *number, *text; /* NULL: not JSON */
    } table[] = {
        {"0", "0"},   {"-0", "-0"}, {"3599", "3599"}, {"1.0", ""},   {"1e3", ""},  {"1E-3", ""},
        {"true", ""}, {"null", ""}, {"[1]", ""},      {"01", NULL},  {"+1", NULL}, {"-", NULL},
        {"1.", NULL}, {".1", NULL}, {"1e", NULL},     {"--1", NULL},
    };
    char text[32];
    struct mmd_json json;

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        snprintf(text, sizeof text, "{\"n\":%s}", table[i].number);
        bool good = parse(&json, text, false);
        if (good != (table[i].text != NULL) ||
            (good && strcmp(text_at(&json, "n", NULL), table[i].text) != 0))
            fail_msg("%s", text);
    }
}

/* ---- base64 ---- */

static void expect_decoded(const char *text, const char *bytes, size_t n)
{
    size_t len = strlen(text);
    char *in = guard_put(&memory, text, len);
    uint8_t out[64];

    memset(out, 0xA5, sizeof out);
    if (mmd_base64_decode(out, in, len) != n || memcmp(out, bytes, n) != 0 ||
        out[len / 4 * 3] != 0xA5)
        fail_msg("\"%s\"", text);
    if (mmd_base64_decode((uint8_t *)in, in, len) != n || memcmp(in, bytes, n) != 0)
        fail_msg("\"%s\" in place", text);
    assert_true(guard_intact(&memory, len));
}

static void test_base64(void **state)
{
    static const char *const table[][2] = {
        /* of RFC 4648, 10 */
        {"", ""},
        {"Zg==", "f"},
        {"Zm8=", "fo"},
        {"Zm9v", "foo"},
        {"Zm9vYg==", "foob"},
        {"Zm9vYmE=", "fooba"},
        {"Zm9vYmFy", "foobar"},
        {" Z\tm\r\n9\vv\fYmF y\n", "foobar"},
        {"Z g = =", "f"},
        {"/+/+", "\xFF\xEF\xFE"},
        /* malformed */
        {"Z", ""},
        {"Zg", ""},
        {"Zg=", ""},
        {"Zg===", ""},
        {"Z===", ""},
        {"====", ""},
        {"=", ""},
        {"Zg==Zg==", ""},
        {"Zm=v", ""},
        {"Zm9-", ""},
        {"Zm9_", ""},
        {"Zm9v!", ""},
        {"Zm9v\xC3\xA9", ""},
        {"Zm9vYmFyZ", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        expect_decoded(table[i][0], table[i][1], strlen(table[i][1]));
}

static void test_every_base64_digit(void **state)
{
    static const char digits[] = LETTERS DIGITS "+/";

    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        char text[] = {'A', 'A', 'A', (char)c};
        uint8_t out[3];
        const char *at = memchr(digits, (int)c, sizeof digits - 1);
        size_t n = at != NULL ? 3 : c == '=' ? 2 : 0;
        assert_int_equal(mmd_base64_decode(out, text, 4), n);
        assert_true(n < 3 || out[2] == at - digits);
    }
}

/* Puts data into memory that ends with the text, and into less: what is needed is counted. Padding
 * is put at once, or not at all. */
static void expect_put(const uint8_t *data, size_t len, const char *text, bool url)
{
    const size_t needed = strlen(text), digits = strcspn(text, "=");

    for (size_t cap = 0; cap <= needed; cap++) {
        struct mmd_writer w = {guard_room(&memory, cap), cap, 0};
        (url ? mmd_put_base64url : mmd_put_base64)(&w, data, len);
        assert_int_equal(w.len, needed);
        assert_true(guard_intact(&memory, cap));
        assert_memory_equal(w.buf, text, cap == needed || cap < digits ? cap : digits);
    }
}

static void test_putting_base64(void **state)
{
    static const struct {
        const char *bytes, *text, *url;
    } table[] = {
        /* of RFC 4648, 10 */
        {"", "", ""},
        {"f", "Zg==", "Zg"},
        {"fo", "Zm8=", "Zm8"},
        {"foo", "Zm9v", "Zm9v"},
        {"foob", "Zm9vYg==", "Zm9vYg"},
        {"fooba", "Zm9vYmE=", "Zm9vYmE"},
        {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
        {"\xFF\xEF\xFE", "/+/+", "_-_-"},
        {"\xFB\xFF", "+/8=", "-_8"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const uint8_t *bytes = (const uint8_t *)table[i].bytes;
        expect_put(bytes, strlen(table[i].bytes), table[i].text, false);
        expect_put(bytes, strlen(table[i].bytes), table[i].url, true);
    }
}

/* At every place of three bytes, what is put is what was decoded. */
static void test_putting_every_byte(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3 * 256; i++) {
        uint8_t bytes[4] = {0}, again[6];
        char text[8];
        bytes[i % 3] = (uint8_t)(i / 3);
        for (size_t len = 1; len <= sizeof bytes; len++) {
            struct mmd_writer w = {text, sizeof text, 0};
            mmd_put_base64(&w, bytes, len);
            assert_int_equal(w.len, (len + 2) / 3 * 4);
            assert_int_equal(mmd_base64_decode(again, text, w.len), len);
            assert_memory_equal(again, bytes, len);
        }
    }
}

/* ---- dates ---- */

static int64_t date_of(const char *text)
{
    size_t len = strlen(text);

    return mmd_http_date(guard_put(&memory, text, len), len);
}

static void test_every_day_of_four_centuries(void **state)
{
    static const int first = -70, last = 330; /* from 1900 on, as struct tm counts */
    static const int month_days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    (void)state;
    for (int year = first; year < last; year++)
        for (int month = 0; month < 12; month++)
            for (int day = 1; day <= month_days[month]; day++) {
                struct tm tm = {.tm_year = year + 70,
                                .tm_mon = month,
                                .tm_mday = day,
                                .tm_hour = day % 24,
                                .tm_min = day,
                                .tm_sec = 59 - day};
                int64_t seconds =
                    mmd_seconds_since_1970(year + 1970, month + 1, day, day % 24, day, 59 - day);
                if (seconds != timegm(&tm))
                    fail_msg("%04d-%02d-%02d", year + 1970, month + 1, day);
            }
}

static void test_dates_come_back(void **state)
{
    char text[64];

    (void)state;
    for (int64_t t = 0; t < 4102444800; t += 9876543) { /* to 2100, at all times of the day */
        time_t time = (time_t)t;
        struct tm tm;
        strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&time, &tm));
        if (date_of(text) != t)
            fail_msg("%s", text);
    }
}

static void test_times_and_dates_as_text(void **state)
{
    static const struct {
        int64_t seconds;
        const char *time;
    } table[] = {
        {0, "1970-01-01T00:00:00Z"},
        {951782400, "2000-02-29T00:00:00Z"},
        {4107542399, "2100-02-28T23:59:59Z"},
        {1764331199, "2025-11-28T11:59:59Z"},
        {253402300799, "9999-12-31T23:59:59Z"},
        {253402300800, "?"},
        {-1, "?"},
    };
    char text[24];

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct mmd_writer w = {text, sizeof text - 1, 0};
        mmd_put_time(&w, table[i].seconds);
        text[w.len] = '\0';
        assert_string_equal(text, table[i].time);
    }
    for (int64_t day = 0; day < 400 * 366; day++) { /* each comes back */
        struct mmd_writer w = {text, sizeof text - 1, 0};
        mmd_put_date(&w, day * 86400);
        assert_int_equal(w.len, 10);
        assert_int_equal(
            mmd_seconds_since_1970(atoi(text), atoi(text + 5), atoi(text + 8), 0, 0, 0),
            day * 86400);
    }
}

static void test_dates(void **state)
{
    static const struct {
        const char *text;
        int64_t seconds;
    } table[] = {
        {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777}, /* of RFC 9110, 5.6.7 */
        {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
        {"Tue, 29 Feb 2000 23:59:59 GMT", 951868799},
        {"Wed, 01 Mar 2000 00:00:00 GMT", 951868800},
        {"Mon, 01 Mar 2100 00:00:00 GMT", 4107542400},
        {"Tue, 19 Jan 2038 03:14:08 GMT", 2147483648},
        /* Fault 160: a leap second; a date of 2038 and later -> taken, no wrap (RFC 9110, 5.6.7) */
        {"Sat, 31 Dec 2016 23:59:60 GMT", 1483228800}, /* a leap second */
        {"Fri, 31 Dec 9999 23:59:59 GMT", 253402300799},
        {"", -1},
        {"Sun, 06 Nov 1994 08:49:37 GM", -1},
        {"Sun, 06 Nov 1994 08:49:37 GMT ", -1},
        {" Sun, 06 Nov 1994 08:49:37 GMT", -1},
        /* Fault 143 */
        {"Sunday, 06-Nov-94 08:49:37 GMT", -1}, /* the obsolete forms */
        {"Sun Nov  6 08:49:37 1994", -1},
        /* Fault 161: a day beyond 31, a month, year, hour, minute or second that there is not ->
         * no date (RFC 9110, 5.6.7) */
        {"Sun, 00 Nov 1994 08:49:37 GMT", -1},
        {"Sun, 32 Nov 1994 08:49:37 GMT", -1},
        {"Sun,  6 Nov 1994 08:49:37 GMT", -1},
        {"Sun, +6 Nov 1994 08:49:37 GMT", -1},
        {"Sun, 06 nov 1994 08:49:37 GMT", -1},
        {"Sun, 06 Nev 1994 08:49:37 GMT", -1},
        {"Sun, 06 anF 1994 08:49:37 GMT", -1},
        {"Sun, 06 Nov 19x4 08:49:37 GMT", -1},
        {"Sun, 06 Nov 0094 08:49:37 GMT", -1},
        {"Sun, 06 Nov 1994 24:00:00 GMT", -1},
        {"Sun, 06 Nov 1994 08:60:37 GMT", -1},
        {"Sun, 06 Nov 1994 08:49:61 GMT", -1},
        {"Sun, 06 Nov 1994 -8:49:37 GMT", -1},
        /* Fault 462: the 31st of a shorter month -> counted on into the next (RFC 9110, 5.6.7) */
        {"Sat, 31 Feb 2001 00:00:00 GMT", 983577600},  /* 3 March */
        {"Sat, 31 Apr 2010 00:00:00 GMT", 1272672000}, /* 1 May */
        /* Fault 162: another zone than GMT, or in small letters -> no date (RFC 9110, 5.6.7) */
        {"Sun, 06 Nov 1994 08:49:37 UTC", -1},
        {"Sun, 06 Nov 1994 08:49:37 gmt", -1},
        {"Sun, 06 Nov 1994 08:49:37+GMT", -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (date_of(table[i].text) != table[i].seconds)
            fail_msg("\"%s\": %lld", table[i].text, (long long)date_of(table[i].text));
}

/* After the day's name, which says nothing new, every character counts.
 * Fault 167: a date with any character replaced, or cut anywhere -> no date (RFC 9110, 5.6.7) */
static void test_damaged_dates(void **state)
{
    static const char good[] = "Sun, 06 Nov 1994 08:49:37 GMT";
    char text[sizeof good];

    (void)state;
    for (size_t at = 3; at < sizeof good - 1; at++) {
        strcpy(text, good);
        text[at] = '?';
        if (date_of(text) != -1)
            fail_msg("%s", text);
    }
    for (size_t len = 0; len < sizeof good - 1; len++)
        assert_int_equal(mmd_http_date(guard_put(&memory, good, len), len), -1);
}

/* ---- errors ---- */

static void test_every_error_has_its_own_sentence(void **state)
{
    const char *unknown = mmd_error_text(MMD_ERR_SIGN_SALT - 1);

    (void)state;
    for (int error = MMD_OK; error >= MMD_ERR_SIGN_SALT; error--) {
        const char *text = mmd_error_text(error);
        assert_string_not_equal(text, "");
        assert_null(strchr(text, '\n'));
        if (strcmp(text, unknown) == 0)
            fail_msg("%d has no sentence", error);
        for (int other = error + 1; other <= MMD_OK; other++)
            if (strcmp(text, mmd_error_text(other)) == 0)
                fail_msg("%d and %d say the same", error, other);
    }
    assert_string_equal(mmd_error_text(1), unknown);
    assert_string_equal(mmd_error_text(INT_MAX), unknown);
    assert_string_equal(mmd_error_text(INT_MIN), unknown);
}

/* Names are for scripts: they may not change. */
static void test_names_of_errors(void **state)
{
    static const char *const names[] = {
        "ok",
        "pending",
        "end_of_stream",
        "input",
        "capacity",
        "memory",
        "entropy",
        "trust",
        "clock",
        "token",
        "system",
        "name",
        "lookup",
        "connect",
        "network",
        "timeout",
        "tls",
        "tls_version",
        "tls_size",
        "client_cert",
        "cert_name",
        "cert_date",
        "cert_future",
        "cert_issuer",
        "cert_anchor",
        "cert_self_signed",
        "cert_chain",
        "cert",
        "protocol",
        "too_large",
        "empty",
        "truncated",
        "coded",
        "redirect",
        "gateway",
        "status",
        "proxy_auth",
        "proxy_refused",
        "proxy_gateway",
        "token_refused",
        "token_size",
        "clock_skew",
        "sign",
        "sign_key",
        "sign_salt",
    };

    (void)state;
    assert_int_equal(sizeof names / sizeof *names, -MMD_ERR_SIGN_SALT + 1);
    for (int error = MMD_OK; error >= MMD_ERR_SIGN_SALT; error--)
        assert_string_equal(mmd_error_name(error), names[-error]);
    assert_string_equal(mmd_error_name(1), mmd_error_name(MMD_ERR_SIGN_SALT - 1));
    assert_string_equal(mmd_error_name(INT_MIN), mmd_error_name(INT_MAX));
}

/* ---- outcomes ---- */

static struct mmd_verdict judge(struct mmd_result result, const char *body)
{
    struct mmd_verdict verdict;
    static char copy[256];

    result.body_len = (size_t)snprintf(copy, sizeof copy, "%s", body);
    result.body = copy;
    mmd_closing_judge(&verdict, &result);
    return verdict;
}

static struct mmd_verdict judge_status(uint16_t status, const char *body)
{
    struct mmd_result result = MMD_RESULT_NONE;

    result.delivery = MMD_ANSWERED;
    result.status = status;
    return judge(result, body);
}

static enum mmd_outcome outcome(int error, enum mmd_delivery delivery)
{
    struct mmd_result result = MMD_RESULT_NONE;

    result.error = error;
    result.delivery = delivery;
    struct mmd_verdict verdict = judge(result, "");
    assert_int_equal(verdict.error, error);
    return verdict.outcome;
}

static void test_outcome_of_errors(void **state)
{
    static const struct {
        int error;
        enum mmd_outcome not_sent, maybe_sent;
    } table[] = {
        {MMD_ERR_INPUT, MMD_OUTCOME_USAGE, MMD_OUTCOME_USAGE},
        {MMD_ERR_CAPACITY, MMD_OUTCOME_USAGE, MMD_OUTCOME_USAGE},
        {MMD_ERR_MEMORY, MMD_OUTCOME_INTERNAL, MMD_OUTCOME_TRY_LATER},
        {MMD_ERR_ENTROPY, MMD_OUTCOME_INTERNAL, MMD_OUTCOME_TRY_LATER},
        {MMD_ERR_TRUST, MMD_OUTCOME_USAGE, MMD_OUTCOME_USAGE},
        {MMD_ERR_CLOCK, MMD_OUTCOME_CLOCK_NOT_SET, MMD_OUTCOME_CLOCK_NOT_SET},
        {MMD_ERR_TOKEN, MMD_OUTCOME_NO_TOKEN, MMD_OUTCOME_NO_TOKEN},
        {MMD_ERR_SYSTEM, MMD_OUTCOME_INTERNAL, MMD_OUTCOME_TRY_LATER},
        {MMD_ERR_NAME, MMD_OUTCOME_TRY_LATER, MMD_OUTCOME_TRY_LATER},
        {MMD_ERR_LOOKUP, MMD_OUTCOME_TRY_LATER, MMD_OUTCOME_TRY_LATER},
        {MMD_ERR_CONNECT, MMD_OUTCOME_TRY_LATER, MMD_OUTCOME_TRY_LATER},
        {MMD_ERR_NETWORK, MMD_OUTCOME_TRY_LATER, MMD_OUTCOME_TRY_LATER},
        {MMD_ERR_TIMEOUT, MMD_OUTCOME_TRY_LATER, MMD_OUTCOME_TRY_LATER},
        {MMD_ERR_TLS, MMD_OUTCOME_NOT_VERIFIED, MMD_OUTCOME_TRY_LATER},
        {MMD_ERR_TLS_VERSION, MMD_OUTCOME_NOT_VERIFIED, MMD_OUTCOME_TRY_LATER},
        {MMD_ERR_TLS_SIZE, MMD_OUTCOME_NOT_VERIFIED, MMD_OUTCOME_TRY_LATER},
        {MMD_ERR_CLIENT_CERT, MMD_OUTCOME_NOT_VERIFIED, MMD_OUTCOME_NOT_VERIFIED},
        {MMD_ERR_CERT_NAME, MMD_OUTCOME_NOT_VERIFIED, MMD_OUTCOME_TRY_LATER},
        {MMD_ERR_CERT_FUTURE, MMD_OUTCOME_CLOCK_NOT_SET, MMD_OUTCOME_CLOCK_NOT_SET},
        {MMD_ERR_CERT_ANCHOR, MMD_OUTCOME_NOT_VERIFIED, MMD_OUTCOME_TRY_LATER},
        {MMD_ERR_CERT_DATE, MMD_OUTCOME_NOT_VERIFIED, MMD_OUTCOME_TRY_LATER},
        {MMD_ERR_CERT_ISSUER, MMD_OUTCOME_NOT_VERIFIED, MMD_OUTCOME_TRY_LATER},
        {MMD_ERR_CERT_SELF_SIGNED, MMD_OUTCOME_NOT_VERIFIED, MMD_OUTCOME_TRY_LATER},
        {MMD_ERR_CERT_CHAIN, MMD_OUTCOME_NOT_VERIFIED, MMD_OUTCOME_TRY_LATER},
        {MMD_ERR_CERT, MMD_OUTCOME_NOT_VERIFIED, MMD_OUTCOME_TRY_LATER},
        {MMD_ERR_PROTOCOL, MMD_OUTCOME_TRY_LATER, MMD_OUTCOME_TRY_LATER},
        {MMD_ERR_TOO_LARGE, MMD_OUTCOME_TRY_LATER, MMD_OUTCOME_TRY_LATER},
        {MMD_ERR_EMPTY, MMD_OUTCOME_TRY_LATER, MMD_OUTCOME_TRY_LATER},
        {MMD_ERR_TRUNCATED, MMD_OUTCOME_TRY_LATER, MMD_OUTCOME_TRY_LATER},
        {MMD_ERR_GATEWAY, MMD_OUTCOME_TRY_LATER, MMD_OUTCOME_TRY_LATER},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (outcome(table[i].error, MMD_NOT_SENT) != table[i].not_sent)
            fail_msg("%d, not sent", table[i].error);
        if (outcome(table[i].error, MMD_MAYBE_SENT) != table[i].maybe_sent)
            fail_msg("%d, maybe sent", table[i].error);
    }
}

/* Fault 168: each status from 200 to 999, with the service's error object and without -> its
 * outcome, whose word it is, and whose fault (RFC 9110, 15) */
static void test_outcome_of_every_status(void **state)
{
    static const char own[] = "{\"error\":{}}";
    static const char *const others[] = {"", "{}", "{\"error\":\"e\"}", "{\"code\":\"c\"}",
                                         "<html>"};
    static const struct {
        uint16_t status;
        enum mmd_outcome own, other; /* with the error object, and without */
        enum mmd_cause cause;        /* with it */
    } table[] = {
        {401, MMD_OUTCOME_NOT_AUTHORISED, MMD_OUTCOME_NOT_AUTHORISED, MMD_CAUSE_TOKEN},
        {403, MMD_OUTCOME_NOT_AUTHORISED, MMD_OUTCOME_TRY_LATER, MMD_CAUSE_TOKEN},
        {404, MMD_OUTCOME_NO_SUCH_REQUEST, MMD_OUTCOME_TRY_LATER, MMD_CAUSE_SERVICE},
        {407, MMD_OUTCOME_TRY_LATER, MMD_OUTCOME_TRY_LATER, MMD_CAUSE_BETWEEN},
        {408, MMD_OUTCOME_TRY_LATER, MMD_OUTCOME_TRY_LATER, MMD_CAUSE_SERVICE},
        {429, MMD_OUTCOME_TRY_LATER, MMD_OUTCOME_TRY_LATER, MMD_CAUSE_SERVICE},
        {501, MMD_OUTCOME_REFUSED, MMD_OUTCOME_TRY_LATER, MMD_CAUSE_SERVICE},
        {505, MMD_OUTCOME_REFUSED, MMD_OUTCOME_TRY_LATER, MMD_CAUSE_SERVICE},
    };

    (void)state;
    for (uint16_t status = 200; status < 300; status++)
        assert_int_equal(judge_status(status, "").outcome, MMD_OUTCOME_CLOSED);
    for (uint16_t status = 300; status < 1000; status++) {
        bool redirect = status < 400, passing = status >= 500;
        enum mmd_outcome expected =
            redirect || passing ? MMD_OUTCOME_TRY_LATER : MMD_OUTCOME_REFUSED;
        enum mmd_outcome other = MMD_OUTCOME_TRY_LATER;
        enum mmd_cause cause = redirect ? MMD_CAUSE_BETWEEN : MMD_CAUSE_SERVICE;
        for (size_t i = 0; i < sizeof table / sizeof *table; i++)
            if (table[i].status == status) {
                expected = table[i].own;
                other = table[i].other;
                cause = table[i].cause;
            }
        struct mmd_verdict verdict = judge_status(status, own);
        if (verdict.outcome != expected || verdict.cause != cause)
            fail_msg("%u: %d, cause %d", status, verdict.outcome, verdict.cause);
        for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
            verdict = judge_status(status, others[i]);
            if (verdict.outcome != other || verdict.cause == MMD_CAUSE_SERVICE)
                fail_msg("%u %s: %d, cause %d", status, others[i], verdict.outcome, verdict.cause);
        }
    }
}

/* Fault 605: a success with JSON of any kind or blanks -> closed; with a page, or what only begins
 * as JSON -> in between (RFC 8259, 3) */
static void test_bodies_of_a_success(void **state)
{
    static const char *const own[] = {"",           " \r\n\t", "null",      "true",
                                      "\"Closed\"", "0",       "{\"a\":1}", "[]\r\n"};
    static const char *const others[] = {"<html>", "Closed", "nul", "{", "{<html>", "\"a", "1 2"};

    (void)state;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (judge_status(200, own[i]).outcome != MMD_OUTCOME_CLOSED)
            fail_msg("%s", own[i]);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct mmd_verdict verdict = judge_status(200, others[i]);
        if (verdict.error != MMD_ERR_GATEWAY || verdict.outcome != MMD_OUTCOME_TRY_LATER)
            fail_msg("%s: %d", others[i], verdict.error);
    }
}

/* Fault 632: a Bearer challenge with 403 or 401 -> the token's matter, and its text is the message
 */
static void test_challenges_count(void **state)
{
    char challenge[] = "invalid_token: expired";
    struct mmd_result result = MMD_RESULT_NONE;

    (void)state;
    result.delivery = MMD_ANSWERED;
    result.bearer = true;
    result.challenge = challenge;
    for (result.status = 401; result.status <= 404; result.status++) {
        struct mmd_verdict verdict = judge(result, "");
        bool token = result.status == 401 || result.status == 403;
        assert_int_equal(verdict.outcome,
                         token ? MMD_OUTCOME_NOT_AUTHORISED : MMD_OUTCOME_TRY_LATER);
        assert_string_equal(verdict.message, challenge);
    }
    /* Fault 636: "already closed" in a challenge -> settles nothing */
    strcpy(challenge, "already closed");
    result.status = 400;
    assert_int_equal(judge(result, "{\"error\":{}}").outcome, MMD_OUTCOME_REFUSED);
}

/* Fault 633: a body with a coding -> not read; only a status that needs no body settles anything */
static void test_coded_bodies(void **state)
{
    static const struct {
        uint16_t status;
        int error;
    } table[] = {{200, MMD_ERR_CODED},    {204, MMD_ERR_CODED},  {400, MMD_ERR_CODED},
                 {302, MMD_ERR_REDIRECT}, {401, MMD_ERR_STATUS}, {503, MMD_ERR_STATUS}};
    struct mmd_result result = MMD_RESULT_NONE;

    (void)state;
    result.delivery = MMD_ANSWERED;
    result.coded = true;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        result.status = table[i].status;
        struct mmd_verdict verdict = judge(result, "{\"error\":{\"message\":\"already closed\"}}");
        assert_int_equal(verdict.error, table[i].error);
        assert_string_equal(verdict.message, "");
    }
    result.status = 204;
    assert_int_equal(judge(result, "").outcome, MMD_OUTCOME_CLOSED);
}

static void test_cause_of_errors(void **state)
{
    static const struct {
        int error;
        const char *cause;
    } table[] = {
        {MMD_OK, "none"},
        {MMD_ERR_INPUT, "arguments"},
        {MMD_ERR_CAPACITY, "arguments"},
        {MMD_ERR_MEMORY, "device"},
        {MMD_ERR_ENTROPY, "device"},
        {MMD_ERR_TRUST, "device"},
        {MMD_ERR_SYSTEM, "device"},
        {MMD_ERR_CERT_ANCHOR, "device"},
        {MMD_ERR_CLOCK, "clock"},
        {MMD_ERR_CERT_FUTURE, "clock"},
        {MMD_ERR_TOKEN, "token"},
        {MMD_ERR_NAME, "name_service"},
        {MMD_ERR_LOOKUP, "name_service"},
        {MMD_ERR_CONNECT, "network"},
        {MMD_ERR_NETWORK, "network"},
        {MMD_ERR_TIMEOUT, "network"},
        {MMD_ERR_EMPTY, "network"},
        {MMD_ERR_TRUNCATED, "network"},
        {MMD_ERR_TLS, "between"},
        {MMD_ERR_TLS_VERSION, "between"},
        {MMD_ERR_TLS_SIZE, "between"},
        {MMD_ERR_CLIENT_CERT, "between"},
        {MMD_ERR_CERT_NAME, "between"},
        {MMD_ERR_CERT_DATE, "between"},
        {MMD_ERR_CERT_ISSUER, "between"},
        {MMD_ERR_CERT_SELF_SIGNED, "between"},
        {MMD_ERR_CERT_CHAIN, "between"},
        {MMD_ERR_CERT, "between"},
        {MMD_ERR_PROTOCOL, "between"},
        {MMD_ERR_TOO_LARGE, "between"},
        {MMD_ERR_CODED, "between"},
        {MMD_ERR_REDIRECT, "between"},
        {MMD_ERR_GATEWAY, "between"},
        {MMD_ERR_PROXY_AUTH, "between"},
        {MMD_ERR_PROXY_REFUSED, "between"},
        {MMD_ERR_PROXY_GATEWAY, "between"},
        {MMD_ERR_TOKEN_REFUSED, "token"},
        {MMD_ERR_TOKEN_SIZE, "device"},
        {MMD_ERR_CLOCK_SKEW, "clock"},
        {MMD_ERR_SIGN, "device"},
        {MMD_ERR_SIGN_KEY, "token"},
        {MMD_ERR_SIGN_SALT, "token"},
    };
    /* every error but those that are no end, and that of a status */
    const size_t all = (size_t)(MMD_ERR_INPUT - MMD_ERR_SIGN_SALT) + 1;

    (void)state;
    assert_int_equal(sizeof table / sizeof *table, all);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct mmd_result result = MMD_RESULT_NONE;
        result.error = table[i].error;
        assert_string_equal(mmd_cause_name(judge(result, "").cause), table[i].cause);
    }
    assert_string_equal(mmd_cause_name(MMD_CAUSE_SERVICE), "service");
    assert_string_equal(mmd_cause_name((enum mmd_cause)99), "none");
}

/* Both the status and the message must say so.
 * Fault 169: "already closed" with another status, or half of it with 400 -> not taken for
 * closed */
static void test_already_closed(void **state)
{
    static const struct {
        uint16_t status;
        const char *message;
        enum mmd_outcome outcome;
    } table[] = {
        {400, "This elevation request was already closed.", MMD_OUTCOME_ALREADY_CLOSED},
        {400, "already closed", MMD_OUTCOME_ALREADY_CLOSED},
        {400, "ALREADY Closed!", MMD_OUTCOME_ALREADY_CLOSED},
        {400, "al already close already closed", MMD_OUTCOME_ALREADY_CLOSED},
        {400, "", MMD_OUTCOME_REFUSED},
        {400, "already close", MMD_OUTCOME_REFUSED},
        {400, "already  closed", MMD_OUTCOME_REFUSED},
        {400, "already\\tclosed", MMD_OUTCOME_REFUSED},
        {400, "The ActionsTaken field is required.", MMD_OUTCOME_REFUSED},
        {404, "already closed", MMD_OUTCOME_NO_SUCH_REQUEST},
        {409, "already closed", MMD_OUTCOME_REFUSED},
        {500, "already closed", MMD_OUTCOME_TRY_LATER},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char body[128];
        snprintf(body, sizeof body, "{\"error\":{\"message\":\"%s\"}}", table[i].message);
        if (judge_status(table[i].status, body).outcome != table[i].outcome)
            fail_msg("%u %s", table[i].status, table[i].message);
    }
}

static void test_sizes_by_name(void **state)
{
    (void)state;
    assert_string_equal(mmd_version(), MMD_VERSION);
    assert_int_equal(mmd_size_of("mmd_result"), sizeof(struct mmd_result));
    assert_int_equal(mmd_size_of("mmd_verdict"), sizeof(struct mmd_verdict));
    assert_int_equal(mmd_size_of("mmd_verdic"), 0);
    assert_int_equal(mmd_size_of("mmd_verdict2"), 0);
    assert_int_equal(mmd_size_of(""), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_character_in_every_class),
        cmocka_unit_test(test_span),
        cmocka_unit_test(test_hex_digits),
        cmocka_unit_test(test_hostnames),
        cmocka_unit_test(test_utf8_of_one_to_three_bytes),
        cmocka_unit_test(test_utf8_of_four_bytes),
        cmocka_unit_test(test_every_character),
        cmocka_unit_test(test_unescape),
        cmocka_unit_test(test_every_unicode_escape),
        cmocka_unit_test(test_json_members),
        cmocka_unit_test(test_json_of_a_token),
        cmocka_unit_test(test_json_of_a_token_that_is_cut),
        cmocka_unit_test(test_json_numbers),
        cmocka_unit_test(test_sizes_by_name),
        cmocka_unit_test(test_base64),
        cmocka_unit_test(test_every_base64_digit),
        cmocka_unit_test(test_putting_base64),
        cmocka_unit_test(test_putting_every_byte),
        cmocka_unit_test(test_every_day_of_four_centuries),
        cmocka_unit_test(test_dates_come_back),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_damaged_dates),
        cmocka_unit_test(test_every_error_has_its_own_sentence),
        cmocka_unit_test(test_names_of_errors),
        cmocka_unit_test(test_outcome_of_errors),
        cmocka_unit_test(test_outcome_of_every_status),
        cmocka_unit_test(test_already_closed),
        cmocka_unit_test(test_bodies_of_a_success),
        cmocka_unit_test(test_challenges_count),
        cmocka_unit_test(test_coded_bodies),
        cmocka_unit_test(test_cause_of_errors),
        cmocka_unit_test(test_times_and_dates_as_text),
    };

    return cmocka_run_group_tests_name("text", tests, open_memory, NULL);
}
