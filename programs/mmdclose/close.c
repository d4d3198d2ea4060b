/* SPDX-License-Identifier: MIT */
/* mmdclose close: closes an elevation request. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "job.h"
#include "queue/add.h"

/* Of an error of the command's own options nothing is stored: then job->closing is not checked. */
static bool read_closing(struct job *job, int argc, char **argv)
{
    const struct options *o = &job->options;

    return read_job_options(job, FOR_CLOSE, argc, argv) && check_closing_options(o, &job->report) &&
           make_client_request_id(job) &&
           read_actions(o, &job->deadline, &job->actions, &job->report) && prepare_closing(job);
}

static bool is_settled(enum mmd_outcome outcome)
{
    return outcome == MMD_OUTCOME_CLOSED || outcome == MMD_OUTCOME_ALREADY_CLOSED ||
           outcome == MMD_OUTCOME_NO_SUCH_REQUEST || outcome == MMD_OUTCOME_REFUSED;
}

/* What failed stays in the report: an operator wants to know. */
static void store(struct job *job)
{
    struct report failure = {0};
    char said[SENTENCE_MAX];

    memcpy(said, job->report.sentence, sizeof said);
    job->report.queued = add_to_queue(job, &failure);
    snprintf(job->report.sentence, sizeof job->report.sentence, "%.1000s What failed: %.1000s",
             job->report.queued ? "the closing is stored in the queue, which sends it later."
                                : failure.sentence,
             said);
}

static enum mmd_outcome run(struct job *job, int argc, char **argv)
{
    const struct options *o = &job->options;
    bool read = read_closing(job, argc, argv),
         ready = read && read_source(job) && prepare_message(job);

    if (ready && o->dry_run)
        return print_message(job);
    if (ready)
        exchange(job);
    if (IS_WHOLE && read && o->queue && !is_settled(job->report.outcome))
        store(job);
    job->report.elapsed_ms = progress_ms(&job->progress);
    return print_report(&job->report, o->json);
}

enum mmd_outcome command_close(int argc, char **argv)
{
    return run_job(argc, argv, run);
}
