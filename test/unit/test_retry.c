/* SPDX-License-Identifier: MIT */
/* Tests of when to try again: which outcomes, after how long, and what the server asks for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mmdclose/port.h"
#include "mmdclose/response.h"
#include "mmdclose/retry.h"

static void test_passing_outcomes(void **state)
{
    (void)state;
    for (int outcome = MMD_OUTCOME_CLOSED; outcome <= MMD_OUTCOME_NO_TOKEN; outcome++)
        assert_int_equal(mmd_retry_is_passing((enum mmd_outcome)outcome),
                         outcome == MMD_OUTCOME_TRY_LATER || outcome == MMD_OUTCOME_CLOCK_NOT_SET ||
                             outcome == MMD_OUTCOME_NO_TOKEN);
}

/* The least and the greatest wait after so many tries. */
static void expect_bound(unsigned failed, uint32_t first_ms, uint32_t max_ms, uint32_t bound)
{
    assert_int_equal(mmd_retry_backoff_ms(failed, first_ms, max_ms, 0), 0);
    assert_int_equal(mmd_retry_backoff_ms(failed, first_ms, max_ms, UINT32_MAX), bound);
    assert_in_range(mmd_retry_backoff_ms(failed, first_ms, max_ms, 0x80000000u), bound / 2,
                    bound / 2 + 1);
}

/* Fault 782: any number of tries that failed -> the wait's bound doubles up to the greatest, and
 * does not wrap */
static void test_bounds(void **state)
{
    static const unsigned many[] = {10, 31, 32, 33, 34, 64, 65, 1000, UINT32_MAX};

    (void)state;
    expect_bound(1, 1000, 60000, 1000);
    expect_bound(2, 1000, 60000, 2000);
    expect_bound(3, 1000, 60000, 4000);
    expect_bound(6, 1000, 60000, 32000);
    expect_bound(7, 1000, 60000, 60000);
    expect_bound(0, 1000, 60000, 1000);
    expect_bound(1, 1000, 500, 500);
    expect_bound(32, 1, UINT32_MAX, 0x80000000u);
    expect_bound(33, 1, UINT32_MAX, UINT32_MAX);
    for (size_t i = 0; i < sizeof many / sizeof *many; i++) {
        expect_bound(many[i], 1000, 60000, 60000);
        expect_bound(many[i], UINT32_MAX, UINT32_MAX, UINT32_MAX);
        expect_bound(many[i], 0, 60000, 0);
        expect_bound(many[i], 1000, 0, 0);
    }
}

/* Each wait is as likely as any other: of all numbers in steps, the same share for each. */
static void test_waits_are_spread_evenly(void **state)
{
    enum { BOUND = 9, STEPS = 100000 };
    unsigned counts[BOUND + 1] = {0};

    (void)state;
    for (unsigned i = 0; i < STEPS; i++)
        counts[mmd_retry_backoff_ms(1, BOUND, 1000, (uint32_t)(i * (UINT64_C(1) << 32) / STEPS))]++;
    for (unsigned i = 0; i <= BOUND; i++)
        assert_in_range(counts[i], STEPS / (BOUND + 1) - 1, STEPS / (BOUND + 1) + 1);
}

/* How the fields are read is tested in test_response.
 * Fault 58 */
static void test_retry_after(void **state)
{
    static const struct {
        int32_t after_s;
        int64_t at, now;
        uint32_t ms;
    } table[] = {
        {MMD_RETRY_AFTER_ABSENT, -1, 1000, 0},
        {0, -1, 1000, 0},
        {1, -1, 1000, 1000},
        {120, -1, 1000, 120000},
        {120, -1, MMD_CLOCK_NOT_SET, 120000},
        {MMD_RETRY_AFTER_MAX, -1, 1000, 86400000},
        {INT32_MAX, -1, 1000, 86400000},
        {MMD_RETRY_AFTER_ABSENT, 1120, 1000, 120000},
        {MMD_RETRY_AFTER_ABSENT, 1000, 1000, 0},
        {MMD_RETRY_AFTER_ABSENT, 999, 1000, 0},
        {MMD_RETRY_AFTER_ABSENT, 0, 1000, 0},
        {MMD_RETRY_AFTER_ABSENT, 0, INT64_MAX, 0},
        {MMD_RETRY_AFTER_ABSENT, INT64_MAX, 0, 86400000},
        {MMD_RETRY_AFTER_ABSENT, 87400, 1000, 86400000},
        {MMD_RETRY_AFTER_ABSENT, 87401, 1000, 86400000},
        /* Fault 783: Retry-After as a date, without Date and without a clock -> none */
        {MMD_RETRY_AFTER_ABSENT, 1120, MMD_CLOCK_NOT_SET, 0},
        /* Fault 784: Retry-After in both forms -> the longer one */
        {60, 1120, 1000, 120000},
        {180, 1120, 1000, 180000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct mmd_result result = MMD_RESULT_NONE;
        result.retry_after_s = table[i].after_s;
        result.retry_at = table[i].at;
        assert_int_equal(mmd_retry_after_ms(&result, table[i].now), table[i].ms);
    }
}

/* Fault 1035: a date to try again at, in a response with a Date of its own, while our clock is a
 * day behind -> the server's own difference counts, not ours */
static void test_the_servers_own_clock_counts(void **state)
{
    struct mmd_result result = MMD_RESULT_NONE;

    (void)state;
    result.date = 1800000000;
    result.retry_at = result.date + 10;
    result.retry_after_s = 10;
    assert_int_equal(mmd_retry_after_ms(&result, result.date - 86400), 10000);
    assert_int_equal(mmd_retry_after_ms(&result, result.date + 86400), 10000);
}

/* Fault 1190: every device is asked for the same time -> each waits for it, and for a random part
 * of up to a half of it more, or as long as its backoff */
static void test_pause(void **state)
{
    enum { LONGEST = MMD_RETRY_AFTER_MAX * 1000 };

    (void)state;
    assert_int_equal(mmd_retry_pause_ms(7, 0, UINT32_MAX), 7);
    assert_int_equal(mmd_retry_pause_ms(0, 1000, 0), 1000);
    assert_int_equal(mmd_retry_pause_ms(0, 1000, UINT32_MAX / 2 + 1), 1250);
    assert_int_equal(mmd_retry_pause_ms(0, 1000, UINT32_MAX), 1499);
    assert_int_equal(mmd_retry_pause_ms(600, 1000, UINT32_MAX), 1600);
    assert_int_equal(mmd_retry_pause_ms(600000, LONGEST, UINT32_MAX), LONGEST + LONGEST / 2 - 1);
    assert_int_equal(mmd_retry_pause_ms(UINT32_MAX, 1000, 0), UINT32_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_passing_outcomes),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_waits_are_spread_evenly),
        cmocka_unit_test(test_retry_after),
        cmocka_unit_test(test_the_servers_own_clock_counts),
        cmocka_unit_test(test_pause),
    };

    return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
