/* SPDX-License-Identifier: MIT */
/* The conformance of the proxy port, over the port for Linux. What a proxy changes: it looks names
 * up itself, and a status is all that it says of a failure.
 *   on_proxy PORT REFUSED SILENT PROXY     the first three as conformance-peer prints them */
#define _GNU_SOURCE 1
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hosted.h"
#include "mmdclose/port/linux.h"
#include "mmdclose/proxy.h"

static int (*connect_really)(void *context, const char *host, uint16_t tcp_port);

/* Its word for an address that refuses, and for a name without an address. */
static int connect_and_translate(void *context, const char *host, uint16_t tcp_port)
{
    int error = connect_really(context, host, tcp_port);

    if (error != MMD_ERR_PROXY_GATEWAY)
        return error;
    return strcmp(host, "unknown.test") == 0 ? MMD_ERR_NAME : MMD_ERR_CONNECT;
}

int main(int argc, char **argv)
{
    struct mmd_linux connection;
    struct mmd_proxy proxy;
    struct mmd_port under, port;
    struct mmd_proxy_config config = {.host = "127.0.0.1", .credentials = "user:password"};
    struct conformance c = {.port = &port,
                            .address = "127.0.0.1",
                            .name = "peer.test",
                            .unknown = "unknown.test",
                            .report = print_verdict,
                            .run = nap,
                            .held = open_descriptors};

    if (argc != 5)
        return 2;
    c.tcp_port = (uint16_t)atoi(argv[1]);
    c.refused_port = (uint16_t)atoi(argv[2]);
    c.silent_port = (uint16_t)atoi(argv[3]);
    config.port = (uint16_t)atoi(argv[4]);
    mmd_linux_init(&connection, &under);
    if (mmd_proxy_init(&proxy, &config, &under, &port) != MMD_OK)
        return 2;
    connect_really = port.connect;
    port.connect = connect_and_translate;
    return conformance_run(&c) == 0 ? 0 : 1;
}
