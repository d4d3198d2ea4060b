/* SPDX-License-Identifier: MIT */
/* One try for one record, and what becomes of it. */
#include <stdio.h>
#include <string.h>

#include "guid_form.h"
#include "mmdclose/retry.h"
#include "queue/flush.h"
#include "queue/intake.h"
#include "queue/log.h"
#include "wipe.h"

#define FAILED_IN_A_ROW_MAX 3 /* then the service is at fault, not the records */

/* ---- the log ---- */

/* What waits, and until when. */
static const char *wait_text(enum disposition disposition)
{
    switch (disposition) {
    case WAIT_ALL: return "All closings wait: the next try in";
    case WAIT_TENANT: return "All closings of the tenant wait: the next try in";
    case HOLD_TENANT:
        return "All closings of the tenant are held until there is another credential; the next "
               "try in";
    default: return "The next try in";
    }
}

/* wait: what it leads to; NULL: nothing waits. */
static void log_try(struct flush *f, enum priority priority, const char *name,
                    enum disposition disposition, const struct wait *wait)
{
    const struct report *report = &f->job->report;
    struct event event = {.priority = priority,
                          .name = name,
                          .tenant = f->record.tenant,
                          .request = f->record.request,
                          .client_request_id = f->record.client_request_id,
                          .report = report,
                          .wait = wait};

    if (wait != NULL)
        snprintf(event.sentence, sizeof event.sentence, "%s %s %lu s.", report->sentence,
                 wait_text(disposition), (unsigned long)wait->wait_s);
    else
        snprintf(event.sentence, sizeof event.sentence, "%s", report->sentence);
    log_event(&event, f->job->options.json);
}

void log_broken(struct flush *f)
{
    struct event event = {.priority = LOG_FAILED, .name = "broken", .report = &f->report};

    snprintf(event.sentence, sizeof event.sentence, "%s", f->report.sentence);
    log_event(&event, f->job->options.json);
    f->broken = f->ended = true;
    f->outcome = MMD_OUTCOME_INTERNAL;
}

void finish_aside(struct flush *f, const char *file)
{
    if (!store_lock(&f->store) || !store_move(&f->store, FOLDER_DUE, FOLDER_FAILED, file))
        log_broken(f);
    store_unlock(&f->store);
}

void set_aside_bad(struct flush *f, const char *file, const char *wrong)
{
    struct event event = {.priority = LOG_FAILED, .name = "bad"};

    snprintf(event.sentence, sizeof event.sentence, "the file due/%s is no record: %s.", file,
             wrong);
    log_event(&event, f->job->options.json);
    finish_aside(f, file);
}

/* ---- what becomes of a record ---- */

/* A change of the record, with the lock, unless somebody has removed it meanwhile. */
static bool change(struct flush *f, bool (*apply)(struct flush *f))
{
    bool done = store_lock(&f->store) && (!store_has(&f->store, FOLDER_DUE, f->file) || apply(f));

    store_unlock(&f->store);
    if (!done)
        log_broken(f);
    return done;
}

static bool settle(struct flush *f)
{
    return store_remove(&f->store, FOLDER_DUE, f->file);
}

static bool rewrite(struct flush *f)
{
    return write_record(&f->store, FOLDER_DUE, f->file, &f->record);
}

static bool set_aside(struct flush *f)
{
    return move_aside(&f->store, f->file, &f->record);
}

/* A record that must not be sent, whose fault it is: no other waits. */
static void set_aside_unsent(struct flush *f, const char *why)
{
    struct event event = {.priority = LOG_FAILED,
                          .name = "aside",
                          .tenant = f->record.tenant,
                          .request = f->record.request};

    f->record.wait.outcome = outcome_name(MMD_OUTCOME_USAGE);
    f->record.wait.said = why;
    if (!change(f, set_aside))
        return;
    snprintf(event.sentence, sizeof event.sentence, "the closing of %s of tenant %s: %s.",
             f->record.request, f->record.tenant, why);
    log_event(&event, f->job->options.json);
}

void set_aside_foreign(struct flush *f, const char *file)
{
    const char *wrong;

    f->file = file;
    if (!load_record(&f->store, FOLDER_DUE, file, &f->record, &f->line, &wrong))
        log_broken(f);
    else if (wrong == NULL)
        set_aside_unsent(f, FOREIGN_TENANT);
    wipe_and_free(&f->line);
}

/* The committed mark: if the power goes now, the next run knows that the service may have it. */
static bool mark(void *context)
{
    struct flush *f = context;

    if (f->marked)
        return true;
    f->gone = !store_has(&f->store, FOLDER_DUE, f->file);
    if (f->gone)
        return false;
    f->marked = f->record.maybe_sent = true;
    if (f->record.first_try_s == 0)
        f->record.first_try_s = read_moment().wall_s; /* its certificate was valid at this time */
    return change(f, rewrite);
}

/* ---- a failure ---- */

static void fill_wait(struct flush *f, struct wait *wait, enum disposition disposition,
                      const char *said)
{
    const struct report *report = &f->job->report;
    const struct moment now = read_moment();
    uint32_t random = 0;

    mmd_random(&random, sizeof random);
    count_failure(wait, disposition, &f->job->close, &now, random);
    wait->outcome = outcome_name(report->outcome);
    wait->said = said;
}

/* What failed, without the closing in whose try it did: others wait for it, too. */
static void write_shared_sentence(struct flush *f, char out[SENTENCE_MAX])
{
    struct job *job = f->job;
    const struct report report = job->report;

    job->only_why = true;
    report_exchange(job);
    memcpy(out, job->report.sentence, SENTENCE_MAX);
    job->only_why = false;
    job->report = report;
}

/* A wait of all, or of the tenant. */
static bool hold(struct flush *f, enum disposition disposition)
{
    char said[SENTENCE_MAX];
    const char *name = disposition == WAIT_ALL ? WAIT_OF_ALL : f->record.tenant;
    struct stored_wait stored;
    bool done = store_lock(&f->store) && load_wait(&f->store, name, &stored);

    if (done) {
        write_shared_sentence(f, said);
        fill_wait(f, &stored.wait, disposition, said);
        done = write_wait(&f->store, name, &stored.wait, f->fingerprint);
        log_try(f, stored.wait.alarm ? LOG_FAILED : LOG_WARNED, disposition_name(disposition),
                disposition, &stored.wait);
        wipe_and_free(&stored.line);
    }
    store_unlock(&f->store);
    if (!done)
        log_broken(f);
    return done;
}

/* Whether the service has had its chance for long enough. Only an answered try counts: neither a
 * clock nor a network can end a record. */
static bool is_too_old(const struct flush *f)
{
    const struct record *record = &f->record;
    int64_t age_s = read_moment().wall_s - record->first_try_s;

    return f->job->report.delivery == MMD_ANSWERED && record->first_try_s > 0 &&
           age_s > (int64_t)f->job->options.record_max_age_s;
}

static void let_record_wait(struct flush *f)
{
    bool too_old = is_too_old(f);

    fill_wait(f, &f->record.wait, WAIT_RECORD, f->job->report.sentence);
    if (!change(f, too_old ? set_aside : rewrite))
        return;
    log_try(f, f->record.wait.alarm || too_old ? LOG_FAILED : LOG_WARNED,
            too_old ? "too_old" : "wait", WAIT_RECORD, too_old ? NULL : &f->record.wait);
    if (++f->failed_in_a_row >= FAILED_IN_A_ROW_MAX &&
        f->job->report.outcome == MMD_OUTCOME_TRY_LATER)
        f->ended = true;
}

/* The record itself changes only if a mark has to be taken back. Then it comes after the others,
 * which may fare better: if what fails is of this record only, it does not keep them waiting. */
static void let_others_wait(struct flush *f, enum disposition disposition)
{
    if (f->marked) {
        f->record.wait.attempts++;
        f->record.wait.outcome = outcome_name(f->job->report.outcome);
        f->record.wait.said = f->job->report.sentence;
        if (!change(f, rewrite))
            return;
    }
    hold(f, disposition);
    f->ended = f->ended || disposition == WAIT_ALL;
}

static void end_wait(struct flush *f, const char *name)
{
    bool done = store_lock(&f->store) && remove_wait(&f->store, name);

    store_unlock(&f->store);
    if (!done)
        log_broken(f);
}

/* What answered, or let the next one through, no longer waits. */
static void end_waits(struct flush *f, enum disposition disposition)
{
    bool is_of_tenant = disposition == WAIT_TENANT || disposition == HOLD_TENANT;

    if (disposition != WAIT_ALL)
        end_wait(f, WAIT_OF_ALL);
    if (disposition != WAIT_ALL && !is_of_tenant && !f->broken)
        end_wait(f, f->record.tenant);
}

/* ---- a try ---- */

static void keep_outcome(struct flush *f)
{
    struct report *report = &f->job->report;

    if (f->was_maybe_sent && report->outcome == MMD_OUTCOME_ALREADY_CLOSED) {
        report->outcome = MMD_OUTCOME_CLOSED;
        report->by_earlier_try = true;
        report->verdict.error = MMD_OK;
        report->verdict.cause = MMD_CAUSE_NONE;
        snprintf(report->sentence, sizeof report->sentence,
                 "closed by an earlier try, whose response was lost: the elevation request %s of "
                 "tenant %s.",
                 f->record.request, f->record.tenant);
    }
    if (f->marked)
        f->record.maybe_sent = f->was_maybe_sent || report->delivery == MMD_MAYBE_SENT;
}

static void act_on(struct flush *f)
{
    const struct report *report = &f->job->report;
    enum disposition disposition = disposition_of(&f->job->close);

    keep_outcome(f);
    if (disposition != SETTLE)
        f->outcome = report->outcome;
    switch (disposition) {
    case SETTLE:
        f->failed_in_a_row = 0;
        if (change(f, settle))
            log_try(f, LOG_DONE, outcome_name(report->outcome), disposition, NULL);
        break;
    case ASIDE:
        f->failed_in_a_row = 0;
        fill_wait(f, &f->record.wait, disposition, report->sentence);
        if (change(f, set_aside))
            log_try(f, LOG_FAILED, "aside", disposition, NULL);
        break;
    case WAIT_RECORD: let_record_wait(f); break;
    case WAIT_TENANT:
    case HOLD_TENANT:
    case WAIT_ALL: let_others_wait(f, disposition); break;
    }
    if (!f->broken)
        end_waits(f, disposition);
}

/* ---- the exchange ---- */

/* Another tenant has another token. */
static void change_tenant(struct flush *f)
{
    struct job *job = f->job;

    if (strcmp(f->tenant, f->record.tenant) == 0)
        return;
    snprintf(f->tenant, sizeof f->tenant, "%s", f->record.tenant);
    job->credential.tenant_id = f->tenant;
    mmd_token_forget(&job->token);
    load_token(job, f->tenant, f->fingerprint);
    f->token_is_kept = job->token.len > 0;
    f->token_got_ms = job->token.got_ms;
}

static void keep_token(struct flush *f)
{
    const struct mmd_token *token = &f->job->token;
    bool has_token = token->len > 0;

    if (has_token == f->token_is_kept && (!has_token || token->got_ms == f->token_got_ms))
        return;
    save_token(f->job, f->tenant, f->fingerprint);
    f->token_is_kept = has_token;
    f->token_got_ms = token->got_ms;
}

/* The first buffer, or a larger one, with which the connection has to begin anew. */
static bool get_memory(struct job *job)
{
    size_t needed = job->close.info.needed + job->token.cap;

    if (job->message.len >= needed)
        return true;
    mmd_close_disconnect(&job->close);
    mmd_wipe(&job->close, sizeof job->close);
    wipe_and_free(&job->message);
    return get_message_memory(job, needed);
}

static bool prepare(struct flush *f)
{
    struct job *job = f->job;

    job->options.tenant = job->report.tenant = f->record.tenant;
    job->options.request = job->report.request = f->record.request;
    job->sent_id = job->report.client_request_id = f->record.client_request_id;
    job->closing = (struct mmd_closing){.host = job->options.host,
                                        .port = job->options.port,
                                        .tenant_id = f->record.tenant,
                                        .elevation_request_id = f->record.request,
                                        .client_request_id = f->record.client_request_id,
                                        .actions_taken = f->record.actions,
                                        .actions_taken_len = strlen(f->record.actions)};
    job->before_sending = mark;
    job->before_context = f;
    job->deadline.begin_ms = progress_now(&job->progress);
    f->marked = f->gone = false;
    f->was_maybe_sent = f->record.maybe_sent;
    return check_message(job, "-");
}

static void send_loaded(struct flush *f)
{
    if (!prepare(f)) {
        set_aside_bad(f, f->file, f->job->report.sentence);
        return;
    }
    if (!get_memory(f->job)) {
        refuse_no_memory(&f->report);
        log_broken(f);
        return;
    }
    change_tenant(f);
    run_exchange(f->job);
    if (f->broken || f->gone)
        return;
    report_exchange(f->job);
    keep_token(f);
    act_on(f);
}

void send_record(struct flush *f, const char *file)
{
    const char *wrong;

    f->file = file;
    if (!load_record(&f->store, FOLDER_DUE, file, &f->record, &f->line, &wrong))
        log_broken(f);
    else if (wrong == NULL && !mmd_is_guid(f->record.client_request_id))
        set_aside_unsent(f, NO_GUID); /* stored by an earlier version */
    else if (wrong == NULL)
        send_loaded(f);
    /* the report and the closing point into it */
    f->job->closing =
        (struct mmd_closing){.host = f->job->options.host, .port = f->job->options.port};
    wipe_and_free(&f->line);
}
