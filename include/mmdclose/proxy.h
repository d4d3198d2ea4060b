/* SPDX-License-Identifier: MIT */
/* A port over a port: connections through an HTTP proxy, by CONNECT (RFC 9110, 9.3.6). TLS runs
 * within, from end to end: the proxy sees the host's name and the port, but neither token nor
 * request.
 *
 * The host's name goes to the proxy as it is: only the proxy's own name is looked up here. connect
 * fails as the port beneath does; with what the proxy answered (MMD_ERR_PROXY_AUTH, _REFUSED,
 * _GATEWAY, or an error of its response); or with MMD_ERR_NAME for a host that no request line can
 * hold. A proxy that never answers leaves it MMD_PENDING: the caller's deadline ends it. There is
 * no NTLM or Digest, no PAC file, and no TLS to the proxy itself: its own credentials are readable
 * on the way to it.
 *
 * In an event loop of your own, over the port for Linux, call mmd_linux_pollfds (port/linux.h) for
 * the connection beneath: receive is MMD_PENDING only if no bytes wait here. */
#ifndef MMDCLOSE_PROXY_H
#define MMDCLOSE_PROXY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mmdclose/port.h"
#include "mmdclose/response.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes for the CONNECT request: two names and the credentials in base64 fit. */
#define MMD_PROXY_BUFFER          1024
/* Bytes of user, colon and password together. */
#define MMD_PROXY_CREDENTIALS_MAX 255

/* All of it is borrowed as long as the port is in use. */
struct mmd_proxy_config {
    const char *host; /* a name or an address */
    uint16_t port;
    /* "user:password" for Basic (RFC 7617), without control characters; NULL: none are sent. */
    const char *credentials;
};

/* One connection. The caller's memory, 1.8 KB; all of it is the port's own. Secret until the proxy
 * has answered: the credentials lie in buf. */
struct mmd_proxy {
    const struct mmd_proxy_config *config;
    const struct mmd_port *under;
    struct mmd_response response;
    char buf[MMD_PROXY_BUFFER]; /* the request, then bytes that came */
    size_t at, len;             /* of buf: what is to be sent, or was read too early */
    uint8_t state;
    bool unsent; /* sending the request failed */
    int failure; /* what connect failed with, and fails with again */
};

/* Prepares *proxy and makes *port use it, over the port under. All are borrowed as long as *port is
 * in use. Returns MMD_OK, or MMD_ERR_INPUT if the credentials are too long, have a control
 * character or no colon. */
int mmd_proxy_init(struct mmd_proxy *proxy, const struct mmd_proxy_config *config,
                   const struct mmd_port *under, struct mmd_port *port);

#ifdef __cplusplus
}
#endif
#endif
