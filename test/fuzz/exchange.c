/* The plan, the server, and what must hold at the end of any exchange. */
#include "exchange.h"

#include <unistd.h>

#include "../scripted/scripted_port.h"
#include "../unit/reference.h"
#include "mmdclose/outcome.h"

/* The flags: how the stream ends, and beside that. */
enum { ENDS_IN_ORDER, GOES_SILENT, RESETS, GOES_SILENT_TOO, END = 3 };
enum { WAITS = 4, LATE_CLOCK = 8, CANCELS = 16, KEEPS_SESSION = 32, RUNS = 64, SPOILT = 128 };

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
    unsigned flags;
};

static void take(void *context, const void *data, size_t len)
{
    struct stream *s = context;
    const uint8_t *p = data;

    s->taken += len;
    for (size_t i = 0; i < len; i++)
        s->of_message += p[i] == EXCHANGE_MESSAGE;
    if (exchange_socket >= 0)
        CHECK(write(exchange_socket, data, len) == (ssize_t)len);
}

static int end(const struct stream *s)
{
    switch (s->flags & END) {
    case ENDS_IN_ORDER: return MMD_CLOSED;
    case RESETS: return MMD_ERR_NETWORK;
    default: return MMD_PENDING;
    }
}

static int record(void *data, size_t cap)
{
    ssize_t n = read(exchange_socket, data, cap);

    CHECK(n >= 0 && fwrite(data, 1, (size_t)n, stdout) == (size_t)n);
    return n > 0 ? (int)n : MMD_CLOSED;
}

static int give(void *context, void *data, size_t cap)
{
    struct stream *s = context;
    size_t left = s->len - s->at, len = s->pieces[s->given % 3];

    if (exchange_socket >= 0)
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
    CHECK(text >= c->buf && text < c->buf + c->cap);
    size_t room = (size_t)(c->buf + c->cap - text), len = strnlen(text, room);
    CHECK(len < room && reference_is_utf8(text, len));
}

static void check_answer(const struct mmd_result *r)
{
    bool is_2xx = r->status >= 200 && r->status < 300;

    CHECK((r->delivery == MMD_ANSWERED) ==
          (r->error == MMD_OK || r->error == MMD_ERR_STATUS || r->error == MMD_ERR_GATEWAY));
    if (r->delivery == MMD_ANSWERED)
        CHECK(is_2xx == (r->error != MMD_ERR_STATUS) && r->status >= 200);
    if (r->error != MMD_ERR_STATUS)
        CHECK(*r->code == '\0' && *r->message == '\0' && !r->message_cut);
    if (r->error != MMD_OK)
        CHECK(r->body == NULL && r->body_len == 0);
    CHECK(r->retry_after_s >= MMD_RETRY_AFTER_ABSENT && r->retry_after_s <= MMD_RETRY_AFTER_MAX);
    if (r->delivery == MMD_NOT_SENT)
        CHECK(r->status == 0 && *r->request_id == '\0');
}

static void check_result(const struct mmd_client *c)
{
    const struct mmd_result *r = &c->result;

    CHECK(r->error <= MMD_OK && r->error >= MMD_ERR_STATUS);
    CHECK(r->error != MMD_PENDING && r->error != MMD_CLOSED);
    CHECK(*mmd_error_text(r->error) != '\0' && *mmd_error_name(r->error) != '\0');
    check_answer(r);
    check_text(c, r->code);
    check_text(c, r->message);
    if (r->body != NULL)
        CHECK(r->body == c->buf && r->body_len <= c->cap - 64);
    CHECK(memchr(c->response.request_id, '\0', sizeof c->response.request_id) != NULL);
    enum mmd_outcome outcome = mmd_outcome(r);
    CHECK((outcome == MMD_OUTCOME_CLOSED) == (r->error == MMD_OK));
    if (outcome == MMD_OUTCOME_NOT_VERIFIED || outcome == MMD_OUTCOME_CLOCK_NOT_SET ||
        outcome == MMD_OUTCOME_USAGE)
        CHECK(r->delivery == MMD_NOT_SENT);
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

    CHECK(c->phase == MMD_DONE && port->closes == 1 && !port->open);
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

/* Each step gets on by a byte, or waits; or nearly each. (A run counts none.) */
static void step_to_the_end(struct mmd_client *c, const struct stream *s, unsigned cancel_at)
{
    const struct mmd_port *port = c->config->port;
    size_t most = 4 * (s->len + s->message_len + EXCHANGE_TIMEOUT_MS) + 1000, steps = 0;
    uint32_t wait_ms;

    if ((s->flags & RUNS) != 0)
        (void)mmd_client_run(c);
    while (mmd_client_step(c, &wait_ms) == MMD_PENDING) {
        CHECK(++steps < most && wait_ms <= EXCHANGE_TIMEOUT_MS);
        if ((s->flags & CANCELS) != 0 && steps > cancel_at)
            mmd_client_cancel(c);
        else if (wait_ms > 0)
            port->wait(port->context, wait_ms);
    }
}

static void read_stream(struct stream *s, struct input *in)
{
    s->bytes = (uint8_t *)exact_copy(in->p, in->len);
    s->len = in->len;
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
    case 0: config->host = NULL; break;
    case 1: config->host = ""; break;
    case 2: config->host = long_host; break;
    case 3: *len = 0; break;
    case 4: *len = *cap + 1; break;
    case 5: *cap = how / 9; break;
    case 6: config->timeout_ms = 0; break;
    case 7: config->timeout_ms = 0x80000000; break;
    default: config->trust = &none;
    }
}

int exchange(struct input *in, const struct exchange_server *server,
             struct mmd_client_config config)
{
    struct stream s = {.server = server};
    struct peer peer = {.context = &s, .take = take, .give = give};
    struct scripted_port scripted;
    struct mmd_port port;
    struct mmd_client c;

    scripted_port_init(&scripted, &peer, &port);
    scripted.fault = (enum scripted_fault)(take_byte(in) % (SCRIPTED_ENTROPY + 1));
    scripted.at = take_two(in);
    size_t cap = 64 + take_two(in) % 4096;
    s.message_len = 1 + take_byte(in) * 16u % cap;
    for (size_t i = 0; i < 3; i++)
        s.pieces[i] = take_byte(in);
    s.flags = take_byte(in);
    unsigned cancel_at = take_byte(in);
    read_stream(&s, in);
    scripted.now_ms = (s.flags & LATE_CLOCK) != 0 ? UINT32_MAX - EXCHANGE_TIMEOUT_MS / 2 : 0;
    uint32_t began_ms = scripted.now_ms;
    if (scripted.calendar < RECORDED)
        scripted.calendar = RECORDED;

    config.port = &port;
    config.timeout_ms = EXCHANGE_TIMEOUT_MS;
    if ((s.flags & KEEPS_SESSION) == 0)
        config.session = NULL;
    if (server->start != NULL)
        server->start(&port);
    if ((s.flags & SPOILT) != 0)
        spoil(&config, &cap, &s.message_len, cancel_at);
    char *buf = exact_room(cap);
    memset(buf, EXCHANGE_MESSAGE, cap);
    if (mmd_client_start(&c, &config, buf, cap, s.message_len) == MMD_OK) {
        CHECK((s.flags & SPOILT) == 0);
        step_to_the_end(&c, &s, cancel_at);
        check_end(&c, &scripted, &s, began_ms);
    } else {
        CHECK(cap == 0 || memchr(buf, EXCHANGE_MESSAGE, cap) == NULL);
    }
    int error = c.result.error;
    free(buf);
    free(s.bytes);
    return error;
}
