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

static bool has_room(struct round *round)
{
    size_t cap = round->cap > 0 ? 2 * round->cap : 64;

    if (round->count < round->cap)
        return true;
    struct entry *larger = realloc(round->entries, cap * sizeof *larger);
    if (larger == NULL)
        return false;
    round->entries = larger;
    round->cap = cap;
    return true;
}

static bool add(void *context, const char *name)
{
    const struct listing *l = context;
    struct record record;
    struct data line = {NULL, 0};

    if (strlen(name) >= RECORD_NAME_CAP)
        return true; /* not ours */
    if (!has_room(l->round))
        return refuse_no_memory(l->store->report);
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
    bool listed = store_each(store, FOLDER_DUE, add, &listing);
    if (round->count > 1)
        qsort(round->entries, round->count, sizeof *round->entries, compare);
    return listed;
}
