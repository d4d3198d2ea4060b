/* SPDX-License-Identifier: MIT */
/* A person signs in on another device (RFC 8628): shows where and with which code, and asks the
 * token server at its intervals whether that was done. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "job.h"
#include "mmdclose/retry.h"
#ifdef MMD_QRCODE
#include "qrcode.h"
#endif
#include "wipe.h"

#define MS 1000u /* in a second */

/* The code's life, and how it is polled. */
struct session {
    struct deadline life;
    uint32_t lifetime_s, interval_s;
    struct mmd_token_verdict verdict; /* of the last exchange */
};

static uint32_t shorter(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* ---- the exchanges ---- */

static void configure(struct job *job)
{
    const struct options *o = &job->options;

    job->login_to = (struct mmd_client_config){.port = job->config.token_port,
                                               .tls = job->config.tls,
                                               .address = o->authority_connect,
                                               .tcp_port = o->authority.port};
    job->login_to.tls.host = o->authority.host;
}

/* Sends the message of len bytes, or of the error that is below 0, and waits for the response. */
static void exchange_message(struct job *job, int len, uint32_t timeout_ms)
{
    struct mmd_client *client = &job->close.client;
    const struct mmd_port *port = job->login_to.port;
    enum mmd_phase phase = MMD_PHASE_CONNECT;
    uint32_t wait_ms;

    job->config.on_stage(job->config.on_stage_context, MMD_STAGE_TOKEN_SERVER, 1);
    job->login_to.timeout_ms = timeout_ms;
    if (len < 0) {
        client->result = (struct mmd_result)MMD_RESULT_NONE;
        client->result.error = len;
        return;
    }
    if (mmd_client_start(client, &job->login_to, job->message.bytes, job->message.len,
                         (size_t)len) != MMD_OK)
        return;
    while (mmd_client_step(client, &wait_ms) == MMD_PENDING) {
        if (client->phase != phase)
            print_phase(&job->progress, phase = client->phase);
        if (wait_ms > 0)
            port->wait(port->context, wait_ms);
    }
    print_result(&job->progress, &client->result);
}

static void wait_for(struct job *job, uint32_t ms)
{
    const struct deadline end = {&job->direct, progress_now(&job->progress), ms};

    for (uint32_t left; (left = time_left(&end)) > 0;)
        job->direct.wait(job->direct.context, left);
}

/* ---- the end ---- */

/* Always false. */
static bool end(struct job *job, enum mmd_outcome outcome, const struct mmd_verdict *verdict)
{
    struct mmd_close *c = &job->close;

    c->verdict = *verdict;
    c->outcome = outcome;
    c->stage = c->client.result.at_proxy ? MMD_STAGE_PROXY : MMD_STAGE_TOKEN_SERVER;
    c->attempts = 1;
    if (verdict->code[0] == '\0') /* then nothing points into the body, which may hold a token */
        mmd_wipe(job->message.bytes, job->message.len);
    return false;
}

static bool end_by_verdict(struct job *job, const struct mmd_token_verdict *v)
{
    const struct mmd_verdict verdict = {.outcome = v->outcome,
                                        .cause = v->cause,
                                        .error = v->error,
                                        .code = v->code,
                                        .message = v->message,
                                        .message_cut = v->message_cut};

    return end(job, v->outcome, &verdict);
}

/* Ends it with a sentence of its own, which is in the report. The code is the server's word that
 * led to it: one that is known, or "". */
static bool end_by_report(struct job *job, char *code)
{
    struct report *report = &job->report;

    job->reported = true;
    report->verdict.code = code;
    report->result.status = job->close.client.result.status;
    return end(job, report->outcome, &report->verdict);
}

static bool end_declined(struct job *job, char *code)
{
    refuse(&job->report, MMD_ERR_TOKEN_REFUSED,
           "there is no token: the sign-in was declined; run the command again, and accept it on "
           "the other device.");
    return end_by_report(job, code);
}

static bool end_unknown(struct job *job, char *code)
{
    refuse(&job->report, MMD_ERR_TOKEN,
           "there is no token: the token server does not know the code any more; run the command "
           "again for a new one.");
    return end_by_report(job, code);
}

/* The time was over: by the token server's word, or by our clock. */
static bool end_expired(struct job *job, const struct session *s, char *code)
{
    bool was_answered = s->verdict.error == MMD_OK || s->verdict.code[0] != '\0';

    refuse(&job->report, MMD_ERR_TOKEN,
           "there is no token: the code was not used to sign in within %" PRIu32
           " s%s%s; run the command again for a new one.",
           s->lifetime_s, was_answered ? "" : ", and the token server was not reached at the end: ",
           was_answered ? "" : mmd_error_text(s->verdict.error));
    return end_by_report(job, code);
}

/* ---- the code ---- */

/* With --json, too: without it there is no sign-in. Returns whether it could be written. */
static bool show(const struct mmd_device_code *code)
{
    fprintf(stderr,
            "To sign in, open %s on another device and enter the code %s within %" PRIu32
            " minutes.\n",
            code->verification_uri, code->user_code, (code->lifetime_s + 59) / 60);
#ifdef MMD_QRCODE
    print_qrcode(stderr, code->verification_uri);
#endif
    return fflush(stderr) == 0 && !ferror(stderr);
}

static bool end_unseen(struct job *job)
{
    refuse(&job->report, MMD_ERR_SYSTEM,
           "there is no token: where to sign in cannot be written to the standard error; check "
           "where it goes.");
    return end_by_report(job, (char *)"");
}

static bool get_code(struct job *job, struct session *s)
{
    struct mmd_device_code code;
    uint32_t left = time_left(&job->deadline);
    int len = mmd_device_code_write(job->message.bytes, job->message.len, &job->credential,
                                    job->sent_id, &job->close.token_info);

    exchange_message(job, len, left > 0 ? left : 1);
    mmd_device_code_judge(&code, &s->verdict, &job->close.client.result);
    if (s->verdict.error != MMD_OK)
        return end_by_verdict(job, &s->verdict);
    s->lifetime_s = code.lifetime_s;
    s->interval_s = code.interval_s;
    s->life = (struct deadline){&job->direct, progress_now(&job->progress), code.lifetime_s * MS};
    memcpy(job->device_code, code.device_code, strlen(code.device_code) + 1);
    bool is_shown = show(&code);
    mmd_wipe(job->message.bytes, job->message.len);
    return is_shown || end_unseen(job);
}

/* ---- the token ---- */

static enum mmd_device_next poll_once(struct job *job, struct session *s, uint32_t left_ms)
{
    int len = mmd_device_poll_write(job->message.bytes, job->message.len, &job->credential,
                                    job->device_code, job->sent_id, &job->close.token_info);

    exchange_message(job, len, shorter(job->options.timeout_ms, left_ms));
    mmd_token_judge(&s->verdict, &job->close.client.result, MMD_CLOCK_NOT_SET);
    return mmd_device_next_of(&s->verdict);
}

/* Waits for the interval, or longer if the token server asks for that. Returns how much of the
 * code's life is left; 0: it is over. */
static uint32_t wait_to_poll(struct job *job, const struct session *s, uint32_t asked_ms)
{
    uint32_t interval_ms = s->interval_s * MS;
    uint32_t wait_ms =
        shorter(asked_ms > interval_ms ? asked_ms : interval_ms, time_left(&s->life));

    print_progress(&job->progress, "no token yet; asking in %" PRIu32 " ms", wait_ms);
    wait_for(job, wait_ms);
    return time_left(&s->life);
}

static bool keep_token(struct job *job, struct mmd_token_verdict *v)
{
    int error = mmd_token_keep(&job->token, v->token, strlen(v->token), v->lifetime_s,
                               progress_now(&job->progress));

    mmd_wipe(job->message.bytes, job->message.len);
    if (error == MMD_OK)
        return true;
    refuse(&job->report, error, "there is no token: %s.", mmd_error_text(error));
    return end_by_report(job, v->code);
}

/* Polls until that leads to something. */
static bool get_token(struct job *job, struct session *s)
{
    enum mmd_device_next next = MMD_DEVICE_POLL;
    uint32_t asked_ms = 0, left_ms;

    while (next == MMD_DEVICE_POLL || next == MMD_DEVICE_SLOWER) {
        if (next == MMD_DEVICE_SLOWER)
            s->interval_s += MMD_DEVICE_SLOW_DOWN;
        left_ms = wait_to_poll(job, s, asked_ms);
        if (left_ms == 0)
            return end_expired(job, s, (char *)"");
        next = poll_once(job, s, left_ms);
        asked_ms = mmd_retry_after_ms(&job->close.client.result,
                                      job->direct.calendar_s(job->direct.context));
    }
    switch (next) {
    case MMD_DEVICE_SIGNED_IN: return keep_token(job, &s->verdict);
    case MMD_DEVICE_DECLINED: return end_declined(job, s->verdict.code);
    case MMD_DEVICE_EXPIRED: return end_expired(job, s, s->verdict.code);
    case MMD_DEVICE_UNKNOWN: return end_unknown(job, s->verdict.code);
    default: return end_by_verdict(job, &s->verdict);
    }
}

bool login(struct job *job)
{
    const struct mmd_verdict success = {.code = (char *)"", .message = (char *)""};
    struct session session;

    configure(job);
    if (!get_code(job, &session) || !get_token(job, &session))
        return false;
    end(job, MMD_OUTCOME_CLOSED, &success);
    job->deadline.begin_ms = progress_now(&job->progress);
    return true;
}
