/* SPDX-License-Identifier: MIT */
/* The queue's log: one line an event. Text goes to the standard error, a line of JSON to the
 * standard output; both with a priority prefix (sd-daemon(3)) if the journal reads them. */
#ifndef MMD_LOG_H
#define MMD_LOG_H

#include <stdbool.h>

#include "queue/record.h"
#include "report.h"

enum priority { LOG_FAILED = 3, LOG_WARNED = 4, LOG_DONE = 6 }; /* of syslog(3) */

struct event {
    enum priority priority;
    const char *name;                                 /* as one word */
    const char *tenant, *request, *client_request_id; /* NULL: not known */
    const struct report *report;                      /* of a try; NULL: none was made */
    const struct wait *wait;                          /* NULL: does not wait */
    char sentence[SENTENCE_MAX + 128];                /* made printable by log_event */
};

/* False: it could not be written. */
bool log_event(struct event *event, bool json);

#endif
