/* SPDX-License-Identifier: MIT */
/* The race of a host's addresses. */
#include "race.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"

#define ATTEMPT_DELAY_MS 250 /* RFC 8305, section 8: Connection Attempt Delay */

static void drop(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void mmd_race_end(struct mmd_linux *p)
{
    for (size_t i = 0; i < p->begun; i++)
        drop(&p->racing[i]);
}

/* The next address joins the race; its socket is -1 if it failed at once. */
static void begin_next(struct mmd_linux *p)
{
    const union mmd_linux_address *address = &p->addresses[p->begun];
    bool v6 = address->any.sa_family == AF_INET6;
    socklen_t len = v6 ? sizeof address->v6 : sizeof address->v4;
    int on = 1, *fd = &p->racing[p->begun++];

    *fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (*fd < 0) {
        if (!p->had_socket && (errno != EAFNOSUPPORT || p->detail.kind == MMD_DETAIL_NONE))
            mmd_linux_fail(p, MMD_ERR_SYSTEM, errno);
        return;
    }
    p->had_socket = true;
    setsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(*fd, &address->any, len) != 0 && errno != EINPROGRESS && errno != EINTR) {
        mmd_linux_fail(p, MMD_ERR_CONNECT, errno);
        drop(fd);
    }
    p->next_ms = mmd_linux_monotonic_ms(NULL) + ATTEMPT_DELAY_MS;
}

/* MMD_OK if the socket has connected, MMD_PENDING, or MMD_ERR_CONNECT and it is closed. */
static int look_at(struct mmd_linux *p, int *fd)
{
    struct pollfd poll_fd = {.fd = *fd, .events = POLLOUT};
    int error = 0;
    socklen_t len = sizeof error;

    if (*fd < 0)
        return MMD_ERR_CONNECT;
    if (poll(&poll_fd, 1, 0) <= 0)
        return MMD_PENDING;
    if (getsockopt(*fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && error == 0)
        return MMD_OK;
    drop(fd);
    return mmd_linux_fail(p, MMD_ERR_CONNECT, error);
}

/* Looks at all that were begun, until one has connected. */
static int look_at_all(struct mmd_linux *p)
{
    int result = MMD_ERR_CONNECT;

    for (size_t i = 0; i < p->begun; i++) {
        int state = look_at(p, &p->racing[i]);
        if (state == MMD_OK) {
            p->socket = p->racing[i];
            p->connected = i;
            p->detail = (struct mmd_detail){MMD_DETAIL_NONE, 0};
            p->racing[i] = -1;
            mmd_race_end(p);
            return MMD_OK;
        }
        if (state == MMD_PENDING)
            result = MMD_PENDING;
    }
    return result;
}

/* Milliseconds until the next address is due; the earlier ones may still be connecting. */
static uint32_t until_next(const struct mmd_linux *p)
{
    int32_t until = (int32_t)(p->next_ms - mmd_linux_monotonic_ms(NULL));

    return until > 0 ? (uint32_t)until : 0;
}

/* Whether the system gave no socket at all. A kernel without IPv6 only lacks a way there. */
static bool is_refused_all(const struct mmd_linux *p)
{
    return !p->had_socket && p->detail.code != EAFNOSUPPORT;
}

int mmd_race_run(struct mmd_linux *p)
{
    for (;;) {
        int state = look_at_all(p);
        if (state == MMD_ERR_CONNECT && p->begun == p->count && is_refused_all(p))
            return MMD_ERR_SYSTEM;
        if (state == MMD_OK || p->begun == p->count)
            return state;
        if (state == MMD_PENDING && until_next(p) > 0)
            return MMD_PENDING;
        begin_next(p);
    }
}

void mmd_race_address(const struct mmd_linux *p, char out[MMD_ADDRESS_CAP])
{
    size_t at = p->socket >= 0 ? p->connected : p->begun - 1;

    out[0] = '\0';
    if (p->begun == 0)
        return;
    const union mmd_linux_address *address = &p->addresses[at];
    const void *bytes = address->any.sa_family == AF_INET6 ? (const void *)&address->v6.sin6_addr
                                                           : (const void *)&address->v4.sin_addr;
    inet_ntop(address->any.sa_family, bytes, out, MMD_ADDRESS_CAP);
}

size_t mmd_race_pollfds(const struct mmd_linux *p, struct pollfd fds[MMD_LINUX_ADDRESSES],
                        uint32_t *timeout_ms)
{
    uint32_t until = until_next(p);
    size_t n = 0;

    for (size_t i = 0; i < p->begun; i++)
        if (p->racing[i] >= 0)
            fds[n++] = (struct pollfd){.fd = p->racing[i], .events = POLLOUT};
    if (p->begun < p->count && until < *timeout_ms)
        *timeout_ms = until;
    return n;
}
