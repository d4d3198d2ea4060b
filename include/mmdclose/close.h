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
    MMD_STAGE_WAIT /* nobody, until the next try */
};

/* As one word for scripts and logs: "none", "proxy", "token_server", "service", "wait". */
const char *mmd_stage_name(enum mmd_stage stage);

/* All of it is borrowed from mmd_close_start until the last result is no longer read. */
struct mmd_close_config {
    const struct mmd_port *port;
    struct mmd_tls_config tls; /* the host is filled in here */
    const char *address;       /* of the service: as in struct mmd_client_config */
    const char *token_address; /* of the token server */
    bool keep_alive;           /* keep the connection to the service for mmd_close_next */

    /* Where a token comes from, if the cache has none: one of the two, or neither, if the cache
     * has one. fetch gives one by other means: it writes the token to out (cap bytes, with a NUL)
     * and returns its length, or MMD_PENDING to be called again, or an error; and may set
     * *lifetime_s. */
    const struct mmd_credential *credential;
    int (*fetch)(void *context, char *out, size_t cap, uint32_t *lifetime_s);
    void *fetch_context;

    uint32_t try_timeout_ms;   /* of one try: token and closing */
    uint32_t total_timeout_ms; /* of all of it */
    unsigned retries;          /* how often it is tried again at most */
    uint32_t backoff_ms, backoff_max_ms; /* see mmd_retry_backoff_ms */

    /* If not NULL: called when a stage begins, with the try's number from 1 on. */
    void (*on_stage)(void *context, enum mmd_stage stage, unsigned attempt);
    void *on_stage_context;
};

struct mmd_close {
    /* Complete when mmd_close_step no longer returns MMD_PENDING. */
    enum mmd_outcome outcome;
    enum mmd_stage stage;       /* where it ended */
    unsigned attempts;          /* tries begun */
    enum mmd_delivery delivery; /* the farthest of all tries */
    bool by_earlier_try;        /* closed by a try whose response was lost: see outcome */
    uint32_t again_ms;          /* of a passing outcome: when to try again, from now; 0: any time */
    struct mmd_verdict verdict; /* of the last exchange; a token server's, too */
    struct mmd_client client;   /* its result */

    /* Its own. */
    const struct mmd_close_config *config;
    const struct mmd_closing *closing;
    struct mmd_token *token;
    struct mmd_client_config to;
    char *buf;
    size_t cap;
    uint32_t start_ms, try_ms, wait_ms;
    uint8_t step;
    bool renewed; /* the token, in this closing */
};

#ifdef __cplusplus
}
#endif
#endif
