/* SPDX-License-Identifier: MIT */
/* When to try again. */
#include "mmdclose/retry.h"

#include "mmdclose/response.h"

bool mmd_retry_is_passing(enum mmd_outcome outcome)
{
    return outcome == MMD_OUTCOME_TRY_LATER || outcome == MMD_OUTCOME_CLOCK_NOT_SET ||
           outcome == MMD_OUTCOME_NO_TOKEN;
}

uint32_t mmd_retry_backoff_ms(unsigned failed, uint32_t first_ms, uint32_t max_ms, uint32_t random)
{
    unsigned doublings = failed > 32 ? 32 : failed > 0 ? failed - 1 : 0;
    uint64_t bound = (uint64_t)first_ms << doublings; /* below 2^64 */

    if (bound > max_ms)
        bound = max_ms;
    /* any of 0 to bound, all as likely as 32 bits can make them */
    return (uint32_t)((bound + 1) * random >> 32);
}

uint32_t mmd_retry_after_ms(const struct mmd_result *result, int64_t now_s)
{
    int64_t delay_s = result->retry_after_s; /* below 0 if there is none */
    bool is_by_our_clock = result->retry_at >= 0 && result->date < 0 && now_s >= 0;

    if (is_by_our_clock && result->retry_at - now_s > delay_s)
        delay_s = result->retry_at - now_s;
    if (delay_s < 0)
        return 0;
    return (uint32_t)(delay_s < MMD_RETRY_AFTER_MAX ? delay_s : MMD_RETRY_AFTER_MAX) * 1000;
}

uint32_t mmd_retry_pause_ms(uint32_t backoff_ms, uint32_t asked_ms, uint32_t random)
{
    uint32_t more_ms = (uint32_t)((uint64_t)(asked_ms / 2) * random >> 32);

    if (more_ms < backoff_ms)
        more_ms = backoff_ms;
    return more_ms < UINT32_MAX - asked_ms ? asked_ms + more_ms : UINT32_MAX;
}
