/* SPDX-License-Identifier: MIT */
/* Tests of the error object's reader: what it makes of well-formed bodies, cut at every length, and
 * that it makes nothing of all others. Every body ends at a guard page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "json.h"
#include "reference.h"
#include "service/error_object.h"

#define MEGABYTE 1048576

static struct guard memory;
static char generated[MEGABYTE + 1024];

static int open_memory(void **state)
{
    (void)state;
    memory = guard_open(sizeof generated);
    return 0;
}

/* Reads a copy of a body, and checks what holds for any: nothing is written outside of it. */
static struct mmd_error_object read_body(const char *bytes, size_t len, bool cut)
{
    struct mmd_error_object object;
    char *body = guard_put(&memory, bytes, len);

    memset(&object, 0x5A, sizeof object);
    mmd_error_object_read(&object, body, len, cut);
    assert_true(guard_intact(&memory, len));
    assert_true(cut || !object.message_cut);
    return object;
}

static void expect(const char *body, size_t len, bool cut, const char *code, const char *message,
                   bool message_cut)
{
    struct mmd_error_object object = read_body(body, len, cut);

    if (strcmp(object.code, code) != 0 || strcmp(object.message, message) != 0 ||
        object.message_cut != message_cut)
        fail_msg("%.*s (%zu bytes%s): \"%s\", \"%s\"%s", (int)(len < 200 ? len : 200), body, len,
                 cut ? ", cut" : "", object.code, object.message,
                 object.message_cut ? ", cut" : "");
}

static void expect_nothing(const char *body, size_t len, bool cut)
{
    expect(body, len, cut, "", "", false);
}

static const char mark[] = "\xEF\xBB\xBF";

static size_t after_mark(char *out, const char *body)
{
    strcpy(out, mark);
    strcat(out, body);
    return strlen(out);
}

/* ---- well-formed bodies ---- */

struct row {
    const char *body;
    const char *code, *message;
    const char *raw; /* the message as it stands in the body, between its quotes; NULL: none */
};

static const struct row objects[] = {
    /* Fault 27: {"error":{"code":"400","message":"..."}}; a byte order mark before it -> both
     * kept */
    {"{\"error\":{\"code\":\"400\",\"message\":\"This elevation request was already closed.\"}}",
     "400", "This elevation request was already closed.",
     "This elevation request was already closed."},
    {"{\"error\":{\"message\":\"m\",\"code\":\"c\"}}", "c", "m", "m"},
    /* Fault 170: blanks, tabs and line ends wherever they may stand -> passed over (RFC 8259, 2) */
    {" \t\r\n{ \"error\" : { \"code\" : \"c\" , \"message\" : \"m\" } }", "c", "m", "m"},
    {"{\"x\" :\r[ ] ,\"y\":\n[\t1 ,\r\n{\t} , [ \"z\" ] \n],\"error\"\t:\r\n\"e\"\n}", "e", "",
     NULL},
    /* Fault 28: {"error":"invalid_client","error_description":"..."} -> code is invalid_client
     * (RFC 6749, 5.2) */
    {"{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215\",\"error_codes\":[7]}",
     "invalid_client", "AADSTS7000215", "AADSTS7000215"},
    {"{\"error_description\":\"d\",\"error\":\"e\"}", "e", "d", "d"},
    {"{\"error\":\"e\"}", "e", "", NULL},
    /* Fault 29: message as {"lang":"en","value":"..."} -> the value */
    {"{\"error\":{\"code\":\"\",\"message\":{\"lang\":\"en\",\"value\":\"Gone.\"}}}", "", "Gone.",
     "Gone."},
    {"{\"error\":{\"code\":\"c\",\"message\":{\"lang\":\"en\"}}}", "c", "", NULL},
    /* Fault 31: code as a number; null, empty, missing -> kept as text; status only */
    {"{\"error\":{\"code\":404,\"message\":\"m\"}}", "404", "m", "m"},
    {"{\"error\":{\"code\":0,\"message\":\"m\"}}", "0", "m", "m"},
    {"{\"error\":{\"message\":\"m\",\"code\":-2147024809}}", "-2147024809", "m", "m"},
    {"{\"error\":{\"code\":1e3,\"message\":\"m\"}}", "", "m", "m"},
    {"{\"error\":{\"code\":4.5,\"message\":\"m\"}}", "", "m", "m"},
    /* Fault 171: every form of a number that JSON has, and ones beyond any type -> read past
     * (RFC 8259, 6) */
    {"{\"x\":[0,-0,10,1.5,-1.25,1e3,1E+3,0e-3,1.5e9,-0.0E+00],\"error\":\"e\"}", "e", "", NULL},
    {"{\"x\":1e99999,\"y\":123456789012345678901234567890,\"error\":\"e\"}", "e", "", NULL},
    /* Fault 172: an empty name, a name twice over -> legal, and read past (RFC 8259, 4) */
    {"{\"\":\"no\",\"a\":1,\"a\":2,\"error\":{\"\":1,\"code\":\"c\"}}", "c", "", NULL},
    /* Fault 198: a name written with escapes -> read (RFC 8259, 8.3) */
    {"{\"\\u0065rror\":{\"c\\u006fde\":\"c\"}}", "c", "", NULL},
    {"{\"\\u0065\\u0072ro\\u0072x\":{\"code\":\"c\"}}", "", "", NULL},
    /* Fault 186: a string that is not UTF-8 -> its bytes, to be replaced where they are shown */
    {"{\"error\":{\"code\":\"\xC3(\",\"message\":\"a\xFFz\"},\"\xFE\":1}", "\xC3(", "a\xFFz",
     "a\xFFz"},
    /* Fault 31 */
    {"{\"error\":{\"code\":null,\"message\":null}}", "", "", NULL},
    {"{\"error\":{\"code\":true,\"message\":false}}", "", "", NULL},
    {"{\"error\":{\"code\":\"\",\"message\":\"\"}}", "", "", ""},
    /* Fault 173: code and message as an array, an object, true or false -> none */
    {"{\"error\":{\"code\":[\"a\"],\"message\":[\"b\"]}}", "", "", NULL},
    {"{\"error\":{\"code\":{},\"message\":{}}}", "", "", NULL},
    {"{\"error\":{}}", "", "", NULL},
    /* Fault 174: error as null, as an array or empty, or nothing that has one -> no detail */
    {"{\"error\":null}", "", "", NULL},
    {"{\"error\":[]}", "", "", NULL},
    {"{\"error\":[{\"code\":\"no\"}]}", "", "", NULL},
    {"{}", "", "", NULL},
    {"[]", "", "", NULL},
    {"[{\"error\":{\"code\":\"no\"}}]", "", "", NULL},
    /* Fault 35 */
    {"\"error\"", "", "", NULL},
    {"null", "", "", NULL},
    {"1", "", "", NULL},
    {"{\"Error\":{\"Code\":\"no\"},\"errors\":{\"code\":\"no\"}}", "", "", NULL},
    /* Fault 175: an error within other members, as a value or under another letter case -> not
     * taken for it */
    {"{\"a\":{\"error\":{\"code\":\"no\"}},\"error\":{\"code\":\"c\",\"message\":\"m\"}}", "c", "m",
     "m"},
    {"{\"a\":\"error\",\"b\":[1,{\"c\":[]},\"error\"],\"error\":{\"d\":{\"code\":\"no\"},"
     "\"code\":\"c\",\"message\":\"m\"}}",
     "c", "m", "m"},
    {"{\"error\":{\"code\":\"c\",\"message\":\"m\",\"target\":null,\"details\":[{\"code\":\"no\","
     "\"message\":\"no\"}],\"innererror\":{\"code\":\"no\",\"innererror\":{\"code\":\"no\"}}}}",
     "c", "m", "m"},
    /* escapes */
    {"{\"error\":{\"code\":\"\\u0041\",\"message\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}}", "A",
     "\"\\/\b\f\n\r\t", "\\\"\\\\\\/\\b\\f\\n\\r\\t"},
    /* Fault 32: \u00e9 and other escapes -> UTF-8 (RFC 8259, 7) */
    {"{\"error\":{\"message\":\"caf\\u00e9 \\u20AC \\uD83D\\uDd12!\"}}", "",
     "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x94\x92!", "caf\\u00e9 \\u20AC \\uD83D\\uDd12!"},
    {"{\"error\":{\"message\":\"caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x94\x92!\"}}", "",
     "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x94\x92!", "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x94\x92!"},
    /* Fault 164 */
    {"{\"error\":{\"message\":\"\\ud83d, \\udd12\\ud83d\\u0041\\ud83d\\ud83d\\udd12\"}}", "",
     "\xEF\xBF\xBD, \xEF\xBF\xBD\xEF\xBF\xBD"
     "A\xEF\xBF\xBD\xF0\x9F\x94\x92",
     "\\ud83d, \\udd12\\ud83d\\u0041\\ud83d\\ud83d\\udd12"},
    /* Fault 163 */
    {"{\"error\":{\"code\":\"a\\u0000b\",\"message\":\"\\u0000\\u001b[31m\\u007F\"}}",
     "a\xEF\xBF\xBD"
     "b",
     "\xEF\xBF\xBD\x1B[31m\x7F", "\\u0000\\u001b[31m\\u007F"},
};

#define OBJECTS (sizeof objects / sizeof *objects)

static void test_objects(void **state)
{
    char body[512];

    (void)state;
    for (size_t i = 0; i < OBJECTS; i++) {
        const struct row *row = &objects[i];
        size_t len = after_mark(body, row->body);
        expect(row->body, strlen(row->body), false, row->code, row->message, false);
        expect(body, len, false, row->code, row->message, false);
        expect(body, len, true, row->code, row->message, false); /* the cut is after it */
    }
}

/* Whole only: of one that is cut, a member that comes first may stand for one that would count.
 * Fault 630: the shapes of front doors and other services -> code and message shown */
static void test_other_shapes(void **state)
{
    static const struct row table[] = {
        {"{\"statusCode\":404,\"message\":\"m\"}", "404", "m", "m"},
        {"{\"code\":\"c\",\"message\":\"m\"}", "c", "m", "m"},
        {"{\"Message\":\"m\"}", "", "m", "m"},
        {"{\"type\":\"t\",\"title\":\"no\",\"status\":403,\"detail\":\"m\"}", "403", "m", "m"},
        {"{\"title\":\"m\",\"status\":403}", "403", "m", "m"},
        {"{\"odata.error\":{\"code\":\"c\",\"message\":{\"lang\":\"en\",\"value\":\"m\"}}}", "c",
         "m", "m"},
        {"{\"odata.error\":\"x\",\"message\":\"m\"}", "", "m", "m"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        expect(table[i].body, strlen(table[i].body), false, table[i].code, table[i].message, false);
}

/* Fault 170 */
static void test_white_space_behind(void **state)
{
    char body[512];

    (void)state;
    for (size_t i = 0; i < OBJECTS; i++) {
        size_t len = (size_t)snprintf(body, sizeof body, "%s \t\r\n", objects[i].body);
        expect(body, len, false, objects[i].code, objects[i].message, false);
        expect(body, len, true, objects[i].code, objects[i].message, false);
    }
}

/* A body that is not all there, but is not said to be cut, says nothing.
 * Fault 189: an object that ends early, though the body was not cut -> no detail (RFC 8259, 2) */
static void test_incomplete_objects(void **state)
{
    char body[512];

    (void)state;
    for (size_t i = 0; i < OBJECTS; i++) {
        size_t len = after_mark(body, objects[i].body);
        for (size_t n = 0; n < len; n++)
            expect_nothing(body, n, false);
    }
}

static void expect_prefix(const char *text, const char *whole)
{
    if (strncmp(text, whole, strlen(text)) != 0)
        fail_msg("\"%s\" does not begin \"%s\"", text, whole);
}

/* Where the message begins in the body, after its opening quote; beyond its end if there is none.
 */
static size_t begin_of_message(const struct row *row, const char *body)
{
    char quoted[128];
    const char *at = body, *found = body + strlen(body);

    if (row->raw == NULL)
        return strlen(body) + 1;
    snprintf(quoted, sizeof quoted, "\"%s\"", row->raw);
    while ((at = strstr(at, quoted)) != NULL) /* the last one: names and codes come before it */
        found = at++;
    return (size_t)(found - body) + 1;
}

/* A cut body says what came before the cut: the message is whole, or its first characters, or not
 * begun, by where the cut is. */
static void expect_cut_at(const struct row *row, const char *body, size_t n)
{
    struct mmd_error_object object = read_body(body, n, true);
    size_t from = begin_of_message(row, body);
    bool begun = n >= from, ended = begun && n > from + strlen(row->raw);

    expect_prefix(object.code, row->code);
    expect_prefix(object.message, row->message);
    if (object.message_cut != (begun && !ended))
        fail_msg("%.*s: message_cut %d", (int)n, body, object.message_cut);
    if (!begun || ended)
        assert_string_equal(object.message, ended ? row->message : "");
}

/* Fault 190: a body that was cut anywhere -> what came before the cut, and the message flagged
 * if the cut is in it */
static void test_cut_objects(void **state)
{
    char body[512];

    (void)state;
    for (size_t i = 0; i < OBJECTS; i++) {
        size_t len = after_mark(body, objects[i].body);
        for (size_t n = 0; n <= len; n++) {
            expect_cut_at(&objects[i], body, n);
            if (n + 3 <= len)
                expect_cut_at(&objects[i], objects[i].body, n);
        }
    }
}

/* A cut must cost a message no more than the character it falls in. */
static void test_cut_message_keeps_its_text(void **state)
{
    static const char body[] = "{\"error\":{\"message\":\"abcdefghijklmnopqrstuvwxyz";
    size_t from = strlen("{\"error\":{\"message\":\"");

    (void)state;
    for (size_t n = from; n < sizeof body; n++) {
        struct mmd_error_object object = read_body(body, n, true);
        assert_true(object.message_cut);
        assert_true(strlen(object.message) + 1 >= n - from);
    }
}

/* Fault 191: members of the same name -> the last counts (RFC 8259, 4) */
static void test_repeated_names(void **state)
{
    static const char body[] = "{\"error\":\"a\",\"error\":{\"code\":\"b\",\"code\":\"c\"}}";

    (void)state;
    expect(body, sizeof body - 1, false, "c", "", false);
}

/* ---- what is no JSON says nothing ---- */

static const char *const no_json[] = {
    /* Fault 176: a comma or a colon too many, too few or in the wrong place, also deep within ->
     * no detail (RFC 8259, 4) */
    "{\"error\":{\"code\":\"c\",\"d\":[1,,2]}}",
    "{\"error\":{\"code\":\"c\",\"d\":[1 2]}}",
    "{\"error\":{\"code\":\"c\",\"d\":{\"a\"}}}",
    "{\"error\":{\"code\":\"c\",\"d\":{\"a\":}}}",
    /* Fault 177: literals that are longer, shorter or in capitals, NaN and Infinity -> no detail
     * (RFC 8259, 3) */
    "{\"error\":{\"code\":\"c\",\"x\":True}}",
    "{\"error\":{\"code\":\"c\",\"x\":NULL}}",
    "{\"error\":{\"code\":\"c\",\"x\":nul}}",
    "{\"error\":{\"code\":\"c\",\"x\":NaN}}",
    "{\"error\":{\"code\":\"c\",\"x\":-Infinity}}",
    "{\"error\":{\"code\":\"c\",\"x\":undefined}}",
    "{\"error\":{\"code\":\"c\",\"x\":truth}}",
    "{\"error\":{\"code\":\"c\",\"x\":truE}}",
    /* Fault 178: numbers with a leading zero, a sign or a point too many, without digits, in
     * hexadecimal -> no detail (RFC 8259, 6) */
    "{\"error\":{\"code\":\"c\",\"x\":0x1}}",
    "{\"error\":{\"code\":\"c\",\"x\":-01}}",
    "{\"error\":{\"code\":\"c\",\"x\":1.2.3}}",
    "{\"error\":{\"code\":\"c\",\"x\":1e+}}",
    "{\"error\":{\"code\":\"c\",\"x\":1_0}}",
    "{\"error\":{\"code\":\"c\",\"x\":01}}",
    "{\"error\":{\"code\":\"c\",\"x\":1.}}",
    "{\"error\":{\"code\":\"c\",\"x\":-}}",
    "{\"error\":{\"code\":\"c\",\"x\":1e}}",
    "{\"error\":{\"code\":\"c\",\"x\":.5}}",
    /* Fault 176 */
    "{\"error\":{\"code\"}:\"c\"}",
    "{\"error\":{\"code\":\"c\",\"a\":\"b\":\"c\"}}",
    "{\"error\":{\"code\":\"c\",\"d\":[\"a\":1]}}",
    /* Fault 179: a comma behind the last member or element -> no detail (RFC 8259, 4) */
    "{\"error\":{\"code\":\"c\",\"d\":[1,]}}",
    "{\"error\":{\"code\":\"c\",\"d\":{\"a\":1,}}}",
    /* Fault 180: a control character in a string that is not looked at -> no detail (RFC 8259, 7)
     */
    "{\"error\":{\"code\":\"c\"},\"x\":\"\n\"}",
    /* Fault 181: an empty body, blanks, a byte order mark alone or half of one -> no detail */
    "",
    " ",
    "\xEF\xBB\xBF",
    "\xEF\xBB",
    /* Fault 35: {"error", {"error":}, [], null, 1 -> no detail, status kept */
    "{\"error\"",
    "{\"error\"}",
    "{\"error\":}",
    /* Fault 176 */
    "{\"error\" \"e\"}",
    "{\"error\":\"e\",}",
    "{,\"error\":\"e\"}",
    "{\"error\":\"e\" \"error_description\":\"d\"}",
    "{\"error\":\"e\";\"error_description\":\"d\"}",
    "{\"error\"::\"e\"}",
    "{\"error\":\"e\",,\"a\":1}",
    "{\"error\":\"e\" \"f\"}",
    "{\"error\":\"e\":\"f\"}",
    /* Fault 182: brackets of the wrong kind, or too many -> no detail (RFC 8259, 5) */
    "{\"error\":\"e\"]",
    "{\"error\":\"e\"}}",
    /* Fault 183: anything before or behind the value, a second one too -> no detail (RFC 8259,
     * 2) */
    "{\"error\":\"e\"}{}",
    "{\"error\":\"e\"} x",
    "{\"error\":\"e\"},",
    ",{\"error\":\"e\"}",
    ":{\"error\":\"e\"}",
    "x{\"error\":\"e\"}",
    /* Fault 184: names without quotes, in single ones, or numbers; comments; other white space
     * -> no detail (RFC 8259, 4) */
    "{/**/\"error\":\"e\"}",
    "{\"error\":\"e\"} // done",
    "{\"error\":\v\"e\"}",
    "{\"error\":\xC2\xA0\"e\"}",
    "{error:\"e\"}",
    "{'error':'e'}",
    "{1:\"a\",\"error\":\"e\"}",
    /* Fault 177 */
    "{\"error\":e}",
    /* Fault 178 */
    "{\"error\":0123}",
    "{\"error\":-}",
    "{\"error\":+1}",
    "{\"error\":1-2}",
    /* Fault 165: an escape that there is not, or that is cut short -> no detail (RFC 8259, 7) */
    "{\"error\":\"\\x41\"}",
    "{\"error\":\"\\u12\"}",
    "{\"error\":\"\\u12g4\"}",
    "{\"error\":\"\\ud83d\\u12\"}",
    /* Fault 185: a control character within a string -> no detail (RFC 8259, 7) */
    "{\"error\":\"a\x01\"}",
    "{\"error\":\"a\nb\"}",
    "{\"error\":\"a\x1B[31m\"}",
    /* Fault 176 */
    "{\"error\":{\"code\"}}",
    "{\"error\":{\"code\":}}",
    /* Fault 179 */
    "{\"error\":{\"code\":\"c\",}}",
    /* Fault 176 */
    "{\"error\":{\"code\":\"c\" \"message\":\"m\"}}",
    /* Fault 182 */
    "{\"error\":{\"code\":\"c\"]}",
    /* Fault 187: two byte order marks, or that of UTF-16 -> no detail (RFC 8259, 8.1) */
    "\xEF\xBB\xBF\xEF\xBB\xBF{\"error\":\"e\"}",
    "\xFE\xFF{\"error\":\"e\"}",
    /* Fault 36: an HTML 403 or 502 page; plain "Too Many Requests"; JSON without a content type
     * -> status kept, JSON tried only where it may be JSON */
    "<!DOCTYPE html><html><head><title>403 Forbidden</title></head></html>",
    "<html>{\"error\":\"e\"}</html>",
    "Too Many Requests",
    "invalid_client",
    /* Fault 188: single characters that JSON is made of -> no detail */
    ":",
    ",",
    "}",
    "]",
    "\"",
    "\\",
    "{",
    "[",
};

static void test_what_is_no_json(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof no_json / sizeof *no_json; i++)
        expect_nothing(no_json[i], strlen(no_json[i]), false);
}

/* The same cut at every length: what read_body checks of any body is all that can be said.
 * Fault 192: what is no JSON, cut anywhere -> nothing is read or written outside of it */
static void test_cut_where_it_is_no_json(void **state)
{
    static const char *const after[] = {"",     "\"", "\"x", "{", "[\"", ":\"",
                                        ",\"x", "\\", "\\u", "1", "\xC3"};
    char body[256];

    (void)state;
    for (size_t i = 0; i < sizeof no_json / sizeof *no_json; i++)
        for (size_t n = 0; n <= strlen(no_json[i]); n++)
            for (size_t k = 0; k < sizeof after / sizeof *after; k++) {
                int len = snprintf(body, sizeof body, "%.*s%s", (int)n, no_json[i], after[k]);
                read_body(body, (size_t)len, true);
                read_body(body, (size_t)len, false);
            }
}

/* Fault 193: a second value in a body that was cut behind it -> no detail, as in a whole one */
static void test_cut_behind_the_object(void **state)
{
    static const char *const bodies[] = {
        "{\"error\":\"e\"}\"", "{\"error\":\"e\"} \"abc", "{} \"abc", "[]\"", "\"a\" \"b", "1 \"b",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        expect_nothing(bodies[i], strlen(bodies[i]), true);
}

/* What follows a cut body in the same buffer is not its own.
 * Fault 194: bytes of somebody else behind the body in the same buffer -> not looked at */
static void test_cut_in_front_of_other_bytes(void **state)
{
    static const char bytes[] = "{\"error\":{\"code\":\"c\",\"message\":\"m\"\"";
    char *body = guard_put(&memory, bytes, sizeof bytes - 1);
    struct mmd_error_object object;

    (void)state;
    mmd_error_object_read(&object, body, sizeof bytes - 2, true); /* all but the last quote */
    assert_string_equal(object.code, "c");
    assert_string_equal(object.message, "m");
    assert_false(object.message_cut);
}

/* Fault 195: a NUL before, within or behind the object -> no detail (RFC 8259, 7) */
static void test_nul_bytes(void **state)
{
    static const struct {
        const char *body;
        size_t len;
    } table[] = {
        {"\0{\"error\":\"e\"}", 14},
        {"{\"error\":\"e\"}\0", 14},
        {"{\"error\":\"e\0\"}", 14},
        {"{\"error\"\0:\"e\"}", 14},
        {"{\"error\":\"e\"\0}", 14},
        {"{\"err\0r\":\"e\"}", 13},
        {"\0\0\0\0", 4},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        expect_nothing(table[i].body, table[i].len, false);
        for (size_t n = 0; n <= table[i].len; n++)
            read_body(table[i].body, n, true);
    }
}

/* ---- large ones ---- */

static size_t append(size_t at, const char *text)
{
    assert_true(at + strlen(text) < sizeof generated);
    strcpy(generated + at, text);
    return at + strlen(text);
}

static size_t repeat(size_t at, const char *text, int times)
{
    while (times-- > 0)
        at = append(at, text);
    return at;
}

/* Fault 30: innererror ten deep; details of 500 entries -> bounded; code and message kept if
 * they came first */
static void test_500_details(void **state)
{
    size_t len = append(0, "{\"error\":{\"code\":\"c\",\"message\":\"m\",\"details\":[{}");

    (void)state;
    len = repeat(len, ",{\"code\":\"no\",\"message\":\"no\"}", 500);
    len = append(len, "]}}");
    expect(generated, len, false, "c", "m", false);
    expect(generated, len - 1000, true, "c", "m", false);

    /* when they come first nothing is promised, but that it ends well */
    len = append(0, "{\"error\":{\"details\":[{}");
    len = repeat(len, ",{\"code\":\"no\",\"message\":\"no\"}", 500);
    len = append(len, "],\"code\":\"c\",\"message\":\"m\"}}");
    expect_nothing(generated, len, false);
}

/* Fault 196: brackets a hundred thousand deep -> bounded, and no recursion (RFC 8259, 9) */
static void test_nesting(void **state)
{
    static const int depths[] = {10, 62, 63, 1000, 100000};

    (void)state;
    for (size_t i = 0; i < sizeof depths / sizeof *depths; i++) {
        size_t len = append(0, "{\"error\":{\"code\":\"c\",\"message\":\"m\",\"innererror\":");
        len = repeat(len, "{\"a\":", depths[i]);
        len = append(len, "1");
        len = repeat(len, "}", depths[i]);
        len = append(len, "}}");
        bool read = depths[i] < 63; /* 64 brackets in all */
        expect(generated, len, false, read ? "c" : "", read ? "m" : "", false);

        len = repeat(0, "[", depths[i]);
        expect_nothing(generated, len, true);
        len = repeat(len, "]", depths[i]);
        expect_nothing(generated, len, false);
    }
}

/* Fault 311: what is no JSON at any depth -> no detail (RFC 8259, 4) */
static void test_wrong_far_below(void **state)
{
    (void)state;
    for (int depth = 10; depth <= 70; depth++) {
        size_t len = append(0, "{\"error\":{\"code\":\"c\",\"message\":\"m\",\"innererror\":");
        len = repeat(len, "[", depth);
        len = append(len, ",,");
        len = repeat(len, "]", depth);
        len = append(len, "}}");
        expect_nothing(generated, len, false);
    }
}

/* Brackets are checked beyond the first twenty tokens, too. */
static void test_wrong_bracket_far_on(void **state)
{
    static const char *const ends[] = {"]}", "}]", "]]", "}}"};

    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t len = append(0, "{\"error\":\"e\",\"x\":[0");
        len = repeat(len, ",0", 30);
        len = append(len, ends[i]);
        expect(generated, len, false, i == 0 ? "e" : "", "", false);
    }
}

/* Fault 34: a message of 1 MB -> cut at a character, flagged */
static void test_message_of_a_megabyte(void **state)
{
    static const char head[] = "{\"error\":{\"code\":\"c\",\"message\":\"";
    const size_t from = sizeof head - 1;
    size_t len = append(0, head);

    (void)state;
    while (len + 2 < MEGABYTE)
        len = append(len, "\xC3\xA9");
    for (size_t cap = 4000; cap < 4004; cap++) { /* of the body, so much was kept */
        struct mmd_error_object object = read_body(generated, cap, true);
        assert_string_equal(object.code, "c");
        assert_true(object.message_cut);
        assert_in_range(strlen(object.message), cap - from - 2, cap - from);
        assert_memory_equal(object.message, generated + from, strlen(object.message));
    }
    len = append(len, "\"}}");
    struct mmd_error_object object = read_body(generated, len, false);
    assert_int_equal(strlen(object.message), len - 3 - from);
    assert_false(object.message_cut);
}

/* ---- the first look ---- */

static void test_json_of_any_kind(void **state)
{
    static const struct {
        const char *body;
        bool json;
    } table[] = {
        {"{\"error\":1}", true},
        {"[]", true},
        {" \t\r\n{}", true},
        {"\xEF\xBB\xBF{}", true},
        {"\xEF\xBB\xBF\r\n[1]", true},
        /* Fault 197: no body, blanks, any value -> JSON (RFC 8259, 3) */
        {"", true},
        {" ", true},
        {"\xEF\xBB\xBF", true},
        {"1", true},
        {"-1.5e+3 ", true},
        {"null", true},
        {"true", true},
        {"false\r\n", true},
        {"\"Closed\"", true},
        {"\"\\\"{\\\\\"", true},
        /* Fault 634: a page, or what only begins as JSON does -> none */
        {"{{ <html>login</html>", false},
        {"\"<html>", false},
        {"\"a\\\"", false},
        {"\"a\"b\"", false},
        {"[if IE]><html>", false},
        {"{", false},
        {"[", false},
        {"-e+.", false},
        {"-", false},
        {"1.", false},
        {"1 2", false},
        {"200 OK", false},
        {"nul", false},
        {"nulls", false},
        {"tru", false},
        {"\xEF\xBB", false},
        {"<html>", false},
        {"Too many", false},
        {"\v{", false},
        {" \xEF\xBB\xBF{", false},
        {"\xFF\xFE{", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        size_t len = strlen(table[i].body);
        if (mmd_json_is_any(guard_put(&memory, table[i].body, len), len, false) != table[i].json)
            fail_msg("\"%s\"", table[i].body);
    }
}

/* Fault 635: of a body that is cut, blanks or the beginning of another value -> none */
static void test_json_of_any_kind_that_is_cut(void **state)
{
    (void)state;
    assert_true(mmd_json_is_any("{\"a\":[1", 7, true));
    assert_true(mmd_json_is_any("[", 1, true));
    assert_false(mmd_json_is_any("  ", 2, true));
    assert_false(mmd_json_is_any("\"a", 2, true));
    assert_false(mmd_json_is_any("{<", 2, true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_objects),
        cmocka_unit_test(test_other_shapes),
        cmocka_unit_test(test_white_space_behind),
        cmocka_unit_test(test_incomplete_objects),
        cmocka_unit_test(test_cut_objects),
        cmocka_unit_test(test_cut_message_keeps_its_text),
        cmocka_unit_test(test_repeated_names),
        cmocka_unit_test(test_what_is_no_json),
        cmocka_unit_test(test_cut_where_it_is_no_json),
        cmocka_unit_test(test_cut_behind_the_object),
        cmocka_unit_test(test_cut_in_front_of_other_bytes),
        cmocka_unit_test(test_nul_bytes),
        cmocka_unit_test(test_500_details),
        cmocka_unit_test(test_nesting),
        cmocka_unit_test(test_wrong_far_below),
        cmocka_unit_test(test_wrong_bracket_far_on),
        cmocka_unit_test(test_message_of_a_megabyte),
        cmocka_unit_test(test_json_of_any_kind),
        cmocka_unit_test(test_json_of_any_kind_that_is_cut),
    };

    return cmocka_run_group_tests_name("error object", tests, open_memory, NULL);
}
