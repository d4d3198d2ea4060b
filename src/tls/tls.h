/* TLS over a port: a client that always verifies chain and name. Non-blocking throughout. */
#ifndef MMD_TLS_H
#define MMD_TLS_H

#include "mmdclose/client.h"

/* What went wrong, and what was agreed. */
struct mmd_tls_info {
    int detail; /* Mbed TLS's last error */
    uint8_t alert;
    const char *version, *suite;
    bool resumed;
};

/* Prepares a connection; config and port are borrowed until the end. MMD_OK or an error, then
 * ended. */
int mmd_tls_begin(union mmd_tls_room *room, const struct mmd_tls_config *config,
                  const struct mmd_port *port);

/* Each goes on where it was: MMD_PENDING asks for the same call again, with the same arguments.
 * After another error only end may follow, and receive after a failed send. */
int mmd_tls_handshake(union mmd_tls_room *room, bool *done); /* one message; done: verified */
int mmd_tls_send(union mmd_tls_room *room, const void *data, size_t len); /* bytes */
int mmd_tls_receive(union mmd_tls_room *room, void *data, size_t cap);    /* bytes, ... */
/* ... MMD_END_OF_STREAM for a close_notify, MMD_ERR_TRUNCATED for an end of TCP without one. */
void mmd_tls_close_notify(union mmd_tls_room *room); /* as far as the port takes it at once */

/* Whether the last call was pending only because it had read its share: the port may have more. */
bool mmd_tls_has_paused(const union mmd_tls_room *room);

void mmd_tls_info(const union mmd_tls_room *room, struct mmd_tls_info *out);

/* Frees and wipes everything. */
void mmd_tls_end(union mmd_tls_room *room);

#endif
