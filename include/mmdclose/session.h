/* A TLS 1.2 session kept in RAM: with it the next handshake with the same host needs no public-key
 * arithmetic (a ticket, RFC 5077). */
#ifndef MMDCLOSE_SESSION_H
#define MMDCLOSE_SESSION_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of a serialised session; one with a longer ticket is not kept. The library and the program
 * are compiled with the same number. */
#ifndef MMD_SESSION_MAX
#define MMD_SESSION_MAX 512
#endif

/* The chain that vouched for the server: its anchor's place among the anchors, and when all of it
 * is valid (seconds since 1970). */
struct mmd_chain {
    size_t anchor_at, anchor_len;
    int64_t not_before, not_after;
};

/* The caller's memory, all zeros at first, for one exchange at a time; see mmd_client_config. The
 * engine uses it only with the host that it came from, as long as the anchor that vouched for that
 * host is among those given, the chain's dates hold and no byte has changed; otherwise, and if the
 * server refuses it, the handshake is made in full; one that was refused, or met a fatal alert, is
 * forgotten. With a session TLS 1.2 alone is offered: a server that speaks only 1.3 by now ends
 * that one exchange with MMD_ERR_NETWORK, and the next offers both. It holds the session's key:
 * forget it rather than drop it. */
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
