/* SPDX-License-Identifier: MIT */
/* The closing's request: checked, refused, or printed by --dry-run. */
#include <stdio.h>
#include <stdlib.h>

#include "hostname.h"
#include "job.h"
#include "rule_text.h"

#define RESPONSE_CAP 16384 /* at least this much of a response's body is kept */

/* What each field is called, and what it takes. */
static const struct {
    const char *name, *takes;
} fields[] = {
    [MMD_FIELD_HOST] = {"--host", "a name, not an address: 1 to 253 letters, digits or one of -._"},
    [MMD_FIELD_TENANT_ID] = {"--tenant", "1 to 128 letters, digits or one of -._~"},
    [MMD_FIELD_ELEVATION_REQUEST_ID] = {"--request", "1 to 128 letters, digits or one of -._~"},
    [MMD_FIELD_TOKEN] = {"the token", "letters, digits or one of -._~+/, and = at the end"},
    [MMD_FIELD_CLIENT_REQUEST_ID] = {"--client-request-id", "a GUID"},
    [MMD_FIELD_ACTIONS_TAKEN] = {"the text of the actions", "UTF-8"},
};

bool refuse_field(struct report *report, const char *name, const char *takes,
                  const struct mmd_fault *fault)
{
    char byte[48];
    bool is_one_byte = fault->rule == MMD_RULE_CHARACTER || fault->rule == MMD_RULE_UTF8;

    snprintf(byte, sizeof byte, "byte %zu is something else", fault->offset);
    return refuse(report, MMD_ERR_INPUT, "%s cannot be used: it takes %s, but %s.", name, takes,
                  is_one_byte ? byte : rule_text(fault->rule));
}

bool check_host(const struct options *options, struct report *report)
{
    struct mmd_fault fault;

    return mmd_check_hostname(options->host, &fault) ||
           refuse_field(report, fields[MMD_FIELD_HOST].name, fields[MMD_FIELD_HOST].takes, &fault);
}

bool check_message(struct job *job, const char *token)
{
    struct mmd_closing closing = job->closing;
    struct mmd_closing_info *info = &job->close.info;

    closing.token = token;
    if (mmd_closing_write(NULL, 0, &closing, info) != MMD_ERR_INPUT)
        return true;
    return refuse_field(&job->report, fields[info->field].name, fields[info->field].takes,
                        &info->fault);
}

bool get_message_memory(struct job *job, size_t needed)
{
    struct data *message = &job->message;

    message->len = needed > RESPONSE_CAP ? needed : RESPONSE_CAP;
    message->bytes = malloc(message->len);
    return message->bytes != NULL || refuse_no_memory(&job->report);
}

bool prepare_closing(struct job *job)
{
    const struct options *o = &job->options;

    job->closing = (struct mmd_closing){.host = o->host,
                                        .port = o->port,
                                        .tenant_id = o->tenant,
                                        .elevation_request_id = o->request,
                                        .client_request_id = job->sent_id,
                                        .actions_taken = job->actions.bytes,
                                        .actions_taken_len = job->actions.len};
    return check_message(job, "-");
}

bool prepare_message(struct job *job)
{
    return check_message(job, job->token.len > 0 ? job->token.bytes : "-") &&
           get_message_memory(job, job->close.info.needed + job->token.cap);
}

/* Of a token that is not there yet, one character stands for it. */
enum mmd_outcome print_message(struct job *job)
{
    const char *text = job->message.bytes;
    struct mmd_closing closing = job->closing;
    struct mmd_closing_info info;
    bool has_token = job->token.len > 0;

    closing.token = has_token ? job->token.bytes : "-";
    mmd_closing_write(job->message.bytes, job->message.len, &closing, &info);
    size_t after = info.token_at + info.token_len;
    fwrite(text, 1, info.token_at, stdout);
    if (has_token)
        printf("<token: %zu bytes>", info.token_len);
    else
        fputs("<token>", stdout);
    fwrite(text + after, 1, info.needed - after, stdout);
    return end_output();
}
