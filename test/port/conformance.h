/* Tries a port on the sentences of mmdclose/port.h, against a peer (conformance-peer, or peer.h in
 * memory). It allocates nothing, prints nothing and takes of the C library string.h alone, so that
 * it runs on bare metal, too; it takes 13 KB of static memory. A port that blocks where it must not
 * keeps it for ever: run it under a limit; the check that was told as tried last is the one.
 *
 * What it does not tell: whether random bytes can be guessed; how exact waits and clocks are, and
 * that they are right for days; whether a first address that is silent, not one that refuses, is
 * given up for the second; what becomes of much that is not sent yet at close; whether a call
 * blocks for a moment, some tens of milliseconds. */
#ifndef TEST_PORT_CONFORMANCE_H
#define TEST_PORT_CONFORMANCE_H

#include "mmdclose/port.h"

enum conformance_verdict {
    CONFORMANCE_HOLDS,
    CONFORMANCE_BROKEN,
    CONFORMANCE_NOT_CHECKED,
    CONFORMANCE_TRYING /* not known yet */
};

/* The peer has to be near: to connect takes less than 200 ms, and so do a byte and its echo. What
 * is NULL is not there, and what needs it is told as not checked. */
struct conformance {
    const struct mmd_port *port;

    /* The peer. */
    const char *address;
    uint16_t tcp_port;
    uint16_t refused_port;  /* of the same address: nobody listens there; */
    uint16_t silent_port;   /* and where no answer comes at all (0: there is none) */
    const char *name;       /* has the peer's address */
    const char *several;    /* has one where nobody listens, then the peer's */
    const char *unknown;    /* has no address */
    const char *unanswered; /* no name server can tell */

    void *context; /* of these: */

    /* Tells of one check: a piece of port.h, and what is tried to prove it. First it is
     * CONFORMANCE_TRYING, then the verdict. */
    void (*tell)(void *context, enum conformance_verdict verdict, const char *words,
                 const char *proof);

    /* Lets the network run without the port's wait, for some ms; NULL if it runs by itself. */
    void (*run)(void *context);

    /* How much the platform keeps for connections (descriptors, buffers), to find leaks. */
    size_t (*held)(void *context);
};

/* Returns how many promises are broken. Without a clock that goes on, or a peer that is reached, no
 * more is tried. */
unsigned conformance_run(const struct conformance *conformance);

#endif
