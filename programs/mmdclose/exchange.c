/* SPDX-License-Identifier: MIT */
/* The exchanges with the token server and the service, and what came of them. */
#include <netdb.h>
#include <string.h>
#include <time.h>

#include "charclass.h"
#include "job.h"
#include "mmdclose/tls_pool.h"
#include "printable.h"
#include "wipe.h"

#define BACKOFF_MS     1000 /* curl's: a second, doubled up to ten minutes */
#define BACKOFF_MAX_MS 600000
#define TOTAL_MS       86400000

#define CLIENT_SECRET_MAX 1024

/* ---- who an exchange is with ---- */

struct party {
    const char *host, *address;
    uint16_t port;
};

static struct party party_of(const struct job *job, enum mmd_stage stage)
{
    const struct options *o = &job->options;
    bool is_proxy = stage == MMD_STAGE_PROXY; /* then on the way to whom the last stage was with */
    bool is_service = (is_proxy ? job->stage : stage) != MMD_STAGE_TOKEN_SERVER;
    const char *host = is_service ? o->host : o->authority.host;
    const char *connect = is_service ? o->connect : o->authority_connect;

    if (is_proxy)
        return (struct party){host, job->proxy_setting.host, job->proxy_setting.port};
    return (struct party){host, connect != NULL ? connect : host,
                          is_service ? o->port : o->authority.port};
}

/* ---- the proxy ---- */

static bool uses_proxy(struct job *job, const char *host, const char *user_file, bool *uses)
{
    const struct proxy_options options = {job->options.proxy, user_file};
    struct proxy_setting *setting = &job->proxy_setting;
    bool found = find_proxy(&options, host, &job->deadline, setting, &job->report);

    *uses = found && setting->host[0] != '\0';
    return found;
}

/* The two hosts share the proxy, but NO_PROXY may name one of them. */
static bool read_proxy(struct job *job)
{
    const struct options *o = &job->options;
    const char *service = job->config.token_only ? o->authority.host : o->host;
    bool token_uses, service_uses, any;
    char shown[PROXY_SHOWN_CAP];

    if (!uses_proxy(job, o->authority.host, NULL, &token_uses) ||
        !uses_proxy(job, service, NULL, &service_uses) ||
        !uses_proxy(job, service_uses ? service : o->authority.host, o->proxy_user_file, &any))
        return false;
    job->config.port = service_uses ? &job->proxied : &job->direct;
    job->config.token_port = token_uses ? &job->proxied : &job->direct;
    job->proxy_config = proxy_config(&job->proxy_setting);
    if (mmd_proxy_init(&job->proxy, &job->proxy_config, &job->direct, &job->proxied) != MMD_OK)
        return refuse(&job->report, MMD_ERR_INPUT,
                      "the proxy's user and password cannot be used: they take USER:PASSWORD, at "
                      "most %d bytes without control characters.",
                      MMD_PROXY_CREDENTIALS_MAX);
    show_proxy(shown, &job->proxy_setting);
    if (any)
        print_progress(&job->progress, "the proxy is %s", shown);
    return true;
}

/* ---- the exchanges ---- */

static uint32_t total_ms(const struct job *job)
{
    const struct options *o = &job->options;
    uint32_t left = time_left(&job->deadline);

    if (o->retry_max_ms > 0)
        return o->retry_max_ms;
    if (o->retries > 0)
        return TOTAL_MS;
    return left > 0 ? left : 1;
}

/* What gives a token or a signature has until the end of the try, and of all of them. */
static void begin_try(struct job *job, unsigned attempt)
{
    uint32_t left = time_left(&job->total_deadline), in_try = job->config.try_timeout_ms;

    if (attempt == job->attempt) /* for the second time, after a 401 */
        return;
    job->attempt = attempt;
    job->owner_deadline = (struct deadline){&job->direct, progress_now(&job->progress),
                                            left < in_try ? left : in_try};
}

/* No two requests to the token server have the same one. Without random bytes it has the closing's,
 * and TLS says what is missing. */
static void renew_token_request_id(struct job *job)
{
    uint8_t random[16];

    if (mmd_random(random, sizeof random) == MMD_OK)
        mmd_guid(job->token_request_id, random);
    else
        job->config.token_request_id = NULL;
}

/* As mmd_close_config's. */
static void on_stage(void *context, enum mmd_stage stage, unsigned attempt)
{
    struct job *job = context;
    const struct party to = party_of(job, stage);
    bool had_exchange = job->stage == MMD_STAGE_SERVICE ||
                        (job->stage == MMD_STAGE_TOKEN_SERVER && job->config.credential != NULL);

    if (had_exchange && job->close.client.result.error == MMD_OK)
        print_result(&job->progress, &job->close.client.result);
    job->stage = stage;
    if (stage == MMD_STAGE_WAIT) {
        print_progress(&job->progress, "try %u failed: %s; the next one in %lu ms", attempt,
                       mmd_error_text(job->close.verdict.error),
                       (unsigned long)job->close.again_ms);
        return;
    }
    begin_try(job, attempt);
    bool has_own_id = stage == MMD_STAGE_TOKEN_SERVER && job->config.token_request_id != NULL;
    if (has_own_id)
        renew_token_request_id(job);
    const struct mmd_port *port =
        stage == MMD_STAGE_SERVICE ? job->config.port : job->config.token_port;
    if (stage == MMD_STAGE_TOKEN_SERVER && job->config.fetch != NULL)
        print_progress(&job->progress, "getting a token from --token-%s",
                       job->options.token_command != NULL ? "command" : "file");
    else
        print_progress(&job->progress, "connecting%s to %s port %u for %s, client-request-id %s",
                       port == &job->proxied ? " through the proxy" : "", to.address, to.port,
                       to.host, has_own_id ? job->token_request_id : job->report.client_request_id);
}

static void configure(struct job *job)
{
    const struct options *o = &job->options;
    const struct mmd_tls_pool *pool = mmd_tls_pool_init(job->pool, sizeof job->pool);
    struct mmd_close_config *config = &job->config;

    config->tls =
        (struct mmd_tls_config){.trust = &job->anchors.bundle.found,
                                .find_anchors = is_searched(&job->anchors) ? mmd_bundle_find : NULL,
                                .find_anchors_context = &job->anchors.bundle,
                                .allocation_failures = &pool->failures,
                                .on_certificate = o->verbose ? print_certificate : NULL,
                                .on_certificate_context = &job->progress};
    config->address = o->connect;
    config->token_address = o->authority_connect;
    config->retries = o->retries;
    config->backoff_ms = BACKOFF_MS;
    config->backoff_max_ms = BACKOFF_MAX_MS;
    config->on_stage = on_stage;
    config->on_stage_context = job;
}

static void set_times(struct job *job)
{
    const struct options *o = &job->options;
    uint32_t left = time_left(&job->deadline);

    job->config.try_timeout_ms = o->retries > 0 ? o->timeout_ms : left > 0 ? left : 1;
    job->config.total_timeout_ms = total_ms(job);
    job->total_deadline =
        (struct deadline){&job->direct, progress_now(&job->progress), job->config.total_timeout_ms};
    job->attempt = 0;
}

/* Right before a request is sent to the service, the caller may have to note that. */
static bool may_go_on(struct job *job)
{
    bool sends = job->stage == MMD_STAGE_SERVICE && job->close.client.phase == MMD_PHASE_SEND;

    return !sends || job->before_sending == NULL || job->before_sending(job->before_context);
}

static void begin_exchange(struct job *job)
{
    set_times(job);
    job->stage = MMD_STAGE_NONE;
    job->reported = false;
    if (job->close.config != NULL)
        mmd_close_next(&job->close, &job->closing);
    else
        mmd_close_start(&job->close, &job->config, &job->token, &job->closing, job->message.bytes,
                        job->message.len);
}

void run_exchange(struct job *job)
{
    struct mmd_close *c = &job->close;
    enum mmd_phase phase = MMD_PHASE_CONNECT;
    uint32_t wait_ms;

    begin_exchange(job);
    while (mmd_close_step(c, &wait_ms) == MMD_PENDING) {
        if (c->client.phase != phase) {
            phase = c->client.phase;
            print_phase(&job->progress, phase);
        }
        if (!may_go_on(job)) {
            mmd_close_cancel(c);
            return;
        }
        if (wait_ms > 0)
            mmd_close_port(c)->wait(mmd_close_port(c)->context, wait_ms);
    }
    print_result(&job->progress, &c->client.result);
}

/* ---- what came of them ---- */

/* Covers a secret in what the response says. */
static void cover_secret(const struct report *report, const char *secret)
{
    char *const texts[] = {report->verdict.code, report->verdict.message, report->result.request_id,
                           report->result.location};

    for (size_t i = 0; secret != NULL && i < sizeof texts / sizeof *texts; i++)
        cover(texts[i], strlen(texts[i]), secret);
}

/* Covers the client's secret as it was sent, too: percent-encoded (RFC 3986, 2.1). */
static void cover_client_secret(const struct report *report, const char *secret)
{
    static const char hex[] = "0123456789ABCDEF";
    char sent[3 * CLIENT_SECRET_MAX + 1], *end = sent;

    cover_secret(report, secret);
    for (; secret != NULL && *secret != '\0' && end - sent < 3 * CLIENT_SECRET_MAX; secret++) {
        if (mmd_is_char(*secret, MMD_CHAR_UNRESERVED)) {
            *end++ = *secret;
            continue;
        }
        *end++ = '%';
        *end++ = hex[(unsigned char)*secret >> 4];
        *end++ = hex[(unsigned char)*secret & 15];
    }
    *end = '\0';
    cover_secret(report, sent);
    mmd_wipe(sent, sizeof sent);
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

static void write_sentence(struct report *report, const struct job *job)
{
    char clock[8 + TIME_CAP] = "it says ";
    int64_t now = time(NULL);
    const struct party party = party_of(job, report->stage);

    put_time(clock + strlen(clock), now);
    const struct subject subject = {
        .request = job->config.token_only ? NULL : job->options.request,
        .tenant = job->options.tenant,
        .stage = report->stage,
        .host = party.host,
        .address = party.address,
        .port = party.port,
        .by_earlier_try = report->by_earlier_try,
        .sent_before = report->delivery != MMD_NOT_SENT && report->result.delivery == MMD_NOT_SENT,
        .again_ms = job->options.retries > 0 ? report->again_ms : 0,
        .now = now,
        .system_text = system_text(&report->result.detail),
        .hint = report->verdict.error == MMD_ERR_PROXY_AUTH
                    ? " They go into the file of --proxy-user-file."
                    : "",
        .ca_option = "--ca-file",
        .clock = clock,
        .credential = job->options.login
                          ? "and whether the application allows public client flows, "
                            "then sign in again"
                          : "the secret or the certificate, and when it expires",
        .only_why = job->only_why,
        .permission = job->options.login ? "MWaaSDevice.Read" : "MmdSupport.ReadWrite",
    };
    sentence(report->sentence, &subject, &report->result, &report->verdict);
}

static bool has_no_issuer(int error)
{
    return error == MMD_ERR_CERT_ISSUER || error == MMD_ERR_CERT_CHAIN ||
           error == MMD_ERR_CERT_SELF_SIGNED || error == MMD_ERR_CERT_ANCHOR;
}

/* What gave no token or signature may have reported that itself. */
void report_exchange(struct job *job)
{
    const struct mmd_close *c = &job->close;
    struct report *report = &job->report;
    bool is_reported = job->reported && report->verdict.error == c->verdict.error;

    report->outcome = c->outcome;
    report->delivery = c->delivery;
    report->stage = c->stage;
    report->attempts = c->attempts;
    report->by_earlier_try = c->by_earlier_try;
    report->again_ms = c->again_ms;
    if (has_no_issuer(c->verdict.error))
        warn_of_search(&job->anchors);
    if (is_reported)
        return;
    if (c->verdict.error == MMD_ERR_INPUT && IS_WHOLE && job->config.credential != NULL) {
        refuse_credential(job); /* all else was checked before */
        return;
    }
    report->result = c->client.result;
    report->verdict = c->verdict;
    if (c->by_earlier_try) { /* which the last response only confirms */
        report->verdict.outcome = c->outcome;
        report->verdict.error = MMD_OK;
        report->verdict.cause = MMD_CAUSE_NONE;
    }
    cover_secret(report, job->token.bytes);
    if (IS_WHOLE)
        cover_client_secret(report, job->credential.client_secret);
    cover_secret(report, job->device_code);
    write_sentence(report, job);
}

bool prepare_exchange(struct job *job)
{
    const struct options *o = &job->options;
    bool ready = job->anchors.file.bytes != NULL ||
                 read_trust(o->ca_file, !o->verbose, &job->deadline, &job->anchors, &job->report);

    if (!IS_WHOLE)
        job->config.port = &job->direct;
    else
        ready = ready && read_proxy(job);
    if (ready)
        configure(job);
    return ready;
}

void exchange(struct job *job)
{
    if (!prepare_exchange(job))
        return;
    if (!IS_WHOLE || !job->options.login || (login(job) && !job->config.token_only))
        run_exchange(job);
    report_exchange(job);
}
