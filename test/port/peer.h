/* SPDX-License-Identifier: MIT */
/* The other end of a conformance test (conformance.h), without sockets: bytes in, what to do out.
 * The first line of each connection tells it what to do:
 *   echo N     sends back what comes, N ms later (at once in memory)
 *   source N   sends N bytes of the pattern, then ends
 *   sink N     reads N bytes (some 2 MB a second), says "right" or "wrong", and ends
 *   half       ends at once, and goes on reading
 *   silent     reads, and says nothing
 *   deaf       does not read any more
 *   reset N    sends N bytes of the pattern, and resets the connection at the next byte that comes,
 *              or at once if N is 0
 *   next       ends at once, and resets the next connection as soon as it is made
 *   late       ends at once; the port where no answer comes lets one connection in a while after
 *   last       tells of the connection before: how it ended, how many bytes came behind the line,
 *              whether they were the pattern, and how many ms before this connection it ended */
#ifndef TEST_PORT_PEER_H
#define TEST_PORT_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pattern.h"

enum peer_wish { PEER_GO_ON, PEER_END, PEER_RESET };

struct port_peer {
    /* The connection at hand. */
    bool open, commanded, right;
    char line[32], text[64]; /* what it has to do; what it has to say */
    size_t line_len, text_len;
    char task;
    uint32_t taken, given, amount;

    /* The one before. */
    const char *last_end; /* "fin", "rst" or "open" */
    uint32_t last_taken, last_ms;
    bool last_right;
};

void port_peer_accept(struct port_peer *p, uint32_t now_ms);

/* How many bytes it reads now, and here they are. */
size_t port_peer_room(const struct port_peer *p);
void port_peer_take(struct port_peer *p, const void *data, size_t len);

/* Bytes to send; if there are none, what to do with the connection. */
size_t port_peer_give(struct port_peer *p, void *out, size_t cap);
enum peer_wish port_peer_wish(const struct port_peer *p);

/* The connection ended: "fin" or "rst". */
void port_peer_ended(struct port_peer *p, const char *how, uint32_t now_ms);

#endif
