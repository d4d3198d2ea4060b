/* SPDX-License-Identifier: MIT */
/* The scripted port: a network in memory with a clock of its own, on which everything can be made
 * to happen at any call. Behind it stands a peer, which is given what was sent and gives what is
 * received. Waiting takes no time: it moves the clock. */
#ifndef TEST_SCRIPTED_PORT_H
#define TEST_SCRIPTED_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mmdclose/port.h"

#define SCRIPTED_ADDRESS "192.0.2.1" /* of any host (RFC 5737) */

/* Who is at the other end. */
struct peer {
    void *context;
    void (*accept)(void *context); /* a connection begins */
    void (*take)(void *context, const void *data, size_t len);
    /* Bytes (at most cap), MMD_END_OF_STREAM, MMD_PENDING: nothing until it is given more, or
     * MMD_ERR_NETWORK: it has reset the connection. */
    int (*give)(void *context, void *data, size_t cap);
    /* May be NULL: how much it takes now; the connection was closed. */
    size_t (*room)(void *context);
    void (*ended)(void *context);
};

enum scripted_fault {
    SCRIPTED_NONE,
    SCRIPTED_FAIL,     /* the call fails, and so does the connection from then on */
    SCRIPTED_PENDING,  /* "not yet", this once */
    SCRIPTED_STALL,    /* "not yet", from then on */
    SCRIPTED_CLOSED,   /* the peer ends the stream: receive says so from then on */
    SCRIPTED_ONE_BYTE, /* one byte at a time from then on, "not yet" before each */
    SCRIPTED_ENTROPY   /* random fails, this once */
};

struct scripted_port {
    const struct peer *peer;

    /* The plan: what happens at the call of that number, counted from 1, of connect, send and
     * receive together, or of random. */
    enum scripted_fault fault;
    unsigned long at;

    /* The records. */
    unsigned long calls, asked;
    unsigned long waits, closes;
    unsigned long pending; /* calls that have to come again */
    const char *host;      /* that connect was given last */
    bool happened;         /* the fault has */
    size_t taken;          /* bytes that the peer was given */
    uint32_t now_ms;       /* the monotonic clock: begin it anywhere */
    bool waits_in_full;    /* a wait moves it by all of its time, not by one */
    int64_t calendar;      /* the calendar clock */
    uint64_t seed;         /* the random bytes' */
    bool tried, open, broken, stalled, ended, slow, connect_held, send_held, receive_held;
};

/* Prepares *s, with a right calendar clock and without a fault, and makes *port use it. */
void scripted_port_init(struct scripted_port *s, const struct peer *peer, struct mmd_port *port);

#endif
