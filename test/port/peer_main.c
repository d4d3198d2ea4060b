/* conformance-peer: the other end of a conformance test (peer.h) on a TCP port of this machine.
 *   conformance-peer [ADDRESS [PORT]]     by default any free port of 127.0.0.1
 * Prints three ports: where it listens, where it refuses, and where no answer comes. It ends when
 * its input does. */
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

#define SMALL 4096 /* so that a sender soon has to wait */

static struct {
    struct port_peer peer;
    int listener, fd; /* the connection, or -1 */
    unsigned char out[SMALL];
    size_t at, len; /* of what is to be sent */
    bool ended;     /* our direction */
} net = {.fd = -1};

static uint32_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint32_t)((uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000);
}

/* Returns a socket bound there, and the port. */
static int bound(const char *address, uint16_t *tcp_port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1, small = SMALL;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(*tcp_port)};
    socklen_t len = sizeof a;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    if (fd < 0 || inet_pton(AF_INET, address, &a.sin_addr) != 1 ||
        bind(fd, (struct sockaddr *)&a, sizeof a) != 0 ||
        getsockname(fd, (struct sockaddr *)&a, &len) != 0) {
        perror("conformance-peer");
        exit(1);
    }
    *tcp_port = ntohs(a.sin_port);
    return fd;
}

/* Listens, but with a queue that is full, where connections wait for ever. Returns the port. */
static uint16_t silent(const char *address)
{
    uint16_t tcp_port = 0;
    int listener = bound(address, &tcp_port);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(tcp_port)};

    inet_pton(AF_INET, address, &a.sin_addr);
    if (listen(listener, 0) != 0)
        exit(1);
    for (int i = 0; i < 8; i++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        (void)connect(fd, (struct sockaddr *)&a, sizeof a);
    }
    return tcp_port;
}

static void end(const char *how)
{
    port_peer_ended(&net.peer, how, now_ms());
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

    if (n > 0)
        port_peer_take(&net.peer, in, (size_t)n);
    else if (room > 0 && n == 0)
        end("fin");
    else if (room > 0 && !is_later())
        end("rst");
}

/* Sends what there is to be sent, and does what is wished then. */
static void write_some(void)
{
    if (net.at == net.len) {
        net.at = 0;
        net.len = port_peer_give(&net.peer, net.out, sizeof net.out);
    }
    if (net.at < net.len) {
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
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
}

/* The connection's events before the listener's: it ended before the next began. */
static void turn(const struct pollfd fds[3])
{
    if (net.fd >= 0 && (fds[2].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
        read_some();
    if (net.fd >= 0 && (fds[2].revents & POLLOUT) != 0)
        write_some();
    if ((fds[1].revents & POLLIN) != 0)
        accept_one();
}

int main(int argc, char **argv)
{
    const char *address = argc > 1 ? argv[1] : "127.0.0.1";
    uint16_t tcp_port = (uint16_t)(argc > 2 ? atoi(argv[2]) : 0), refused = 0;

    net.listener = bound(address, &tcp_port);
    bound(address, &refused); /* nobody else gets it, and it does not listen */
    if (listen(net.listener, 16) != 0)
        return 1;
    printf("%u %u %u\n", tcp_port, refused, silent(address));
    fflush(stdout);
    for (;;) {
        struct pollfd fds[3] = {{.fd = STDIN_FILENO, .events = POLLIN},
                                {.fd = net.listener, .events = POLLIN},
                                {.fd = net.fd}};
        if (net.fd >= 0)
            fds[2].events = (short)((port_peer_room(&net.peer) > 0 ? POLLIN : 0) |
                                    (has_to_write() ? POLLOUT : 0));
        if (net.fd >= 0 && fds[2].events == 0)
            fds[2].fd = -1; /* deaf: not even for a reset, which would wake us again and again */
        char byte;
        if (poll(fds, 3, -1) > 0 && fds[0].revents != 0 && read(STDIN_FILENO, &byte, 1) <= 0)
            return 0;
        turn(fds);
    }
}
