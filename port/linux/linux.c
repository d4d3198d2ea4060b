/* SPDX-License-Identifier: MIT */
/* The port for Linux: one TCP connection over non-blocking sockets. */
#include "mmdclose/port/linux.h"

#include <errno.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "lookup.h"
#include "race.h"

int mmd_linux_fail(struct mmd_linux *p, int error, int system_error)
{
    p->detail = (struct mmd_detail){MMD_DETAIL_ERRNO, system_error};
    return error;
}

static int linux_random(void *context, void *data, size_t len)
{
    (void)context;
    return mmd_random(data, len);
}

/* ---- connecting ---- */

static int look_up_and_race(struct mmd_linux *p, const char *host, uint16_t tcp_port)
{
    if (!p->looked_up) {
        int error = p->lookup < 0 ? mmd_lookup_begin(p, host, tcp_port) : mmd_lookup_finish(p);
        if (error != MMD_OK)
            return error;
        p->looked_up = true;
    }
    return mmd_race_run(p);
}

static int linux_connect(void *context, const char *host, uint16_t tcp_port)
{
    struct mmd_linux *p = context;

    if (p->socket >= 0 || p->failure != MMD_OK)
        return p->failure;
    if (!mmd_linux_has_clock()) /* no deadline could be kept */
        return p->failure = mmd_linux_fail(p, MMD_ERR_SYSTEM, errno);
    int error = look_up_and_race(p, host, tcp_port);
    if (error != MMD_PENDING)
        p->failure = error;
    return error;
}

/* ---- the stream ---- */

/* A flight is corked from its first byte to the next receive or wait, and leaves as one segment if
 * it fits. Without the cork its end leaves at once, since the socket has TCP_NODELAY too (race.c).
 * The kernel itself holds nothing longer than 200 ms: tcp(7). */
static void cork(struct mmd_linux *p, bool corked)
{
    int value = corked;

    if (p->corked != corked)
        setsockopt(p->socket, IPPROTO_TCP, TCP_CORK, &value, sizeof value);
    p->corked = corked;
}

/* Whether a call failed for now only. */
static bool is_not_yet(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

static int linux_send(void *context, const void *data, size_t len)
{
    struct mmd_linux *p = context;

    p->send_refused = p->refusal_polled = false;
    if (p->failed)
        return MMD_ERR_NETWORK;
    cork(p, true);
    ssize_t n = send(p->socket, data, len, MSG_NOSIGNAL);
    if (n > 0)
        return (int)n;
    p->send_refused = is_not_yet(errno);
    if (p->send_refused)
        return MMD_PENDING;
    p->failed = true;
    return mmd_linux_fail(p, MMD_ERR_NETWORK, errno);
}

static int linux_receive(void *context, void *data, size_t cap)
{
    struct mmd_linux *p = context;

    if (p->refusal_polled) /* and send was not called since: it is not wanted any more */
        p->send_refused = p->refusal_polled = false;
    cork(p, false);
    ssize_t n = recv(p->socket, data, cap, 0);
    if (n > 0)
        return (int)n;
    if (n < 0 && !is_not_yet(errno)) {
        p->failed = true;
        mmd_linux_fail(p, MMD_ERR_NETWORK, errno);
    }
    if (p->failed) /* the kernel reports a reset only once, to send or to recv; then an end */
        return MMD_ERR_NETWORK;
    return n == 0 ? MMD_END_OF_STREAM : MMD_PENDING;
}

/* With unread bytes close resets the connection, and the peer may lose what has just left. Bounded,
 * for the peer may be sending all the time. */
static void discard_unread(int fd)
{
    char scrap[512];

    for (int i = 0; i < 128 && recv(fd, scrap, sizeof scrap, 0) > 0; i++)
        ;
}

/* ---- waiting ---- */

/* What has come is acknowledged at once. A peer with Nagle's algorithm, as proxies are, holds the
 * end of a flight back until then, and the kernel would wait up to 40 ms for something to send. */
static void acknowledge(const struct mmd_linux *p)
{
    const int value = 1;

    setsockopt(p->socket, IPPROTO_TCP, TCP_QUICKACK, &value, sizeof value);
}

size_t mmd_linux_pollfds(struct mmd_linux *p, struct pollfd fds[MMD_LINUX_POLLFDS],
                         uint32_t *timeout_ms)
{
    if (p->socket >= 0) {
        cork(p, false);
        acknowledge(p);
        p->refusal_polled = p->send_refused;
        fds[0] = (struct pollfd){.fd = p->socket,
                                 .events = (short)(p->send_refused ? POLLIN | POLLOUT : POLLIN)};
        return 1;
    }
    if (p->lookup >= 0) {
        fds[0] = (struct pollfd){.fd = p->lookup, .events = POLLIN};
        return 1;
    }
    return mmd_race_pollfds(p, fds, timeout_ms);
}

static void linux_wait(void *context, uint32_t timeout_ms)
{
    struct pollfd fds[MMD_LINUX_POLLFDS];
    size_t n = mmd_linux_pollfds(context, fds, &timeout_ms);

    poll(fds, n, timeout_ms < INT_MAX ? (int)timeout_ms : INT_MAX); /* less than 0 is for ever */
}

/* ---- the beginning and the end ---- */

static void linux_report(void *context, struct mmd_port_report *out)
{
    const struct mmd_linux *p = context;

    *out = (struct mmd_port_report){.detail = p->detail};
    mmd_race_address(p, out->address);
}

static void forget(struct mmd_linux *p)
{
    *p = (struct mmd_linux){.lookup = -1, .socket = -1};
}

static void linux_disconnect(void *context)
{
    struct mmd_linux *p = context;

    if (p->socket >= 0) {
        cork(p, false);
        discard_unread(p->socket);
        close(p->socket);
    }
    mmd_lookup_end(p);
    mmd_race_end(p);
    forget(p);
}

size_t mmd_linux_size(void)
{
    return sizeof(struct mmd_linux);
}

void mmd_linux_init(struct mmd_linux *p, struct mmd_port *port)
{
    forget(p);
    *port = (struct mmd_port){.context = p,
                              .connect = linux_connect,
                              .send = linux_send,
                              .receive = linux_receive,
                              .wait = linux_wait,
                              .report = linux_report,
                              .disconnect = linux_disconnect,
                              .monotonic_ms = mmd_linux_monotonic_ms,
                              .calendar_s = mmd_linux_calendar_s,
                              .random = linux_random};
}
