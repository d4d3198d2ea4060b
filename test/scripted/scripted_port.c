/* SPDX-License-Identifier: MIT */
/* A network in memory. */
#include "scripted_port.h"

#include <string.h>

#include "mmdclose/port.h"

/* Counts a call; whether the fault happens at this one. */
static bool strikes(struct scripted_port *s)
{
    if (++s->calls != s->at || s->fault == SCRIPTED_NONE || s->fault == SCRIPTED_ENTROPY)
        return false;
    s->happened = true;
    s->broken |= s->fault == SCRIPTED_FAIL;
    s->stalled |= s->fault == SCRIPTED_STALL;
    s->ended |= s->fault == SCRIPTED_CLOSED;
    s->slow |= s->fault == SCRIPTED_ONE_BYTE;
    return s->fault == SCRIPTED_PENDING;
}

/* Whether a call has to come again; every other one does if the network is slow. */
static bool is_pending(struct scripted_port *s, bool struck, bool *held_up)
{
    *held_up = s->slow && !*held_up;
    bool pending = struck || s->stalled || *held_up;
    s->pending += pending;
    return pending;
}

static int port_connect(void *context, const char *host, uint16_t tcp_port)
{
    struct scripted_port *s = context;
    bool struck = strikes(s);

    (void)tcp_port;
    s->host = host;
    s->tried = true;
    if (s->broken)
        return MMD_ERR_CONNECT;
    if (is_pending(s, struck, &s->connect_held))
        return MMD_PENDING;
    if (!s->open && s->peer->accept != NULL)
        s->peer->accept(s->peer->context);
    s->open = true;
    return MMD_OK;
}

static int port_send(void *context, const void *data, size_t len)
{
    struct scripted_port *s = context;
    bool struck = strikes(s);

    if (s->broken || !s->open)
        return MMD_ERR_NETWORK;
    if (is_pending(s, struck, &s->send_held))
        return MMD_PENDING;
    if (s->slow)
        len = 1;
    size_t room = s->peer->room != NULL ? s->peer->room(s->peer->context) : len;
    s->pending += room == 0;
    if (room == 0)
        return MMD_PENDING;
    if (len > room)
        len = room;
    s->peer->take(s->peer->context, data, len);
    s->taken += len;
    return (int)len;
}

static int port_receive(void *context, void *data, size_t cap)
{
    struct scripted_port *s = context;
    bool struck = strikes(s);

    if (s->broken || !s->open)
        return MMD_ERR_NETWORK;
    if (s->ended)
        return MMD_END_OF_STREAM;
    if (is_pending(s, struck, &s->receive_held))
        return MMD_PENDING;
    int n = s->peer->give(s->peer->context, data, s->slow ? 1 : cap);
    s->pending += n == MMD_PENDING;
    s->broken = n == MMD_ERR_NETWORK;
    s->ended = n == MMD_END_OF_STREAM;
    return n;
}

static void port_wait(void *context, uint32_t timeout_ms)
{
    struct scripted_port *s = context;

    s->waits++;
    if (timeout_ms > 0) /* earlier than asked is allowed */
        s->now_ms += s->waits_in_full ? timeout_ms : 1;
}

static void port_report(void *context, struct mmd_port_report *out)
{
    const struct scripted_port *s = context;

    *out = (struct mmd_port_report){.address = ""};
    if (s->tried)
        memcpy(out->address, SCRIPTED_ADDRESS, sizeof SCRIPTED_ADDRESS);
}

static void port_close(void *context)
{
    struct scripted_port *s = context;

    s->closes++;
    if (s->open && s->peer->ended != NULL)
        s->peer->ended(s->peer->context);
    s->tried = s->open = s->broken = s->stalled = s->ended = s->slow = false;
}

static uint32_t port_monotonic_ms(void *context)
{
    return ((const struct scripted_port *)context)->now_ms;
}

static int64_t port_calendar_s(void *context)
{
    return ((const struct scripted_port *)context)->calendar;
}

/* Not random at all, so that a run can be repeated. (splitmix64) */
static int port_random(void *context, void *data, size_t len)
{
    struct scripted_port *s = context;

    if (++s->asked == s->at && s->fault == SCRIPTED_ENTROPY) {
        s->happened = true;
        return MMD_ERR_ENTROPY;
    }
    for (unsigned char *p = data; len > 0; len--) {
        uint64_t z = s->seed += 0x9E3779B97F4A7C15u;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
        z = (z ^ z >> 27) * 0x94D049BB133111EBu;
        *p++ = (unsigned char)(z >> 56);
    }
    return MMD_OK;
}

void scripted_port_init(struct scripted_port *s, const struct peer *peer, struct mmd_port *port)
{
    memset(s, 0, sizeof *s);
    s->peer = peer;
    s->calendar = (int64_t)mmd_clock_floor + 86400;
    *port = (struct mmd_port){.context = s,
                              .connect = port_connect,
                              .send = port_send,
                              .receive = port_receive,
                              .wait = port_wait,
                              .report = port_report,
                              .disconnect = port_close,
                              .monotonic_ms = port_monotonic_ms,
                              .calendar_s = port_calendar_s,
                              .random = port_random};
}
