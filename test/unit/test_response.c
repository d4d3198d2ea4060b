/* Tests of the answer's parser. Each answer is fed whole, byte by byte, in pieces of several sizes,
 * split in two at every place and, if it is short, in three at every pair of places, and from
 * within its own body's buffer: all that can be observed must be the same each time. Every piece
 * ends at a guard page, and so does the body. */
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
#define UNFINISHED MMD_PENDING /* no error, but the answer is not complete */

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
    bool ends;  /* the stream ends behind it */
    size_t cap; /* of the body's buffer */
};

/* All that can be observed of a parsed answer. */
struct seen {
    int error;
    uint16_t status;
    bool head_complete, reusable, done, body_cut;
    size_t consumed; /* if there was no error */
    int32_t retry_after_s;
    char request_id[MMD_REQUEST_ID_MAX + 1];
    size_t body_len;
};

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
    mmd_response_begin(r, answer->cap == 0 ? NULL : body, answer->cap);
    *f = (struct feeder){answer, r, 0, MMD_OK};
}

/* Feeds data, a copy of the answer's next len bytes. */
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

/* Errors are for good, and a complete answer takes no more. */
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
    strcpy(seen.request_id, r->request_id);
    seen.body_len = r->body_len;
    assert_in_range(seen.body_len, 0, f->answer->cap);
    expect_it_stays(&seen, r);
    return seen;
}

/* Feeds pieces of at most the given sizes, the last of them until the end. */
static struct seen feed_pieces(const struct answer *answer, struct mmd_response *r, size_t first,
                               size_t second, size_t rest)
{
    struct feeder f;

    begin(&f, answer, r);
    if (first > 0)
        feed(&f, first);
    if (second > 0)
        feed(&f, second);
    while (more(&f))
        feed(&f, rest);
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

/* Feeds an answer whole, in pieces, split in two and in place. Returns what is seen; body gets the
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

/* ---- the catalogue: one row, one answer ---- */

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

/* A row for what is no answer, or an ambiguous one. */
struct refusal {
    const char *name, *bytes;
    uint16_t status; /* told all the same */
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

/* More than the parser keeps of a line. */
#define TWENTY       "01234567890123456789"
#define HUNDRED      TWENTY TWENTY TWENTY TWENTY TWENTY
#define LONG_TEXT    HUNDRED HUNDRED HUNDRED
#define SIXTY_SPACES "                                                            "
#define SPACES       SIXTY_SPACES SIXTY_SPACES SIXTY_SPACES SIXTY_SPACES SIXTY_SPACES

static void test_status_line(void **state)
{
    static const struct row rows[] = {
        {"204", "HTTP/1.1 204 No Content\r\n\r\n", OPEN, MMD_OK, 204, "", REUSABLE, 0},
        {"no reason, with a space", "HTTP/1.1 400 \r\nContent-Length: 0\r\n\r\n", OPEN, MMD_OK, 400,
         "", REUSABLE, 0},
        {"no reason, no space", "HTTP/1.1 400\r\nContent-Length: 0\r\n\r\n", OPEN, MMD_OK, 400, "",
         REUSABLE, 0},
        {"HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nhello", ENDS, MMD_OK, 200, "hello", CLOSE, 0},
        {"HTTP/1.0 with a length", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", OPEN,
         MMD_OK, 200, "hello", CLOSE, 0},
        {"status 999", "HTTP/1.1 999 x\r\nContent-Length: 0\r\n\r\n", OPEN, MMD_OK, 999, "",
         REUSABLE, 0},
        {"nothing", "", ENDS, MMD_ERR_EMPTY, 0, NULL, CLOSE, 0},
        {"nothing yet", "", OPEN, UNFINISHED, 0, NULL, CLOSE, 0},
        {"one byte", "H", ENDS, MMD_ERR_TRUNCATED, 0, NULL, CLOSE, 0},
    };
    static const struct refusal refused[] = {
        {"HTTP/1.0, chunked",
         "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 200},
        {"HTTP/2", "HTTP/2 200\r\n\r\n", 0},
        {"HTTP/2.0", "HTTP/2.0 200 OK\r\n\r\n", 0},
        {"HTTP/1", "HTTP/1 200 OK\r\n\r\n", 0},
        {"HTTP/1.10", "HTTP/1.10 200 OK\r\n\r\n", 0},
        {"HTTP/0.9", "HTTP/0.9 200 OK\r\n\r\n", 0},
        {"http in small letters", "http/1.1 200 OK\r\n\r\n", 0},
        {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0},
        {"ICY", "ICY 200 OK\r\n\r\n", 0},
        {"HTML", "<!DOCTYPE html><html></html>", 0},
        {"TLS alert", "\x15\x03\x03", 0},
        {"empty line first", "\r\nHTTP/1.1 204 No Content\r\n\r\n", 0},
        {"status of two digits", "HTTP/1.1 99 x\r\n\r\n", 0},
        {"status below 100", "HTTP/1.1 099 x\r\n\r\n", 0},
        {"status of four digits", "HTTP/1.1 1000 x\r\n\r\n", 0},
        {"status with a space", "HTTP/1.1 2 00 x\r\n\r\n", 0},
        {"negative status", "HTTP/1.1 -20 x\r\n\r\n", 0},
        {"status with a tab", "HTTP/1.1 204\tx\r\n\r\n", 0},
        {"two spaces before the status", "HTTP/1.1  204 x\r\n\r\n", 0},
        {"no status", "HTTP/1.1 \r\n\r\n", 0},
    };

    (void)state;
    EXPECT_ROWS(rows);
    EXPECT_REFUSED(refused);
}

static void test_interim_answers(void **state)
{
    static const struct row rows[] = {
        {"100", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", OPEN, MMD_OK, 204,
         "", REUSABLE, 0},
        {"103 three times",
         "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 103 x\r\n\r\n"
         "HTTP/1.1 103\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
         OPEN, MMD_OK, 204, "", REUSABLE, 0},
        {"its fields are not the answer's",
         "HTTP/1.1 103 x\r\nContent-Length: 3\r\nRetry-After: 9\r\nrequest-id: r\r\n"
         "Connection: close\r\n\r\nHTTP/1.1 404 x\r\nContent-Length: 2\r\n\r\nno",
         OPEN, MMD_OK, 404, "no", REUSABLE, 0},
        {"alone", "HTTP/1.1 100 Continue\r\n\r\n", ENDS, MMD_ERR_TRUNCATED, 0, NULL, CLOSE, 0},
    };
    static const struct refusal refused[] = {
        {"101 that nobody asked for", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
         101},
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
        {"empty value", FIELD("A:\r\nB: \r\nC: \t \r\n"), OPEN, MMD_OK, 204, "", REUSABLE, 0},
        {"colons in a value", FIELD("A:b:c::\r\n"), OPEN, MMD_OK, 204, "", REUSABLE, 0},
        {"end within the fields", "HTTP/1.1 204 No Content\r\nA: b\r\n", ENDS, MMD_ERR_TRUNCATED,
         204, NULL, CLOSE, 0},
        {"name of 100 characters, more than is looked at",
         FIELD("1234567890123456789012345678901234567890123456789012345678901234567890"
               "123456789012345678901234567890: b\r\n"),
         OPEN, MMD_OK, 204, "", REUSABLE, 0},
        {"end within the empty line", "HTTP/1.1 204 No Content\r\nA: b\r\n\r", ENDS,
         MMD_ERR_TRUNCATED, 204, NULL, CLOSE, 0},
    };
    static const struct refusal refused[] = {
        {"name of 100 characters, with a space among the first",
         FIELD("1234567890 234567890123456789012345678901234567890123456789012345678901"
               "123456789012345678901234567890: b\r\n"),
         204},
        {"bare LF behind a value", FIELD("A: b\n"), 204},
        {"bare LF behind the status line", "HTTP/1.1 204 No Content\n\n", 0},
        {"bare LF as the empty line", "HTTP/1.1 204 No Content\r\n\n", 204},
        {"bare CR in a value", FIELD("A: b\rc\r\n"), 204},
        {"two CRs", FIELD("A: b\r\r\n"), 204},
        {"bare CR in the reason", "HTTP/1.1 204 No\rContent\r\n\r\n", 0},
        {"folded line", FIELD("A: b\r\n c\r\n"), 204},
        {"folded with a tab", FIELD("A: b\r\n\tc\r\n"), 204},
        {"space before the first line", FIELD(" A: b\r\n"), 204},
        {"space before the colon", FIELD("A : b\r\n"), 204},
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
        {"complete", OK200 LENGTH "5\r\n\r\nhello", OPEN, MMD_OK, 200, "hello", REUSABLE, 0},
        {"complete at the end", OK200 LENGTH "5\r\n\r\nhello", ENDS, MMD_OK, 200, "hello", REUSABLE,
         0},
        {"not yet complete", OK200 LENGTH "5\r\n\r\nhell", OPEN, UNFINISHED, 200, "hell", CLOSE, 0},
        {"truncated", OK200 LENGTH "5\r\n\r\nhell", ENDS, MMD_ERR_TRUNCATED, 200, "hell", CLOSE, 0},
        {"truncated before the body", "HTTP/1.1 404 x\r\n" LENGTH "5\r\n\r\n", ENDS,
         MMD_ERR_TRUNCATED, 404, NULL, CLOSE, 0},
        {"more than announced", OK200 LENGTH "5\r\n\r\nhelloHTTP", OPEN, MMD_OK, 200, "hello",
         REUSABLE, 4},
        {"none", OK200 LENGTH "0\r\n\r\nx", OPEN, MMD_OK, 200, "", REUSABLE, 1},
        {"letter case and spaces", OK200 "cOnTeNt-LeNgTh:\t 5 \t\r\n\r\nhello", OPEN, MMD_OK, 200,
         "hello", REUSABLE, 0},
        {"no space", OK200 "CONTENT-LENGTH:5\r\n\r\nhello", OPEN, MMD_OK, 200, "hello", REUSABLE,
         0},
        {"leading zeros", OK200 LENGTH "0005\r\n\r\nhello", OPEN, MMD_OK, 200, "hello", REUSABLE,
         0},
        {"said twice", OK200 LENGTH "5\r\n" LENGTH "5\r\n\r\nhello", OPEN, MMD_OK, 200, "hello",
         REUSABLE, 0},
        {"2^64 - 1", OK200 LENGTH "18446744073709551615\r\n\r\nhello", OPEN, UNFINISHED, 200,
         "hello", CLOSE, 0},
        {"a field that begins alike",
         OK200 "Content-Length-X: 2\r\nX-Content-Length: 2\r\n\r\nhello", ENDS, MMD_OK, 200,
         "hello", CLOSE, 0},
    };
    static const struct refusal refused[] = {
        {"two lengths", OK200 LENGTH "5\r\n" LENGTH "6\r\n\r\nhello", 200},
        {"0, then 5", OK200 LENGTH "0\r\n" LENGTH "5\r\n\r\nhello", 200},
        {"with a sign", OK200 LENGTH "+5\r\n\r\nhello", 200},
        {"negative", OK200 LENGTH "-1\r\n\r\nhello", 200},
        {"hexadecimal", OK200 LENGTH "0x5\r\n\r\nhello", 200},
        {"two numbers", OK200 LENGTH "5 5\r\n\r\nhello", 200},
        {"far behind the first", OK200 LENGTH "5" SPACES "6\r\n\r\nhello", 200},
        {"a list", OK200 LENGTH "5, 6\r\n\r\nhello", 200},
        {"a fraction", OK200 LENGTH "5.0\r\n\r\nhello", 200},
        {"empty", OK200 LENGTH "\r\n\r\nhello", 200},
        {"2^64", OK200 LENGTH "18446744073709551616\r\n\r\nhello", 200},
        {"2^64 + 5", OK200 LENGTH "18446744073709551621\r\n\r\nhello", 200},
        {"10 * 2^64 + 5", OK200 LENGTH "184467440737095516165\r\n\r\nhello", 200},
        {"longer than any number",
         OK200 LENGTH "0000000000000000000000000000000000000000000000000000000000000000"
                      "0000000000000000000000000000000000000000000000000000000000000005\r\n\r\n",
         200},
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
        {"until the end", OK200 "\r\nhello", ENDS, MMD_OK, 200, "hello", CLOSE, 0},
        {"until the end, empty", OK200 "\r\n", ENDS, MMD_OK, 200, "", CLOSE, 0},
        {"until an end that has not come", OK200 "\r\nhello", OPEN, UNFINISHED, 200, "hello", CLOSE,
         0},
        {"204 with a length", "HTTP/1.1 204 x\r\n" LENGTH "5\r\n\r\nhello", OPEN, MMD_OK, 204, "",
         CLOSE, 5},
        {"204 with length 0", "HTTP/1.1 204 x\r\n" LENGTH "0\r\n\r\n", OPEN, MMD_OK, 204, "",
         REUSABLE, 0},
        {"204, chunked", "HTTP/1.1 204 x\r\n" CODING "chunked\r\n\r\n", OPEN, MMD_OK, 204, "",
         CLOSE, 0},
        {"304 with a length", "HTTP/1.1 304 x\r\n" LENGTH "5\r\n\r\n", OPEN, MMD_OK, 304, "", CLOSE,
         0},
        {"Connection: close", FIELD("Connection: close\r\n"), OPEN, MMD_OK, 204, "", CLOSE, 0},
        {"in any letter case", FIELD("cONNECTION:cLOSE\r\n"), OPEN, MMD_OK, 204, "", CLOSE, 0},
        {"behind another", FIELD("Connection: keep-alive, close\r\n"), OPEN, MMD_OK, 204, "", CLOSE,
         0},
        {"before another", FIELD("Connection:\tclose ,upgrade\r\n"), OPEN, MMD_OK, 204, "", CLOSE,
         0},
        {"among empty ones", FIELD("Connection: ,, close,,\r\n"), OPEN, MMD_OK, 204, "", CLOSE, 0},
        {"in a second line", FIELD("Connection: a\r\nConnection: close\r\nConnection: b\r\n"), OPEN,
         MMD_OK, 204, "", CLOSE, 0},
        {"far behind", FIELD("Connection: " LONG_TEXT ", close\r\n"), OPEN, MMD_OK, 204, "", CLOSE,
         0},
        {"keep-alive", FIELD("Connection: keep-alive\r\n"), OPEN, MMD_OK, 204, "", REUSABLE, 0},
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
        {"one", CHUNKED("5\r\nhello\r\n0\r\n\r\n"), OPEN, MMD_OK, 200, "hello", REUSABLE, 0},
        {"three", CHUNKED("1\r\nh\r\n3\r\nell\r\n1\r\no\r\n0\r\n\r\n"), OPEN, MMD_OK, 200, "hello",
         REUSABLE, 0},
        {"none", CHUNKED("0\r\n\r\n"), OPEN, MMD_OK, 200, "", REUSABLE, 0},
        {"leftover", CHUNKED("1\r\nx\r\n0\r\n\r\nHTTP/1.1"), OPEN, MMD_OK, 200, "x", REUSABLE, 8},
        {"CRLF as data", CHUNKED("4\r\n\r\n\r\n\r\n0\r\n\r\n"), OPEN, MMD_OK, 200, "\r\n\r\n",
         REUSABLE, 0},
        {"capitals, small letters", CHUNKED("A\r\n0123456789\r\nb\r\n0123456789a\r\n0\r\n\r\n"),
         OPEN, MMD_OK, 200, "01234567890123456789a", REUSABLE, 0},
        {"the coding in capitals", OK200 "TRANSFER-ENCODING: CHUNKED\r\n\r\n1\r\nx\r\n0\r\n\r\n",
         OPEN, MMD_OK, 200, "x", REUSABLE, 0},
        {"leading zeros", CHUNKED("0000000000000005\r\nhello\r\n0000\r\n\r\n"), OPEN, MMD_OK, 200,
         "hello", REUSABLE, 0},
        {"2^64 - 1", CHUNKED("FFFFFFFFFFFFFFFF\r\nhello"), OPEN, UNFINISHED, 200, "hello", CLOSE,
         0},
        {"extensions", CHUNKED("5;a\r\nhello\r\n0 ; b=\"c;d\" ;e\r\n\r\n"), OPEN, MMD_OK, 200,
         "hello", REUSABLE, 0},
        {"end within the size", CHUNKED("5"), ENDS, MMD_ERR_TRUNCATED, 200, NULL, CLOSE, 0},
        {"end within the data", CHUNKED("5\r\nhel"), ENDS, MMD_ERR_TRUNCATED, 200, "hel", CLOSE, 0},
        {"end behind the data", CHUNKED("5\r\nhello\r\n"), ENDS, MMD_ERR_TRUNCATED, 200, "hello",
         CLOSE, 0},
        {"end before the last empty line", CHUNKED("5\r\nhello\r\n0\r\n"), ENDS, MMD_ERR_TRUNCATED,
         200, "hello", CLOSE, 0},
    };
    static const struct refusal refused[] = {
        {"17 digits", CHUNKED("00000000000000005\r\nhello\r\n0\r\n\r\n"), 200},
        {"2^64", CHUNKED("10000000000000000\r\nhello"), 200},
        {"control byte in an extension", CHUNKED("5;a\x01\r\nhello\r\n0\r\n\r\n"), 200},
        {"bare LF in an extension", CHUNKED("5;a\nhello\r\n0\r\n\r\n"), 200},
        {"digits behind a space", CHUNKED("5 5\r\nhello\r\n0\r\n\r\n"), 200},
        {"no size", CHUNKED("\r\nhello\r\n0\r\n\r\n"), 200},
        {"no size before an extension", CHUNKED(";a\r\nhello\r\n0\r\n\r\n"), 200},
        {"0x", CHUNKED("0x5\r\nhello\r\n0\r\n\r\n"), 200},
        {"negative", CHUNKED("-1\r\nhello\r\n0\r\n\r\n"), 200},
        {"space before the size", CHUNKED(" 5\r\nhello\r\n0\r\n\r\n"), 200},
        {"letter that is no digit", CHUNKED("5g\r\nhello\r\n0\r\n\r\n"), 200},
        {"bare LF behind the size", CHUNKED("5\nhello\r\n0\r\n\r\n"), 200},
        {"no CRLF behind the data", CHUNKED("5\r\nhello0\r\n\r\n"), 200},
        {"bare LF behind the data", CHUNKED("5\r\nhello\n0\r\n\r\n"), 200},
        {"bare CR behind the data", CHUNKED("5\r\nhello\r0\r\n\r\n"), 200},
        {"data longer than its size", CHUNKED("4\r\nhello\r\n0\r\n\r\n"), 200},
    };

    (void)state;
    EXPECT_ROWS(rows);
    EXPECT_REFUSED(refused);
}

static void test_codings(void **state)
{
    static const struct refusal refused[] = {
        {"gzip, chunked", OK200 CODING "gzip, chunked\r\n\r\n0\r\n\r\n", 200},
        {"identity", OK200 CODING "identity\r\n\r\nhello", 200},
        {"xchunked", OK200 CODING "xchunked\r\n\r\n0\r\n\r\n", 200},
        {"chunkedx", OK200 CODING "chunkedx\r\n\r\n0\r\n\r\n", 200},
        {"chunked, chunked", OK200 CODING "chunked, chunked\r\n\r\n0\r\n\r\n", 200},
        {"chunked in two lines", OK200 CODING "chunked\r\n" CODING "chunked\r\n\r\n0\r\n\r\n", 200},
        {"gzip and chunked in two lines", OK200 CODING "gzip\r\n" CODING "chunked\r\n\r\n0\r\n\r\n",
         200},
        {"none named", OK200 CODING "\r\n\r\n0\r\n\r\n", 200},
        {"quoted", OK200 CODING "\"chunked\"\r\n\r\n0\r\n\r\n", 200},
        {"chunked, and far behind it gzip", OK200 CODING "chunked" SPACES ", gzip\r\n\r\n0\r\n\r\n",
         200},
        {"with a parameter", OK200 CODING "chunked;q=1\r\n\r\n0\r\n\r\n", 200},
    };

    (void)state;
    EXPECT_REFUSED(refused);
}

static void test_trailers(void **state)
{
    static const struct row rows[] = {
        {"one", CHUNKED("5\r\nhello\r\n0\r\nA: b\r\n\r\n"), OPEN, MMD_OK, 200, "hello", REUSABLE,
         0},
        {"none of them counts",
         CHUNKED("1\r\nx\r\n0\r\nContent-Length: 7\r\nTransfer-Encoding: gzip\r\n"
                 "Connection: close\r\nRetry-After: 5\r\nrequest-id: r\r\n\r\n"),
         OPEN, MMD_OK, 200, "x", REUSABLE, 0},
        {"truncated", CHUNKED("1\r\nx\r\n0\r\nA: b\r\n"), ENDS, MMD_ERR_TRUNCATED, 200, "x", CLOSE,
         0},
    };
    static const struct refusal refused[] = {
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

#define SIXTYTHREE TWENTY TWENTY TWENTY "abc"

static void test_retry_after(void **state)
{
    static const struct {
        const char *fields;
        int32_t seconds;
    } table[] = {
        {"", MMD_RETRY_AFTER_ABSENT},
        {"Retry-After: 0\r\n", 0},
        {"Retry-After: 120\r\n", 120},
        {"retry-AFTER:120 \t\r\n", 120},
        {"Retry-After: 86400\r\n", MMD_RETRY_AFTER_MAX},
        {"Retry-After: 86401\r\n", MMD_RETRY_AFTER_MAX},
        {"Retry-After: 4294967295\r\n", MMD_RETRY_AFTER_MAX},
        {"Retry-After: 18446744073709551615\r\n", MMD_RETRY_AFTER_MAX},
        {"Retry-After: -1\r\n", MMD_RETRY_AFTER_ABSENT},
        {"Retry-After: +5\r\n", MMD_RETRY_AFTER_ABSENT},
        {"Retry-After: 1.5\r\n", MMD_RETRY_AFTER_ABSENT},
        {"Retry-After:\r\n", MMD_RETRY_AFTER_ABSENT},
        {"Retry-After: soon\r\n", MMD_RETRY_AFTER_ABSENT},
        {"X-Retry-After: 5\r\n", MMD_RETRY_AFTER_ABSENT},
        {"Retry-After: 5" SIXTY_SPACES "x\r\n", MMD_RETRY_AFTER_ABSENT},
        {"Retry-After: 5" SPACES "x\r\n", MMD_RETRY_AFTER_ABSENT},
        {"Retry-After: " LONG_TEXT "\r\n", MMD_RETRY_AFTER_ABSENT},
        /* a date counts from the answer's own, whichever comes first */
        {"Date: Fri, 31 Dec 1999 23:59:50 GMT\r\nRetry-After: Sat, 01 Jan 2000 00:00:20 GMT\r\n",
         30},
        {"Retry-After: Sat, 01 Jan 2000 00:00:20 GMT\r\nDate: Fri, 31 Dec 1999 23:59:50 GMT\r\n",
         30},
        {"Date: Sat, 01 Jan 2000 00:00:20 GMT\r\nRetry-After: Sat, 01 Jan 2000 00:00:20 GMT\r\n",
         0},
        {"Date: Sat, 01 Jan 2000 00:00:20 GMT\r\nRetry-After: Fri, 31 Dec 1999 23:59:50 GMT\r\n",
         0},
        {"Date: Fri, 31 Dec 1999 23:59:50 GMT\r\nRetry-After: Tue, 01 Jan 2030 00:00:00 GMT\r\n",
         MMD_RETRY_AFTER_MAX},
        {"Retry-After: Sat, 01 Jan 2000 00:00:20 GMT\r\n", MMD_RETRY_AFTER_ABSENT},
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
    assert_int_equal(feed_fields("202 x", "Retry-After: 7\r\n").retry_after_s,
                     MMD_RETRY_AFTER_ABSENT);
}

static void test_request_id(void **state)
{
    static const struct {
        const char *fields, *id;
    } table[] = {
        {"request-id: 9b3c\r\n", "9b3c"},
        {"x-ms-request-id: 9b3c\r\n", "9b3c"},
        {"REQUEST-ID:\t 9b3c \r\n", "9b3c"},
        {"X-Ms-Request-Id: 9b3c\r\n", "9b3c"},
        {"request-id: with inner space\r\n", "with inner space"},
        {"request-id: first\r\nx-ms-request-id: second\r\n", "first"},
        {"x-ms-request-id: first\r\nrequest-id: second\r\n", "first"},
        {"request-id:\r\nx-ms-request-id: second\r\n", "second"},
        {"request-id: " SIXTYTHREE "\r\n", SIXTYTHREE},
        {"request-id: " SIXTYTHREE "   \r\n", SIXTYTHREE},
        {"request-id: " SIXTYTHREE "d\r\n", ""},
        {"request-id: " SIXTYTHREE SIXTYTHREE "\r\n", ""},
        {"request-id: 9b3c" SIXTY_SPACES "x\r\n", ""},
        {"request-id: 9b3c" SPACES "x\r\n", ""},
        {"request-id: " LONG_TEXT "\r\n", ""},
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

/* Of a line longer than what the parser keeps, a value is taken whole or not at all. */
static void test_lines_of_every_length(void **state)
{
    char fields[1024];

    (void)state;
    for (int n = 0; n <= 130; n++) {
        snprintf(fields, sizeof fields,
                 "request-id:%*s9b3c\r\nRetry-After:%*s77\r\nConnection:%*sclose\r\n", n, "", n, "",
                 n, "");
        struct seen seen = feed_fields("429 x", fields);
        bool is_short = n < 64;
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

static void test_head_at_its_bound(void **state)
{
    static const char *const heads[] = {
        "HTTP/1.1 204 *\r\n\r\n",
        "HTTP/1.1 204 x\r\nA: *\r\n\r\n",
        "HTTP/1.1 204 x\r\n*: a\r\n\r\n",
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

static void test_reason_of_8_kb(void **state)
{
    static char body[LONG];
    size_t len = append_filled(0, "HTTP/1.1 204 *\r\n\r\n", 8192);

    (void)state;
    assert_int_equal(feed_generated("reason", len, 0, body).error, MMD_OK);
}

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
 * another chunk and as the last. */
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

/* The bound of a chunk's line does not depend on what the head left of its own. */
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

/* What is longer than the buffer is cut there, and the answer ends with it. */
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
    static const char bytes[] = "HTTP/1.1 500 x\r\nContent-Length: 4294967296\r\n\r\n0123456789";
    static char body[LONG];
    struct answer answer = {bytes, sizeof bytes - 1, false, 8};
    struct seen seen = feed_every_way("4 GB", &answer, body);

    (void)state;
    assert_int_equal(seen.error, MMD_OK);
    assert_int_equal(seen.status, 500);
    assert_string_equal(body, "01234567");
    assert_true(seen.body_cut);
    assert_false(seen.reusable);
}

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
        cmocka_unit_test(test_lines_of_every_length),
        cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_head_at_its_bound),
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
        cmocka_unit_test(test_feeding_nothing),
    };

    return cmocka_run_group_tests_name("response", tests, open_memory, NULL);
}
