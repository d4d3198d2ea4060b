/* SPDX-License-Identifier: MIT */
/* The exchange with the service, and what came of it. */
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "job.h"
#include "mmdclose/tls_pool.h"
#include "printable.h"

static const char *address_of(const struct options *o)
{
    return o->connect != NULL ? o->connect : o->host;
}

static int start(struct job *job)
{
    const struct options *o = &job->options;
    uint32_t left = time_left(&job->deadline);
    const struct mmd_tls_pool *pool = mmd_tls_pool_init(job->pool, sizeof job->pool);

    job->config =
        (struct mmd_client_config){.port = &job->port,
                                   .tls = {.trust = &job->trust,
                                           .host = o->host,
                                           .allocation_failures = &pool->failures,
                                           .on_certificate = o->verbose ? print_certificate : NULL,
                                           .on_certificate_context = &job->progress},
                                   .address = o->connect,
                                   .tcp_port = o->port,
                                   .timeout_ms = left > 0 ? left : 1};
    return mmd_client_start(&job->client, &job->config, job->message.bytes, job->message.len,
                            job->info.needed);
}

static void run(struct job *job)
{
    const struct options *o = &job->options;
    enum mmd_phase phase = MMD_PHASE_CONNECT;
    uint32_t wait_ms;

    print_progress(&job->progress, "connecting to %s port %u for %s, client-request-id %s",
                   address_of(o), o->port, o->host, job->report.client_request_id);
    while (mmd_client_step(&job->client, &wait_ms) == MMD_PENDING) {
        if (job->client.phase != phase) {
            phase = job->client.phase;
            print_phase(&job->progress, phase);
        }
        if (wait_ms > 0)
            job->port.wait(job->port.context, wait_ms);
    }
    print_result(&job->progress, &job->client.result);
}

/* Covers the token in what the response says. */
static void cover_token(const struct report *report, const char *token)
{
    char *const texts[] = {report->verdict.code, report->verdict.message, report->result.request_id,
                           report->result.location};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        cover(texts[i], strlen(texts[i]), token);
}

/* The system's words for its own code. */
static const char *system_text(const struct mmd_detail *detail)
{
    switch (detail->kind) {
    case MMD_DETAIL_ERRNO: return strerror(detail->code);
    case MMD_DETAIL_GETADDRINFO: return gai_strerror(detail->code);
    default: return "";
    }
}

/* A device that can only reach the network through a proxy does not reach it. */
static const char *proxy_hint(void)
{
    static const char *const names[] = {"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0')
            return " A proxy is set in the environment, but this version uses none.";
    }
    return "";
}

static void write_sentence(struct report *report, const struct options *o)
{
    char clock[8 + TIME_CAP] = "it says ";
    int64_t now = time(NULL);

    put_time(clock + strlen(clock), now);
    const struct subject subject = {
        .request = o->request,
        .tenant = o->tenant,
        .host = o->host,
        .address = address_of(o),
        .port = o->port,
        .now = now,
        .system_text = system_text(&report->result.detail),
        .hint = proxy_hint(),
        .ca_option = "--ca-file",
        .clock = clock,
    };
    sentence(report->sentence, &subject, &report->result, &report->verdict);
}

void exchange_message(struct job *job)
{
    struct report *report = &job->report;

    if (start(job) == MMD_OK)
        run(job);
    report->result = job->client.result;
    mmd_closing_judge(&report->verdict, &report->result);
    report->outcome = report->verdict.outcome;
    cover_token(report, job->token.bytes);
    write_sentence(report, &job->options);
}
