/* SPDX-License-Identifier: MIT */
/* mmdclose queue add: stores a closing, which another process sends. */
#include "queue/add.h"

#include <stdio.h>
#include <string.h>

#include "command.h"
#include "printable.h"
#include "queue/drop_folder.h"
#include "queue/records.h"

static struct record record_of(const struct job *job)
{
    return (struct record){.tenant = job->closing.tenant_id,
                           .request = job->closing.elevation_request_id,
                           .client_request_id = job->closing.client_request_id,
                           .actions = job->closing.actions_taken,
                           .added_s = read_moment().wall_s,
                           .maybe_sent = job->report.delivery == MMD_MAYBE_SENT,
                           .wait = {.outcome = "", .said = ""}};
}

static bool check_record(const struct job *job, const struct data *line, struct report *report)
{
    char name[RECORD_NAME_CAP];

    if (strlen(job->closing.actions_taken) != job->closing.actions_taken_len)
        return refuse(report, MMD_ERR_INPUT,
                      "the text of the actions has a NUL; the queue takes none.");
    if (!record_name(name, job->closing.tenant_id, job->closing.elevation_request_id))
        return refuse(report, MMD_ERR_INPUT,
                      "--tenant and --request are too long for the queue: together at most %d "
                      "characters.",
                      RECORD_NAME_CAP - 7);
    return line->len <= RECORD_NEW_MAX ||
           refuse(report, MMD_ERR_INPUT,
                  "the text of the actions is too long for the queue: the record would have %zu "
                  "bytes, more than %d.",
                  line->len, RECORD_NEW_MAX);
}

bool add_to_queue(const struct job *job, struct report *report)
{
    const struct record record = record_of(job);
    struct data line = record_line(&record);
    bool added = line.bytes != NULL || refuse_no_memory(report);

    added = added && check_record(job, &line, report) &&
            drop_line(job->options.drop_dir, line.bytes, line.len, report);
    wipe_and_free(&line);
    return added;
}

static enum mmd_outcome run(struct job *job, int argc, char **argv)
{
    struct report *report = &job->report;
    const struct options *o = &job->options;

    if (read_job_options(job, FOR_ADD, argc, argv) && check_add_options(o, report) &&
        make_client_request_id(job) && read_actions(o, &job->deadline, &job->actions, report) &&
        prepare_closing(job) && add_to_queue(job, report)) {
        report->queued = true;
        report->result = (struct mmd_result)MMD_RESULT_NONE;
        report->verdict.code = report->verdict.message = (char *)"";
        snprintf(report->sentence, sizeof report->sentence,
                 "stored: the closing of %s of tenant %s waits in %s.", o->request, o->tenant,
                 o->drop_dir);
        make_printable(report->sentence);
    }
    report->elapsed_ms = progress_ms(&job->progress);
    return print_report(report, o->json);
}

enum mmd_outcome command_add(int argc, char **argv)
{
    return run_job(argc, argv, run);
}
