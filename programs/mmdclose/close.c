/* SPDX-License-Identifier: MIT */
/* mmdclose close: closes an elevation request. */
#include "command.h"
#include "job.h"

static enum mmd_outcome run(struct job *job, int argc, char **argv)
{
    const struct options *o = &job->options;
    bool ready = read_job_options(job, FOR_CLOSE, argc, argv) &&
                 check_closing_options(o, &job->report) && make_client_request_id(job) &&
                 read_actions(o, &job->deadline, &job->actions, &job->report) && read_source(job) &&
                 prepare_message(job);

    if (ready && o->dry_run)
        return print_message(job);
    if (ready)
        exchange(job);
    job->report.elapsed_ms = progress_ms(&job->progress);
    return print_report(&job->report, o->json);
}

enum mmd_outcome command_close(int argc, char **argv)
{
    return run_job(argc, argv, run);
}
