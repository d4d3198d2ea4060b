/* SPDX-License-Identifier: MIT */
/* Tests of the parser of responses. Each response is fed whole, byte by byte, in pieces of several
 * sizes, split in two at every place and, if it is short, in three at every pair of places, and
 * from within its own body's buffer: all that can be observed must be the same each time. Every
 * piece ends at a guard page, as does the body. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "mmdclose/response.h"

#define LONG       (2 * MMD_RESPONSE_HEAD_MAX)
#define UNFINISHED MMD_PENDING /* no error, but the response is not complete */

static struct guard input_memory, body_memory;

static int open_memory(void **state)
{
    (void)state;
    input_memory = guard_open(2 * LONG);
    body_memory = guard_open(2 * LONG);
    return 0;
}

/* ---- feeding ---- */

struct answer {
    const char *bytes;
    size_t len;
    bool ends;  /* the stream ends after it */
    size_t cap; /* of the body's buffer */
};

/* All that can be observed of a parsed response. */
struct seen {
    int error;
    uint16_t status;
    bool head_complete, reusable, done, body_cut;
    size_t consumed; /* if there was no error */
    int32_t retry_after_s;
    int64_t retry_at, date;
    bool coded, bearer;
    char request_id[MMD_REQUEST_ID_MAX + 1];
    char challenge[MMD_CHALLENGE_MAX + 1];
    char location[MMD_LOCATION_MAX + 1];
    const char *request_id_name;
    size_t body_len;
};

static bool to_connect; /* whether it is a CONNECT that is answered */

struct feeder {
    const struct answer *answer;
    struct mmd_response *r;
    size_t at; /* bytes consumed */
    int error;
};

static void begin(struct feeder *f, const struct answer *answer, struct mmd_response *r)
{
    char *body = guard_room(&body_memory, answer->cap);

    memset(r, 0x5A, sizeof *r);
    body = answer->cap == 0 ? NULL : body;
    if (to_connect)
        mmd_response_begin_connect(r, body, answer->cap);
    else
        mmd_response_begin(r, body, answer->cap);
    *f = (struct feeder){answer, r, 0, MMD_OK};
}

/* Feeds data, a copy of the response's next len bytes. */
static void feed_copy(struct feeder *f, const void *data, size_t len)
{
    bool was_done = f->r->done;
    int taken = mmd_response_feed(f->r, data, len);

    if (taken < 0) {
        f->error = taken;
        return;
    }
    assert_in_range(taken, 0, len);
    assert_true(!was_done || taken == 0);
    assert_true((size_t)taken == len || f->r->done);
    f->at += (size_t)taken;
}

static void feed(struct feeder *f, size_t len)
{
    if (len > f->answer->len - f->at)
        len = f->answer->len - f->at;
    if (f->error == MMD_OK)
        feed_copy(f, guard_put(&input_memory, f->answer->bytes + f->at, len), len);
}

/* Puts the next bytes where the body's next bytes belong, as a caller with one buffer does. */
static void feed_in_place(struct feeder *f)
{
    size_t room = f->answer->cap - f->r->body_len, len = f->answer->len - f->at;

    if (room == 0) {
        feed(f, 1);
        return;
    }
    len = len < room ? len : room;
    memcpy(f->r->body + f->r->body_len, f->answer->bytes + f->at, len);
    feed_copy(f, f->r->body + f->r->body_len, len);
}

static bool more(const struct feeder *f)
{
    return f->error == MMD_OK && !f->r->done && f->at < f->answer->len;
}

/* Errors are for good, and a complete response takes no more. */
static void expect_it_stays(const struct seen *seen, struct mmd_response *r)
{
    static const char next[] = "HTTP/1.1 204 No Content\r\n\r\n";

    if (seen->error == UNFINISHED)
        return;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(mmd_response_feed(r, next, sizeof next - 1), seen->error);
        assert_int_equal(mmd_response_end_of_stream(r), seen->error);
    }
    assert_int_equal(r->status, seen->status);
    assert_int_equal(r->body_len, seen->body_len);
    assert_int_equal(r->done, seen->done);
}

static struct seen end(struct feeder *f)
{
    struct mmd_response *r = f->r;
    struct seen seen;

    if (f->error == MMD_OK && r->done && f->at < f->answer->len) /* surplus, which may come later */
        assert_int_equal(mmd_response_feed(r, f->answer->bytes + f->at, f->answer->len - f->at), 0);
    if (f->error == MMD_OK && f->answer->ends)
        f->error = mmd_response_end_of_stream(r);
    if (f->error == MMD_OK && !r->done)
        f->error = UNFINISHED;
    memset(&seen, 0, sizeof seen); /* padding too: it is compared as memory */
    seen.error = f->error;
    seen.status = r->status;
    seen.head_complete = r->head_complete;
    seen.reusable = r->reusable;
    seen.done = r->done;
    seen.body_cut = r->body_cut;
    seen.consumed = f->error == MMD_OK ? f->at : 0;
    seen.retry_after_s = r->retry_after_s;
    seen.retry_at = r->retry_at;
    seen.date = r->date;
    seen.coded = r->coded;
    seen.bearer = r->bearer;
    strcpy(seen.request_id, r->request_id);
    strcpy(seen.challenge, r->challenge);
    strcpy(seen.location, r->location);
    seen.request_id_name = r->request_id_name;
    seen.body_len = r->body_len;
    assert_in_range(seen.body_len, 0, f->answer->cap);
    expect_it_stays(&seen, r);
    return seen;
}

static void feed_nothing(struct feeder *f)
{
    struct mmd_response before;

    memcpy(&before, f->r, sizeof before);
    feed(f, 0);
    assert_memory_equal(f->r, &before, sizeof before);
}

/* Feeds pieces of at most the given sizes, the last of them until the end, and nothing in between.
 */
static struct seen feed_pieces(const struct answer *answer, struct mmd_response *r, size_t first,
                               size_t second, size_t rest)
{
    struct feeder f;

    begin(&f, answer, r);
    if (first > 0)
        feed(&f, first);
    feed_nothing(&f);
    if (second > 0)
        feed(&f, second);
    while (more(&f)) {
        feed_nothing(&f);
        feed(&f, rest);
    }
    struct seen seen = end(&f);
    assert_true(guard_intact(&body_memory, answer->cap));
    return seen;
}

static struct seen feed_all_in_place(const struct answer *answer, struct mmd_response *r)
{
    struct feeder f;

    begin(&f, answer, r);
    while (more(&f))
        feed_in_place(&f);
    return end(&f);
}

static void expect_same(const char *name, const char *way, size_t at, const struct seen *a,
                        const struct seen *b, const char *body, const struct mmd_response *r)
{
    if (memcmp(a, b, sizeof *a) != 0 ||
        (a->body_len > 0 && memcmp(body, r->body, a->body_len) != 0))
        fail_msg("%s: differs %s %zu: error %d and %d, status %u and %u, body %zu and %zu", name,
                 way, at, a->error, b->error, a->status, b->status, a->body_len, b->body_len);
}

/* Feeds a response whole, in pieces, split in two and in place. Returns what is seen; body gets the
 * body, NUL-terminated. */
static struct seen feed_many_ways(const char *name, const struct answer *answer, char *body)
{
    static const size_t sizes[] = {1, 2, 3, 5, 7, 8, 9, 64, 1460};
    const size_t len = answer->len;
    struct mmd_response r;
    struct seen whole = feed_pieces(answer, &r, 0, 0, len + 1), other;

    if (r.body_len > 0)
        memcpy(body, r.body, r.body_len);
    body[r.body_len] = '\0';
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        other = feed_pieces(answer, &r, 0, 0, sizes[i]);
        expect_same(name, "in pieces of", sizes[i], &whole, &other, body, &r);
    }
    for (size_t at = 1; at < len && len <= 4096; at++) {
        other = feed_pieces(answer, &r, at, 0, len);
        expect_same(name, "split at", at, &whole, &other, body, &r);
    }
    other = feed_all_in_place(answer, &r);
    expect_same(name, "in place", 0, &whole, &other, body, &r);
    return whole;
}

/* The same; a short one also split in three at every pair of places. */
static struct seen feed_every_way(const char *name, const struct answer *answer, char *body)
{
    const size_t len = answer->len;
    struct seen whole = feed_many_ways(name, answer, body);

    for (size_t first = 1; first < len && len <= 96; first++)
        for (size_t second = 1; second < len - first; second++) {
            struct mmd_response r;
            struct seen other = feed_pieces(answer, &r, first, second, len);
            expect_same(name, "split in three at", first, &whole, &other, body, &r);
        }
    return whole;
}

/* ---- the catalogue: one row, one response ---- */

enum { OPEN, ENDS };
enum { CLOSE, REUSABLE };

struct row {
    const char *name, *bytes;
    int ends;
    int error;
    uint16_t status;
    const char *body;
    int reusable;
    size_t leftover;
};

static void expect_row(const struct row *row)
{
    static char body[LONG];
    struct answer answer = {row->bytes, strlen(row->bytes), row->ends == ENDS, 64};
    struct seen seen = feed_every_way(row->name, &answer, body);
    const char *expected_body = row->body == NULL ? "" : row->body;

    if (seen.error != row->error || seen.status != row->status)
        fail_msg("%s: error %d, status %u; expected %d, %u", row->name, seen.error, seen.status,
                 row->error, row->status);
    if (strcmp(body, expected_body) != 0 || seen.body_cut)
        fail_msg("%s: body \"%s\"; expected \"%s\"", row->name, body, expected_body);
    if (row->error == MMD_OK && seen.consumed != answer.len - row->leftover)
        fail_msg("%s: consumed %zu of %zu", row->name, seen.consumed, answer.len);
    if (row->error == MMD_OK && seen.reusable != (row->reusable == REUSABLE))
        fail_msg("%s: reusable %d", row->name, seen.reusable);
    assert_int_equal(seen.done, row->error == MMD_OK);
    assert_int_equal(seen.retry_after_s, MMD_RETRY_AFTER_ABSENT);
    assert_string_equal(seen.request_id, "");
}

/* A row for what is no response, or an ambiguous one. */
struct refusal {
    const char *name, *bytes;
    uint16_t status; /* reported nevertheless */
};

static void expect_refused(const struct refusal *row)
{
    static char body[LONG];
    struct answer answer = {row->bytes, strlen(row->bytes), true, 64};
    struct seen seen = feed_every_way(row->name, &answer, body);

    if (seen.error != MMD_ERR_PROTOCOL || seen.status != row->status || seen.done)
        fail_msg("%s: error %d, status %u", row->name, seen.error, seen.status);
}

#define EXPECT_ROWS(rows)                                                                          \
    for (size_t i = 0; i < sizeof(rows) / sizeof *(rows); i++)                                     \
    expect_row(&(rows)[i])

#define EXPECT_REFUSED(rows)                                                                       \
    for (size_t i = 0; i < sizeof(rows) / sizeof *(rows); i++)                                     \
    expect_refused(&(rows)[i])

#define OK200  "HTTP/1.1 200 OK\r\n"
#define LENGTH "Content-Length: "
#define CODING "Transfer-Encoding: "

#define FIFTY        "01234567890123456789012345678901234567890123456789"
/* More than the parser keeps of a line. */
#define TWENTY       "01234567890123456789"
#define HUNDRED      TWENTY TWENTY TWENTY TWENTY TWENTY
#define LONG_TEXT    HUNDRED HUNDRED HUNDRED
#define SIXTY_SPACES "                                                            "
#define SPACES       SIXTY_SPACES SIXTY_SPACES SIXTY_SPACES SIXTY_SPACES SIXTY_SPACES

static void test_status_line(void **state)
{
    static const struct row rows[] = {
        /* Fault 1: "HTTP/1.1 204 No Content" -> accepted, no body read (RFC 9112, 6.3) */
        {"204", "HTTP/1.1 204 No Content\r\n\r\n", OPEN, MMD_OK, 204, "", REUSABLE, 0},
        /* Fault 2: "HTTP/1.1 400" with and without a trailing space -> 400 (RFC 9112, 4) */
        {"no reason, with a space", "HTTP/1.1 400 \r\nContent-Length: 0\r\n\r\n", OPEN, MMD_OK, 400,
         "", REUSABLE, 0},
        {"no reason, no space", "HTTP/1.1 400\r\nContent-Length: 0\r\n\r\n", OPEN, MMD_OK, 400, "",
         REUSABLE, 0},
        /* Fault 3: "HTTP/1.0 200 OK", body until close -> accepted, no reuse (RFC 9112, 9.3) */
        {"HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nhello", ENDS, MMD_OK, 200, "hello", CLOSE, 0},
        /* Fault 61: HTTP/1.0 with a length, and with "Connection: keep-alive" -> the body is the
         * length; no reuse (RFC 9112, 9.3) */
        {"HTTP/1.0 with a length", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", OPEN,
         MMD_OK, 200, "hello", CLOSE, 0},
        {"HTTP/1.0, keep-alive",
         "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello", OPEN,
         MMD_OK, 200, "hello", CLOSE, 0},
        /* Fault 62: HTTP/1.9 -> read as HTTP/1.1 (RFC 9112, 2.3) */
        {"HTTP/1.9", "HTTP/1.9 204 x\r\n\r\n", OPEN, MMD_OK, 204, "", REUSABLE, 0},
        /* Fault 63: a status from 600 to 999 -> told as it is (RFC 9110, 15) */
        {"status 999", "HTTP/1.1 999 x\r\nContent-Length: 0\r\n\r\n", OPEN, MMD_OK, 999, "",
         REUSABLE, 0},
        /* Fault 64: a reason with a tab and bytes from 0x80 on -> accepted and dropped (RFC
         * 9112, 4) */
        {"any text as the reason", "HTTP/1.1 204 \t\x80\xFF caf\xE9 \r\n\r\n", OPEN, MMD_OK, 204,
         "", REUSABLE, 0},
        /* Fault 9: nothing, then end of stream -> empty answer, maybe sent */
        {"nothing", "", ENDS, MMD_ERR_EMPTY, 0, NULL, CLOSE, 0},
        {"nothing yet", "", OPEN, UNFINISHED, 0, NULL, CLOSE, 0},
        /* Fault 65: one byte of a status line, then end of stream -> truncated, not empty (RFC
         * 9112, 8) */
        {"one byte", "H", ENDS, MMD_ERR_TRUNCATED, 0, NULL, CLOSE, 0},
    };
    static const struct refusal refused[] = {
        /* Fault 66: HTTP/1.0 with a coding -> refused (RFC 9112, 6.1) */
        {"HTTP/1.0, chunked",
         "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 200},
        /* Fault 4: "HTTP/2 200", an HTTP/2 preface, "ICY 200", HTML as the first byte ->
         * protocol error */
        {"HTTP/2", "HTTP/2 200\r\n\r\n", 0},
        {"HTTP/2.0", "HTTP/2.0 200 OK\r\n\r\n", 0},
        /* Fault 67: a version of another form, "HTTP/1" or "HTTP/1.10" -> protocol error (RFC
         * 9112, 2.3) */
        {"HTTP/1", "HTTP/1 200 OK\r\n\r\n", 0},
        {"HTTP/1.10", "HTTP/1.10 200 OK\r\n\r\n", 0},
        /* Fault 68: HTTP/0.9, and HTTP/0 alone -> protocol error (RFC 9112, 2.3) */
        {"HTTP/0.9", "HTTP/0.9 200 OK\r\n\r\n", 0},
        {"HTTP/0", "HTTP/0 200 OK\r\n\r\n", 0},
        /* Fault 69: "http/1.1" in small letters -> protocol error (RFC 9112, 2.3) */
        {"http in small letters", "http/1.1 200 OK\r\n\r\n", 0},
        /* Fault 4 */
        {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0},
        {"ICY", "ICY 200 OK\r\n\r\n", 0},
        {"HTML", "<!DOCTYPE html><html></html>", 0},
        /* Fault 70: the bytes of a TLS record as the first -> protocol error */
        {"TLS alert", "\x15\x03\x03", 0},
        /* Fault 71: an empty line before the status line -> protocol error (RFC 9112, 2.2) */
        {"empty line first", "\r\nHTTP/1.1 204 No Content\r\n\r\n", 0},
        /* Fault 5: status "99", "1000", "2 00", "-20" -> protocol error (RFC 9112, 4) */
        {"status of two digits", "HTTP/1.1 99 x\r\n\r\n", 0},
        /* Fault 72: a status of three digits below 100 -> protocol error (RFC 9110, 15) */
        {"status below 100", "HTTP/1.1 099 x\r\n\r\n", 0},
        /* Fault 5 */
        {"status of four digits", "HTTP/1.1 1000 x\r\n\r\n", 0},
        {"status with a space", "HTTP/1.1 2 00 x\r\n\r\n", 0},
        {"negative status", "HTTP/1.1 -20 x\r\n\r\n", 0},
        /* Fault 73: a tab or a second space beside the status -> protocol error (RFC 9112, 4) */
        {"status with a tab", "HTTP/1.1 204\tx\r\n\r\n", 0},
        {"two spaces before the status", "HTTP/1.1  204 x\r\n\r\n", 0},
        /* Fault 74: no status at all -> protocol error (RFC 9112, 4) */
        {"no status", "HTTP/1.1 \r\n\r\n", 0},
    };

    (void)state;
    EXPECT_ROWS(rows);
    EXPECT_REFUSED(refused);
}

static void test_interim_answers(void **state)
{
    static const struct row rows[] = {
        /* Fault 7: 100 then 204; 103 three times then 204 -> accepted (RFC 9110, 15.2) */
        {"100", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", OPEN, MMD_OK, 204,
         "", REUSABLE, 0},
        {"103 three times",
         "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 103 x\r\n\r\n"
         "HTTP/1.1 103\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
         OPEN, MMD_OK, 204, "", REUSABLE, 0},
        /* Fault 75: an interim status that nobody knows, 199 -> passed over (RFC 9110, 15.2) */
        {"199", "HTTP/1.1 199 x\r\n\r\nHTTP/1.1 204 x\r\n\r\n", OPEN, MMD_OK, 204, "", REUSABLE, 0},
        /* Fault 76: fields of an interim answer -> none of them counts for the final one (RFC
         * 9110, 15.2) */
        {"its fields are not the answer's",
         "HTTP/1.1 103 x\r\nContent-Length: 3\r\nRetry-After: 9\r\nrequest-id: r\r\n"
         "Connection: close\r\n\r\nHTTP/1.1 404 x\r\nContent-Length: 2\r\n\r\nno",
         OPEN, MMD_OK, 404, "no", REUSABLE, 0},
        /* Fault 77: an interim answer, then end of stream -> truncated (RFC 9112, 8) */
        {"alone", "HTTP/1.1 100 Continue\r\n\r\n", ENDS, MMD_ERR_TRUNCATED, 0, NULL, CLOSE, 0},
    };
    static const struct refusal refused[] = {
        /* Fault 8: unrequested 101 -> protocol error (RFC 9110, 7.8) */
        {"101 that nobody asked for", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
         101},
        /* Fault 78: an interim answer with a body, by length or chunked -> protocol error (RFC
         * 9112, 6.3) */
        {"a length and a body",
         "HTTP/1.1 100 x\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 204 x\r\n\r\n", 0},
        {"chunked", "HTTP/1.1 103 x\r\n" CODING "chunked\r\n\r\n0\r\n\r\nHTTP/1.1 204 x\r\n\r\n",
         0},
        /* Fault 79: garbage behind an interim answer -> protocol error */
        {"garbage behind it", "HTTP/1.1 100 Continue\r\n\r\n<html>", 0},
    };

    (void)state;
    EXPECT_ROWS(rows);
    EXPECT_REFUSED(refused);
}

#define FIELD(field) "HTTP/1.1 204 No Content\r\n" field "\r\n"

static void test_field_lines(void **state)
{
    static const struct row rows[] = {
        /* Fault 11: empty value; any letter case -> accepted (RFC 9110, 5.5) */
        {"empty value", FIELD("A:\r\nB: \r\nC: \t \r\n"), OPEN, MMD_OK, 204, "", REUSABLE, 0},
        /* Fault 80: colons within a value -> part of it (RFC 9112, 5) */
        {"colons in a value", FIELD("A:b:c::\r\n"), OPEN, MMD_OK, 204, "", REUSABLE, 0},
        /* Fault 81: tabs and bytes from 0x80 on in a value -> accepted (RFC 9110, 5.5) */
        {"any text as a value", FIELD("A: \xFF\x80\tcaf\xE9\r\n"), OPEN, MMD_OK, 204, "", REUSABLE,
         0},
        /* Fault 82: a field that nobody needs, many times over -> accepted (RFC 9110, 5.3) */
        {"the same ten times",
         FIELD("A: 1\r\nA: 2\r\nA: 3\r\nA: 4\r\nA: 5\r\nA: 6\r\nA: 7\r\nA: 8\r\nA: 9\r\nA: 10\r\n"),
         OPEN, MMD_OK, 204, "", REUSABLE, 0},
        /* Fault 13: end of stream inside headers -> truncated, maybe sent (RFC 9112, 8) */
        {"end within the fields", "HTTP/1.1 204 No Content\r\nA: b\r\n", ENDS, MMD_ERR_TRUNCATED,
         204, NULL, CLOSE, 0},
        {"name of 95 characters, the longest whose colon is kept",
         FIELD("1234567890123456789012345678901234567890123456789012345678901234567890"
               "1234567890123456789012345: b\r\n"),
         OPEN, MMD_OK, 204, "", REUSABLE, 0},
        /* Fault 13 */
        {"end within the empty line", "HTTP/1.1 204 No Content\r\nA: b\r\n\r", ENDS,
         MMD_ERR_TRUNCATED, 204, NULL, CLOSE, 0},
    };
    static const struct refusal refused[] = {
        /* Fault 83: no colon within what is kept of a line, 255 bytes -> protocol error: others
         * may read what follows as no field (RFC 9112, 5) */
        {"name of 255 characters", FIELD(HUNDRED HUNDRED FIFTY "12345: b\r\n"), 204},
        /* Fault 310: a space, or no colon at all, beyond what is kept of a long line -> protocol
         * error (RFC 9112, 5) */
        {"name of 300 characters, with a space behind the first 100",
         FIELD(HUNDRED " " HUNDRED HUNDRED ": b\r\n"), 204},
        {"300 characters and no colon", FIELD(LONG_TEXT "\r\n"), 204},
        /* Fault 84: a space far within a long name -> protocol error (RFC 9110, 5.1) */
        {"name of 90 characters, with a space among them",
         FIELD("12345678901234567890123456789012345678901234567890123456789012345678901"
               "12345678901234567 9: b\r\n"),
         204},
        /* Fault 10: bare LF, bare CR in a value, folded line, space before the colon, no colon,
         * empty name -> protocol error (RFC 9112, 5) */
        {"bare LF behind a value", FIELD("A: b\n"), 204},
        /* Fault 85: bare LF behind the status line -> protocol error (RFC 9112, 2.2) */
        {"bare LF behind the status line", "HTTP/1.1 204 No Content\n\n", 0},
        /* Fault 86: bare LF as the empty line -> protocol error (RFC 9112, 2.2) */
        {"bare LF as the empty line", "HTTP/1.1 204 No Content\r\n\n", 204},
        /* Fault 10 */
        {"bare CR in a value", FIELD("A: b\rc\r\n"), 204},
        /* Fault 87: CR CR LF behind a value -> protocol error (RFC 9112, 2.2) */
        {"two CRs", FIELD("A: b\r\r\n"), 204},
        /* Fault 88: bare CR in the reason -> protocol error (RFC 9112, 4) */
        {"bare CR in the reason", "HTTP/1.1 204 No\rContent\r\n\r\n", 0},
        /* Fault 10 */
        {"folded line", FIELD("A: b\r\n c\r\n"), 204},
        /* Fault 89: a line folded with a tab, and one of nothing but spaces ->
         * protocol error (RFC 9112, 5.2) */
        {"folded with a tab", FIELD("A: b\r\n\tc\r\n"), 204},
        {"folded, nothing but spaces", FIELD("A: b\r\n   \r\n"), 204},
        /* Fault 90: a space before the first field line -> protocol error (RFC 9112, 2.2) */
        {"space before the first line", FIELD(" A: b\r\n"), 204},
        /* Fault 10 */
        {"space before the colon", FIELD("A : b\r\n"), 204},
        /* Fault 91: a space before the colon of a field that frames the body -> protocol error
         * (RFC 9112, 5.1) */
        {"space behind Content-Length", OK200 "Content-Length : 5\r\n\r\nhello", 200},
        {"tab behind Transfer-Encoding", OK200 "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n",
         200},
        /* Fault 92: a name with a separator, a quote or a byte from 0x80 on -> protocol error
         * (RFC 9110, 5.6.2) */
        {"a slash in a name", FIELD("A/b: c\r\n"), 204},
        {"a quoted name", FIELD("\"A\": b\r\n"), 204},
        {"a high byte in a name", FIELD("\xC3\xA9: b\r\n"), 204},
        /* Fault 10 */
        {"no colon", FIELD("Ab\r\n"), 204},
        {"empty name", FIELD(": b\r\n"), 204},
    };

    (void)state;
    EXPECT_ROWS(rows);
    EXPECT_REFUSED(refused);
}

static void test_length(void **state)
{
    static const struct row rows[] = {
        /* Fault 14: "Content-Length: 5" with 5 bytes; with fewer, then end -> complete;
         * truncated, status still told (RFC 9112, 8) */
        {"complete", OK200 LENGTH "5\r\n\r\nhello", OPEN, MMD_OK, 200, "hello", REUSABLE, 0},
        {"complete at the end", OK200 LENGTH "5\r\n\r\nhello", ENDS, MMD_OK, 200, "hello", REUSABLE,
         0},
        /* Fault 93: fewer bytes than the length, and no end yet -> no answer yet, and no error */
        {"not yet complete", OK200 LENGTH "5\r\n\r\nhell", OPEN, UNFINISHED, 200, "hell", CLOSE, 0},
        /* Fault 14 */
        {"truncated", OK200 LENGTH "5\r\n\r\nhell", ENDS, MMD_ERR_TRUNCATED, 200, "hell", CLOSE, 0},
        {"truncated before the body", "HTTP/1.1 404 x\r\n" LENGTH "5\r\n\r\n", ENDS,
         MMD_ERR_TRUNCATED, 404, NULL, CLOSE, 0},
        /* Fault 15: more bytes than the length -> the body is the length; the rest is left alone
         * (RFC 9112, 6.3) */
        {"more than announced", OK200 LENGTH "5\r\n\r\nhelloHTTP", OPEN, MMD_OK, 200, "hello",
         CLOSE, 4},
        /* Fault 94: length 0 and further bytes -> complete at once (RFC 9112, 6.3) */
        {"none", OK200 LENGTH "0\r\n\r\nx", OPEN, MMD_OK, 200, "", CLOSE, 1},
        /* Fault 95: the length in any letter case of its name, with blanks and tabs around or
         * none -> accepted (RFC 9110, 5.6.3) */
        {"letter case and spaces", OK200 "cOnTeNt-LeNgTh:\t 5 \t\r\n\r\nhello", OPEN, MMD_OK, 200,
         "hello", REUSABLE, 0},
        {"no space", OK200 "CONTENT-LENGTH:5\r\n\r\nhello", OPEN, MMD_OK, 200, "hello", REUSABLE,
         0},
        /* Fault 96: leading zeros of a length -> decimal, not octal (RFC 9110, 8.6) */
        {"leading zero", OK200 LENGTH "010\r\n\r\n0123456789", OPEN, MMD_OK, 200, "0123456789",
         REUSABLE, 0},
        /* Fault 97: the same length in two fields -> accepted (RFC 9110, 8.6) */
        {"said twice", OK200 LENGTH "5\r\n" LENGTH "5\r\n\r\nhello", OPEN, MMD_OK, 200, "hello",
         REUSABLE, 0},
        /* Fault 98: a length of 2^64 - 1 -> accepted, and no more awaited than the buffer holds
         * (RFC 9110, 8.6) */
        {"2^64 - 1", OK200 LENGTH "18446744073709551615\r\n\r\nhello", OPEN, UNFINISHED, 200,
         "hello", CLOSE, 0},
        /* Fault 99: fields whose names begin or end as one that frames -> of no meaning (RFC
         * 9110, 5.1) */
        {"a field that begins alike",
         OK200 "Content-Length-X: 2\r\nX-Content-Length: 2\r\n\r\nhello", ENDS, MMD_OK, 200,
         "hello", CLOSE, 0},
    };
    static const struct refusal refused[] = {
        /* Fault 18: two different lengths; length with Transfer-Encoding -> protocol error (RFC
         * 9112, 6.3) */
        {"two lengths", OK200 LENGTH "5\r\n" LENGTH "6\r\n\r\nhello", 200},
        /* Fault 100: length 0, then another -> protocol error, though the first says nothing
         * comes (RFC 9112, 6.3) */
        {"0, then 5", OK200 LENGTH "0\r\n" LENGTH "5\r\n\r\nhello", 200},
        /* Fault 16: "+5", "-1", "0x5", "5 5", "5.0", empty, 2^64 -> protocol error, no wrap (RFC
         * 9110, 8.6) */
        {"with a sign", OK200 LENGTH "+5\r\n\r\nhello", 200},
        {"negative", OK200 LENGTH "-1\r\n\r\nhello", 200},
        {"hexadecimal", OK200 LENGTH "0x5\r\n\r\nhello", 200},
        {"two numbers", OK200 LENGTH "5 5\r\n\r\nhello", 200},
        /* Fault 101: a second number where a long line is no longer kept -> protocol error (RFC
         * 9110, 8.6) */
        {"far behind the first", OK200 LENGTH "5" SPACES "6\r\n\r\nhello", 200},
        /* Fault 102: a list of lengths in one field, even if they are the same -> protocol error
         * (RFC 9112, 6.3) */
        {"a list", OK200 LENGTH "5, 6\r\n\r\nhello", 200},
        {"a list of the same", OK200 LENGTH "5, 5\r\n\r\nhello", 200},
        {"a list with an empty end", OK200 LENGTH "5,\r\n\r\nhello", 200},
        /* Fault 103: digits of another script, a quoted length, an exponent -> protocol error
         * (RFC 9110, 8.6) */
        {"fullwidth", OK200 LENGTH "\xEF\xBC\x95\r\n\r\nhello", 200},
        {"quoted", OK200 LENGTH "\"5\"\r\n\r\nhello", 200},
        {"an exponent", OK200 LENGTH "5e0\r\n\r\nhello", 200},
        /* Fault 16 */
        {"a fraction", OK200 LENGTH "5.0\r\n\r\nhello", 200},
        {"empty", OK200 LENGTH "\r\n\r\nhello", 200},
        {"2^64", OK200 LENGTH "18446744073709551616\r\n\r\nhello", 200},
        /* Fault 104: a length that would wrap to a small number -> protocol error (RFC 9110,
         * 8.6) */
        {"2^64 + 5", OK200 LENGTH "18446744073709551621\r\n\r\nhello", 200},
        {"10 * 2^64 + 5", OK200 LENGTH "184467440737095516165\r\n\r\nhello", 200},
        /* Fault 105: a length of more digits than are kept of a line -> protocol error (RFC
         * 9110, 8.6) */
        {"longer than any number",
         OK200 LENGTH "0000000000000000000000000000000000000000000000000000000000000000"
                      "0000000000000000000000000000000000000000000000000000000000000000"
                      "0000000000000000000000000000000000000000000000000000000000000000"
                      "0000000000000000000000000000000000000000000000000000000000000005\r\n\r\n",
         200},
        /* Fault 18 */
        {"with a coding", OK200 LENGTH "5\r\n" CODING "chunked\r\n\r\n0\r\n\r\n", 200},
        {"behind a coding", OK200 CODING "chunked\r\n" LENGTH "5\r\n\r\n0\r\n\r\n", 200},
    };

    (void)state;
    EXPECT_ROWS(rows);
    EXPECT_REFUSED(refused);
}

static void test_other_framing(void **state)
{
    static const struct row rows[] = {
        /* Fault 21: no length, not chunked, clean close -> complete (RFC 9112, 6.3) */
        {"until the end", OK200 "\r\nhello", ENDS, MMD_OK, 200, "hello", CLOSE, 0},
        {"until the end, empty", OK200 "\r\n", ENDS, MMD_OK, 200, "", CLOSE, 0},
        /* Fault 106: no length, not chunked, no close yet -> no answer yet, and no error */
        {"until an end that has not come", OK200 "\r\nhello", OPEN, UNFINISHED, 200, "hello", CLOSE,
         0},
        /* Fault 20: 204 with a length or chunked -> no body read, no hang, no reuse (RFC 9112,
         * 6.3) */
        {"204 with a length", "HTTP/1.1 204 x\r\n" LENGTH "5\r\n\r\nhello", OPEN, MMD_OK, 204, "",
         CLOSE, 5},
        /* Fault 107: 204 with length 0 -> accepted, and no reason against reuse (RFC 9110, 8.6) */
        {"204 with length 0", "HTTP/1.1 204 x\r\n" LENGTH "0\r\n\r\n", OPEN, MMD_OK, 204, "",
         REUSABLE, 0},
        /* Fault 20 */
        {"204, chunked", "HTTP/1.1 204 x\r\n" CODING "chunked\r\n\r\n", OPEN, MMD_OK, 204, "",
         CLOSE, 0},
        /* Fault 108: 304 with a length, chunked or neither -> no body read (RFC 9112, 6.3) */
        {"304 with a length", "HTTP/1.1 304 x\r\n" LENGTH "5\r\n\r\n", OPEN, MMD_OK, 304, "", CLOSE,
         0},
        {"304, chunked", "HTTP/1.1 304 x\r\n" CODING "chunked\r\n\r\n", OPEN, MMD_OK, 304, "",
         CLOSE, 0},
        {"304 alone", "HTTP/1.1 304 x\r\n\r\n", OPEN, MMD_OK, 304, "", REUSABLE, 0},
        /* Fault 109: 205 -> framed like any other: by its length, or until the close (RFC 9112,
         * 6.3) */
        {"205 with a length", "HTTP/1.1 205 x\r\n" LENGTH "2\r\n\r\n{}", OPEN, MMD_OK, 205, "{}",
         REUSABLE, 0},
        {"205 alone", "HTTP/1.1 205 x\r\n\r\n", OPEN, UNFINISHED, 205, "", CLOSE, 0},
        /* Fault 110: a second answer behind the first -> not read (RFC 9112, 9.2) */
        /* Fault 604: a 400 without a body, and a 204 in the same bytes -> the first; no reuse (RFC
         * 9112, 9.2) */
        {"a success behind an error",
         "HTTP/1.1 400 x\r\nContent-Length: 0\r\n\r\nHTTP/1.1 204 x\r\n\r\n", OPEN, MMD_OK, 400, "",
         CLOSE, 18},
        {"two answers", "HTTP/1.1 204 x\r\n\r\nHTTP/1.1 500 x\r\n\r\n", OPEN, MMD_OK, 204, "",
         CLOSE, 18},
        /* Fault 26: "Connection: close", "keep-alive, close" -> never reused (RFC 9112, 9.6) */
        {"Connection: close", FIELD("Connection: close\r\n"), OPEN, MMD_OK, 204, "", CLOSE, 0},
        /* Fault 111: "close" in any letter case, before another or among empty ones -> not
         * reused (RFC 9110, 7.6.1) */
        {"in any letter case", FIELD("cONNECTION:cLOSE\r\n"), OPEN, MMD_OK, 204, "", CLOSE, 0},
        /* Fault 26 */
        {"behind another", FIELD("Connection: keep-alive, close\r\n"), OPEN, MMD_OK, 204, "", CLOSE,
         0},
        /* Fault 111 */
        {"before another", FIELD("Connection:\tclose ,upgrade\r\n"), OPEN, MMD_OK, 204, "", CLOSE,
         0},
        {"among empty ones", FIELD("Connection: ,, close,,\r\n"), OPEN, MMD_OK, 204, "", CLOSE, 0},
        /* Fault 112: "close" in the second of several Connection fields -> not reused (RFC 9110,
         * 5.3) */
        {"in a second line", FIELD("Connection: a\r\nConnection: close\r\nConnection: b\r\n"), OPEN,
         MMD_OK, 204, "", CLOSE, 0},
        /* Fault 113: "close" where a long line is no longer kept -> not reused */
        {"far behind", FIELD("Connection: " LONG_TEXT ", close\r\n"), OPEN, MMD_OK, 204, "", CLOSE,
         0},
        /* Fault 114: words that only contain "close", another field that says it -> no reason
         * against reuse (RFC 9110, 7.6.1) */
        {"keep-alive", FIELD("Connection: keep-alive\r\n"), OPEN, MMD_OK, 204, "", REUSABLE, 0},
        {"in another field", FIELD("Proxy-Connection: close\r\nX-Connection: close\r\n"), OPEN,
         MMD_OK, 204, "", REUSABLE, 0},
        {"an empty value", FIELD("Connection:\r\nConnection: \r\nConnection: ,\r\n"), OPEN, MMD_OK,
         204, "", REUSABLE, 0},
        {"not quite close", FIELD("Connection: closed, xclose, clos, close x\r\n"), OPEN, MMD_OK,
         204, "", REUSABLE, 0},
    };

    (void)state;
    EXPECT_ROWS(rows);
}

#define CHUNKED(rest) OK200 CODING "chunked\r\n\r\n" rest

static void test_chunks(void **state)
{
    static const struct row rows[] = {
        /* Fault 115: one chunk, several, none -> joined to one body (RFC 9112, 7.1) */
        {"one", CHUNKED("5\r\nhello\r\n0\r\n\r\n"), OPEN, MMD_OK, 200, "hello", REUSABLE, 0},
        {"three", CHUNKED("1\r\nh\r\n3\r\nell\r\n1\r\no\r\n0\r\n\r\n"), OPEN, MMD_OK, 200, "hello",
         REUSABLE, 0},
        {"none", CHUNKED("0\r\n\r\n"), OPEN, MMD_OK, 200, "", REUSABLE, 0},
        /* Fault 116: bytes behind the last chunk -> left alone (RFC 9112, 6.3) */
        /* Fault 620: blanks after a chunk's size, as old embedded servers send -> read */
        {"spaces after the size", CHUNKED("5  \r\nhello\r\n0 \r\n\r\n"), OPEN, MMD_OK, 200, "hello",
         REUSABLE, 0},
        {"a tab after the size", CHUNKED("5\t\r\nhello\r\n0\r\n\r\n"), OPEN, MMD_OK, 200, "hello",
         REUSABLE, 0},
        {"leftover", CHUNKED("1\r\nx\r\n0\r\n\r\nHTTP/1.1"), OPEN, MMD_OK, 200, "x", CLOSE, 8},
        /* Fault 117: CRLF as data -> data (RFC 9112, 7.1) */
        {"CRLF as data", CHUNKED("4\r\n\r\n\r\n\r\n0\r\n\r\n"), OPEN, MMD_OK, 200, "\r\n\r\n",
         REUSABLE, 0},
        /* Fault 22: chunk extension; size in capitals or with leading zeros; more than 16 hex
         * digits, empty, "0x5", "-1" -> ignored within a bound; accepted; protocol error (RFC
         * 9112, 7.1) */
        {"capitals, small letters", CHUNKED("A\r\n0123456789\r\nb\r\n0123456789a\r\n0\r\n\r\n"),
         OPEN, MMD_OK, 200, "01234567890123456789a", REUSABLE, 0},
        /* Fault 118: the coding in any letter case, behind a tab or no blank -> accepted (RFC
         * 9112, 7) */
        {"the coding in capitals", OK200 "TRANSFER-ENCODING: CHUNKED\r\n\r\n1\r\nx\r\n0\r\n\r\n",
         OPEN, MMD_OK, 200, "x", REUSABLE, 0},
        {"the coding behind a tab", OK200 "Transfer-Encoding:\tchunked\t\r\n\r\n0\r\n\r\n", OPEN,
         MMD_OK, 200, "", REUSABLE, 0},
        {"the coding behind no blank", OK200 "Transfer-Encoding:chunked\r\n\r\n0\r\n\r\n", OPEN,
         MMD_OK, 200, "", REUSABLE, 0},
        /* Fault 22 */
        {"leading zeros", CHUNKED("0000000000000005\r\nhello\r\n0000\r\n\r\n"), OPEN, MMD_OK, 200,
         "hello", REUSABLE, 0},
        /* Fault 119: a chunk of 2^64 - 1 -> accepted, and no more awaited than the buffer holds
         * (RFC 9112, 7.1) */
        {"2^64 - 1", CHUNKED("FFFFFFFFFFFFFFFF\r\nhello"), OPEN, UNFINISHED, 200, "hello", CLOSE,
         0},
        /* Fault 120: extensions with blanks around, quoted semicolons, quotes and backslashes ->
         * ignored (RFC 9112, 7.1.1) */
        {"extensions", CHUNKED("5;a\r\nhello\r\n0 ; b=\"c;d\" ;e\r\n\r\n"), OPEN, MMD_OK, 200,
         "hello", REUSABLE, 0},
        {"escapes in a quoted extension", CHUNKED("5\t;a=\"\\\"\\\\;0\"\r\nhello\r\n000;x\r\n\r\n"),
         OPEN, MMD_OK, 200, "hello", REUSABLE, 0},
        /* Fault 121: end of stream within a size, within data, behind them, before the last
         * empty line -> truncated (RFC 9112, 8) */
        {"end within the size", CHUNKED("5"), ENDS, MMD_ERR_TRUNCATED, 200, NULL, CLOSE, 0},
        {"end within the data", CHUNKED("5\r\nhel"), ENDS, MMD_ERR_TRUNCATED, 200, "hel", CLOSE, 0},
        {"end behind the data", CHUNKED("5\r\nhello\r\n"), ENDS, MMD_ERR_TRUNCATED, 200, "hello",
         CLOSE, 0},
        {"end before the last empty line", CHUNKED("5\r\nhello\r\n0\r\n"), ENDS, MMD_ERR_TRUNCATED,
         200, "hello", CLOSE, 0},
    };
    static const struct refusal refused[] = {
        /* Fault 22 */
        {"17 digits", CHUNKED("00000000000000005\r\nhello\r\n0\r\n\r\n"), 200},
        /* Fault 122: a size that would wrap to a small number -> protocol error (RFC 9112, 7.1) */
        {"2^64", CHUNKED("10000000000000000\r\nhello"), 200},
        /* Fault 123: a control byte or a bare LF in an extension -> protocol error (RFC 9112,
         * 7.1.1) */
        {"control byte in an extension", CHUNKED("5;a\x01\r\nhello\r\n0\r\n\r\n"), 200},
        {"bare LF in an extension", CHUNKED("5;a\nhello\r\n0\r\n\r\n"), 200},
        /* Fault 124: digits behind a space; a space before the size -> protocol error (RFC 9112,
         * 7.1) */
        {"digits behind a space", CHUNKED("5 5\r\nhello\r\n0\r\n\r\n"), 200},
        /* Fault 22 */
        {"no size", CHUNKED("\r\nhello\r\n0\r\n\r\n"), 200},
        /* Fault 125: an extension without a size -> protocol error (RFC 9112, 7.1) */
        {"no size before an extension", CHUNKED(";a\r\nhello\r\n0\r\n\r\n"), 200},
        /* Fault 22 */
        {"0x", CHUNKED("0x5\r\nhello\r\n0\r\n\r\n"), 200},
        {"negative", CHUNKED("-1\r\nhello\r\n0\r\n\r\n"), 200},
        /* Fault 124 */
        {"space before the size", CHUNKED(" 5\r\nhello\r\n0\r\n\r\n"), 200},
        /* Fault 126: a size that ends in another letter, a point or a high byte -> protocol
         * error (RFC 9112, 7.1) */
        {"a point", CHUNKED("5.0\r\nhello\r\n0\r\n\r\n"), 200},
        {"a high byte", CHUNKED("5\xA0\r\nhello\r\n0\r\n\r\n"), 200},
        {"letter that is no digit", CHUNKED("5g\r\nhello\r\n0\r\n\r\n"), 200},
        /* Fault 127: bare LF or CR behind a size -> protocol error (RFC 9112, 2.2) */
        {"bare LF behind the size", CHUNKED("5\nhello\r\n0\r\n\r\n"), 200},
        {"bare CR behind the size", CHUNKED("5\rhello\r\n0\r\n\r\n"), 200},
        /* Fault 23: missing CRLF after chunk data -> protocol error (RFC 9112, 7.1) */
        {"no CRLF behind the data", CHUNKED("5\r\nhello0\r\n\r\n"), 200},
        /* Fault 128: bare LF or CR behind chunk data -> protocol error (RFC 9112, 7.1) */
        {"bare LF behind the data", CHUNKED("5\r\nhello\n0\r\n\r\n"), 200},
        {"bare CR behind the data", CHUNKED("5\r\nhello\r0\r\n\r\n"), 200},
        /* Fault 129: data longer or shorter than their size -> protocol error (RFC 9112, 7.1) */
        {"data longer than its size", CHUNKED("4\r\nhello\r\n0\r\n\r\n"), 200},
        {"data shorter than its size", CHUNKED("6\r\nhello\r\n0\r\n\r\n"), 200},
        /* Fault 130: chunked is said, but the body is plain -> protocol error (RFC 9112, 7.1) */
        {"no chunks", CHUNKED("{\"error\":{}}\r\n"), 200},
    };

    (void)state;
    EXPECT_ROWS(rows);
    EXPECT_REFUSED(refused);
}

static void test_codings(void **state)
{
    static const struct refusal refused[] = {
        /* Fault 19: "gzip, chunked", "identity", "xchunked", "chunked, chunked" -> refused (RFC
         * 9112, 6.1) */
        {"gzip, chunked", OK200 CODING "gzip, chunked\r\n\r\n0\r\n\r\n", 200},
        {"identity", OK200 CODING "identity\r\n\r\nhello", 200},
        {"xchunked", OK200 CODING "xchunked\r\n\r\n0\r\n\r\n", 200},
        {"chunkedx", OK200 CODING "chunkedx\r\n\r\n0\r\n\r\n", 200},
        {"chunked, chunked", OK200 CODING "chunked, chunked\r\n\r\n0\r\n\r\n", 200},
        /* Fault 131: codings in two fields, the same twice or two -> refused (RFC 9112, 6.1) */
        {"chunked in two lines", OK200 CODING "chunked\r\n" CODING "chunked\r\n\r\n0\r\n\r\n", 200},
        {"gzip and chunked in two lines", OK200 CODING "gzip\r\n" CODING "chunked\r\n\r\n0\r\n\r\n",
         200},
        /* Fault 132: a coding field without a coding, with empty list members -> refused (RFC
         * 9112, 6.1) */
        {"none named", OK200 CODING "\r\n\r\n0\r\n\r\n", 200},
        {"an empty member behind", OK200 CODING "chunked,\r\n\r\n0\r\n\r\n", 200},
        {"an empty member before", OK200 CODING ", chunked\r\n\r\n0\r\n\r\n", 200},
        /* Fault 133: the coding in quotes, behind a vertical tab or a no-break space -> refused
         * (RFC 9112, 7) */
        {"behind a vertical tab", OK200 CODING "\vchunked\r\n\r\n0\r\n\r\n", 200},
        {"behind a no-break space",
         OK200 CODING "\xA0"
                      "chunked\r\n\r\n0\r\n\r\n",
         200},
        {"quoted", OK200 CODING "\"chunked\"\r\n\r\n0\r\n\r\n", 200},
        /* Fault 134: another coding where a long line is no longer kept -> refused (RFC 9112,
         * 6.1) */
        {"chunked, and far behind it gzip", OK200 CODING "chunked" SPACES ", gzip\r\n\r\n0\r\n\r\n",
         200},
        /* Fault 135: the coding with a parameter -> refused (RFC 9112, 7.1) */
        {"with a parameter", OK200 CODING "chunked;q=1\r\n\r\n0\r\n\r\n", 200},
    };

    (void)state;
    EXPECT_REFUSED(refused);
}

static void test_trailers(void **state)
{
    static const struct row rows[] = {
        /* Fault 25 */
        {"one", CHUNKED("5\r\nhello\r\n0\r\nA: b\r\n\r\n"), OPEN, MMD_OK, 200, "hello", REUSABLE,
         0},
        /* Fault 136: fields of framing, routing and delay among the trailers -> none of them
         * counts (RFC 9110, 6.5.1) */
        {"none of them counts",
         CHUNKED("1\r\nx\r\n0\r\nContent-Length: 7\r\nTransfer-Encoding: gzip\r\n"
                 "Connection: close\r\nRetry-After: 5\r\nrequest-id: r\r\n\r\n"),
         OPEN, MMD_OK, 200, "x", REUSABLE, 0},
        /* Fault 137: end of stream within the trailers -> truncated (RFC 9112, 8) */
        {"truncated", CHUNKED("1\r\nx\r\n0\r\nA: b\r\n"), ENDS, MMD_ERR_TRUNCATED, 200, "x", CLOSE,
         0},
    };
    static const struct refusal refused[] = {
        /* Fault 138: malformed and folded trailers -> protocol error (RFC 9112, 7.1.2) */
        {"malformed", CHUNKED("1\r\nx\r\n0\r\nA b\r\n\r\n"), 200},
        {"folded", CHUNKED("1\r\nx\r\n0\r\nA: b\r\n c\r\n\r\n"), 200},
    };

    (void)state;
    EXPECT_ROWS(rows);
    EXPECT_REFUSED(refused);
}

/* ---- what is kept of the fields ---- */

static struct seen feed_fields(const char *status, const char *fields)
{
    static char bytes[4096], body[LONG];
    int len =
        snprintf(bytes, sizeof bytes, "HTTP/1.1 %s\r\n%sContent-Length: 0\r\n\r\n", status, fields);

    assert_in_range(len, 0, sizeof bytes - 1);
    return feed_every_way(fields, &(struct answer){bytes, (size_t)len, false, 8}, body);
}

#define NINETYFIVE TWENTY TWENTY TWENTY TWENTY "0123456789abcde"

static void test_retry_after(void **state)
{
    static const struct {
        const char *fields;
        int32_t seconds;
    } table[] = {
        {"", MMD_RETRY_AFTER_ABSENT},
        /* Fault 58: Retry-After "0", "120", "-1", a future and a past date, garbage -> honoured,
         * clamped, or none (RFC 9110, 10.2.3) */
        {"Retry-After: 0\r\n", 0},
        {"Retry-After: 120\r\n", 120},
        {"retry-AFTER:120 \t\r\n", 120},
        /* Fault 139: more than a day, up to 2^64 - 1; beyond -> a day; none, no wrap (RFC 9110,
         * 10.2.3) */
        {"Retry-After: 86400\r\n", MMD_RETRY_AFTER_MAX},
        {"Retry-After: 86401\r\n", MMD_RETRY_AFTER_MAX},
        {"Retry-After: 4294967295\r\n", MMD_RETRY_AFTER_MAX},
        {"Retry-After: 18446744073709551615\r\n", MMD_RETRY_AFTER_MAX},
        {"Retry-After: 18446744073709551616\r\n", MMD_RETRY_AFTER_ABSENT},
        /* Fault 58 */
        {"Retry-After: -1\r\n", MMD_RETRY_AFTER_ABSENT},
        /* Fault 140: a sign, a fraction, nothing, words, a name that is longer -> none (RFC
         * 9110, 10.2.3) */
        {"Retry-After: +5\r\n", MMD_RETRY_AFTER_ABSENT},
        {"Retry-After: 1.5\r\n", MMD_RETRY_AFTER_ABSENT},
        {"Retry-After:\r\n", MMD_RETRY_AFTER_ABSENT},
        {"Retry-After: soon\r\n", MMD_RETRY_AFTER_ABSENT},
        {"X-Retry-After: 5\r\n", MMD_RETRY_AFTER_ABSENT},
        /* Fault 141: a number, and more where a long line is no longer kept -> none */
        {"Retry-After: 5" SIXTY_SPACES "x\r\n", MMD_RETRY_AFTER_ABSENT},
        /* Fault 621: Retry-After twice, in any order and form -> the longest (RFC 9110, 10.2.3) */
        {"Retry-After: 120\r\nRetry-After: 10\r\n", 120},
        {"Retry-After: 10\r\nRetry-After: 120\r\n", 120},
        {"Retry-After: 10\r\nRetry-After: soon\r\n", 10},
        {"Date: Fri, 31 Dec 1999 23:59:50 GMT\r\nRetry-After: Sat, 01 Jan 2000 00:00:20 GMT\r\n"
         "Retry-After: 10\r\n",
         30},
        {"Retry-After: soon\r\nRetry-After: 10\r\n", 10},
        {"Retry-After: 0\r\nRetry-After: 0\r\n", 0},
        {"Retry-After: 10\r\nRetry-After: 18446744073709551616\r\n", 10},
        {"Retry-After: 10\r\nRetry-After: Sat, 01 Jan 2000 00:00:20 GMT\r\n"
         "Date: Fri, 31 Dec 1999 23:59:50 GMT\r\n",
         30},
        {"Retry-After: Sat, 01 Jan 2000 00:00:20 GMT\r\n"
         "Retry-After: Sat, 01 Jan 2000 00:00:10 GMT\r\nDate: Fri, 31 Dec 1999 23:59:50 GMT\r\n",
         30},
        {"Retry-After: 10\r\nRetry-After: Sat, 01 Jan 2000 00:00:20 GMT\r\n", 10},
        {"Date: Fri, 31 Dec 1999 23:59:50 GMT\r\nRetry-After: 60\r\n"
         "Retry-After: Sat, 01 Jan 2000 00:00:20 GMT\r\n",
         60},
        {"Retry-After: 5" SPACES "x\r\n", MMD_RETRY_AFTER_ABSENT},
        {"Retry-After: " LONG_TEXT "\r\n", MMD_RETRY_AFTER_ABSENT},
        /* Fault 142: a date, and the answer's own before or behind it -> the time between them
         * (RFC 9110, 10.2.3) */
        {"Date: Fri, 31 Dec 1999 23:59:50 GMT\r\nRetry-After: Sat, 01 Jan 2000 00:00:20 GMT\r\n",
         30},
        {"Retry-After: Sat, 01 Jan 2000 00:00:20 GMT\r\nDate: Fri, 31 Dec 1999 23:59:50 GMT\r\n",
         30},
        {"Date: Sat, 01 Jan 2000 00:00:20 GMT\r\nRetry-After: Sat, 01 Jan 2000 00:00:20 GMT\r\n",
         0},
        /* Fault 58 */
        {"Date: Sat, 01 Jan 2000 00:00:20 GMT\r\nRetry-After: Fri, 31 Dec 1999 23:59:50 GMT\r\n",
         0},
        /* Fault 145: a date far ahead -> clamped to a day */
        {"Date: Fri, 31 Dec 1999 23:59:50 GMT\r\nRetry-After: Tue, 01 Jan 2030 00:00:00 GMT\r\n",
         MMD_RETRY_AFTER_MAX},
        /* Fault 144: a date, but the answer has none of its own, or none that can be read ->
         * none (RFC 9110, 6.6.1) */
        {"Retry-After: Sat, 01 Jan 2000 00:00:20 GMT\r\n", MMD_RETRY_AFTER_ABSENT},
        /* Fault 143: a date in an obsolete form -> none (RFC 9110, 5.6.7) */
        {"Date: Fri, 31 Dec 1999 23:59:50 GMT\r\nRetry-After: Saturday, 01-Jan-00 00:00:20 GMT\r\n",
         MMD_RETRY_AFTER_ABSENT},
        {"Date: Fri, 31 Dec 1999 23:59:50 GMT\r\nRetry-After: Sat Jan  1 00:00:20 2000\r\n",
         MMD_RETRY_AFTER_ABSENT},
        /* Fault 144 */
        {"Date: yesterday\r\nRetry-After: Sat, 01 Jan 2000 00:00:20 GMT\r\n",
         MMD_RETRY_AFTER_ABSENT},
        {"Date: Fri, 31 Dec 1999 23:59:50 GMT\r\nRetry-After: Sat, 01 Jan 2000 00:00:20 CET\r\n",
         MMD_RETRY_AFTER_ABSENT},
        {"Date: Fri, 31 Dec 1999 23:59:50 GMT\r\n", MMD_RETRY_AFTER_ABSENT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        int32_t seconds = feed_fields("429 x", table[i].fields).retry_after_s;
        if (seconds != table[i].seconds)
            fail_msg("%s: %d", table[i].fields, seconds);
    }
    assert_int_equal(feed_fields("503 x", "Retry-After: 7\r\n").retry_after_s, 7);
    assert_int_equal(feed_fields("301 x", "Retry-After: 7\r\n").retry_after_s, 7);
    /* Fault 146: Retry-After of a success -> none (RFC 9110, 10.2.3) */
    assert_int_equal(feed_fields("202 x", "Retry-After: 7\r\n").retry_after_s,
                     MMD_RETRY_AFTER_ABSENT);
}

static void test_request_id(void **state)
{
    static const struct {
        const char *fields, *id;
    } table[] = {
        /* Fault 147: a request id in either field, in any letter case, twice -> the first that
         * is not empty */
        {"request-id: 9b3c\r\n", "9b3c"},
        {"x-ms-request-id: 9b3c\r\n", "9b3c"},
        {"REQUEST-ID:\t 9b3c \r\n", "9b3c"},
        {"X-Ms-Request-Id: 9b3c\r\n", "9b3c"},
        {"request-id: with inner space\r\n", "with inner space"},
        /* Fault 80 */
        {"request-id: a:b:c\r\n", "a:b:c"},
        {"request-id::a:\r\n", ":a:"},
        /* Fault 147 */
        {"request-id: first\r\nx-ms-request-id: second\r\n", "first"},
        {"x-ms-request-id: first\r\nrequest-id: second\r\n", "first"},
        {"request-id:\r\nx-ms-request-id: second\r\n", "second"},
        /* Fault 148: a request id of 95 bytes; a longer one -> kept whole; none */
        {"request-id: " NINETYFIVE "\r\n", NINETYFIVE},
        {"request-id: " NINETYFIVE "   \r\n", NINETYFIVE},
        {"request-id: " NINETYFIVE "d\r\n", ""},
        /* Fault 622: ids of front doors -> the first, unless there is a request id */
        {"X-Azure-Ref: a\r\ntraceparent: b\r\n", "a"},
        {"x-ms-error-code: a\r\ntraceparent: b\r\n", "a"},
        {"X-Azure-Ref: a\r\nrequest-id: b\r\n", "b"},
        {"request-id: a\r\nX-Azure-Ref: b\r\n", "a"},
        {"traceparent:\r\nX-Azure-Ref: b\r\n", "b"},
        {"request-id: " NINETYFIVE NINETYFIVE "\r\n", ""},
        {"request-id: 9b3c" SIXTY_SPACES "x\r\n", "9b3c" SIXTY_SPACES "x"},
        {"request-id: 9b3c" SPACES "x\r\n", ""},
        {"request-id: " LONG_TEXT "\r\n", ""},
        /* Fault 149: fields whose names look alike -> none */
        {"client-request-id: ours\r\n", ""},
        {"request_id: no\r\n", ""},
        {"request-id2: no\r\n", ""},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct seen seen = feed_fields("400 x", table[i].fields);
        assert_int_equal(seen.error, MMD_OK);
        if (strcmp(seen.request_id, table[i].id) != 0)
            fail_msg("%s: \"%s\"", table[i].fields, seen.request_id);
    }
}

static void test_request_id_names(void **state)
{
    (void)state;
    assert_null(feed_fields("400 x", "").request_id_name);
    assert_string_equal(feed_fields("400 x", "X-Azure-Ref: a\r\n").request_id_name, "x-azure-ref");
    assert_string_equal(feed_fields("400 x", "traceparent: a\r\nREQUEST-ID: b\r\n").request_id_name,
                        "request-id");
}

/* Fault 623: challenges in any form -> the error and description of a Bearer challenge (RFC 6750,
 * 3; RFC 9110, 11.6.1) */
static void test_challenges(void **state)
{
    static const struct {
        const char *fields;
        bool bearer;
        const char *challenge;
    } table[] = {
        {"", false, ""},
        {"WWW-Authenticate: Bearer\r\n", true, ""},
        {"www-authenticate: bEARER error=invalid_token\r\n", true, "invalid_token"},
        {"WWW-Authenticate: Bearer error=\"invalid_token\", error_description=\"The token is "
         "expired\""
         "\r\n",
         true, "invalid_token: The token is expired"},
        {"WWW-Authenticate: Bearer error_description = \"a\" , ERROR = b\r\n", true, "b: a"},
        {"WWW-Authenticate: Bearer error_description=\"only \\\"this\\\"\"\r\n", true,
         "only \"this\""},
        {"WWW-Authenticate: Bearer realm=\"error=\\\"no\\\", x\", error=\"e\"\r\n", true, "e"},
        {"WWW-Authenticate: Basic realm=\"error\", error=\"no\"\r\n", false, ""},
        {"WWW-Authenticate: Basic error=\"no\", Bearer error=\"e\", Digest error=\"no\"\r\n", true,
         "e"},
        {"WWW-Authenticate: Negotiate abc==, Bearer error=\"e\"\r\n", true, "e"},
        {"WWW-Authenticate: Basic\r\nWWW-Authenticate: Bearer error=e\r\n", true, "e"},
        {"WWW-Authenticate: Bearer error=a\r\nWWW-Authenticate: Bearer error=b\r\n", true, "a"},
        /* Fault 600: two Bearer challenges in a field -> the first, not a mixture */
        {"WWW-Authenticate: Bearer error=a, Bearer error=b\r\n", true, "a"},
        {"WWW-Authenticate: Bearer error=a, Basic error=b, Bearer error_description=c\r\n", true,
         "a"},
        {"WWW-Authenticate: Bearer realm=r, Bearer error=b\r\n", true, ""},
        /* Fault 601: a challenge beyond what is kept of a line -> none; one that is cut -> its
         * first part */
        {"WWW-Authenticate: Basic realm=\"" LONG_TEXT "\", Bearer error=e\r\n", false, ""},
        {"WWW-Authenticate: Bearer realm=\"" HUNDRED HUNDRED "\", error=\"" HUNDRED "\"\r\n", true,
         "0123456789012"},
        {"WWW-Authenticate: Bearer error=\"not ended\r\n", true, "not ended"},
        {"WWW-Authenticate: Bearer error=\"a\\\r\n", true, "a\\"},
        {"WWW-Authenticate: BearerX error=no\r\n", false, ""},
        {"WWW-Authenticate: ,,; \"Bearer\"\r\n", false, ""},
        {"WWW-Authenticate: Bearer error=\"" HUNDRED HUNDRED "\"\r\n", true,
         HUNDRED FIFTY "012345678"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct seen seen = feed_fields("401 x", table[i].fields);
        assert_int_equal(seen.error, MMD_OK);
        if (seen.bearer != table[i].bearer || strcmp(seen.challenge, table[i].challenge) != 0)
            fail_msg("%s: %d \"%s\"", table[i].fields, seen.bearer, seen.challenge);
    }
}

/* Fault 624: Location in any form -> the host that it leads to, or none (RFC 3986, 3.2) */
static void test_locations(void **state)
{
    static const struct {
        const char *value, *location;
    } table[] = {
        {"https://login.example.com/x?y=https://z", "login.example.com"},
        {"http://a:8080", "a:8080"},
        {"https://u@a/", "a"},
        {"https://user:pw@b:8443/", "b:8443"},
        {"//b/c", "b"},
        {"https://c?d", "c"},
        {"https://c#d", "c"},
        {"https://[::1]:4/", "[::1]:4"},
        {"HTTPS://A.Example:443", "A.Example:443"},
        {"https://u:p@w@d/", "d"},
        {"https://e/@f", "e"},
        {"https://e?@f", "e"},
        /* Fault 602: a user and password longer than what is kept of a host -> never shown */
        {"https://u:" HUNDRED TWENTY "0123@g/", "g"},
        {"https://u:" HUNDRED TWENTY "0123456789@g/", "g"},
        {"https://u:" HUNDRED HUNDRED "@g/", "g"},
        {"https://u:" LONG_TEXT "@g/", ""},
        {"https://" LONG_TEXT "/", ""},
        {"/path://no", ""},
        {"path", ""},
        {"", ""},
        {"https:", ""},
        {"https:/", ""},
        {"https://", ""},
        {"/", ""},
        {"mailto:a", ""},
        {"https://" HUNDRED HUNDRED "/", HUNDRED TWENTY "0123456"},
    };
    char field[512];

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        snprintf(field, sizeof field, "Location: %s\r\n", table[i].value);
        struct seen seen = feed_fields("302 x", field);
        if (strcmp(seen.location, table[i].location) != 0)
            fail_msg("%s: \"%s\"", table[i].value, seen.location);
    }
}

/* Fault 625: a content coding -> told; identity and nothing are none (RFC 9110, 8.4) */
static void test_content_codings(void **state)
{
    (void)state;
    assert_false(feed_fields("400 x", "").coded);
    assert_false(feed_fields("400 x", "Content-Encoding: identity\r\n").coded);
    assert_false(feed_fields("400 x", "Content-Encoding:\r\n").coded);
    assert_true(feed_fields("400 x", "content-encoding: gzip\r\n").coded);
    assert_true(
        feed_fields("400 x", "Content-Encoding: br\r\nContent-Encoding: identity\r\n").coded);
    /* Fault 603: identity in capitals or twice -> none; beside another, or too long -> told */
    assert_false(feed_fields("400 x", "Content-Encoding: IDENTITY\r\n").coded);
    assert_false(
        feed_fields("400 x", "Content-Encoding: identity\r\nContent-Encoding: identity\r\n").coded);
    assert_true(
        feed_fields("400 x", "Content-Encoding: identity\r\nContent-Encoding: br\r\n").coded);
    assert_true(feed_fields("400 x", "Content-Encoding: identity, gzip\r\n").coded);
    assert_true(feed_fields("400 x", "Content-Encoding: " LONG_TEXT "\r\n").coded);
}

/* Of a line longer than what the parser keeps, a value is taken whole or not at all.
 * Fault 150: a value that lies anywhere in or beyond what is kept of a line -> taken whole or
 * not at all */
static void test_lines_of_every_length(void **state)
{
    char fields[1024];

    (void)state;
    for (int n = 0; n <= 290; n++) {
        snprintf(fields, sizeof fields,
                 "request-id:%*s9b3c\r\nRetry-After:%*s77\r\nConnection:%*sclose\r\n", n, "", n, "",
                 n, "");
        struct seen seen = feed_fields("429 x", fields);
        bool is_short = n < 220;
        assert_int_equal(seen.error, MMD_OK);
        assert_false(seen.reusable);
        if (strcmp(seen.request_id, "9b3c") != 0 && (is_short || seen.request_id[0] != '\0'))
            fail_msg("%d spaces: \"%s\"", n, seen.request_id);
        if (seen.retry_after_s != 77 && (is_short || seen.retry_after_s != MMD_RETRY_AFTER_ABSENT))
            fail_msg("%d spaces: %d", n, seen.retry_after_s);
    }
}

/* ---- every byte where text, a name or a number must stand ---- */

static bool is_text(int c)
{
    return c == '\t' || (c >= 0x20 && c != 0x7F);
}

static bool is_name(int c)
{
    return c != 0 && strchr("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                            "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
                            c) != NULL;
}

static bool is_status_line(int c, size_t at)
{
    static const char line[] = "HTTP/1.1 204 x";

    if (at == 7 || at == 10 || at == 11)
        return c >= '0' && c <= '9';
    if (at == 9)
        return c >= '2' && c <= '9';
    return at == 13 ? is_text(c) : c == line[at];
}

static void expect_byte(const char *message, size_t at, int byte, bool accepted)
{
    static char bytes[256], body[LONG];
    struct answer answer = {bytes, strlen(message), true, 0};

    memcpy(bytes, message, answer.len);
    bytes[at] = (char)byte;
    struct seen seen = feed_many_ways(message, &answer, body);
    if (seen.error != (accepted ? MMD_OK : MMD_ERR_PROTOCOL))
        fail_msg("byte 0x%02X at %zu: %d", (unsigned)byte, at, seen.error);
}

/* Fault 151: each byte but the right ones in the status line, a name, a value, NUL among them ->
 * protocol error (RFC 9112, 5) */
static void test_every_byte(void **state)
{
    static const char message[] = "HTTP/1.1 204 x\r\nDate: abcdefghi\r\nAb: cdefghijk\r\n\r\n";
    const size_t known = 22, name = 33, value = 37;

    (void)state;
    for (int c = 0; c < 256; c++) {
        for (size_t at = 0; at < 14; at++) /* a 1xx would want an answer behind it: none at 9 */
            if (at != 9 || c != '1')
                expect_byte(message, at, c, is_status_line(c, at));
        for (size_t i = 0; i < 9; i++) {
            expect_byte(message, known + i, c, is_text(c));
            expect_byte(message, value + i, c, is_text(c));
        }
        expect_byte(message, name, c, is_name(c));
        expect_byte(message, name + 1, c, is_name(c) || c == ':');
    }
}

/* ---- bounds ---- */

static char generated[2 * LONG];

static size_t append(size_t at, const char *text)
{
    size_t len = strlen(text);

    assert_true(at + len < sizeof generated);
    memcpy(generated + at, text, len);
    return at + len;
}

/* Appends text with filler bytes put in at its '*', so that it is len bytes long. */
static size_t append_filled(size_t at, const char *text, size_t len)
{
    const char *star = strchr(text, '*');
    size_t before = (size_t)(star - text), filler = len - (strlen(text) - 1);

    assert_true(at + len < sizeof generated);
    memcpy(generated + at, text, before);
    memset(generated + at + before, 'f', filler);
    return append(at + before + filler, star + 1);
}

static struct seen feed_generated(const char *name, size_t len, size_t cap, char *body)
{
    return feed_every_way(name, &(struct answer){generated, len, false, cap}, body);
}

/* Fault 152: a head, with those of interim answers, of 64 KB and of one byte more -> accepted;
 * too large
 * Fault 6, Fault 12 */
static void test_head_at_its_bound(void **state)
{
    static const char *const heads[] = {
        "HTTP/1.1 204 *\r\n\r\n",
        "HTTP/1.1 204 x\r\nA: *\r\n\r\n",
        "HTTP/1.1 204 x\r\nDate: *\r\n\r\n",
        "HTTP/1.1 103 *\r\n\r\nHTTP/1.1 204 x\r\n\r\n",
        "HTTP/1.1 103 x\r\nA: *\r\n\r\nHTTP/1.1 204 x\r\nB: c\r\n\r\n",
    };
    static char body[LONG];

    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        size_t len = append_filled(0, heads[i], MMD_RESPONSE_HEAD_MAX);
        assert_int_equal(feed_generated(heads[i], len, 0, body).error, MMD_OK);
        len = append_filled(0, heads[i], MMD_RESPONSE_HEAD_MAX + 1);
        assert_int_equal(feed_generated(heads[i], len, 0, body).error, MMD_ERR_TOO_LARGE);
    }
}

/* Fault 159: a thousand interim answers; more than the bound of all heads -> passed over; too
 * large */
static void test_many_interim_answers(void **state)
{
    static const struct {
        int count, error;
    } table[] = {{1000, MMD_OK}, {4000, MMD_ERR_TOO_LARGE}};
    static char body[LONG];

    (void)state;
    for (size_t t = 0; t < 2; t++) {
        size_t len = 0;
        for (int i = 0; i < table[t].count; i++)
            len = append(len, "HTTP/1.1 103 x\r\n\r\n");
        len = append(len, "HTTP/1.1 204 x\r\n\r\n");
        assert_int_equal(feed_generated("interim answers", len, 0, body).error, table[t].error);
    }
}

/* Fault 6: reason of 8 KB; past the line bound -> accepted and dropped; too large */
static void test_reason_of_8_kb(void **state)
{
    static char body[LONG];
    size_t len = append_filled(0, "HTTP/1.1 204 *\r\n\r\n", 8192);

    (void)state;
    assert_int_equal(feed_generated("reason", len, 0, body).error, MMD_OK);
}

/* Fault 12: 60 KB of headers nobody needs; past the bound -> accepted in constant memory; too
 * large */
static void test_60_kb_of_fields(void **state)
{
    static char body[LONG];
    char line[64];
    size_t len = append(0, "HTTP/1.1 400 Bad Request\r\n");

    (void)state;
    for (int i = 0; len < 60000; i++) {
        snprintf(line, sizeof line, "X-Field-%d: nobody needs this\r\n", i);
        len = append(len, line);
    }
    len = append(len, "Content-Length: 2\r\n\r\nno");
    struct seen seen = feed_generated("fields", len, 8, body);
    assert_int_equal(seen.error, MMD_OK);
    assert_int_equal(seen.status, 400);
    assert_string_equal(body, "no");
}

/* A chunk-size line, its CRLF included, of every length around the bound, as the first one, behind
 * another chunk and as the last.
 * Fault 153: a chunk's line at its bound, and a byte longer -> accepted; too large */
static void test_chunk_line_at_its_bound(void **state)
{
    static const char *const before[] = {
        CHUNKED(""),
        CHUNKED("1\r\nx\r\n"),
    };
    static const struct {
        const char *line, *rest, *body;
    } lines[] = {
        {"1;*\r\n", "y\r\n0\r\n\r\n", "y"},
        {"0;*\r\n", "\r\n", ""},
        {"0 ;*\r\n", "\r\n", ""},
    };
    static char body[LONG];

    (void)state;
    for (size_t b = 0; b < 2; b++)
        for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
            for (size_t n = MMD_CHUNK_LINE_MAX - 2; n <= MMD_CHUNK_LINE_MAX + 2; n++) {
                size_t len = append(0, before[b]);
                len = append(append_filled(len, lines[i].line, n), lines[i].rest);
                struct seen seen = feed_generated(lines[i].line, len, 8, body);
                int expected = n <= MMD_CHUNK_LINE_MAX ? MMD_OK : MMD_ERR_TOO_LARGE;
                if (seen.error != expected)
                    fail_msg("line of %zu bytes, %s: %d", n, b == 0 ? "first" : "behind another",
                             seen.error);
            }
}

/* The bound of a chunk's line does not depend on what the head left of its own.
 * Fault 154: a long chunk line behind a head that filled its own bound -> accepted */
static void test_bounds_do_not_mix(void **state)
{
    static char body[LONG];

    (void)state;
    for (size_t left = MMD_CHUNK_LINE_MAX - 3; left <= MMD_CHUNK_LINE_MAX + 3; left++) {
        size_t len =
            append_filled(0, OK200 CODING "chunked\r\nA: *\r\n\r\n", MMD_RESPONSE_HEAD_MAX - left);
        len = append(append_filled(len, "1;*\r\n", MMD_CHUNK_LINE_MAX), "y\r\n0\r\n\r\n");
        if (feed_generated("bounds", len, 8, body).error != MMD_OK)
            fail_msg("the head had %zu bytes left", left);
    }
}

/* Fault 25: trailers -> dropped within the bound (RFC 9112, 7.1.2) */
static void test_trailers_at_their_bound(void **state)
{
    static char body[LONG];

    (void)state;
    for (size_t n = MMD_RESPONSE_HEAD_MAX - 1; n <= MMD_RESPONSE_HEAD_MAX + 1; n++) {
        size_t len = append_filled(append(0, CHUNKED("0\r\n")), "A: *\r\n\r\n", n);
        assert_int_equal(feed_generated("trailers", len, 0, body).error,
                         n <= MMD_RESPONSE_HEAD_MAX ? MMD_OK : MMD_ERR_TOO_LARGE);
    }
}

/* Fault 24: one-byte chunks, ten thousand -> accepted within the deadline */
static void test_ten_thousand_chunks(void **state)
{
    static char body[LONG];
    size_t len = append(0, CHUNKED(""));

    (void)state;
    for (int i = 0; i < 10000; i++) {
        const char chunk[] = {'1', '\r', '\n', (char)('a' + i % 26), '\r', '\n', '\0'};
        len = append(len, chunk);
    }
    len = append(len, "0\r\n\r\n");
    struct seen seen = feed_generated("chunks", len, 10000, body);
    assert_int_equal(seen.error, MMD_OK);
    assert_int_equal(seen.body_len, 10000);
    for (size_t i = 0; i < 10000; i++)
        assert_int_equal(body[i], 'a' + i % 26);
}

/* ---- the body's buffer ---- */

/* What is longer than the buffer is cut there, and the answer ends with it.
 * Fault 155: a body longer than the buffer, in each framing -> cut there, flagged, not drained,
 * no reuse */
static void test_every_capacity(void **state)
{
    static const struct {
        const char *name, *bytes;
        bool ends;
    } table[] = {
        {"length", "HTTP/1.1 503 x\r\nContent-Length: 10\r\n\r\n0123456789", false},
        {"until the end", "HTTP/1.1 503 x\r\n\r\n0123456789", true},
        {"one chunk",
         "HTTP/1.1 503 x\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n", false},
        {"chunks",
         "HTTP/1.1 503 x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n012\r\n4\r\n3456\r\n3\r\n789\r\n"
         "0\r\n\r\n",
         false},
    };
    static char body[LONG];

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        for (size_t cap = 0; cap <= 12; cap++) {
            struct answer answer = {table[i].bytes, strlen(table[i].bytes), table[i].ends, cap};
            struct seen seen = feed_every_way(table[i].name, &answer, body);
            assert_int_equal(seen.error, MMD_OK);
            assert_int_equal(seen.status, 503);
            assert_int_equal(seen.body_len, cap < 10 ? cap : 10);
            assert_memory_equal(body, "0123456789", seen.body_len);
            assert_int_equal(seen.body_cut, cap < 10);
            assert_int_equal(seen.reusable, cap >= 10 && !table[i].ends);
        }
}

static void test_huge_body_is_not_awaited(void **state)
{
    static const char *const table[] = {
        /* Fault 17: 4 GB announced with an error status -> head kept, remainder not drained */
        "HTTP/1.1 500 x\r\nContent-Length: 4294967296\r\n\r\n01234567",
        /* Fault 98 */
        "HTTP/1.1 500 x\r\nContent-Length: 18446744073709551615\r\n\r\n01234567",
        /* Fault 119 */
        "HTTP/1.1 500 x\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n01234567",
    };
    static char body[LONG];

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct answer answer = {table[i], strlen(table[i]), false, 3};
        struct seen seen = feed_every_way(table[i], &answer, body);
        assert_int_equal(seen.error, MMD_OK);
        assert_true(seen.done);
        assert_int_equal(seen.status, 500);
        assert_string_equal(body, "012");
        assert_true(seen.body_cut);
        assert_false(seen.reusable);
    }
}

/* Fault 156: every byte from 0 to 255 in a body -> kept as it is */
static void test_nul_and_high_bytes_in_a_body(void **state)
{
    static const char bytes[] = OK200 "Content-Length: 256\r\n\r\n";
    static char body[LONG];
    size_t len = append(0, bytes);

    (void)state;
    for (int c = 0; c < 256; c++)
        generated[len++] = (char)c;
    assert_int_equal(feed_generated("bytes", len, 256, body).error, MMD_OK);
    assert_memory_equal(body, generated + sizeof bytes - 1, 256);
}

/* ---- the end of the stream, behind every byte ---- */

static int expected_end(size_t n, size_t complete_from)
{
    if (n == 0)
        return MMD_ERR_EMPTY;
    return n < complete_from ? MMD_ERR_TRUNCATED : MMD_OK;
}

/* Fault 157: end of stream behind each byte of an answer -> empty, truncated or complete, the
 * status told once it is known (RFC 9112, 8) */
static void test_end_in_every_state(void **state)
{
    static const struct {
        const char *bytes;
        size_t optional; /* bytes at the end without which it is complete, too */
        uint16_t status;
    } table[] = {
        {"HTTP/1.1 204 x\r\nA: b\r\n\r\n", 0, 204},
        {OK200 LENGTH "5\r\n\r\nhello", 0, 200},
        {OK200 "\r\nhello", 5, 200},
        {CHUNKED("5 ;e\r\nhello\r\n0\r\nA: b\r\n\r\n"), 0, 200},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        size_t len = strlen(table[i].bytes);
        size_t status_from = (size_t)(strstr(table[i].bytes, "\r\n") + 2 - table[i].bytes);
        for (size_t n = 0; n <= len; n++) {
            struct answer answer = {table[i].bytes, n, true, 16};
            char body[32];
            struct seen seen = feed_many_ways("end", &answer, body);
            if (seen.error != expected_end(n, len - table[i].optional))
                fail_msg("\"%s\" ends behind %zu: %d", table[i].bytes, n, seen.error);
            assert_int_equal(seen.status, n < status_from ? 0 : table[i].status);
        }
    }
}

/* ---- responses to a CONNECT ---- */

/* What follows the head, of many a kind of framing. */
static const char *const framings[] = {
    "\r\n",
    LENGTH "0\r\n\r\n",
    LENGTH "5\r\n\r\nhello",
    LENGTH "5\r\n\r\nhello, and more",
    LENGTH "5\r\n" LENGTH "6\r\n\r\nhello",
    LENGTH "x\r\n\r\nhello",
    LENGTH "-1\r\n\r\n",
    LENGTH SPACES "5\r\n\r\nhello",
    CODING "chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    CODING "gzip\r\n\r\nhello",
    CODING "chunked\r\n" LENGTH "5\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "Connection: close\r\nRetry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\nhello",
    "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: 5\r\n\r\nhello",
};

static struct seen feed_status(unsigned status, const char *version, const char *framing,
                               struct answer *answer, char *body)
{
    static char bytes[1024];
    int len = snprintf(bytes, sizeof bytes, "%s %u a\r\n%s", version, status, framing);

    assert_in_range(len, 1, sizeof bytes - 1);
    *answer = (struct answer){bytes, (size_t)len, true, 64};
    return feed_many_ways("to a CONNECT", answer, body);
}

/* A tunnel begins after the head. */
static void expect_tunnel(unsigned status, const char *version, const char *framing)
{
    struct answer answer;
    char body[128];
    struct seen seen = feed_status(status, version, framing, &answer, body);
    const char *end = strstr(answer.bytes, "\r\n\r\n") + 4;

    if (seen.error != MMD_OK || seen.consumed != (size_t)(end - answer.bytes))
        fail_msg("%.60s: error %d, consumed %zu", answer.bytes, seen.error, seen.consumed);
    assert_true(seen.done && seen.head_complete && !seen.body_cut);
    assert_int_equal(seen.status, status);
    assert_int_equal(seen.body_len, 0);
    assert_int_equal(seen.date, -1);
}

/* Any other response is what it would be to any other request. */
static void expect_ordinary(unsigned status, const char *version, const char *framing)
{
    struct answer answer;
    char body[128], other_body[128];
    struct seen seen = feed_status(status, version, framing, &answer, body);

    to_connect = false;
    struct seen other = feed_status(status, version, framing, &answer, other_body);
    to_connect = true;

    if (memcmp(&seen, &other, sizeof seen) != 0 || strcmp(body, other_body) != 0)
        fail_msg("%.60s: error %d and %d", answer.bytes, seen.error, other.error);
}

/* Fault 733: a response to a CONNECT of each class of statuses, with each framing -> a 2xx ends
 * with its head; any other is framed as always (RFC 9110, 9.3.6; RFC 9112, 6.3) */
static void test_responses_to_connect(void **state)
{
    static const unsigned others[] = {100, 101, 103, 199, 300, 302, 304, 399,
                                      400, 407, 499, 500, 502, 599, 600, 999};
    static const unsigned tunnels[] = {200, 201, 204, 205, 206, 299};
    static const char *const versions[] = {"HTTP/1.1", "HTTP/1.0"};

    (void)state;
    to_connect = true;
    for (size_t k = 0; k < sizeof framings / sizeof *framings; k++)
        for (size_t v = 0; v < 2; v++) {
            for (size_t i = 0; i < sizeof others / sizeof *others; i++)
                expect_ordinary(others[i], versions[v], framings[k]);
            for (size_t i = 0; i < sizeof tunnels / sizeof *tunnels; i++)
                expect_tunnel(tunnels[i], versions[v], framings[k]);
        }
    to_connect = false;
}

static void test_connect_after_interim_responses(void **state)
{
    static const struct row rows[] = {
        {"100, then 200", "HTTP/1.1 100 a\r\n" LENGTH "7\r\n\r\n" OK200 LENGTH "x\r\n\r\n", ENDS,
         MMD_OK, 200, "", REUSABLE, 0},
        {"three, then 200",
         "HTTP/1.1 100 a\r\n\r\nHTTP/1.1 103 \r\n\r\nHTTP/1.1 199\r\n\r\n" OK200 CODING
         "a, b\r\n\r\nrest",
         ENDS, MMD_OK, 200, "", CLOSE, 4},
        {"100, then 407", "HTTP/1.1 100 a\r\n\r\nHTTP/1.1 407 b\r\n" LENGTH "5\r\n\r\nhello", OPEN,
         MMD_OK, 407, "hello", REUSABLE, 0},
    };

    (void)state;
    to_connect = true;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct answer answer = {rows[i].bytes, strlen(rows[i].bytes), rows[i].ends == ENDS, 64};
        char body[128];
        struct seen seen = feed_every_way(rows[i].name, &answer, body);
        assert_int_equal(seen.error, MMD_OK);
        assert_int_equal(seen.status, rows[i].status);
        assert_int_equal(seen.consumed, answer.len - rows[i].leftover);
        assert_int_equal(seen.reusable, rows[i].reusable == REUSABLE);
        assert_string_equal(body, rows[i].body);
    }
    to_connect = false;
}

/* Fault 158: an empty read, before the first byte or between any two -> nothing changes
 * (feed_pieces does the latter) */
static void test_feeding_nothing(void **state)
{
    struct mmd_response r;

    (void)state;
    mmd_response_begin(&r, NULL, 0);
    assert_int_equal(mmd_response_feed(&r, guard_room(&input_memory, 0), 0), 0);
    assert_int_equal(mmd_response_end_of_stream(&r), MMD_ERR_EMPTY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status_line),
        cmocka_unit_test(test_interim_answers),
        cmocka_unit_test(test_field_lines),
        cmocka_unit_test(test_length),
        cmocka_unit_test(test_other_framing),
        cmocka_unit_test(test_chunks),
        cmocka_unit_test(test_codings),
        cmocka_unit_test(test_trailers),
        cmocka_unit_test(test_retry_after),
        cmocka_unit_test(test_request_id),
        cmocka_unit_test(test_request_id_names),
        cmocka_unit_test(test_challenges),
        cmocka_unit_test(test_locations),
        cmocka_unit_test(test_content_codings),
        cmocka_unit_test(test_lines_of_every_length),
        cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_head_at_its_bound),
        cmocka_unit_test(test_many_interim_answers),
        cmocka_unit_test(test_reason_of_8_kb),
        cmocka_unit_test(test_60_kb_of_fields),
        cmocka_unit_test(test_chunk_line_at_its_bound),
        cmocka_unit_test(test_bounds_do_not_mix),
        cmocka_unit_test(test_trailers_at_their_bound),
        cmocka_unit_test(test_ten_thousand_chunks),
        cmocka_unit_test(test_every_capacity),
        cmocka_unit_test(test_huge_body_is_not_awaited),
        cmocka_unit_test(test_nul_and_high_bytes_in_a_body),
        cmocka_unit_test(test_end_in_every_state),
        cmocka_unit_test(test_responses_to_connect),
        cmocka_unit_test(test_connect_after_interim_responses),
        cmocka_unit_test(test_feeding_nothing),
    };

    return cmocka_run_group_tests_name("response", tests, open_memory, NULL);
}
