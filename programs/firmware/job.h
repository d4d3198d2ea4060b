/* SPDX-License-Identifier: MIT */
/* The firmware's work: all of its memory but the stack, and the parts of main.c. */
#ifndef MMD_JOB_H
#define MMD_JOB_H

#include "firmware.h"
#include "mmdclose/guid.h"
#include "mmdclose/proxy.h"
#include "mmdclose/tls_pool.h"

/* The command line, then a token: one that was got from a token server; one that stands in the line
 * is used there, and may reach into this part. */
#define LINE_CAP (COMMAND_MAX + TOKEN_MAX + 1)

struct job {
    struct options options; /* its strings lie in line */
    struct mmd_trust trust;
    struct mmd_lwip lwip;
    struct mmd_port port; /* to the network */
#if defined(MMD_PROXY)
    struct mmd_proxy proxy;
    struct mmd_proxy_config proxy_config;
    struct mmd_port proxied;
#endif
    struct mmd_session session;
    struct mmd_credential credential;
    struct mmd_token token; /* in line */
    struct mmd_close_config config;
    struct mmd_closing closing;
    char guid[MMD_GUID_LEN + 1]; /* of the closing */
    struct mmd_close close;
    const struct mmd_tls_pool *pool;
    bool clock_in_doubt; /* a date did not fit it: that may be its fault, or another's */
    bool exchanged;      /* there is an exchange whose costs were not reported */
    uint32_t handshake_us, longest_us; /* spent in steps: all of the handshake's, the longest */
    uint32_t aside_us;                 /* of a step, with what is not its work: the console */
    char *line;                        /* secret: main wipes it */
    char *message; /* each request, then its response's body; main wipes the last one */
};

/* exchange.c */
void configure(struct job *job);
void run_closing(struct job *job); /* the first or the next, to its end */

/* report.c. Who a stage is about: the host, and what was connected to. */
struct party {
    const char *host, *address;
    uint16_t port;
};
struct party party_of(const struct job *job, enum mmd_stage stage);
void report_stage(const struct job *job, enum mmd_stage stage);
void report_phase(enum mmd_phase phase);
void report_costs(const struct job *job); /* of the last exchange */
void report_end(const struct job *job);   /* of a closing, as a sentence */
void report_memory(const struct job *job);

#endif
