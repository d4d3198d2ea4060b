/* SPDX-License-Identifier: MIT */
/* One closing, from its options to its report. */
#ifndef MMD_JOB_H
#define MMD_JOB_H

#include "input.h"
#include "mmdclose/client.h"
#include "mmdclose/guid.h"
#include "mmdclose/port/linux.h"
#include "progress.h"

#define POOL_SIZE (256 * 1024)

/* From the heap, because of the pool: too large for a small stack, and the pages of it that TLS
 * never reaches cost no RAM. */
struct job {
    struct options options;
    struct report report;
    struct progress progress;
    struct deadline deadline;
    char client_request_id[MMD_GUID_LEN + 1]; /* if none was given */
    const char *sent_id;                      /* that, or what was given */
    struct mmd_linux linux_port;
    struct mmd_port port;
    struct mmd_trust trust;
    struct mmd_client_config config;
    struct mmd_closing_info info;

    /* Secret: the token. Kept to the end, to be covered where the response repeats it; then
     * command_close wipes it. */
    struct data token;
    /* What was done, perhaps in confidence. write_message wipes it once it is in the message. */
    struct data actions;
    /* Secret: the request, with the token in it. The engine wipes it once it is sent. Then it holds
     * the response's body, which may repeat the token: command_close wipes it. */
    struct data message;
    /* Secret: the response's fields may repeat the token. command_close wipes it. TLS's keys in it
     * and in the pool are wiped by the engine when the exchange ends. */
    struct mmd_client client;

    struct data anchors; /* what trust points into; not secret */

    _Alignas(8) unsigned char pool[POOL_SIZE];
};

/* message.c: writes the request into job->message. Fills the report and returns false if a field
 * cannot be used. */
bool write_message(struct job *job);

/* message.c: prints it, without the token. Returns the exit status. */
enum mmd_outcome print_message(const struct job *job);

/* exchange.c: sends the message and fills the report with what came of it. */
void exchange_message(struct job *job);

#endif
