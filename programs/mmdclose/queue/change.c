/* SPDX-License-Identifier: MIT */
/* mmdclose queue retry, and queue drop. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "queue/intake.h"
#include "queue/records.h"

#define RECORD_END ".json" /* of the name of its file */
#define TENANT_CAP 129

/* Each file that the options name is changed. */
struct selection {
    struct store *store;
    const struct options *options;
    const char *tenant; /* only this one's; NULL: any */
    enum folder folder;
    bool (*change)(struct selection *s, const char *file);
    unsigned count;
    bool taken_in;                             /* all that was added */
    char first[TENANT_CAP], other[TENANT_CAP]; /* tenants that have the request; "": none, or one */
};

/* With --all only if the command line says so: what failed may be another tenant's. */
static const char *selected_tenant(const struct options *o)
{
    return o->all && !is_typed(o, FIELD(tenant)) ? NULL : o->tenant;
}

static bool ends_as_record(const char *file)
{
    size_t len = strlen(file), end_len = sizeof RECORD_END - 1;

    return len >= end_len && strcmp(file + len - end_len, RECORD_END) == 0;
}

/* What follows the comma of TENANT,REQUEST.json; a bad file is bad,GUID. */
static bool is_of_request(const char *file, const char *request)
{
    const char *comma = strchr(file, ',');

    if (comma == NULL)
        return false;
    size_t len = strlen(comma + 1) - (ends_as_record(file) ? sizeof RECORD_END - 1 : 0);
    return strlen(request) == len && memcmp(comma + 1, request, len) == 0;
}

/* A bad file is no tenant's. */
static bool is_of_tenant(const char *file, const char *tenant)
{
    size_t len = strcspn(file, ",");

    return tenant == NULL || !ends_as_record(file) ||
           (strlen(tenant) == len && memcmp(file, tenant, len) == 0);
}

/* A file's name has the ids in it. */
static bool is_named(const struct selection *s, const char *file)
{
    if (s->options->request != NULL)
        return is_of_request(file, s->options->request) && is_of_tenant(file, s->tenant);
    return s->tenant == NULL || (ends_as_record(file) && is_of_tenant(file, s->tenant));
}

/* Finds whose the request is: two tenants are enough to know. */
static bool note_tenant(void *context, const char *file)
{
    struct selection *s = context;
    size_t len = strcspn(file, ",");

    if (!ends_as_record(file) || len >= TENANT_CAP || !is_of_request(file, s->options->request))
        return true;
    if (s->first[0] == '\0')
        snprintf(s->first, TENANT_CAP, "%.*s", (int)len, file);
    else if (!is_of_tenant(file, s->first))
        snprintf(s->other, TENANT_CAP, "%.*s", (int)len, file);
    return true;
}

/* Without a tenant, the request has to be of one only. */
static bool check_tenant(struct selection *s)
{
    if (s->options->request == NULL)
        return true;
    if (!store_each(s->store, FOLDER_DUE, note_tenant, s) ||
        !store_each(s->store, FOLDER_FAILED, note_tenant, s))
        return false;
    return s->tenant != NULL || s->other[0] == '\0' ||
           refuse(s->store->report, MMD_ERR_INPUT,
                  "%s is of several tenants, among them %s and %s; say which by --tenant. Nothing "
                  "was changed.",
                  s->options->request, s->first, s->other);
}

static bool select_file(void *context, const char *file)
{
    struct selection *s = context;

    if (!is_named(s, file))
        return true;
    s->count++;
    return s->change(s, file);
}

static bool drop(struct selection *s, const char *file)
{
    return store_remove(s->store, s->folder, file);
}

/* Whether it was added again, and the new one counts. */
static bool is_due_anew(const struct selection *s, const char *file)
{
    return s->folder == FOLDER_FAILED && has_closing(s->store, FOLDER_DUE, file);
}

/* Rewritten where it is, then moved: both are whole, and a power cut in between leaves it aside. */
static bool retry(struct selection *s, const char *file)
{
    struct record record;
    struct data line = {NULL, 0};
    const char *wrong;
    bool done = load_record(s->store, s->folder, file, &record, &line, &wrong);

    if (done && wrong != NULL) {
        s->count--;
    } else if (done && is_due_anew(s, file)) {
        s->count--;
        done = store_remove(s->store, FOLDER_FAILED, file);
    } else if (done) {
        record.aside = false;
        record.wait.wait_s = record.wait.attempts = 0;
        record.first_try_s = 0;
        record.wait.alarm = false;
        done = remove_wait(s->store, record.tenant) &&
               write_record(s->store, s->folder, file, &record) &&
               (s->folder == FOLDER_DUE || store_move(s->store, s->folder, FOLDER_DUE, file));
    }
    wipe_and_free(&line);
    return done;
}

static bool remove_one_wait(void *context, const char *file)
{
    const struct selection *s = context;

    return store_remove(s->store, FOLDER_WAITS, file);
}

/* What all wait for ends with the first that is tried again; each wait, with all records. */
static bool end_waits(struct selection *s)
{
    if (s->options->all && s->tenant == NULL)
        return store_each(s->store, FOLDER_WAITS, remove_one_wait, s);
    if (s->options->all && !remove_wait(s->store, s->tenant))
        return false;
    return s->change != retry || s->count == 0 || remove_wait(s->store, WAIT_OF_ALL);
}

static bool change_files(struct selection *s)
{
    bool done = store_lock(s->store) && check_tenant(s);

    for (s->folder = FOLDER_DUE; done; s->folder = FOLDER_FAILED) {
        done = store_each(s->store, s->folder, select_file, s);
        if (s->folder == FOLDER_FAILED)
            break;
    }
    done = done && end_waits(s);
    store_unlock(s->store);
    return done;
}

/* With another queue's folder the drop folder of the configuration is not meant. */
static bool has_drop_folder(const struct options *o)
{
    return !is_typed(o, FIELD(state_dir)) || is_typed(o, FIELD(drop_dir));
}

/* What was added counts, too: it is taken in first. When all are dropped, that makes space for the
 * rest of it. */
static bool change_all(struct selection *s)
{
    struct options quiet = *s->options; /* its log goes to the standard error, as text */
    struct intake intake;
    unsigned before;

    quiet.json = false;
    do {
        before = s->count;
        s->taken_in = !has_drop_folder(&quiet) || take_in_to_change(&intake, s->store, &quiet);
        if (!change_files(s))
            return false;
    } while (s->options->all && s->change == drop && !s->taken_in && s->count > before);
    return true;
}

static void print_no_such(const struct selection *s)
{
    bool is_elsewhere =
        s->tenant != NULL && s->first[0] != '\0' && strcmp(s->first, s->tenant) != 0;

    fprintf(stderr, "mmdclose: there is no such closing%s%s in %s; %s%s%s.\n",
            s->tenant != NULL ? " of tenant " : "", s->tenant != NULL ? s->tenant : "",
            s->options->state_dir, is_elsewhere ? "there is one of tenant " : "see ",
            is_elsewhere ? s->first : "'mmdclose queue list'",
            is_elsewhere ? ": name it by --tenant" : "");
}

static enum mmd_outcome print_count(const struct selection *s, const char *what)
{
    if (s->options->json)
        printf("{\"v\":1,\"%s\":%u}\n", what, s->count);
    else if (s->count > 0)
        printf("%s: %u\n", what, s->count);
    else if (s->taken_in)
        print_no_such(s);
    /* what was done is a success, as of queue add */
    if (end_output() != MMD_OUTCOME_CLOSED)
        fprintf(stderr, "mmdclose: %s: %u\n", what, s->count);
    if (s->taken_in || (s->options->request != NULL && s->count > 0))
        return s->count == 0 ? MMD_OUTCOME_NO_SUCH_REQUEST : MMD_OUTCOME_CLOSED;
    /* nothing says whether that is all */
    fprintf(stderr, "mmdclose: %s\n", s->store->report->sentence);
    return MMD_OUTCOME_INTERNAL;
}

static enum mmd_outcome run(const struct options *options, struct report *report, const char *what,
                            bool (*change)(struct selection *s, const char *file))
{
    struct store store;
    struct selection s = {
        .store = &store, .options = options, .tenant = selected_tenant(options), .change = change};

    if (!check_selection(options, report))
        return print_report(report, options->json);
    /* the folder itself is made by the user that sends; what is in it, here, too */
    bool is_there = access(options->state_dir, F_OK) == 0;
    bool done = store_open(&store, options->state_dir, is_there, report) && change_all(&s);
    enum mmd_outcome outcome = done ? print_count(&s, what) : print_report(report, options->json);
    store_close(&store);
    return outcome;
}

static enum mmd_outcome run_retry(const struct options *options, struct report *report)
{
    return run(options, report, "due", retry);
}

static enum mmd_outcome run_drop(const struct options *options, struct report *report)
{
    return run(options, report, "dropped", drop);
}

enum mmd_outcome command_retry(int argc, char **argv)
{
    return run_with_options(FOR_RETRY, argc, argv, run_retry);
}

enum mmd_outcome command_drop(int argc, char **argv)
{
    return run_with_options(FOR_DROP, argc, argv, run_drop);
}
