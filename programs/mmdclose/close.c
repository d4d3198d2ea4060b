/* mmdclose close: from the command line to the result. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "mmdclose/client.h"
#include "mmdclose/guid.h"
#include "mmdclose/port/linux.h"
#include "mmdclose/tls_pool.h"
#include "printable.h"

#define POOL_SIZE   (256 * 1024)
#define ANSWER_ROOM 16384 /* the least that is kept of an answer's body */

/* Everything a closing takes; too large for the stack of a small board. */
static struct {
    struct options options;
    struct report report;
    struct data actions, token, anchors;
    struct data message; /* its room: the request, then the answer's body */
    struct mmd_closing_info info;
    struct mmd_trust trust;
    char client_request_id[MMD_GUID_LEN + 1];
    struct mmd_linux posix;
    struct mmd_port port;
    struct mmd_client_config config;
    struct mmd_client client;
    struct mmd_verdict verdict;
    uint32_t begin_ms;
    _Alignas(16) unsigned char pool[POOL_SIZE];
} job;

static uint32_t elapsed_ms(void)
{
    return job.port.monotonic_ms(job.port.context) - job.begin_ms;
}

/* ---- the message ---- */

static bool refuse_field(const struct mmd_closing_info *info)
{
    static const char *const names[] = {
        "",         "--host",     "--tenant", "--request", "the token in --token-file",
        "the GUID", "the actions"};
    static const char *const rules[] = {
        "",
        "a name, not an address: 1 to 253 letters, digits or one of -._",
        "1 to 128 letters, digits or one of -._~",
        "1 to 128 letters, digits or one of -._~",
        "letters, digits or one of -._~+/, and = at the end",
        "a GUID",
        "UTF-8 text"};

    const char *const ids[] = {"", job.options.host, job.options.tenant, job.options.request};
    char at[64];
    const char *fault = at;

    snprintf(at, sizeof at, "byte %zu is something else", info->fault.offset);
    if (info->field < MMD_FIELD_TOKEN) {
        const char *id = ids[info->field];
        size_t max = info->field == MMD_FIELD_HOST ? 253 : 128;
        char byte = id[info->fault.offset];
        fault = id[0] == '\0'                   ? "it is empty"
                : strspn(id, ".") == strlen(id) ? "it is only dots"
                : byte == '\0'                  ? "it ends in a dot"
                : info->fault.offset >= max     ? "it is longer"
                : byte >= '0' && byte <= '9'    ? "it ends in a number"
                                                : at;
    }
    return refuse(&job.report, MMD_ERR_INPUT, "%s cannot be used: it takes %s, but %s.",
                  names[info->field], rules[info->field], fault);
}

/* Writes the message: once to learn its size, once for good. */
static bool write_message(void)
{
    const struct options *o = &job.options;
    const struct mmd_closing close = {.host = o->host,
                                      .port = o->port,
                                      .tenant_id = o->tenant,
                                      .elevation_request_id = o->request,
                                      .token = job.token.bytes,
                                      .client_request_id = job.client_request_id,
                                      .actions_taken = job.actions.bytes,
                                      .actions_taken_len = job.actions.len};
    struct mmd_closing_info *info = &job.info;

    if (mmd_closing_write(NULL, 0, &close, info) == MMD_ERR_INPUT)
        return refuse_field(info);
    job.message.len = info->needed > ANSWER_ROOM ? info->needed : ANSWER_ROOM;
    job.message.bytes = malloc(job.message.len);
    if (job.message.bytes == NULL)
        return refuse(&job.report, MMD_ERR_MEMORY, "there is no memory left.");
    mmd_closing_write(job.message.bytes, job.message.len, &close, info);
    wipe_and_free(&job.actions);
    return true;
}

static bool make_client_request_id(void)
{
    uint8_t random[16];

    if (job.port.random(job.port.context, random, sizeof random) != MMD_OK)
        return refuse(&job.report, MMD_ERR_ENTROPY, "the system gives no random bytes.");
    mmd_guid(job.client_request_id, random);
    return true;
}

static enum mmd_outcome dry_run(void)
{
    const struct mmd_closing_info *info = &job.info;
    const char *rest = job.message.bytes + info->token_at + info->token_len;

    fwrite(job.message.bytes, 1, info->token_at, stdout);
    printf("<token: %zu bytes>", info->token_len);
    fwrite(rest, 1, info->needed - info->token_at - info->token_len, stdout);
    return flush_output("") ? MMD_OUTCOME_CLOSED : MMD_OUTCOME_INTERNAL;
}

/* ---- the exchange ---- */

static void tell(const char *what)
{
    if (job.options.verbose)
        fprintf(stderr, "%6" PRIu32 " ms  %s\n", elapsed_ms(), what);
}

static void tell_certificate(void *context, int depth, const uint8_t *der, size_t len)
{
    struct mmd_certificate certificate;
    char line[384], date[DATE_LEN];

    (void)context;
    if (mmd_certificate_read(&certificate, der, len) != MMD_OK)
        return;
    put_date(date, certificate.not_after);
    snprintf(line, sizeof line, "certificate %d: %s, until %s", depth, certificate.subject, date);
    make_printable(line);
    tell(line);
}

static void tell_phase(enum mmd_phase phase)
{
    char line[384];
    const struct options *o = &job.options;

    switch (phase) {
    case MMD_PHASE_CONNECT:
        snprintf(line, sizeof line, "connecting to %s port %u for %s, client-request-id %s",
                 o->connect != NULL ? o->connect : o->host, o->port, o->host,
                 job.client_request_id);
        make_printable(line);
        tell(line);
        break;
    case MMD_PHASE_HANDSHAKE: tell("connected; TLS handshake"); break;
    case MMD_PHASE_SEND: tell("verified; sending the request"); break;
    case MMD_PHASE_RECEIVE: tell("sent; waiting for the answer"); break;
    case MMD_PHASE_DONE:
        if (job.client.result.error != MMD_OK)
            tell(mmd_error_text(job.client.result.error));
        snprintf(line, sizeof line, "%s %s, status %u", job.client.result.tls_version,
                 job.client.result.tls_suite, job.client.result.status);
        if (job.client.result.tls_version[0] != '\0')
            tell(line);
        break;
    }
}

static void exchange(void)
{
    struct mmd_client *c = &job.client;
    enum mmd_phase told = MMD_PHASE_CONNECT;
    uint32_t wait_ms;

    tell_phase(told);
    while (mmd_client_step(c, &wait_ms) == MMD_PENDING) {
        if (c->phase != told)
            tell_phase(told = c->phase);
        if (wait_ms > 0)
            job.port.wait(job.port.context, wait_ms);
    }
    tell_phase(MMD_PHASE_DONE);
}

/* The service may say the token back to us. */
static void cover_token(char *text)
{
    cover(text, strlen(text), job.token.bytes);
}

static void close_request(void)
{
    const struct options *o = &job.options;

    job.config = (struct mmd_client_config){
        .port = &job.port,
        .tls = {.trust = &job.trust,
                .host = o->host,
                .allocation_failures = &mmd_tls_pool_init(job.pool, sizeof job.pool)->failures,
                .on_certificate = o->verbose ? tell_certificate : NULL},
        .address = o->connect,
        .tcp_port = o->port,
        .timeout_ms = o->timeout_ms};
    if (mmd_client_start(&job.client, &job.config, job.message.bytes, job.message.len,
                         job.info.needed) == MMD_OK)
        exchange();
    mmd_closing_judge(&job.verdict, &job.client.result);
    cover_token(job.verdict.code);
    cover_token(job.verdict.message);
    cover_token(job.client.result.request_id);
    report_result(&job.report, o, &job.client.result, &job.verdict);
}

/* ---- in order ---- */

static bool prepare(int argc, char **argv)
{
    struct options *o = &job.options;
    struct report *report = &job.report;

    return parse_close_options(argc, argv, o, report) && make_client_request_id() &&
           read_actions(o, &job.actions, report) && read_token(o->token_file, &job.token, report) &&
           write_message() &&
           (o->dry_run || read_trust(o->ca_file, &job.anchors, &job.trust, report));
}

enum mmd_outcome command_close(int argc, char **argv)
{
    enum mmd_outcome outcome;

    mmd_linux_init(&job.posix, &job.port);
    job.begin_ms = job.port.monotonic_ms(job.port.context);
    job.client.result = (struct mmd_result)MMD_RESULT_NONE;
    bool ready = prepare(argc, argv);
    if (!ready)
        job.client.result.error = job.report.error;
    mmd_closing_judge(&job.verdict, &job.client.result);
    if (ready && job.options.dry_run) {
        outcome = dry_run();
    } else {
        if (ready)
            close_request();
        outcome = print_report(&job.report, job.options.json, &job.client.result, &job.verdict,
                               job.client_request_id, elapsed_ms());
    }
    wipe_and_free(&job.token);
    wipe_and_free(&job.actions);
    wipe_and_free(&job.message);
    wipe_and_free(&job.anchors);
    explicit_bzero(&job.client, sizeof job.client); /* fields of the answer may say the token */
    return outcome;
}
