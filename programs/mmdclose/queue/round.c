/* SPDX-License-Identifier: MIT */
/* The records of due/ in the order in which they are tried. */
#include "queue/round.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct listing {
    struct round *round;
    struct store *store;
    const struct moment *now;
};

static void fill(struct entry *entry, const struct record *record, const struct moment *now)
{
    const struct wait *wait = &record->wait;

    entry->tenant_len = strlen(record->tenant);
    entry->attempts = wait->attempts;
    entry->added_s = record->added_s;
    entry->aside = record->aside;
    entry->left_s = seconds_left(&wait->at, wait->wait_s, now);
}

static bool count_name(void *context, const char *name)
{
    (void)name;
    ++*(size_t *)context;
    return true;
}

static bool add(void *context, const char *name)
{
    const struct listing *l = context;
    struct record record;
    struct data line = {NULL, 0};

    if (strlen(name) >= RECORD_NAME_CAP || l->round->count == l->round->cap)
        return true; /* not ours; or it has come meanwhile, and the next round has it */
    struct entry *entry = &l->round->entries[l->round->count];
    *entry = (struct entry){0};
    snprintf(entry->file, sizeof entry->file, "%s", name);
    bool read = load_record(l->store, FOLDER_DUE, name, &record, &line, &entry->wrong);
    if (read && entry->wrong == NULL)
        fill(entry, &record, l->now);
    l->round->count += read && line.bytes != NULL; /* else it is gone */
    wipe_and_free(&line);
    return read;
}

static int compare(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;

    if (a->attempts != b->attempts)
        return a->attempts < b->attempts ? -1 : 1;
    if (a->added_s != b->added_s)
        return a->added_s < b->added_s ? -1 : 1;
    return strcmp(a->file, b->file);
}

bool list_due(struct round *round, struct store *store, const struct moment *now)
{
    struct listing listing = {round, store, now};

    *round = (struct round){NULL, 0, 0};
    if (!store_each(store, FOLDER_DUE, count_name, &round->cap))
        return false;
    round->entries = calloc(round->cap + 1, sizeof *round->entries);
    if (round->entries == NULL)
        return refuse_no_memory(store->report);
    bool listed = store_each(store, FOLDER_DUE, add, &listing);
    if (round->count > 1)
        qsort(round->entries, round->count, sizeof *round->entries, compare);
    return listed;
}
