/* SPDX-License-Identifier: MIT */
/* What waits in the queue: how many, how long, and what stands still. Reads only; takes no lock. */
#include <inttypes.h>
#include <unistd.h>

#include "doctor.h"
#include "queue/overview.h"

struct count {
    int64_t now;
    unsigned due, held, failed;
    int64_t oldest_s; /* age */
    bool alarm;
};

static bool count_item(void *context, const struct item *item)
{
    struct count *count = context;
    bool is_due = item->folder == FOLDER_DUE;

    count->due += is_due;
    count->failed += !is_due;
    count->held += item->state == ITEM_HELD;
    if (is_due && item->record != NULL) {
        int64_t age_s = record_age_s(item->record, count->now);
        count->oldest_s = age_s > count->oldest_s ? age_s : count->oldest_s;
        count->alarm = count->alarm || item->wait->alarm;
    }
    return true;
}

static void say_queue(struct doctor *d, const struct count *count)
{
    struct check check = {"queue", CHECK_OK, "", MMD_OUTCOME_CLOSED};

    if (count->failed > 0 || count->alarm || count->oldest_s > d->job->options.max_age_s) {
        check.state = CHECK_WARNING;
        check.advice = "See 'mmdclose queue list'.";
    }
    say(d, check,
        "%u waiting, the oldest for %" PRId64 " s; %u of them held with their tenant; %u failed.",
        count->due, count->oldest_s, count->held, count->failed);
}

void check_queue(struct doctor *d)
{
    struct count count = {.now = d->now};
    struct store store;

    begin_check(d);
    if (access(d->job->options.state_dir, F_OK) != 0) {
        say_not_checked(d, "queue", "there is no folder of the queue.");
        return;
    }
    bool read = store_open(&store, d->job->options.state_dir, false, &d->job->report) &&
                each_item(&store, count_item, &count);
    store_close(&store);
    if (read)
        say_queue(d, &count);
    else
        say_not_checked(d, "queue",
                        "its folder cannot be read: run the doctor as the queue's user, or as "
                        "root.");
}
