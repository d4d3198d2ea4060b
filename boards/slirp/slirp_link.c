/* SPDX-License-Identifier: MIT */
/* libslirp in a loop of our own. */
#include "slirp_link.h"

#include <arpa/inet.h>
#include <libslirp.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

#define FDS    64
#define TIMERS 16

struct timer {
    SlirpTimerCb function;
    void *argument;
    int64_t due_ms; /* -1: not set */
    bool used;
};

static struct {
    Slirp *slirp;
    void (*take)(const void *frame, size_t len);
    unsigned loss;
    uint32_t dice;
    struct pollfd fds[FDS];
    int count;
    struct timer timers[TIMERS];
} net;

/* A linear congruential generator: the same frames are lost in each run. */
static bool is_lost(void)
{
    net.dice = net.dice * 1664525u + 1013904223u;
    return (net.dice >> 16) % 100 < net.loss;
}

/* ---- what libslirp calls ---- */

static ssize_t take_frame(const void *frame, size_t len, void *context)
{
    (void)context;
    if (!is_lost())
        net.take(frame, len);
    return (ssize_t)len;
}

static void guest_error(const char *text, void *context)
{
    (void)text, (void)context;
}

static int64_t now_ns(void *context)
{
    struct timespec now;

    (void)context;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void *new_timer(SlirpTimerCb function, void *argument, void *context)
{
    (void)context;
    for (struct timer *t = net.timers; t < net.timers + TIMERS; t++)
        if (!t->used) {
            *t = (struct timer){function, argument, -1, true};
            return t;
        }
    abort();
}

static void free_timer(void *timer, void *context)
{
    (void)context;
    ((struct timer *)timer)->used = false;
}

static void set_timer(void *timer, int64_t due_ms, void *context)
{
    (void)context;
    ((struct timer *)timer)->due_ms = due_ms;
}

static void ignore_fd(int fd, void *context)
{
    (void)fd, (void)context;
}

static void ignore_notice(void *context)
{
    (void)context;
}

/* ---- polling ---- */

static int add_fd(int fd, int events, void *context)
{
    short wanted = 0;

    (void)context;
    if (net.count == FDS)
        abort();
    if ((events & SLIRP_POLL_IN) != 0)
        wanted |= POLLIN;
    if ((events & SLIRP_POLL_OUT) != 0)
        wanted |= POLLOUT;
    if ((events & SLIRP_POLL_PRI) != 0)
        wanted |= POLLPRI;
    net.fds[net.count] = (struct pollfd){fd, wanted, 0};
    return net.count++;
}

static int events_of(int index, void *context)
{
    short seen = net.fds[index].revents;
    int events = 0;

    (void)context;
    if ((seen & POLLIN) != 0)
        events |= SLIRP_POLL_IN;
    if ((seen & POLLOUT) != 0)
        events |= SLIRP_POLL_OUT;
    if ((seen & POLLPRI) != 0)
        events |= SLIRP_POLL_PRI;
    if ((seen & POLLERR) != 0)
        events |= SLIRP_POLL_ERR;
    if ((seen & POLLHUP) != 0)
        events |= SLIRP_POLL_HUP;
    return events;
}

static void run_timers(void)
{
    int64_t now_ms = now_ns(NULL) / 1000000;

    for (struct timer *t = net.timers; t < net.timers + TIMERS; t++)
        if (t->used && t->due_ms >= 0 && t->due_ms <= now_ms) {
            t->due_ms = -1;
            t->function(t->argument);
        }
}

void slirp_link_poll(int fd, uint32_t timeout_ms)
{
    net.count = 0;
    if (fd >= 0)
        net.fds[net.count++] = (struct pollfd){fd, POLLIN, 0};
    slirp_pollfds_fill(net.slirp, &timeout_ms, add_fd, NULL);
    int ready = poll(net.fds, (nfds_t)net.count, (int)timeout_ms);
    slirp_pollfds_poll(net.slirp, ready < 0, events_of, NULL);
    run_timers();
}

void slirp_link_send(const void *frame, size_t len)
{
    if (!is_lost())
        slirp_input(net.slirp, frame, (int)len);
}

bool slirp_link_start(unsigned loss, void (*take)(const void *frame, size_t len))
{
    static const SlirpCb callbacks = {
        .send_packet = take_frame,
        .guest_error = guest_error,
        .clock_get_ns = now_ns,
        .timer_new = new_timer,
        .timer_free = free_timer,
        .timer_mod = set_timer,
        .register_poll_fd = ignore_fd,
        .unregister_poll_fd = ignore_fd,
        .notify = ignore_notice,
    };
    SlirpConfig config = {.version = 1, .in_enabled = true};

    inet_pton(AF_INET, "10.0.2.0", &config.vnetwork);
    inet_pton(AF_INET, "255.255.255.0", &config.vnetmask);
    inet_pton(AF_INET, "10.0.2.2", &config.vhost);
    inet_pton(AF_INET, "10.0.2.15", &config.vdhcp_start);
    inet_pton(AF_INET, "10.0.2.3", &config.vnameserver);
    net.take = take;
    net.loss = loss;
    net.slirp = slirp_new(&config, &callbacks, NULL);
    return net.slirp != NULL;
}
