/* SPDX-License-Identifier: MIT */
/* The token: fetched as it is for a closing, and thrown away. */
#include <inttypes.h>
#include <string.h>

#include "doctor.h"
#include "printable.h"

static const struct check ok = {"token", CHECK_OK, "", MMD_OUTCOME_CLOSED};

/* Only the service could say more of it. */
static void check_file(struct doctor *d)
{
    struct job *job = d->job;

    if (check_message(job, job->token.bytes))
        say(d, ok,
            "there is one of %zu bytes in the file of --token-file; how long it is valid is "
            "not known here.",
            job->token.len);
    else
        say_report(d, "token");
}

static void say_token(struct doctor *d)
{
    const struct options *o = &d->job->options;
    const struct mmd_token *token = &d->job->token;
    char expiry[64] = "its expiry is not known";

    if (token->lifetime_s != MMD_TOKEN_LIFETIME_UNKNOWN)
        snprintf(expiry, sizeof expiry, "it expires in %" PRIu32 " s", token->lifetime_s);
    if (o->client_id != NULL)
        say(d, ok, "%s gave one for the application %s of tenant %s: %s.", o->authority.host,
            o->client_id, o->tenant, expiry);
    else
        say(d, ok, "the program of --token-command gave one: %s.", expiry);
}

/* The server's words need not name the tenant. */
static void name_tenant(struct job *job)
{
    char said[SENTENCE_MAX];

    if (job->options.client_id == NULL)
        return;
    memcpy(said, job->report.sentence, sizeof said);
    snprintf(job->report.sentence, sizeof job->report.sentence, "for tenant %.130s: %.1800s",
             job->options.tenant, said);
    make_printable(job->report.sentence);
}

static void fetch_one(struct doctor *d)
{
    struct job *job = d->job;

    begin_check(d);
    mmd_token_forget(&job->token);
    run_exchange(job);
    report_exchange(job);
    if (job->report.outcome == MMD_OUTCOME_CLOSED) {
        say_token(d);
    } else {
        name_tenant(job);
        say_report(d, "token");
    }
}

/* From the token server one for each tenant. */
static void fetch_all(struct doctor *d)
{
    struct job *job = d->job;
    const char *end = d->tenants.bytes + d->tenants.len;

    job->config.token_only = true;
    if (job->options.client_id == NULL) {
        fetch_one(d);
        return;
    }
    for (const char *t = job->options.tenant; t < end; t += strlen(t) + 1)
        if (*t != '\0') {
            job->options.tenant = job->credential.tenant_id = t;
            fetch_one(d);
        }
}

void check_access_token(struct doctor *d)
{
    struct job *job = d->job;
    const struct options *o = &job->options;

    begin_check(d);
    if (!read_source(job) || !get_message_memory(job, job->token.cap))
        say_report(d, "token");
    else if (o->token_file != NULL)
        check_file(d);
    else if (o->client_id != NULL && !d->is_token_server_verified)
        say_not_checked(d, "token", "the token server cannot be reached, or not be verified.");
    else if (!d->has_proxy_setting)
        say_not_checked(d, "token", "the settings above cannot be used.");
    else
        fetch_all(d);
}
