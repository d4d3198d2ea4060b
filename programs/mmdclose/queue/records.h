/* SPDX-License-Identifier: MIT */
/* Records and waits as files of the queue's folder. */
#ifndef MMD_RECORDS_H
#define MMD_RECORDS_H

#include "queue/record.h"
#include "queue/store.h"

/* The record's line, from the heap; bytes is NULL if there is no memory. */
struct data record_line(const struct record *record);

/* Each fills the store's report and returns false if it was not done. Those that write need the
 * lock. */
bool write_record(struct store *store, enum folder folder, const char *file,
                  const struct record *record);

/* Reads a file as a record, whose strings are then in *line; the caller wipes and frees that. Sets
 * *wrong to NULL, or to why it is no record; "it is gone" if there is no such file. */
bool load_record(struct store *store, enum folder folder, const char *file, struct record *record,
                 struct data *line, const char **wrong);

/* Whether a file is a closing that can be sent: a record, whole, not on its way to failed/, with a
 * client-request-id that token servers take. */
bool has_closing(struct store *store, enum folder folder, const char *file);

/* Moves a record of due/ to failed/, with what is in it now. */
bool move_aside(struct store *store, const char *file, struct record *record);

/* A wait of all, or of a tenant. */
struct stored_wait {
    struct wait wait;
    const char *credential; /* that was refused; "" */
    struct data line;       /* what the strings are in; the caller wipes and frees it */
    bool exists;
};

#define WAIT_OF_ALL "" /* no tenant's id */

/* name: a tenant, or WAIT_OF_ALL. One that is damaged counts as none. */
bool load_wait(struct store *store, const char *name, struct stored_wait *out);
bool write_wait(struct store *store, const char *name, const struct wait *wait,
                const char *credential);
bool remove_wait(struct store *store, const char *name); /* if there is one */

#endif
