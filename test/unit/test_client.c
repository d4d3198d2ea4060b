/* SPDX-License-Identifier: MIT */
/* Tests of what the engine is given: what it cannot use is refused before its port is called; and
 * of a clock that does not stand still while it works. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "mmdclose/client.h"

#define CAP 64

static const struct mmd_port no_port; /* a call would end the program */
static const struct mmd_trust no_trust;

static const struct mmd_client_config plain = {.port = &no_port,
                                               .tls.trust = &no_trust,
                                               .tls.host = "mmdls.test",
                                               .tcp_port = 443,
                                               .timeout_ms = 0x7FFFFFFF};

/* Starts with a buffer that holds nothing but secrets. What can be used gets as far as the anchors,
 * of which there is none. */
static void expect_start(const struct mmd_client_config *config, size_t cap, size_t len,
                         int expected)
{
    static struct mmd_client client;
    static const char wiped[CAP];
    char buf[CAP];

    memset(buf, 'S', sizeof buf);
    assert_int_equal(mmd_client_start(&client, config, buf, cap, len), expected);
    assert_memory_equal(buf, wiped, cap);
    assert_int_equal(client.phase, MMD_PHASE_DONE);
    assert_int_equal(client.result.error, expected);
    assert_int_equal(client.result.delivery, MMD_NOT_SENT);
}

static void expect_host(const char *host, int expected)
{
    static struct guard memory;
    struct mmd_client_config config = plain;

    if (memory.size == 0)
        memory = guard_open(4096);
    config.tls.host = host != NULL ? guard_text(&memory, host) : NULL;
    expect_start(&config, CAP, 1, expected);
}

/* Fault 435 */
static void test_hosts(void **state)
{
    static const char *const bad[] = {
        "",    ".",     "mmdls.test.", "127.0.0.1",      "1",
        "::1", "[::1]", "mmdls test",  "mmdls.test:443", "m\xC3\xBCnchen.test",
    };
    char text[255] = "";

    (void)state;
    expect_host(plain.tls.host, MMD_ERR_TRUST);
    expect_host(NULL, MMD_ERR_INPUT);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        expect_host(bad[i], MMD_ERR_INPUT);
    memset(text, 'h', 254);
    expect_host(text, MMD_ERR_INPUT);
    text[253] = '\0';
    expect_host(text, MMD_ERR_TRUST);
}

/* Fault 436: no message, one longer than its buffer, a buffer of 63 bytes -> refused, the buffer
 * wiped */
static void test_messages(void **state)
{
    (void)state;
    expect_start(&plain, CAP, CAP, MMD_ERR_TRUST);
    expect_start(&plain, CAP, 0, MMD_ERR_INPUT);
    expect_start(&plain, CAP, CAP + 1, MMD_ERR_INPUT);
    expect_start(&plain, CAP - 1, 1, MMD_ERR_INPUT);
    expect_start(&plain, 0, 0, MMD_ERR_INPUT);
}

/* Fault 1160: a message where the server is only to be verified -> refused, the message wiped */
static void test_no_message(void **state)
{
    struct mmd_client_config config = plain;

    (void)state;
    config.verify_only = true;
    expect_start(&config, CAP, 0, MMD_ERR_TRUST);
    expect_start(&config, CAP, 1, MMD_ERR_INPUT);
    expect_start(&config, CAP - 1, 0, MMD_ERR_INPUT);
}

/* Fault 437: a time of 0 for the exchange, or one that its clock cannot tell from the past ->
 * refused */
static void test_timeouts(void **state)
{
    static const struct {
        uint32_t ms;
        int expected;
    } table[] = {
        {0, MMD_ERR_INPUT},          {1, MMD_ERR_TRUST},          {0x7FFFFFFF, MMD_ERR_TRUST},
        {0x80000000, MMD_ERR_INPUT}, {UINT32_MAX, MMD_ERR_INPUT},
    };
    struct mmd_client_config config = plain;

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        config.timeout_ms = table[i].ms;
        expect_start(&config, CAP, 1, table[i].expected);
    }
}

/* ---- a port that never connects, and on which that takes its time ---- */

static uint32_t clock_ms;
static unsigned closes;

static int connect_slowly(void *context, const char *host, uint16_t tcp_port)
{
    (void)context;
    (void)host;
    (void)tcp_port;
    clock_ms += 7;
    return MMD_PENDING;
}

static void count_close(void *context)
{
    (void)context;
    closes++;
}

static uint32_t tell_ms(void *context)
{
    (void)context;
    return clock_ms;
}

static int64_t tell_no_date(void *context)
{
    (void)context;
    return MMD_CLOCK_NOT_SET;
}

static void report_nothing(void *context, struct mmd_port_report *out)
{
    (void)context;
    *out = (struct mmd_port_report){.address = ""};
}

static int fill_with_zeros(void *context, void *data, size_t len)
{
    (void)context;
    memset(data, 0, len);
    return MMD_OK;
}

/* The deadline passes within a step -> it asks for no more waiting, and the next one ends it. */
static void test_a_deadline_within_a_step(void **state)
{
    static const struct mmd_port port = {.connect = connect_slowly,
                                         .report = report_nothing,
                                         .disconnect = count_close,
                                         .monotonic_ms = tell_ms,
                                         .calendar_s = tell_no_date,
                                         .random = fill_with_zeros};
    /* the outline of a certificate, which is all that start looks at */
    static const uint8_t der[] = {0x30, 0x12, 0x30, 0x0B, 2, 1,    1, 0x30, 0, 0x30,
                                  0,    0x30, 0,    0x30, 0, 0x30, 0, 3,    1, 0};
    static const struct mmd_trust trust = {der, sizeof der};
    static struct mmd_client client;
    struct mmd_client_config config = plain;
    char buf[CAP] = "x";
    uint32_t wait_ms;

    (void)state;
    config.port = &port;
    config.tls.trust = &trust;
    config.timeout_ms = 10;
    assert_int_equal(mmd_client_start(&client, &config, buf, sizeof buf, 1), MMD_OK);
    assert_int_equal(mmd_client_step(&client, &wait_ms), MMD_PENDING);
    assert_int_equal(wait_ms, 3);
    assert_int_equal(mmd_client_step(&client, &wait_ms), MMD_PENDING);
    assert_int_equal(wait_ms, 0);
    assert_int_equal(mmd_client_step(&client, &wait_ms), MMD_ERR_TIMEOUT);
    assert_int_equal(clock_ms, 14);
    assert_int_equal(closes, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_no_message),
        cmocka_unit_test(test_timeouts),
        cmocka_unit_test(test_a_deadline_within_a_step),
    };

    return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
