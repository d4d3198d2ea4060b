/* What an exchange came to, as the command and the firmware tell it: one sentence (what, why, what to
 * do). */
#ifndef MMD_SENTENCE_H
#define MMD_SENTENCE_H

#include "mmdclose/outcome.h"

#define SENTENCE_MAX 2048 /* with its NUL, for any result and names of up to 255 bytes */

/* What the sentence is about. */
struct told {
    const char *request, *host, *address; /* address: what was connected to */
    uint16_t port;
    const char *ca_option; /* how a trust anchor is given */
    int64_t now;           /* seconds since 1970: what the clock says */
};

#define DATE_LEN 16

void put_date(char out[DATE_LEN], int64_t seconds); /* since 1970, as 2026-01-31 */

/* Writes the sentence, printable and NUL-terminated, and returns the outcome. */
enum mmd_outcome sentence(char out[SENTENCE_MAX], const struct told *told,
                          const struct mmd_result *result);

#endif
