/* SPDX-License-Identifier: MIT */
/* The records of due/ in the order in which they are tried. */
#ifndef MMD_ROUND_H
#define MMD_ROUND_H

#include "queue/records.h"

struct entry {
    char file[RECORD_NAME_CAP];
    const char *wrong; /* why it is no record, or NULL; then the next count */
    size_t tenant_len; /* of file */
    unsigned attempts;
    int64_t added_s;
    bool aside;
    uint32_t left_s; /* until it is due */
};

struct round {
    struct entry *entries; /* from the heap */
    size_t count, cap;
};

/* Lists them: those with the fewest tries first, then the oldest. Fills the store's report and
 * returns false if that fails. The caller frees entries in any case. */
bool list_due(struct round *round, struct store *store, const struct moment *now);

#endif
