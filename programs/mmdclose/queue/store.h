/* SPDX-License-Identifier: MIT */
/* The queue's folder: files that are there whole or not at all, whenever the power goes.
 *
 *   lock          held for each change
 *   flush.lock    held by the process that sends
 *   tmp/          files that are being written; what a power cut left there is removed
 *   due/          the records
 *   failed/       what was moved aside: records, and files that are none
 *   waits/        all.json: nothing is sent before its time; TENANT.json: nothing of that tenant
 *
 * A file is written to tmp/, synced, renamed, and the folder synced (fsync(2)): after a function
 * has returned true the change outlives a power cut. Messages go into the report. */
#ifndef MMD_STORE_H
#define MMD_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "input.h"
#include "report.h"

enum folder { FOLDER_TMP, FOLDER_DUE, FOLDER_FAILED, FOLDER_WAITS, FOLDER_COUNT };

struct store {
    const char *path; /* borrowed */
    int fd, folders[FOLDER_COUNT];
    int lock_fd, flush_fd; /* -1: not held */
    struct stat owner;     /* the folder's: what root makes in it is the owner's, too */
    struct report *report;
};

/* Writes all bytes to a file; false with errno. */
bool write_all(int fd, const char *bytes, size_t len);

/* Opens it; with make, makes what is missing (mode 0700), otherwise a folder that is missing is
 * empty. The caller calls store_close in any case. */
bool store_open(struct store *store, const char *path, bool make, struct report *report);
void store_close(struct store *store);

/* Waits for the lock, and removes what a power cut left in tmp/. */
bool store_lock(struct store *store);
void store_unlock(struct store *store);

/* Does not wait. Sets *taken to whether no other process holds it. */
bool store_lock_flush(struct store *store, bool *taken);

/* Each needs the lock. A file is replaced; removing one that is not there succeeds. */
bool store_write(struct store *store, enum folder folder, const char *name, const char *bytes,
                 size_t len);
bool store_move(struct store *store, enum folder from, enum folder to, const char *name);
bool store_remove(struct store *store, enum folder folder, const char *name);

/* Whether a record of any size could be written now. It is tried, since free space says nothing of
 * quotas, errors and reserved blocks; with a file that is not synced and has no name, so nothing of
 * it wears out flash or outlives a power cut. Needs no lock; fills the report. */
bool store_may_write(struct store *store);

bool store_has(const struct store *store, enum folder folder, const char *name);

/* Reads a file of at most RECORD_MAX bytes. *out has none (bytes is NULL) if there is no such file,
 * and none of them (len is 0) if the name is a folder's, a link's or a socket's. The caller wipes
 * and frees it. */
bool store_read(struct store *store, enum folder folder, const char *name, struct data *out);

/* Calls each with the name of every file until it returns false; returns what it returned last, or
 * false if the folder cannot be read, which is reported. */
bool store_each(struct store *store, enum folder folder,
                bool (*each)(void *context, const char *name), void *context);

#endif
