/* SPDX-License-Identifier: MIT */
/* The engine: one function for each phase, one step for all. */
#include "mmdclose/client.h"

#include <string.h>

#include "text/hostname.h"
#include "text/wipe.h"
#include "tls/tls.h"

#define TIMEOUT_MAX 0x7FFFFFFFu
#define WINDOW      64 /* the least that is read at a time; kept free after the body */

static uint32_t elapsed_ms(const struct mmd_client *c)
{
    const struct mmd_port *port = c->config->port;

    return port->monotonic_ms(port->context) - c->start_ms;
}

/* ---- the end ---- */

static void report_tls(struct mmd_client *c, int error)
{
    struct mmd_tls_info info;

    mmd_tls_info(&c->tls, &info);
    if (error != MMD_OK)
        c->result.detail = info.detail;
    c->result.valid_from = info.valid_from;
    c->result.valid_to = info.valid_to;
    c->result.checked_at = info.checked_at;
    if (c->phase > MMD_PHASE_HANDSHAKE) {
        c->result.tls_version = info.version;
        c->result.tls_suite = info.suite;
        c->result.resumed = info.resumed;
    }
}

/* The system's own cause, where it has one, says more than the TLS library's. */
static void report_port(struct mmd_client *c, int error)
{
    const struct mmd_port *port = c->config->port;
    struct mmd_port_report report = {.address = ""};

    port->report(port->context, &report);
    memcpy(c->result.address, report.address, sizeof report.address);
    c->result.at_proxy = report.at_proxy;
    if (error != MMD_OK && report.detail.kind != MMD_DETAIL_NONE)
        c->result.detail = report.detail;
}

static void report_response(struct mmd_client *c)
{
    struct mmd_response *r = &c->response;

    c->result.status = r->status;
    c->result.request_id = r->request_id;
    if (r->request_id_name != NULL)
        c->result.request_id_name = r->request_id_name;
    c->result.challenge = r->challenge;
    c->result.location = r->location;
    c->result.bearer = r->bearer;
    c->result.coded = r->coded;
    if (r->head_complete) {
        c->result.retry_after_s = r->retry_after_s;
        c->result.retry_at = r->retry_at;
        c->result.date = r->date;
    }
}

/* Wipes what buf has held, but for the first bytes. */
static void wipe_after(struct mmd_client *c, size_t kept)
{
    if (c->used > kept)
        mmd_wipe(c->buf + kept, c->used - kept);
    c->used = kept;
}

/* Leaves nothing of the message, and what the server may have said back only in the body. */
static void wipe(struct mmd_client *c)
{
    wipe_after(c, c->phase < MMD_PHASE_RECEIVE ? 0 : c->response.body_len);
    mmd_wipe(c->response.line, sizeof c->response.line);
}

/* Notifies the server, if it was verified, and gives the connection up. */
static void disconnect(struct mmd_client *c)
{
    const struct mmd_port *port = c->config->port;

    if (c->phase > MMD_PHASE_HANDSHAKE)
        mmd_tls_close_notify(&c->tls);
    mmd_tls_end(&c->tls);
    port->disconnect(port->context);
    c->connected = false;
}

/* Ends the exchange, and the connection, unless it can be kept. */
static int finish(struct mmd_client *c, int error)
{
    report_tls(c, error);
    report_port(c, error);
    report_response(c);
    c->connected = error == MMD_OK && c->config->keep_alive && c->response.reusable &&
                   c->sent == c->len; /* else the rest would be taken for the next message */
    if (!c->connected)
        disconnect(c);
    wipe(c);
    c->result.error = error;
    c->phase = MMD_PHASE_DONE;
    return error;
}

static int finish_answered(struct mmd_client *c)
{
    c->result.delivery = MMD_ANSWERED;
    c->result.body = c->buf;
    c->result.body_len = c->response.body_len;
    c->result.body_cut = c->response.body_cut;
    return finish(c, MMD_OK);
}

/* ---- the phases: MMD_OK means that there may be more to do at once ---- */

static int do_connect(struct mmd_client *c)
{
    const struct mmd_client_config *config = c->config;
    const char *to = config->address != NULL ? config->address : config->tls.host;
    int error = config->port->connect(config->port->context, to, config->tcp_port);

    if (error == MMD_OK)
        c->phase = MMD_PHASE_HANDSHAKE;
    return error;
}

static int do_handshake(struct mmd_client *c)
{
    bool done;
    int error = mmd_tls_handshake(&c->tls, &done);

    if (done)
        c->phase = MMD_PHASE_SEND;
    return done && c->config->verify_only ? finish(c, MMD_OK) : error;
}

/* Whether the message may have to be sent again. A server may end a connection that is idle just
 * when a message comes, unseen: then it says nothing to that. */
static bool may_repeat(const struct mmd_client *c)
{
    return c->result.kept && c->config->repeatable && !c->result.repeated && !c->heard;
}

static int begin_receiving(struct mmd_client *c)
{
    if (!may_repeat(c))
        wipe_after(c, c->response.body_len);
    c->phase = MMD_PHASE_RECEIVE;
    return MMD_OK;
}

static int end_of_stream(struct mmd_client *c, int how)
{
    int error = mmd_response_end_of_stream(&c->response);

    if (error == MMD_OK && how != MMD_END_OF_STREAM)
        error = MMD_ERR_TRUNCATED;
    return error == MMD_OK ? finish_answered(c) : error;
}

static void note_used(struct mmd_client *c, size_t len)
{
    if (c->used < len)
        c->used = len;
}

/* Reads into a window of WINDOW bytes, or, if that is NULL, into buf after the body, where TLS and
 * the parser also leave what is not of the body. */
static int read_some(struct mmd_client *c, char *window)
{
    size_t at = c->response.body_len;
    char *to = window != NULL ? window : c->buf + at;
    int n = mmd_tls_receive(&c->tls, to, window != NULL ? WINDOW : c->cap - at);

    if (n == MMD_END_OF_STREAM || n == MMD_ERR_TRUNCATED)
        return end_of_stream(c, n);
    if (n > 0) {
        c->heard = true;
        note_used(c, window != NULL ? 0 : at + (size_t)n);
        n = mmd_response_feed(&c->response, to, (size_t)n);
        note_used(c, c->response.body_len);
    }
    return n < 0 ? n : MMD_OK;
}

/* Reads without overwriting the message, which is still needed: only the body does. While the
 * message cannot go on, the response may be there already. An interim one changes nothing, a final
 * one ends the sending. */
static int read_early(struct mmd_client *c)
{
    char window[WINDOW];
    int error = read_some(c, window);
    bool enough = c->phase == MMD_PHASE_RECEIVE ? c->heard : c->response.head_complete;

    mmd_wipe(window, sizeof window);
    return error == MMD_OK && enough ? begin_receiving(c) : error;
}

static int do_send(struct mmd_client *c)
{
    c->result.delivery = MMD_MAYBE_SENT;
    int n = mmd_tls_send(&c->tls, c->buf + c->sent, c->len - c->sent);

    if (n == MMD_PENDING)
        return read_early(c);
    if (n < 0) { /* the server may have answered before it hung up */
        c->send_error = n;
        return begin_receiving(c);
    }
    c->sent += (size_t)n;
    return c->sent == c->len ? begin_receiving(c) : MMD_OK;
}

static int do_receive(struct mmd_client *c)
{
    const struct mmd_response *r = &c->response;

    if (r->done)
        return finish_answered(c);
    int error = may_repeat(c) ? read_early(c) : read_some(c, NULL);
    bool failed = error != MMD_OK && error != MMD_PENDING && c->phase != MMD_PHASE_DONE;
    bool says_why = error == MMD_ERR_CLIENT_CERT; /* the alert was on its way when sending failed */
    return failed && c->send_error != MMD_OK && !says_why ? c->send_error : error;
}

/* ---- the interface ---- */

static int check(const struct mmd_client_config *config, size_t cap, size_t len)
{
    const char *host = config->tls.host;
    struct mmd_fault fault;
    size_t at = 0, anchor;

    if (!mmd_check_hostname(host, &fault) || (len == 0) != config->verify_only || len > cap ||
        cap < WINDOW || config->timeout_ms == 0 || config->timeout_ms > TIMEOUT_MAX)
        return MMD_ERR_INPUT;
    if (config->tls.trust == NULL || (config->tls.find_anchors == NULL &&
                                      mmd_trust_next(config->tls.trust, &at, &anchor) == NULL))
        return MMD_ERR_TRUST;
    return MMD_OK;
}

static int prepare(struct mmd_client *c, char *buf, size_t cap, size_t len)
{
    c->result = (struct mmd_result)MMD_RESULT_NONE;
    c->buf = buf;
    c->cap = cap;
    c->len = c->used = len;
    return check(c->config, cap, len);
}

static int begin_time(struct mmd_client *c)
{
    c->start_ms = c->config->port->monotonic_ms(c->config->port->context);
    return MMD_OK;
}

/* Begins, or begins again, with the first byte. */
static void begin_message(struct mmd_client *c, enum mmd_phase phase)
{
    c->phase = phase;
    c->sent = 0;
    c->send_error = MMD_OK;
    c->heard = false;
    mmd_response_begin(&c->response, c->buf, c->cap - WINDOW);
}

static int begin_connection(struct mmd_client *c)
{
    begin_message(c, MMD_PHASE_CONNECT);
    return mmd_tls_begin(&c->tls, &c->config->tls, c->config->port);
}

static int refuse(struct mmd_client *c, int error)
{
    mmd_wipe(c->buf, c->cap);
    c->result.error = error;
    c->phase = MMD_PHASE_DONE;
    return error;
}

int mmd_client_start(struct mmd_client *c, const struct mmd_client_config *config, char *buf,
                     size_t cap, size_t len)
{
    memset(c, 0, sizeof *c);
    c->config = config;
    int error = prepare(c, buf, cap, len);
    if (error == MMD_OK)
        error = begin_connection(c);
    return error == MMD_OK ? begin_time(c) : refuse(c, error);
}

/* Whether a connection that was kept is still as it was left: all that can have come on it is its
 * end, or what belongs to no request. */
static bool is_idle(struct mmd_client *c)
{
    char scrap;

    return mmd_tls_receive(&c->tls, &scrap, sizeof scrap) == MMD_PENDING &&
           !mmd_tls_has_paused(&c->tls);
}

int mmd_client_next(struct mmd_client *c, char *buf, size_t cap, size_t len)
{
    if (c->connected && !is_idle(c))
        mmd_client_disconnect(c);
    if (!c->connected)
        return mmd_client_start(c, c->config, buf, cap, len);
    int error = prepare(c, buf, cap, len);
    if (error != MMD_OK)
        return refuse(c, error); /* the connection is still there */
    c->connected = false;
    c->result.kept = true;
    begin_message(c, MMD_PHASE_SEND);
    return begin_time(c);
}

void mmd_client_disconnect(struct mmd_client *c)
{
    if (c->connected)
        disconnect(c);
}

static int advance(struct mmd_client *c)
{
    switch (c->phase) {
    case MMD_PHASE_CONNECT: return do_connect(c);
    case MMD_PHASE_HANDSHAKE: return do_handshake(c);
    case MMD_PHASE_SEND: return do_send(c);
    case MMD_PHASE_RECEIVE: return do_receive(c);
    case MMD_PHASE_DONE: break;
    }
    return c->result.error;
}

/* Sends the message once more, on a new connection. */
static int repeat(struct mmd_client *c)
{
    disconnect(c);
    c->result.repeated = true;
    return begin_connection(c);
}

int mmd_client_step(struct mmd_client *c, uint32_t *wait_ms)
{
    *wait_ms = 0;
    if (c->phase == MMD_PHASE_DONE)
        return c->result.error;
    if (elapsed_ms(c) >= c->config->timeout_ms)
        return finish(c, MMD_ERR_TIMEOUT);

    int result = advance(c);
    if (c->phase == MMD_PHASE_DONE)
        return result;
    if ((result == MMD_ERR_NETWORK || result == MMD_ERR_EMPTY) && may_repeat(c))
        result = repeat(c);
    if (result != MMD_OK && result != MMD_PENDING)
        return finish(c, result);
    uint32_t elapsed = elapsed_ms(c);
    if (result == MMD_PENDING && !mmd_tls_has_paused(&c->tls) && elapsed < c->config->timeout_ms)
        *wait_ms = c->config->timeout_ms - elapsed;
    return MMD_PENDING;
}

int mmd_client_run(struct mmd_client *c)
{
    const struct mmd_port *port = c->config->port;
    uint32_t wait_ms;
    int result;

    while ((result = mmd_client_step(c, &wait_ms)) == MMD_PENDING)
        if (wait_ms > 0)
            port->wait(port->context, wait_ms);
    return result;
}

void mmd_client_cancel(struct mmd_client *c)
{
    if (c->phase != MMD_PHASE_DONE)
        finish(c, MMD_ERR_TIMEOUT);
}
