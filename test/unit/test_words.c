/* SPDX-License-Identifier: MIT */
/* Tests of how an option's value is split into a program and its arguments: as systemd 252 splits
 * ExecStart=, whose own function gave the expected words. Values end at a guard page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../programs/mmdclose/words.h"
#include "guard.h"

static struct guard memory;
static struct program_words words;

static int open_memory(void **state)
{
    (void)state;
    memory = guard_open(WORDS_TEXT_MAX + 16);
    return 0;
}

static const char *split(const char *value, size_t *at)
{
    memset(&words, 0xA5, sizeof words);
    return split_words(&words, guard_text(&memory, value), at);
}

/* The words, each followed by "|". */
static void expect(const char *value, const char *expected)
{
    char joined[512] = "";
    size_t at;
    const char *fault = split(value, &at);

    if (fault != NULL)
        fail_msg("<%s>: %s at %zu", value, fault, at);
    for (size_t i = 0; i < words.count; i++) {
        strcat(joined, words.word[i]);
        strcat(joined, "|");
    }
    assert_null(words.word[words.count]);
    assert_string_equal(joined, expected);
}

static void expect_fault(const char *value, size_t expected_at, const char *piece)
{
    size_t at = 0;
    const char *fault = split(value, &at);

    if (fault == NULL)
        fail_msg("<%s> was split", value);
    if (strstr(fault, piece) == NULL || at != expected_at)
        fail_msg("<%s>: %s at %zu", value, fault, at);
}

/* Fault 850: words between white space of any kind and number -> split there; $, %, ;, #, | and *
 * are ordinary */
static void test_white_space(void **state)
{
    (void)state;
    expect("/a", "/a|");
    expect("/a b", "/a|b|");
    expect(" \t\n\r/a \t b\r\nc ", "/a|b|c|");
    expect("/a b\vb\fc", "/a|b\vb\fc|");
}

static void test_nothing_is_expanded(void **state)
{
    (void)state;
    expect("/a $HOME ${HOME} $$ %n %% ; | & > < * ? ~ # `id` $(id)",
           "/a|$HOME|${HOME}|$$|%n|%%|;|||&|>|<|*|?|~|#|`id`|$(id)|");
    expect("/a -;b", "/a|-;b|");
}

/* Fault 851: single and double quotes, at a word's ends or within it -> they group, and go; an
 * empty pair is an empty word */
static void test_quotes(void **state)
{
    (void)state;
    expect("'/a b' c", "/a b|c|");
    expect("\"/a b\" c", "/a b|c|");
    expect("/a \"b c\"d e'f g'", "/a|b cd|ef g|");
    expect("/a \"it's\" 'a \"b\"'", "/a|it's|a \"b\"|");
    expect("/a '' \"\" ''\"\"", "/a||||");
    expect("/a '\t\n'", "/a|\t\n|");
}

/* Fault 852: each of C's escapes, in quotes of either kind and outside -> its bytes */
static void test_escapes(void **state)
{
    (void)state;
    expect("/a \\a\\b\\f\\n\\r\\t\\v\\\\\\\"\\'\\s.", "/a|\a\b\f\n\r\t\v\\\"' .|");
    expect(
        "/a \\x41\\x7fA\\101\\377\\u00e9\\u20AC\\U0001F600\\U0010ffff\\u007f\\ud7ff\\ue000",
        "/a|A\x7f"
        "AA\xff\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf\x7f\xed\x9f\xbf\xee\x80\x80|");
    expect("/a '\\x41\\'b' \"\\x41\\\"b\"", "/a|A'b|A\"b|");
    expect("/a\\sb c\\sd", "/a b|c d|");
    expect("\\x2fa", "/a|");
}

/* Fault 853: an unknown escape, too few digits, a NUL, no character, a backslash at the end ->
 * refused, with its byte */
static void test_wrong_escapes(void **state)
{
    static const char *const wrong[] = {
        "\\q",         "\\ ",     "\\;",        "\\$",         "\\%",     "\\x4",
        "\\x",         "\\xg1",   "\\x00",      "\\0",         "\\000",   "\\400",
        "\\08",        "\\12",    "\\u12",      "\\u0000",     "\\ud800", "\\udfff",
        "\\U",         "\\u12g4", "\\U0001f60", "\\u00e",      "\\X41",   "\\U00110000",
        "\\U00000000", "\\N",     "\\8",        "\\UFFFFFFFF", "\\",
    };
    char value[64];

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        strcat(strcpy(value, "/a b"), wrong[i]);
        expect_fault(value, 5, "backslash");
        strcat(strcpy(value, "/a 'b"), wrong[i]);
        expect_fault(value, 6, "backslash");
    }
}

/* Fault 854: a quote without its end -> refused, with the byte where it begins */
static void test_open_quotes(void **state)
{
    (void)state;
    expect_fault("/a \"b", 4, "quote");
    expect_fault("/a b'c d", 5, "quote");
    expect_fault("/a 'b' '", 8, "quote");
    expect_fault("/a \"b\\\"", 4, "quote");
    expect_fault("\"", 1, "quote");
}

/* Fault 855: no whole path, a name that a search path would have to find, a prefix of systemd's,
 * nothing at all -> refused */
static void test_program(void **state)
{
    static const char *const relative[] = {"a", "./a", "-/a", "@/a", "\"\" /a", "~/a", "$X/a"};

    (void)state;
    for (size_t i = 0; i < sizeof relative / sizeof *relative; i++)
        expect_fault(relative[i], 1, "whole path");
    expect_fault("", 1, "empty");
    expect_fault(" \n", 1, "empty");
    expect_fault("/a\\nb", 1, "control");
    expect_fault("'/a\x7f'", 1, "control");
}

/* Fault 856: 64 words, 4095 bytes -> split; one more -> refused */
static void test_bounds(void **state)
{
    static char value[WORDS_TEXT_MAX + 2];

    (void)state;
    strcpy(value, "/a");
    for (int i = 1; i < WORDS_MAX; i++)
        strcat(value, " b");
    assert_null(split(value, &(size_t){0}));
    assert_int_equal(words.count, WORDS_MAX);
    assert_string_equal(words.word[WORDS_MAX - 1], "b");
    assert_null(words.word[WORDS_MAX]);
    strcat(value, " ");
    assert_null(split(value, &(size_t){0}));
    strcat(value, "c");
    expect_fault(value, 2 * WORDS_MAX + 2, "too many");

    memset(value, 'x', sizeof value - 1);
    value[0] = '/';
    expect_fault(value, WORDS_TEXT_MAX + 1, "too long");
    value[WORDS_TEXT_MAX] = '\0';
    assert_null(split(value, &(size_t){0}));
    assert_string_equal(words.word[0], value);
}

/* Any bytes: no word grows, each lies in the text, and reading again what was quoted gives the
 * same. */
static void test_what_was_split_is_split_the_same_when_it_is_quoted(void **state)
{
    static const char letters[] = "/ab \t'\"\\\\xu0123nsU$;";
    uint32_t random = 1;
    char value[40], quoted[4 * sizeof value * 2];
    size_t at;

    (void)state;
    for (unsigned round = 0; round < 200000; round++) {
        size_t len = round % (sizeof value - 1);
        value[0] = '/';
        for (size_t i = 1; i < len; i++, random = random * 1664525 + 1013904223)
            value[i] = letters[(random >> 16) % (sizeof letters - 1)];
        value[len] = '\0';
        if (split(value, &at) != NULL) {
            assert_in_range(at, 1, len + 1);
            continue;
        }
        char *q = quoted;
        struct program_words first = words;
        for (size_t i = 0; i < words.count; i++) {
            assert_in_range(words.word[i] - words.text, 0, len);
            *q++ = '"';
            for (const char *c = words.word[i]; *c != '\0'; c++)
                q += sprintf(q, "\\x%02x", (unsigned char)*c);
            *q++ = '"', *q++ = ' ';
        }
        *q = '\0';
        assert_null(split(quoted, &at));
        assert_int_equal(words.count, first.count);
        for (size_t i = 0; i < words.count; i++)
            assert_string_equal(words.word[i], first.text + (first.word[i] - words.text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_white_space),
        cmocka_unit_test(test_nothing_is_expanded),
        cmocka_unit_test(test_quotes),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_wrong_escapes),
        cmocka_unit_test(test_open_quotes),
        cmocka_unit_test(test_program),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_what_was_split_is_split_the_same_when_it_is_quoted),
    };

    return cmocka_run_group_tests_name("words", tests, open_memory, NULL);
}
