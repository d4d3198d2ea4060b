/* SPDX-License-Identifier: MIT */
/* Files that the command reads. */
#ifndef MMD_INPUT_H
#define MMD_INPUT_H

#include "mmdclose/port.h"
#include "mmdclose/trust.h"
#include "options.h"

/* Bytes from the heap. */
struct data {
    char *bytes; /* the functions below put a NUL after the last */
    size_t len;
};

/* When reading must have ended: a pipe may have no writer. */
struct deadline {
    const struct mmd_port *port; /* for its clock; borrowed */
    uint32_t begin_ms, timeout_ms;
};

/* Milliseconds; 0: the time is over. */
uint32_t time_left(const struct deadline *deadline);

/* A file to read. */
struct input {
    const char *what, *path;
    const char *option;              /* that names it: "--key-file"; NULL: none does */
    size_t max;                      /* bytes */
    int absent;                      /* the error if it does not come */
    const struct deadline *deadline; /* NULL: none */
};

/* What messages call an option's file: "the file '/etc/key' of --key-file", or without its path if
 * that may be the secret itself in the wrong place. option NULL: any path is shown. */
#define SHOWN_FILE_CAP 640
const char *show_file(char out[SHOWN_FILE_CAP], const char *path, const char *option);

/* Each fills report and returns false if the file cannot be used. In either case the caller wipes
 * and frees what was read. */
bool read_actions(const struct options *options, const struct deadline *deadline, struct data *out,
                  struct report *report);
bool read_token(const char *path, const struct deadline *deadline, struct data *out,
                struct report *report);

/* Trust anchors, not secret. */
struct anchors {
    struct data file;         /* PEM, or what it was turned into */
    struct mmd_bundle bundle; /* found: the anchors, by now; memory NULL: these are all */
    const char *searched;     /* the path of a bundle that is searched, until it was warned of */
};

static inline bool is_searched(const struct anchors *a)
{
    return a->bundle.memory != NULL;
}

/* The PEM of TRUST=FILE, when the command was built; NULL: it was built without. */
const char *built_in_roots(size_t *len);

/* Reads the file, or if path is NULL the bundle of SSL_CERT_FILE, what is built in, or the bundle
 * of the system. Of a bundle no more is decoded than that there is a certificate in it, with
 * search: then the anchors are to be looked for in it; else warns of those that cannot be read.
 * Fills report and returns false if there is none. free_trust frees what was read, in either case.
 */
bool read_trust(const char *path, bool search, const struct deadline *deadline, struct anchors *out,
                struct report *report);

/* No issuer was found among them: warns, once, of those in a searched bundle that cannot be read.
 */
void warn_of_search(struct anchors *anchors);
void free_trust(struct anchors *anchors);

/* Reads a secret from a file that only its user can read, from a pipe, or from a folder of
 * credentials; without the end of its last line. Fills report and returns false if it cannot be
 * read, or if others could, too. */
bool read_secret(const struct input *in, struct data *out, struct report *report);

/* Takes one line's end and a byte order mark off. */
void trim_secret(struct data *secret);

/* Refuses what cannot be a token: it is blank, or has a NUL. source: what it was read from. */
bool check_token(const struct data *token, const char *source, struct report *report);

#define TOKEN_MAX 65536 /* bytes */

/* What to show of a path: the option's name, if the path may be a token in the wrong place. */
const char *shown_path(const char *path, const char *option);

/* Reads a file to its end; fills report and returns false if it cannot be read. */
bool read_input(const struct input *in, struct data *out, struct report *report);

void wipe_and_free(struct data *data);

#endif
