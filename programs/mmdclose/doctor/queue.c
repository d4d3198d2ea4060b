/* SPDX-License-Identifier: MIT */
/* What waits in the queue: how many, how long, and what stands still. Reads only; takes no lock. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "calendar.h"
#include "doctor.h"

#define RECORD_MAX (8 * 1024 * 1024) /* bytes */

struct folder_count {
    size_t count;
    int64_t oldest; /* when the first was added, seconds since 1970; -1: not known */
};

/* When a record was added. Within a JSON string the quotes would be escaped. */
static int64_t added_at(const struct data *record)
{
    static const char name[] = "\"added\":\"";
    int year, month, day, hour, minute, second;
    const char *found = memmem(record->bytes, record->len, name, sizeof name - 1);

    if (found == NULL || sscanf(found + sizeof name - 1, "%4d-%2d-%2dT%2d:%2d:%2dZ", &year, &month,
                                &day, &hour, &minute, &second) != 6)
        return -1;
    return mmd_seconds_since_1970(year, month, day, hour, minute, second);
}

static void note_record(struct doctor *d, const char *path, struct folder_count *out)
{
    struct data record = {NULL, 0};
    const struct input in = {.what = "a record",
                             .path = path,
                             .shown = path,
                             .max = RECORD_MAX,
                             .absent = MMD_ERR_INPUT,
                             .deadline = &d->job->deadline};

    int64_t added = read_input(&in, &record, &d->job->report) ? added_at(&record) : -1;
    wipe_and_free(&record);
    if (added >= 0 && (out->oldest < 0 || added < out->oldest))
        out->oldest = added;
}

/* Counts what is in a folder of the queue. False: it cannot be read. One that is not there is
 * empty. */
static bool count_folder(struct doctor *d, const char *name, bool reads, struct folder_count *out)
{
    char folder[4096], path[sizeof folder + 256];
    const struct dirent *entry;

    *out = (struct folder_count){0, -1};
    snprintf(folder, sizeof folder, "%s/%s", d->job->options.state_dir, name);
    DIR *open = opendir(folder);
    if (open == NULL)
        return errno == ENOENT;
    while ((entry = readdir(open)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        out->count += strcmp(entry->d_name, "all.json") != 0;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (reads)
            note_record(d, path, out);
    }
    closedir(open);
    return true;
}

static void say_queue(struct doctor *d, const struct folder_count *due,
                      const struct folder_count *failed, const struct folder_count *held)
{
    struct check check = {"queue", CHECK_OK, "", MMD_OUTCOME_CLOSED};
    int64_t age_s = due->oldest >= 0 && due->oldest < d->now ? d->now - due->oldest : 0;
    char oldest[64] = "";

    if (failed->count > 0 || held->count > 0 || age_s > d->job->options.max_age_s) {
        check.state = CHECK_WARNING;
        check.advice = "See 'mmdclose queue list'.";
    }
    if (due->oldest >= 0)
        snprintf(oldest, sizeof oldest, ", the oldest for %" PRId64 " s", age_s);
    say(d, check, "%zu wait%s; %zu moved aside; %zu tenants held.", due->count, oldest,
        failed->count, held->count);
}

void check_queue(struct doctor *d)
{
    struct folder_count due, failed, held;

    begin_check(d);
    if (access(d->job->options.state_dir, F_OK) != 0)
        say_not_checked(d, "queue", "there is no folder of the queue.");
    else if (!count_folder(d, "due", true, &due) || !count_folder(d, "failed", false, &failed) ||
             !count_folder(d, "waits", false, &held))
        say_not_checked(d, "queue",
                        "its folder cannot be read: run the doctor as the queue's user, or as "
                        "root.");
    else
        say_queue(d, &due, &failed, &held);
}
