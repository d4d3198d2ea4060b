/* The firmware: closes the elevation requests that the command line names, one after the other over
 * TLS sessions kept in RAM, tells what came of each, and ends with the outcome of the first that
 * was not closed. All memory is static; what a closing needs only before or after its handshake
 * comes from the TLS pool, which is free then. */
#include <lwip/stats.h>
#include <mbedtls/platform.h>
#include <mbedtls/platform_util.h>
#include <string.h>

#include "firmware.h"
#include "mmdclose/client.h"
#include "mmdclose/guid.h"
#include "mmdclose/tls_pool.h"
#include "mmdclose/version.h"
#include "printable.h"
#include "sentence.h"

#define LINE_CAP 4096 /* a command line, with its NUL */

static struct {
    struct mmd_lwip lwip;
    struct mmd_port port;
    struct mmd_client_config config;
    struct mmd_client client;
    struct mmd_session session;
    const struct mmd_tls_pool *stats;
    char host[HOST_MAX + 1], address[HOST_MAX + 1];
    uint32_t handshake_us, longest_us; /* spent in steps: all of the handshake's, the longest */
    bool verbose;
    char buf[REQUEST_MAX];
    _Alignas(8) unsigned char pool[POOL_SIZE];
} job;

/* ---- the command line ---- */

static void drop_line(char *line)
{
    if (line != NULL)
        mbedtls_platform_zeroize(line, LINE_CAP);
    mbedtls_free(line);
}

/* Reads it anew, for one of its requests. NULL: it cannot be used, which was told. */
static char *read_options(struct options *out, unsigned index)
{
    char *line = mbedtls_calloc(1, LINE_CAP);
    const char *wrong = mmd_error_text(MMD_ERR_MEMORY);

    if (line != NULL)
        wrong = board_command_line(line, LINE_CAP) ? parse_options(out, line, index)
                                                   : "the command line is too long";
    if (wrong == NULL)
        return line;
    PRINT("mmdclose: ", wrong, ".");
    drop_line(line);
    return NULL;
}

/* ---- the message ---- */

static void refuse_message(int error, const struct mmd_closing_info *info)
{
    static const char *const names[] = {"",        "--host",   "--tenant", "--request",
                                        "--token", "the GUID", "--actions"};
    char at[12];

    if (error == MMD_ERR_CAPACITY)
        PRINT("mmdclose: the request takes ", number(at, (uint32_t)info->needed),
              " bytes, more than there is room for.");
    else
        PRINT("mmdclose: ", names[info->field], " cannot be used from byte ",
              number(at, (uint32_t)info->fault.offset), " on.");
}

/* Returns its length, or an error: it cannot be written, which was told. */
static int write_message(const struct options *o)
{
    char guid[MMD_GUID_LEN + 1];
    uint8_t random[16] = {0};
    struct mmd_closing_info info;
    struct mmd_closing close = {.host = o->host,
                                .port = o->port,
                                .tenant_id = o->tenant,
                                .elevation_request_id = o->request,
                                .token = o->token,
                                .client_request_id = guid,
                                .actions_taken = o->actions,
                                .actions_taken_len = strlen(o->actions)};

    random_fill(NULL, random, sizeof random); /* if it fails, so does the handshake, and says so */
    mmd_guid(guid, random);
    int len = mmd_closing_write(job.buf, sizeof job.buf, &close, &info);
    if (len < 0) {
        mbedtls_platform_zeroize(job.buf, sizeof job.buf); /* the token may be in it */
        refuse_message(len, &info);
    } else if (job.verbose) {
        SAY("connecting to ", job.address, " for ", job.host, ", client-request-id ", guid);
    }
    return len;
}

/* ---- the exchange ---- */

static void tell_phase(enum mmd_phase phase)
{
    static const char *const texts[] = {
        [MMD_PHASE_HANDSHAKE] = "connected; handshake",
        [MMD_PHASE_SEND] = "verified; sending",
        [MMD_PHASE_RECEIVE] = "sent; waiting",
    };

    if (job.verbose && phase != MMD_PHASE_DONE)
        SAY(texts[phase]);
}

static void tell_costs(void)
{
    const struct mmd_result *r = &job.client.result;
    char status[12], handshake[12], longest[12];

    if (!job.verbose)
        return;
    if (r->tls_version[0] != '\0')
        SAY(r->tls_version, " ", r->tls_suite, r->resumed ? ", resumed" : "", ", status ",
            number(status, r->status));
    SAY("handshake: ", number(handshake, job.handshake_us), " us of computing; longest step ",
        number(longest, job.longest_us), " us");
}

/* One step, and how long it kept the board from everything else. */
static int step(uint32_t *wait_ms)
{
    enum mmd_phase phase = job.client.phase;
    uint32_t start = board_us();
    int result = mmd_client_step(&job.client, wait_ms);
    uint32_t took = board_us() - start;

    if (phase == MMD_PHASE_HANDSHAKE)
        job.handshake_us += took;
    if (took > job.longest_us)
        job.longest_us = took;
    if (job.client.phase != phase)
        tell_phase(job.client.phase);
    return result;
}

static void exchange(size_t len)
{
    uint32_t wait_ms;

    job.handshake_us = job.longest_us = 0;
    if (mmd_client_start(&job.client, &job.config, job.buf, sizeof job.buf, len) != MMD_OK)
        return;
    while (step(&wait_ms) == MMD_PENDING) {
        if (wait_ms > 0)
            job.port.wait(job.port.context, wait_ms);
        else
            mmd_lwip_poll(&network_board, 0);
    }
    tell_costs();
}

/* ---- what came of it ---- */

static enum mmd_outcome tell_outcome(unsigned index)
{
    const struct mmd_result *result = &job.client.result;
    char *text = mbedtls_calloc(1, SENTENCE_MAX);
    struct options o;
    char *line = read_options(&o, index);
    struct mmd_verdict verdict;

    mmd_closing_judge(&verdict, result);

    if (text != NULL && line != NULL) {
        struct subject subject = {o.request,
                                  job.host,
                                  job.address,
                                  o.port,
                                  "TRUST=FILE when the firmware is built",
                                  "SNTP gave no time that can be right"};
        cover(verdict.code, strlen(verdict.code), o.token);
        cover(verdict.message, strlen(verdict.message), o.token);
        cover(result->request_id, strlen(result->request_id), o.token);
        sentence(text, &subject, result, &verdict);
        PRINT(verdict.outcome == MMD_OUTCOME_CLOSED ? "" : "mmdclose: ", text);
    }
    drop_line(line);
    mbedtls_free(text);
    return verdict.outcome;
}

static void tell_lwip(void)
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

static void tell_memory(void)
{
    char used[12], peak[12], size[12], stack[12], stack_size[12];

    if (!job.verbose)
        return;
    SAY("memory: TLS pool ", number(used, (uint32_t)job.stats->used), " in use, peak ",
        number(peak, (uint32_t)job.stats->peak), " of ", number(size, POOL_SIZE), "; stack ",
        number(stack, (uint32_t)board_stack_used()), " of ",
        number(stack_size, (uint32_t)board_stack_size()));
    tell_lwip();
}

/* ---- in order ---- */

static void copy(char out[HOST_MAX + 1], const char *name)
{
    memcpy(out, name, strlen(name) + 1); /* read_options looked at its length */
}

/* Closes the index-th request. False: there is none, or no way to know. */
static bool close_one(unsigned index, enum mmd_outcome *outcome)
{
    struct options o;
    char *line = read_options(&o, index);

    *outcome = MMD_OUTCOME_USAGE;
    if (line == NULL || o.request == NULL) {
        if (line != NULL)
            *outcome = MMD_OUTCOME_CLOSED; /* nothing is left */
        drop_line(line);
        return false;
    }
    copy(job.host, o.host);
    copy(job.address, o.connect != NULL ? o.connect : o.host);
    network_set_dns(o.dns); /* DHCP may have told of another since */
    job.config.tcp_port = o.port;
    job.config.timeout_ms = o.timeout_ms;
    int len = write_message(&o);
    drop_line(line);
    if (len < 0)
        return true;
    exchange((size_t)len);
    *outcome = tell_outcome(index);
    tell_memory();
    return true;
}

/* Everything up to the first request. MMD_OUTCOME_CLOSED: go on. */
static enum mmd_outcome start(void)
{
    struct options o;
    char *line = read_options(&o, 0);
    enum mmd_outcome outcome = MMD_OUTCOME_CLOSED;

    if (line == NULL)
        return MMD_OUTCOME_USAGE;
    job.verbose = o.verbose;
    if (!random_start()) {
        PRINT("mmdclose: there is no seed, or it cannot be replaced, so nothing was "
              "sent; give this device one.");
        outcome = MMD_OUTCOME_INTERNAL;
    } else if (!network_start(&o)) {
        PRINT("mmdclose: the request was not sent: no address by DHCP; check the network.");
        outcome = MMD_OUTCOME_TRY_LATER;
    }
    drop_line(line);
    return outcome;
}

int main(int argc, char **argv)
{
    static struct mmd_trust trust;
    enum mmd_outcome outcome, first;

    board_start(argc, argv);
    job.stats = mmd_tls_pool_init(job.pool, sizeof job.pool);
    SAY("mmdclose " MMD_VERSION " on ", board_name);
    if ((first = start()) != MMD_OUTCOME_CLOSED)
        return (int)first;
    trust = (struct mmd_trust){board_anchors, sizeof board_anchors};
    mmd_lwip_init(&job.lwip, &network_board, &job.port);
    job.config = (struct mmd_client_config){.port = &job.port,
                                            .tls = {.trust = &trust,
                                                    .host = job.host,
                                                    .allocation_failures = &job.stats->failures,
                                                    .session = &job.session},
                                            .address = job.address};
    tell_memory();
    bool more = true;
    for (unsigned index = 0; more; index++) {
        more = close_one(index, &outcome);
        if (first == MMD_OUTCOME_CLOSED)
            first = outcome;
    }
    mmd_session_forget(&job.session);
    return (int)first;
}
