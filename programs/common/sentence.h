/* What an exchange came to, as the command and the firmware tell it: one sentence (what, why, what
 * to do). */
#ifndef MMD_SENTENCE_H
#define MMD_SENTENCE_H

#include "mmdclose/closing.h"

#define SENTENCE_MAX 2048 /* with its NUL, for any result and names of up to 255 bytes */

/* What the sentence is about. */
struct told {
    const char *request, *host, *address; /* address: what was connected to */
    uint16_t port;
    const char *ca_option; /* how a trust anchor is given */
    const char *clock;     /* how the clock stands, should it be to blame */
};

/* Writes the sentence, printable and NUL-terminated. */
void sentence(char out[SENTENCE_MAX], const struct told *told, const struct mmd_result *result,
              const struct mmd_verdict *verdict);

#endif
