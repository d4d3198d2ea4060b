/* SPDX-License-Identifier: MIT */
/* What a try is made of, whoever it talks with: its time, its exchange, its end. */
#include <string.h>

#include "close/attempt.h"
#include "mmdclose/retry.h"
#include "text/wipe.h"

/* ---- time ---- */

uint32_t mmd_close_now_ms(const struct mmd_close *c)
{
    return c->config->port->monotonic_ms(c->config->port->context);
}

uint32_t mmd_close_left(uint32_t passed_ms, uint32_t timeout_ms)
{
    return passed_ms < timeout_ms ? timeout_ms - passed_ms : 0;
}

static uint32_t total_left(const struct mmd_close *c)
{
    return mmd_close_left(mmd_close_now_ms(c) - c->start_ms, c->config->total_timeout_ms);
}

uint32_t mmd_close_try_left(const struct mmd_close *c)
{
    uint32_t in_try = mmd_close_left(mmd_close_now_ms(c) - c->try_ms, c->config->try_timeout_ms),
             total = total_left(c);

    return in_try < total ? in_try : total;
}

void mmd_close_enter(struct mmd_close *c, enum mmd_close_next_step step, enum mmd_stage stage)
{
    c->step = (uint8_t)step;
    c->stage = stage;
    if (c->config->on_stage != NULL)
        c->config->on_stage(c->config->on_stage_context, stage, c->attempts);
}

/* ---- the end of a try, and of all ---- */

void mmd_close_finish(struct mmd_close *c)
{
    const struct mmd_result *result = &c->client.result;

    if (c->verdict.error != MMD_OK && result->at_proxy)
        c->stage = MMD_STAGE_PROXY;
    c->outcome = c->verdict.outcome;
    if (c->outcome == MMD_OUTCOME_ALREADY_CLOSED && c->sent_before) {
        c->by_earlier_try = true;
        c->outcome = MMD_OUTCOME_CLOSED;
    }
    if (c->sent_before && c->delivery == MMD_NOT_SENT)
        c->delivery = MMD_MAYBE_SENT;
    c->step = MMD_CLOSE_DONE;
}

static uint32_t delay_ms(const struct mmd_close *c)
{
    const struct mmd_port *port = c->config->port;
    uint32_t random;

    if (port->random(port->context, &random, sizeof random) != MMD_OK)
        random = UINT32_MAX;
    uint32_t backoff =
        mmd_retry_backoff_ms(c->attempts, c->config->backoff_ms, c->config->backoff_max_ms, random);
    uint32_t asked = mmd_retry_after_ms(&c->client.result, port->calendar_s(port->context));
    return mmd_retry_pause_ms(backoff, asked, random);
}

/* Whether the service may have acted upon a try that ended without its word. */
static bool may_have_closed(const struct mmd_close *c)
{
    unsigned status = c->client.result.status;

    return c->stage == MMD_STAGE_SERVICE && c->client.result.delivery != MMD_NOT_SENT &&
           status != 408 && status != 429;
}

/* Tries again later, if that may help and there is time for it. */
void mmd_close_end_try(struct mmd_close *c)
{
    if (!mmd_retry_is_passing(c->verdict.outcome)) {
        mmd_close_finish(c);
        return;
    }
    c->again_ms = delay_ms(c);
    if (c->cancelled || c->attempts > c->config->retries || c->again_ms >= total_left(c)) {
        mmd_close_finish(c);
        return;
    }
    c->sent_before = c->sent_before || may_have_closed(c);
    c->try_ms = mmd_close_now_ms(c);
    c->wait_ms = c->again_ms;
    mmd_close_enter(c, MMD_CLOSE_WAIT, MMD_STAGE_WAIT);
}

/* Ends a try without an exchange, or without its response. */
void mmd_close_fail(struct mmd_close *c, int error)
{
    mmd_wipe(c->buf, c->cap);
    c->client.result = (struct mmd_result)MMD_RESULT_NONE;
    c->client.result.error = error;
    c->delivery = MMD_NOT_SENT;
    mmd_closing_judge(&c->verdict, &c->client.result);
    mmd_close_end_try(c);
}

/* ---- the exchanges ---- */

void mmd_close_connect_to(struct mmd_close *c, const char *host, uint16_t tcp_port,
                          const char *address, bool is_service)
{
    const struct mmd_close_config *config = c->config;
    bool other_port = !is_service && config->token_port != NULL;

    c->to = (struct mmd_client_config){.port = other_port ? config->token_port : config->port,
                                       .tls = config->tls,
                                       .address = address,
                                       .tcp_port = tcp_port,
                                       .keep_alive = is_service && config->keep_alive,
                                       .repeatable = is_service};
    c->to.tls.host = host;
    if (!is_service)
        c->to.tls.session = NULL;
}

/* Begins the exchange of a message in buf; what cannot begin ends the try. */
void mmd_close_exchange(struct mmd_close *c, enum mmd_close_next_step step, size_t len)
{
    int error;

    c->to.timeout_ms = mmd_close_try_left(c);
    if (c->to.timeout_ms == 0) {
        mmd_close_fail(c, MMD_ERR_TIMEOUT);
        return;
    }
    if (c->client.connected)
        error = mmd_client_next(&c->client, c->buf, c->cap, len);
    else
        error = mmd_client_start(&c->client, &c->to, c->buf, c->cap, len);
    c->step = (uint8_t)step;
    if (error != MMD_OK)
        mmd_close_fail(c, error);
}
