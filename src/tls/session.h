/* SPDX-License-Identifier: MIT */
/* The library's inner side of kept sessions. */
#ifndef MMD_SESSION_H
#define MMD_SESSION_H

#include <mbedtls/ssl.h>
#include <stdbool.h>

#include "mmdclose/tls.h"

/* Makes ssl propose config's session, if there is one that still holds at now. Returns whether it
 * does, in *offered, and 0 or an error of Mbed TLS. */
int mmd_session_offer(const struct mmd_tls_config *config, int64_t now, mbedtls_ssl_context *ssl,
                      bool *offered);

/* Keeps what the handshake agreed, for config's session; chain is that which was verified, or NULL
 * if the session was resumed. */
void mmd_session_keep(const struct mmd_tls_config *config, const struct mmd_chain *chain,
                      const mbedtls_ssl_context *ssl);

#endif
