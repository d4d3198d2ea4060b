/* SPDX-License-Identifier: MIT */
/* The checks of "mmdclose doctor": each prints a line or more, and says what to do. */
#ifndef MMD_DOCTOR_H
#define MMD_DOCTOR_H

#include "job.h"

enum check_state { CHECK_OK, CHECK_WARNING, CHECK_FAILED, CHECK_NOT_CHECKED };

struct doctor {
    struct job *job;
    enum mmd_outcome outcome; /* of the first check that failed; MMD_OUTCOME_CLOSED: none has */
    int64_t now;              /* by the calendar clock, seconds since 1970 */
    bool has_anchors, has_proxy_setting;
    bool is_token_server_verified;
    /* The tenants whose token is fetched, each ended by a NUL, and where the list ends. */
    struct data tenants;
};

/* What a line is about, and what it says besides its sentence. */
struct check {
    const char *name; /* a word, with "_" for a blank */
    enum check_state state;
    const char *advice;       /* a sentence: what to do; "" if there is nothing */
    enum mmd_outcome outcome; /* with CHECK_FAILED */
};

/* lines.c: prints a line. The sentence is made printable. */
void say(struct doctor *d, struct check check, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* lines.c: the line of a check that failed, by job->report, whose sentence says what to do. */
void say_report(struct doctor *d, const char *name);

/* lines.c: the line of a check that cannot be made, and why. */
void say_not_checked(struct doctor *d, const char *name, const char *why);

/* doctor.c: gives the next check its time, and forgets what the last one reported. */
void begin_check(struct doctor *d);

/* The checks, in their order. */
void check_files(struct doctor *d);        /* files.c: and programs */
void check_folders(struct doctor *d);      /* folders.c */
void check_clock(struct doctor *d);        /* clock.c */
void check_servers(struct doctor *d);      /* servers.c: from the proxy's setting to TLS */
void check_access_token(struct doctor *d); /* token.c */
void check_queue(struct doctor *d);        /* queue.c */

#endif
