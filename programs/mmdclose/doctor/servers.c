/* SPDX-License-Identifier: MIT */
/* The way to the service and to the token server: name, TCP, proxy, TLS. Each is sent a handshake
 * and its end, which the library's engine makes; no request. */
#include <string.h>

#include "doctor.h"

#define CERTIFICATES 8 /* of a chain */
#define CHAIN_SHOWN  1200
#define BUFFER       64
#define SOON_S       (30 * 86400)

/* The parts of the way, in their order. */
enum part { PART_LOOKUP, PART_TCP, PART_PROXY, PART_TLS, PARTS };

struct server {
    const char *names[PARTS]; /* of the checks */
    enum mmd_stage stage;
    const char *host, *address; /* address NULL: the host */
    uint16_t tcp_port;
    const struct mmd_port *port;

    enum mmd_phase reached;
    bool was_begun;
    size_t count; /* of the chain, the anchor first */
    struct mmd_certificate chain[CERTIFICATES];
};

/* ---- the connection ---- */

/* As mmd_tls_config's on_certificate. */
static void note_certificate(void *context, int depth, const uint8_t *der, size_t len)
{
    struct server *s = context;

    (void)depth;
    if (s->count < CERTIFICATES && mmd_certificate_read(&s->chain[s->count], der, len) == MMD_OK)
        s->count++;
}

static int run_client(struct mmd_client *client, struct server *s)
{
    uint32_t wait_ms;
    int result;

    while ((result = mmd_client_step(client, &wait_ms)) == MMD_PENDING) {
        s->reached = client->phase;
        if (wait_ms > 0)
            s->port->wait(s->port->context, wait_ms);
    }
    return result;
}

/* Fills the job's report with what came of it. */
static bool connect_to(struct doctor *d, struct server *s)
{
    struct job *job = d->job;
    struct mmd_close *c = &job->close;
    char buffer[BUFFER];
    struct mmd_client_config config = {.port = s->port,
                                       .tls = job->config.tls,
                                       .address = s->address,
                                       .tcp_port = s->tcp_port,
                                       .timeout_ms = job->options.timeout_ms,
                                       .verify_only = true};

    config.tls.host = s->host;
    config.tls.on_certificate = note_certificate;
    config.tls.on_certificate_context = s;
    int error = mmd_client_start(&c->client, &config, buffer, sizeof buffer, 0);
    s->was_begun = error == MMD_OK;
    if (s->was_begun)
        error = run_client(&c->client, s);
    mmd_closing_judge(&c->verdict, &c->client.result);
    c->outcome = c->verdict.outcome;
    c->delivery = MMD_NOT_SENT;
    job->stage = s->stage;
    c->stage = c->client.result.at_proxy ? MMD_STAGE_PROXY : s->stage;
    if (error != MMD_OK)
        report_exchange(job);
    return error == MMD_OK;
}

/* ---- which part failed ---- */

static bool uses_proxy(const struct doctor *d, const struct server *s)
{
    return s->port == &d->job->proxied;
}

static enum part failed_part(const struct doctor *d, const struct server *s)
{
    const struct mmd_result *result = &d->job->close.client.result;

    if (!s->was_begun || s->reached > MMD_PHASE_CONNECT)
        return PART_TLS;
    if (result->address[0] == '\0')
        return PART_LOOKUP;
    return result->error == MMD_ERR_CONNECT || !uses_proxy(d, s) ? PART_TCP : PART_PROXY;
}

/* ---- the lines ---- */

static void say_lookup(struct doctor *d, const struct server *s)
{
    const struct check check = {s->names[PART_LOOKUP], CHECK_OK, "", MMD_OUTCOME_CLOSED};
    const char *name = uses_proxy(d, s)     ? d->job->proxy_setting.host
                       : s->address != NULL ? s->address
                                            : s->host;
    const char *address = d->job->close.client.result.address;

    if (strcmp(name, address) == 0)
        say(d, check, "%s is an address, which needs no lookup.", name);
    else
        say(d, check, "%s%s is %s.", uses_proxy(d, s) ? "the proxy " : "", name, address);
}

static void say_tcp(struct doctor *d, const struct server *s)
{
    say(d, (struct check){s->names[PART_TCP], CHECK_OK, "", MMD_OUTCOME_CLOSED},
        "%s accepts connections at port %u.", d->job->close.client.result.address,
        uses_proxy(d, s) ? d->job->proxy_setting.port : s->tcp_port);
}

static void say_proxy(struct doctor *d, const struct server *s)
{
    if (uses_proxy(d, s))
        say(d, (struct check){s->names[PART_PROXY], CHECK_OK, "", MMD_OUTCOME_CLOSED},
            "the proxy opens connections to %s port %u.", s->address != NULL ? s->address : s->host,
            s->tcp_port);
}

/* "O=..., CN=... until 2026-01-31; ...", the server's own first. */
static void show_chain(const struct server *s, char out[CHAIN_SHOWN])
{
    char date[TIME_CAP];
    size_t len = 0;

    out[0] = '\0';
    for (size_t i = s->count; i > 0 && len < CHAIN_SHOWN; i--) {
        put_date(date, s->chain[i - 1].not_after);
        len += (size_t)snprintf(out + len, CHAIN_SHOWN - len, "%s%s until %s",
                                i < s->count ? "; " : "", s->chain[i - 1].subject, date);
    }
}

static const struct mmd_certificate *first_to_expire(const struct server *s)
{
    const struct mmd_certificate *first = &s->chain[0];

    for (size_t i = 1; i < s->count; i++)
        if (s->chain[i].not_after <= first->not_after)
            first = &s->chain[i];
    return first;
}

static void say_tls(struct doctor *d, const struct server *s)
{
    const struct mmd_result *result = &d->job->close.client.result;
    const struct mmd_certificate *first = first_to_expire(s);
    struct check check = {s->names[PART_TLS], CHECK_OK, "", MMD_OUTCOME_CLOSED};
    char chain[CHAIN_SHOWN];

    show_chain(s, chain);
    if (s->count > 0 && first->not_after - d->now < SOON_S) {
        check.state = CHECK_WARNING;
        check.advice = first == &s->chain[0] && s->count > 1
                           ? "The trust anchor expires in less than 30 days: update the anchors."
                           : "One expires in less than 30 days: the server's operator must renew "
                             "it in time.";
    }
    say(d, check, "%s is verified, by %s and %s; its certificates: %s.", s->host,
        result->tls_version, result->tls_suite, chain);
}

/* What was presented says who it was that answered. */
static void say_failure(struct doctor *d, const struct server *s, enum part part)
{
    char chain[CHAIN_SHOWN], *sentence = d->job->report.sentence;

    show_chain(s, chain);
    if (part != PART_TLS || s->count == 0) {
        say_report(d, s->names[part]);
        return;
    }
    say(d, (struct check){s->names[part], CHECK_FAILED, "", d->job->report.outcome},
        "%s The certificates: %s.", sentence, chain);
}

static bool check_server(struct doctor *d, struct server *s)
{
    static void (*const says[PARTS])(struct doctor * d, const struct server *s) = {
        say_lookup, say_tcp, say_proxy, say_tls};

    begin_check(d);
    bool verified = connect_to(d, s);
    enum part failed = verified ? PARTS : failed_part(d, s);
    for (enum part part = PART_LOOKUP; part < PARTS; part++)
        if (part < failed && !s->was_begun)
            continue;
        else if (part < failed)
            says[part](d, s);
        else if (part == failed)
            say_failure(d, s, part);
        else if (part != PART_PROXY || uses_proxy(d, s))
            say_not_checked(d, s->names[part], "what comes before it failed.");
    return verified;
}

/* ---- the servers ---- */

static bool check_service(struct doctor *d)
{
    const struct options *o = &d->job->options;
    struct server service = {
        .names = {"service_lookup", "service_tcp", "service_proxy", "service_tls"},
        .stage = MMD_STAGE_SERVICE,
        .host = o->host,
        .address = o->connect,
        .tcp_port = o->port,
        .port = d->job->config.port};

    return check_server(d, &service);
}

static bool check_token_server(struct doctor *d)
{
    const struct options *o = &d->job->options;
    struct server server = {.names = {"token_server_lookup", "token_server_tcp",
                                      "token_server_proxy", "token_server_tls"},
                            .stage = MMD_STAGE_TOKEN_SERVER,
                            .host = o->authority.host,
                            .address = o->authority_connect,
                            .tcp_port = o->authority.port,
                            .port = d->job->config.token_port};

    return check_server(d, &server);
}

static void say_proxy_setting(struct doctor *d)
{
    const struct job *job = d->job;
    const struct check check = {"proxy", CHECK_OK, "", MMD_OUTCOME_CLOSED};
    bool for_service = job->config.port == &job->proxied;
    bool for_token = job->config.token_port == &job->proxied && job->options.client_id != NULL;
    char shown[PROXY_SHOWN_CAP];

    show_proxy(shown, &job->proxy_setting);
    if (for_service || for_token)
        say(d, check, "%s is used%s.", shown,
            !for_token     ? " for the service"
            : !for_service ? " for the token server only"
                           : "");
    else
        say(d, check, "none is used.");
}

void check_servers(struct doctor *d)
{
    begin_check(d);
    if (!d->has_anchors) {
        say_not_checked(d, "service_tls", "there are no trust anchors.");
        return;
    }
    d->has_proxy_setting = prepare_exchange(d->job);
    if (!d->has_proxy_setting) {
        say_report(d, "proxy");
        say_not_checked(d, "service_tls", "the proxy's setting cannot be used.");
        return;
    }
    say_proxy_setting(d);
    check_service(d);
    if (d->job->options.client_id != NULL)
        d->is_token_server_verified = check_token_server(d);
}
