/* SPDX-License-Identifier: MIT */
/* Tests of the proxy port: what is sent to a proxy, what its answers mean however they are cut, and
 * that nothing of the credentials is left. The proxy lies in memory behind the scripted port; in
 * the last tests OpenSSL's server stands behind it, and a closing goes through. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mmdclose/client.h"
#include "mmdclose/proxy.h"
#include "mmdclose/version.h"
#include "scripted_port.h"
#include "tls_server.h"

#define CREDENTIALS "kiosk:pass:word"
#define BASIC       "a2lvc2s6cGFzczp3b3Jk" /* by base64(1) */
#define PLAIN                                                                                      \
    "CONNECT host.test:443 HTTP/1.1\r\nHost: host.test:443\r\nUser-Agent: mmdclose/" MMD_VERSION   \
    "\r\n"
#define REQUEST PLAIN "Proxy-Authorization: Basic " BASIC "\r\n\r\n"
#define OK      "HTTP/1.1 200 Connection established\r\n\r\n"
#define NEVER   1 /* an error that is none: it goes on asking */

/* ---- a proxy in memory: answers once the request is complete ---- */

static struct proxy_peer {
    const char *answer;
    size_t len, given, most; /* most: bytes that one call gives */
    bool ends, opened;       /* after the answer; it has answered, and what comes is TLS's */
    char seen[2048];         /* before that, with a NUL */
    size_t seen_len;
    struct tls_server *server; /* NULL, or who it connects to */
} peer;

static void peer_accept(void *context)
{
    (void)context;
    peer.given = peer.seen_len = 0;
    peer.seen[0] = '\0';
    peer.opened = false;
    if (peer.server != NULL)
        peer.server->peer.accept(peer.server);
}

static void peer_take(void *context, const void *data, size_t len)
{
    (void)context;
    if (peer.opened) {
        assert_non_null(peer.server);
        peer.server->peer.take(peer.server, data, len);
        return;
    }
    assert_true(peer.seen_len + len < sizeof peer.seen);
    memcpy(peer.seen + peer.seen_len, data, len);
    peer.seen_len += len;
    peer.seen[peer.seen_len] = '\0';
    peer.opened = strstr(peer.seen, "\r\n\r\n") != NULL;
}

static int peer_give(void *context, void *data, size_t cap)
{
    size_t n = peer.len - peer.given;

    (void)context;
    if (!peer.opened)
        return MMD_PENDING;
    if (n == 0 && peer.server != NULL)
        return peer.server->peer.give(peer.server, data, cap);
    if (n == 0)
        return peer.ends ? MMD_END_OF_STREAM : MMD_PENDING;
    n = n < cap ? n : cap;
    n = n < peer.most ? n : peer.most;
    memcpy(data, peer.answer + peer.given, n);
    peer.given += n;
    return (int)n;
}

static void peer_ended(void *context)
{
    (void)context;
    if (peer.server != NULL)
        peer.server->peer.ended(peer.server);
}

static const struct peer the_peer = {NULL, peer_accept, peer_take, peer_give, NULL, peer_ended};

/* ---- the port ---- */

static struct scripted_port scripted;
static struct mmd_port under, port;
static struct mmd_proxy proxy;
static struct mmd_proxy_config config;

static int prepare(void **state)
{
    (void)state;
    memset(&peer, 0, sizeof peer);
    peer.most = SIZE_MAX;
    scripted_port_init(&scripted, &the_peer, &under);
    config = (struct mmd_proxy_config){"proxy.test", 3128, CREDENTIALS};
    memset(&proxy, 0x5A, sizeof proxy);
    assert_int_equal(mmd_proxy_init(&proxy, &config, &under, &port), MMD_OK);
    return 0;
}

static void answer(const char *text, size_t len)
{
    peer.answer = text;
    peer.len = len;
}

static bool holds_secret(void)
{
    return memmem(&proxy, sizeof proxy, BASIC, strlen(BASIC)) != NULL ||
           memmem(&proxy, sizeof proxy, "pass:word", 9) != NULL;
}

/* Asks until there is a result; of a proxy that has nothing more to say, NEVER. */
static int connect_to(const char *host)
{
    for (int i = 0; i < 200000; i++) {
        int result = port.connect(port.context, host, 443);
        if (result != MMD_PENDING)
            return result;
    }
    return NEVER;
}

static struct mmd_port_report report(void)
{
    struct mmd_port_report out;

    memset(&out, 0x5A, sizeof out);
    port.report(port.context, &out);
    return out;
}

static void disconnect(void)
{
    port.disconnect(port.context);
    assert_false(holds_secret());
}

static void expect_connect(int expected, unsigned status)
{
    assert_int_equal(connect_to("host.test"), expected);
    assert_string_equal(peer.seen, REQUEST);
    assert_string_equal(scripted.host, "proxy.test");
    assert_false(holds_secret());
    const struct mmd_port_report seen = report();
    assert_int_equal(seen.at_proxy, expected != MMD_OK);
    if (expected == NEVER)
        return;
    assert_int_equal(port.connect(port.context, "host.test", 443), expected); /* the same again */
    bool by_status = expected != MMD_OK && status != 0;
    assert_int_equal(seen.detail.kind, by_status ? MMD_DETAIL_PROXY : MMD_DETAIL_NONE);
    assert_int_equal(seen.detail.code, by_status ? status : 0);
}

/* ---- the answers ---- */

static char many_fields[70000];

static void answer_with_fields(size_t bytes)
{
    size_t len = (size_t)sprintf(many_fields, "HTTP/1.1 200 OK\r\n");

    while (len < bytes)
        len += (size_t)sprintf(many_fields + len, "X-Field: %063d\r\n", 0);
    strcpy(many_fields + len, "\r\n");
    answer(many_fields, len + 2);
}

/* Fault 54
 * Fault 720: a 2xx to a CONNECT with fields of a body, right or malformed -> connected
 * Fault 721: no HTTP, a cut, a head without end from a proxy -> an error, with nothing sent */
static void test_answers(void **state)
{
    static const struct {
        const char *text;
        bool ends;
        int expected;
        unsigned status;
    } table[] = {
        {OK, false, MMD_OK, 0},
        {"HTTP/1.0 200 OK\r\n\r\n", false, MMD_OK, 0},
        {"HTTP/1.1 204 No Content\r\n\r\n", false, MMD_OK, 0},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 X\r\n\r\n" OK, false, MMD_OK, 0},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", false, MMD_OK, 0},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", false, MMD_OK, 0},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: x\r\nContent-Length: -1\r\n"
         "Content-Length: 7\r\n\r\n",
         false, MMD_OK, 0},
        {"HTTP/1.1 407 X\r\nProxy-Authenticate: Basic\r\nContent-Length: 4\r\n\r\nbody", false,
         MMD_ERR_PROXY_AUTH, 407},
        {"HTTP/1.1 403 Forbidden\r\n\r\n<html>", false, MMD_ERR_PROXY_REFUSED, 403},
        {"HTTP/1.1 302 Found\r\nLocation: http://login.test/\r\n\r\n", false, MMD_ERR_PROXY_REFUSED,
         302},
        {"HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n", false, MMD_ERR_PROXY_REFUSED, 404},
        {"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 9999\r\n\r\n", false, MMD_ERR_PROXY_GATEWAY,
         502},
        {"HTTP/1.1 504 X\r\nTransfer-Encoding: chunked\r\n\r\n", false, MMD_ERR_PROXY_GATEWAY, 504},
        {"<html>", false, MMD_ERR_PROTOCOL, 0},
        {"HTTP/1.1 101 X\r\n\r\n", false, MMD_ERR_PROTOCOL, 0},
        {"HTTP/1.1 403 X\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", false,
         MMD_ERR_PROTOCOL, 0},
        {"", true, MMD_ERR_EMPTY, 0},
        {"", false, NEVER, 0},
        {"HTTP/1.1 200 OK\r\n", true, MMD_ERR_TRUNCATED, 0},
        {"HTTP/1.1 407 X\r\n", true, MMD_ERR_TRUNCATED, 0},
        {"HTTP/1.1 200 OK\r\n", false, NEVER, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        answer(table[i].text, strlen(table[i].text));
        peer.ends = table[i].ends;
        for (peer.most = 1; peer.most < 2048; peer.most *= 3) {
            expect_connect(table[i].expected, table[i].status);
            disconnect();
        }
    }
}

static void test_many_headers(void **state)
{
    (void)state;
    answer_with_fields(8192);
    expect_connect(MMD_OK, 0);
    disconnect();
    answer_with_fields(65000);
    expect_connect(MMD_OK, 0);
    disconnect();
    answer_with_fields(65600);
    expect_connect(MMD_ERR_TOO_LARGE, 0);
    disconnect();
}

/* Fault 722: a proxy's answer that is cut at any byte -> never connected */
static void test_cut_anywhere(void **state)
{
    static const char text[] = "HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 3\r\n\r\n";

    (void)state;
    peer.ends = true;
    for (size_t len = 0; len < sizeof text - 1; len++) {
        answer(text, len);
        expect_connect(len == 0 ? MMD_ERR_EMPTY : MMD_ERR_TRUNCATED, 0);
        disconnect();
    }
}

/* Fault 723: bytes after the head, in the same pieces as it or not -> they are the stream's */
static void test_bytes_after_the_head(void **state)
{
    static const char after[] = "\x16\x03\x03 what TLS reads, HTTP/1.1 200 OK\r\n\r\n";
    char text[256], got[sizeof after];

    (void)state;
    answer(text, (size_t)sprintf(text, "%s%s", OK, after));
    for (peer.most = 1; peer.most < 200; peer.most++) {
        for (size_t cap = 1; cap < sizeof after + 2; cap += 3) {
            size_t len = 0;
            assert_int_equal(connect_to("host.test"), MMD_OK);
            unsigned long waits = scripted.waits;
            if (peer.given > strlen(OK)) { /* there is something to give out */
                port.wait(port.context, 1000);
                assert_int_equal(scripted.waits, waits);
            }
            while (len < sizeof after - 1) {
                size_t left = sizeof after - 1 - len;
                int n = port.receive(port.context, got + len, cap < left ? cap : left);
                assert_in_range(n, 1, cap);
                len += (size_t)n;
            }
            assert_memory_equal(got, after, sizeof after - 1);
            assert_int_equal(port.receive(port.context, got, cap), MMD_PENDING);
            port.wait(port.context, 1000);
            assert_int_equal(scripted.waits, waits + 1);
            disconnect();
        }
    }
}

/* ---- the request ---- */

static void test_addresses_and_no_credentials(void **state)
{
    (void)state;
    config.credentials = NULL;
    answer(OK, strlen(OK));
    assert_int_equal(connect_to("host.test"), MMD_OK);
    assert_string_equal(peer.seen, PLAIN "\r\n");
    disconnect();
    assert_int_equal(connect_to("2001:db8::1"), MMD_OK);
    assert_ptr_equal(strstr(peer.seen, "CONNECT [2001:db8::1]:443 HTTP/1.1\r\n"
                                       "Host: [2001:db8::1]:443\r\n"),
                     peer.seen);
    disconnect();
}

/* The longest names and credentials fit; what is longer still is refused, not cut. */
static void test_the_longest(void **state)
{
    char host[400], credentials[MMD_PROXY_CREDENTIALS_MAX + 1];

    (void)state;
    memset(credentials, 'c', sizeof credentials);
    credentials[10] = ':';
    credentials[MMD_PROXY_CREDENTIALS_MAX] = '\0';
    config.credentials = credentials;
    assert_int_equal(mmd_proxy_init(&proxy, &config, &under, &port), MMD_OK);
    answer(OK, strlen(OK));
    memset(host, 'h', sizeof host);
    host[253] = '\0';
    assert_int_equal(connect_to(host), MMD_OK);
    assert_true(peer.seen_len > 2 * 253 + MMD_PROXY_CREDENTIALS_MAX / 3 * 4);
    disconnect();
    host[253] = 'h';
    host[399] = '\0';
    assert_int_equal(connect_to(host), MMD_ERR_NAME);
    assert_int_equal(peer.seen_len, 0);
    disconnect();
}

/* Fault 724: credentials without a colon, with a control character, too long -> refused */
static void test_credentials_that_cannot_be_used(void **state)
{
    static const char *const bad[] = {"", "user", "user:pass\r\nX: y", "us\ner:p", "u:\x7F"};
    char text[MMD_PROXY_CREDENTIALS_MAX + 2];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        config.credentials = bad[i];
        assert_int_equal(mmd_proxy_init(&proxy, &config, &under, &port), MMD_ERR_INPUT);
    }
    memset(text, ':', sizeof text);
    text[MMD_PROXY_CREDENTIALS_MAX + 1] = '\0';
    config.credentials = text;
    assert_int_equal(mmd_proxy_init(&proxy, &config, &under, &port), MMD_ERR_INPUT);
}

/* ---- the port beneath ---- */

/* Fault 725: each call of the port beneath fails, ends, says "not yet" or gives one byte -> the
 * error is its own, or it connects; the same error until disconnect; then it works again */
static void test_each_call(void **state)
{
    (void)state;
    answer(OK, strlen(OK));
    for (enum scripted_fault fault = SCRIPTED_FAIL; fault <= SCRIPTED_ONE_BYTE; fault++) {
        unsigned long k = 0;
        do {
            scripted.fault = fault;
            scripted.at = ++k;
            scripted.calls = 0;
            scripted.happened = false;
            int result = connect_to("host.test");
            bool early = k == 1; /* the call that connects to the proxy */
            if (!scripted.happened || fault == SCRIPTED_PENDING || fault == SCRIPTED_ONE_BYTE)
                assert_int_equal(result, MMD_OK);
            else if (fault == SCRIPTED_FAIL)
                assert_int_equal(result, early ? MMD_ERR_CONNECT : MMD_ERR_NETWORK);
            else if (fault == SCRIPTED_STALL)
                assert_int_equal(result, NEVER);
            else
                assert_int_equal(result, MMD_ERR_EMPTY);
            if (result < 0)
                assert_int_equal(connect_to("host.test"), result);
            assert_int_equal(report().at_proxy, result != MMD_OK);
            disconnect();
            scripted.fault = SCRIPTED_NONE;
            expect_connect(MMD_OK, 0);
            disconnect();
        } while (scripted.happened);
        assert_true(k > 3);
    }
}

static void test_the_rest_is_that_of_the_port_beneath(void **state)
{
    uint8_t bytes[8] = {0};

    (void)state;
    scripted.now_ms = 12345;
    assert_int_equal(port.monotonic_ms(port.context), 12345);
    assert_int_equal(port.calendar_s(port.context), scripted.calendar);
    assert_int_equal(port.random(port.context, bytes, sizeof bytes), MMD_OK);
    assert_int_equal(scripted.asked, 1);
    assert_string_equal(report().address, "");
    disconnect(); /* of nothing */
    answer(OK, strlen(OK));
    expect_connect(MMD_OK, 0);
    assert_string_equal(report().address, SCRIPTED_ADDRESS);
    disconnect();
}

/* ---- with TLS ---- */

static const char message[] = "PATCH / HTTP/1.1\r\nHost: " TLS_SERVER_HOST
                              "\r\nAuthorization: Bearer kept-from-the-proxy\r\n\r\n";

static int exchange(struct mmd_client *client, const struct tls_server *server)
{
    char buf[512];
    const struct mmd_trust trust = {server->anchor, server->anchor_len};
    const struct mmd_client_config to = {.port = &port,
                                         .tls.trust = &trust,
                                         .tls.host = TLS_SERVER_HOST,
                                         .tcp_port = 443,
                                         .timeout_ms = 60000};

    memcpy(buf, message, sizeof message);
    assert_int_equal(mmd_client_start(client, &to, buf, sizeof buf, sizeof message - 1), MMD_OK);
    return mmd_client_run(client);
}

/* Fault 726: an exchange through a proxy, in pieces of any size -> as without one; the proxy has
 * seen nothing but the host's name. One that refuses -> nothing was sent */
static void test_an_exchange(void **state)
{
    static struct tls_server server;
    static struct mmd_client client;

    (void)state;
    tls_server_open(&server, 13);
    server.answer = "HTTP/1.1 204 No Content\r\n\r\n";
    server.request_len = sizeof message - 1;
    peer.server = &server;
    answer(OK, strlen(OK));
    for (int slow = 0; slow < 2; slow++) {
        scripted.fault = slow ? SCRIPTED_ONE_BYTE : SCRIPTED_NONE;
        scripted.at = 1;
        scripted.calls = 0;
        assert_int_equal(exchange(&client, &server), MMD_OK);
        assert_int_equal(client.result.status, 204);
        assert_false(client.result.at_proxy);
        assert_null(strstr(peer.seen, "kept-from"));
        assert_false(holds_secret());
    }
    scripted.fault = SCRIPTED_NONE;
    answer("HTTP/1.1 407 X\r\n\r\n", 18);
    assert_int_equal(exchange(&client, &server), MMD_ERR_PROXY_AUTH);
    assert_true(client.result.at_proxy);
    assert_int_equal(client.result.delivery, MMD_NOT_SENT);
    assert_int_equal(client.result.status, 0);
    assert_int_equal(client.result.detail.kind, MMD_DETAIL_PROXY);
    assert_int_equal(client.result.detail.code, 407);
    answer("", 0);
    assert_int_equal(exchange(&client, &server), MMD_ERR_TIMEOUT);
    assert_true(client.result.at_proxy);
    tls_server_close(&server);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, prepare)
    const struct CMUnitTest tests[] = {
        TEST(test_answers),
        TEST(test_many_headers),
        TEST(test_cut_anywhere),
        TEST(test_bytes_after_the_head),
        TEST(test_addresses_and_no_credentials),
        TEST(test_the_longest),
        TEST(test_credentials_that_cannot_be_used),
        TEST(test_each_call),
        TEST(test_the_rest_is_that_of_the_port_beneath),
        TEST(test_an_exchange),
    };

    return cmocka_run_group_tests_name("proxy", tests, NULL, NULL);
}
