/* SPDX-License-Identifier: MIT */
/* Closes one elevation request from an event loop:
 *
 *     closing HOST PORT ADDRESS CA_FILE TENANT REQUEST ACTIONS <TOKEN
 *
 * HOST is the service's name, ADDRESS what to connect to; the token is the first line of the
 * standard input. Prints what came of it; the exit status is that of the mmdclose command. */
#include <mmdclose/client.h>
#include <mmdclose/closing.h>
#include <mmdclose/guid.h>
#include <mmdclose/port/linux.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char pem[1 << 20], buf[16384]; /* buf: the request, then the response's body */
static struct mmd_linux state;
static struct mmd_client client;

static int read_trust(struct mmd_trust *trust, const char *path)
{
    FILE *file = fopen(path, "r");
    size_t skipped;

    if (file == NULL)
        return MMD_ERR_TRUST;
    size_t len = fread(pem, 1, sizeof pem, file);
    fclose(file);
    return mmd_trust_from_pem(pem, len, trust, &skipped) > 0 ? MMD_OK : MMD_ERR_TRUST;
}

/* Returns the request's length, or an error. */
static int write_request(char **argv, uint16_t tcp_port, const struct mmd_port *port)
{
    static char token[8192], guid[MMD_GUID_LEN + 1];
    uint8_t random[16];
    struct mmd_closing_info info;

    if (port->random(port->context, random, sizeof random) != MMD_OK)
        return MMD_ERR_ENTROPY;
    mmd_guid(guid, random);
    if (fgets(token, sizeof token, stdin) == NULL)
        return MMD_ERR_INPUT;
    token[strcspn(token, "\r\n")] = '\0';
    const struct mmd_closing closing = {.host = argv[1],
                                        .port = tcp_port,
                                        .tenant_id = argv[5],
                                        .elevation_request_id = argv[6],
                                        .actions_taken = argv[7],
                                        .actions_taken_len = strlen(argv[7]),
                                        .token = token,
                                        .client_request_id = guid};
    int len = mmd_closing_write(buf, sizeof buf, &closing, &info);
    memset(token, 0, sizeof token);
    return len;
}

/* The event loop: it has nothing else to wait for, but could. */
static void exchange(void)
{
    struct pollfd fds[MMD_LINUX_POLLFDS];
    uint32_t wait_ms;

    while (mmd_client_step(&client, &wait_ms) == MMD_PENDING) {
        size_t count = mmd_linux_pollfds(&state, fds, &wait_ms);
        poll(fds, count, (int)wait_ms);
    }
}

int main(int argc, char **argv)
{
    struct mmd_port port;
    struct mmd_trust trust;
    struct mmd_result result = MMD_RESULT_NONE;
    struct mmd_verdict verdict;

    if (argc != 8) {
        fputs("usage: closing HOST PORT ADDRESS CA_FILE TENANT REQUEST ACTIONS <TOKEN\n", stderr);
        return MMD_OUTCOME_USAGE;
    }
    mmd_linux_init(&state, &port);
    const uint16_t tcp_port = (uint16_t)strtoul(argv[2], NULL, 10);
    const struct mmd_client_config config = {.port = &port,
                                             .tls = {.trust = &trust, .host = argv[1]},
                                             .address = argv[3],
                                             .tcp_port = tcp_port,
                                             .timeout_ms = 30000};
    int len = read_trust(&trust, argv[4]);
    if (len == MMD_OK)
        len = write_request(argv, tcp_port, &port);
    result.error = len;
    if (len > 0) {
        if (mmd_client_start(&client, &config, buf, sizeof buf, (size_t)len) == MMD_OK)
            exchange();
        result = client.result;
    }
    mmd_closing_judge(&verdict, &result);
    printf("%s\n", mmd_error_text(verdict.error));
    return (int)verdict.outcome;
}
