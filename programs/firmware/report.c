/* SPDX-License-Identifier: MIT */
/* What the firmware says of a closing, and of its costs. */
#include <lwip/stats.h>
#include <string.h>

#include "job.h"
#include "printable.h"
#include "rule_text.h"
#include "sentence.h"

/* ---- on the way ---- */

struct party party_of(const struct job *job, enum mmd_stage stage)
{
    const struct options *o = &job->options;
    bool is_service = stage != MMD_STAGE_TOKEN_SERVER;
    const char *host = is_service ? o->host : o->authority.host;
    const char *connect = is_service ? o->connect : o->authority_connect;

    if (stage == MMD_STAGE_PROXY)
        return (struct party){job->close.to.tls.host, o->proxy.host, o->proxy.port};
    return (struct party){host, connect != NULL ? connect : host,
                          is_service ? o->port : o->authority.port};
}

static void report_wait(const struct mmd_close *c)
{
    char attempts[12], ms[12];

    SAY("try ", number(attempts, c->attempts), " failed: ", mmd_error_text(c->verdict.error),
        "; the next one in ", number(ms, c->again_ms), " ms");
}

void report_stage(const struct job *job, enum mmd_stage stage)
{
    const struct party to = party_of(job, stage);

    if (stage == MMD_STAGE_WAIT)
        report_wait(&job->close);
    else if (job->close.client.connected && stage == MMD_STAGE_SERVICE)
        SAY("still connected to ", to.address, " for ", to.host, ", client-request-id ", job->guid);
    else
        SAY("connecting to ", to.address, " for ", to.host, ", client-request-id ", job->guid);
}

void report_phase(enum mmd_phase phase)
{
    static const char *const texts[] = {
        [MMD_PHASE_HANDSHAKE] = "connected; handshake",
        [MMD_PHASE_SEND] = "verified; sending",
        [MMD_PHASE_RECEIVE] = "sent; waiting",
    };

    if (phase != MMD_PHASE_CONNECT && phase != MMD_PHASE_DONE)
        SAY(texts[phase]);
}

void report_costs(const struct job *job)
{
    const struct mmd_result *r = &job->close.client.result;
    char status[12], handshake[12], longest[12];

    if (r->tls_version[0] != '\0')
        SAY(r->tls_version, " ", r->tls_suite, r->resumed ? ", resumed" : "", ", status ",
            number(status, r->status));
    SAY("handshake: ", number(handshake, job->handshake_us), " us of computing; longest step ",
        number(longest, job->longest_us), " us");
}

/* ---- the end ---- */

/* What of the request, to the service or for a token, cannot be used; NULL if it is not that. */
static const char *wrong_field(const struct mmd_close *c, const struct mmd_fault **fault)
{
    static const char *const fields[] = {
        [MMD_FIELD_HOST] = "--host",
        [MMD_FIELD_TENANT_ID] = "--tenant",
        [MMD_FIELD_ELEVATION_REQUEST_ID] = "--request",
        [MMD_FIELD_TOKEN] = "--token",
        [MMD_FIELD_CLIENT_REQUEST_ID] = "the GUID",
        [MMD_FIELD_ACTIONS_TAKEN] = "--actions",
    };
    static const char *const token_fields[] = {
        [MMD_TOKEN_FIELD_HOST] = "--authority",
        [MMD_TOKEN_FIELD_PATH] = "the path",
        [MMD_TOKEN_FIELD_TENANT_ID] = "--tenant",
        [MMD_TOKEN_FIELD_CLIENT_ID] = "--client-id",
        [MMD_TOKEN_FIELD_SCOPE] = "--scope",
        [MMD_TOKEN_FIELD_CLIENT_SECRET] = "the stored client secret",
        [MMD_TOKEN_FIELD_CERTIFICATE] = "the stored certificate",
        [MMD_TOKEN_FIELD_ASSERTION] = "the assertion",
        [MMD_TOKEN_FIELD_CLIENT_REQUEST_ID] = "the GUID",
    };

    *fault = &c->info.fault;
    if (c->info.field != MMD_FIELD_NONE)
        return fields[c->info.field];
    *fault = &c->token_info.fault;
    return c->token_info.field != MMD_TOKEN_FIELD_NONE ? token_fields[c->token_info.field] : NULL;
}

/* What was refused before a byte was sent, more exactly than the sentence would. */
static bool report_refusal(const struct mmd_close *c)
{
    const struct mmd_fault *fault;
    const char *field = wrong_field(c, &fault);
    char at[12];
    size_t needed = c->stage == MMD_STAGE_SERVICE ? c->info.needed : c->token_info.needed;

    if (c->verdict.error == MMD_ERR_CAPACITY && needed > 0)
        PRINT("mmdclose: the request takes ", number(at, (uint32_t)needed),
              " bytes, more than the buffer has.");
    else if (c->verdict.error == MMD_ERR_INPUT && field != NULL)
        PRINT("mmdclose: ", field, " cannot be used from byte ",
              number(at, (uint32_t)fault->offset), " on: ", rule_text(fault->rule), ".");
    else if (c->verdict.error == MMD_ERR_INPUT && c->stage == MMD_STAGE_TOKEN_SERVER)
        PRINT("mmdclose: the stored key cannot be used: it has to be RSA, of 2048 to 4096 bits, "
              "with all of its numbers.");
    else
        return false;
    return true;
}

static void cover_secret(const struct mmd_close *c, const char *secret)
{
    char *const texts[] = {c->verdict.code, c->verdict.message, c->client.result.request_id,
                           c->client.result.location};

    for (size_t i = 0; secret != NULL && i < sizeof texts / sizeof *texts; i++)
        cover(texts[i], strlen(texts[i]), secret);
}

static void write_sentence(const struct job *job, char *out)
{
    const struct mmd_close *c = &job->close;
    const struct party party = party_of(job, c->stage);
    struct mmd_verdict verdict = c->verdict;
    const struct subject subject = {
        .request = job->closing.elevation_request_id,
        .tenant = job->options.tenant,
        .stage = c->stage,
        .host = party.host,
        .address = party.address,
        .port = party.port,
        .by_earlier_try = c->by_earlier_try,
        .sent_before = c->delivery != MMD_NOT_SENT && c->client.result.delivery == MMD_NOT_SENT,
        .again_ms = job->options.retries > 0 ? c->again_ms : 0,
        .now = clock_s(NULL),
        .system_text = "",
        .hint = "",
        .ca_option = "TRUST=FILE when the firmware is built",
        .clock = "SNTP gave no time that can be right",
        .credential = "the secret or the certificate, and when it expires",
        .permission = "MmdSupport.ReadWrite"};

    verdict.outcome = c->outcome; /* which knows of earlier tries, too */
    sentence(out, &subject, &c->client.result, &verdict);
}

void report_end(const struct job *job)
{
    const struct mmd_close *c = &job->close;

    if (report_refusal(c))
        return;
    char *text = mmd_tls_pool_alloc(SENTENCE_MAX);
    if (text == NULL) {
        PRINT("mmdclose: ", mmd_error_text(MMD_ERR_MEMORY), ".");
        return;
    }
    cover_secret(c, job->token.len > 0 ? job->token.bytes : NULL);
    cover_secret(c, job->credential.client_secret);
    write_sentence(job, text);
    PRINT(c->outcome == MMD_OUTCOME_CLOSED ? "" : "mmdclose: ", text);
    mmd_tls_pool_free(text);
}

/* ---- memory ---- */

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

void report_memory(const struct job *job)
{
    char used[12], peak[12], size[12], stack[12], stack_size[12];

    if (!job->options.verbose)
        return;
    SAY("memory: TLS pool ", number(used, (uint32_t)job->pool->used), " in use, peak ",
        number(peak, (uint32_t)job->pool->peak), " of ", number(size, POOL_SIZE), "; stack ",
        number(stack, (uint32_t)board_stack_used()), " of ",
        number(stack_size, (uint32_t)board_stack_size()));
    report_lwip();
}
