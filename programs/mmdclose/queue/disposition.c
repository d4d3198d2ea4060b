/* SPDX-License-Identifier: MIT */
/* What a try's outcome does. */
#include "queue/disposition.h"

#include "mmdclose/retry.h"

#define FIRST_S      30   /* the bound of the first wait, doubled with each failure, */
#define RECORD_MAX_S 3600 /* up to this of a record, */
#define OTHERS_MAX_S 900  /* and this of more: a network that is back is not waited for longer */
#define PROBE_S      3600 /* of a held tenant: this, more or less a sixth */
#define LEAST_S      5
#define MS           1000u
#define ALARM_AFTER  5 /* failures, of what mostly passes by itself */

#define ANY 0

/* The first row that fits counts. The manual page has the same table. */
static const struct row {
    enum mmd_outcome outcome;
    int error;            /* ANY */
    unsigned status;      /* ANY; of a response of the service or the token server */
    enum mmd_stage stage; /* MMD_STAGE_NONE: any */
    enum disposition disposition;
    bool alarm; /* at once */
} table[] = {
    {MMD_OUTCOME_CLOSED, ANY, ANY, MMD_STAGE_NONE, SETTLE, false},
    {MMD_OUTCOME_ALREADY_CLOSED, ANY, ANY, MMD_STAGE_NONE, SETTLE, false},
    {MMD_OUTCOME_NO_SUCH_REQUEST, ANY, ANY, MMD_STAGE_NONE, ASIDE, true},
    {MMD_OUTCOME_REFUSED, ANY, ANY, MMD_STAGE_NONE, ASIDE, true},
    {MMD_OUTCOME_NOT_AUTHORISED, ANY, ANY, MMD_STAGE_TOKEN_SERVER, HOLD_TENANT, true},
    {MMD_OUTCOME_NOT_AUTHORISED, ANY, 401, MMD_STAGE_NONE, HOLD_TENANT, true},
    {MMD_OUTCOME_NOT_AUTHORISED, ANY, ANY, MMD_STAGE_NONE, WAIT_RECORD, true},
    {MMD_OUTCOME_TRY_LATER, MMD_ERR_PROXY_AUTH, ANY, MMD_STAGE_NONE, WAIT_ALL, true},
    {MMD_OUTCOME_TRY_LATER, MMD_ERR_STATUS, ANY, MMD_STAGE_TOKEN_SERVER, WAIT_TENANT, false},
    {MMD_OUTCOME_TRY_LATER, MMD_ERR_GATEWAY, ANY, MMD_STAGE_TOKEN_SERVER, WAIT_TENANT, false},
    {MMD_OUTCOME_TRY_LATER, MMD_ERR_CODED, ANY, MMD_STAGE_TOKEN_SERVER, WAIT_TENANT, false},
    {MMD_OUTCOME_TRY_LATER, MMD_ERR_REDIRECT, ANY, MMD_STAGE_TOKEN_SERVER, WAIT_TENANT, false},
    {MMD_OUTCOME_TRY_LATER, MMD_ERR_STATUS, 429, MMD_STAGE_NONE, WAIT_ALL, false},
    {MMD_OUTCOME_TRY_LATER, MMD_ERR_STATUS, 503, MMD_STAGE_NONE, WAIT_ALL, false},
    {MMD_OUTCOME_TRY_LATER, MMD_ERR_STATUS, ANY, MMD_STAGE_SERVICE, WAIT_RECORD, false},
    {MMD_OUTCOME_TRY_LATER, MMD_ERR_GATEWAY, ANY, MMD_STAGE_SERVICE, WAIT_RECORD, false},
    {MMD_OUTCOME_TRY_LATER, MMD_ERR_CODED, ANY, MMD_STAGE_SERVICE, WAIT_RECORD, false},
    {MMD_OUTCOME_TRY_LATER, MMD_ERR_REDIRECT, ANY, MMD_STAGE_SERVICE, WAIT_RECORD, false},
    {MMD_OUTCOME_TRY_LATER, ANY, ANY, MMD_STAGE_NONE, WAIT_ALL, false},
    {MMD_OUTCOME_NOT_VERIFIED, ANY, ANY, MMD_STAGE_NONE, WAIT_ALL, false},
    {MMD_OUTCOME_CLOCK_NOT_SET, ANY, ANY, MMD_STAGE_NONE, WAIT_ALL, false},
    {MMD_OUTCOME_NO_TOKEN, ANY, ANY, MMD_STAGE_NONE, WAIT_ALL, false},
};

/* What has no row, wrong usage and internal errors, is this device's matter. */
static const struct row others = {.disposition = WAIT_ALL, .alarm = true};

static const struct row *row_of(const struct mmd_close *c)
{
    for (const struct row *row = table; row < table + sizeof table / sizeof *table; row++)
        if (row->outcome == c->outcome && (row->error == ANY || row->error == c->verdict.error) &&
            (row->status == ANY || row->status == c->client.result.status) &&
            (row->stage == MMD_STAGE_NONE || row->stage == c->stage))
            return row;
    return &others;
}

enum disposition disposition_of(const struct mmd_close *close)
{
    return row_of(close)->disposition;
}

/* In milliseconds, as retry.h counts. */
static uint32_t drawn_wait_ms(enum disposition disposition, unsigned failures, uint32_t random)
{
    uint32_t max_s = disposition == WAIT_RECORD ? RECORD_MAX_S : OTHERS_MAX_S;

    if (disposition == HOLD_TENANT)
        return (PROBE_S - PROBE_S / 6) * MS +
               mmd_retry_backoff_ms(1, PROBE_S / 3 * MS, PROBE_S / 3 * MS, random);
    uint32_t wait_ms = mmd_retry_backoff_ms(failures, FIRST_S * MS, max_s * MS, random);
    return wait_ms > LEAST_S * MS ? wait_ms : LEAST_S * MS;
}

void count_failure(struct wait *wait, enum disposition disposition, const struct mmd_close *close,
                   const struct moment *now, uint32_t random)
{
    uint32_t asked_ms = mmd_retry_after_ms(&close->client.result, now->wall_s);

    wait->attempts++;
    wait->at = *now;
    uint32_t drawn_ms = drawn_wait_ms(disposition, wait->attempts, random);
    wait->wait_s = mmd_retry_pause_ms(drawn_ms, asked_ms, random) / MS;
    wait->alarm = row_of(close)->alarm || wait->attempts >= ALARM_AFTER;
}

const char *disposition_name(enum disposition disposition)
{
    static const char *const names[] = {"settle",      "aside",       "wait",
                                        "wait_tenant", "hold_tenant", "wait_all"};

    return names[disposition];
}
