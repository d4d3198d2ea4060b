/* SPDX-License-Identifier: MIT */
/* The line of JSON (RFC 8259). */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "json_members.h"
#include "report.h"
#include "wipe.h"
#include "writer.h"

static void put_retry_after(struct mmd_writer *w, int32_t seconds)
{
    if (seconds != MMD_RETRY_AFTER_ABSENT) {
        put_number(w, "retry_after_s", seconds);
    } else {
        put_name(w, "retry_after_s");
        mmd_put_text(w, "null");
    }
}

/* Which closing it is about, and when. */
static void put_closing(struct mmd_writer *w, const struct report *report)
{
    char now[TIME_CAP];

    put_time(now, time(NULL));
    put_text_member(w, "time", now);
    put_text_member(w, "tenant", report->tenant);
    put_text_member(w, "request", report->request);
    put_text_member(w, "client_request_id", report->client_request_id);
    put_text_member(w, "host", report->host);
    put_text_member(w, "address", report->result.address);
}

static void put_token(struct mmd_writer *w, const struct token_report *token)
{
    put_text_member(w, "client_id", token->client_id != NULL ? token->client_id : "");
    put_text_member(w, "scope", token->scope != NULL ? token->scope : "");
    put_name(w, "expires_in_s");
    if (token->lifetime_s != MMD_TOKEN_LIFETIME_UNKNOWN)
        mmd_put_decimal(w, token->lifetime_s);
    else
        mmd_put_text(w, "null");
    if (token->bytes != NULL)
        put_text_member(w, "access_token", token->bytes);
}

const char *outcome_name(enum mmd_outcome outcome)
{
    static const char *const names[] = {"closed",         "internal",        "usage",
                                        "already_closed", "no_such_request", "refused",
                                        "not_authorised", "try_later",       "not_verified",
                                        "clock_not_set",  "no_token"};

    return names[outcome];
}

static void put_outcome(struct mmd_writer *w, const struct report *report, enum mmd_outcome status)
{
    static const char *const deliveries[] = {"not_sent", "maybe_sent", "answered"};

    bool got_token = report->token.is_asked_for && report->outcome == MMD_OUTCOME_CLOSED;

    put_text_member(w, "outcome",
                    report->queued ? "queued"
                    : got_token    ? "got_token"
                                   : outcome_name(report->outcome));
    put_number(w, "exit", (long)status);
    put_text_member(w, "sentence", report->sentence);
    put_text_member(w, "error", mmd_error_name(report->verdict.error));
    put_text_member(w, "cause", mmd_cause_name(report->verdict.cause));
    put_text_member(w, "delivery", deliveries[report->delivery]);
    put_text_member(w, "stage", mmd_stage_name(report->stage));
    put_number(w, "attempts", (long)report->attempts);
    put_bool(w, "by_earlier_try", report->by_earlier_try);
    put_number(w, "again_ms", (long)report->again_ms);
}

/* What the response says. */
static void put_response(struct mmd_writer *w, const struct mmd_result *result,
                         const struct mmd_verdict *verdict)
{
    put_number(w, "status", result->status);
    put_text_member(w, "code", verdict->code);
    put_text_member(w, "message", verdict->message);
    put_bool(w, "message_cut", verdict->message_cut);
    put_text_member(w, "request_id", result->request_id);
    put_text_member(w, "request_id_field", result->request_id_name);
    put_text_member(w, "location", result->location);
    put_retry_after(w, result->retry_after_s);
}

static void put_detail(struct mmd_writer *w, const struct mmd_detail *detail)
{
    static const char *const kinds[] = {"none", "errno", "getaddrinfo", "tls", "alert", "proxy"};

    put_number(w, "alert", detail->kind == MMD_DETAIL_ALERT ? detail->code : 0);
    put_number(w, "detail", detail->code);
    put_text_member(w, "detail_kind", kinds[detail->kind]);
}

static void put_report(struct mmd_writer *w, const struct report *report, enum mmd_outcome status)
{
    const struct mmd_result *result = &report->result;

    mmd_put_text(w, "{");
    put_number(w, "v", 1);
    put_closing(w, report);
    put_outcome(w, report, status);
    put_response(w, result, &report->verdict);
    if (report->token.is_asked_for)
        put_token(w, &report->token);
    put_text_member(w, "tls_version", result->tls_version);
    put_text_member(w, "tls_suite", result->tls_suite);
    put_detail(w, &result->detail);
    put_number(w, "elapsed_ms", (long)report->elapsed_ms);
    mmd_put_text(w, "}\n");
}

bool print_json(const struct report *report, enum mmd_outcome status, FILE *out)
{
    struct mmd_writer w = {NULL, 0, 0};

    put_report(&w, report, status); /* counts */
    w = (struct mmd_writer){malloc(w.len), w.len, 0};
    if (w.buf == NULL) {
        fputs("mmdclose: there is no memory for the line of JSON.\n", stderr);
        return false;
    }
    put_report(&w, report, status);
    fwrite(w.buf, 1, w.len, out);
    mmd_wipe(w.buf, w.len); /* a token may be in it */
    free(w.buf);
    return true;
}
