/* SPDX-License-Identifier: MIT */
/* When to try again. Pure. */
#ifndef MMDCLOSE_RETRY_H
#define MMDCLOSE_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "mmdclose/closing.h"
#include "mmdclose/result.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Whether an outcome may be another one later, without anyone's doing: MMD_OUTCOME_TRY_LATER,
 * MMD_OUTCOME_CLOCK_NOT_SET, MMD_OUTCOME_NO_TOKEN. */
bool mmd_retry_is_passing(enum mmd_outcome outcome);

/* Milliseconds to wait before the next try after `failed` tries (at least 1): a random part, from
 * none to all, of first_ms * 2^(failed - 1), or of max_ms if that is less ("full jitter": many
 * devices that lost the same server do not come back at once). random: any 32 random bits. */
uint32_t mmd_retry_backoff_ms(unsigned failed, uint32_t first_ms, uint32_t max_ms, uint32_t random);

/* Milliseconds that the server asks to wait by Retry-After (RFC 9110, 10.2.3), 0 if it does not or
 * if that has passed: of a date, the time since the response's own Date, else since now_s (our
 * clock, in seconds since 1970; of MMD_CLOCK_NOT_SET, 0). At most MMD_RETRY_AFTER_MAX seconds. */
uint32_t mmd_retry_after_ms(const struct mmd_result *result, int64_t now_s);

/* Milliseconds to wait in all: backoff_ms if the server asks for none (asked_ms is 0); else what it
 * asks for and a random part more, up to a half of it, or backoff_ms if that is longer. It asks all
 * its clients for the same time: without a random part they would come back at once. random: those
 * bits that drew backoff_ms. At most UINT32_MAX. */
uint32_t mmd_retry_pause_ms(uint32_t backoff_ms, uint32_t asked_ms, uint32_t random);

#ifdef __cplusplus
}
#endif
#endif
