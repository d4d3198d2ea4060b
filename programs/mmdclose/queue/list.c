/* SPDX-License-Identifier: MIT */
/* mmdclose queue list: what waits, and what was moved aside, and why. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "json_members.h"
#include "printable.h"
#include "queue/overview.h"

#define LINE_CAP 16384

static void put_record_members(struct mmd_writer *w, const struct item *item)
{
    const struct record *record = item->record;
    char added[TIME_CAP];

    put_time(added, record->added_s);
    put_text_member(w, "tenant", record->tenant);
    put_text_member(w, "request", record->request);
    put_text_member(w, "client_request_id", record->client_request_id);
    put_text_member(w, "added", added);
    put_number(w, "added_by", (long)record->added_by);
    put_bool(w, "maybe_sent", record->maybe_sent);
    put_number(w, "attempts", (long)record->wait.attempts);
    put_number(w, "again_s", (long)item->left_s);
    put_text_member(w, "waits_for", item->whose);
    put_number(w, "failures", (long)item->wait->attempts);
    put_text_member(w, "outcome", item->wait->outcome);
    put_text_member(w, "said", item->wait->said);
    put_bool(w, "alarm", item->wait->alarm);
}

static bool print_item_json(const struct item *item)
{
    char line[LINE_CAP];
    struct mmd_writer w = {line, sizeof line, 0};

    mmd_put_text(&w, "{");
    put_number(&w, "v", 1);
    put_text_member(&w, "state", item_state_name(item->state));
    put_text_member(&w, "file", item->file);
    if (item->record != NULL)
        put_record_members(&w, item);
    else
        put_text_member(&w, "said", item->wrong);
    mmd_put_text(&w, "}\n");
    return w.len <= w.cap && fwrite(line, 1, w.len, stdout) == w.len;
}

/* What was said of this one; what several wait for has a line of its own. */
static const char *own_sentence(const struct item *item)
{
    return strcmp(item->whose, "record") == 0 ? item->wait->said : "";
}

static void put_next(char out[32], uint32_t left_s)
{
    out[0] = '\0';
    if (left_s > 0)
        snprintf(out, 32, ", next in %lu s", (unsigned long)left_s);
}

static bool print_item_text(const struct item *item)
{
    char said[SENTENCE_MAX + 512], added[TIME_CAP], next[32];
    const struct record *record = item->record;

    if (record == NULL) {
        snprintf(said, sizeof said, "%-8s%s: %s", item_state_name(item->state), item->file,
                 item->wrong);
    } else {
        put_time(added, record->added_s);
        put_next(next, item->left_s);
        snprintf(said, sizeof said, "%-8s%s of tenant %s, added %s, tries %u%s%s%s%s",
                 item_state_name(item->state), record->request, record->tenant, added,
                 record->wait.attempts, record->maybe_sent ? ", maybe sent" : "", next,
                 own_sentence(item)[0] != '\0' ? ": " : "", own_sentence(item));
    }
    make_printable(said);
    return puts(said) >= 0;
}

static bool print_item(void *context, const struct item *item)
{
    const struct options *const *options = context, *o = *options;

    /* what cannot be printed is reported at the end */
    (void)(o->json ? print_item_json(item) : print_item_text(item));
    return true;
}

static bool print_wait(void *context, const struct shared_wait *wait)
{
    char line[SENTENCE_MAX + 256], next[32];

    (void)context;
    put_next(next, wait->left_s);
    snprintf(line, sizeof line, "wait    %s%s, tries %u%s: %s",
             wait->tenant != NULL ? "tenant " : "all", wait->tenant != NULL ? wait->tenant : "",
             wait->wait->attempts, next, wait->wait->said);
    make_printable(line);
    puts(line);
    return true;
}

static void print_drops(const struct options *o)
{
    struct drops drops;

    if (!count_drops(o->drop_dir, &drops) || drops.fresh + drops.later == 0)
        return;
    if (o->json) {
        printf("{\"v\":1,\"state\":\"not_taken_in\",\"added\":%u,\"later\":%u}\n", drops.fresh,
               drops.later);
        return;
    }
    if (drops.fresh > 0)
        printf("%u added, not taken in yet: the next 'mmdclose queue flush' does that\n",
               drops.fresh);
    if (drops.later > 0)
        printf("%u added, could not be taken in: is the queue full, or its disk?\n", drops.later);
}

static enum mmd_outcome run(const struct options *options, struct report *report)
{
    struct store store;

    if (access(options->state_dir, F_OK) != 0 && errno == ENOENT) { /* before the first flush */
        print_drops(options);
        return end_output();
    }
    bool done = store_open(&store, options->state_dir, false, report) &&
                each_item(&store, print_item, &options) &&
                (options->json || each_shared_wait(&store, print_wait, NULL));

    store_close(&store);
    if (!done)
        return print_report(report, options->json);
    print_drops(options);
    return end_output();
}

enum mmd_outcome command_list(int argc, char **argv)
{
    return run_with_options(FOR_LIST, argc, argv, run);
}
