/* SPDX-License-Identifier: MIT */
/* The firmware: closes the elevation requests of its command line, one after the other over TLS
 * sessions kept in RAM, reports what came of each, and ends with the outcome of the first that was
 * not closed. All memory is static; what is needed only between two connections comes from the TLS
 * pool, which is free then. */
#include <lwip/stats.h>
#include <string.h>

#include "firmware.h"
#include "mmdclose/client.h"
#include "mmdclose/guid.h"
#include "mmdclose/tls_pool.h"
#include "mmdclose/version.h"
#include "printable.h"
#include "rule_text.h"
#include "sentence.h"
#include "wipe.h"

/* Bytes for the command line: the values that fit in one request, and some ten requests more. */
#define LINE_CAP (REQUEST_MAX + 512)

struct firmware {
    struct options options; /* its strings lie in line */
    struct mmd_trust trust;
    struct mmd_lwip lwip;
    struct mmd_port port;
    struct mmd_client_config config;
    struct mmd_client client;
    struct mmd_session session;
    const struct mmd_tls_pool *pool;
    bool clock_in_doubt; /* a certificate did not fit it: that may be its fault, or the server's */
    uint32_t handshake_us, longest_us; /* spent in steps: all of the handshake's, the longest */
    char *line;                        /* the command line, with the token; main wipes it */
    char *message; /* the request, then the response's body; the engine wipes it */
};

/* ---- the message ---- */

static const char *const fields[] = {
    [MMD_FIELD_HOST] = "--host",
    [MMD_FIELD_TENANT_ID] = "--tenant",
    [MMD_FIELD_ELEVATION_REQUEST_ID] = "--request",
    [MMD_FIELD_TOKEN] = "--token",
    [MMD_FIELD_CLIENT_REQUEST_ID] = "the GUID",
    [MMD_FIELD_ACTIONS_TAKEN] = "--actions",
};

static void refuse_message(int error, const struct mmd_closing_info *info)
{
    char at[12];

    if (error == MMD_ERR_CAPACITY)
        PRINT("mmdclose: the request takes ", number(at, (uint32_t)info->needed),
              " bytes, more than the buffer has.");
    else
        PRINT("mmdclose: ", fields[info->field], " cannot be used from byte ",
              number(at, (uint32_t)info->fault.offset), " on: ", rule_text(info->fault.rule), ".");
}

static const char *address_of(const struct options *o)
{
    return o->connect != NULL ? o->connect : o->host;
}

/* Returns the message's length, or an error, which was reported. */
static int write_message(struct firmware *f, const char *request)
{
    const struct options *o = &f->options;
    char guid[MMD_GUID_LEN + 1];
    uint8_t random[16] = {0};
    struct mmd_closing_info info;
    const struct mmd_closing closing = {.host = o->host,
                                        .port = o->port,
                                        .tenant_id = o->tenant,
                                        .elevation_request_id = request,
                                        .token = o->token,
                                        .client_request_id = guid,
                                        .actions_taken = o->actions,
                                        .actions_taken_len = strlen(o->actions)};

    random_fill(NULL, random, sizeof random); /* if it fails, so does the handshake, and says so */
    mmd_guid(guid, random);
    int len = mmd_closing_write(f->message, REQUEST_MAX, &closing, &info);
    if (len < 0) {
        mmd_wipe(f->message, REQUEST_MAX); /* the token may be in it */
        refuse_message(len, &info);
    } else if (o->verbose) {
        SAY("connecting to ", address_of(o), " for ", o->host, ", client-request-id ", guid);
    }
    return len;
}

/* ---- the exchange ---- */

static void report_phase(enum mmd_phase phase)
{
    static const char *const texts[] = {
        [MMD_PHASE_HANDSHAKE] = "connected; handshake",
        [MMD_PHASE_SEND] = "verified; sending",
        [MMD_PHASE_RECEIVE] = "sent; waiting",
    };

    if (phase != MMD_PHASE_DONE)
        SAY(texts[phase]);
}

static void report_costs(const struct firmware *f)
{
    const struct mmd_result *r = &f->client.result;
    char status[12], handshake[12], longest[12];

    if (r->tls_version[0] != '\0')
        SAY(r->tls_version, " ", r->tls_suite, r->resumed ? ", resumed" : "", ", status ",
            number(status, r->status));
    SAY("handshake: ", number(handshake, f->handshake_us), " us of computing; longest step ",
        number(longest, f->longest_us), " us");
}

/* One step, and how long it kept the board from everything else. */
static int step(struct firmware *f, uint32_t *wait_ms)
{
    enum mmd_phase phase = f->client.phase;
    uint32_t start = board_us();
    int result = mmd_client_step(&f->client, wait_ms);
    uint32_t took = board_us() - start;

    if (phase == MMD_PHASE_HANDSHAKE)
        f->handshake_us += took;
    if (took > f->longest_us)
        f->longest_us = took;
    if (f->client.phase != phase && f->options.verbose)
        report_phase(f->client.phase);
    return result;
}

static void exchange(struct firmware *f, size_t len)
{
    uint32_t wait_ms;

    f->handshake_us = f->longest_us = 0;
    if (mmd_client_start(&f->client, &f->config, f->message, REQUEST_MAX, len) != MMD_OK)
        return;
    while (step(f, &wait_ms) == MMD_PENDING) {
        if (wait_ms > 0)
            f->port.wait(f->port.context, wait_ms);
        else
            mmd_lwip_poll(&network_board, 0);
    }
    if (f->options.verbose)
        report_costs(f);
}

/* ---- what came of it ---- */

static void report_verdict(const struct firmware *f, const char *request,
                           const struct mmd_verdict *verdict)
{
    const struct options *o = &f->options;
    const struct mmd_result *result = &f->client.result;
    const struct subject subject = {.request = request,
                                    .tenant = o->tenant,
                                    .host = o->host,
                                    .address = address_of(o),
                                    .port = o->port,
                                    .now = clock_s(NULL),
                                    .system_text = "",
                                    .hint = "",
                                    .ca_option = "TRUST=FILE when the firmware is built",
                                    .clock = "SNTP gave no time that can be right",
                                    .credential =
                                        "the secret or the certificate, and when it expires",
                                    .permission = "MmdSupport.ReadWrite"};
    char *text = mmd_tls_pool_alloc(SENTENCE_MAX);

    if (text == NULL) {
        PRINT("mmdclose: ", mmd_error_text(MMD_ERR_MEMORY), ".");
        return;
    }
    cover(verdict->code, strlen(verdict->code), o->token);
    cover(verdict->message, strlen(verdict->message), o->token);
    cover(result->request_id, strlen(result->request_id), o->token);
    cover(result->location, strlen(result->location), o->token);
    sentence(text, &subject, result, verdict);
    PRINT(verdict->outcome == MMD_OUTCOME_CLOSED ? "" : "mmdclose: ", text);
    mmd_tls_pool_free(text);
}

static void report_lwip(void)
{
#if LWIP_STATS
    char heap[12], heap_peak[12], pbufs[12], pbufs_peak[12], segments[12], connections[12];
    const struct stats_mem *pbuf = lwip_stats.memp[MEMP_PBUF_POOL];

    SAY("lwIP: heap ", number(heap, (uint32_t)lwip_stats.mem.used), " in use, peak ",
        number(heap_peak, (uint32_t)lwip_stats.mem.max), "; pbufs ", number(pbufs, pbuf->used),
        ", peak ", number(pbufs_peak, pbuf->max), "; segments ",
        number(segments, lwip_stats.memp[MEMP_TCP_SEG]->used), "; connections ",
        number(connections, lwip_stats.memp[MEMP_TCP_PCB]->used));
#endif
}

static void report_memory(const struct firmware *f)
{
    char used[12], peak[12], size[12], stack[12], stack_size[12];

    if (!f->options.verbose)
        return;
    SAY("memory: TLS pool ", number(used, (uint32_t)f->pool->used), " in use, peak ",
        number(peak, (uint32_t)f->pool->peak), " of ", number(size, POOL_SIZE), "; stack ",
        number(stack, (uint32_t)board_stack_used()), " of ",
        number(stack_size, (uint32_t)board_stack_size()));
    report_lwip();
}

/* ---- in order ---- */

static enum mmd_outcome close_one(struct firmware *f, const char *request)
{
    struct mmd_verdict verdict;

    network_set_dns(f->options.dns); /* DHCP may have set another since */
    if (f->clock_in_doubt)
        network_ask_time();
    int len = write_message(f, request);
    if (len < 0)
        return MMD_OUTCOME_USAGE;
    exchange(f, (size_t)len);
    mmd_closing_judge(&verdict, &f->client.result);
    f->clock_in_doubt = verdict.error == MMD_ERR_CERT_DATE || verdict.error == MMD_ERR_CERT_FUTURE;
    report_verdict(f, request, &verdict);
    report_memory(f);
    return verdict.outcome;
}

static enum mmd_outcome close_all(struct firmware *f)
{
    enum mmd_outcome first = MMD_OUTCOME_CLOSED;

    for (size_t i = 0; i < f->options.request_count; i++) {
        enum mmd_outcome outcome = close_one(f, f->options.requests[i]);
        if (first == MMD_OUTCOME_CLOSED)
            first = outcome;
    }
    return first;
}

/* Everything before the first request. MMD_OUTCOME_CLOSED: go on. */
static enum mmd_outcome start(struct firmware *f)
{
    const char *wrong = board_command_line(f->line, LINE_CAP) ? parse_options(&f->options, f->line)
                                                              : "the command line is too long";

    if (wrong != NULL) {
        PRINT("mmdclose: ", wrong, ".");
        return MMD_OUTCOME_USAGE;
    }
    if (!random_start()) {
        PRINT("mmdclose: there is no seed, or it cannot be replaced, so nothing was "
              "sent; give this device one.");
        return MMD_OUTCOME_INTERNAL;
    }
    if (!network_start(&f->options)) {
        PRINT("mmdclose: the request was not sent: no address by DHCP; check the network.");
        return MMD_OUTCOME_TRY_LATER;
    }
    mmd_lwip_init(&f->lwip, &network_board, &f->port);
    report_memory(f);
    return MMD_OUTCOME_CLOSED;
}

/* What of the anchors is of no use: flash may be damaged, or hold what this build cannot use. */
static void report_anchors(const struct mmd_trust *trust)
{
    const uint8_t *der;
    const char *reason;
    size_t at = 0, len, damaged = mmd_trust_damaged(trust);
    char digits[12];

    if (damaged > 0)
        SAY("warning: ", number(digits, (uint32_t)damaged),
            " bytes of the trust anchors are damaged; the rest are used");
    while ((der = mmd_trust_next(trust, &at, &len)) != NULL)
        if (mmd_trust_check(der, len, &reason) != MMD_OK)
            SAY("warning: the trust anchor at byte ", number(digits, (uint32_t)(at - len)),
                " cannot be used: ", reason);
}

static void configure(struct firmware *f)
{
    const struct options *o = &f->options;

    f->trust = (struct mmd_trust){board_anchors, sizeof board_anchors};
    report_anchors(&f->trust);
    f->config = (struct mmd_client_config){.port = &f->port,
                                           .tls = {.trust = &f->trust,
                                                   .host = o->host,
                                                   .allocation_failures = &f->pool->failures,
                                                   .session = &f->session},
                                           .address = o->connect,
                                           .tcp_port = o->port,
                                           .timeout_ms = o->timeout_ms};
}

int main(int argc, char **argv)
{
    static char line[LINE_CAP], message[REQUEST_MAX];
    static _Alignas(8) unsigned char tls_memory[POOL_SIZE];
    static struct firmware firmware;
    struct firmware *f = &firmware;

    f->line = line;
    f->message = message;
    board_start(argc, argv);
    f->pool = mmd_tls_pool_init(tls_memory, sizeof tls_memory);
    SAY("mmdclose " MMD_VERSION " on ", board_name);
    enum mmd_outcome outcome = start(f);
    if (outcome == MMD_OUTCOME_CLOSED) {
        configure(f);
        outcome = close_all(f);
    }
    mmd_session_forget(&f->session);
    mmd_wipe(line, sizeof line);
    return (int)outcome;
}
