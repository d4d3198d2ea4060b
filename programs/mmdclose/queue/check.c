/* SPDX-License-Identifier: MIT */
/* mmdclose queue check: one line for monitoring. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "json_members.h"
#include "printable.h"
#include "queue/overview.h"

#define OUTCOMES        11
#define TENANT_TEXT_CAP 160

struct check {
    const struct options *options;
    int64_t now_s;
    unsigned waiting, failed;
    int64_t oldest_s; /* age */
    bool stuck;
    enum mmd_outcome outcome; /* of what is stuck longest */
    int64_t stuck_s;          /* its age */
    char said[SENTENCE_MAX];
};

static enum mmd_outcome outcome_of(const char *name)
{
    for (int i = 1; i < OUTCOMES; i++)
        if (strcmp(outcome_name((enum mmd_outcome)i), name) == 0)
            return (enum mmd_outcome)i;
    return MMD_OUTCOME_TRY_LATER;
}

static void keep_stuck(struct check *c, int64_t age_s, enum mmd_outcome outcome, const char *what,
                       const char *said)
{
    if (c->stuck && age_s <= c->stuck_s)
        return;
    c->stuck = true;
    c->stuck_s = age_s;
    c->outcome = outcome;
    snprintf(c->said, sizeof c->said, "%.200s: %.1800s", what, said);
}

/* Who is stuck. */
static const char *subject_of(const struct item *item, char tenant[TENANT_TEXT_CAP])
{
    if (strcmp(item->whose, "all") == 0)
        return "all closings";
    if (strcmp(item->whose, "tenant") != 0)
        return item->record->request;
    snprintf(tenant, TENANT_TEXT_CAP, "tenant %s", item->record->tenant);
    return tenant;
}

static bool check_item(void *context, const struct item *item)
{
    struct check *c = context;
    char tenant[TENANT_TEXT_CAP];

    if (item->state == ITEM_BAD || item->state == ITEM_FAILED)
        c->failed++;
    else
        c->waiting++;
    if (item->record == NULL) {
        keep_stuck(c, 0, MMD_OUTCOME_USAGE, item->file, item->wrong);
        return true;
    }
    int64_t age_s = record_age_s(item->record, c->now_s);
    if (item->folder == FOLDER_DUE && age_s > c->oldest_s)
        c->oldest_s = age_s;
    if (item->folder == FOLDER_FAILED || item->wait->alarm ||
        age_s > (int64_t)c->options->max_age_s)
        keep_stuck(c, age_s, outcome_of(item->wait->outcome), subject_of(item, tenant),
                   item->wait->said[0] != '\0' ? item->wait->said : "no try was made");
    return true;
}

/* What keeps all else from going on comes before what is stuck by itself. */
static void check_disk(struct check *c, struct store *store)
{
    if (!store_may_write(store))
        keep_stuck(c, INT64_MAX, MMD_OUTCOME_INTERNAL, "nothing can be sent, or taken in",
                   store->report->sentence);
}

/* What lies in the drop folder for long, or could not be taken in. */
static void check_drops(struct check *c, struct drops *drops)
{
    const char *folder = c->options->drop_dir;
    bool read = count_drops(folder, drops), any = read && drops->fresh + drops->later > 0;
    int64_t age_s = any && c->now_s > drops->oldest_s ? c->now_s - drops->oldest_s : 0;

    if (!read)
        keep_stuck(c, 0, MMD_OUTCOME_INTERNAL, folder, "cannot be read");
    else if (drops->later > 0)
        keep_stuck(c, age_s, MMD_OUTCOME_INTERNAL, folder,
                   "closings in it could not be taken in: is the queue full, or its disk?");
    else if (age_s > (int64_t)c->options->max_age_s)
        keep_stuck(c, age_s, MMD_OUTCOME_INTERNAL, folder,
                   "what was added is not taken in: does 'mmdclose queue flush' run?");
}

static void print_text(const struct check *c, const struct drops *drops)
{
    char line[SENTENCE_MAX + 256];

    snprintf(line, sizeof line,
             "%s: %u waiting, the oldest for %" PRId64 " s; %u failed; %u not taken in%s%s",
             c->stuck ? "stuck" : "ok", c->waiting, c->oldest_s, c->failed,
             drops->fresh + drops->later, c->stuck ? "; " : "", c->said);
    make_printable(line);
    puts(line);
}

static void print_check_json(const struct check *c, const struct drops *drops)
{
    char line[8192], now[TIME_CAP];
    struct mmd_writer w = {line, sizeof line, 0};

    put_time(now, c->now_s);
    mmd_put_text(&w, "{");
    put_number(&w, "v", 1);
    put_text_member(&w, "time", now);
    put_text_member(&w, "state", c->stuck ? "stuck" : "ok");
    put_number(&w, "exit", (long)c->outcome);
    put_number(&w, "waiting", (long)c->waiting);
    put_number(&w, "oldest_s", (long)c->oldest_s);
    put_number(&w, "failed", (long)c->failed);
    put_number(&w, "not_taken_in", (long)drops->fresh + (long)drops->later);
    put_text_member(&w, "outcome", c->stuck ? outcome_name(c->outcome) : "");
    put_text_member(&w, "said", c->said);
    mmd_put_text(&w, "}\n");
    fwrite(line, 1, w.len <= w.cap ? w.len : 0, stdout);
}

static enum mmd_outcome run(const struct options *options, struct report *report)
{
    struct store store;
    struct drops drops;
    struct check check = {.options = options, .now_s = time(NULL)};
    bool done = store_open(&store, options->state_dir, false, report) &&
                each_item(&store, check_item, &check);

    if (done)
        check_disk(&check, &store);
    store_close(&store);
    if (!done)
        return print_report(report, options->json);
    check_drops(&check, &drops);
    if (options->json)
        print_check_json(&check, &drops);
    else
        print_text(&check, &drops);
    enum mmd_outcome printed = end_output();
    return check.stuck ? check.outcome : printed;
}

enum mmd_outcome command_check(int argc, char **argv)
{
    return run_with_options(FOR_CHECK, argc, argv, run);
}
