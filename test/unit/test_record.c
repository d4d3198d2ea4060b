/* SPDX-License-Identifier: MIT */
/* Tests of the queue's records: what is written is read again, whatever is in it; what is damaged
 * is refused; what somebody else wrote stays within its bounds. A line ends at a guard page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../programs/mmdclose/queue/record.h"
#include "guard.h"
#include "guid_form.h"
#include "mmdclose/key.h"

#define SUM_LEN 30 /* ,"sha256":"0123456789abcdef"}\n */

static struct guard memory;
static const struct record plain = {
    .tenant = "5fd0c1a6-2c8b-4d8e-9a53-0b7f3f1c2d11",
    .request = "c0a8f7e2-91d4-4b6a-8e35-7d2a6b9c4e02",
    .client_request_id = "0f3c2a1e-9b8d-4c7e-8a61-5d4f3b2e1a07",
    .actions = "Restarted the device.",
    .added_s = 1795892400,
    .first_try_s = 1795892460,
    .added_by = 1000,
    .maybe_sent = true,
    .aside = true,
    .wait = {.attempts = 3,
             .at = {1795892520, 86400, "0123456789abcdef0123456789abcdef"},
             .wait_s = 600,
             .outcome = "try_later",
             .said = "No.",
             .alarm = true},
};

static int open_memory(void **state)
{
    (void)state;
    memory = guard_open(2 * RECORD_MAX);
    return 0;
}

static size_t length_of(const struct record *record)
{
    struct mmd_writer w = {NULL, 0, 0};

    put_record(&w, record);
    return w.len;
}

/* The line, with a NUL as the last byte that may be touched. */
static char *line_of(const struct record *record, size_t *len)
{
    *len = length_of(record);
    char *line = guard_room(&memory, *len + 1);
    struct mmd_writer w = {line, *len, 0};

    put_record(&w, record);
    assert_int_equal(w.len, *len);
    line[*len] = '\0';
    return line;
}

/* Members as text, up to the checksum, which is added. */
static char *sealed(const char *text, size_t *len)
{
    size_t n = strlen(text);
    char *line = guard_room(&memory, n + SUM_LEN + 1);
    uint8_t sum[MMD_SHA256_LEN];
    int at;

    memcpy(line, text, n);
    assert_int_equal(mmd_sha256(line, n, sum), MMD_OK);
    at = snprintf(line + n, SUM_LEN + 1, ",\"sha256\":\"");
    for (int i = 0; i < 8; i++, at += 2)
        snprintf(line + n + at, 3, "%02x", sum[i]);
    memcpy(line + n + at, "\"}\n", 4);
    *len = n + SUM_LEN;
    return line;
}

static void assert_same(const struct record *a, const struct record *b)
{
    assert_string_equal(a->tenant, b->tenant);
    assert_string_equal(a->request, b->request);
    assert_string_equal(a->client_request_id, b->client_request_id);
    assert_string_equal(a->actions, b->actions);
    assert_int_equal(a->added_s, b->added_s);
    assert_int_equal(a->first_try_s, b->first_try_s);
    assert_int_equal(a->added_by, b->added_by);
    assert_int_equal(a->maybe_sent, b->maybe_sent);
    assert_int_equal(a->aside, b->aside);
    assert_int_equal(a->wait.attempts, b->wait.attempts);
    assert_int_equal(a->wait.at.wall_s, b->wait.at.wall_s);
    assert_int_equal(a->wait.at.uptime_s, b->wait.at.uptime_s);
    assert_string_equal(a->wait.at.boot_id, b->wait.at.boot_id);
    assert_int_equal(a->wait.wait_s, b->wait.wait_s);
    assert_string_equal(a->wait.outcome, b->wait.outcome);
    assert_string_equal(a->wait.said, b->wait.said);
    assert_int_equal(a->wait.alarm, b->wait.alarm);
}

static void assert_round_trip(const struct record *record)
{
    struct record read;
    size_t len;
    char *line = line_of(record, &len);
    const char *wrong = read_record(&read, line, len);

    if (wrong != NULL)
        fail_msg("%s", wrong);
    assert_same(&read, record);
}

/* ---- what is written is read ---- */

static void test_each_member(void **state)
{
    struct record r = plain;

    (void)state;
    assert_round_trip(&r);
    r.maybe_sent = false;
    assert_round_trip(&r);
    r.aside = false;
    assert_round_trip(&r);
    r.wait.alarm = false;
    assert_round_trip(&r);
    r.first_try_s = 0;
    assert_round_trip(&r);
    r.wait = (struct wait){.outcome = "", .said = ""};
    assert_round_trip(&r);
    r.added_by = UINT32_MAX;
    r.wait.attempts = 1000000;
    r.wait.wait_s = RECORD_WAIT_MAX;
    r.wait.at.uptime_s = INT32_MAX;
    r.added_s = r.wait.at.wall_s = 253402300799; /* the end of the year 9999 */
    assert_round_trip(&r);
}

/* The line that is documented, and that an older version has left. */
static void test_the_line(void **state)
{
    size_t len;
    const char *line = line_of(&plain, &len);
    static const char expected[] =
        "{\"v\":1,\"tenant\":\"5fd0c1a6-2c8b-4d8e-9a53-0b7f3f1c2d11\","
        "\"request\":\"c0a8f7e2-91d4-4b6a-8e35-7d2a6b9c4e02\","
        "\"client_request_id\":\"0f3c2a1e-9b8d-4c7e-8a61-5d4f3b2e1a07\","
        "\"actions\":\"Restarted the "
        "device.\",\"added\":\"2026-11-28T19:00:00Z\",\"added_by\":1000,"
        "\"first_try\":\"2026-11-28T19:01:00Z\",\"maybe_sent\":true,\"aside\":true,\"attempts\":3,"
        "\"last_try\":\"2026-11-28T19:02:00Z\",\"boot\":\"0123456789abcdef0123456789abcdef\","
        "\"uptime_s\":86400,\"wait_s\":600,\"outcome\":\"try_later\",\"said\":\"No.\","
        "\"alarm\":true";
    char *same;

    (void)state;
    assert_int_equal(len, sizeof expected - 1 + SUM_LEN);
    assert_memory_equal(line, expected, sizeof expected - 1);
    char copy[1024];
    memcpy(copy, line, len);
    same = sealed(expected, &len);
    assert_memory_equal(same, copy, len);
}

/* Every byte but NUL, and characters of two to four bytes. */
static void test_each_character(void **state)
{
    char text[4096];
    size_t len = 0;
    struct record r = plain;

    (void)state;
    for (unsigned c = 1; c < 0x80; c++)
        text[len++] = (char)c;
    for (unsigned c = 0x80; c < 0x800; c += c < 0x100 ? 1 : 13) {
        text[len++] = (char)(0xC0 | c >> 6);
        text[len++] = (char)(0x80 | (c & 0x3F));
    }
    snprintf(text + len, sizeof text - len, "%s",
             "\xE2\x80\xA8\xE2\x80\xA9\xEF\xBB\xBF\xEF\xBF\xBD\xEF\xBF\xBF\xF0\x9F\x94\xA5"
             "\\u0041\\\\\"},\"sha256\":\"0\"}\n{\"v\":1}");
    r.actions = r.wait.said = text;
    assert_round_trip(&r);
    const char *line = line_of(&r, &len);
    for (size_t i = 0; i + 1 < len; i++)
        assert_true((unsigned char)line[i] >= 0x20 && line[i] != 0x7F);
    for (unsigned c = 1; c < 0x80; c++) {
        const char one[] = {(char)c, '\0'};
        r.actions = one;
        assert_round_trip(&r);
    }
}

/* Fault 1092: a text that is not UTF-8 -> U+FFFD, in a record that is read again */
static void test_what_is_not_utf8(void **state)
{
    struct record r = plain, read;
    size_t len;

    (void)state;
    r.actions = "a\xFF\xC0\x80\xED\xA0\x80z";
    char *line = line_of(&r, &len);
    assert_null(read_record(&read, line, len));
    assert_string_equal(read.actions,
                        "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
                        "\xEF\xBF\xBDz");
}

/* The longest one that may be added, after the longest words of a try. */
static void test_the_longest(void **state)
{
    struct record r = plain;
    char *text = malloc(RECORD_MAX), said[2048], request[129];
    size_t room;

    (void)state;
    memset(request, 'r', 128);
    request[128] = '\0';
    r.request = r.client_request_id = request;
    r.maybe_sent = r.aside = false;
    r.first_try_s = 0;
    r.wait = (struct wait){.outcome = "", .said = ""};
    r.actions = "";
    room = RECORD_NEW_MAX - length_of(&r);
    memset(text, 'x', room);
    text[room] = '\0';
    r.actions = text;
    assert_int_equal(length_of(&r), RECORD_NEW_MAX);
    memset(said, 1, sizeof said - 1); /* six bytes each, escaped */
    said[sizeof said - 1] = '\0';
    r.wait = plain.wait;
    r.wait.outcome = "not_authorised";
    r.wait.said = said;
    r.wait.attempts = 1000000;
    r.maybe_sent = r.aside = true;
    r.first_try_s = plain.first_try_s;
    assert_true(length_of(&r) <= RECORD_MAX);
    assert_round_trip(&r);
    free(text);
}

/* ---- what is damaged is refused ---- */

/* Fault 1093: any bit of a record flipped, or the record cut anywhere -> it is none */
static void test_each_bit(void **state)
{
    struct record read;
    size_t len;
    char copy[1024];

    (void)state;
    const char *whole = line_of(&plain, &len);
    memcpy(copy, whole, len);
    for (size_t bit = 0; bit < 8 * len; bit++) {
        char *line = guard_room(&memory, len + 1);
        memcpy(line, copy, len);
        line[bit / 8] ^= (char)(1 << bit % 8);
        line[len] = '\0';
        if (read_record(&read, line, len) == NULL)
            fail_msg("bit %zu of byte %zu", bit % 8, bit / 8);
    }
}

static void test_each_cut(void **state)
{
    struct record read;
    size_t len;
    char copy[1024];

    (void)state;
    const char *whole = line_of(&plain, &len);
    memcpy(copy, whole, len);
    for (size_t n = 0; n < len; n++) {
        char *line = guard_room(&memory, n + 1);
        memcpy(line, copy, n);
        line[n] = '\0';
        assert_string_equal(read_record(&read, line, n), "its checksum is wrong");
    }
    for (size_t n = 1; n < 40; n++) { /* and with bytes after it, of zeros or of itself */
        char *line = guard_room(&memory, len + n + 1);
        memcpy(line, copy, len);
        memset(line + len, n % 2 == 0 ? 0 : copy[len - 1], n);
        line[len + n] = '\0';
        assert_string_equal(read_record(&read, line, len + n), "its checksum is wrong");
    }
}

/* What a power cut may leave of a file: zeros of the right length. */
static void test_zeros(void **state)
{
    struct record read;

    (void)state;
    for (size_t len = 0; len < 200; len++) {
        char *line = guard_room(&memory, len + 1);
        memset(line, 0, len + 1);
        assert_non_null(read_record(&read, line, len));
    }
}

/* ---- what somebody else wrote ---- */

static const char *reading(const char *text, struct record *read)
{
    size_t len;
    char *line = sealed(text, &len);

    return read_record(read, line, len);
}

/* Fault 1094: a record with a right checksum that is no JSON, no object, of another version,
 * without a text -> it is none, with the reason */
static void test_refused(void **state)
{
    static const struct {
        const char *text, *wrong;
    } cases[] = {
        {"", "it is not JSON"},
        {"{", "it is not JSON"},
        {"[1", "it is not JSON"},
        {"{\"v\":1,\"actions\":\"x\"}", "it is not JSON"},
        {"{\"v\":1,\"actions\":\"x", "it is not JSON"},
        {"{\"v\":1,\"actions\":\"x\\q\"", "it is not JSON"},
        {"{\"v\":1,,\"actions\":\"x\"", "it is not JSON"},
        {"{'v':1,\"actions\":\"x\"", "it is not JSON"},
        {"{\"actions\":\"x\"", "it is of another version"},
        {"{\"v\":2,\"actions\":\"x\"", "it is of another version"},
        {"{\"v\":null,\"actions\":\"x\"", "it is of another version"},
        {"{\"v\":[1],\"actions\":\"x\"", "it is of another version"},
        {"{\"v\":1", "it says nothing of what was done"},
        {"{\"v\":1,\"actions\":\"\"", "it says nothing of what was done"},
        {"{\"v\":1,\"actions\":7", "it says nothing of what was done"},
        {"{\"v\":1,\"actions\":[\"x\"]", "it says nothing of what was done"},
        {"{\"v\":1,\"actions\":{\"actions\":\"x\"}", "it says nothing of what was done"},
        {"{\"v\":1,\"x\":{\"actions\":\"x\"}", "it says nothing of what was done"},
    };
    struct record read;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *wrong = reading(cases[i].text, &read);
        if (wrong == NULL || strcmp(wrong, cases[i].wrong) != 0)
            fail_msg("<%s>: %s", cases[i].text, wrong != NULL ? wrong : "read");
    }
}

/* Fault 1095: numbers, times and types that no program of ours writes -> the nearest bound, or none
 */
static void test_bounds(void **state)
{
    struct record read;

    (void)state;
    assert_null(reading("{\"v\":1,\"actions\":\"x\",\"attempts\":99999999999999999999999,"
                        "\"wait_s\":99999999999999999999999,\"uptime_s\":-1,\"added_by\":-1,"
                        "\"boot\":\"0123456789abcdef0123456789abcdef0123456789abcdef\"",
                        &read));
    assert_int_equal(read.wait.attempts, 1000000);
    assert_int_equal(read.wait.wait_s, RECORD_WAIT_MAX);
    assert_int_equal(strlen(read.wait.at.boot_id), BOOT_ID_CAP - 1);
    assert_null(reading("{\"v\":1,\"actions\":\"x\",\"attempts\":\"many\",\"wait_s\":true,"
                        "\"maybe_sent\":1,\"aside\":\"true\",\"alarm\":null,\"tenant\":5,"
                        "\"request\":null,\"outcome\":{},\"said\":[]",
                        &read));
    assert_int_equal(read.wait.attempts + read.wait.wait_s, 0);
    assert_false(read.maybe_sent || read.aside || read.wait.alarm);
    assert_string_equal(read.tenant, "");
    assert_string_equal(read.request, "");
    assert_string_equal(read.wait.outcome, "");
    assert_string_equal(read.wait.said, "");
}

static void test_times(void **state)
{
    static const char *const none[] = {"",
                                       "x",
                                       "2026-11-28",
                                       "1969-12-31T23:59:59Z",
                                       "2026-00-28T19:00:00Z",
                                       "2026-13-28T19:00:00Z",
                                       "2026-11-32T19:00:00Z",
                                       "-026-11-28T19:00:00Z",
                                       "99999999999-11-28T19:00:00Z"};
    char text[128];
    struct record read;

    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        snprintf(text, sizeof text, "{\"v\":1,\"actions\":\"x\",\"added\":\"%s\"", none[i]);
        assert_null(reading(text, &read));
        if (read.added_s != 0)
            fail_msg("%s", none[i]);
    }
}

/* A name twice: the last one counts, for all who read it. U+0000 ends no text early. */
static void test_names_and_nul(void **state)
{
    struct record read;

    (void)state;
    assert_null(
        reading("{\"v\":1,\"actions\":\"x\",\"actions\":\"y\",\"tenant\":\"a\\u0000b\"", &read));
    assert_string_equal(read.actions, "y");
    assert_string_equal(read.tenant, "a\xEF\xBF\xBD"
                                     "b");
    assert_null(reading("{\"\\u0076\":1,\"acti\\u006fns\":\"x\"", &read));
    assert_string_equal(read.actions, "x");
}

/* ---- the file's name ---- */

static void test_file_names(void **state)
{
    static const char *const bad[] = {"",  "/",   "a/b", "..\\", "a,b",     "a b",
                                      "%", "a\n", "*",   "a:b",  "\xC3\xA9"};
    char name[RECORD_NAME_CAP], id[130];

    (void)state;
    assert_true(record_name(name, "tenant", "request-._~09"));
    assert_string_equal(name, "tenant,request-._~09.json");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(record_name(name, bad[i], "r"));
        assert_false(record_name(name, "t", bad[i]));
    }
    assert_true(record_name(name, "..", "..")); /* a file's name: ..,...json */
    assert_null(strchr(name, '/'));
    memset(id, 'x', sizeof id);
    id[129] = '\0';
    assert_false(record_name(name, id, "r"));
    id[128] = '\0';
    assert_true(record_name(name, id, "r"));
    assert_false(record_name(name, id, id));
    assert_true(record_name(name, id, id + 128 - (RECORD_NAME_CAP - 1 - 128 - 6)));
    assert_int_equal(strlen(name), RECORD_NAME_CAP - 1);
    assert_false(record_name(name, id, id + 128 - (RECORD_NAME_CAP - 128 - 6)));
}

/* ---- its client-request-id ---- */

/* A text of each length, and each character at each place. */
static void test_guids(void **state)
{
    static const char hex[] = "0123456789abcdefABCDEF";
    size_t len = strlen(plain.client_request_id);
    char *text = guard_room(&memory, len + 1);

    (void)state;
    for (size_t cut = 0; cut <= len; cut++) {
        char *end = guard_room(&memory, cut + 1);
        memcpy(end, plain.client_request_id, cut);
        end[cut] = '\0';
        assert_int_equal(mmd_guid_span(end), cut);
        assert_int_equal(mmd_is_guid(end), cut == len);
    }
    for (size_t at = 0; at < len; at++)
        for (int c = 0; c < 256; c++) {
            memcpy(text, plain.client_request_id, len + 1);
            bool is_hyphen = text[at] == '-';
            text[at] = (char)c;
            bool fits = is_hyphen ? c == '-' : c != 0 && strchr(hex, c) != NULL;
            assert_int_equal(mmd_guid_span(text), fits ? len : at);
            assert_int_equal(mmd_is_guid(text), fits);
        }
    assert_false(mmd_is_guid("0f3c2a1e-9b8d-4c7e-8a61-5d4f3b2e1a070"));
}

/* ---- a wait by itself ---- */

static void test_waits(void **state)
{
    struct mmd_writer w = {NULL, 0, 0};
    const char *credential;
    struct wait read;

    (void)state;
    put_wait(&w, &plain.wait, "0a1b");
    char *line = guard_room(&memory, w.len + 1);
    w = (struct mmd_writer){line, w.len, 0};
    put_wait(&w, &plain.wait, "0a1b");
    line[w.len] = '\0';
    char copy[1024];
    memcpy(copy, line, w.len + 1);
    assert_null(read_wait(&read, &credential, line, w.len));
    assert_string_equal(credential, "0a1b");
    assert_int_equal(read.attempts, 3);
    assert_int_equal(read.wait_s, 600);
    assert_string_equal(read.at.boot_id, plain.wait.at.boot_id);
    assert_string_equal(read.said, "No.");
    assert_true(read.alarm);
    for (size_t bit = 0; bit < 8 * w.len; bit++) {
        memcpy(line, copy, w.len + 1);
        line[bit / 8] ^= (char)(1 << bit % 8);
        assert_non_null(read_wait(&read, &credential, line, w.len));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_member),    cmocka_unit_test(test_the_line),
        cmocka_unit_test(test_each_character), cmocka_unit_test(test_what_is_not_utf8),
        cmocka_unit_test(test_the_longest),    cmocka_unit_test(test_each_bit),
        cmocka_unit_test(test_each_cut),       cmocka_unit_test(test_zeros),
        cmocka_unit_test(test_refused),        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_times),          cmocka_unit_test(test_names_and_nul),
        cmocka_unit_test(test_file_names),     cmocka_unit_test(test_waits),
        cmocka_unit_test(test_guids),
    };

    return cmocka_run_group_tests(tests, open_memory, NULL);
}
