/* The port for Linux: one TCP connection over non-blocking sockets. */
#include "mmdclose/port/linux.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "lookup.h"
#include "race.h"

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
    int error = look_up_and_race(p, host, tcp_port);
    if (error != MMD_PENDING)
        p->failure = error;
    return error;
}

/* ---- sending: held back until the next receive, so that a flight is one segment ---- */

static bool is_not_yet(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

/* Sends what is held. MMD_OK if nothing is left. */
static int flush(struct mmd_linux *p, int flags)
{
    size_t at = 0;

    p->send_blocked = false;
    while (at < p->held && !p->send_failed) {
        ssize_t n = send(p->socket, p->out + at, p->held - at, flags | MSG_NOSIGNAL);
        if (n >= 0)
            at += (size_t)n;
        else if (errno == EINTR)
            continue;
        else if (is_not_yet(errno))
            break;
        else
            p->send_failed = true;
    }
    p->held -= at;
    memmove(p->out, p->out + at, p->held);
    if (p->send_failed)
        return MMD_ERR_NETWORK;
    p->send_blocked = p->held > 0;
    return p->held > 0 ? MMD_PENDING : MMD_OK;
}

static int linux_send(void *context, const void *data, size_t len)
{
    struct mmd_linux *p = context;

    p->room_told = false;
    p->send_refused =
        p->held == sizeof p->out && flush(p, MSG_MORE) == MMD_PENDING && p->held == sizeof p->out;
    if (p->send_refused)
        return MMD_PENDING;
    if (p->send_failed)
        return MMD_ERR_NETWORK;
    if (len > sizeof p->out - p->held)
        len = sizeof p->out - p->held;
    memcpy(p->out + p->held, data, len);
    p->held += len;
    return (int)len;
}

/* ---- receiving: read in big pieces, given out as asked ---- */

static int refill(struct mmd_linux *p)
{
    if (p->failure != MMD_OK)
        return p->failure;
    ssize_t n = recv(p->socket, p->in, sizeof p->in, 0);
    if (n < 0 && is_not_yet(errno))
        return MMD_PENDING;
    if (n < 0 ||
        (n == 0 && p->send_failed)) /* a reset is told once, to whichever call comes first */
        return p->failure = MMD_ERR_NETWORK;
    if (n == 0)
        return MMD_END_OF_STREAM;
    p->in_at = 0;
    p->in_len = (size_t)n;
    return MMD_OK;
}

static int linux_receive(void *context, void *data, size_t cap)
{
    struct mmd_linux *p = context;

    if (p->room_told) /* and who receives all the same has nothing more to send */
        p->send_refused = p->room_told = false;
    int sent = flush(p, 0);

    if (p->in_at == p->in_len) {
        int error = refill(p);
        if (error == MMD_PENDING && sent == MMD_ERR_NETWORK)
            return sent; /* nothing can be expected any more */
        if (error != MMD_OK)
            return error;
    }
    size_t n = p->in_len - p->in_at;
    if (n > cap)
        n = cap;
    memcpy(data, p->in + p->in_at, n);
    p->in_at += n;
    return (int)n;
}

/* ---- waiting ---- */

size_t mmd_linux_pollfds(struct mmd_linux *p, struct pollfd fds[MMD_LINUX_POLLFDS],
                         uint32_t *timeout_ms)
{
    /* Room that a receive or a wait has made since is room at once: no event tells of it. */
    p->room_told = p->send_refused && p->held < sizeof p->out;
    if (p->in_at < p->in_len || p->room_told)
        *timeout_ms = 0;
    if (p->socket >= 0) {
        fds[0] = (struct pollfd){.fd = p->socket,
                                 .events = (short)(p->send_blocked ? POLLIN | POLLOUT : POLLIN)};
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
    struct mmd_linux *p = context;
    struct pollfd fds[MMD_LINUX_POLLFDS];

    if (p->socket >= 0)
        flush(p, 0);
    size_t n = mmd_linux_pollfds(p, fds, &timeout_ms);
    poll(fds, n, timeout_ms < INT_MAX ? (int)timeout_ms : INT_MAX); /* less than 0 is for ever */
}

static void linux_disconnect(void *context)
{
    struct mmd_linux *p = context;

    if (p->socket >= 0) {
        flush(p, 0);
        close(p->socket);
    }
    p->socket = -1;
    mmd_lookup_end(p);
    mmd_race_end(p);
    explicit_bzero(p->out, sizeof p->out);
    explicit_bzero(p->in, sizeof p->in);
    p->held = p->in_at = p->in_len = p->count = p->begun = 0;
    p->looked_up = p->send_blocked = p->send_refused = p->room_told = p->send_failed = false;
    p->failure = MMD_OK;
}

void mmd_linux_init(struct mmd_linux *p, struct mmd_port *port)
{
    memset(p, 0, sizeof *p);
    p->lookup = p->socket = -1;
    *port = (struct mmd_port){.context = p,
                              .connect = linux_connect,
                              .send = linux_send,
                              .receive = linux_receive,
                              .wait = linux_wait,
                              .disconnect = linux_disconnect,
                              .monotonic_ms = mmd_linux_monotonic_ms,
                              .calendar_s = mmd_linux_calendar_s,
                              .random = linux_random};
}
