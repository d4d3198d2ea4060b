/* SPDX-License-Identifier: MIT */
/* mmdclose queue flush: takes in what was added, and sends what is due. */
#include "queue/flush.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "queue/intake.h"
#include "queue/log.h"
#include "queue/round.h"
#include "queue/watch.h"

/* ---- what waits ---- */

/* Whether a wait is over: its time is, or its tenant has another credential. */
static bool is_over(struct flush *f, const char *name, bool *over)
{
    const struct moment now = read_moment(); /* a wait may be younger than this round */
    struct stored_wait stored;
    bool done = load_wait(&f->store, name, &stored);
    bool other_credential =
        strcmp(name, WAIT_OF_ALL) != 0 && strcmp(stored.credential, f->fingerprint) != 0;

    *over = done && (!stored.exists || other_credential ||
                     seconds_left(&stored.wait.at, stored.wait.wait_s, &now) == 0);
    if (done)
        wipe_and_free(&stored.line);
    return done;
}

static bool may_send_all(struct flush *f)
{
    bool over;

    return is_over(f, WAIT_OF_ALL, &over) && over;
}

static void tenant_of(char out[TENANT_CAP], const struct entry *entry)
{
    snprintf(out, TENANT_CAP, "%.*s", (int)entry->tenant_len, entry->file);
}

static bool may_send_to_tenant(struct flush *f, const struct entry *entry)
{
    char tenant[TENANT_CAP];
    bool over;

    tenant_of(tenant, entry);
    return is_over(f, tenant, &over) && over;
}

/* ---- the credential ---- */

/* What keeps this device from sending is stored for those who look at the queue, once; it delays
 * nothing. */
static void note_failure(struct flush *f, const struct report *report)
{
    const struct wait failure = {.attempts = 1,
                                 .at = read_moment(),
                                 .outcome = outcome_name(report->outcome),
                                 .said = report->sentence,
                                 .alarm = true};
    struct stored_wait stored;
    bool done = store_lock(&f->store) && load_wait(&f->store, WAIT_OF_ALL, &stored);

    if (done) {
        if (!stored.exists || strcmp(stored.wait.said, report->sentence) != 0)
            done = write_wait(&f->store, WAIT_OF_ALL, &failure, "");
        wipe_and_free(&stored.line);
    }
    store_unlock(&f->store);
    if (!done)
        log_broken(f);
}

static enum mmd_outcome log_end(struct flush *f, const struct report *report)
{
    struct event event = {.priority = LOG_FAILED, .name = "failed", .report = report};

    snprintf(event.sentence, sizeof event.sentence, "%s", report->sentence);
    log_event(&event, f->job->options.json);
    return report->outcome;
}

/* Reads it when the first record is due: a flush with nothing to do costs nothing. */
static bool prepare(struct flush *f, const struct entry *entry)
{
    struct job *job = f->job;

    if (f->prepared)
        return true;
    tenant_of(f->first_tenant, entry);
    job->options.tenant = f->first_tenant; /* with which the credential is checked */
    job->config.keep_alive = true;
    /* what a record says must not be a reason for the token server to refuse its whole tenant */
    job->config.token_request_id = job->token_request_id;
    f->prepared = read_source(job) && prepare_exchange(job);
    if (f->prepared) {
        credential_fingerprint(job, f->fingerprint);
        return true;
    }
    f->outcome = log_end(f, &job->report);
    f->ended = true;
    note_failure(f, &job->report);
    return false;
}

/* ---- a round ---- */

static void show_progress(const struct flush *f, size_t at, size_t of)
{
    if (of >= 20 && !f->job->options.json && isatty(STDERR_FILENO))
        fprintf(stderr, "%zu of %zu\r", at + 1, of);
}

static bool is_own(const struct flush *f, const struct entry *entry)
{
    char tenant[TENANT_CAP];

    tenant_of(tenant, entry);
    return is_own_tenant(&f->own, tenant);
}

static void send_entry(struct flush *f, const struct entry *entry)
{
    if (entry->wrong != NULL)
        set_aside_bad(f, entry->file, entry->wrong);
    else if (entry->aside) /* the power went in between */
        finish_aside(f, entry->file);
    else if (!is_own(f, entry))
        set_aside_foreign(f, entry->file);
    else if (entry->left_s == 0 && prepare(f, entry) && may_send_to_tenant(f, entry)) {
        f->tried++;
        send_record(f, entry->file);
    }
}

static bool send_round(struct flush *f)
{
    const struct moment now = read_moment();
    struct round round;
    bool listed = list_due(&round, &f->store, &now);

    if (listed && may_send_all(f))
        for (size_t i = 0; i < round.count && !f->ended; i++) {
            show_progress(f, i, round.count);
            send_entry(f, &round.entries[i]);
        }
    free(round.entries);
    return listed;
}

/* What was added while a round was sent, and perhaps taken in by another process, is sent in the
 * next. What was tried is gone, or waits: a round ends that tries nothing. */
static bool send_rounds(struct flush *f)
{
    struct intake intake;
    bool emptied;

    do {
        f->tried = 0;
        emptied = take_in_all(&intake, &f->store, &f->own);
        if (!send_round(f))
            return false;
    } while (!f->ended && f->tried > 0);
    return emptied;
}

/* ---- the command ---- */

static enum mmd_outcome flush(struct flush *f)
{
    bool taken;

    f->own = f->job->options;
    if (!store_lock_flush(&f->store, &taken))
        return log_end(f, &f->report);
    if (!taken)
        return MMD_OUTCOME_CLOSED; /* another process sends */
    bool done = send_rounds(f);
    if (f->prepared)
        mmd_close_disconnect(&f->job->close);
    return done || f->broken ? f->outcome : log_end(f, &f->report);
}

static enum mmd_outcome run(struct job *job, int argc, char **argv)
{
    struct flush f = {.job = job};
    enum mmd_outcome outcome = MMD_OUTCOME_USAGE;

    if (!read_job_options(job, FOR_FLUSH, argc, argv) ||
        !check_flush_options(&job->options, &job->report))
        return print_report(&job->report, job->options.json);
    f.report = (struct report){.amend = job->report.amend, .options = job->report.options};
    if (store_open(&f.store, job->options.state_dir, true, &f.report))
        outcome = flush(&f);
    else
        outcome = log_end(&f, &f.report);
    store_close(&f.store);
    return outcome;
}

static enum mmd_outcome flush_once(int argc, char **argv)
{
    return run_job(argc, argv, run);
}

enum mmd_outcome command_flush(int argc, char **argv)
{
    return asks_for(FIELD(watch), FOR_FLUSH, argc, argv) ? watch(argc, argv, flush_once)
                                                         : flush_once(argc, argv);
}
