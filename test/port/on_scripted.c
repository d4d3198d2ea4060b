/* SPDX-License-Identifier: MIT */
/* The scripted port's conformance: a peer in memory. It has no names. */
#include <stdio.h>

#include "peer.h"
#include "scripted_port.h"
#include "verdict.h"

#define REFUSED 1

static struct port_peer peer;
static struct scripted_port scripted;
static int (*connect_really)(void *context, const char *host, uint16_t tcp_port);

static void accept_one(void *context)
{
    port_peer_accept(context, scripted.now_ms);
}

static void take(void *context, const void *data, size_t len)
{
    port_peer_take(context, data, len);
}

static size_t room(void *context)
{
    return port_peer_room(context);
}

static int give(void *context, void *data, size_t cap)
{
    static const int results[] = {
        [PEER_GO_ON] = MMD_PENDING, [PEER_END] = MMD_END_OF_STREAM, [PEER_RESET] = MMD_ERR_NETWORK};
    size_t n = port_peer_give(context, data, cap);

    return n > 0 ? (int)n : results[port_peer_wish(context)];
}

static void ended(void *context)
{
    port_peer_ended(context, "fin", scripted.now_ms);
}

static int connect_or_refuse(void *context, const char *host, uint16_t tcp_port)
{
    scripted.fault = SCRIPTED_FAIL;
    scripted.at = tcp_port == REFUSED ? scripted.calls + 1 : 0;
    return connect_really(context, host, tcp_port);
}

static void report(void *context, enum conformance_verdict verdict, const char *words,
                   const char *proof)
{
    (void)context;
    printf("%s%s: %s\n", verdict_text(verdict), words, proof);
}

int main(void)
{
    static const struct peer behind = {&peer, accept_one, take, give, room, ended};
    struct mmd_port port;
    struct conformance c = {.port = &port,
                            .address = SCRIPTED_ADDRESS,
                            .tcp_port = REFUSED + 1,
                            .refused_port = REFUSED,
                            .report = report};

    scripted_port_init(&scripted, &behind, &port);
    connect_really = port.connect;
    port.connect = connect_or_refuse;
    return conformance_run(&c) == 0 ? 0 : 1;
}
