/* SPDX-License-Identifier: MIT */
/* The firmware: closes the elevation requests of its command line, one after the other, on one
 * connection where the service keeps it, with the token of the command line or one that it gets;
 * reports what came of each, and ends with the outcome of the first that was not closed. All memory
 * is static; what is needed only between two connections comes from the TLS pool, which has room
 * then. */
#include <string.h>

#include "job.h"
#include "mmdclose/version.h"
#include "wipe.h"

static enum mmd_outcome close_one(struct job *job, const char *request, bool is_last)
{
    job->closing.elevation_request_id = request;
    job->config.keep_alive = !is_last;
    run_closing(job);
    report_end(job);
    if (is_last)
        mmd_close_disconnect(&job->close);
    report_memory(job);
    return job->close.outcome;
}

static enum mmd_outcome close_all(struct job *job)
{
    size_t count = job->options.request_count;
    enum mmd_outcome first = MMD_OUTCOME_CLOSED;

    for (size_t i = 0; i < count; i++) {
        enum mmd_outcome outcome = close_one(job, job->options.requests[i], i + 1 == count);
        if (first == MMD_OUTCOME_CLOSED)
            first = outcome;
    }
    return first;
}

/* The token of the command line is used where it stands; another one lies after the line. */
static const char *prepare_token(struct job *job, size_t line_len)
{
    struct options *o = &job->options;

    if (o->token != NULL) {
        size_t at = (size_t)(o->token - job->line), len = strlen(o->token);
        job->token = (struct mmd_token){.bytes = job->line + at,
                                        .cap = len + 1,
                                        .len = len,
                                        .lifetime_s = MMD_TOKEN_LIFETIME_UNKNOWN};
        return NULL;
    }
    if (line_len >= COMMAND_MAX)
        return "the command line is too long";
    job->token = (struct mmd_token){.bytes = job->line + COMMAND_MAX, .cap = TOKEN_MAX + 1};
    return load_credential(&job->credential, o, &job->port);
}

static const char *read_command_line(struct job *job)
{
    if (!board_command_line(job->line, LINE_CAP))
        return "the command line is too long";
    size_t len = strlen(job->line);
    const char *wrong = parse_options(&job->options, job->line);
    return wrong != NULL ? wrong : prepare_token(job, len);
}

/* Everything before the first request. MMD_OUTCOME_CLOSED: go on. */
static enum mmd_outcome start(struct job *job)
{
    const char *wrong = read_command_line(job);

    if (wrong != NULL) {
        PRINT("mmdclose: ", wrong, ".");
        return MMD_OUTCOME_USAGE;
    }
    if (!random_start()) {
        PRINT("mmdclose: there is no seed, or it cannot be replaced, so nothing was "
              "sent; give this device one.");
        return MMD_OUTCOME_INTERNAL;
    }
    if (!network_start(&job->options)) {
        PRINT("mmdclose: the request was not sent: no address by DHCP; check the network.");
        return MMD_OUTCOME_TRY_LATER;
    }
    mmd_lwip_init(&job->lwip, &network_board, &job->port);
    report_memory(job);
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

int main(int argc, char **argv)
{
    static char line[LINE_CAP], message[REQUEST_MAX];
    static _Alignas(8) unsigned char tls_memory[POOL_SIZE];
    static struct job firmware;
    struct job *job = &firmware;

    job->line = line;
    job->message = message;
    job->trust = (struct mmd_trust){board_anchors, sizeof board_anchors};
    board_start(argc, argv);
    job->pool = mmd_tls_pool_init(tls_memory, sizeof tls_memory);
    SAY("mmdclose " MMD_VERSION " on ", board_name);
    enum mmd_outcome outcome = start(job);
    if (outcome == MMD_OUTCOME_CLOSED) {
        report_anchors(&job->trust);
        configure(job);
        outcome = close_all(job);
    }
    mmd_session_forget(&job->session);
    mmd_wipe(line, sizeof line);
    mmd_wipe(message, sizeof message); /* a response may have repeated the token */
    return (int)outcome;
}
