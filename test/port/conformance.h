/* SPDX-License-Identifier: MIT */
/* Checks a port against the sentences of mmdclose/port.h, with a peer (conformance-peer, or peer.h
 * in memory). It allocates nothing, prints nothing and needs only string.h of the C library: it
 * runs on bare metal, too. It takes 13 KB of static memory. A port that blocks where it must not
 * keeps it for ever: run it under a time limit; the last check reported as TRYING is the one that
 * hangs.
 *
 * It cannot find out: whether random bytes can be guessed; how exact waits and clocks are over
 * days; whether a first address that is silent, rather than refusing, is given up for the second;
 * what becomes of much unsent data at disconnect; whether a call blocks for some tens of
 * milliseconds. */
#ifndef TEST_PORT_CONFORMANCE_H
#define TEST_PORT_CONFORMANCE_H

#include "mmdclose/port.h"

enum conformance_verdict {
    CONFORMANCE_HOLDS,
    CONFORMANCE_BROKEN,
    CONFORMANCE_NOT_CHECKED,
    CONFORMANCE_TRYING /* not known yet */
};

/* The peer has to be near: a connection takes less than 200 ms, and so do a byte and its echo. What
 * is NULL is not there, and what needs it is reported as not checked. */
struct conformance {
    const struct mmd_port *port;

    /* The peer. */
    const char *address;
    uint16_t tcp_port;
    uint16_t refused_port;  /* of the same address: it refuses connections */
    uint16_t silent_port;   /* of the same address: it never answers (0: none) */
    const char *name;       /* has the peer's address */
    const char *several;    /* has one that refuses, then the peer's */
    const char *unknown;    /* has no address */
    const char *unanswered; /* no name server answers */

    void *context; /* of these: */

    /* Reports one check: a piece of port.h, and what is tried to prove it. The verdict is
     * CONFORMANCE_TRYING at first. */
    void (*report)(void *context, enum conformance_verdict verdict, const char *words,
                   const char *proof);

    /* Lets the network run without the port's wait, for some ms; NULL if it runs by itself. */
    void (*run)(void *context);

    /* How much the platform keeps for connections (descriptors, buffers), to find leaks. */
    size_t (*held)(void *context);
};

/* Returns how many promises are broken. Without a clock that advances, or a peer that can be
 * reached, it stops. */
unsigned conformance_run(const struct conformance *conformance);

#endif
