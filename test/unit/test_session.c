/* SPDX-License-Identifier: MIT */
/* Tests of a kept session that is not what was kept, or that the server takes no more: the
 * handshake is made in full, and the exchange succeeds. The engine and Mbed TLS are the real ones,
 * and so is the server, OpenSSL's; only the network lies in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mmdclose/client.h"
#include "scripted_port.h"
#include "tls_server.h"

static const char message[] = "PATCH / HTTP/1.1\r\nHost: " TLS_SERVER_HOST "\r\n\r\n";

static struct tls_server server;
static struct scripted_port scripted;
static struct mmd_port port;
static struct mmd_session session;

static int open_server(void **state)
{
    (void)state;
    tls_server_open(&server, 12);
    server.answer = "HTTP/1.1 204 No Content\r\n\r\n";
    server.request_len = sizeof message - 1;
    scripted_port_init(&scripted, &server.peer, &port);
    mmd_session_forget(&session);
    return 0;
}

static int close_server(void **state)
{
    (void)state;
    tls_server_close(&server);
    return 0;
}

static struct mmd_client client;

static int run(struct mmd_session *kept)
{
    char buf[256];
    const struct mmd_trust trust = {server.anchor, server.anchor_len};
    const struct mmd_client_config config = {.port = &port,
                                             .tls.trust = &trust,
                                             .tls.host = TLS_SERVER_HOST,
                                             .tcp_port = 443,
                                             .timeout_ms = 60000,
                                             .tls.session = kept};

    memcpy(buf, message, sizeof message);
    assert_int_equal(mmd_client_start(&client, &config, buf, sizeof buf, sizeof message - 1),
                     MMD_OK);
    return mmd_client_run(&client);
}

/* One closing that succeeds; returns whether it resumed the session, if that is to be kept. */
static bool exchange_with(struct mmd_session *kept)
{
    assert_int_equal(run(kept), MMD_OK);
    return client.result.resumed;
}

static bool exchange(void)
{
    return exchange_with(&session);
}

/* Makes the sum right again, so that what was changed is looked at (FNV-1a, see src/session.c). */
static void seal(void)
{
    const unsigned char *chain = (const unsigned char *)&session.chain;
    size_t len = offsetof(struct mmd_session, sum) - offsetof(struct mmd_session, chain);

    session.sum = 2166136261u;
    for (size_t at = 0; at < len; at++)
        session.sum = (session.sum ^ chain[at]) * 16777619u;
    for (size_t at = 0; at < session.len; at++)
        session.sum = (session.sum ^ session.bytes[at]) * 16777619u;
}

/* Fault 47 */
static void test_a_bit_that_flips_makes_it_full(void **state)
{
    unsigned char *bytes = (unsigned char *)&session;

    (void)state;
    assert_false(exchange());
    for (size_t at = 0; at < offsetof(struct mmd_session, bytes) + session.len; at++) {
        bytes[at] ^= (unsigned char)(1u << at % 8);
        if (exchange())
            fail_msg("resumed in spite of byte %zu", at);
        assert_true(session.len > 0); /* that of the full handshake */
        assert_true(exchange());
    }
}

/* One that is whole, and does not fit: the anchor's place, the dates, the build of Mbed TLS. */
static void test_what_does_not_fit_makes_it_full(void **state)
{
    (void)state;
    for (int change = 0; change < 6; change++) {
        (void)exchange();
        struct mmd_chain *chain = &session.chain;
        switch (change) {
        case 0: chain->anchor_len = 0; break;
        case 1: chain->anchor_at = server.anchor_len + 1; break;
        case 2: chain->anchor_len++; break;
        case 3: chain->not_before = scripted.calendar + 1; break;
        case 4: chain->not_after = scripted.calendar - 1; break;
        default: session.bytes[0] ^= 1;
        }
        seal();
        if (exchange())
            fail_msg("resumed in spite of change %d", change);
        assert_true(exchange());
    }
    uint32_t sum = session.sum;
    seal();
    assert_int_equal(session.sum, sum); /* so it was never that which did not fit */
}

/* What the chain's dates are compared with has to be a time: the clock's error, and no session. */
static void test_a_clock_that_is_not_set_resumes_nothing(void **state)
{
    int64_t now = scripted.calendar;

    (void)state;
    (void)exchange();
    scripted.calendar = mmd_clock_floor - 1;
    assert_int_equal(run(&session), MMD_ERR_CLOCK);
    assert_false(client.result.resumed);
    scripted.calendar = now;
    (void)exchange();
    assert_true(exchange());
}

/* No ticket, one that is too long, nowhere to keep it -> nothing is kept, and all else goes on. */
static void test_what_cannot_be_kept_is_not(void **state)
{
    (void)state;
    server.verbose = true;
    assert_false(exchange());
    assert_int_equal(session.len, 0);
    server.verbose = false;
    server.ticketless = true;
    assert_false(exchange());
    assert_int_equal(session.len, 0);
    assert_false(exchange_with(NULL));
}

/* Fault 47 */
static void test_a_ticket_that_has_expired_makes_it_full(void **state)
{
    (void)state;
    server.stale = true;
    assert_false(exchange());
    assert_true(session.len > 0);
    assert_false(exchange());
    assert_int_equal(session.len, 0); /* it was offered, and refused */
}

/* What is kept after a resumption, be it another ticket, can be resumed in its turn. */
static void test_a_session_lasts(void **state)
{
    (void)state;
    assert_false(exchange());
    for (int i = 0; i < 5; i++)
        assert_true(exchange());
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_server, close_server)
    const struct CMUnitTest tests[] = {
        TEST(test_a_bit_that_flips_makes_it_full),
        TEST(test_what_does_not_fit_makes_it_full),
        TEST(test_a_clock_that_is_not_set_resumes_nothing),
        TEST(test_what_cannot_be_kept_is_not),
        TEST(test_a_ticket_that_has_expired_makes_it_full),
        TEST(test_a_session_lasts),
    };

    return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
