/* SPDX-License-Identifier: MIT */
/* What the commands that get a token have in common. */
#include "job.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "charclass.h"
#include "guid_form.h"
#include "wipe.h"

#define ID_SHOWN   128
#define HOST_SHOWN 253

/* An id that can be one, which no secret in the wrong place is: tokens are longer. */
static const char *shown_id(const char *id)
{
    size_t len = id != NULL ? strlen(id) : 0;

    return len > 0 && len <= ID_SHOWN && mmd_span(id, len, MMD_CHAR_UNRESERVED) == len ? id : "";
}

static bool refuse_random(struct report *report, int system_error)
{
    refuse(report, MMD_ERR_ENTROPY,
           "the system gives no random bytes: %s; check this device's sandbox, or try again later.",
           strerror(system_error));
    report->result.detail = (struct mmd_detail){MMD_DETAIL_ERRNO, system_error};
    return false;
}

/* Early after boot the system has no random bytes yet: they are waited for. */
bool get_random(struct job *job, uint8_t *out, size_t len)
{
    while (mmd_random(out, len) != MMD_OK) {
        if (errno != EAGAIN || time_left(&job->deadline) == 0)
            return refuse_random(&job->report, errno);
        poll(NULL, 0, 20);
    }
    return true;
}

/* Stricter than the library: the token server and the service refuse what is no GUID. */
static bool check_client_request_id(const char *id, struct report *report)
{
    char wrong[48];
    size_t good = mmd_guid_span(id);

    snprintf(wrong, sizeof wrong, "byte %zu is something else", good);
    return mmd_is_guid(id) ||
           refuse(report, MMD_ERR_INPUT,
                  "--client-request-id cannot be used: it takes a GUID, hexadecimal digits as in "
                  "01234567-89ab-cdef-0123-456789abcdef, but %s.",
                  id[0] == '\0'      ? "it is empty"
                  : id[good] == '\0' ? "it ends too early"
                                     : wrong);
}

bool make_client_request_id(struct job *job)
{
    uint8_t random[16];

    if (job->options.client_request_id != NULL) {
        job->sent_id = job->options.client_request_id;
        job->report.client_request_id = shown_id(job->sent_id);
        return check_client_request_id(job->sent_id, &job->report);
    }
    if (!get_random(job, random, sizeof random))
        return false;
    mmd_guid(job->client_request_id, random);
    job->sent_id = job->report.client_request_id = job->client_request_id;
    return true;
}

bool read_job_options(struct job *job, unsigned command, int argc, char **argv)
{
    struct options *o = &job->options;
    struct report *report = &job->report;

    bool read = read_options(o, command, argc, argv, report);
    if (o->scope == NULL)
        o->scope = o->login ? MMD_DEVICE_SCOPE : MMD_TOKEN_SCOPE;
    const char *host = command == FOR_TOKEN ? o->authority.host : o->host;
    report->tenant = shown_id(o->tenant);
    report->request = shown_id(o->request);
    report->host = strlen(host) <= HOST_SHOWN ? host : "";
    report->already_closed_ok = o->already_closed_ok;
    job->progress.verbose = o->verbose;
    job->deadline.timeout_ms = o->timeout_ms;
    return read;
}

static void begin(struct job *job)
{
    mmd_linux_init(&job->linux_port, &job->direct);
    progress_begin(&job->progress, &job->direct);
    job->deadline = (struct deadline){&job->direct, job->progress.begin_ms, 0};
    job->total_deadline = job->deadline;
    job->report.tenant = job->report.request = job->report.client_request_id = "";
    job->report.host = "";
}

static void end(struct job *job)
{
    end_options(&job->options);
    wipe_and_free(&job->token_memory);
    wipe_and_free(&job->secret);
    wipe_and_free(&job->actions);
    wipe_and_free(&job->message);
    wipe_and_free(&job->certificate);
    free_trust(&job->anchors);
    mmd_wipe(&job->proxy_setting, sizeof job->proxy_setting);
    mmd_wipe(&job->proxy, sizeof job->proxy);
    mmd_wipe(&job->close, sizeof job->close);
    mmd_wipe(job->device_code, sizeof job->device_code);
    free(job); /* with the pool: TLS is not called any more */
}

enum mmd_outcome run_job(int argc, char **argv,
                         enum mmd_outcome (*run)(struct job *job, int argc, char **argv))
{
    struct job *job = calloc(1, sizeof *job);

    if (job == NULL) {
        fputs("mmdclose: there is no memory left.\n", stderr);
        return MMD_OUTCOME_INTERNAL;
    }
    begin(job);
    enum mmd_outcome outcome = run(job, argc, argv);
    end(job);
    return outcome;
}
