/* SPDX-License-Identifier: MIT */
/* Where a token comes from: the token server, or a function of the caller's. */
#include <string.h>

#include "close/attempt.h"
#include "text/wipe.h"

#define POLL_MS 10 /* how soon what gives a token or a signature is asked again */

bool mmd_close_has_source(const struct mmd_close *c)
{
    return (MMD_CLOSE_ASKS && c->config->credential != NULL) || c->config->fetch != NULL;
}

static int keep_token(struct mmd_close *c, const char *bytes, size_t len, uint32_t lifetime_s)
{
    int error = mmd_token_keep(c->token, bytes, len, lifetime_s, mmd_close_now_ms(c));

    mmd_wipe(c->buf, c->cap);
    return error;
}

/* ---- the token server ---- */

void mmd_close_request_token(struct mmd_close *c, const char *assertion)
{
    const struct mmd_credential *credential = c->config->credential;
    size_t cap = assertion != NULL ? c->cap / 2 : c->cap;
    const char *own_id = c->config->token_request_id;
    const char *id = own_id != NULL ? own_id : c->closing->client_request_id;
    int len = mmd_token_write(c->buf, cap, credential, assertion, id, &c->token_info);

    if (assertion != NULL)
        mmd_wipe(c->buf + cap, c->cap - cap);
    if (len < 0) {
        mmd_close_fail(c, len);
        return;
    }
    mmd_close_connect_to(c, credential->host, credential->port, c->config->token_address, false);
    mmd_close_exchange(c, MMD_CLOSE_GET_TOKEN, (size_t)len);
}

void mmd_close_begin_token(struct mmd_close *c)
{
    mmd_client_disconnect(&c->client);
    mmd_close_enter(c, MMD_CLOSE_FETCH, MMD_STAGE_TOKEN_SERVER);
    if (!MMD_CLOSE_ASKS || c->config->credential == NULL)
        return;
    if (c->config->credential->client_secret == NULL && MMD_CLOSE_SIGNS)
        mmd_close_begin_assertion(c);
    else
        mmd_close_request_token(c, NULL);
}

void mmd_close_end_token(struct mmd_close *c)
{
    const struct mmd_port *port = c->config->port;
    struct mmd_token_verdict v;

    mmd_token_judge(&v, &c->client.result, port->calendar_s(port->context));
    c->delivery = MMD_NOT_SENT; /* the closing */
    c->verdict = (struct mmd_verdict){.outcome = v.outcome,
                                      .cause = v.cause,
                                      .error = v.error,
                                      .code = v.code,
                                      .message = v.message,
                                      .message_cut = v.message_cut};
    if (v.error != MMD_OK) {
        if (v.code[0] == '\0') /* then nothing points into the body, which may hold a token */
            mmd_wipe(c->buf, c->cap);
        mmd_close_end_try(c);
        return;
    }
    int error = keep_token(c, v.token, strlen(v.token), v.lifetime_s);
    if (error != MMD_OK)
        mmd_close_fail(c, error);
    else
        mmd_close_proceed(c);
}

/* ---- a function of the caller's, which may take its time ---- */

int mmd_close_poll_owner(struct mmd_close *c, int result, uint32_t *wait_ms)
{
    if (result == MMD_PENDING && (*wait_ms = mmd_close_try_left(c)) == 0)
        result = MMD_ERR_TIMEOUT;
    if (*wait_ms > POLL_MS)
        *wait_ms = POLL_MS;
    return result;
}

int mmd_close_fetch(struct mmd_close *c, uint32_t *wait_ms)
{
    uint32_t lifetime_s = MMD_TOKEN_LIFETIME_UNKNOWN;
    int len = mmd_close_poll_owner(
        c, c->config->fetch(c->config->fetch_context, c->buf, c->cap, &lifetime_s), wait_ms);
    if (len == MMD_PENDING)
        return len;
    int error = len < 0 ? len : keep_token(c, c->buf, (size_t)len, lifetime_s);
    if (error != MMD_OK)
        mmd_close_fail(c, error);
    else
        mmd_close_proceed(c);
    return MMD_OK;
}
