/* SPDX-License-Identifier: MIT */
/* Frame loss for a board in the emulator: passes frames between QEMU and a user-mode network of its
 * own (libslirp), and loses some on the way.
 *
 *     relay LOSS      LOSS: how many of 100 frames are lost, each way
 *
 * Prints the UDP port of 127.0.0.1 to which QEMU is to send, a frame for a datagram; what sent the
 * last one gets the frames of the network. Ends when its standard input does. */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "slirp_link.h"

#define LONGEST 1514
#define WAIT_MS 1000

static struct {
    int socket;
    struct sockaddr_in emulator; /* port 0: it has not sent anything yet */
} relay;

static void give_up(const char *what)
{
    perror(what);
    exit(1);
}

static void send_to_emulator(const void *frame, size_t len)
{
    if (relay.emulator.sin_port != 0) /* if it cannot be sent, it is lost, as any may be */
        (void)sendto(relay.socket, frame, len, 0, (const struct sockaddr *)&relay.emulator,
                     sizeof relay.emulator);
}

static void take_from_emulator(void)
{
    unsigned char frame[LONGEST];
    socklen_t address_len = sizeof relay.emulator;
    ssize_t len;

    while ((len = recvfrom(relay.socket, frame, sizeof frame, MSG_DONTWAIT,
                           (struct sockaddr *)&relay.emulator, &address_len)) > 0)
        slirp_link_send(frame, (size_t)len);
}

static void open_socket(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof address;

    relay.socket = socket(AF_INET, SOCK_DGRAM, 0);
    if (relay.socket < 0 || bind(relay.socket, (const struct sockaddr *)&address, len) != 0 ||
        getsockname(relay.socket, (struct sockaddr *)&address, &len) != 0)
        give_up("relay: socket");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
}

/* One descriptor to wait for the two of them. */
static int watch(int a, int b)
{
    struct epoll_event event = {.events = EPOLLIN};
    int both = epoll_create1(0);

    if (both < 0 || epoll_ctl(both, EPOLL_CTL_ADD, a, &event) != 0 ||
        epoll_ctl(both, EPOLL_CTL_ADD, b, &event) != 0)
        give_up("relay: epoll");
    return both;
}

int main(int argc, char **argv)
{
    struct pollfd input = {STDIN_FILENO, POLLIN, 0};

    if (argc != 2 || !slirp_link_start((unsigned)atoi(argv[1]), send_to_emulator)) {
        fputs("usage: relay LOSS\n", stderr);
        return 1;
    }
    open_socket();
    for (int both = watch(relay.socket, STDIN_FILENO); poll(&input, 1, 0) == 0;) {
        slirp_link_poll(both, WAIT_MS);
        take_from_emulator();
    }
    return 0;
}
