/* SPDX-License-Identifier: MIT */
/* Sends two requests with one kept session, and changes something in between:
 *
 *     sessions CHANGE PORT CA_FILE OTHER_CA_FILE
 *
 * CHANGE: none; host (the same in capitals); moved, gone (the anchor has another before it; only
 * the other is there); late (the clock is past the certificates' end); unset (the clock is);
 * damaged, forgotten (the session is). Prints a line of JSON for each request. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mmdclose/client.h"
#include "mmdclose/port/linux.h"

#define LATE 7258118400 /* the year 2200 */

static int64_t late(void *context)
{
    (void)context;
    return LATE;
}

static int64_t unset(void *context)
{
    (void)context;
    return MMD_CLOCK_NOT_SET;
}

/* Appends the anchors of a file. */
static void add_anchors(char *pem, size_t cap, struct mmd_trust *trust, const char *path)
{
    struct mmd_trust more;
    size_t skipped;
    FILE *file = fopen(path, "r");

    if (file == NULL)
        exit(2);
    char *to = pem + trust->len;
    mmd_trust_from_pem(to, fread(to, 1, cap - trust->len, file), &more, &skipped);
    *trust = (struct mmd_trust){(const uint8_t *)pem, trust->len + more.len};
    fclose(file);
}

static void exchange(const struct mmd_client_config *config)
{
    static struct mmd_client client;
    char buf[1024] = "GET / HTTP/1.1\r\nHost: mmdls.test\r\nConnection: close\r\n\r\n";

    if (mmd_client_start(&client, config, buf, sizeof buf, strlen(buf)) == MMD_OK)
        mmd_client_run(&client);
    printf("{\"error\":\"%s\",\"resumed\":%s,\"kept\":%zu,\"delivery\":%d}\n",
           mmd_error_name(client.result.error), client.result.resumed ? "true" : "false",
           config->tls.session->len, (int)client.result.delivery);
}

int main(int argc, char **argv)
{
    static struct mmd_linux linux_port;
    static struct mmd_session session;
    static char pem[1 << 16], other_pem[1 << 16];
    struct mmd_port port;
    struct mmd_trust trust = {NULL, 0}, other = {NULL, 0};

    if (argc != 5)
        return 2;
    const char *change = argv[1];
    add_anchors(pem, sizeof pem, &trust, argv[3]);
    add_anchors(other_pem, sizeof other_pem, &other, argv[4]);
    mmd_linux_init(&linux_port, &port);
    struct mmd_client_config config = {.port = &port,
                                       .tls.trust = &trust,
                                       .tls.host = "mmdls.test",
                                       .address = "127.0.0.1",
                                       .tcp_port = (uint16_t)atoi(argv[2]),
                                       .timeout_ms = 20000,
                                       .tls.session = &session};
    exchange(&config);
    if (strcmp(change, "host") == 0)
        config.tls.host = "MMDLS.TEST";
    if (strcmp(change, "moved") == 0)
        add_anchors(other_pem, sizeof other_pem, &other, argv[3]);
    if (strcmp(change, "moved") == 0 || strcmp(change, "gone") == 0)
        config.tls.trust = &other;
    if (strcmp(change, "late") == 0)
        port.calendar_s = late;
    if (strcmp(change, "unset") == 0)
        port.calendar_s = unset;
    if (strcmp(change, "damaged") == 0)
        memset(session.bytes, 0xA5, session.len);
    if (strcmp(change, "forgotten") == 0)
        mmd_session_forget(&session);
    exchange(&config);
    return 0;
}
