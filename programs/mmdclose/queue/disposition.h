/* SPDX-License-Identifier: MIT */
/* What a try's outcome does to its record, and to the others. Pure.
 *
 * A record is only settled, or moved aside, by the service's own word. */
#ifndef MMD_DISPOSITION_H
#define MMD_DISPOSITION_H

#include "mmdclose/close.h"
#include "queue/record.h"

enum disposition {
    SETTLE,      /* the record is removed */
    ASIDE,       /* it moves to failed/ */
    WAIT_RECORD, /* it waits, and the others go on */
    WAIT_TENANT, /* its tenant's records wait, and the others go on */
    HOLD_TENANT, /* its tenant's records wait, until a probe or another credential */
    WAIT_ALL     /* all wait */
};

enum disposition disposition_of(const struct mmd_close *close);

/* A try failed: counts it, and draws how long to wait from random bits. */
void count_failure(struct wait *wait, enum disposition disposition, const struct mmd_close *close,
                   const struct moment *now, uint32_t random);

/* As one word: "settle", "aside", ... */
const char *disposition_name(enum disposition disposition);

#endif
