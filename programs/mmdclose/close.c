/* SPDX-License-Identifier: MIT */
/* mmdclose close: from the command line to the exit status. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "charclass.h"
#include "command.h"
#include "job.h"
#include "wipe.h"

#define ID_SHOWN   128
#define HOST_SHOWN 253

/* An id that can be one, which no secret in the wrong place is: tokens are longer. */
static const char *shown_id(const char *id)
{
    size_t len = id != NULL ? strlen(id) : 0;

    return len > 0 && len <= ID_SHOWN && mmd_span(id, len, MMD_CHAR_UNRESERVED) == len ? id : "";
}

static bool refuse_random(struct report *report, int system_error)
{
    refuse(report, MMD_ERR_ENTROPY,
           "the system gives no random bytes: %s; check this device's sandbox, or try again later.",
           strerror(system_error));
    report->result.detail = (struct mmd_detail){MMD_DETAIL_ERRNO, system_error};
    return false;
}

/* Early after boot the system has no random bytes yet: they are waited for. */
static bool get_random(struct job *job, uint8_t *out, size_t len)
{
    while (mmd_random(out, len) != MMD_OK) {
        if (errno != EAGAIN || time_left(&job->deadline) == 0)
            return refuse_random(&job->report, errno);
        poll(NULL, 0, 20);
    }
    return true;
}

static bool make_client_request_id(struct job *job)
{
    uint8_t random[16];

    if (job->options.client_request_id != NULL) {
        job->sent_id = job->options.client_request_id;
        job->report.client_request_id = shown_id(job->sent_id);
        return true;
    }
    if (!get_random(job, random, sizeof random))
        return false;
    mmd_guid(job->client_request_id, random);
    job->sent_id = job->report.client_request_id = job->client_request_id;
    return true;
}

static bool read_options(struct job *job, int argc, char **argv)
{
    struct options *o = &job->options;
    struct report *report = &job->report;

    set_default_options(o);
    bool read = read_command_line(o, FOR_CLOSE, argc, argv, report);
    report->tenant = shown_id(o->tenant);
    report->request = shown_id(o->request);
    report->host = strlen(o->host) <= HOST_SHOWN ? o->host : "";
    report->already_closed_ok = o->already_closed_ok;
    job->progress.verbose = o->verbose;
    job->deadline.timeout_ms = o->timeout_ms;
    return read && check_closing_options(o, report);
}

static bool read_files(struct job *job)
{
    const struct options *o = &job->options;
    struct report *report = &job->report;

    return read_actions(o, &job->deadline, &job->actions, report) &&
           read_token(o->token_file, &job->deadline, &job->token, report);
}

static bool read_anchors(struct job *job)
{
    return read_trust(job->options.ca_file, &job->deadline, &job->anchors, &job->trust,
                      &job->report);
}

static void begin(struct job *job)
{
    mmd_linux_init(&job->linux_port, &job->port);
    progress_begin(&job->progress, &job->port);
    job->deadline = (struct deadline){&job->port, job->progress.begin_ms, 0};
    job->report.tenant = job->report.request = job->report.client_request_id = "";
    job->report.host = "";
}

/* Everything up to the exit status. What the job then holds is still to be wiped. */
static enum mmd_outcome run(struct job *job, int argc, char **argv)
{
    begin(job);
    bool ready = read_options(job, argc, argv) && make_client_request_id(job) && read_files(job) &&
                 write_message(job);
    if (ready && job->options.dry_run)
        return print_message(job);
    if (ready && read_anchors(job))
        exchange_message(job);
    job->report.elapsed_ms = progress_ms(&job->progress);
    return print_report(&job->report, job->options.json);
}

enum mmd_outcome command_close(int argc, char **argv)
{
    struct job *job = calloc(1, sizeof *job);

    if (job == NULL) {
        fputs("mmdclose: there is no memory left.\n", stderr);
        return MMD_OUTCOME_INTERNAL;
    }
    enum mmd_outcome outcome = run(job, argc, argv);
    wipe_and_free(&job->token);
    wipe_and_free(&job->actions);
    wipe_and_free(&job->message);
    wipe_and_free(&job->anchors);
    mmd_wipe(&job->client, sizeof job->client);
    free(job); /* with the pool: TLS is not called any more */
    return outcome;
}
