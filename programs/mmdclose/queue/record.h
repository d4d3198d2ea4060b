/* SPDX-License-Identifier: MIT */
/* A record of the queue: a closing that is to be sent, as one line of JSON. Pure.
 *
 * The last member is a checksum: the first 16 hexadecimal digits of SHA-256 over all bytes before
 * it, that is, before `,"sha256"`. */
#ifndef MMD_RECORD_H
#define MMD_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "queue/moment.h"
#include "writer.h"

#define RECORD_MAX      131072 /* bytes of the line; */
#define RECORD_NEW_MAX  114688 /* of one without a try: what later tries say has to fit, too */
#define RECORD_SUM_CAP  17
#define RECORD_NAME_CAP 240    /* of the file: TENANT,REQUEST.json */
#define RECORD_WAIT_MAX 129600 /* seconds; a longer wait becomes this */

/* When what failed is tried again, and why it failed. */
struct wait {
    unsigned attempts; /* tries that failed, in a row; of a record, once it was about to be sent */
    struct moment at;  /* the last one */
    uint32_t wait_s;   /* try again so long after it */
    const char *outcome; /* of the last one, as in the line of JSON of "close"; "": none yet */
    const char *said;    /* the sentence */
    bool alarm;          /* somebody should look at it */
};

/* Strings are borrowed: of a record that was read, from its line. */
struct record {
    const char *tenant, *request, *client_request_id, *actions;
    int64_t added_s, first_try_s; /* seconds since 1970; first_try_s: 0: none with a set clock */
    unsigned added_by;            /* the user's id */
    bool maybe_sent;              /* a try may have reached the service without our hearing of it */
    bool aside;                   /* it belongs into failed/ */
    struct wait wait;
};

/* Puts the line, with its newline. Sizes as of struct mmd_writer. */
void put_record(struct mmd_writer *w, const struct record *record);

/* Reads a line of len bytes (a NUL follows), which it changes. Returns NULL, or what is wrong with
 * it, as the end of a sentence. */
const char *read_record(struct record *record, char *line, size_t len);

/* The name of its file. False: an id has another character than letters, digits and -._~, or is
 * too long. */
bool record_name(char out[RECORD_NAME_CAP], const char *tenant, const char *request);

/* A wait by itself, as a file of waits/: the same members, and the credential that was refused. */
void put_wait(struct mmd_writer *w, const struct wait *wait, const char *credential);
const char *read_wait(struct wait *wait, const char **credential, char *line, size_t len);

#endif
