/* SPDX-License-Identifier: MIT */
/* The closing's request: written, refused, or printed by --dry-run. */
#include <stdio.h>
#include <stdlib.h>

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
    [MMD_FIELD_TOKEN] = {"the token in --token-file",
                         "letters, digits or one of -._~+/, and = at the end"},
    [MMD_FIELD_CLIENT_REQUEST_ID] = {"--client-request-id",
                                     "1 to 128 letters, digits or one of -._~"},
    [MMD_FIELD_ACTIONS_TAKEN] = {"the text of the actions", "UTF-8"},
};

static bool refuse_field(struct report *report, enum mmd_field field, const struct mmd_fault *fault)
{
    char byte[48];
    bool is_one_byte = fault->rule == MMD_RULE_CHARACTER || fault->rule == MMD_RULE_UTF8;

    snprintf(byte, sizeof byte, "byte %zu is something else", fault->offset);
    return refuse(report, MMD_ERR_INPUT, "%s cannot be used: it takes %s, but %s.",
                  fields[field].name, fields[field].takes,
                  is_one_byte ? byte : rule_text(fault->rule));
}

/* Writes it twice: first to learn its size, then into memory of that size. */
bool write_message(struct job *job)
{
    const struct options *o = &job->options;
    const struct mmd_closing closing = {.host = o->host,
                                        .port = o->port,
                                        .tenant_id = o->tenant,
                                        .elevation_request_id = o->request,
                                        .token = job->token.bytes,
                                        .client_request_id = job->sent_id,
                                        .actions_taken = job->actions.bytes,
                                        .actions_taken_len = job->actions.len};
    struct mmd_closing_info *info = &job->info;
    struct data *message = &job->message;

    if (mmd_closing_write(NULL, 0, &closing, info) == MMD_ERR_INPUT)
        return refuse_field(&job->report, info->field, &info->fault);
    message->len = info->needed > RESPONSE_CAP ? info->needed : RESPONSE_CAP;
    message->bytes = malloc(message->len);
    if (message->bytes == NULL)
        return refuse_no_memory(&job->report);
    mmd_closing_write(message->bytes, message->len, &closing, info);
    wipe_and_free(&job->actions);
    return true;
}

enum mmd_outcome print_message(const struct job *job)
{
    const struct mmd_closing_info *info = &job->info;
    size_t after = info->token_at + info->token_len;

    fwrite(job->message.bytes, 1, info->token_at, stdout);
    printf("<token: %zu bytes>", info->token_len);
    fwrite(job->message.bytes + after, 1, info->needed - after, stdout);
    return end_output();
}
