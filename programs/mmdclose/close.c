/* SPDX-License-Identifier: MIT */
/* mmdclose close: from the command line to the exit status. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "job.h"
#include "wipe.h"

static bool make_client_request_id(struct job *job)
{
    uint8_t random[16];

    if (job->port.random(job->port.context, random, sizeof random) != MMD_OK)
        return refuse(&job->report, MMD_ERR_ENTROPY, "the system gives no random bytes.");
    mmd_guid(job->report.client_request_id, random);
    return true;
}

static bool read_options(struct job *job, int argc, char **argv)
{
    struct options *o = &job->options;

    set_default_options(o);
    if (!read_command_line(o, FOR_CLOSE, argc, argv, &job->report))
        return false;
    job->progress.verbose = o->verbose;
    return check_closing_options(o, &job->report);
}

static bool read_files(struct job *job)
{
    const struct options *o = &job->options;
    struct report *report = &job->report;

    return read_actions(o, &job->actions, report) && read_token(o->token_file, &job->token, report);
}

static bool read_anchors(struct job *job)
{
    return read_trust(job->options.ca_file, &job->anchors, &job->trust, &job->report);
}

/* Everything up to the exit status. What the job then holds is still to be wiped. */
static enum mmd_outcome run(struct job *job, int argc, char **argv)
{
    mmd_linux_init(&job->linux_port, &job->port);
    progress_begin(&job->progress, &job->port);
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
