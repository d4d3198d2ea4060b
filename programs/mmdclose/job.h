/* SPDX-License-Identifier: MIT */
/* One closing, or the getting of one token, from its options to its report. */
#ifndef MMD_JOB_H
#define MMD_JOB_H

#include "input.h"
#include "mmdclose/close.h"
#include "mmdclose/device_code.h"
#include "mmdclose/guid.h"
#include "mmdclose/port/linux.h"
#include "progress.h"
#include "proxy_options.h"
#include "token_command.h"

#define POOL_SIZE (256 * 1024)

/* From the heap, because of the pool: too large for a small stack, and the pages of it that TLS
 * never reaches cost no RAM. */
struct job {
    struct options options;
    struct report report;
    struct progress progress;
    struct deadline deadline;                 /* of the first try */
    char client_request_id[MMD_GUID_LEN + 1]; /* if none was given */
    const char *sent_id;                      /* that, or what was given */
    char token_request_id[MMD_GUID_LEN + 1];  /* if config has it: a new one for each request */

    struct mmd_linux linux_port;
    struct mmd_port direct, proxied;
    struct proxy_setting proxy_setting; /* secret: run_job wipes it */
    struct mmd_proxy_config proxy_config;
    struct mmd_proxy proxy;

    struct mmd_closing closing;
    struct mmd_credential credential;
    struct program_words program; /* of --token-command or --sign-command */
    struct sign_command sign_command;
    struct mmd_memory_key key;
    struct mmd_close_config config;
    struct deadline total_deadline; /* of all tries */
    struct deadline owner_deadline; /* of what gives a token or a signature, in this try */
    unsigned attempt;               /* this try */
    bool reported;                  /* it gave none, and filled the report */
    enum mmd_stage stage;           /* the last that began */
    /* If not NULL: called when the server is verified and the closing is about to be sent, maybe
     * several times; false ends the exchange before that. */
    bool (*before_sending)(void *context);
    void *before_context;
    bool only_why; /* as in struct subject */

    /* Secret: the token's cache. Kept to the end, to be covered where a response repeats it; then
     * run_job wipes it, and token_memory, which it is in. */
    struct mmd_token token;
    struct data token_memory;
    /* Secret: the client's secret, or its key. run_job wipes it. */
    struct data secret;
    /* What was done, perhaps in confidence. run_job wipes it. */
    struct data actions;
    /* Secret: the requests, with token and secrets in them. The engine wipes each once it is sent.
     * Then it holds a response's body, which may repeat them: run_job wipes it. */
    struct data message;
    /* Secret: the response's fields may repeat the token. run_job wipes it. TLS's keys in it and in
     * the pool are wiped by the engine when an exchange ends. */
    struct mmd_close close;

    /* Of --login; the device code is secret, kept to be covered, and run_job wipes it. */
    struct mmd_client_config login_to;
    char device_code[MMD_DEVICE_CODE_MAX + 1];

    struct data certificate;
    struct anchors anchors;

    _Alignas(8) unsigned char pool[POOL_SIZE];
};

/* job.c: what the commands have in common. Runs one: makes the job, calls the command's own part,
 * which fills the report, or prints something else, and returns the exit status; then wipes
 * everything. */
enum mmd_outcome run_job(int argc, char **argv,
                         enum mmd_outcome (*run)(struct job *job, int argc, char **argv));

/* Each fills the report and returns false if something cannot be used. */
bool read_job_options(struct job *job, unsigned command, int argc, char **argv);
bool make_client_request_id(struct job *job);
bool get_random(struct job *job, uint8_t *out, size_t len);

/* source.c: prepares what gives the token: reads it, or secret, certificate and key. */
bool read_source(struct job *job);

/* source.c: fills the report with which part of the credential cannot be used. */
void refuse_credential(struct job *job);

/* message.c: fills job->closing from the options and the actions, and checks it. */
bool prepare_closing(struct job *job);

/* message.c: checks it with its token, and gets memory for it and the responses. */
bool prepare_message(struct job *job);

/* message.c: the parts of that: checks the closing with a token; gets memory for requests of up to
 * needed bytes; refuses a field by its name and what it takes; checks the service's host. */
bool check_message(struct job *job, const char *token);
bool get_message_memory(struct job *job, size_t needed);
bool refuse_field(struct report *report, const char *name, const char *takes,
                  const struct mmd_fault *fault);
bool check_host(const struct options *options, struct report *report);

/* message.c: prints the request, without the token. Returns the exit status. */
enum mmd_outcome print_message(struct job *job);

/* login.c: shows a code, and waits until somebody has signed in with it, or it has expired.
 * job->close has the outcome. If it returns true, the token is in job->token, and the time for a
 * closing begins. */
bool login(struct job *job);

/* exchange.c: reads the anchors, unless the job has them, and the proxy settings. Fills the
 * report and returns false if they cannot be used. */
bool prepare_exchange(struct job *job);

/* exchange.c: does what job->config says, with job->closing; after the first time on the connection
 * and with the token that were kept, if job->close is as it was left. */
void run_exchange(struct job *job);

/* exchange.c: fills the report with what came of it. */
void report_exchange(struct job *job);

/* exchange.c: all three, and a login before them. */
void exchange(struct job *job);

#endif
