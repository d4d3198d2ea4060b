/* SPDX-License-Identifier: MIT */
/* A TLS 1.2 session kept in RAM: a ticket (RFC 5077) with which the next handshake with the same
 * host needs no public-key arithmetic. */
#ifndef MMDCLOSE_SESSION_H
#define MMDCLOSE_SESSION_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of a serialised session; one with a longer ticket is not kept. A build setting: the same in
 * the library and in all that includes this. */
#ifndef MMD_SESSION_MAX
#define MMD_SESSION_MAX 512
#endif

/* The chain that vouched for the server: its anchor's place among the anchors, and when all of it
 * is valid (seconds since 1970). */
struct mmd_chain {
    size_t anchor_at, anchor_len;
    int64_t not_before, not_after;
};

/* The caller's memory, all zeros at first, for one exchange at a time; see mmd_tls_config.
 *
 * The engine resumes it only with the host it came from, while the anchor that vouched for that
 * host is among those given, the chain's dates hold and no byte has changed. Otherwise, and if the
 * server refuses it, the handshake is made in full. A session that was refused, or met a fatal
 * alert, is forgotten.
 *
 * While a session is held only TLS 1.2 is offered. If the server has dropped 1.2, that exchange
 * fails with MMD_ERR_NETWORK and the next offers both.
 *
 * It holds the session's key: forget it rather than drop it. */
struct mmd_session {
    uint8_t binding[32]; /* to the host and the anchor */
    struct mmd_chain chain;
    size_t len;   /* of bytes; 0: there is none */
    uint32_t sum; /* of chain, len and bytes */
    uint8_t bytes[MMD_SESSION_MAX];
};

/* Wipes it, so that the next handshake is made in full. */
void mmd_session_forget(struct mmd_session *session);

#ifdef __cplusplus
}
#endif
#endif
