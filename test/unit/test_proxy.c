/* SPDX-License-Identifier: MIT */
/* Tests of the port that goes through a proxy, over the scripted port: the request to the byte; the
 * proxy's response whole, split in two at every place and byte by byte, cut at every byte; each
 * call of the port beneath failing; what is left in memory. Then the engine and TLS over it, to
 * OpenSSL's server. */
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
#include "mmdclose/client.h"
#include "mmdclose/proxy.h"
#include "mmdclose/tls_pool.h"
#include "mmdclose/version.h"
#include "scripted_port.h"
#include "tls_server.h"

#define PENDINGS_MAX 200000 /* one byte at a time, of the longest head, is less */
#define CREDENTIALS  "kiosk:kept-from-everybody"
#define BASIC        "a2lvc2s6a2VwdC1mcm9tLWV2ZXJ5Ym9keQ=="
#define AUTHORITY    TLS_SERVER_HOST ":443"
#define AGENT        "User-Agent: mmdclose/" MMD_VERSION "\r\n"
#define REQUEST                                                                                    \
    "CONNECT " AUTHORITY " HTTP/1.1\r\nHost: " AUTHORITY "\r\n" AGENT                              \
    "Proxy-Authorization: Basic " BASIC "\r\n\r\n"
#define OK200 "HTTP/1.1 200 Connection established\r\n"
#define BEGUN "\x16\x03\x03" /* of a record */

static struct guard memory;

static int open_memory(void **state)
{
    (void)state;
    memory = guard_open(4096);
    return 0;
}

/* ---- a proxy in memory: says its bytes once the request is there, then maybe ends ---- */

struct said {
    const char *bytes;
    size_t len;
    int end;             /* MMD_PENDING: it goes on, and says nothing */
    size_t first, piece; /* sizes in which it says them: of the first one, of others; 0: any */
};

struct through {
    struct said said;
    size_t at;
    char request[4096]; /* all that came since the connection began */
    size_t taken;
    struct peer peer;
    struct scripted_port scripted;
    struct mmd_port under, port;
    struct mmd_proxy_config config;
    struct mmd_proxy proxy;
};

static void peer_accept(void *context)
{
    struct through *t = context;

    t->at = t->taken = 0;
}

static void peer_take(void *context, const void *data, size_t len)
{
    struct through *t = context;

    assert_true(len < sizeof t->request - t->taken);
    memcpy(t->request + t->taken, data, len);
    t->taken += len;
    t->request[t->taken] = '\0';
}

static int peer_give(void *context, void *data, size_t cap)
{
    struct through *t = context;
    size_t n = t->said.len - t->at, piece = t->at == 0 ? t->said.first : t->said.piece;

    if (t->taken == 0 || strstr(t->request, "\r\n\r\n") == NULL)
        return MMD_PENDING;
    if (n == 0)
        return t->said.end;
    n = piece > 0 && n > piece ? piece : n;
    n = n < cap ? n : cap;
    memcpy(data, t->said.bytes + t->at, n);
    t->at += n;
    return (int)n;
}

static void open_through(struct through *t, const char *credentials)
{
    memset(t, 0xA5, sizeof *t); /* it needs no preparation */
    t->at = t->taken = 0;
    t->said = (struct said){"", 0, MMD_PENDING, 0, 0};
    t->peer =
        (struct peer){.context = t, .accept = peer_accept, .take = peer_take, .give = peer_give};
    scripted_port_init(&t->scripted, &t->peer, &t->under);
    t->config = (struct mmd_proxy_config){"proxy.test", 8080, credentials};
    assert_int_equal(mmd_proxy_init(&t->proxy, &t->config, &t->under, &t->port), MMD_OK);
}

/* ---- what the port does, watched ---- */

static int connect_once(struct through *t)
{
    return t->port.connect(t->port.context, TLS_SERVER_HOST, 443);
}

static int connect_fully(struct through *t)
{
    int error = connect_once(t);

    for (int i = 0; error == MMD_PENDING && i < PENDINGS_MAX; i++)
        error = connect_once(t);
    return error;
}

static struct mmd_port_report report(const struct through *t)
{
    struct mmd_port_report r;

    memset(&r, 0x5A, sizeof r);
    t->port.report(t->port.context, &r);
    return r;
}

static void expect_no_trace(const struct through *t, const char *text)
{
    assert_null(memmem(&t->proxy, sizeof t->proxy, text, strlen(text)));
}

static bool is_zero(const void *p, size_t len)
{
    const unsigned char *bytes = p;

    for (size_t i = 0; i < len; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

/* Neither the credentials, as they are or coded, nor a word of the response. */
static void expect_clean(const struct through *t)
{
    expect_no_trace(t, "kept-from-everybody");
    expect_no_trace(t, BASIC);
    expect_no_trace(t, "HTTP/1.");
}

static void expect_failed(struct through *t, int error, int status)
{
    unsigned long calls = t->scripted.calls;
    struct mmd_port_report r = report(t);

    for (int i = 0; i < 3; i++)
        assert_int_equal(connect_once(t), error);
    assert_int_equal(t->scripted.calls, calls); /* the port beneath is left in peace */
    assert_true(r.at_proxy);
    assert_int_equal(r.detail.kind, status == 0 ? MMD_DETAIL_NONE : MMD_DETAIL_PROXY);
    assert_int_equal(r.detail.code, status);
    assert_string_equal(r.address, SCRIPTED_ADDRESS);
    expect_clean(t);
    assert_true(is_zero(t->proxy.buf, sizeof t->proxy.buf));
}

static void expect_closed(struct through *t)
{
    struct mmd_port_report r;

    t->port.disconnect(t->port.context);
    r = report(t);
    assert_false(t->scripted.open);
    assert_true(is_zero(t->proxy.buf, sizeof t->proxy.buf));
    assert_true(is_zero(&t->proxy.response, sizeof t->proxy.response));
    assert_int_equal(r.detail.kind, MMD_DETAIL_NONE);
    assert_string_equal(r.address, "");
}

/* The bytes after the head come out, in pieces of at most cap bytes, and what the port says then.
 */
static void expect_bytes(struct through *t, const char *bytes, size_t len, size_t cap, int end)
{
    for (size_t at = 0; at < len;) {
        char *room = guard_room(&memory, cap);
        int n = t->port.receive(t->port.context, room, cap);
        if (n == MMD_PENDING)
            continue;
        assert_in_range(n, 1, cap);
        assert_true((size_t)n <= len - at);
        assert_memory_equal(room, bytes + at, (size_t)n);
        assert_true(guard_intact(&memory, cap));
        at += (size_t)n;
    }
    for (int i = 0; i < 3; i++)
        assert_int_equal(t->port.receive(t->port.context, guard_room(&memory, cap), cap), end);
}

static void expect_open(struct through *t, const char *bytes, size_t len, size_t cap)
{
    struct mmd_port_report r = report(t);

    assert_int_equal(connect_once(t), MMD_OK);
    assert_false(r.at_proxy);
    assert_int_equal(r.detail.kind, MMD_DETAIL_NONE);
    assert_string_equal(r.address, SCRIPTED_ADDRESS);
    assert_string_equal(t->request, REQUEST);
    expect_clean(t);
    assert_int_equal(t->port.send(t->port.context, "hello", 5), 5);
    assert_string_equal(t->request + sizeof REQUEST - 1, "hello");
    expect_bytes(t, bytes, len, cap, t->said.end);
    assert_false(report(t).at_proxy);
}

/* One connection: the response comes in these pieces, and what follows is taken in those. */
static void go(struct through *t, const struct said *said, int error, int status, size_t surplus,
               size_t cap)
{
    t->said = *said;
    assert_true(report(t).at_proxy);
    int came = connect_fully(t);
    if (came != error)
        fail_msg("%.40s: error %d, expected %d", said->bytes, came, error);
    assert_string_equal(t->scripted.host, "proxy.test");
    if (error == MMD_OK)
        expect_open(t, said->bytes + said->len - surplus, surplus, cap);
    else
        expect_failed(t, error, status);
    expect_closed(t);
}

/* Whole, split in two at each place, byte by byte; always with the same memory, so that it begins
 * anew after each way in which it may have ended. */
static void go_every_way(const char *bytes, size_t len, int end, int error, int status,
                         size_t surplus)
{
    static const size_t caps[] = {1, 2, 3, 5, 1023, 1024, 1025};
    struct through t;
    struct said said = {bytes, len, end, 0, 0};

    open_through(&t, CREDENTIALS);
    for (size_t i = 0; i < sizeof caps / sizeof *caps; i++)
        go(&t, &said, error, status, surplus, caps[i]);
    for (said.first = 1; said.first < len && len <= 4096; said.first++)
        go(&t, &said, error, status, surplus, 1 + said.first % 4);
    for (said.piece = 1; said.piece <= 3; said.piece++) {
        said.first = said.piece;
        go(&t, &said, error, status, surplus, 2);
    }
}

/* ---- what a proxy says ---- */

#define HTML "<html><body>kiosk:kept-from-everybody " BASIC "</body></html>"

struct row {
    const char *head;
    int error, status;
    const char *after; /* of what is said, not of the head */
};

static void expect_rows(const struct row *rows, size_t count)
{
    static const int ends[] = {MMD_PENDING, MMD_END_OF_STREAM, MMD_ERR_NETWORK};
    char bytes[1024];

    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < sizeof ends / sizeof *ends; k++) {
            size_t len = (size_t)snprintf(bytes, sizeof bytes, "%s%s", rows[i].head, rows[i].after);
            assert_in_range(len, 1, sizeof bytes - 1);
            go_every_way(bytes, len, ends[k], rows[i].error, rows[i].status, strlen(rows[i].after));
        }
}

#define EXPECT_ROWS(rows) expect_rows(rows, sizeof(rows) / sizeof *(rows))

static void test_tunnels(void **state)
{
    static const struct row rows[] = {
        /* Fault 720: a proxy's 2xx to a CONNECT, with or without bytes after its head -> a tunnel,
         * and the bytes belong to it */
        {OK200 "\r\n", MMD_OK, 0, ""},
        {OK200 "\r\n", MMD_OK, 0, "x"},
        {OK200 "Proxy-Agent: a\r\n\r\n", MMD_OK, 0, BEGUN "\x01HTTP is not looked for here\r\n"},
        {"HTTP/1.0 200 OK\r\n\r\n", MMD_OK, 0, "x"},
        {"HTTP/1.1 200\r\n\r\n", MMD_OK, 0, ""},
        {"HTTP/1.1 204 No Content\r\n\r\n", MMD_OK, 0, "five!"},
        {OK200 "Connection: close\r\nProxy-Connection: close\r\n\r\n", MMD_OK, 0, "x"},
        {OK200 "X-Said-Back: Basic " BASIC "\r\nrequest-id: " BASIC "\r\n\r\n", MMD_OK, 0, "x"},
        /* Fault 721: fields of a body in a 2xx to a CONNECT -> ignored (RFC 9110, 9.3.6) */
        {OK200 "Content-Length: 0\r\n\r\n", MMD_OK, 0, "x"},
        {OK200 "Content-Length: 5\r\n\r\n", MMD_OK, 0, "hello, all of it"},
        {OK200 "Transfer-Encoding: chunked\r\n\r\n", MMD_OK, 0, "5\r\nhello\r\n0\r\n\r\n"},
        {OK200 "Transfer-Encoding: gzip\r\nContent-Length: 5\r\n\r\n", MMD_OK, 0, "x"},
        {OK200 "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", MMD_OK, 0, "x"},
        {OK200 "Content-Length: -1\r\nTransfer-Encoding: ,\r\n\r\n", MMD_OK, 0, "x"},
        {"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", MMD_OK, 0, "0\r\n\r\n"},
        {"HTTP/1.1 100 Continue\r\n\r\n" OK200 "\r\n", MMD_OK, 0, "x"},
        {"HTTP/1.1 102 a\r\nA: b\r\n\r\nHTTP/1.1 103 c\r\n\r\n" OK200 "Content-Length: x\r\n\r\n",
         MMD_OK, 0, "x"},
    };

    (void)state;
    EXPECT_ROWS(rows);
}

#define ERROR(line) "HTTP/1.1 " line "\r\nContent-Length: 5\r\n\r\n"

static void test_refusals(void **state)
{
    static const struct row rows[] = {
        /* Fault 722: a proxy's 407 -> its own error; the body is not read, the status is kept */
        {"HTTP/1.1 407 a\r\nProxy-Authenticate: Basic realm=\"p\"\r\n\r\n", MMD_ERR_PROXY_AUTH, 407,
         HTML},
        {ERROR("407 " BASIC), MMD_ERR_PROXY_AUTH, 407, HTML},
        {"HTTP/1.0 407 a\r\nrequest-id: " BASIC "\r\nTransfer-Encoding: gzip\r\n\r\n",
         MMD_ERR_PROXY_AUTH, 407, HTML},
        /* Fault 723: a proxy answers 302, 403, 404, or from 500 up -> refused, or its gateway's */
        {"HTTP/1.1 300 a\r\n\r\n", MMD_ERR_PROXY_REFUSED, 300, ""},
        {"HTTP/1.1 302 Found\r\nLocation: https://kiosk:kept-from-everybody@login.test/\r\n"
         "Content-Length: 0\r\n\r\n",
         MMD_ERR_PROXY_REFUSED, 302, ""},
        {"HTTP/1.1 304 a\r\n\r\n", MMD_ERR_PROXY_REFUSED, 304, ""},
        {ERROR("403 Forbidden"), MMD_ERR_PROXY_REFUSED, 403, HTML},
        {"HTTP/1.1 404 a\r\nTransfer-Encoding: chunked\r\n\r\n", MMD_ERR_PROXY_REFUSED, 404,
         "5\r\nhello\r\n0\r\n\r\n"},
        {"HTTP/1.1 403 a\r\nTransfer-Encoding: chunked\r\n\r\n", MMD_ERR_PROXY_REFUSED, 403,
         "no chunk\r\n"},
        {"HTTP/1.1 403 a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
         MMD_ERR_PROXY_REFUSED, 403, "5\r\nhello"},
        {"HTTP/1.1 499 a\r\n\r\n", MMD_ERR_PROXY_REFUSED, 499, ""},
        {"HTTP/1.1 500 a\r\n\r\n", MMD_ERR_PROXY_GATEWAY, 500, ""},
        {ERROR("502 Bad Gateway"), MMD_ERR_PROXY_GATEWAY, 502, HTML},
        {"HTTP/1.0 504 a\r\n\r\n", MMD_ERR_PROXY_GATEWAY, 504, HTML},
        {"HTTP/1.1 100 a\r\n\r\nHTTP/1.1 503 b\r\n\r\n", MMD_ERR_PROXY_GATEWAY, 503, HTML},
        {"HTTP/1.1 999 a\r\n\r\n", MMD_ERR_PROXY_GATEWAY, 999, HTML},
    };

    (void)state;
    EXPECT_ROWS(rows);
}

static void test_what_is_no_response(void **state)
{
    static const struct row rows[] = {
        /* Fault 724: a proxy says what is not HTTP, or ambiguous -> refused, without a status */
        {HTML, MMD_ERR_PROTOCOL, 0, ""},
        {"\r\nHTTP/1.1 200 a\r\n\r\n", MMD_ERR_PROTOCOL, 0, ""},
        {BEGUN "\x01\x02\x03", MMD_ERR_PROTOCOL, 0, ""},
        {"HTTP/2 200\r\n\r\n", MMD_ERR_PROTOCOL, 0, ""},
        {"HTTP/1.1 200 a\n\n", MMD_ERR_PROTOCOL, 0, ""},
        {"HTTP/1.1 200 a\r\nno field\r\n\r\n", MMD_ERR_PROTOCOL, 0, ""},
        {"HTTP/1.1 200 a\r\nA: b\r\n c\r\n\r\n", MMD_ERR_PROTOCOL, 0, ""},
        {"HTTP/1.1 101 a\r\nUpgrade: h2\r\n\r\n", MMD_ERR_PROTOCOL, 0, ""},
        {"HTTP/1.1 407 a\r\nContent-Length: x\r\n\r\n", MMD_ERR_PROTOCOL, 0, ""},
        {"HTTP/1.1 000 a\r\n\r\n", MMD_ERR_PROTOCOL, 0, ""},
    };

    (void)state;
    EXPECT_ROWS(rows);
}

/* Fault 725: a proxy's head of 8 KB or 60 KB -> read; above 64 KB, or without an end -> refused */
static void test_long_heads(void **state)
{
    static char bytes[2 * MMD_RESPONSE_HEAD_MAX];
    static const char next_line[] = {'\r', '\n', 'A', ':'};
    static const struct {
        size_t len; /* of the head */
        int error;
    } table[] = {{8192, MMD_OK},
                 {61440, MMD_OK},
                 {MMD_RESPONSE_HEAD_MAX, MMD_OK},
                 {MMD_RESPONSE_HEAD_MAX + 1, MMD_ERR_TOO_LARGE},
                 {sizeof bytes - 64, MMD_ERR_TOO_LARGE}};

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        for (int one_line = 0; one_line < 2; one_line++) {
            size_t len = (size_t)sprintf(bytes, OK200 "A: ");
            for (; len < table[i].len - 4; len++)
                bytes[len] = 'b';
            for (size_t at = 1000; !one_line && at + 8 < len; at += 1000)
                memcpy(bytes + at, next_line, sizeof next_line);
            memcpy(bytes + len, "\r\n\r\nrest", 9);
            go_every_way(bytes, len + 8, MMD_PENDING, table[i].error, 0, 4);
        }
}

/* Fault 726: a proxy ends or resets before a byte, or within its head -> empty, truncated or a
 * broken connection, at each byte */
static void test_ends_early(void **state)
{
    static const char bytes[] = "HTTP/1.1 100 a\r\n\r\nHTTP/1.1 200 b\r\nContent-Length: 5\r\n\r\n";

    (void)state;
    for (size_t len = 0; len < sizeof bytes - 1; len++) {
        go_every_way(bytes, len, MMD_END_OF_STREAM, len == 0 ? MMD_ERR_EMPTY : MMD_ERR_TRUNCATED, 0,
                     0);
        go_every_way(bytes, len, MMD_ERR_NETWORK, MMD_ERR_NETWORK, 0, 0);
    }
}

/* Fault 727: a proxy says nothing, or stops within its head -> pending, until it is given up */
static void test_silence(void **state)
{
    static const char bytes[] = "HTTP/1.1 407 a\r\nA: " BASIC "\r\n\r\n";
    struct through t;

    (void)state;
    open_through(&t, CREDENTIALS);
    for (size_t len = 0; len < sizeof bytes - 1; len++) {
        t.said = (struct said){bytes, len, MMD_PENDING, 0, 0};
        for (int i = 0; i < 100; i++)
            assert_int_equal(connect_once(&t), MMD_PENDING);
        struct mmd_port_report r = report(&t);
        assert_true(r.at_proxy);
        assert_int_equal(r.detail.kind, MMD_DETAIL_NONE);
        expect_no_trace(&t, "kept-from-everybody");
        if (len == 0) /* the request has left; the response says the credentials back */
            expect_clean(&t);
        expect_closed(&t);
        expect_clean(&t);
    }
}

/* ---- the port beneath ---- */

static void expect_error_of(const struct through *t, enum scripted_fault fault, int error)
{
    switch (fault) {
    case SCRIPTED_PENDING:
    case SCRIPTED_ONE_BYTE: assert_int_equal(error, MMD_OK); break;
    case SCRIPTED_STALL: assert_int_equal(error, MMD_PENDING); break;
    case SCRIPTED_FAIL:
        assert_int_equal(error, t->scripted.at == 1 ? MMD_ERR_CONNECT : MMD_ERR_NETWORK);
        break;
    default: assert_true(error == MMD_ERR_EMPTY || error == MMD_ERR_TRUNCATED);
    }
}

/* Fault 728: each call of the port beneath fails, ends, stalls or takes a byte -> its error, again
 * until disconnect; then a connection can be made */
static void test_each_call_beneath(void **state)
{
    static const char bytes[] = OK200 "Content-Length: 5\r\n\r\nrest";
    struct through t;

    (void)state;
    for (enum scripted_fault fault = SCRIPTED_FAIL; fault <= SCRIPTED_ONE_BYTE; fault++) {
        unsigned long k = 0;
        for (bool happened = true; happened;) {
            open_through(&t, CREDENTIALS);
            t.said = (struct said){bytes, sizeof bytes - 1, MMD_PENDING, 7, 7};
            t.scripted.fault = fault;
            t.scripted.at = ++k;
            int error = connect_fully(&t);
            happened = t.scripted.happened;
            if (happened)
                expect_error_of(&t, fault, error);
            if (error == MMD_OK)
                assert_string_equal(t.request, REQUEST);
            else if (error != MMD_PENDING)
                expect_failed(&t, error, 0);
            expect_closed(&t);
            t.scripted.fault = SCRIPTED_NONE;
            go(&t, &t.said, MMD_OK, 0, 4, 3);
        }
        assert_true(k > 6);
    }
}

/* In the open tunnel a failure is not the proxy's, and comes after the bytes. */
static void test_failures_in_the_tunnel(void **state)
{
    struct through t;

    (void)state;
    open_through(&t, CREDENTIALS);
    t.said = (struct said){OK200 "\r\nrest", sizeof OK200 + 5, MMD_ERR_NETWORK, 0, 0};
    assert_int_equal(connect_fully(&t), MMD_OK);
    t.scripted.broken = true;
    assert_int_equal(t.port.send(t.port.context, "x", 1), MMD_ERR_NETWORK);
    expect_bytes(&t, "rest", 4, 3, MMD_ERR_NETWORK);
    assert_int_equal(t.port.send(t.port.context, "x", 1), MMD_ERR_NETWORK);
    assert_false(report(&t).at_proxy);
    expect_closed(&t);
}

/* ---- a proxy that hangs up before it has read all ---- */

static int send_to_none(void *context, const void *data, size_t len)
{
    struct through *t = context;

    peer_take(t, "\r\n\r\n", 4); /* it says what it has to say */
    (void)data;
    (void)len;
    return MMD_ERR_NETWORK;
}

static int receive_all_the_same(void *context, void *data, size_t cap)
{
    return peer_give(context, data, cap);
}

static int connect_at_once(void *context, const char *host, uint16_t tcp_port)
{
    (void)context;
    (void)host;
    (void)tcp_port;
    return MMD_OK;
}

/* Fault 729: a proxy answers and resets before the CONNECT is sent -> what it answered is reported,
 * and without an answer the failure to send */
static void test_answers_before_it_hangs_up(void **state)
{
    static const struct {
        const char *bytes;
        int end, error;
    } table[] = {{"HTTP/1.1 403 a\r\n\r\n", MMD_ERR_NETWORK, MMD_ERR_PROXY_REFUSED},
                 {"HTTP/1.1 407 a\r\n\r\n", MMD_END_OF_STREAM, MMD_ERR_PROXY_AUTH},
                 {"HTTP/1.1 403 a\r\n", MMD_END_OF_STREAM, MMD_ERR_NETWORK},
                 {"", MMD_END_OF_STREAM, MMD_ERR_NETWORK},
                 {"", MMD_ERR_NETWORK, MMD_ERR_NETWORK}};

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct through t;
        open_through(&t, CREDENTIALS);
        struct mmd_port under = t.under;
        under.context = &t;
        under.connect = connect_at_once;
        under.send = send_to_none;
        under.receive = receive_all_the_same;
        assert_int_equal(mmd_proxy_init(&t.proxy, &t.config, &under, &t.port), MMD_OK);
        t.said = (struct said){table[i].bytes, strlen(table[i].bytes), table[i].end, 0, 0};
        assert_int_equal(connect_fully(&t), table[i].error);
        assert_int_equal(connect_fully(&t), table[i].error);
        expect_clean(&t);
    }
}

/* Bytes that lie there need no waiting: the port beneath gets to run, that is all. */
static void test_wait(void **state)
{
    struct through t;
    char two[2];

    (void)state;
    open_through(&t, CREDENTIALS);
    t.scripted.waits_in_full = true;
    t.port.wait(t.port.context, 10);
    assert_int_equal(t.scripted.now_ms, 10);
    t.said = (struct said){OK200 "\r\nrest", sizeof OK200 + 5, MMD_PENDING, 0, 0};
    assert_int_equal(connect_fully(&t), MMD_OK);
    t.port.wait(t.port.context, 10);
    assert_int_equal(t.port.receive(t.port.context, two, 2), 2);
    t.port.wait(t.port.context, 10);
    assert_int_equal(t.scripted.now_ms, 10);
    assert_int_equal(t.scripted.waits, 3);
    assert_int_equal(t.port.receive(t.port.context, two, 2), 2);
    t.port.wait(t.port.context, 10);
    assert_int_equal(t.scripted.now_ms, 20);
    expect_closed(&t);
    t.port.wait(t.port.context, 10);
    assert_int_equal(t.scripted.now_ms, 30);
}

/* ---- the request ---- */

static void expect_request(struct through *t, const char *host, uint16_t tcp_port,
                           const char *request)
{
    t->said = (struct said){OK200 "\r\n", sizeof OK200 + 1, MMD_PENDING, 0, 0};
    assert_int_equal(t->port.connect(t->port.context, host, tcp_port), MMD_OK);
    assert_string_equal(t->request, request);
    expect_closed(t);
}

static void test_request(void **state)
{
    struct through t;

    (void)state;
    open_through(&t, NULL);
    expect_request(&t, "mmdls.test", 443,
                   "CONNECT mmdls.test:443 HTTP/1.1\r\nHost: mmdls.test:443\r\n" AGENT "\r\n");
    expect_request(&t, "192.0.2.7", 1,
                   "CONNECT 192.0.2.7:1 HTTP/1.1\r\nHost: 192.0.2.7:1\r\n" AGENT "\r\n");
    expect_request(&t, "2001:db8::7", 65535,
                   "CONNECT [2001:db8::7]:65535 HTTP/1.1\r\nHost: [2001:db8::7]:65535\r\n" AGENT
                   "\r\n");
    open_through(&t, ":");
    expect_request(&t, "a", 443,
                   "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n" AGENT
                   "Proxy-Authorization: Basic Og==\r\n\r\n");
    open_through(&t, "Aladdin:open sesame"); /* RFC 7617, 2 */
    expect_request(&t, "a", 443,
                   "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n" AGENT
                   "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n");
}

/* The worst case: two of the longest hosts, a colon in them, and the longest credentials. */
static void test_longest_request(void **state)
{
    char host[254] = "", credentials[MMD_PROXY_CREDENTIALS_MAX + 1] = "";
    struct through t;

    (void)state;
    memset(host, 'a', sizeof host - 1);
    host[9] = ':';
    memset(credentials, 'b', sizeof credentials - 1);
    credentials[9] = ':';
    open_through(&t, credentials);
    t.said = (struct said){OK200 "\r\n", sizeof OK200 + 1, MMD_PENDING, 0, 0};
    assert_int_equal(t.port.connect(t.port.context, host, 65535), MMD_OK);
    size_t authority = strlen(host) + strlen("[]:65535");
    assert_int_equal(t.taken, strlen("CONNECT  HTTP/1.1\r\nHost: \r\n" AGENT) + 2 * authority +
                                  strlen("Proxy-Authorization: Basic \r\n\r\n") + 340);
    assert_in_range(t.taken, 900, MMD_PROXY_BUFFER);
    assert_string_equal(t.request + t.taken - 6, "Ji\r\n\r\n");
    expect_closed(&t);
}

/* Fault 730: a host that would end the request line, or is none -> no address; nothing is sent */
static void test_hosts_that_cannot_be(void **state)
{
    static char long_host[255];
    const char *const hosts[] = {"",      "a b",  "a\r\nX: y", "a\n",    "a/b",          "u@a",
                                 "[::1]", "a?b",  "a#b",       "a\tb",   "fe80::1%eth0", "\xC3\xBC",
                                 "a\x7F", "a%0d", "a;b",       long_host};

    (void)state;
    memset(long_host, 'a', sizeof long_host - 1);
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        struct through t;
        open_through(&t, CREDENTIALS);
        for (int again = 0; again < 3; again++)
            assert_int_equal(t.port.connect(t.port.context, hosts[i], 443), MMD_ERR_NAME);
        assert_int_equal(t.scripted.calls, 0);
        expect_closed(&t);
        expect_clean(&t);
    }
}

/* Fault 731: credentials for a proxy without a colon, with a control character, or too long ->
 * refused before any connection */
static void test_credentials(void **state)
{
    static char longest[MMD_PROXY_CREDENTIALS_MAX + 1], longer[MMD_PROXY_CREDENTIALS_MAX + 2];
    const struct {
        const char *credentials;
        int error;
    } table[] = {{NULL, MMD_OK},      {":", MMD_OK},           {"a:", MMD_OK},
                 {":b", MMD_OK},      {"a:b:c", MMD_OK},       {"\xC3\xBC:\xC3\x9F \xFF", MMD_OK},
                 {longest, MMD_OK},   {longer, MMD_ERR_INPUT}, {"", MMD_ERR_INPUT},
                 {"a", MMD_ERR_INPUT}};

    (void)state;
    memset(longest, ':', sizeof longest - 1);
    memset(longer, ':', sizeof longer - 1);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct through t;
        open_through(&t, NULL);
        t.config.credentials = table[i].credentials;
        assert_int_equal(mmd_proxy_init(&t.proxy, &t.config, &t.under, &t.port), table[i].error);
    }
    for (int c = 1; c < 256; c++) {
        struct through t;
        char credentials[] = "user:pas-word";
        credentials[8] = (char)c;
        open_through(&t, NULL);
        t.config.credentials = credentials;
        assert_int_equal(mmd_proxy_init(&t.proxy, &t.config, &t.under, &t.port),
                         c < ' ' || c == 0x7F ? MMD_ERR_INPUT : MMD_OK);
    }
}

static void test_the_rest_is_the_ports_beneath(void **state)
{
    struct through t;
    char some[8] = "", same[8] = "";

    (void)state;
    open_through(&t, NULL);
    t.scripted.now_ms = 4711;
    t.scripted.calendar = 1234567890;
    assert_int_equal(t.port.monotonic_ms(t.port.context), 4711);
    assert_int_equal(t.port.calendar_s(t.port.context), 1234567890);
    t.scripted.seed = 7;
    assert_int_equal(t.port.random(t.port.context, some, sizeof some), MMD_OK);
    t.scripted.seed = 7;
    assert_int_equal(t.under.random(t.under.context, same, sizeof same), MMD_OK);
    assert_memory_equal(some, same, sizeof some);
    t.port.disconnect(t.port.context); /* of nothing */
    t.port.disconnect(t.port.context);
    assert_true(report(&t).at_proxy);
}

/* ---- the engine and TLS, through a proxy in front of OpenSSL's server ---- */

static const char message[] = "PATCH / HTTP/1.1\r\nHost: " TLS_SERVER_HOST "\r\n"
                              "Authorization: Bearer kept-from-the-proxy\r\n\r\n";

static _Alignas(8) unsigned char pool_memory[256 * 1024];

/* The proxy answers, and then is the server's. */
struct tunnel {
    const char *head; /* with what is glued to it: ends here, and all of it there */
    size_t head_end, head_len, given;
    bool opens;
    char seen[65536]; /* all that came, within the tunnel, too */
    size_t len, request_len;
    struct tls_server server;
    struct scripted_port scripted;
    struct mmd_port under, port;
    struct mmd_proxy_config proxy_config;
    struct mmd_proxy proxy;
    struct mmd_trust trust;
    struct mmd_client_config config;
    struct mmd_client client;
    char buf[4096];
};

static void tunnel_accept(void *context)
{
    struct tunnel *t = context;

    t->given = t->len = t->request_len = 0;
    t->server.peer.accept(t->server.peer.context);
}

static void tunnel_take(void *context, const void *data, size_t len)
{
    struct tunnel *t = context;

    assert_true(len < sizeof t->seen - t->len);
    memcpy(t->seen + t->len, data, len);
    t->len += len;
    if (t->given >= t->head_end && t->opens)
        t->server.peer.take(t->server.peer.context, data, len);
    else
        t->request_len = t->len;
}

static int tunnel_give(void *context, void *data, size_t cap)
{
    struct tunnel *t = context;
    size_t n = t->head_len - t->given;

    if (memmem(t->seen, t->len, "\r\n\r\n", 4) == NULL)
        return MMD_PENDING;
    if (n == 0)
        return t->opens ? t->server.peer.give(t->server.peer.context, data, cap)
                        : MMD_END_OF_STREAM;
    n = n < cap ? n : cap;
    memcpy(data, t->head + t->given, n);
    t->given += n;
    return (int)n;
}

static void tunnel_ended(void *context)
{
    struct tunnel *t = context;

    t->server.peer.ended(t->server.peer.context);
}

static void open_tunnel(struct tunnel *t, struct peer *peer, int version, const char *head,
                        size_t len)
{
    memset(t, 0, sizeof *t);
    tls_server_open(&t->server, version);
    t->server.answer = "HTTP/1.1 204 No Content\r\n\r\n";
    t->server.request_len = sizeof message - 1;
    *peer = (struct peer){.context = t,
                          .accept = tunnel_accept,
                          .take = tunnel_take,
                          .give = tunnel_give,
                          .ended = tunnel_ended};
    scripted_port_init(&t->scripted, peer, &t->under);
    t->head = head;
    t->head_len = len;
    t->opens = strstr(head, " 200 ") != NULL;
    t->head_end = t->opens ? (size_t)(strstr(head, "\r\n\r\n") + 4 - head) : len;
    t->proxy_config = (struct mmd_proxy_config){"proxy.test", 8080, CREDENTIALS};
    assert_int_equal(mmd_proxy_init(&t->proxy, &t->proxy_config, &t->under, &t->port), MMD_OK);
    t->trust = (struct mmd_trust){t->server.anchor, t->server.anchor_len};
    t->config = (struct mmd_client_config){.port = &t->port,
                                           .tls.trust = &t->trust,
                                           .tls.host = TLS_SERVER_HOST,
                                           .tcp_port = 443,
                                           .timeout_ms = 60000};
}

static int run(struct tunnel *t)
{
    memcpy(t->buf, message, sizeof message);
    int error = mmd_client_start(&t->client, &t->config, t->buf, sizeof t->buf, sizeof message - 1);

    return error == MMD_OK ? mmd_client_run(&t->client) : error;
}

/* What the proxy saw: the CONNECT, then nothing that it can read. */
static void expect_secrecy(const struct tunnel *t)
{
    static const char *const secrets[] = {"kept-from-the-proxy", "PATCH", "Bearer"};

    assert_int_equal(t->request_len, sizeof REQUEST - 1);
    assert_memory_equal(t->seen, REQUEST, sizeof REQUEST - 1);
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
        assert_null(memmem(t->seen, t->len, secrets[i], strlen(secrets[i])));
    assert_null(memmem(&t->proxy, sizeof t->proxy, "kept-from", 9));
    assert_null(memmem(&t->proxy, sizeof t->proxy, BASIC, strlen(BASIC)));
}

#define WARNING "\x15\x03\x03\x00\x02\x01\x70" /* an alert that is no reason to end */
#define ALERT   "\x15\x03\x03\x00\x02\x02\x28" /* handshake_failure */

/* Once undisturbed, then with each call of the port beneath delayed, and byte by byte. */
static void expect_closings(int version, const char *head, size_t len)
{
    static const enum scripted_fault faults[] = {SCRIPTED_NONE, SCRIPTED_PENDING,
                                                 SCRIPTED_ONE_BYTE};
    struct tunnel t;
    struct peer peer;

    open_tunnel(&t, &peer, version, head, len);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        for (unsigned long at = 1; at <= (i == 0 ? 1 : 12); at++) {
            t.scripted.calls = 0;
            t.scripted.fault = faults[i];
            t.scripted.at = at;
            int error = run(&t);
            if (error != MMD_OK)
                fail_msg("TLS %d, fault %zu at %lu: %s", version, i, at, mmd_error_name(error));
            assert_int_equal(t.client.result.status, 204);
            assert_int_equal(t.client.result.delivery, MMD_ANSWERED);
            assert_false(t.client.result.at_proxy);
            assert_string_equal(t.client.result.address, SCRIPTED_ADDRESS);
            assert_string_equal(t.server.text, message);
            expect_secrecy(&t);
        }
    tls_server_close(&t.server);
}

static void test_closing_through_a_proxy(void **state)
{
    static const char plain[] = OK200 "Content-Length: 5\r\n\r\n", glued[] = OK200 "\r\n" WARNING;

    (void)state;
    for (int version = 12; version <= 13; version++) {
        expect_closings(version, plain, sizeof plain - 1);
        expect_closings(version, glued, sizeof glued - 1);
    }
}

/* Fault 732: a proxy, or what it leads to, refuses at once -> not sent, and who it was */
static void test_engine_reports_who_failed(void **state)
{
    static const struct {
        const char *head;
        int error;
        bool at_proxy;
        struct mmd_detail detail;
    } table[] = {
        {ERROR("407 a") HTML, MMD_ERR_PROXY_AUTH, true, {MMD_DETAIL_PROXY, 407}},
        {ERROR("403 a") HTML, MMD_ERR_PROXY_REFUSED, true, {MMD_DETAIL_PROXY, 403}},
        {ERROR("502 a") HTML, MMD_ERR_PROXY_GATEWAY, true, {MMD_DETAIL_PROXY, 502}},
        {HTML, MMD_ERR_PROTOCOL, true, {MMD_DETAIL_NONE, 0}},
        {"", MMD_ERR_EMPTY, true, {MMD_DETAIL_NONE, 0}},
        {"HTTP/1.1 ", MMD_ERR_TRUNCATED, true, {MMD_DETAIL_NONE, 0}},
        {OK200 "\r\n" ALERT, MMD_ERR_TLS, false, {MMD_DETAIL_ALERT, 40}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct tunnel t;
        struct peer peer;
        const char *head = table[i].head;
        size_t len = table[i].at_proxy ? strlen(head) : sizeof(OK200 "\r\n" ALERT) - 1;
        open_tunnel(&t, &peer, 13, head, len);
        for (int again = 0; again < 2; again++) {
            assert_int_equal(run(&t), table[i].error);
            assert_int_equal(t.client.result.delivery, MMD_NOT_SENT);
            assert_int_equal(t.client.result.at_proxy, table[i].at_proxy);
            assert_int_equal(t.client.result.detail.kind, table[i].detail.kind);
            assert_int_equal(t.client.result.detail.code, table[i].detail.code);
            assert_int_equal(t.client.result.status, 0);
            expect_secrecy(&t);
        }
        tls_server_close(&t.server);
    }
}

/* A proxy that says nothing is waited for until the deadline. */
static void test_engine_gives_up_a_silent_proxy(void **state)
{
    struct tunnel t;
    struct peer peer;

    (void)state;
    open_tunnel(&t, &peer, 13, "", 0);
    t.scripted.fault = SCRIPTED_STALL;
    t.scripted.at = 3;
    t.scripted.waits_in_full = true;
    assert_int_equal(run(&t), MMD_ERR_TIMEOUT);
    assert_true(t.client.result.at_proxy);
    assert_int_equal(t.client.result.delivery, MMD_NOT_SENT);
    expect_secrecy(&t);
    tls_server_close(&t.server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tunnels),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_what_is_no_response),
        cmocka_unit_test(test_long_heads),
        cmocka_unit_test(test_ends_early),
        cmocka_unit_test(test_silence),
        cmocka_unit_test(test_each_call_beneath),
        cmocka_unit_test(test_failures_in_the_tunnel),
        cmocka_unit_test(test_answers_before_it_hangs_up),
        cmocka_unit_test(test_wait),
        cmocka_unit_test(test_request),
        cmocka_unit_test(test_longest_request),
        cmocka_unit_test(test_hosts_that_cannot_be),
        cmocka_unit_test(test_credentials),
        cmocka_unit_test(test_the_rest_is_the_ports_beneath),
        cmocka_unit_test(test_closing_through_a_proxy),
        cmocka_unit_test(test_engine_reports_who_failed),
        cmocka_unit_test(test_engine_gives_up_a_silent_proxy),
    };

    (void)mmd_tls_pool_init(pool_memory, sizeof pool_memory);
    return cmocka_run_group_tests_name("proxy", tests, open_memory, NULL);
}
