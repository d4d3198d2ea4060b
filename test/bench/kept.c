/* SPDX-License-Identifier: MIT */
/* Closes many requests on one connection, for bench.py to count what one more takes:
 *
 *     kept HOST PORT ADDRESS CA_FILE TENANT TOKEN ROUNDS
 *
 * The requests are called "1" to ROUNDS.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mmdclose/close.h"
#include "mmdclose/port/linux.h"

static char pem[1 << 16], buf[16384];
static struct mmd_close run;

int main(int argc, char **argv)
{
    struct mmd_linux state;
    struct mmd_port port;
    struct mmd_close_config config = {
        .port = &port, .try_timeout_ms = 60000, .total_timeout_ms = 60000, .keep_alive = true};
    size_t skipped;
    FILE *bundle = argc == 8 ? fopen(argv[4], "r") : NULL;

    if (bundle == NULL)
        return MMD_OUTCOME_USAGE;
    struct mmd_trust trust;
    mmd_trust_from_pem(pem, fread(pem, 1, sizeof pem, bundle), &trust, &skipped);
    fclose(bundle);
    mmd_linux_init(&state, &port);
    config.tls.trust = &trust;
    config.address = argv[3];
    struct mmd_token token = {argv[6], strlen(argv[6]) + 1, strlen(argv[6]), 0,
                              MMD_TOKEN_LIFETIME_UNKNOWN};
    char id[12] = "1";
    const struct mmd_closing closing = {.host = argv[1],
                                        .port = (uint16_t)atoi(argv[2]),
                                        .tenant_id = argv[5],
                                        .elevation_request_id = id,
                                        .client_request_id = "919108f7-52d1-4320-9bac-f847db4148a8",
                                        .actions_taken = "thirty characters are in here.",
                                        .actions_taken_len = 30};
    mmd_close_start(&run, &config, &token, &closing, buf, sizeof buf);
    bool right = mmd_close_run(&run) == MMD_OK;
    for (int rounds = atoi(argv[7]); rounds > 1 && right; rounds--) {
        snprintf(id, sizeof id, "%d", rounds);
        mmd_close_next(&run, &closing);
        right =
            mmd_close_run(&run) == MMD_OK && run.client.result.kept && !run.client.result.repeated;
    }
    mmd_close_disconnect(&run);
    return right ? 0 : MMD_OUTCOME_INTERNAL;
}
