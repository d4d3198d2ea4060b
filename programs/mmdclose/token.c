/* SPDX-License-Identifier: MIT */
/* mmdclose token: gets an access token, and says for whom and how long. */
#include <inttypes.h>
#include <stdio.h>

#include "command.h"
#include "job.h"
#include "printable.h"

static void write_success(struct job *job)
{
    const struct options *o = &job->options;
    const struct mmd_token *token = &job->token;
    char expiry[64] = "its expiry is not known";

    if (token->lifetime_s != MMD_TOKEN_LIFETIME_UNKNOWN)
        snprintf(expiry, sizeof expiry, "expires in %" PRIu32 " s", token->lifetime_s);
    if (o->client_id != NULL)
        snprintf(job->report.sentence, sizeof job->report.sentence,
                 "got a token from %s for the application %s of tenant %s: scope %s, %s.",
                 o->authority.host, o->client_id, o->tenant, o->scope, expiry);
    else
        snprintf(job->report.sentence, sizeof job->report.sentence,
                 "got a token from --token-command: %s.", expiry);
    make_printable(job->report.sentence);
}

static void report_token(struct job *job)
{
    const struct options *o = &job->options;
    bool has_token = job->token.len > 0;

    job->report.token = (struct token_report){
        .is_asked_for = true,
        .client_id = o->client_id,
        .scope = o->client_id != NULL ? o->scope : NULL,
        .lifetime_s = has_token ? job->token.lifetime_s : MMD_TOKEN_LIFETIME_UNKNOWN,
        .bytes = has_token && o->print ? job->token.bytes : NULL};
    if (job->report.outcome == MMD_OUTCOME_CLOSED)
        write_success(job);
}

static enum mmd_outcome run(struct job *job, int argc, char **argv)
{
    const struct options *o = &job->options;

    job->config.token_only = true;
    bool ready = read_job_options(job, FOR_TOKEN, argc, argv) &&
                 check_token_options(o, &job->report) && make_client_request_id(job) &&
                 read_source(job) && get_message_memory(job, job->token.cap);
    /* none is made, but a token has to be one that could be used in it */
    job->closing = (struct mmd_closing){.host = o->host,
                                        .port = o->port,
                                        .tenant_id = "-",
                                        .elevation_request_id = "-",
                                        .client_request_id = job->sent_id,
                                        .actions_taken = ""};
    if (ready)
        exchange(job);
    report_token(job);
    if (o->print) /* a buffer would keep the token */
        setvbuf(stdout, NULL, _IONBF, 0);
    job->report.elapsed_ms = progress_ms(&job->progress);
    if (job->report.outcome != MMD_OUTCOME_CLOSED || !o->print || o->json)
        return print_report(&job->report, o->json);
    puts(job->token.bytes);
    return end_output();
}

enum mmd_outcome command_token(int argc, char **argv)
{
    return run_job(argc, argv, run);
}
