/* SPDX-License-Identifier: MIT */
/* From the credential to the outcome: one function for each step, one verdict for each try. */
#include "mmdclose/close.h"

#include <string.h>

#include "mmdclose/guid.h"
#include "mmdclose/retry.h"
#include "text/wipe.h"

#define TIMEOUT_MAX 0x7FFFFFFFu
#define POLL_MS     10 /* how soon what gives a token or a signature is asked again */

/* What mmd_close_step does next. */
enum step { BEGIN_TRY, FETCH, SIGN, GET_TOKEN, CLOSE, WAIT, DONE };

static uint32_t now_ms(const struct mmd_close *c)
{
    return c->config->port->monotonic_ms(c->config->port->context);
}

static uint32_t left(uint32_t passed_ms, uint32_t timeout_ms)
{
    return passed_ms < timeout_ms ? timeout_ms - passed_ms : 0;
}

static uint32_t total_left(const struct mmd_close *c)
{
    return left(now_ms(c) - c->start_ms, c->config->total_timeout_ms);
}

static uint32_t try_left(const struct mmd_close *c)
{
    uint32_t in_try = left(now_ms(c) - c->try_ms, c->config->try_timeout_ms), total = total_left(c);

    return in_try < total ? in_try : total;
}

static bool has_source(const struct mmd_close *c)
{
    return c->config->credential != NULL || c->config->fetch != NULL;
}

static void enter(struct mmd_close *c, enum step step, enum mmd_stage stage)
{
    c->step = (uint8_t)step;
    c->stage = stage;
    if (c->config->on_stage != NULL)
        c->config->on_stage(c->config->on_stage_context, stage, c->attempts);
}

/* ---- the end of a try, and of all ---- */

static void finish(struct mmd_close *c)
{
    const struct mmd_result *result = &c->client.result;

    if (c->verdict.error != MMD_OK && result->at_proxy)
        c->stage = MMD_STAGE_PROXY;
    c->outcome = c->verdict.outcome;
    if (c->outcome == MMD_OUTCOME_ALREADY_CLOSED && (c->sent_before || result->repeated)) {
        c->by_earlier_try = true;
        c->outcome = MMD_OUTCOME_CLOSED;
    }
    if (c->sent_before && c->delivery == MMD_NOT_SENT)
        c->delivery = MMD_MAYBE_SENT;
    c->step = DONE;
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
    return asked > backoff ? asked : backoff;
}

/* Whether the service may have acted upon a try that ended without its word. */
static bool may_have_closed(const struct mmd_close *c)
{
    unsigned status = c->client.result.status;

    return c->stage == MMD_STAGE_SERVICE && c->client.result.delivery != MMD_NOT_SENT &&
           status != 408 && status != 429;
}

/* Tries again later, if that may help and there is time for it. */
static void end_try(struct mmd_close *c)
{
    if (!mmd_retry_is_passing(c->verdict.outcome)) {
        finish(c);
        return;
    }
    c->again_ms = delay_ms(c);
    if (c->cancelled || c->attempts > c->config->retries || c->again_ms >= total_left(c)) {
        finish(c);
        return;
    }
    c->sent_before = c->sent_before || may_have_closed(c);
    c->try_ms = now_ms(c);
    c->wait_ms = c->again_ms;
    enter(c, WAIT, MMD_STAGE_WAIT);
}

/* Ends a try without an exchange, or without its response. */
static void fail(struct mmd_close *c, int error)
{
    mmd_wipe(c->buf, c->cap);
    c->client.result = (struct mmd_result)MMD_RESULT_NONE;
    c->client.result.error = error;
    c->delivery = MMD_NOT_SENT;
    mmd_closing_judge(&c->verdict, &c->client.result);
    end_try(c);
}

/* ---- the exchanges ---- */

static void connect_to(struct mmd_close *c, const char *host, uint16_t tcp_port,
                       const char *address, bool is_service)
{
    const struct mmd_close_config *config = c->config;

    c->to = (struct mmd_client_config){.port = config->port,
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
static void exchange(struct mmd_close *c, enum step step, size_t len)
{
    int error;

    c->to.timeout_ms = try_left(c);
    if (c->to.timeout_ms == 0) {
        fail(c, MMD_ERR_TIMEOUT);
        return;
    }
    if (c->client.connected)
        error = mmd_client_next(&c->client, c->buf, c->cap, len);
    else
        error = mmd_client_start(&c->client, &c->to, c->buf, c->cap, len);
    c->step = (uint8_t)step;
    if (error != MMD_OK)
        fail(c, error);
}

/* ---- the token ---- */

/* The message in the first half of buf; an assertion may be in the second. */
static void request_token(struct mmd_close *c, const char *assertion)
{
    const struct mmd_credential *credential = c->config->credential;
    size_t cap = assertion != NULL ? c->cap / 2 : c->cap;
    int len = mmd_token_write(c->buf, cap, credential, assertion, c->closing->client_request_id,
                              &c->token_info);

    if (len < 0) {
        fail(c, len);
        return;
    }
    connect_to(c, credential->host, credential->port, c->config->token_address, false);
    exchange(c, GET_TOKEN, (size_t)len);
}

static int write_assertion(struct mmd_close *c)
{
    const struct mmd_credential *credential = c->config->credential;
    const struct mmd_port *port = c->config->port;
    uint8_t thumbprint[MMD_SHA256_LEN], random[16];
    char jti[MMD_GUID_LEN + 1], *assertion = c->buf + c->cap / 2;
    int64_t now = port->calendar_s(port->context);

    if (now < mmd_clock_floor)
        return MMD_ERR_CLOCK;
    if (port->random(port->context, random, sizeof random) != MMD_OK)
        return MMD_ERR_ENTROPY;
    mmd_guid(jti, random);
    int error = mmd_sha256(credential->certificate, credential->certificate_len, thumbprint);
    if (error != MMD_OK)
        return error;
    int len = mmd_assertion_write(assertion, c->cap - c->cap / 2, credential, thumbprint, jti, now);
    if (len < 0)
        return len;
    c->assertion_len = (size_t)len;
    return mmd_sha256(assertion, c->assertion_len, c->digest);
}

/* Every signature is verified before it is sent: some keys' owners take another salt. */
static int sign(struct mmd_close *c)
{
    const struct mmd_credential *credential = c->config->credential;
    uint8_t signature[MMD_SIGNATURE_MAX];
    char *assertion = c->buf + c->cap / 2;
    int len = credential->sign(credential->sign_context, c->digest, signature, sizeof signature);

    if (len < 0)
        return len;
    int error = mmd_verify_ps256(credential->certificate, credential->certificate_len, c->digest,
                                 signature, (size_t)len);
    if (error != MMD_OK)
        return error;
    len =
        mmd_assertion_end(assertion, c->cap - c->cap / 2, c->assertion_len, signature, (size_t)len);
    return len < 0 ? len : MMD_OK;
}

static void begin_token(struct mmd_close *c)
{
    mmd_client_disconnect(&c->client);
    enter(c, FETCH, MMD_STAGE_TOKEN_SERVER);
    if (c->config->credential == NULL)
        return;
    if (c->config->credential->client_secret != NULL) {
        request_token(c, NULL);
        return;
    }
    c->step = SIGN;
    int error = write_assertion(c);
    if (error != MMD_OK)
        fail(c, error);
}

/* ---- the closing ---- */

static void begin_closing(struct mmd_close *c)
{
    struct mmd_closing closing = *c->closing;

    closing.token = c->token->bytes;
    closing.keep_alive = c->config->keep_alive;
    enter(c, CLOSE, MMD_STAGE_SERVICE);
    int len = mmd_closing_write(c->buf, c->cap, &closing, &c->info);
    if (len < 0) {
        fail(c, len);
        return;
    }
    if (!c->client.connected)
        connect_to(c, closing.host, closing.port, c->config->address, true);
    exchange(c, CLOSE, (size_t)len);
}

/* A token that was refused is renewed once; if that one is refused, too, it is not the token. */
static void end_closing(struct mmd_close *c)
{
    mmd_closing_judge(&c->verdict, &c->client.result);
    c->delivery = c->client.result.delivery;
    bool refused =
        c->verdict.outcome == MMD_OUTCOME_NOT_AUTHORISED && c->client.result.status == 401;
    if (!refused || c->renewed || !has_source(c)) {
        end_try(c);
        return;
    }
    c->renewed = true;
    mmd_token_forget(c->token);
    begin_token(c);
}

static int keep_token(struct mmd_close *c, const char *bytes, size_t len, uint32_t lifetime_s)
{
    int error = mmd_token_keep(c->token, bytes, len, lifetime_s, now_ms(c));

    mmd_wipe(c->buf, c->cap);
    return error;
}

static void end_token(struct mmd_close *c)
{
    const struct mmd_port *port = c->config->port;
    struct mmd_token_verdict v;

    mmd_token_judge(&v, &c->client.result, port->calendar_s(port->context));
    c->delivery = MMD_NOT_SENT; /* the closing */
    c->verdict = v.verdict;
    if (v.verdict.error != MMD_OK) {
        end_try(c);
        return;
    }
    int error = keep_token(c, v.token, strlen(v.token), v.lifetime_s);
    if (error != MMD_OK)
        fail(c, error);
    else
        begin_closing(c);
}

/* ---- the steps: MMD_PENDING, with how long to wait, or MMD_OK: go on at once ---- */

/* What no try can mend is found before the first. */
static int check(struct mmd_close *c)
{
    const struct mmd_close_config *config = c->config;
    struct mmd_closing closing = *c->closing;

    closing.token = "-"; /* the token is checked when it is there */
    if (config->try_timeout_ms == 0 || config->try_timeout_ms > TIMEOUT_MAX ||
        config->total_timeout_ms == 0 || config->total_timeout_ms > TIMEOUT_MAX ||
        mmd_closing_write(NULL, 0, &closing, &c->info) == MMD_ERR_INPUT)
        return MMD_ERR_INPUT;
    return config->credential != NULL ? mmd_credential_check(config->credential, &c->token_info)
                                      : MMD_OK;
}

static int begin_try(struct mmd_close *c)
{
    int error = c->attempts == 0 ? check(c) : MMD_OK;

    if (error != MMD_OK) {
        fail(c, error);
        return MMD_OK;
    }
    c->attempts++;
    c->try_ms = now_ms(c);
    if (mmd_token_is_fresh(c->token, c->try_ms) || (!has_source(c) && c->token->len > 0))
        begin_closing(c);
    else if (has_source(c))
        begin_token(c);
    else
        fail(c, MMD_ERR_TOKEN);
    return MMD_OK;
}

static int poll_owner(struct mmd_close *c, int result, uint32_t *wait_ms)
{
    if (result == MMD_PENDING && (*wait_ms = try_left(c)) == 0)
        result = MMD_ERR_TIMEOUT;
    if (*wait_ms > POLL_MS)
        *wait_ms = POLL_MS;
    return result;
}

static int do_fetch(struct mmd_close *c, uint32_t *wait_ms)
{
    uint32_t lifetime_s = MMD_TOKEN_LIFETIME_UNKNOWN;
    int len = poll_owner(c, c->config->fetch(c->config->fetch_context, c->buf, c->cap, &lifetime_s),
                         wait_ms);
    if (len == MMD_PENDING)
        return len;
    int error = len < 0 ? len : keep_token(c, c->buf, (size_t)len, lifetime_s);
    if (error != MMD_OK)
        fail(c, error);
    else
        begin_closing(c);
    return MMD_OK;
}

static int do_sign(struct mmd_close *c, uint32_t *wait_ms)
{
    int error = poll_owner(c, sign(c), wait_ms);

    if (error == MMD_PENDING)
        return error;
    if (error != MMD_OK)
        fail(c, error);
    else
        request_token(c, c->buf + c->cap / 2);
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
    *wait_ms = left(now_ms(c) - c->try_ms, c->wait_ms);
    if (*wait_ms > 0)
        return MMD_PENDING;
    c->step = BEGIN_TRY;
    return MMD_OK;
}

static int advance(struct mmd_close *c, uint32_t *wait_ms)
{
    switch (c->step) {
    case BEGIN_TRY: return begin_try(c);
    case FETCH: return do_fetch(c, wait_ms);
    case SIGN: return do_sign(c, wait_ms);
    case GET_TOKEN: return do_exchange(c, end_token, wait_ms);
    case CLOSE: return do_exchange(c, end_closing, wait_ms);
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
    mmd_close_next(c, closing);
}

void mmd_close_next(struct mmd_close *c, const struct mmd_closing *closing)
{
    c->closing = closing;
    c->outcome = MMD_OUTCOME_INTERNAL;
    c->stage = MMD_STAGE_NONE;
    c->attempts = 0;
    c->again_ms = 0;
    c->by_earlier_try = c->renewed = c->sent_before = c->cancelled = false;
    c->start_ms = now_ms(c);
    c->step = BEGIN_TRY;
}

int mmd_close_step(struct mmd_close *c, uint32_t *wait_ms)
{
    *wait_ms = 0;
    if (c->step != DONE && (advance(c, wait_ms) == MMD_PENDING || c->step != DONE))
        return MMD_PENDING;
    return c->outcome == MMD_OUTCOME_CLOSED ? MMD_OK : c->verdict.error;
}

int mmd_close_run(struct mmd_close *c)
{
    const struct mmd_port *port = c->config->port;
    uint32_t wait_ms;
    int result;

    while ((result = mmd_close_step(c, &wait_ms)) == MMD_PENDING)
        if (wait_ms > 0)
            port->wait(port->context, wait_ms);
    return result;
}

void mmd_close_cancel(struct mmd_close *c)
{
    c->cancelled = true;
    switch (c->step) {
    case DONE: break;
    case WAIT: finish(c); break; /* with what the last try came to */
    case GET_TOKEN:
        mmd_client_cancel(&c->client);
        end_token(c);
        break;
    case CLOSE:
        mmd_client_cancel(&c->client);
        end_closing(c);
        break;
    default: fail(c, MMD_ERR_TIMEOUT);
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
