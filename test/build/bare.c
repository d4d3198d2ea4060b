/* SPDX-License-Identifier: MIT */
/* A program for a board of two files, as docs/porting.md describes it, with the least port there
 * can be. It has no trust anchors; ends with 0 if the engine refuses it for that. */
#include <stdio.h>
#include <string.h>

#include "mmdclose/client.h"
#include "mmdclose/closing.h"
#include "mmdclose/tls_pool.h"
#include "port.h"

int main(void)
{
    static const uint8_t anchors[1];
    static char buf[3072];
    static _Alignas(8) unsigned char memory[49152];
    static struct mmd_client client;
    const struct mmd_tls_pool *pool = mmd_tls_pool_init(memory, sizeof memory);
    const struct mmd_trust trust = {anchors, sizeof anchors};
    const struct mmd_closing closing = {.host = MMD_SERVICE_HOST,
                                        .port = MMD_SERVICE_PORT,
                                        .tenant_id = "tenant",
                                        .elevation_request_id = "request",
                                        .token = "token",
                                        .client_request_id = "id",
                                        .actions_taken = "Tried to.",
                                        .actions_taken_len = 9};
    const struct mmd_client_config config = {
        .port = &port_mine,
        .tls = {.trust = &trust, .host = MMD_SERVICE_HOST, .allocation_failures = &pool->failures},
        .tcp_port = MMD_SERVICE_PORT,
        .timeout_ms = 1000};
    struct mmd_closing_info info;
    struct mmd_verdict verdict;
    int len = mmd_closing_write(buf, sizeof buf, &closing, &info);

    if (len > 0 && mmd_client_start(&client, &config, buf, sizeof buf, (size_t)len) == MMD_OK)
        mmd_client_run(&client);
    mmd_closing_judge(&verdict, &client.result);
    printf("%s\n", mmd_error_name(client.result.error));
    return verdict.error == MMD_ERR_TRUST ? 0 : 1;
}
