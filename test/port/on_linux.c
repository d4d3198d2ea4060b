/* SPDX-License-Identifier: MIT */
/* The conformance of the port for Linux. The name service is played, the sockets are real.
 *   on_linux PORT REFUSED SILENT     as conformance-peer prints them */
#define _GNU_SOURCE 1
#include <stdio.h>

#include "../unit/names.h"
#include "hosted.h"
#include "mmdclose/port/linux.h"

static int (*connect_really)(void *context, const char *host, uint16_t tcp_port);

/* Sets what the name service says to this name. */
static int connect_with_names(void *context, const char *host, uint16_t tcp_port)
{
    static union names_address addresses[2];

    for (size_t i = 0; i < 2; i++) {
        addresses[i] = (union names_address){.v4 = {.sin_family = AF_INET}};
        addresses[i].v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 - (uint32_t)i);
    }
    if (strcmp(host, "peer.test") == 0)
        names_answer(0, &addresses[1], 1);
    else if (strcmp(host, "several.test") == 0)
        names_answer(0, addresses, 2);
    else
        names_answer(strcmp(host, "unanswered.test") == 0 ? EAI_AGAIN : EAI_NONAME, NULL, 0);
    return connect_really(context, host, tcp_port);
}

/* Lookups that go on count, too. */
static size_t held(void *context)
{
    return open_descriptors(context) + (size_t)names_waiting();
}

int main(int argc, char **argv)
{
    struct mmd_linux connection;
    struct mmd_port port;
    struct conformance c = {.port = &port,
                            .address = "127.0.0.1",
                            .name = "peer.test",
                            .several = "several.test",
                            .unknown = "unknown.test",
                            .unanswered = "unanswered.test",
                            .report = print_verdict,
                            .run = nap,
                            .held = held};

    if (argc != 4)
        return 2;
    c.tcp_port = (uint16_t)atoi(argv[1]);
    c.refused_port = (uint16_t)atoi(argv[2]);
    c.silent_port = (uint16_t)atoi(argv[3]);
    names_hold(false); /* it answers at once */
    mmd_linux_init(&connection, &port);
    connect_really = port.connect;
    port.connect = connect_with_names;
    return conformance_run(&c) == 0 ? 0 : 1;
}
