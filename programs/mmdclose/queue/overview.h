/* SPDX-License-Identifier: MIT */
/* All that the queue holds, one item after the other. */
#ifndef MMD_OVERVIEW_H
#define MMD_OVERVIEW_H

#include "queue/records.h"

enum item_state {
    ITEM_DUE,     /* is sent by the next flush */
    ITEM_WAITING, /* until its time, or that of all */
    ITEM_HELD,    /* with its tenant */
    ITEM_FAILED,  /* moved aside */
    ITEM_BAD      /* no record */
};

struct item {
    enum item_state state;
    enum folder folder;
    const char *file;
    struct record *record;   /* NULL: a bad one */
    const char *wrong;       /* why it is one, or NULL */
    const struct wait *wait; /* what it waits for, or why it was moved aside */
    const char *whose;       /* that is: "record", "tenant" or "all" */
    uint32_t left_s;
};

/* As one word. */
const char *item_state_name(enum item_state state);

/* Calls each for due/, then failed/, until it returns false. Fills the store's report and returns
 * false if something cannot be read; also if each did. */
bool each_item(struct store *store, bool (*each)(void *context, const struct item *item),
               void *context);

/* What a tenant waits for, or all. */
struct shared_wait {
    const char *tenant; /* NULL: all */
    const struct wait *wait;
    uint32_t left_s;
};

/* Calls each for the waits that are not over, or should be looked at, and that a closing in due/
 * waits for; results as of each_item. */
bool each_shared_wait(struct store *store,
                      bool (*each)(void *context, const struct shared_wait *wait), void *context);

/* Seconds since the record was added; 0 if the clock was not set then, or is not now. */
int64_t record_age_s(const struct record *record, int64_t now_s);

/* What lies in the drop folder. */
struct drops {
    unsigned fresh, later; /* not seen by an intake yet; could not be taken in */
    int64_t oldest_s;      /* when the oldest was added, in seconds since 1970; 0: none */
};

/* False: the folder cannot be read. */
bool count_drops(const char *folder, struct drops *out);

#endif
