/* SPDX-License-Identifier: MIT */
/* mmdclose doctor: checks a device from its configuration to the token, one line for each check.
 * The service is sent a handshake, and nothing else. */
#include "doctor.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

#define BLANKS " \t"

void begin_check(struct doctor *d)
{
    struct job *job = d->job;

    job->deadline.begin_ms = progress_now(&job->progress);
    job->reported = false;
    job->report.outcome = MMD_OUTCOME_CLOSED;
}

/* ---- configuration and options ---- */

static void say_configuration(struct doctor *d)
{
    const struct options *o = &d->job->options;
    const struct check ok = {"configuration", CHECK_OK, "", MMD_OUTCOME_CLOSED};
    const char *path = o->config != NULL ? o->config : DEFAULT_CONFIG;

    if (o->no_config)
        say(d, ok, "only the command line's options count (--no-config).");
    else if (o->config != NULL || access(path, F_OK) == 0)
        say(d, ok, "the options in '%s' count, and those of the command line before them.", path);
    else
        say(d, ok, "there is no %s: only the command line's options count.", path);
}

/* The tenants of --tenants, else that of --tenant. */
static bool list_tenants(struct doctor *d)
{
    struct options *o = &d->job->options;
    const char *list = o->tenants != NULL ? o->tenants : o->tenant;
    size_t first = strspn(list, BLANKS);
    struct data *to = &d->tenants;

    *to = (struct data){strdup(list), strlen(list)};
    if (to->bytes == NULL)
        return refuse_no_memory(&d->job->report);
    for (char *c = to->bytes; *(c += strcspn(c, BLANKS)) != '\0'; c++)
        *c = '\0';
    o->tenant = to->bytes + first;
    return true;
}

static const char *source_of(const struct options *o)
{
    return o->token_file != NULL           ? "--token-file"
           : o->token_command != NULL      ? "--token-command"
           : o->client_secret_file != NULL ? "the token server, for --client-secret-file"
           : o->key_file != NULL           ? "the token server, for --certificate and --key-file"
                                           : "the token server, for --certificate and "
                                             "--sign-command";
}

static void say_options(struct doctor *d)
{
    const struct options *o = &d->job->options;
    const char *end = d->tenants.bytes + d->tenants.len;
    char names[SENTENCE_MAX / 2];
    size_t len = 0;
    unsigned count = 0;

    for (const char *t = o->tenant; t < end && len < sizeof names; t += strlen(t) + 1)
        if (*t != '\0')
            len += (size_t)snprintf(names + len, sizeof names - len, "%s%s",
                                    count++ > 0 ? ", " : "", t);
    say(d, (struct check){"options", CHECK_OK, "", MMD_OUTCOME_CLOSED},
        "the token for %s %s comes from %s.", count > 1 ? "each of the tenants" : "tenant", names,
        source_of(o));
}

/* Whether the options suffice for a token. Of a closing only the host is checked; the rest stands
 * in for what a record of the queue has. */
static bool check_options(struct doctor *d)
{
    struct job *job = d->job;
    const struct options *o = &job->options;
    bool suffice = check_flush_options(o, &job->report) && list_tenants(d);

    job->closing = (struct mmd_closing){.host = o->host,
                                        .port = o->port,
                                        .tenant_id = suffice ? o->tenant : "-",
                                        .elevation_request_id = "-",
                                        .client_request_id = job->sent_id,
                                        .actions_taken = ""};
    if (!suffice || !check_message(job, "-")) {
        say_report(d, "options");
        return false;
    }
    say_options(d);
    return true;
}

/* ---- all checks ---- */

static void check_with_options(struct doctor *d)
{
    bool suffice = check_options(d);

    check_files(d);
    check_folders(d);
    check_clock(d);
    check_servers(d);
    if (suffice)
        check_access_token(d);
    else
        say_not_checked(d, "token", "the options do not say where it comes from.");
    check_queue(d);
}

static void check_without_options(struct doctor *d)
{
    static const char *const names[] = {"options",        "drop_folder", "state_folder", "clock",
                                        "service_lookup", "service_tls", "token",        "queue"};

    say_report(d, "configuration");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        say_not_checked(d, names[i], "the configuration cannot be used.");
}

static enum mmd_outcome run(struct job *job, int argc, char **argv)
{
    struct doctor doctor = {.job = job, .now = job->direct.calendar_s(job->direct.context)};

    if (!read_job_options(job, FOR_DOCTOR, argc, argv)) {
        check_without_options(&doctor);
    } else {
        job->options.retries = 0; /* which a file may have set: one try shows what is wrong */
        job->options.retry_max_ms = 0;
        job->only_why = true;
        if (make_client_request_id(job)) {
            say_configuration(&doctor);
            check_with_options(&doctor);
        } else {
            say_report(&doctor, "random_bytes");
        }
    }
    free(doctor.tenants.bytes);
    enum mmd_outcome printed = end_output();
    return doctor.outcome != MMD_OUTCOME_CLOSED ? doctor.outcome : printed;
}

enum mmd_outcome command_doctor(int argc, char **argv)
{
    return run_job(argc, argv, run);
}
