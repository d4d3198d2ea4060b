/* SPDX-License-Identifier: MIT */
/* Sending what is due. */
#ifndef MMD_FLUSH_H
#define MMD_FLUSH_H

#include "job.h"
#include "queue/disposition.h"
#include "queue/records.h"
#include "queue/token_file.h"

#define TENANT_CAP 129

/* One run. */
struct flush {
    struct job *job;
    struct options own; /* as they were given; those of the job become each record's */
    struct store store;
    struct report report; /* the store's */
    char fingerprint[FINGERPRINT_CAP];
    char first_tenant[TENANT_CAP];
    char tenant[TENANT_CAP];  /* whose token is in the job; "": none's */
    uint32_t token_got_ms;    /* the token that is kept in the runtime folder, by its time; */
    bool token_is_kept;       /* if one is */
    bool prepared;            /* the credential is read */
    unsigned tried;           /* records, in this round */
    unsigned failed_in_a_row; /* records that failed by themselves, one after the other */
    bool broken;              /* the queue's folder failed: nothing more is sent */
    bool ended;               /* what failed concerns all */
    enum mmd_outcome outcome; /* of the last try that failed; else MMD_OUTCOME_CLOSED */

    /* the record that is being sent */
    const char *file;
    struct record record;
    struct data line; /* which its strings are in */
    bool was_maybe_sent, marked, gone;
};

/* send.c: makes one try for a record of due/, and does with it what the outcome says. Nothing
 * happens to a record that is gone. */
void send_record(struct flush *f, const char *file);

/* send.c: logs the store's report: its folder failed, and the flush ends. */
void log_broken(struct flush *f);

/* send.c: moves a record of a tenant that is not, or no longer, this queue's to failed/. */
void set_aside_foreign(struct flush *f, const char *file);

/* send.c: ends the move of a record to failed/ that a power cut interrupted. */
void finish_aside(struct flush *f, const char *file);

/* send.c: moves what is no record from due/ to failed/. */
void set_aside_bad(struct flush *f, const char *file, const char *wrong);

#endif
