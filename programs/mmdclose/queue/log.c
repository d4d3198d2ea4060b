/* SPDX-License-Identifier: MIT */
/* The queue's log. */
#include "queue/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "json_members.h"
#include "printable.h"

#define LINE_MAX_BYTES 16384 /* all texts at their longest, escaped */

static void put_known(struct mmd_writer *w, const char *name, const char *value)
{
    put_text_member(w, name, value != NULL ? value : "");
}

static void put_try(struct mmd_writer *w, const struct report *report)
{
    put_text_member(w, "outcome", outcome_name(report->outcome));
    put_text_member(w, "error", mmd_error_name(report->verdict.error));
    put_text_member(w, "cause", mmd_cause_name(report->verdict.cause));
    put_text_member(w, "stage", mmd_stage_name(report->stage));
    put_number(w, "status", report->result.status);
    put_text_member(w, "request_id", report->result.request_id);
    put_bool(w, "by_earlier_try", report->by_earlier_try);
}

static void put_event(struct mmd_writer *w, const struct event *event)
{
    char now[TIME_CAP];

    put_time(now, time(NULL));
    mmd_put_text(w, "{");
    put_number(w, "v", 1);
    put_text_member(w, "time", now);
    put_text_member(w, "event", event->name);
    put_known(w, "tenant", event->tenant);
    put_known(w, "request", event->request);
    put_known(w, "client_request_id", event->client_request_id);
    put_text_member(w, "sentence", event->sentence);
    if (event->report != NULL)
        put_try(w, event->report);
    if (event->wait != NULL) {
        put_number(w, "attempts", (long)event->wait->attempts);
        put_number(w, "again_s", (long)event->wait->wait_s);
        put_bool(w, "alarm", event->wait->alarm);
    }
    mmd_put_text(w, "}\n");
}

static bool print_json_event(const struct event *event, const char *prefix)
{
    char *line = malloc(LINE_MAX_BYTES);
    struct mmd_writer w = {line, LINE_MAX_BYTES, 0};

    if (line == NULL)
        return false;
    put_event(&w, event);
    bool printed = w.len <= w.cap && fputs(prefix, stdout) >= 0 &&
                   fwrite(line, 1, w.len, stdout) == w.len && fflush(stdout) == 0;
    free(line);
    return printed;
}

/* As sd-daemon(3) and systemd.exec(5) have it: the device and inode of what the journal reads. */
static bool is_journal(FILE *stream)
{
    const char *journal = getenv("JOURNAL_STREAM");
    char *end;
    struct stat status;

    if (journal == NULL || fstat(fileno(stream), &status) != 0)
        return false;
    bool same_device = strtoull(journal, &end, 10) == status.st_dev && *end == ':';
    return same_device && strtoull(end + 1, NULL, 10) == status.st_ino;
}

bool log_event(struct event *event, bool json)
{
    char prefix[8] = "";

    make_printable(event->sentence);
    if (is_journal(json ? stdout : stderr))
        snprintf(prefix, sizeof prefix, "<%d>", (int)event->priority);
    return json ? print_json_event(event, prefix)
                : fprintf(stderr, "%smmdclose: %s\n", prefix, event->sentence) > 0;
}
