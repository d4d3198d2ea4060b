/* The engine: sends one HTTP/1.1 message over verified TLS and reads the answer. It never blocks:
 * mmd_client_step does what can be done now. One deadline spans everything, from the name's lookup
 * to the last byte. It knows nothing of what it sends; see request.h and outcome.h for that.
 *
 * Several exchanges may take turns. In several threads at a time they need, with TLS 1.3, an Mbed
 * TLS that is built with MBEDTLS_THREADING_C: there it keeps the keys of all of them in one table.
 */
#ifndef MMDCLOSE_CLIENT_H
#define MMDCLOSE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mmdclose/error.h"
#include "mmdclose/port.h"
#include "mmdclose/response.h"
#include "mmdclose/session.h"
#include "mmdclose/trust.h"

#ifdef __cplusplus
extern "C" {
#endif

enum mmd_phase { MMD_CONNECT, MMD_HANDSHAKE, MMD_SEND, MMD_RECEIVE, MMD_DONE };

/* How far the message got: what a caller needs to know before it sends the same again. */
enum mmd_delivery {
    MMD_NOT_SENT,   /* the server cannot have seen a byte of it */
    MMD_MAYBE_SENT, /* it may have been received, whole or in part, and acted upon */
    MMD_ANSWERED    /* a complete answer was read */
};

/* All of it is borrowed from mmd_client_start until the result is no longer read. */
struct mmd_client_config {
    const struct mmd_port *port;
    const struct mmd_trust *trust; /* the anchors that the server's chain must lead to */
    const char *host;              /* as in request.h: its certificate must bear it; sent as SNI */
    const char *address;           /* connect to this name or address instead; NULL: host */
    uint16_t tcp_port;
    uint32_t timeout_ms; /* for everything, at most 2^31 - 1 */

    /* If not NULL: counts the TLS allocator's failures, as mmd_tls_pool does. It tells an exhausted
     * pool apart from a chain that cannot be verified; and Mbed TLS 3.6.7 itself overlooks one such
     * failure, at the end of a handshake of TLS 1.2. Give it where memory may run out. */
    const unsigned *allocation_failures;

    struct mmd_session *session; /* resumed if it can be, and replaced; NULL: none is kept */

    /* If not NULL: called for each certificate of the chain that was built, the anchor first and
     * the server's own (depth 0) last, before it is decided whether they are trusted. */
    void (*on_certificate)(void *context, int depth, const uint8_t *der, size_t len);
    void *on_certificate_context;
};

struct mmd_result {
    int error;                  /* MMD_OK: a 2xx, in order; else an enum mmd_error */
    enum mmd_delivery delivery; /* MMD_OK and MMD_ERR_STATUS come with MMD_ANSWERED */
    uint16_t status;            /* the HTTP status, as soon as it is known; else 0 */
    uint8_t alert;              /* the fatal TLS alert that the server sent (RFC 8446, 6), or 0 */
    int detail;                 /* for logs: the TLS library's own code, or 0 */
    const char *code;           /* of the error object, in the message's buffer; "" if none */
    const char *message;
    bool message_cut;
    const char *request_id; /* the server's, for its support; "" if none */
    int32_t retry_after_s;  /* or MMD_RETRY_AFTER_ABSENT */
    const char *body;       /* of a 2xx: its first part, in the message's buffer */
    size_t body_len;
    const char *tls_version, *tls_suite; /* static storage; "" if the handshake did not end */
    bool resumed; /* with the session kept: no certificate was looked at again */
};

/* The result of an exchange that has not begun. */
#define MMD_RESULT_NONE                                                                            \
    {                                                                                              \
        .code = "", .message = "", .request_id = "", .retry_after_s = MMD_RETRY_AFTER_ABSENT,      \
        .tls_version = "", .tls_suite = ""                                                         \
    }

/* Room for the TLS context, which src/tls.c keeps to itself and checks the size of. A build
 * setting: the same in the library and in all that includes this. */
#ifndef MMD_TLS_WORDS
#define MMD_TLS_WORDS 112
#endif

struct mmd_client {
    struct mmd_result result; /* complete when phase is MMD_DONE */
    enum mmd_phase phase;

    /* The engine's own. */
    const struct mmd_client_config *config;
    char *buf;
    size_t cap, len, sent;
    uint32_t start_ms;
    int send_error; /* sending failed; an answer may have come all the same */
    struct mmd_response response;
    union mmd_tls_room {
        uintptr_t words[MMD_TLS_WORDS];
        uint64_t align;
    } tls;
};

/* Begins the exchange. buf holds the message, len of its cap bytes (at least 64), and is borrowed
 * until the result is no longer read: once it is sent it is wiped, and the same memory takes the
 * first part of the answer's body (cap less 64 bytes). 16 KiB are ample for both. c needs no
 * preparation. Returns MMD_OK or, with nothing begun, MMD_ERR_INPUT (no host's name, no message, a
 * timeout of 0 or too long), MMD_ERR_TRUST, MMD_ERR_ENTROPY or MMD_ERR_MEMORY; then buf is wiped
 * and the result says the same. */
int mmd_client_start(struct mmd_client *c, const struct mmd_client_config *config, char *buf,
                     size_t cap, size_t len);

/* Does what can be done now, a bounded piece of it, without waiting. Returns MMD_PENDING and sets
 * *wait_ms to how long may be waited for the port before the next call: 0 if there is more to do
 * at once, else until the deadline. Any other value is the exchange's result.error: it is over, the
 * connection is closed and all secrets are wiped; a further call returns the same. Of the answer,
 * which may say a secret back, only the body and the request id are kept. The arithmetic for one
 * message of the handshake is one piece: see README, "What it costs". */
int mmd_client_step(struct mmd_client *c, uint32_t *wait_ms);

/* Steps to the end, waiting in the port's wait. Blocks until the deadline at most. Returns
 * result.error. */
int mmd_client_run(struct mmd_client *c);

/* Ends an exchange early, as if the deadline were now; does nothing when it is over. After start,
 * either the end or this must be reached before c or buf is given up. */
void mmd_client_cancel(struct mmd_client *c);

#ifdef __cplusplus
}
#endif
#endif
