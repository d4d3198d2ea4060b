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
    void (*start)(const struct mmd_port *port); /* called in front of each run, unless NULL */
};

#define EXCHANGE_PLAN 11 /* bytes of the input in front of the server's */

/* Runs one, checks all that holds for any, and returns its result.error. config lacks the port and
 * the deadline; its session is kept only if the plan says so.
 *
 * Input: the fault, at which call (two bytes), the buffer's size (two), the message's size, three
 * sizes of pieces, flags, at which step it is cancelled, the bytes that the server sends. */
int exchange(struct input *in, const struct exchange_server *server,
             struct mmd_client_config config);

/* The one of client_tls.c. */
int exchange_over_tls(const uint8_t *data, size_t len);

/* If not -1: a connection to a real server, which then answers; what it sends goes to the standard
 * output, too. */
extern int exchange_socket;

#endif
