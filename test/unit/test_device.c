/* SPDX-License-Identifier: MIT */
/* Tests of what the doctor says of clocks and disks that no test can have: the system's calls say
 * what the test does. What is printed is read as it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <sys/vfs.h>
#include <unistd.h>

#define print_message print_message_of_cmocka /* the command has one, too */
#include <cmocka.h>
#undef print_message

#include "../../programs/mmdclose/doctor/doctor.h"

#define MIB (1024u * 1024)

/* ---- what the system says ---- */

static int clock_state, clock_status;
static unsigned long kind;
static struct statvfs space;

int __wrap_adjtimex(struct timex *state);
int __wrap____adjtimex64(struct timex *state);     /* glibc's, of 32-bit machines */
int __wrap___adjtimex_time64(struct timex *state); /* musl's */
int __wrap_statfs(const char *path, struct statfs *out);
int __wrap_statfs64(const char *path, struct statfs *out);
int __wrap_statvfs(const char *path, struct statvfs *out);
int __wrap_statvfs64(const char *path, struct statvfs *out);

int __wrap_adjtimex(struct timex *state)
{
    assert_int_equal(state->modes, 0);
    state->status = clock_status;
    return clock_state;
}

int __wrap____adjtimex64(struct timex *state)
{
    return __wrap_adjtimex(state);
}

int __wrap___adjtimex_time64(struct timex *state)
{
    return __wrap_adjtimex(state);
}

int __wrap_statfs(const char *path, struct statfs *out)
{
    (void)path;
    memset(out, 0, sizeof *out);
    out->f_type = (__typeof__(out->f_type))kind;
    return 0;
}

int __wrap_statfs64(const char *path, struct statfs *out)
{
    return __wrap_statfs(path, out);
}

int __wrap_statvfs(const char *path, struct statvfs *out)
{
    (void)path;
    *out = space;
    return 0;
}

int __wrap_statvfs64(const char *path, struct statvfs *out)
{
    return __wrap_statvfs(path, out);
}

/* ---- what is printed ---- */

static struct job job;
static char printed[8192];

/* Runs a check and returns what it printed. */
static const char *run(struct doctor *d, void (*check)(struct doctor *d))
{
    FILE *file = tmpfile();
    int real = dup(STDOUT_FILENO);

    assert_true(file != NULL && real >= 0);
    fflush(stdout);
    dup2(fileno(file), STDOUT_FILENO);
    check(d);
    fflush(stdout);
    dup2(real, STDOUT_FILENO);
    close(real);
    rewind(file);
    printed[fread(printed, 1, sizeof printed - 1, file)] = '\0';
    fclose(file);
    return printed;
}

static void expect(struct doctor *d, void (*check)(struct doctor *d), const char *text,
                   enum mmd_outcome outcome)
{
    d->outcome = MMD_OUTCOME_CLOSED;
    if (strstr(run(d, check), text) == NULL)
        fail_msg("'%s' is not in: %s", text, printed);
    assert_int_equal(d->outcome, outcome);
}

/* ---- the tests ---- */

/* Fault 1177: the clock says less than the build's date -> clock_not_set
 * Fault 1178: nothing keeps the clock right -> a warning */
static void test_clocks(void **state)
{
    static const char not_synchronised[] = "warning      clock: it says ";
    struct doctor d = {.job = &job, .now = mmd_clock_floor - 1};

    (void)state;
    clock_state = TIME_OK;
    clock_status = 0;
    expect(&d, check_clock, "not ok       clock: it is not set: it says 20",
           MMD_OUTCOME_CLOCK_NOT_SET);
    d.now = 0;
    expect(&d, check_clock, "it says 1970-01-01T00:00:00Z, which is before this program was made",
           MMD_OUTCOME_CLOCK_NOT_SET);
    d.now = MMD_CLOCK_NOT_SET;
    expect(&d, check_clock, "not ok       clock: ", MMD_OUTCOME_CLOCK_NOT_SET);
    d.now = mmd_clock_floor;
    expect(&d, check_clock, "ok           clock: it says 20", MMD_OUTCOME_CLOSED);
    assert_non_null(strstr(printed, "Z, and is synchronised.\n"));
    clock_status = STA_UNSYNC;
    expect(&d, check_clock, not_synchronised, MMD_OUTCOME_CLOSED);
    clock_status = 0;
    clock_state = TIME_ERROR;
    expect(&d, check_clock, not_synchronised, MMD_OUTCOME_CLOSED);
    clock_state = -1;
    expect(&d, check_clock, "; whether it is synchronised cannot be read.\n", MMD_OUTCOME_CLOSED);
}

static char folder[] = "/tmp/mmdclose-doctor-XXXXXX";

/* Both folders are the same one: its mode is wrong for one of them, which is another line. */
static void set_folders(void)
{
    assert_non_null(mkdtemp(folder));
    set_default_options(&job.options);
    job.options.state_dir = folder;
    job.options.drop_dir = job.options.runtime_dir = DEFAULT_DROP_DIR "/not/there";
}

static void expect_disk(const char *text, enum mmd_outcome outcome)
{
    struct doctor d = {.job = &job};

    run(&d, check_folders);
    if (strstr(printed, text) == NULL)
        fail_msg("'%s' is not in: %s", text, printed);
    if (outcome != MMD_OUTCOME_CLOSED) /* else that of the next folder, which is not there */
        assert_int_equal(d.outcome, outcome);
}

/* Fault 1179: the disk of the queue is full, or nearly so, in bytes or in inodes -> exit 1, or a
 * warning */
static void test_space(void **state)
{
    static const struct {
        uint64_t bytes, files, free_files;
        const char *text;
        enum mmd_outcome outcome;
    } table[] = {
        {16 * MIB, 5000, 2048, "ok           state disk: ", MMD_OUTCOME_CLOSED},
        {16 * MIB, 0, 0, "ok           state disk: ", MMD_OUTCOME_CLOSED}, /* it counts none */
        {16 * MIB - 4096, 5000, 2048, "warning      state disk: ", MMD_OUTCOME_CLOSED},
        {16 * MIB, 5000, 2047, "hardly any inodes left (16384 KiB and 2047", MMD_OUTCOME_CLOSED},
        {1 * MIB, 5000, 2048, "warning      state disk: ", MMD_OUTCOME_CLOSED},
        {1 * MIB - 4096, 5000, 2048, "not ok       state disk: ", MMD_OUTCOME_INTERNAL},
        {16 * MIB, 5000, 15, "not ok       state disk: ", MMD_OUTCOME_INTERNAL},
        {0, 5000, 0, "hardly any space left (0 KiB and 0 inodes are free). Make room",
         MMD_OUTCOME_INTERNAL},
    };

    (void)state;
    kind = 0xEF53; /* ext4 */
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        space = (struct statvfs){.f_frsize = 4096,
                                 .f_bavail = table[i].bytes / 4096,
                                 .f_files = table[i].files,
                                 .f_favail = table[i].free_files};
        expect_disk(table[i].text, table[i].outcome);
    }
}

/* Fault 1122: a folder in memory, or on an overlay, is full -> said, too */
static void test_kinds(void **state)
{
    (void)state;
    space = (struct statvfs){.f_frsize = 4096, .f_bavail = 0};
    kind = 0x01021994;
    expect_disk("is in memory", MMD_OUTCOME_USAGE);
    expect_disk("has hardly any space left (0 KiB and 0 inodes are free). Make", MMD_OUTCOME_USAGE);
    kind = 0x794C7630;
    expect_disk("warning      state disk: ", MMD_OUTCOME_INTERNAL);
    expect_disk("has hardly any space left", MMD_OUTCOME_INTERNAL);
    space.f_bavail = 1000000;
    kind = 0x858458F6;
    expect_disk("not ok       state disk: ", MMD_OUTCOME_USAGE);
    kind = 0x01021994;
    expect_disk("is in memory (tmpfs or ramfs): a power cut loses the queue", MMD_OUTCOME_USAGE);
    assert_null(strstr(printed, "has space"));
    kind = 0x794C7630;
    expect_disk("warning      state disk: ", MMD_OUTCOME_CLOSED);
    space.f_flag = ST_RDONLY;
    expect_disk("is mounted read-only. Mount it", MMD_OUTCOME_INTERNAL);
}

/* Each line is one line of JSON, whatever is in a path. */
static void test_json(void **state)
{
    struct doctor d = {.job = &job};

    (void)state;
    job.options.json = true;
    job.options.drop_dir = "/\n\"\x1b[31m\xff\\";
    run(&d, check_folders);
    assert_non_null(strstr(printed, "\"check\":\"drop_folder\",\"state\":\"failed\",\"sentence\":\""
                                    "'/?\\\"?[31m?\\\\' of --drop-dir cannot be used: "));
    assert_non_null(strstr(printed, "\"outcome\":\"usage\"}\n"));
    job.options.json = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clocks),
        cmocka_unit_test(test_space),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_json),
    };

    set_folders();
    int failed = cmocka_run_group_tests_name("device", tests, NULL, NULL);
    rmdir(folder);
    return failed;
}
