/* SPDX-License-Identifier: MIT */
/* conformance-peer: the other end of a conformance test (peer.h) on a TCP port of this machine.
 *   conformance-peer [ADDRESS [PORT]]     by default any free port of 127.0.0.1
 * Prints three ports: where it listens, where it refuses, and where no answer comes. It ends when
 * its input does, so that it does not outlive who runs it. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "peer.h"

#define SMALL   4096 /* so that a sender soon has to wait */
#define CALLERS 8    /* more than a queue for none takes */
#define LATE_MS 300

static struct {
    struct port_peer peer;
    int listener, fd; /* the connection, or -1 */
    unsigned char out[SMALL];
    size_t at, len; /* of what is to be sent */
    bool ended;     /* our direction */
} net = {.fd = -1};

/* Where no answer comes: the queue is full. */
static struct {
    struct sockaddr_in address;
    int listener, callers[CALLERS];
    bool has_to_open, is_open;
    uint32_t closed_ms; /* has_to_open: LATE_MS after that */
} silent;

static uint32_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint32_t)((uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000);
}

static void nap(uint32_t ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000},
              NULL);
}

/* Returns a socket bound there, and the port. */
static int bound(const char *address, uint16_t *tcp_port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1, small = SMALL;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(*tcp_port)};
    socklen_t len = sizeof a;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    inet_pton(AF_INET, address, &a.sin_addr);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) != 0 ||
        getsockname(fd, (struct sockaddr *)&a, &len) != 0) {
        perror("conformance-peer");
        exit(1);
    }
    *tcp_port = ntohs(a.sin_port);
    return fd;
}

static void fill_queue(void)
{
    for (int i = 0; i < CALLERS; i++) {
        silent.callers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        (void)connect(silent.callers[i], (struct sockaddr *)&silent.address, sizeof silent.address);
    }
    silent.is_open = false;
}

/* Whether there was one. */
static bool drop_one(void)
{
    int fd = accept4(silent.listener, NULL, NULL, SOCK_CLOEXEC);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static void empty_queue(void)
{
    for (int i = 0; i < CALLERS; i++)
        close(silent.callers[i]);
    while (drop_one())
        continue;
    silent.has_to_open = false;
    silent.is_open = true;
}

/* Returns the port. */
static uint16_t start_silence(const char *address)
{
    uint16_t tcp_port = 0;

    silent.listener = bound(address, &tcp_port);
    silent.address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(tcp_port)};
    inet_pton(AF_INET, address, &silent.address.sin_addr);
    if (listen(silent.listener, 0) != 0)
        exit(1);
    fill_queue();
    return tcp_port;
}

static void end(const char *how)
{
    silent.closed_ms = now_ms();
    silent.has_to_open |= net.peer.task == 'w';
    port_peer_ended(&net.peer, how, silent.closed_ms);
    close(net.fd);
    net.fd = -1;
}

static void reset(void)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};

    setsockopt(net.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    end("reset");
}

static bool is_later(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static void read_some(void)
{
    unsigned char in[SMALL];
    size_t room = port_peer_room(&net.peer);
    ssize_t n = room > 0 ? recv(net.fd, in, room < sizeof in ? room : sizeof in, 0) : -1;

    if (n > 0) {
        port_peer_take(&net.peer, in, (size_t)n);
        if (net.peer.task == 's')
            nap(2); /* sink: so that any sender has to wait in the end */
    } else if (room > 0 && n == 0) {
        end("fin");
    } else if (room > 0 && !is_later()) {
        end("rst");
    }
}

/* Sends what there is to be sent, and does what is wished then. */
static void write_some(void)
{
    if (net.at == net.len) {
        net.at = 0;
        net.len = port_peer_give(&net.peer, net.out, sizeof net.out);
    }
    if (net.at < net.len) {
        if (net.peer.task == 'e')
            nap(net.peer.amount);
        ssize_t n = send(net.fd, net.out + net.at, net.len - net.at, MSG_NOSIGNAL);
        if (n > 0)
            net.at += (size_t)n;
        else if (!is_later())
            end("rst");
    } else if (port_peer_wish(&net.peer) == PEER_RESET) {
        reset();
    } else if (port_peer_wish(&net.peer) == PEER_END && !net.ended) {
        net.ended = shutdown(net.fd, SHUT_WR) == 0;
    }
}

static bool has_to_write(void)
{
    enum peer_wish wish = port_peer_wish(&net.peer);

    if (net.at == net.len) {
        net.at = 0;
        net.len = port_peer_give(&net.peer, net.out, sizeof net.out);
    }
    return net.at < net.len || wish == PEER_RESET || (wish == PEER_END && !net.ended);
}

static void accept_one(void)
{
    int fd = accept4(net.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0)
        return;
    if (net.fd >= 0)
        close(net.fd);
    net.fd = fd;
    net.at = net.len = 0;
    net.ended = false;
    port_peer_accept(&net.peer, now_ms());
    /* A reset that is due at once: first whoever connects shall see that the connection is made. */
    if (port_peer_wish(&net.peer) == PEER_RESET)
        nap(50);
}

/* Who calls late is let in once. */
static void let_in(void)
{
    if (silent.has_to_open && now_ms() - silent.closed_ms >= LATE_MS)
        empty_queue();
    if (silent.is_open && drop_one())
        fill_queue();
}

/* The connection's events before the listener's: it ended before the next began. */
static void turn(const struct pollfd *of_listener, const struct pollfd *of_connection)
{
    if (net.fd >= 0 && (of_connection->revents & (POLLIN | POLLHUP | POLLERR)) != 0)
        read_some();
    if (net.fd >= 0 && (of_connection->revents & POLLOUT) != 0)
        write_some();
    if ((of_listener->revents & POLLIN) != 0)
        accept_one();
    let_in();
}

static void serve(void)
{
    for (;;) {
        struct pollfd fds[4] = {{.fd = STDIN_FILENO, .events = POLLIN},
                                {.fd = net.listener, .events = POLLIN},
                                {.fd = silent.is_open ? silent.listener : -1, .events = POLLIN},
                                {.fd = net.fd}};
        if (net.fd >= 0)
            fds[3].events = (short)((port_peer_room(&net.peer) > 0 ? POLLIN : 0) |
                                    (has_to_write() ? POLLOUT : 0));
        if (net.fd >= 0 && fds[3].events == 0)
            fds[3].fd = -1; /* deaf: not even for a reset, which would wake us again and again */
        char byte;
        if (poll(fds, 4, silent.has_to_open ? LATE_MS : -1) > 0 && fds[0].revents != 0 &&
            read(STDIN_FILENO, &byte, 1) <= 0)
            return;
        turn(&fds[1], &fds[3]);
    }
}

int main(int argc, char **argv)
{
    const char *address = argc > 1 ? argv[1] : "127.0.0.1";
    struct in_addr ignored;
    uint16_t refused = 0;
    char *end = "";
    unsigned long tcp_port = argc > 2 ? strtoul(argv[2], &end, 10) : 0;

    if (argc > 3 || inet_pton(AF_INET, address, &ignored) != 1 || *end != '\0' ||
        tcp_port > UINT16_MAX) {
        fputs("usage: conformance-peer [IPv4-ADDRESS [PORT]]\n", stderr);
        return 2;
    }
    uint16_t here = (uint16_t)tcp_port;
    net.listener = bound(address, &here);
    bound(address, &refused); /* nobody else gets it, and it does not listen */
    if (listen(net.listener, 16) != 0)
        return 1;
    printf("%u %u %u\n", here, refused, start_silence(address));
    fflush(stdout);
    serve();
    return 0;
}
