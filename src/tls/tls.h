/* SPDX-License-Identifier: MIT */
/* TLS over a port: a client that always verifies chain and name. Non-blocking throughout. */
#ifndef MMD_TLS_H
#define MMD_TLS_H

#include <stdbool.h>

#include "mmdclose/port.h"
#include "mmdclose/tls.h"

/* What went wrong, and what was agreed. */
struct mmd_tls_info {
    struct mmd_detail detail; /* Mbed TLS's last error, or the alert received */
    /* Of the chain that was checked last, and when; 0 if there was none. */
    int64_t valid_from, valid_to, checked_at;
    const char *version, *suite;
    bool resumed;
};

/* Prepares a connection; config and port are borrowed until the end. MMD_OK or an error, then
 * ended. */
int mmd_tls_begin(union mmd_tls_context *tls, const struct mmd_tls_config *config,
                  const struct mmd_port *port);

/* MMD_PENDING asks for the same call again, with the same arguments. After any other error only end
 * may follow, and receive after a failed send.
 *
 * Handshake takes one message a call; *done is set when the server is verified. Send and receive
 * return a number of bytes; receive returns MMD_END_OF_STREAM for a close_notify and
 * MMD_ERR_TRUNCATED for an end of TCP without one. */
int mmd_tls_handshake(union mmd_tls_context *tls, bool *done);
int mmd_tls_send(union mmd_tls_context *tls, const void *data, size_t len);
int mmd_tls_receive(union mmd_tls_context *tls, void *data, size_t cap);

/* Sends close_notify, as far as the port takes it at once. */
void mmd_tls_close_notify(union mmd_tls_context *tls);

/* Whether the last call returned MMD_PENDING only because it had read its share: the port may have
 * more. */
bool mmd_tls_has_paused(const union mmd_tls_context *tls);

void mmd_tls_info(const union mmd_tls_context *tls, struct mmd_tls_info *out);

/* Frees and wipes everything. */
void mmd_tls_end(union mmd_tls_context *tls);

#endif
