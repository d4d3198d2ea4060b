/* SPDX-License-Identifier: MIT */
/* The engine: sends one HTTP/1.1 message over verified TLS and reads the response; then maybe more,
 * one after the other, on the same connection. It never blocks: mmd_client_step does what can be
 * done now. One deadline spans all of an exchange, from the name's lookup to the last byte. The
 * engine knows nothing of what it sends: closing.h writes the message and judges the result.
 *
 * Several exchanges may take turns in one thread. In several threads, with TLS 1.3, they need an
 * Mbed TLS built with MBEDTLS_THREADING_C: it keeps the keys of all connections in one table. */
#ifndef MMDCLOSE_CLIENT_H
#define MMDCLOSE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mmdclose/error.h"
#include "mmdclose/port.h"
#include "mmdclose/response.h"
#include "mmdclose/result.h"
#include "mmdclose/tls.h"

#ifdef __cplusplus
extern "C" {
#endif

enum mmd_phase {
    MMD_PHASE_CONNECT,
    MMD_PHASE_HANDSHAKE,
    MMD_PHASE_SEND,
    MMD_PHASE_RECEIVE,
    MMD_PHASE_DONE
};

/* All of it is borrowed from mmd_client_start until the result is no longer read. */
struct mmd_client_config {
    const struct mmd_port *port;
    struct mmd_tls_config tls; /* with the host's name */
    const char *address;       /* connect to this name or address instead; NULL: the host */
    uint16_t tcp_port;
    uint32_t timeout_ms; /* of an exchange, at most 2^31 - 1 */

    /* Keep the connection after a complete response, for mmd_client_next, if the server does: its
     * response is delimited and does not say "Connection: close" (RFC 9112, 9.3). The messages then
     * do not say so either. */
    bool keep_alive;
    /* A message may be received twice without harm: see mmd_client_next. */
    bool repeatable;
    /* End once the server is verified, to see whether that works. There is no message: its length
     * is 0, and nothing but TLS is sent. The result is MMD_OK with MMD_NOT_SENT. What a server says
     * after the handshake is not seen, such as that it demands a certificate (TLS 1.3). */
    bool verify_only;
};

struct mmd_client {
    struct mmd_result result; /* complete when phase is MMD_PHASE_DONE */
    enum mmd_phase phase;
    bool connected; /* the exchange is over, and its connection is kept */

    /* The engine's own. */
    const struct mmd_client_config *config;
    char *buf;
    size_t cap, len, sent;
    size_t used; /* bytes of buf that have held something */
    uint32_t start_ms;
    int send_error; /* sending failed; a response may have come all the same */
    bool heard;     /* a byte of a response has come */
    struct mmd_response response;
    union mmd_tls_context tls;
};

/* Begins the exchange. buf holds the message, len of its cap bytes (at least 64), and is borrowed
 * until the result is no longer read: the message is wiped once it is sent, and the same memory
 * takes the first part of the response's body (cap less 64 bytes). 16 KiB are ample for both. c
 * needs no preparation. Returns MMD_OK or, with nothing begun, MMD_ERR_INPUT (a host
 * that is missing or cannot be used, no message or, with verify_only, one, a buffer below 64 bytes
 * or shorter than the message, a timeout of 0 or too long), MMD_ERR_TRUST, MMD_ERR_ENTROPY or
 * MMD_ERR_MEMORY; then buf is wiped and result.error is the same. */
int mmd_client_start(struct mmd_client *c, const struct mmd_client_config *config, char *buf,
                     size_t cap, size_t len);

/* Begins the next exchange, with the same config, after one that is over: on the connection that
 * was kept, else on a new one. Otherwise as mmd_client_start. All of *c and config have to be as
 * they were left; buf may be another one.
 *
 * A server may end an idle connection at any time. If its end is seen before a byte is sent, the
 * message goes on a new connection. If the end comes after that, in place of the first byte of a
 * response, then nothing says whether the message was received; if config says that messages are
 * repeatable, it is sent once more, on a new connection, else the result is MMD_ERR_EMPTY or
 * MMD_ERR_NETWORK (RFC 9110, 9.2.2). A closing is repeatable: closing twice does no harm, and the
 * second response says that the first one did it. */
int mmd_client_next(struct mmd_client *c, char *buf, size_t cap, size_t len);

/* Ends a connection that was kept, with a close_notify, and wipes its keys. Does nothing if there
 * is none. After the last exchange, or before *c is given up or used for another server. */
void mmd_client_disconnect(struct mmd_client *c);

/* Does what can be done now, a bounded piece of it, without waiting. Returns MMD_PENDING and sets
 * *wait_ms to how long the caller may wait for the port before the next call: 0 if there is more to
 * do at once, else until the deadline. Any other value is result.error: the exchange is over, the
 * connection has ended, unless it is kept, and all secrets are wiped; a further call returns the
 * same. Of the response, which may say a secret back, only the strings of the result are kept. The
 * arithmetic for one message of the handshake is one piece: see docs/firmware.md, "Watchdog". */
int mmd_client_step(struct mmd_client *c, uint32_t *wait_ms);

/* Steps to the end, waiting in the port's wait. Blocks, until the deadline at most. Returns
 * result.error. */
int mmd_client_run(struct mmd_client *c);

/* Ends an exchange early, as if the deadline were now; does nothing when it is over. After start,
 * the exchange must be over before c or buf is given up. */
void mmd_client_cancel(struct mmd_client *c);

#ifdef __cplusplus
}
#endif
#endif
