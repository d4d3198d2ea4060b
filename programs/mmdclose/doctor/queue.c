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
    struct drops drops;
    bool drops_read; /* or not there */
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

/* What was not taken in by the intake that saw it waits for room; what none has seen, for a flush.
 */
static struct check judge(const struct count *count, int64_t max_age_s)
{
    const struct drops *drops = &count->drops;
    bool any_dropped = drops->fresh + drops->later > 0;

    if (!count->drops_read)
        return (struct check){"queue", CHECK_WARNING,
                              "Check the drop folder: what was added to it is not counted.",
                              MMD_OUTCOME_CLOSED};
    if (drops->later > 0)
        return (struct check){"queue", CHECK_FAILED,
                              "What was added could not be taken in: the queue, or its disk, is "
                              "full. Make room, or see 'mmdclose queue list'.",
                              MMD_OUTCOME_INTERNAL};
    if (any_dropped && count->now - drops->oldest_s > max_age_s)
        return (struct check){"queue", CHECK_WARNING,
                              "Run 'mmdclose queue flush': nothing takes in what was added.",
                              MMD_OUTCOME_CLOSED};
    if (count->failed > 0 || count->alarm || count->oldest_s > max_age_s)
        return (struct check){"queue", CHECK_WARNING, "See 'mmdclose queue list'.",
                              MMD_OUTCOME_CLOSED};
    return (struct check){"queue", CHECK_OK, "", MMD_OUTCOME_CLOSED};
}

static void say_queue(struct doctor *d, const struct count *count)
{
    say(d, judge(count, d->job->options.max_age_s),
        "%u waiting, the oldest for %" PRId64 " s; %u of them held with their tenant; %u failed; "
        "%u not taken in.",
        count->due, count->oldest_s, count->held, count->failed,
        count->drops.fresh + count->drops.later);
}

/* Before the first flush there is only what was added. */
static bool count_records(struct doctor *d, struct count *count)
{
    struct store store;

    if (access(d->job->options.state_dir, F_OK) != 0)
        return true;
    bool read = store_open(&store, d->job->options.state_dir, false, &d->job->report) &&
                each_item(&store, count_item, count);
    store_close(&store);
    return read;
}

void check_queue(struct doctor *d)
{
    const struct options *o = &d->job->options;
    struct count count = {.now = d->now};
    bool has_drops = access(o->drop_dir, F_OK) == 0;

    begin_check(d);
    count.drops_read = !has_drops || count_drops(o->drop_dir, &count.drops);
    if (!has_drops && access(o->state_dir, F_OK) != 0)
        say_not_checked(d, "queue", "there is no folder of the queue.");
    else if (count_records(d, &count))
        say_queue(d, &count);
    else
        say_not_checked(d, "queue",
                        geteuid() == 0 ? "its folder cannot be read: see the state folder."
                                       : "its folder cannot be read: run the doctor as the queue's "
                                         "user, or as root.");
}
