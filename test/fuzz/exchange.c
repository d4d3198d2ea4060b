/* SPDX-License-Identifier: MIT */
/* The plan, the server, and what must hold at the end of any exchange. */
#include "exchange.h"

#include <unistd.h>

#include "../scripted/scripted_port.h"
#include "../unit/reference.h"
#include "mmdclose/closing.h"

/* The flags: how the stream ends, and beside that. */
enum { ENDS_IN_ORDER, GOES_SILENT, RESETS, GOES_SILENT_TOO, END = 3 };
enum { WAITS = 4, LATE_CLOCK = 8, CANCELS = 16, KEEPS_SESSION = 32, RUNS = 64, SPOILT = 128 };

#define ADDRESS "192.0.2.1" /* to connect to in place of the host */

/* Bytes that are repeated at most: a little more than any bound on what may be sent in vain. */
#define REPEATED_MAX 73728

/* From here on the recorded certificates are valid, for ten years. */
#define RECORDED 1798761600

int exchange_socket = -1;

/* ---- the server ---- */

struct stream {
    const struct exchange_server *server;
    uint8_t *bytes;
    size_t len, at, message_len;
    size_t pieces[3], given; /* sizes, 0: whole; how many were given */
    size_t taken, of_message;
    unsigned flags, options;
};

static void take(void *context, const void *data, size_t len)
{
    struct stream *s = context;
    const uint8_t *p = data;

    s->taken += len;
    for (size_t i = 0; i < len; i++)
        s->of_message += p[i] == EXCHANGE_MESSAGE;
    if (exchange_socket >= 0 && s->len == 0)
        CHECK(write(exchange_socket, data, len) == (ssize_t)len);
}

static int end(const struct stream *s)
{
    switch (s->flags & END) {
    case ENDS_IN_ORDER: return MMD_END_OF_STREAM;
    case RESETS: return MMD_ERR_NETWORK;
    default: return MMD_PENDING;
    }
}

static int record(void *data, size_t cap)
{
    ssize_t n = read(exchange_socket, data, cap);

    CHECK(n >= 0 && fwrite(data, 1, (size_t)n, stdout) == (size_t)n);
    return n > 0 ? (int)n : MMD_END_OF_STREAM;
}

static int give(void *context, void *data, size_t cap)
{
    struct stream *s = context;
    size_t left = s->len - s->at, len = s->pieces[s->given % 3];

    CHECK(cap > 0);
    if (exchange_socket >= 0 && s->len == 0)
        return record(data, cap);
    if ((s->flags & WAITS) != 0 && s->taken < s->message_len + s->server->expects) {
        size_t now = s->server->greeting > s->at ? s->server->greeting - s->at : 0;
        if (now == 0)
            return MMD_PENDING;
        left = left < now ? left : now;
    }
    if (left == 0)
        return end(s);
    len = len == 0 || len > left ? left : len;
    len = len < cap ? len : cap;
    memcpy(data, s->bytes + s->at, len);
    s->at += len;
    s->given++;
    return (int)len;
}

/* ---- what must hold ---- */

static void check_text(const struct mmd_client *c, const char *text)
{
    CHECK(text != NULL);
    if (*text == '\0')
        return;
    if (text == c->response.challenge) {
        CHECK(memchr(text, '\0', sizeof c->response.challenge) != NULL);
        return;
    }
    CHECK(text >= c->buf && text < c->buf + c->cap);
    size_t room = (size_t)(c->buf + c->cap - text), len = strnlen(text, room);
    CHECK(len < room);
}

static void check_answer(const struct mmd_result *r)
{
    CHECK((r->delivery == MMD_ANSWERED) == (r->error == MMD_OK));
    if (r->delivery == MMD_ANSWERED)
        CHECK(r->status >= 200);
    else
        CHECK(r->body == NULL && r->body_len == 0 && !r->body_cut);
    CHECK(r->retry_after_s >= MMD_RETRY_AFTER_ABSENT && r->retry_after_s <= MMD_RETRY_AFTER_MAX);
    if (r->delivery == MMD_NOT_SENT)
        CHECK(r->status == 0 && *r->request_id == '\0');
}

/* Whether an error is the judge's, of a complete response. */
static bool is_judged(int error)
{
    return error <= MMD_ERR_CODED && error >= MMD_ERR_STATUS;
}

static void check_verdict(const struct mmd_client *c)
{
    const struct mmd_result *r = &c->result;
    struct mmd_verdict verdict;

    mmd_closing_judge(&verdict, r);
    CHECK(verdict.outcome <= MMD_OUTCOME_NO_TOKEN && *mmd_cause_name(verdict.cause) != '\0');
    CHECK((verdict.cause == MMD_CAUSE_NONE) == (verdict.error == MMD_OK));
    if (r->error != MMD_OK)
        CHECK(verdict.error == r->error);
    else if (r->status < 300)
        CHECK(verdict.error == MMD_OK || verdict.error == MMD_ERR_GATEWAY ||
              verdict.error == MMD_ERR_CODED);
    else
        CHECK(is_judged(verdict.error));
    if (!is_judged(verdict.error))
        CHECK(*verdict.code == '\0' && *verdict.message == '\0' && !verdict.message_cut);
    check_text(c, verdict.code);
    check_text(c, verdict.message);
    CHECK((verdict.outcome == MMD_OUTCOME_CLOSED) == (verdict.error == MMD_OK));
    if (verdict.outcome == MMD_OUTCOME_NOT_VERIFIED ||
        verdict.outcome == MMD_OUTCOME_CLOCK_NOT_SET || verdict.outcome == MMD_OUTCOME_USAGE)
        CHECK(r->delivery == MMD_NOT_SENT || verdict.error == MMD_ERR_CLIENT_CERT);
}

static void check_result(const struct mmd_client *c)
{
    const struct mmd_result *r = &c->result;

    CHECK(r->error <= MMD_OK && r->error >= MMD_ERR_STATUS);
    CHECK(r->error != MMD_PENDING && r->error != MMD_END_OF_STREAM);
    CHECK(*mmd_error_text(r->error) != '\0' && *mmd_error_name(r->error) != '\0');
    check_answer(r);
    if (r->body != NULL)
        CHECK(r->body == c->buf && r->body_len <= c->cap - 64);
    CHECK(memchr(c->response.request_id, '\0', sizeof c->response.request_id) != NULL);
    CHECK(memchr(c->response.location, '\0', sizeof c->response.location) != NULL);
    check_verdict(c);
}

/* Nothing of the message is left in the buffer, nor did any of it leave unsaid. */
static void check_secrecy(const struct mmd_client *c, const struct stream *s)
{
    CHECK(memchr(c->buf, EXCHANGE_MESSAGE, c->cap) == NULL || !s->server->is_plain);
    for (size_t i = 0; i + 16 <= c->cap; i++) /* in a stream of records, not sixteen in a row */
        CHECK(memcmp(c->buf + i, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
                     16) != 0);
    if (s->server->is_plain && c->result.delivery == MMD_NOT_SENT)
        CHECK(s->of_message == 0);
}

static void check_end(struct mmd_client *c, struct scripted_port *port, const struct stream *s,
                      uint32_t began_ms)
{
    uint32_t wait_ms = 1, took = port->now_ms - began_ms;
    const char *to = c->config->address != NULL ? c->config->address : c->config->tls.host;

    CHECK(c->phase == MMD_PHASE_DONE && port->closes == 1 && !port->open);
    CHECK(port->host == NULL || port->host == to);
    CHECK(took <= EXCHANGE_TIMEOUT_MS);
    CHECK(c->result.error != MMD_ERR_TIMEOUT || took == EXCHANGE_TIMEOUT_MS ||
          (s->flags & CANCELS) != 0);
    CHECK(mmd_client_step(c, &wait_ms) == c->result.error && wait_ms == 0);
    mmd_client_cancel(c);
    CHECK(port->closes == 1);
    check_result(c);
    check_secrecy(c, s);
}

/* ---- the exchange ---- */

/* Each step gets on by a byte, or waits, if the port has nothing now; or nearly each. (A run counts
 * none.) Returns whether it was cancelled. */
static bool step_to_the_end(struct mmd_client *c, const struct stream *s, unsigned cancel_at)
{
    const struct mmd_port *port = c->config->port;
    const struct scripted_port *scripted = port->context;
    size_t most = 4 * (s->len + s->message_len + EXCHANGE_TIMEOUT_MS) + 1000, steps = 0;
    bool cancelled = false;
    unsigned long pending = 0;
    uint32_t wait_ms;
    int error;

    if ((s->flags & RUNS) != 0)
        CHECK(mmd_client_run(c) == c->result.error);
    while ((error = mmd_client_step(c, &wait_ms)) == MMD_PENDING) {
        CHECK(++steps < most && wait_ms <= EXCHANGE_TIMEOUT_MS);
        CHECK(wait_ms == 0 || scripted->pending > pending);
        pending = scripted->pending;
        cancelled = (s->flags & CANCELS) != 0 && steps > cancel_at;
        if (cancelled)
            mmd_client_cancel(c);
        else if (wait_ms > 0)
            port->wait(port->context, wait_ms);
    }
    CHECK(error == c->result.error);
    return cancelled;
}

static void put(struct stream *s, const uint8_t *from, size_t len)
{
    if (len > 0)
        memcpy(s->bytes + s->len, from, len);
    s->len += len;
}

static void read_stream(struct stream *s, struct input *in)
{
    bool repeats = (s->options & EXCHANGE_REPEATS) != 0;
    size_t from = repeats ? take_two(in) : 0, piece = repeats ? 1 + take_byte(in) : 0;
    size_t times = repeats ? 64 * take_byte(in) : 0;
    size_t len = (s->options & EXCHANGE_AGAIN) != 0 ? take_two(in) : in->len;

    len = len < in->len ? len : in->len;
    from = from < len ? from : len;
    piece = piece < len - from ? piece : len - from;
    if (piece * times > REPEATED_MAX)
        times = REPEATED_MAX / piece;
    s->bytes = (uint8_t *)exact_room(len + piece * times);
    put(s, in->p, from);
    for (size_t i = 0; i < times; i++)
        put(s, in->p + from, piece);
    put(s, in->p + from, len - from);
    in->p += len;
    in->len -= len;
    for (size_t i = 0; i < s->len && s->server->is_plain; i++)
        if (s->bytes[i] == EXCHANGE_MESSAGE)
            s->bytes[i] = EXCHANGE_MESSAGE - 1;
}

/* Makes one thing of a start unusable. */
static void spoil(struct mmd_client_config *config, size_t *cap, size_t *len, unsigned how)
{
    static const struct mmd_trust none = {(const uint8_t *)"", 1};
    static char long_host[255];

    memset(long_host, 'a', sizeof long_host - 1);
    switch (how % 9) {
    case 0: config->tls.host = NULL; break;
    case 1: config->tls.host = ""; break;
    case 2: config->tls.host = long_host; break;
    case 3: *len = 0; break;
    case 4: *len = *cap + 1; break;
    case 5: *cap = how / 9; break;
    case 6: config->timeout_ms = 0; break;
    case 7: config->timeout_ms = 0x80000000; break;
    default: config->tls.trust = &none;
    }
}

/* Leaves of what the configuration may have what the plan wants; returns whether it has a session
 * to resume. */
static bool configure(struct mmd_client_config *config, const struct stream *s)
{
    config->timeout_ms = EXCHANGE_TIMEOUT_MS;
    config->address = ADDRESS;
    if ((s->options & EXCHANGE_GIVES_ALL) == 0) {
        config->address = NULL;
        config->tls.on_certificate = NULL;
        config->tls.allocation_failures = NULL;
    }
    if ((s->flags & KEEPS_SESSION) == 0)
        config->tls.session = NULL;
    return config->tls.session != NULL && config->tls.session->len > 0;
}

struct exchange_end exchange(struct input *in, const struct exchange_server *server,
                             struct mmd_client_config config)
{
    struct stream s = {.server = server};
    struct peer peer = {.context = &s, .take = take, .give = give};
    struct scripted_port scripted;
    struct mmd_port port;
    struct mmd_client c;

    scripted_port_init(&scripted, &peer, &port);
    s.options = take_byte(in);
    scripted.fault = (enum scripted_fault)(s.options % 8 % (SCRIPTED_ENTROPY + 1));
    scripted.at = take_two(in);
    size_t cap = 64 + take_two(in) % 4096;
    s.message_len = 1 + take_byte(in) * 16u % cap;
    for (size_t i = 0; i < 3; i++)
        s.pieces[i] = take_byte(in);
    s.flags = take_byte(in);
    unsigned cancel_at = take_byte(in);
    unsigned short_at = (s.options & EXCHANGE_SHORT) != 0 ? take_two(in) : 0;
    read_stream(&s, in);
    scripted.now_ms = (s.flags & LATE_CLOCK) != 0 ? UINT32_MAX - EXCHANGE_TIMEOUT_MS / 2 : 0;
    uint32_t began_ms = scripted.now_ms;
    if (scripted.calendar < RECORDED)
        scripted.calendar = RECORDED;
    if ((s.options & EXCHANGE_NO_CLOCK) != 0)
        scripted.calendar = MMD_CLOCK_NOT_SET;

    config.port = &port;
    bool kept = configure(&config, &s), cancelled = false;
    if (server->start != NULL)
        server->start(&port, short_at);
    if ((s.flags & SPOILT) != 0)
        spoil(&config, &cap, &s.message_len, cancel_at);
    char *buf = exact_room(cap);
    memset(buf, 0, cap);
    memset(buf, EXCHANGE_MESSAGE,
           s.message_len < cap ? s.message_len : cap); /* only what was used is wiped */
    if (mmd_client_start(&c, &config, buf, cap, s.message_len) == MMD_OK) {
        CHECK((s.flags & SPOILT) == 0);
        cancelled = step_to_the_end(&c, &s, cancel_at);
        check_end(&c, &scripted, &s, began_ms);
    } else {
        CHECK(cap == 0 || memchr(buf, EXCHANGE_MESSAGE, cap) == NULL);
    }
    CHECK(kept || !c.result.resumed);
    if (kept && !c.result.resumed && c.result.delivery != MMD_NOT_SENT)
        CHECK(config.tls.session->len == 0); /* it was offered, and refused */
    if (server->check != NULL)
        server->check(&c, cancelled);
    free(buf);
    free(s.bytes);
    return (struct exchange_end){c.result.error, c.result.resumed};
}
