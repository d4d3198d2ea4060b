/* SPDX-License-Identifier: MIT */
/* From the credential to the outcome, one step at a time. */
#include "mmdclose/close.h"

#include <string.h>

#include "close/attempt.h"
#include "text/wipe.h"

#define TIMEOUT_MAX 0x7FFFFFFFu

/* ---- the closing ---- */

static void succeed_with_token(struct mmd_close *c)
{
    c->verdict = (struct mmd_verdict){.code = (char *)"", .message = (char *)""};
    mmd_close_finish(c);
}

void mmd_close_proceed(struct mmd_close *c)
{
    struct mmd_closing closing = *c->closing;

    if (c->config->token_only) {
        succeed_with_token(c);
        return;
    }
    closing.token = c->token->bytes;
    closing.keep_alive = c->config->keep_alive;
    mmd_close_enter(c, MMD_CLOSE_CLOSE, MMD_STAGE_SERVICE);
    int len = mmd_closing_write(c->buf, c->cap, &closing, &c->info);
    if (len < 0) {
        mmd_close_fail(c, len);
        return;
    }
    if (!c->client.connected)
        mmd_close_connect_to(c, closing.host, closing.port, c->config->address, true);
    mmd_close_exchange(c, MMD_CLOSE_CLOSE, (size_t)len);
}

/* A token that was refused is renewed once; if that one is refused, too, it is not the token. */
static void end_closing(struct mmd_close *c)
{
    mmd_closing_judge(&c->verdict, &c->client.result);
    c->delivery = c->client.result.delivery;
    c->sent_before = c->sent_before || c->client.result.repeated;
    bool refused =
        c->verdict.outcome == MMD_OUTCOME_NOT_AUTHORISED && c->client.result.status == 401;
    if (!refused || c->renewed || !mmd_close_has_source(c) || c->config->fetch_once) {
        mmd_close_end_try(c);
        return;
    }
    c->renewed = true;
    mmd_token_forget(c->token);
    mmd_wipe(c->buf, c->client.used);
    mmd_close_begin_token(c);
}

/* ---- the steps: MMD_PENDING, with how long to wait, or MMD_OK: go on at once ---- */

/* Finds what no try can change, before the first. */
static int check(struct mmd_close *c)
{
    const struct mmd_close_config *config = c->config;
    struct mmd_closing closing = *c->closing;

    closing.token = "-"; /* the token is checked when it is there */
    if (config->try_timeout_ms == 0 || config->try_timeout_ms > TIMEOUT_MAX ||
        config->total_timeout_ms == 0 || config->total_timeout_ms > TIMEOUT_MAX ||
        (!config->token_only && mmd_closing_write(NULL, 0, &closing, &c->info) == MMD_ERR_INPUT))
        return MMD_ERR_INPUT;
    return MMD_CLOSE_ASKS && config->credential != NULL
               ? mmd_credential_check(config->credential, &c->token_info)
               : MMD_OK;
}

static int begin_try(struct mmd_close *c)
{
    int error = c->attempts == 0 ? check(c) : MMD_OK;

    if (error != MMD_OK) {
        mmd_close_fail(c, error);
        return MMD_OK;
    }
    c->attempts++;
    c->again_ms = 0;
    c->try_ms = mmd_close_now_ms(c);
    mmd_wipe(c->buf, c->client.used); /* the last response, which may be longer than a request */
    if (mmd_token_is_fresh(c->token, c->try_ms) || (!mmd_close_has_source(c) && c->token->len > 0))
        mmd_close_proceed(c);
    else if (mmd_close_has_source(c))
        mmd_close_begin_token(c);
    else
        mmd_close_fail(c, MMD_ERR_TOKEN);
    return MMD_OK;
}

static int do_exchange(struct mmd_close *c, void (*end)(struct mmd_close *c), uint32_t *wait_ms)
{
    if (mmd_client_step(&c->client, wait_ms) == MMD_PENDING)
        return MMD_PENDING;
    end(c);
    return MMD_OK;
}

static int do_wait(struct mmd_close *c, uint32_t *wait_ms)
{
    *wait_ms = mmd_close_left(mmd_close_now_ms(c) - c->try_ms, c->wait_ms);
    if (*wait_ms > 0)
        return MMD_PENDING;
    c->step = MMD_CLOSE_BEGIN_TRY;
    return MMD_OK;
}

static int advance(struct mmd_close *c, uint32_t *wait_ms)
{
    switch (c->step) {
    case MMD_CLOSE_BEGIN_TRY: return begin_try(c);
    case MMD_CLOSE_FETCH: return mmd_close_fetch(c, wait_ms);
    case MMD_CLOSE_SIGN: return MMD_CLOSE_SIGNS ? mmd_close_sign(c, wait_ms) : MMD_OK;
    case MMD_CLOSE_GET_TOKEN:
        return MMD_CLOSE_ASKS ? do_exchange(c, mmd_close_end_token, wait_ms) : MMD_OK;
    case MMD_CLOSE_CLOSE: return do_exchange(c, end_closing, wait_ms);
    default: return do_wait(c, wait_ms);
    }
}

/* ---- the interface ---- */

void mmd_close_start(struct mmd_close *c, const struct mmd_close_config *config,
                     struct mmd_token *token, const struct mmd_closing *closing, char *buf,
                     size_t cap)
{
    memset(c, 0, sizeof *c);
    c->config = config;
    c->token = token;
    c->buf = buf;
    c->cap = cap;
    c->client.result = (struct mmd_result)MMD_RESULT_NONE;
    mmd_close_next(c, closing);
}

/* A connection is kept for its own host only, whose name the last closing need not hold any more.
 */
static void keep_host(struct mmd_close *c, const struct mmd_closing *closing)
{
    if (!c->client.connected)
        return;
    if (strcmp(c->to.tls.host, closing->host) != 0 || c->to.tcp_port != closing->port)
        mmd_client_disconnect(&c->client);
    c->to.tls.host = closing->host;
}

void mmd_close_next(struct mmd_close *c, const struct mmd_closing *closing)
{
    keep_host(c, closing);
    c->closing = closing;
    c->outcome = MMD_OUTCOME_INTERNAL;
    c->stage = MMD_STAGE_NONE;
    c->delivery = MMD_NOT_SENT;
    c->attempts = 0;
    c->again_ms = 0;
    c->by_earlier_try = c->renewed = c->sent_before = c->cancelled = false;
    c->start_ms = mmd_close_now_ms(c);
    c->step = MMD_CLOSE_BEGIN_TRY;
}

int mmd_close_step(struct mmd_close *c, uint32_t *wait_ms)
{
    *wait_ms = 0;
    if (c->step != MMD_CLOSE_DONE &&
        (advance(c, wait_ms) == MMD_PENDING || c->step != MMD_CLOSE_DONE))
        return MMD_PENDING;
    return c->outcome == MMD_OUTCOME_CLOSED ? MMD_OK : c->verdict.error;
}

const struct mmd_port *mmd_close_port(const struct mmd_close *c)
{
    return c->to.port != NULL ? c->to.port : c->config->port;
}

int mmd_close_run(struct mmd_close *c)
{
    uint32_t wait_ms;
    int result;

    while ((result = mmd_close_step(c, &wait_ms)) == MMD_PENDING)
        if (wait_ms > 0)
            mmd_close_port(c)->wait(mmd_close_port(c)->context, wait_ms);
    return result;
}

void mmd_close_cancel(struct mmd_close *c)
{
    c->cancelled = true;
    switch (c->step) {
    case MMD_CLOSE_DONE: break;
    case MMD_CLOSE_WAIT: mmd_close_finish(c); break; /* with what the last try came to */
    case MMD_CLOSE_GET_TOKEN:
        mmd_client_cancel(&c->client);
        if (MMD_CLOSE_ASKS)
            mmd_close_end_token(c);
        break;
    case MMD_CLOSE_CLOSE:
        mmd_client_cancel(&c->client);
        end_closing(c);
        break;
    default: mmd_close_fail(c, MMD_ERR_TIMEOUT);
    }
}

void mmd_close_disconnect(struct mmd_close *c)
{
    mmd_client_disconnect(&c->client);
}

/* One string, not pointers: those would have to be relocated in RAM. */
const char *mmd_stage_name(enum mmd_stage stage)
{
    static const char names[] = "none\0proxy\0token_server\0service\0wait";
    const char *name = names;

    for (unsigned n = (unsigned)stage <= MMD_STAGE_WAIT ? (unsigned)stage : 0; n > 0; n--)
        name += strlen(name) + 1;
    return name;
}
