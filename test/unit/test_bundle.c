/* SPDX-License-Identifier: MIT */
/* Tests of searching a bundle in PEM: it finds what decoding all of it shows. Small certificates
 * have just the shape of one (RFC 5280, 4.1); the system's bundle has real ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "mmdclose/trust.h"
#include "text/base64.h"
#include "tls/trust.h"

#define BEGIN "-----BEGIN CERTIFICATE-----\n"
#define END   "-----END CERTIFICATE-----\n"
#define AS(label, text)                                                                            \
    "-----BEGIN " label "CERTIFICATE-----\n" text "-----END " label "CERTIFICATE-----\n"

/* As in test_trust.c: A without a version and with an empty subject, B with a subject of a byte. */
#define A_PEM "MBMwCwIBATAAMAAwADAAMAADAgAB"
#define B_PEM "MBkwEaADAgECAgEBMAAwADAAMAEFMAADAgAB"
#define A     BEGIN A_PEM "\n" END
#define B     BEGIN B_PEM "\n" END
#define A_LEN 21
#define B_LEN 27

#define BUNDLE_MAX (2 * 1024 * 1024)

static struct guard text, found;

static int open_memory(void **state)
{
    (void)state;
    text = guard_open(BUNDLE_MAX);
    found = guard_open(BUNDLE_MAX);
    return 0;
}

/* A bundle of which exactly the memory that the header asks for can be touched. */
static struct mmd_bundle bundle_of(const char *pem, size_t len)
{
    return (struct mmd_bundle){.pem = guard_put(&text, pem, len),
                               .len = len,
                               .memory = guard_room(&found, len),
                               .cap = len};
}

struct name {
    const uint8_t *der;
    size_t len;
};

/* The next certificate with that subject. */
static const uint8_t *next_of(const struct mmd_trust *trust, struct name subject, size_t *at,
                              size_t *len)
{
    struct mmd_outline outline;
    const uint8_t *der;

    while ((der = mmd_trust_next(trust, at, len)) != NULL)
        if (mmd_outline_read(&outline, der, *len) && outline.subject_len == subject.len &&
            memcmp(outline.subject, subject.der, subject.len) == 0)
            return der;
    return NULL;
}

/* Whether both have the same certificates with that subject, in the same order. */
static bool agree(const struct mmd_trust *a, const struct mmd_trust *b, struct name subject)
{
    const uint8_t *of_a, *of_b;
    size_t at_a = 0, at_b = 0, len_a = 0, len_b = 0;

    do {
        of_a = next_of(a, subject, &at_a, &len_a);
        of_b = next_of(b, subject, &at_b, &len_b);
    } while (of_a != NULL && of_b != NULL && len_a == len_b && memcmp(of_a, of_b, len_a) == 0);
    return of_a == NULL && of_b == NULL;
}

/* Searches for each subject that decoding the whole bundle shows, beginning with the last, and for
 * one that is not there. Returns how many certificates there are. */
static size_t compare(const char *pem, size_t len)
{
    static const struct name missing = {(const uint8_t *)"\x30\x02\x31\x00", 4};
    static char copy[BUNDLE_MAX];
    struct mmd_bundle b = bundle_of(pem, len);
    struct mmd_outline outline;
    struct mmd_trust whole;
    struct name subjects[1024];
    const uint8_t *der;
    size_t skipped, at = 0, size, count = 0;

    memcpy(copy, pem, len);
    size_t expected = mmd_trust_from_pem(copy, len, &whole, &skipped);
    assert_int_equal(mmd_bundle_open(&b), expected > 0 ? MMD_OK : MMD_ERR_TRUST);
    while (count < 1024 && (der = mmd_trust_next(&whole, &at, &size)) != NULL) {
        assert_true(mmd_outline_read(&outline, der, size));
        subjects[count++] = (struct name){outline.subject, outline.subject_len};
    }
    assert_int_equal(count, expected);
    assert_int_equal(mmd_bundle_find(&b, missing.der, missing.len), MMD_OK);
    for (size_t i = 0; i < count; i++) /* nor is part of a name one */
        assert_int_equal(mmd_bundle_find(&b, subjects[i].der, subjects[i].len - 1), MMD_OK);
    assert_int_equal(b.found.len, 0);
    for (size_t i = count; i-- > 0;)
        if (mmd_bundle_find(&b, subjects[i].der, subjects[i].len) != MMD_OK ||
            !agree(&b.found, &whole, subjects[i]))
            fail_msg("certificate %zu of %zu", i, count);
    assert_int_equal(b.found.len, whole.len);               /* each of them once */
    assert_int_equal(mmd_bundle_find(&b, NULL, 0), MMD_OK); /* all, in place of these */
    assert_int_equal(b.found.len, whole.len);
    assert_memory_equal(b.found.der, whole.der, whole.len);
    assert_memory_equal(b.pem, pem, len);
    return count;
}

static void test_labels_and_ends(void **state)
{
    static const struct {
        const char *pem;
        size_t count;
    } cases[] = {
        {"", 0},
        {A_PEM, 0},
        {BEGIN END, 0},
        {"x\n--\n" A "# y\n-----\n" B "z", 2},
        {A A B A, 4},
        {AS("X509 ", A_PEM "\n") B, 2},
        {AS("TRUSTED ", A_PEM "AAAA\n") B, 1},
        {AS("TRUSTED ", A_PEM "\n"), 0},
        {BEGIN A_PEM "\n-----END X509 CERTIFICATE-----\n" B, 1},
        {BEGIN "MBMw\n" B, 1},
        {BEGIN A_PEM "\n" B, 2},
        {BEGIN A_PEM "AA==\n" END B, 1},
        {BEGIN "MBMwCwIBATAAMAAwADAAMAADAgA=\n" END B, 1},
        {BEGIN "MAMCAQE=\n" END B, 1},
        /* a length that reaches beyond the end, and one that is not a length */
        {BEGIN "MBMwCwKE/////zAAMAAwADAAMAADAgAB\n" END B, 1},
        {BEGIN "MIAwgAIBATAAMAAwADAAMAADAgAB\n" END B, 1},
        {BEGIN "MP8wgAIBATAAMAAwADAAMAADAgAB\n" END B, 1},
        /* a version that is longer than all */
        {BEGIN "MBUwDaBwAgEBMAAwADAAMAAwAAMCAAE=\n" END B, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (compare(cases[i].pem, strlen(cases[i].pem)) != cases[i].count)
            fail_msg("case %zu", i);
}

static void test_in_what_is_cut_anywhere(void **state)
{
    static const char whole[] = "x" BEGIN A_PEM "\n" END BEGIN B_PEM END BEGIN A_PEM "\n" END;

    (void)state;
    for (size_t n = 0; n < sizeof whole; n++)
        (void)compare(whole, n);
}

/* One byte that is another, in a certificate or a mark, hides no other and lets nothing appear. */
static void test_beside_damage(void **state)
{
    static const char whole[] = A B A;
    static const char others[] = {'\0', '\t', '\n', ' ', '!', '+', '-', '/', '=', 'A', 'z', '\x80'};
    char changed[sizeof whole];

    (void)state;
    for (size_t n = 0; n < sizeof whole - 1; n++)
        for (size_t i = 0; i < sizeof others; i++) {
            memcpy(changed, whole, sizeof whole);
            changed[n] = others[i];
            (void)compare(changed, sizeof whole - 1);
        }
}

/* ---- with the system's bundle ---- */

static char *system_bundle(size_t *len)
{
    static char pem[BUNDLE_MAX / 2];
    FILE *file = fopen("/etc/ssl/certs/ca-certificates.crt", "r");

    assert_non_null(file);
    *len = fread(pem, 1, sizeof pem, file);
    fclose(file);
    assert_in_range(*len, 100000, sizeof pem - 1);
    return pem;
}

/* The base64 of all certificates again, in lines of that length that end in newline. */
static size_t fold(char *out, const char *pem, size_t len, size_t line, const char *newline)
{
    size_t n = 0, column = 0;
    bool in_mark = false;

    for (size_t i = 0; i < len; i++) {
        bool line_begins = i == 0 || pem[i - 1] == '\n';
        if (line_begins)
            in_mark = pem[i] == '-';
        if (pem[i] == '\n' && !in_mark)
            continue;
        bool ends = pem[i] == '\n' || (in_mark && line_begins && column > 0);
        if (ends || (!in_mark && line > 0 && column == line)) {
            n += (size_t)sprintf(out + n, "%s", newline);
            column = 0;
        }
        if (pem[i] == '\n')
            continue;
        out[n++] = pem[i];
        column += !in_mark;
    }
    return n;
}

static void test_lines_of_any_length(void **state)
{
    static const size_t lines[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 48, 63, 64, 65, 76, 1000};
    static const char *const newlines[] = {"\n", "\r\n", " \t\v\f\n", "\n\n\n\n\n\n\n\n\n"};
    static char folded[BUNDLE_MAX];
    size_t len, count;
    const char *pem = system_bundle(&len);

    (void)state;
    count = compare(pem, len);
    assert_in_range(count, 100, 500);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        for (size_t k = 0; k < 4; k++)
            if (k == 0 || lines[i] == 0 || lines[i] > (k == 1 ? 3 : 9))
                assert_int_equal(compare(folded, fold(folded, pem, len, lines[i], newlines[k])),
                                 count);
}

/* What repeats: the test does, too. */
static uint32_t next_number(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

/* Bytes of the system's bundle are others, are missing, or come twice. */
static void test_a_damaged_system_bundle(void **state)
{
    static char damaged[BUNDLE_MAX];
    uint32_t seed = 1;
    size_t len;
    const char *pem = system_bundle(&len);

    (void)state;
    for (size_t round = 0; round < 60; round++) {
        size_t from = next_number(&seed) % (len / 2), n = len - from;
        memcpy(damaged, pem + from, n);
        for (size_t i = 0; i < 1 + round; i++) {
            size_t at = next_number(&seed) % (n - 4000), size = next_number(&seed) % 3000;
            switch (next_number(&seed) % 4) {
            case 0: damaged[at] = (char)next_number(&seed); break;
            case 1: damaged[at] = "AQgw+/=-\n \r"[next_number(&seed) % 11]; break;
            case 2:
                memmove(damaged + at, damaged + at + size, n - at - size);
                n -= size;
                break;
            default: memmove(damaged + at + size, damaged + at, n - at); n += size;
            }
        }
        (void)compare(damaged, n);
    }
}

/* ---- memory of a search ---- */

/* With too little memory nothing is found in part, and nothing is written beyond it. */
static void test_with_too_little_memory(void **state)
{
    static const char pem[] = A B A;
    const uint8_t of_a[] = {0x30, 0}, of_b[] = {0x30, 1, 5};
    size_t opened = 0, had_b = 0, had_a = 0;

    (void)state;
    for (size_t cap = 0; cap <= sizeof pem - 1; cap++) {
        struct mmd_bundle b = bundle_of(pem, sizeof pem - 1);
        b.cap = cap;
        b.memory = guard_room(&found, cap);
        int error = mmd_bundle_open(&b);
        assert_int_equal(error, error == MMD_OK ? MMD_OK : MMD_ERR_MEMORY);
        if (error != MMD_OK)
            continue;
        opened++;
        bool has_b = mmd_bundle_find(&b, of_b, sizeof of_b) == MMD_OK;
        assert_int_equal(b.found.len, has_b ? B_LEN : 0);
        had_b += has_b;
        size_t before = b.found.len;
        bool has_a = mmd_bundle_find(&b, of_a, sizeof of_a) == MMD_OK;
        assert_int_equal(b.found.len, before + (has_a ? 2 * A_LEN : 0));
        had_a += has_a && has_b;
    }
    assert_true(opened > had_b && had_b > had_a && had_a > 0);
}

#define LONG_NAME 40000 /* bytes */

static size_t put_header(uint8_t *out, uint8_t tag, size_t len)
{
    const uint8_t header[] = {tag, 0x83, (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len};

    memcpy(out, header, sizeof header);
    return sizeof header;
}

/* Names that no real certificate has: an issuer and a subject of 40000 bytes each. */
static void test_with_long_names(void **state)
{
    static uint8_t der[2 * LONG_NAME + 100];
    static char pem[4 * LONG_NAME];
    struct mmd_writer w = {pem, sizeof pem, 0};
    static const uint8_t begin[] = {2, 1, 1, 0x30, 0}, validity[] = {0x30, 0};
    static const uint8_t end[] = {0x30, 0, 0x30, 0, 3, 2, 0, 1};
    const size_t name = 5 + LONG_NAME, body = sizeof begin + 2 * name + sizeof validity + 2;
    size_t n = put_header(der, 0x30, 5 + body + 6);

    (void)state;
    n += put_header(der + n, 0x30, body);
    n = (size_t)((uint8_t *)memcpy(der + n, begin, sizeof begin) - der) + sizeof begin;
    n += put_header(der + n, 0x30, LONG_NAME) + LONG_NAME;
    n = (size_t)((uint8_t *)memcpy(der + n, validity, sizeof validity) - der) + sizeof validity;
    n += put_header(der + n, 0x30, LONG_NAME) + LONG_NAME;
    der[n - 1] = 7;
    memcpy(der + n, end, sizeof end);
    mmd_put_text(&w, BEGIN A_PEM END BEGIN);
    mmd_put_base64(&w, der, n + sizeof end);
    mmd_put_text(&w, END);
    assert_in_range(w.len, 0, w.cap);
    assert_int_equal(compare(pem, w.len), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_labels_and_ends),
        cmocka_unit_test(test_in_what_is_cut_anywhere),
        cmocka_unit_test(test_beside_damage),
        cmocka_unit_test(test_lines_of_any_length),
        cmocka_unit_test(test_a_damaged_system_bundle),
        cmocka_unit_test(test_with_too_little_memory),
        cmocka_unit_test(test_with_long_names),
    };
    return cmocka_run_group_tests_name("searching a bundle", tests, open_memory, NULL);
}
