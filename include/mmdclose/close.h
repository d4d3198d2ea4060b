/* SPDX-License-Identifier: MIT */
/* Closes an elevation request, from the credential to the outcome: gets the token, sends the
 * closing, gets another token if that one was refused, and tries again what passes by itself; all
 * under one deadline. Like the engine it never blocks: mmd_close_step does what can be done now.
 *
 * For several closings, one after the other, mmd_close_next goes on with the same token and, where
 * the server allows it, the same connection. */
#ifndef MMDCLOSE_CLOSE_H
#define MMDCLOSE_CLOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mmdclose/client.h"
#include "mmdclose/closing.h"
#include "mmdclose/token.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Who is talked with. */
enum mmd_stage {
    MMD_STAGE_NONE,         /* nothing was begun */
    MMD_STAGE_PROXY,        /* only in the outcome: the proxy, on the way to one of the next */
    MMD_STAGE_TOKEN_SERVER, /* or what else gives the token */
    MMD_STAGE_SERVICE,
    MMD_STAGE_WAIT /* no one, until the next try */
};

/* As one word for scripts and logs: "none", "proxy", "token_server", "service", "wait". */
const char *mmd_stage_name(enum mmd_stage stage);

/* All of it is borrowed from mmd_close_start until the last result is no longer read. */
struct mmd_close_config {
    const struct mmd_port *port;
    const struct mmd_port *token_port; /* to the token server; NULL: the same */
    struct mmd_tls_config tls;         /* the host is filled in; session is the service's */
    const char *address;       /* of the service, as in struct mmd_client_config; NULL: its host */
    const char *token_address; /* the same of the token server */
    bool keep_alive;           /* keep the connection to the service for mmd_close_next */

    /* What gives a token when the cache has none, or the service has refused it: one of the two, or
     * neither. fetch writes a token into out (cap bytes, with a NUL) and returns its length, or
     * MMD_PENDING to be called again soon, or an error; it may set *lifetime_s, which is
     * MMD_TOKEN_LIFETIME_UNKNOWN at first. */
    const struct mmd_credential *credential;
    int (*fetch)(void *context, char *out, size_t cap, uint32_t *lifetime_s);
    void *fetch_context;
    bool fetch_once; /* do not fetch another one after a 401: it would be the same */

    /* The client-request-id of requests to the token server: a GUID, read when each is written,
     * after on_stage. NULL: the closing's. */
    const char *token_request_id;

    bool token_only; /* end when there is a token; of the closing only client_request_id counts */

    uint32_t try_timeout_ms;             /* of one try, token and closing; at most 2^31 - 1 */
    uint32_t total_timeout_ms;           /* of all of it; the same */
    unsigned retries;                    /* how often it is tried again at most */
    uint32_t backoff_ms, backoff_max_ms; /* see mmd_retry_backoff_ms */

    /* If not NULL: called when a stage begins, with the number of the try, from 1 on. */
    void (*on_stage)(void *context, enum mmd_stage stage, unsigned attempt);
    void *on_stage_context;
};

struct mmd_close {
    /* Complete when mmd_close_step no longer returns MMD_PENDING. */
    enum mmd_outcome outcome;
    enum mmd_stage stage;       /* where it ended */
    unsigned attempts;          /* tries that were begun */
    enum mmd_delivery delivery; /* of all tries together: what may have been received, counts */
    bool by_earlier_try;        /* closed by a try whose response was lost or not its own */
    uint32_t again_ms;          /* if the outcome is passing: try again after this time */
    struct mmd_verdict verdict; /* of the last exchange, which may be with the token server */
    /* On MMD_ERR_INPUT: what cannot be used of the closing, or of the credential: the one whose
     * field is not 0; if neither, a time. On MMD_ERR_CAPACITY what is needed. */
    struct mmd_closing_info info;
    struct mmd_token_info token_info;
    struct mmd_client client; /* its result is that of the last exchange */

    /* Its own. */
    const struct mmd_close_config *config;
    const struct mmd_closing *closing;
    struct mmd_token *token;
    struct mmd_client_config to; /* who the client is connected to */
    char *buf;
    size_t cap, assertion_len;
    uint32_t start_ms, try_ms, wait_ms;
    uint8_t step;
    bool renewed;     /* the token, after a 401 */
    bool sent_before; /* by an earlier try, or on a kept connection, and maybe acted upon */
    bool cancelled;
    uint8_t digest[MMD_SHA256_LEN];
};

/* Begins a closing. closing is borrowed until it is over, its host, where the connection is kept,
 * until mmd_close_next or mmd_close_disconnect; its token and keep_alive do not count.
 * token is the cache, which may hold a token from earlier, or one that the caller put there
 * (mmd_token_keep); borrowed as config is. buf (cap bytes) takes every request and response, as in
 * mmd_client_start: a closing with its token has to fit, and with a credential the token server's
 * response; with a certificate, its assertion in one half and the request in the other: 16 KiB are
 * ample. *c needs no preparation. What cannot be used is the outcome of the first step. */
void mmd_close_start(struct mmd_close *c, const struct mmd_close_config *config,
                     struct mmd_token *token, const struct mmd_closing *closing, char *buf,
                     size_t cap);

/* Begins another closing after one that is over, with the same config, token and buf; on the same
 * connection if that was kept, is to the same host and port, and has not ended, else on a new one.
 * A closing is sent again by itself where the kept connection ends without a response: closing
 * twice does no harm. */
void mmd_close_next(struct mmd_close *c, const struct mmd_closing *closing);

/* Does what can be done now, a bounded piece of it, without waiting; the owner of a key may take
 * longer. Returns MMD_PENDING and sets *wait_ms to how long the caller may wait for the port before
 * the next call. When it is over, returns MMD_OK if the outcome is MMD_OUTCOME_CLOSED, else
 * verdict.error; a further call returns the same. buf then holds the last response's body, which
 * verdict points into; all secrets but the token in the cache are wiped. */
int mmd_close_step(struct mmd_close *c, uint32_t *wait_ms);

/* The port that is in use, to wait for. */
const struct mmd_port *mmd_close_port(const struct mmd_close *c);

/* Steps to the end, waiting in the port's wait. Blocks, until the total deadline at most. */
int mmd_close_run(struct mmd_close *c);

/* Ends a closing early, as if the total deadline were now: with MMD_ERR_TIMEOUT, or between two
 * tries with what the last one came to. Gives up the connection. Does nothing when it is over. */
void mmd_close_cancel(struct mmd_close *c);

/* Ends a connection that was kept. After the last closing; the caller wipes the token
 * (mmd_token_forget). */
void mmd_close_disconnect(struct mmd_close *c);

#ifdef __cplusplus
}
#endif
#endif
