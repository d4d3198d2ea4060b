/* SPDX-License-Identifier: MIT */
/* Files that the command reads. */
#ifndef MMD_INPUT_H
#define MMD_INPUT_H

#include "mmdclose/trust.h"
#include "options.h"

/* Bytes from the heap. */
struct data {
    char *bytes; /* the functions below put a NUL after the last */
    size_t len;
};

/* Each fills report and returns false if the file cannot be used. In either case the caller wipes
 * and frees what was read. */
bool read_actions(const struct options *options, struct data *out, struct report *report);
bool read_token(const char *path, struct data *out, struct report *report);
bool read_trust(const char *path, struct data *file, struct mmd_trust *out, struct report *report);

void wipe_and_free(struct data *data);

#endif
