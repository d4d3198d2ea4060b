/* SPDX-License-Identifier: MIT */
/* The port for Linux: non-blocking POSIX sockets. No signal is raised, caught or blocked in the
 * caller's threads; descriptors are closed on exec.
 *
 * All addresses of a name are tried, IPv6 and IPv4 in turn: the next one is begun when the last has
 * failed or has not connected within a quarter of a second, the earlier ones stay in the race, and
 * the first to connect wins (after RFC 8305).
 *
 * getaddrinfo blocks and cannot be interrupted, yet only it knows all that the system's
 * administrator set up (/etc/hosts, resolvers, multicast DNS). So it runs in a thread of its own,
 * which shares nothing but a socket pair with us: when the deadline comes we close our end and go
 * on, and the thread ends by itself as soon as the system's resolver gives up. */
#ifndef MMDCLOSE_LINUX_H
#define MMDCLOSE_LINUX_H

#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mmdclose/port.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MMD_LINUX_ADDRESSES 32 /* of a name; more are not tried */

union mmd_linux_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* One connection. The caller's memory, 1.1 KB; all of it is the port's own. */
struct mmd_linux {
    int lookup; /* our end of the resolver's socket pair, or -1 */
    int socket; /* the connection, or -1 */
    bool looked_up;
    bool corked;         /* the kernel holds what was sent, for more to leave together with it */
    bool send_refused;   /* the last call of send took nothing: wait until it can */
    bool refusal_polled; /* ... and that was waited for */
    bool failed;         /* the connection has, as send or receive reported */
    bool had_socket;     /* the system gave at least one */
    int failure;         /* what connect failed with, and fails with again */
    struct mmd_detail detail;       /* of the last failure */
    uint32_t next_ms;               /* when the next address joins the race */
    size_t count, begun, connected; /* addresses known and tried; the one that socket is to */
    union mmd_linux_address addresses[MMD_LINUX_ADDRESSES];
    int racing[MMD_LINUX_ADDRESSES]; /* a socket for each address begun, or -1 */
};

/* Prepares *connection and makes *port use it. connection is borrowed as long as port is in use. */
void mmd_linux_init(struct mmd_linux *connection, struct mmd_port *port);

/* sizeof(struct mmd_linux), for languages that cannot read this header. */
size_t mmd_linux_size(void);

#define MMD_LINUX_POLLFDS MMD_LINUX_ADDRESSES

/* For a program with an event loop of its own, after mmd_client_step returned MMD_PENDING with a
 * wait_ms above 0: lets what was sent leave, fills fds with what to wait for and shortens
 * *timeout_ms (wait_ms at first) to when the port has something to do without them. Returns how
 * many fds were filled; there may be none. They change from step to step and may be closed in it:
 * with epoll, register them anew each time. */
size_t mmd_linux_pollfds(struct mmd_linux *connection, struct pollfd fds[MMD_LINUX_POLLFDS],
                         uint32_t *timeout_ms);

#ifdef __cplusplus
}
#endif
#endif
