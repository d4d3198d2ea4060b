/* SPDX-License-Identifier: MIT */
/* A whole exchange of the engine's with a server that sends given bytes, whatever it is sent, over
 * the scripted port. */
#ifndef TEST_EXCHANGE_H
#define TEST_EXCHANGE_H

#include "fuzz.h"
#include "mmdclose/client.h"

#define EXCHANGE_TIMEOUT_MS 1000

/* The byte that the message consists of, and that no server sends: where it is, the message is. */
#define EXCHANGE_MESSAGE 0xFF

/* What the server is. */
struct exchange_server {
    size_t greeting; /* bytes that it sends before it waits, if the plan says so, for ... */
    size_t expects;  /* ... so many bytes more than the message's */
    bool is_plain;   /* what it is sent can be read, and what it sends must not look like it */
    /* Unless NULL, called in front of each run: short_at is the allocation that fails, 0: none. */
    void (*start)(const struct mmd_port *port, unsigned short_at);
    /* Unless NULL, called behind each: what must hold beside what holds for any. */
    void (*check)(const struct mmd_client *c, bool cancelled);
};

#define EXCHANGE_PLAN 11 /* bytes of the input in front of the server's, if there are no extras */

/* Beside the fault, in the three lowest bits of the plan's first byte; some bring extras. */
enum {
    EXCHANGE_GIVES_ALL = 8, /* an address, and of config what else it need not have */
    EXCHANGE_NO_CLOCK = 16, /* the calendar is not set */
    EXCHANGE_SHORT = 32,    /* one allocation fails: which one (two bytes) */
    EXCHANGE_REPEATS = 64,  /* the server says a piece of its bytes again and again: from where (two
                               bytes), its length less 1, how often in units of 64 */
    EXCHANGE_AGAIN = 128    /* another exchange follows: how many bytes are this server's (two) */
};

struct exchange_end {
    int error; /* the result's */
    bool resumed;
};

/* Runs one, and checks all that holds for any. config lacks the port and the deadline; what else it
 * has is used only if the plan says so. What is left of the input is another exchange's.
 *
 * Input: the fault, at which call (two bytes), the buffer's size (two), the message's size, three
 * sizes of pieces, flags, at which step it is cancelled, the extras, the bytes that the server
 * sends. */
struct exchange_end exchange(struct input *in, const struct exchange_server *server,
                             struct mmd_client_config config);

/* The one or two of client_tls.c; how the last one ended. */
struct exchange_end exchange_over_tls(const uint8_t *data, size_t len);

/* If not -1: a connection to a real server, which then answers where the input has no bytes of a
 * server's; what it sends goes to the standard output, too. */
extern int exchange_socket;

#endif
