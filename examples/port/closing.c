/* SPDX-License-Identifier: MIT */
/* A closing over a port of your own: static memory only, in the program's own loop. See
 * docs/porting.md. */
#include <mmdclose/close.h>
#include <mmdclose/guid.h>
#include <mmdclose/tls_pool.h>
#include <stdbool.h>
#include <string.h>

#include "port.h" /* of the port: port_mine */

/* Begin with 64 KiB, and read what was used (tls_pool.h). */
static _Alignas(8) unsigned char pool[65536];
static char message[4096], token_bytes[3072];
static struct mmd_close run;

/* What TLS 1.3 asks without a context. */
int mmd_random(void *data, size_t len)
{
    return port_mine.random(port_mine.context, data, len);
}

/* A button, say. */
static bool is_stopped(void)
{
    return false;
}

static void step_to_the_end(void)
{
    const struct mmd_port *port;
    uint32_t wait_ms;

    while (mmd_close_step(&run, &wait_ms) == MMD_PENDING) {
        port = mmd_close_port(&run);
        if (is_stopped())
            mmd_close_cancel(&run); /* it ends as by its deadline: run.cancelled says why */
        else if (wait_ms > 0)
            port->wait(port->context, wait_ms); /* or do something else, for that long at most */
    }
}

/* trust: the anchors, concatenated in DER. Returns the outcome; run.verdict says more. */
enum mmd_outcome close_request(const char *tenant, const char *request, const char *actions,
                               const char *token, const struct mmd_trust *trust)
{
    const struct mmd_tls_pool *used = mmd_tls_pool_init(pool, sizeof pool);
    struct mmd_token cache = {.bytes = token_bytes, .cap = sizeof token_bytes};
    char guid[MMD_GUID_LEN + 1];
    uint8_t random[16];

    if (mmd_random(random, sizeof random) != MMD_OK ||
        mmd_token_keep(&cache, token, strlen(token), MMD_TOKEN_LIFETIME_UNKNOWN, 0) != MMD_OK)
        return MMD_OUTCOME_INTERNAL;
    mmd_guid(guid, random);
    const struct mmd_closing closing = {.host = MMD_SERVICE_HOST,
                                        .port = MMD_SERVICE_PORT,
                                        .tenant_id = tenant,
                                        .elevation_request_id = request,
                                        .client_request_id = guid,
                                        .actions_taken = actions,
                                        .actions_taken_len = strlen(actions)};
    const struct mmd_close_config config = {
        .port = &port_mine,
        .tls = {.trust = trust, .allocation_failures = &used->failures},
        .try_timeout_ms = 30000,
        .total_timeout_ms = 600000,
        .retries = 10,
        .backoff_ms = 1000,
        .backoff_max_ms = 60000};
    mmd_close_start(&run, &config, &cache, &closing, message, sizeof message);
    step_to_the_end();
    mmd_close_disconnect(&run);
    mmd_token_forget(&cache);
    return run.outcome;
}
