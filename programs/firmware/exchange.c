/* SPDX-License-Identifier: MIT */
/* One closing, from the token to its end, step by step. */
#include <string.h>

#include "job.h"

#define BACKOFF_MS     1000 /* as the command's */
#define BACKOFF_MAX_MS 600000
#define TOTAL_MS       86400000

static bool is_of_clock(int error)
{
    return error == MMD_ERR_CERT_DATE || error == MMD_ERR_CERT_FUTURE ||
           error == MMD_ERR_CLOCK_SKEW;
}

/* ---- the stages ---- */

static void end_exchange(struct job *job)
{
    if (job->exchanged && job->options.verbose)
        report_costs(job);
    job->exchanged = false;
    job->handshake_us = job->longest_us = 0;
}

/* DHCP may have set another name server since the last connection. */
static void begin_stage(struct job *job, enum mmd_stage stage)
{
    end_exchange(job);
    if (job->options.verbose)
        report_stage(job, stage);
    if (stage != MMD_STAGE_WAIT) {
        job->exchanged = true;
        network_set_dns(job->options.dns);
    } else if (is_of_clock(job->close.verdict.error)) {
        network_ask_time();
    }
}

/* As mmd_close_config's. */
static void on_stage(void *context, enum mmd_stage stage, unsigned attempt)
{
    struct job *job = context;
    uint32_t start = board_us();

    (void)attempt;
    begin_stage(job, stage);
    job->aside_us += board_us() - start;
}

/* ---- the steps ---- */

/* One step, and how long it kept the board from everything else. */
static int step(struct job *job, uint32_t *wait_ms)
{
    const struct mmd_client *client = &job->close.client;
    enum mmd_phase phase = client->phase;
    uint32_t start = board_us();

    job->aside_us = 0;
    int result = mmd_close_step(&job->close, wait_ms);
    uint32_t took = board_us() - start - job->aside_us;
    if (phase == MMD_PHASE_HANDSHAKE)
        job->handshake_us += took;
    if (took > job->longest_us)
        job->longest_us = took;
    if (client->phase != phase && job->options.verbose)
        report_phase(client->phase);
    return result;
}

static void begin_closing(struct job *job)
{
    uint8_t random[16] = {0};

    job->port.random(job->port.context, random, sizeof random); /* else no handshake, too */
    mmd_guid(job->guid, random);
    if (job->close.config == NULL)
        mmd_close_start(&job->close, &job->config, &job->token, &job->closing, job->message,
                        REQUEST_MAX);
    else
        mmd_close_next(&job->close, &job->closing);
}

void run_closing(struct job *job)
{
    uint32_t wait_ms;

    if (job->clock_in_doubt)
        network_ask_time();
    begin_closing(job);
    while (step(job, &wait_ms) == MMD_PENDING) {
        if (wait_ms > 0)
            job->port.wait(job->port.context, wait_ms);
        else
            mmd_lwip_poll(&network_board, 0);
    }
    end_exchange(job);
    job->clock_in_doubt = is_of_clock(job->close.verdict.error);
}

/* ---- with what ---- */

static uint32_t total_ms(const struct options *o)
{
    if (o->retry_max_ms > 0)
        return o->retry_max_ms;
    return o->retries > 0 ? TOTAL_MS : o->timeout_ms;
}

static const struct mmd_port *port_of(struct job *job)
{
#if defined(MMD_PROXY)
    const struct endpoint *proxy = &job->options.proxy;

    if (proxy->host != NULL) {
        job->proxy_config = (struct mmd_proxy_config){.host = proxy->host, .port = proxy->port};
        mmd_proxy_init(&job->proxy, &job->proxy_config, &job->port, &job->proxied);
        return &job->proxied;
    }
#endif
    return &job->port;
}

void configure(struct job *job)
{
    const struct options *o = &job->options;

    job->closing = (struct mmd_closing){.host = o->host,
                                        .port = o->port,
                                        .tenant_id = o->tenant,
                                        .client_request_id = job->guid,
                                        .actions_taken = o->actions,
                                        .actions_taken_len = strlen(o->actions)};
    job->config = (struct mmd_close_config){
        .port = port_of(job),
        .tls = {.trust = &job->trust,
                .allocation_failures = &job->pool->failures,
                .session = &job->session},
        .address = o->connect,
        .token_address = o->authority_connect,
        .credential = o->client_id != NULL ? &job->credential : NULL,
        .try_timeout_ms = o->timeout_ms,
        .total_timeout_ms = total_ms(o),
        .retries = o->retries,
        .backoff_ms = BACKOFF_MS,
        .backoff_max_ms = BACKOFF_MAX_MS,
        .on_stage = on_stage,
        .on_stage_context = job,
    };
}
