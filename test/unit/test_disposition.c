/* SPDX-License-Identifier: MIT */
/* Tests of what a try's outcome does to its record, to its tenant, and to all: the table of the
 * manual page, row by row; each error in each stage; and how long is waited. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../programs/mmdclose/queue/disposition.h"
#include "../../src/service/outcome.h"

#define TODAY 1795892400 /* 2026-11-28 */

static const struct moment now = {TODAY, 1000, "0123456789abcdef0123456789abcdef"};

static struct mmd_close close_of(enum mmd_outcome outcome, enum mmd_stage stage, int error,
                                 unsigned status)
{
    struct mmd_close close = {.outcome = outcome, .stage = stage, .verdict = {.error = error}};

    close.client.result = (struct mmd_result)MMD_RESULT_NONE;
    close.client.result.status = (uint16_t)status;
    return close;
}

/* Whether a first failure raises an alarm. */
static bool alarms(const struct mmd_close *close)
{
    struct wait wait = {0};

    count_failure(&wait, disposition_of(close), close, &now, 0);
    return wait.alarm;
}

/* ---- the table ---- */

#define NONE    MMD_STAGE_NONE
#define PROXY   MMD_STAGE_PROXY
#define TOKENS  MMD_STAGE_TOKEN_SERVER
#define SERVICE MMD_STAGE_SERVICE
#define LATER   MMD_OUTCOME_TRY_LATER
#define REFUSED MMD_OUTCOME_NOT_AUTHORISED

/* As in mmdclose(1): who said what, what becomes of it, and whether somebody is called at once. */
static const struct row {
    const char *what;
    enum mmd_outcome outcome;
    enum mmd_stage stage;
    int error;
    unsigned status;
    enum disposition disposition;
    bool alarm;
} rows[] = {
    /* the service */
    {"closed", MMD_OUTCOME_CLOSED, SERVICE, MMD_OK, 204, SETTLE, false},
    {"already closed", MMD_OUTCOME_ALREADY_CLOSED, SERVICE, MMD_ERR_STATUS, 400, SETTLE, false},
    {"no such request", MMD_OUTCOME_NO_SUCH_REQUEST, SERVICE, MMD_ERR_STATUS, 404, ASIDE, true},
    {"refused", MMD_OUTCOME_REFUSED, SERVICE, MMD_ERR_STATUS, 400, ASIDE, true},
    {"another refusal", MMD_OUTCOME_REFUSED, SERVICE, MMD_ERR_STATUS, 422, ASIDE, true},
    {"401, also a new token", REFUSED, SERVICE, MMD_ERR_STATUS, 401, HOLD_TENANT, true},
    {"403", REFUSED, SERVICE, MMD_ERR_STATUS, 403, WAIT_RECORD, true},
    {"too many", LATER, SERVICE, MMD_ERR_STATUS, 429, WAIT_ALL, false},
    {"busy", LATER, SERVICE, MMD_ERR_STATUS, 503, WAIT_ALL, false},
    {"too slow", LATER, SERVICE, MMD_ERR_STATUS, 408, WAIT_RECORD, false},
    {"an error", LATER, SERVICE, MMD_ERR_STATUS, 500, WAIT_RECORD, false},
    {"502", LATER, SERVICE, MMD_ERR_STATUS, 502, WAIT_RECORD, false},
    {"504", LATER, SERVICE, MMD_ERR_STATUS, 504, WAIT_RECORD, false},
    /* what is in front of it */
    {"a page", LATER, SERVICE, MMD_ERR_GATEWAY, 404, WAIT_RECORD, false},
    {"a page of success", LATER, SERVICE, MMD_ERR_GATEWAY, 200, WAIT_RECORD, false},
    {"a coding", LATER, SERVICE, MMD_ERR_CODED, 400, WAIT_RECORD, false},
    {"a redirect", LATER, SERVICE, MMD_ERR_REDIRECT, 302, WAIT_RECORD, false},

    /* the token server */
    {"its final word", REFUSED, TOKENS, MMD_ERR_TOKEN_REFUSED, 401, HOLD_TENANT, true},
    {"the same with 400", REFUSED, TOKENS, MMD_ERR_TOKEN_REFUSED, 400, HOLD_TENANT, true},
    {"the same with 403", REFUSED, TOKENS, MMD_ERR_TOKEN_REFUSED, 403, HOLD_TENANT, true},
    {"it is throttled", LATER, TOKENS, MMD_ERR_STATUS, 429, WAIT_TENANT, false},
    {"it is busy", LATER, TOKENS, MMD_ERR_STATUS, 503, WAIT_TENANT, false},
    {"its error", LATER, TOKENS, MMD_ERR_STATUS, 500, WAIT_TENANT, false},
    {"a page of it", LATER, TOKENS, MMD_ERR_GATEWAY, 404, WAIT_TENANT, false},
    {"a coding of it", LATER, TOKENS, MMD_ERR_CODED, 200, WAIT_TENANT, false},
    {"a redirect of it", LATER, TOKENS, MMD_ERR_REDIRECT, 302, WAIT_TENANT, false},
    {"its clock", MMD_OUTCOME_CLOCK_NOT_SET, TOKENS, MMD_ERR_CLOCK_SKEW, 400, WAIT_ALL, false},

    /* the way, and this device */
    {"a proxy's 407", LATER, PROXY, MMD_ERR_PROXY_AUTH, 0, WAIT_ALL, true},
    {"a proxy refuses", LATER, PROXY, MMD_ERR_PROXY_REFUSED, 0, WAIT_ALL, false},
    {"a proxy's 502", LATER, PROXY, MMD_ERR_PROXY_GATEWAY, 0, WAIT_ALL, false},
    {"no network", LATER, SERVICE, MMD_ERR_CONNECT, 0, WAIT_ALL, false},
    {"no network to it", LATER, TOKENS, MMD_ERR_CONNECT, 0, WAIT_ALL, false},
    {"another server", MMD_OUTCOME_NOT_VERIFIED, SERVICE, MMD_ERR_CERT_NAME, 0, WAIT_ALL, false},
    {"no clock", MMD_OUTCOME_CLOCK_NOT_SET, SERVICE, MMD_ERR_CLOCK, 0, WAIT_ALL, false},
    {"no token", MMD_OUTCOME_NO_TOKEN, TOKENS, MMD_ERR_TOKEN, 0, WAIT_ALL, false},
    {"wrong usage", MMD_OUTCOME_USAGE, NONE, MMD_ERR_INPUT, 0, WAIT_ALL, true},
    {"no memory", MMD_OUTCOME_INTERNAL, NONE, MMD_ERR_MEMORY, 0, WAIT_ALL, true},
};

static void check(const struct row *row)
{
    const struct mmd_close close = close_of(row->outcome, row->stage, row->error, row->status);
    enum disposition disposition = disposition_of(&close);

    if (disposition != row->disposition || alarms(&close) != row->alarm)
        fail_msg("%s: %s%s", row->what, disposition_name(disposition),
                 alarms(&close) ? ", alarm" : "");
}

/* Fault 1098: each outcome, of whom and with which status -> what the manual page says */
static void test_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check(&rows[i]);
}

/* ---- every error, in every stage ---- */

/* Whether an exchange failed with what concerns all, whoever it was with; no response is judged. */
static void check_error(int error, enum mmd_stage stage, bool was_sent)
{
    enum mmd_outcome outcome = mmd_outcome_of(error, was_sent);
    bool is_refused = outcome == REFUSED; /* the token server's word: of that stage only */
    bool alarm = is_refused || error == MMD_ERR_PROXY_AUTH || outcome == MMD_OUTCOME_USAGE ||
                 outcome == MMD_OUTCOME_INTERNAL;
    const struct row row = {mmd_error_name(error),
                            outcome,
                            is_refused ? TOKENS : stage,
                            error,
                            0,
                            is_refused ? HOLD_TENANT : WAIT_ALL,
                            alarm};

    check(&row);
}

static void test_each_error(void **state)
{
    static const enum mmd_stage stages[] = {NONE, PROXY, TOKENS, SERVICE, MMD_STAGE_WAIT};

    (void)state;
    for (int error = MMD_ERR_INPUT; error >= MMD_ERR_SIGN_SALT; error--) {
        if (error <= MMD_ERR_CODED && error >= MMD_ERR_STATUS)
            continue; /* those are of a response, above */
        for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
            check_error(error, stages[i], false);
            check_error(error, stages[i], true);
        }
    }
}

/* Only the service's own words end a record; nothing else, with whatever status. */
static void test_only_the_services_word_ends_a_record(void **state)
{
    (void)state;
    for (int outcome = 0; outcome <= MMD_OUTCOME_NO_TOKEN; outcome++)
        for (int error = MMD_OK; error >= MMD_ERR_SIGN_SALT; error--)
            for (int stage = NONE; stage <= MMD_STAGE_WAIT; stage++)
                for (unsigned status = 0; status < 600; status += status == 0 ? 100 : 1) {
                    const struct mmd_close close =
                        close_of((enum mmd_outcome)outcome, (enum mmd_stage)stage, error, status);
                    bool ends =
                        outcome == MMD_OUTCOME_CLOSED || outcome == MMD_OUTCOME_ALREADY_CLOSED ||
                        outcome == MMD_OUTCOME_NO_SUCH_REQUEST || outcome == MMD_OUTCOME_REFUSED;
                    assert_int_equal(disposition_of(&close) <= ASIDE, ends);
                }
}

/* ---- how long ---- */

static struct wait after(unsigned failures, enum disposition disposition,
                         const struct mmd_close *close, uint32_t random)
{
    struct wait wait = {.attempts = failures - 1};

    count_failure(&wait, disposition, close, &now, random);
    return wait;
}

/* At least 5 s, at most a bound that doubles from 30 s to one of its kind; and drawn. */
static void test_waits(void **state)
{
    static const struct {
        enum disposition disposition;
        uint32_t max_s;
    } kinds[] = {{WAIT_RECORD, 3600}, {WAIT_TENANT, 900}, {WAIT_ALL, 900}};
    const struct mmd_close close = close_of(LATER, SERVICE, MMD_ERR_STATUS, 500);

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        for (unsigned failures = 1; failures < 1000001; failures *= failures < 40 ? 2 : 10) {
            uint64_t bound = failures < 30 ? 30ULL << (failures - 1) : kinds[i].max_s;
            bound = bound < kinds[i].max_s ? bound : kinds[i].max_s;
            assert_int_equal(after(failures, kinds[i].disposition, &close, 0).wait_s, 5);
            assert_in_range(after(failures, kinds[i].disposition, &close, 0x80000000).wait_s,
                            bound / 2 - 1, bound / 2 + 1);
            assert_int_equal(after(failures, kinds[i].disposition, &close, UINT32_MAX).wait_s,
                             bound);
        }
}

/* An hour, more or less a sixth, however often. */
static void test_probes(void **state)
{
    const struct mmd_close close = close_of(REFUSED, SERVICE, MMD_ERR_STATUS, 401);

    (void)state;
    for (unsigned failures = 1; failures < 100; failures++) {
        assert_int_equal(after(failures, HOLD_TENANT, &close, 0).wait_s, 3000);
        assert_in_range(after(failures, HOLD_TENANT, &close, 0x80000000).wait_s, 3599, 3601);
        assert_int_equal(after(failures, HOLD_TENANT, &close, UINT32_MAX).wait_s, 4200);
    }
}

static void test_what_is_counted(void **state)
{
    const struct mmd_close close = close_of(LATER, SERVICE, MMD_ERR_CONNECT, 0);
    struct wait wait = {.attempts = 0};

    (void)state;
    for (unsigned failures = 1; failures < 8; failures++) {
        count_failure(&wait, WAIT_ALL, &close, &now, 0);
        assert_int_equal(wait.attempts, failures);
        assert_int_equal(wait.alarm, failures >= 5);
        assert_memory_equal(&wait.at, &now, sizeof now);
    }
}

/* Fault 1099: the server asks for a time, by seconds or a date -> at least that, a random part
 * more, and no more than a record can hold */
static void test_retry_after(void **state)
{
    static const int64_t asked[] = {1, 30, 900, 3600, 86400, 86401, INT32_MAX};
    static const uint32_t randoms[] = {0, 0x80000000, UINT32_MAX};

    (void)state;
    for (size_t i = 0; i < 2 * sizeof asked / sizeof *asked * 3; i++) {
        struct mmd_close close = close_of(LATER, SERVICE, MMD_ERR_STATUS, 429);
        int64_t seconds = asked[i / 6], least = seconds < 86400 ? seconds : 86400;
        if (i % 2 == 0)
            close.client.result.retry_after_s = (int32_t)seconds;
        else
            close.client.result.retry_at = TODAY + seconds;
        for (int kind = WAIT_RECORD; kind <= WAIT_ALL; kind++) {
            struct wait wait = after(1, (enum disposition)kind, &close, randoms[i / 2 % 3]);
            assert_true(wait.wait_s >= least && wait.wait_s <= RECORD_WAIT_MAX);
            assert_true(wait.wait_s <= least + (least / 2 > 4200 ? least / 2 : 4200));
        }
    }
    struct mmd_close past = close_of(LATER, SERVICE, MMD_ERR_STATUS, 429);
    past.client.result.retry_at = TODAY - 5;
    assert_int_equal(after(1, WAIT_ALL, &past, 0).wait_s, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_table),
        cmocka_unit_test(test_each_error),
        cmocka_unit_test(test_only_the_services_word_ends_a_record),
        cmocka_unit_test(test_waits),
        cmocka_unit_test(test_probes),
        cmocka_unit_test(test_what_is_counted),
        cmocka_unit_test(test_retry_after),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
