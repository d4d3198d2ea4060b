/* SPDX-License-Identifier: MIT */
/* Tests of what makes a server's text fit to be printed: no control characters, no bytes that are
 * not UTF-8, no piece of the token. Texts end at a guard page. */
#define _GNU_SOURCE 1
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "printable.h"
#include "reference.h"

#define PIECE 16 /* bytes of a secret that must not be shown in a row */

static struct guard memory, secret_memory;

static int open_memory(void **state)
{
    (void)state;
    memory = guard_open(4096);
    secret_memory = guard_open(4096);
    return 0;
}

/* ---- printable ---- */

static bool is_control(const unsigned char *s, size_t n)
{
    return (n == 1 && (s[0] < 0x20 || s[0] == 0x7F)) || (n == 2 && s[0] == 0xC2 && s[1] < 0xA0);
}

/* A question mark for each byte of what cannot be shown, nothing else changed. */
static void expect_made_printable(const unsigned char *text, size_t len)
{
    unsigned char expected[64];
    char *made = guard_put(&memory, text, len + 1);

    assert_true(len < sizeof expected);
    memcpy(expected, text, len + 1);
    for (size_t at = 0, n; at < len; at += n) {
        n = reference_utf8(text + at, len - at);
        bool shown = n > 0 && !is_control(text + at, n);
        n = n > 0 ? n : 1;
        if (!shown)
            memset(expected + at, '?', n);
    }
    make_printable(made);
    if (memcmp(made, expected, len + 1) != 0)
        fail_msg("%02X %02X %02X %02X...: \"%s\"", text[0], text[1], text[2], text[3], made);
    assert_true(guard_intact(&memory, len + 1));
}

/* Fault 33 */
static void test_every_pair_of_bytes(void **state)
{
    unsigned char text[8] = "a??z";

    (void)state;
    for (unsigned first = 1; first < 256; first++)
        for (unsigned second = 0; second < 256; second++) {
            text[1] = (unsigned char)first;
            text[2] = (unsigned char)second;
            expect_made_printable(text, second == 0 ? 2 : 4); /* a NUL ends it */
            expect_made_printable(text + 1, second == 0 ? 1 : 3);
            if (second == 0)
                continue;
            text[3] = '\0';
            expect_made_printable(text + 1, 2);
            text[3] = 'z';
        }
}

/* Whole sequences, overlong ones, surrogates, beyond the last character, cut, stray bytes.
 * Fault 250 */
static void test_four_bytes_at_the_bounds(void **state)
{
    static const unsigned char bytes[] = {0x1B, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9B, 0x9F,
                                          0xA0, 0xBF, 0xC0, 0xC2, 0xC3, 0xDF, 0xE0, 0xE2,
                                          0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0xFF};
    const size_t count = sizeof bytes, all = count * count * count * count;
    unsigned char text[5] = "";

    (void)state;
    for (size_t which = 0; which < all; which++) {
        for (size_t i = 0, rest = which; i < 4; i++, rest /= count)
            text[i] = bytes[rest % count];
        expect_made_printable(text, 4);
    }
}

static void expect_printed(const char *text, const char *expected)
{
    char *made = guard_text(&memory, text);

    make_printable(made);
    assert_string_equal(made, expected);
}

static void test_texts(void **state)
{
    (void)state;
    expect_printed("", "");
    expect_printed("Ger\xC3\xA4t \xE6\x97\xA5 \xF0\x9F\x94\xA7 ~",
                   "Ger\xC3\xA4t \xE6\x97\xA5 \xF0\x9F\x94\xA7 ~");
    expect_printed("a\x1B[2J\r\nb\x7F", "a?[2J??b?");
    expect_printed("\xC2\x9B"
                   "2J \x9B"
                   "2J \xC2\xA0",
                   "??2J ?2J \xC2\xA0");
    expect_printed("cut \xE2\x82", "cut ??");
}

/* ---- cover ---- */

static const char token[] =
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiIsIng1dCI6Im5PbzNaRHJPRFhFSzFqS1doWHNsSFJf";

/* Covers a copy of the text, which then stands at the guard page. */
static const char *covered(const char *text, size_t len, const char *secret)
{
    char *copy = guard_put(&memory, text, len);

    cover(copy, len, guard_text(&secret_memory, secret));
    assert_true(guard_intact(&memory, len));
    return copy;
}

/* Fault 249 */
static void test_a_piece_at_any_place(void **state)
{
    char text[96], expected[96];

    (void)state;
    for (size_t before = 0; before <= PIECE + 1; before++)
        for (size_t after = 0; after <= PIECE + 1; after++)
            for (size_t len = 0; len <= 2 * PIECE + 1; len++)
                for (size_t from = 0; from + len <= sizeof token - 1; from++) {
                    size_t whole = before + len + after;
                    memset(text, '.', whole);
                    memcpy(expected, text, whole);
                    memcpy(text + before, token + from, len);
                    memcpy(expected + before, text + before, len);
                    if (len >= PIECE)
                        memset(expected + before, '*', len);
                    assert_memory_equal(covered(text, whole, token), expected, whole);
                }
}

static bool has_piece_at(const char *text, const char *secret, size_t piece)
{
    return piece > 0 && memmem(secret, strlen(secret), text, piece) != NULL;
}

/* Nothing of the secret is left, and nothing was covered that is not in a piece of it. */
static void expect_covered(const char *text, size_t len, const char *secret)
{
    const char *after = covered(text, len, secret);
    size_t piece = strlen(secret) < PIECE ? strlen(secret) : PIECE;
    bool may[64] = {false};

    assert_true(len <= sizeof may);
    for (size_t at = 0; at + piece <= len; at++) {
        assert_false(has_piece_at(after + at, secret, piece));
        if (has_piece_at(text + at, secret, piece))
            memset(may + at, true, piece);
    }
    for (size_t at = 0; at < len; at++)
        if (after[at] != text[at] && (after[at] != '*' || !may[at]))
            fail_msg("%.*s became %.*s for %s", (int)len, text, (int)len, after, secret);
}

/* Of few letters, so that pieces overlap, repeat and nearly match. */
static void test_texts_that_are_made_of_pieces(void **state)
{
    uint32_t random = 1;
    char secret[49], text[64];

    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        size_t secret_len = round % sizeof secret, len = round / 7 % (sizeof text + 1);
        for (size_t i = 0; i < secret_len; i++, random = random * 1664525 + 1013904223)
            secret[i] = (random >> 24) % 16 == 0 ? 'b' : 'a';
        secret[secret_len] = '\0';
        for (size_t i = 0; i < len; i++, random = random * 1664525 + 1013904223)
            text[i] = (random >> 24) % 16 == 0 ? 'b' : 'a';
        expect_covered(text, len, secret);
    }
}

/* Fault 455: a token of less than 16 characters that the service says back -> starred as a whole */
static void test_secrets_about_as_long_as_a_piece(void **state)
{
    char secret[PIECE + 2];

    (void)state;
    for (size_t len = 0; len <= PIECE + 1; len++) {
        memcpy(secret, token, len);
        secret[len] = '\0';
        for (size_t shown = 0; shown < sizeof token && shown <= 64; shown++)
            expect_covered(token, shown, secret);
        const char *after = covered(token, sizeof token - 1, secret);
        assert_int_equal(strspn(after, "*"), len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_pair_of_bytes),
        cmocka_unit_test(test_four_bytes_at_the_bounds),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_a_piece_at_any_place),
        cmocka_unit_test(test_texts_that_are_made_of_pieces),
        cmocka_unit_test(test_secrets_about_as_long_as_a_piece),
    };

    return cmocka_run_group_tests_name("printable", tests, open_memory, NULL);
}
