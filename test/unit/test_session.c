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

/* One closing that succeeds; returns whether it resumed the session. */
static bool exchange(void)
{
    static struct mmd_client client;
    char buf[256];
    const struct mmd_trust trust = {server.anchor, server.anchor_len};
    const struct mmd_client_config config = {.port = &port,
                                             .trust = &trust,
                                             .host = TLS_SERVER_HOST,
                                             .tcp_port = 443,
                                             .timeout_ms = 60000,
                                             .session = &session};

    memcpy(buf, message, sizeof message);
    assert_int_equal(mmd_client_start(&client, &config, buf, sizeof buf, sizeof message - 1),
                     MMD_OK);
    assert_int_equal(mmd_client_run(&client), MMD_OK);
    return client.result.resumed;
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
        TEST(test_a_ticket_that_has_expired_makes_it_full),
        TEST(test_a_session_lasts),
    };

    return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
