/* SPDX-License-Identifier: MIT */
/* Tests of the queue's time: how long is to be waited yet, whatever the clock, the boot and the
 * system's sleep have done since. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../programs/mmdclose/queue/moment.h"

#define A     "0123456789abcdef0123456789abcdef"
#define B     "fedcba9876543210fedcba9876543210"
#define TODAY 1795892400 /* 2026-11-28 */
#define WAIT  600
#define DAY   86400

/* Since a try, with a wait of 600 s. */
struct history {
    const char *what;
    struct moment try, now;
    uint32_t left_s;
};

static const struct history histories[] = {
    /* in the same boot only the uptime counts, with the time that the system was suspended */
    {"at once", {TODAY, 1000, A}, {TODAY, 1000, A}, WAIT},
    {"later", {TODAY, 1000, A}, {TODAY + 599, 1599, A}, 1},
    {"in time", {TODAY, 1000, A}, {TODAY + 600, 1600, A}, 0},
    {"after a sleep", {TODAY, 1000, A}, {TODAY + DAY, 1000 + DAY, A}, 0},
    {"the clock is set", {7, 1000, A}, {TODAY, 1010, A}, 590},
    {"the clock is lost", {TODAY, 1000, A}, {7, 1010, A}, 590},
    {"the clock is far ahead", {TODAY, 1000, A}, {TODAY * 4LL, 1010, A}, 590},

    /* in another boot, what has passed since the boot has passed; more if the clock says so */
    {"off for long", {TODAY, 1000, A}, {TODAY + DAY, 5, B}, 0},
    {"off for a moment", {TODAY, 1000, A}, {TODAY + 30, 5, B}, 570},
    {"boot, no clock", {TODAY, 1000, A}, {7, 5, B}, 595},
    {"boot, no clock, a while ago", {TODAY, 1000, A}, {600, 600, B}, 0},
    {"both without a clock", {7, 1000, A}, {30, 25, B}, 575},
    {"first without a clock", {7, 1000, A}, {TODAY, 25, B}, 0},
    {"a try in the future", {TODAY + 3650LL * DAY, 1000, A}, {TODAY, 25, B}, 575},
    {"a try in the future, a while ago", {TODAY + 3650LL * DAY, 1000, A}, {TODAY, 600, B}, 0},
    {"no try yet", {0, 0, ""}, {TODAY, 5, A}, 0},

    /* Fault 1096: the same boot id, and an uptime before that of the try (a unit gives the same id
     * after each boot, a system was restored from a snapshot) -> as in another boot */
    {"restored", {TODAY, 90000, A}, {TODAY + 30, 50, A}, 550},
    {"restored, a while ago", {TODAY, 90000, A}, {TODAY + 30, 600, A}, 0},
    {"restored, off for long", {TODAY, 90000, A}, {TODAY + DAY, 50, A}, 0},
    {"never, for ever", {TODAY, UINT64_MAX, A}, {TODAY, 600, A}, 0},

    /* Fault 1097: no boot id (it cannot be read) -> no try before its time, none for ever */
    {"unknown, at once", {TODAY, 90000, ""}, {TODAY, 90000, ""}, WAIT},
    {"unknown, later", {TODAY, 90000, ""}, {TODAY + 100, 90100, ""}, 500},
    {"unknown, clock lost", {TODAY, 90000, ""}, {7, 90100, ""}, 500},
    {"unknown, off for long", {TODAY, 1000, ""}, {TODAY + DAY, 1005, ""}, 0},
    {"unknown, boot", {TODAY, 90000, ""}, {7, 5, ""}, 595},
    {"unknown, boot, a while ago", {TODAY, 90000, ""}, {7, 600, ""}, 0},
    {"known now", {TODAY, 1000, ""}, {TODAY + 5, 1005, A}, 0},
};

static void test_histories(void **state)
{
    (void)state;
    for (const struct history *h = histories; h < histories + sizeof histories / sizeof *h; h++) {
        uint32_t left_s = seconds_left(&h->try, WAIT, &h->now);
        if (left_s != h->left_s)
            fail_msg("%s: %u, not %u", h->what, (unsigned)left_s, (unsigned)h->left_s);
    }
}

/* Whatever is stored and whatever the clocks show: never more than the wait, and none at all in a
 * system that is up for so long, except in the boot of the try. */
static void test_bounds(void **state)
{
    static const int64_t walls[] = {INT64_MIN / 4, -1, 0, 7, TODAY, TODAY * 4LL, INT64_MAX / 4};
    static const uint64_t ups[] = {0, 1, 599, 600, 601, DAY, UINT64_MAX - 1, UINT64_MAX};
    static const char *const boots[] = {"", A, B};
    const size_t wall_count = sizeof walls / sizeof *walls, up_count = sizeof ups / sizeof *ups;

    (void)state;
    for (size_t i = 0; i < 9 * wall_count * wall_count * up_count * up_count; i++) {
        size_t at = i;
        struct moment try = {walls[at % wall_count], 0, ""}, now = {0, 0, ""};
        now.wall_s = walls[(at /= wall_count) % wall_count];
        try.uptime_s = ups[(at /= wall_count) % up_count];
        now.uptime_s = ups[(at /= up_count) % up_count];
        strcpy(try.boot_id, boots[(at /= up_count) % 3]);
        strcpy(now.boot_id, boots[at / 3]);
        uint32_t left_s = seconds_left(&try, WAIT, &now);
        assert_true(left_s <= WAIT);
        if (strcmp(try.boot_id, now.boot_id) != 0 && now.uptime_s >= WAIT)
            assert_int_equal(left_s, 0);
        assert_int_equal(seconds_left(&try, 0, &now), 0);
    }
}

static void assert_boot_id(const char *given, const char *expected)
{
    struct moment now;

    setenv("MMDCLOSE_BOOT_ID", given, 1);
    now = read_moment();
    assert_string_equal(now.boot_id, expected);
}

/* As the kernel, and as systemd's %b has it. */
static void test_boot_ids(void **state)
{
    struct moment first, second;

    (void)state;
    assert_boot_id("01234567-89ab-cdef-0123-456789abcdef", A);
    assert_boot_id(A, A);
    assert_boot_id(A "0123456789", A);
    assert_boot_id("", "");
    assert_boot_id("0123\"}", "0123");
    assert_boot_id("%b", "");
    unsetenv("MMDCLOSE_BOOT_ID");
    first = read_moment();
    second = read_moment();
    assert_int_equal(strlen(first.boot_id), BOOT_ID_CAP - 1);
    assert_string_equal(first.boot_id, second.boot_id);
    assert_true(second.uptime_s >= first.uptime_s && first.uptime_s > 0);
    assert_true(first.wall_s > TODAY - 3650LL * DAY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_histories),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_boot_ids),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
