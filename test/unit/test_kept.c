/* SPDX-License-Identifier: MIT */
/* Tests of several messages on one connection: when it is kept, and what becomes of a message when
 * the server has ended it meanwhile. The engine and Mbed TLS are the real ones, and so is the
 * server, OpenSSL's; only the network lies in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/ssl.h>

#include "mmdclose/client.h"
#include "mmdclose/tls_pool.h"
#include "scripted_port.h"
#include "tls_server.h"

#define STEPS_MAX 100000

static const char message[] = "PATCH / HTTP/1.1\r\nHost: " TLS_SERVER_HOST "\r\n"
                              "Authorization: Bearer kept-from-everybody\r\n\r\n";
static const char no_content[] = "HTTP/1.1 204 No Content\r\n\r\n";

static _Alignas(8) unsigned char pool_memory[256 * 1024];
static const struct mmd_tls_pool *pool;

static struct fixture {
    struct tls_server server;
    struct scripted_port scripted;
    struct mmd_port port;
    struct mmd_trust trust;
    struct mmd_client_config config;
    struct mmd_client client;
    char buf[1024];
} f;

static int open_fixture(void **state)
{
    memset(&f, 0, sizeof f);
    tls_server_open(&f.server, *(const int *)*state);
    f.server.answer = no_content;
    f.server.request_len = sizeof message - 1;
    f.server.keeps = true;
    f.server.answers = 100;
    scripted_port_init(&f.scripted, &f.server.peer, &f.port);
    f.trust = (struct mmd_trust){f.server.anchor, f.server.anchor_len};
    f.config = (struct mmd_client_config){.port = &f.port,
                                          .tls.trust = &f.trust,
                                          .tls.host = TLS_SERVER_HOST,
                                          .tls.allocation_failures = &pool->failures,
                                          .tcp_port = 443,
                                          .timeout_ms = 60000,
                                          .keep_alive = true,
                                          .repeatable = true};
    return 0;
}

static int close_fixture(void **state)
{
    (void)state;
    mmd_client_disconnect(&f.client);
    assert_false(f.client.connected);
    tls_server_close(&f.server);
    return 0;
}

static int finish(int error)
{
    uint32_t wait_ms;

    for (unsigned steps = 0; error == MMD_OK || error == MMD_PENDING; steps++) {
        assert_true(steps < STEPS_MAX);
        error = mmd_client_step(&f.client, &wait_ms);
        if (f.client.phase == MMD_PHASE_DONE)
            break;
        if (wait_ms > 0)
            f.port.wait(f.port.context, wait_ms);
    }
    assert_int_equal(error, f.client.result.error);
    assert_null(memmem(f.buf, sizeof f.buf, "kept-from-everybody", 19));
    return error;
}

static int first(void)
{
    memcpy(f.buf, message, sizeof message);
    return finish(mmd_client_start(&f.client, &f.config, f.buf, sizeof f.buf, sizeof message - 1));
}

static int next(void)
{
    memcpy(f.buf, message, sizeof message);
    return finish(mmd_client_next(&f.client, f.buf, sizeof f.buf, sizeof message - 1));
}

static void expect(unsigned connections, unsigned requests, bool kept, bool repeated)
{
    assert_int_equal(f.server.connections, connections);
    assert_int_equal(f.server.requests, requests);
    assert_int_equal(f.client.result.kept, kept);
    assert_int_equal(f.client.result.repeated, repeated);
}

static void expect_success(void)
{
    assert_int_equal(f.client.result.delivery, MMD_ANSWERED);
    assert_int_equal(f.client.result.status, 204);
}

static void test_many_on_one(void **state)
{
    (void)state;
    assert_int_equal(first(), MMD_OK);
    expect(1, 1, false, false);
    for (unsigned i = 2; i < 10; i++) {
        assert_int_equal(next(), MMD_OK);
        expect_success();
        expect(1, i, true, false);
        assert_string_equal(f.client.result.address, SCRIPTED_ADDRESS);
        assert_true(f.client.result.tls_version[0] != '\0');
    }
    assert_int_equal(f.scripted.closes, 0);
    mmd_client_disconnect(&f.client);
    mmd_client_disconnect(&f.client);
    assert_int_equal(f.scripted.closes, 1);
    assert_int_equal(next(), MMD_OK);
    expect(2, 10, false, false);
}

/* Fault 640: a connection that cannot be kept -> the next message goes on a new one */
static void test_what_is_not_kept(void **state)
{
    (void)state;
    static const char *const answers[] = {
        "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
        "HTTP/1.0 204 No Content\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
    };

    for (unsigned i = 0; i < sizeof answers / sizeof *answers; i++) {
        f.server.answer = answers[i];
        assert_int_equal(first(), MMD_OK);
        assert_false(f.client.connected);
        assert_int_equal(f.scripted.closes, i + 1);
    }
    f.server.answer = no_content;
    f.config.keep_alive = false;
    assert_int_equal(first(), MMD_OK);
    assert_false(f.client.connected);
    assert_int_equal(next(), MMD_OK);
    assert_false(f.client.result.kept);
}

/* Fault 641: an idle connection that has ended, in order or not, or on which something came ->
 * noticed before a byte is sent, whether or not the message may be sent twice */
static void test_an_end_that_is_seen(void **state)
{
    (void)state;
    for (int how = 0; how < 8; how++) {
        f.config.repeatable = how % 2 == 0;
        f.server.connections = f.server.requests = 0;
        assert_int_equal(first(), MMD_OK);
        assert_true(f.client.connected);
        switch (how / 2) {
        case 0: tls_server_end(&f.server, true); break;
        case 1: tls_server_end(&f.server, false); break;
        case 2: tls_server_say(&f.server, no_content); break;
        default: f.scripted.broken = true;
        }
        assert_int_equal(next(), MMD_OK);
        expect_success();
        expect(2, 2, false, false);
        mmd_client_disconnect(&f.client);
    }
}

/* Fault 642: the kept connection ends when the message has come, without a byte of a response ->
 * sent again on a new one, once, if it may be; else not, and it was maybe sent */
static void test_an_end_that_is_not_seen(void **state)
{
    (void)state;
    f.server.answers = 1;
    assert_int_equal(first(), MMD_OK);
    assert_int_equal(next(), MMD_OK);
    expect_success();
    expect(2, 3, true, true);

    f.server.answers = 0; /* of the next connection */
    assert_int_equal(next(), MMD_ERR_EMPTY);
    assert_int_equal(f.client.result.delivery, MMD_MAYBE_SENT);
    expect(3, 5, true, true);
    assert_false(f.client.connected);

    f.server.answers = 1;
    f.config.repeatable = false;
    assert_int_equal(first(), MMD_OK);
    assert_int_equal(next(), MMD_ERR_EMPTY);
    assert_int_equal(f.client.result.delivery, MMD_MAYBE_SENT);
    expect(4, 7, true, false);
}

/* Fault 643: the first byte of a response came -> the message is not sent again */
static void test_an_end_within_the_response(void **state)
{
    (void)state;
    char part[sizeof no_content];

    for (size_t len = 1; len < sizeof no_content - 1; len++) {
        f.server.connections = f.server.requests = 0;
        f.server.answer = no_content;
        assert_int_equal(first(), MMD_OK);
        memcpy(part, no_content, len);
        part[len] = '\0';
        f.server.answer = part;
        f.server.keeps = false;
        assert_int_equal(next(), MMD_ERR_TRUNCATED);
        f.server.keeps = true;
        assert_int_equal(f.client.result.delivery, MMD_MAYBE_SENT);
        expect(1, 2, true, false);
    }
}

/* Fault 644: a response with a body on a kept connection, whole and in pieces -> as on a new one;
 * the body begins within the bytes that are read while the message is held */
static void test_a_body(void **state)
{
    (void)state;
    static const char body[] = "HTTP/1.1 409 X\r\nContent-Length: 100\r\n\r\n"
                               "0123456789012345678901234567890123456789012345678901234567890123456"
                               "789012345678901234567890123456789";

    f.server.answer = body;
    assert_int_equal(first(), MMD_OK);
    for (int i = 0; i < 3; i++) {
        f.scripted.slow = i == 1;
        assert_int_equal(next(), MMD_OK);
        expect(1, (unsigned)i + 2, true, false);
        assert_int_equal(f.client.result.body_len, 100);
        assert_memory_equal(f.client.result.body, strstr(body, "0123"), 100);
        f.scripted.slow = false;
    }
}

/* Fault 645: what cannot be used as a message -> refused; the connection is kept */
static void test_a_message_that_cannot_be_used(void **state)
{
    (void)state;
    assert_int_equal(first(), MMD_OK);
    memcpy(f.buf, message, sizeof message);
    assert_int_equal(mmd_client_next(&f.client, f.buf, sizeof f.buf, 0), MMD_ERR_INPUT);
    assert_null(memmem(f.buf, sizeof f.buf, "kept-from-everybody", 19));
    assert_int_equal(next(), MMD_OK);
    expect(1, 2, true, false);
}

/* Fault 646: each call of the port on a kept connection fails, ends, stalls or says "not yet" ->
 * the message is answered, sent again where that is safe, or the error is right; nothing is leaked
 */
static void test_each_call(void **state)
{
    (void)state;
    for (enum scripted_fault fault = SCRIPTED_FAIL; fault <= SCRIPTED_ONE_BYTE; fault++) {
        unsigned long k = 0;
        do {
            mmd_client_disconnect(&f.client);
            size_t base = pool->used;
            assert_int_equal(first(), MMD_OK);
            f.scripted.calls = 0;
            f.scripted.happened = false;
            f.scripted.fault = fault;
            f.scripted.at = ++k;
            int error = next();
            bool stalled = fault == SCRIPTED_STALL && error == MMD_ERR_TIMEOUT;
            assert_true(error == MMD_OK || stalled);
            f.scripted.fault = SCRIPTED_NONE;
            mmd_client_disconnect(&f.client);
            assert_int_equal(pool->used, base);
        } while (f.scripted.happened);
        assert_true(k > 3);
    }
}

/* ---- no message at all ---- */

static bool heard_end; /* the server was given a close_notify */
static void (*end_server)(void *context);

/* Has the server read what came last. */
static void look_for_end(void *context)
{
    char text[8];

    assert_true(SSL_read(f.server.connection, text, sizeof text) <= 0);
    heard_end = (SSL_get_shutdown(f.server.connection) & SSL_RECEIVED_SHUTDOWN) != 0;
    end_server(context);
}

static int verify(void)
{
    f.config.verify_only = true;
    heard_end = false;
    end_server = f.server.peer.ended;
    f.server.peer.ended = look_for_end;
    int error = finish(mmd_client_start(&f.client, &f.config, f.buf, sizeof f.buf, 0));
    f.server.peer.ended = end_server;
    expect(1, 0, false, false);
    assert_int_equal(f.client.result.delivery, MMD_NOT_SENT);
    assert_int_equal(f.client.result.status, 0);
    assert_int_equal(f.scripted.closes, 1);
    assert_int_equal(f.server.received, 0);
    return error;
}

/* A server that is only to be verified gets a handshake and its end, and no byte more. */
static void test_verify_only(void **state)
{
    (void)state;
    assert_int_equal(verify(), MMD_OK);
    assert_true(heard_end);
    assert_true(f.client.result.tls_version[0] != '\0' && f.client.result.valid_to > 0);
    assert_string_equal(f.client.result.address, SCRIPTED_ADDRESS);
    f.config.verify_only = false;
    assert_int_equal(next(), MMD_OK); /* on a connection of its own */
    expect(2, 1, false, false);
    expect_success();
}

/* Fault 1161: a server that is only to be verified, and cannot be -> as with a message */
static void test_verify_only_another(void **state)
{
    (void)state;
    f.config.tls.host = "other.test";
    assert_int_equal(verify(), MMD_ERR_CERT_NAME);
}

int main(void)
{
    static int tls12 = 12, tls13 = 13;
#define WITH(version, name)                                                                        \
    cmocka_unit_test_prestate_setup_teardown(name, open_fixture, close_fixture, &(version))
#define TEST(name) WITH(tls12, name), WITH(tls13, name)
    const struct CMUnitTest tests[] = {
        TEST(test_verify_only),
        TEST(test_verify_only_another),
        TEST(test_many_on_one),
        TEST(test_what_is_not_kept),
        TEST(test_an_end_that_is_seen),
        TEST(test_an_end_that_is_not_seen),
        TEST(test_an_end_within_the_response),
        TEST(test_a_body),
        TEST(test_a_message_that_cannot_be_used),
        TEST(test_each_call),
    };

    pool = mmd_tls_pool_init(pool_memory, sizeof pool_memory);
    return cmocka_run_group_tests_name("kept", tests, NULL, NULL);
}
