/* SPDX-License-Identifier: MIT */
/* mmdclose queue retry, and queue drop. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "queue/records.h"

/* Each file that the options name is changed. */
struct selection {
    struct store *store;
    const struct options *options;
    enum folder folder;
    bool (*change)(struct selection *s, const char *file);
    unsigned count;
};

/* Only if the command line says so: the configuration's tenant is one of several. */
static const char *given_tenant(const struct options *o)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (option_table[i].field == FIELD(tenant) && o->sources[i] == SOURCE_COMMAND_LINE)
            return o->tenant;
    return NULL;
}

/* What follows the comma of TENANT,REQUEST.json; a bad file is bad,GUID. */
static bool is_of_request(const char *rest, const char *request)
{
    static const char end[] = ".json";
    size_t len = strlen(rest), end_len = sizeof end - 1;

    if (len >= end_len && strcmp(rest + len - end_len, end) == 0)
        len -= end_len;
    return strlen(request) == len && memcmp(rest, request, len) == 0;
}

/* A file's name has the ids in it. */
static bool is_named(const struct options *o, const char *file)
{
    const char *comma = strchr(file, ','), *tenant = given_tenant(o);

    if (o->request == NULL) /* --all */
        return true;
    if (comma == NULL || !is_of_request(comma + 1, o->request))
        return false;
    return tenant == NULL ||
           (strlen(tenant) == (size_t)(comma - file) && strncmp(file, tenant, strlen(tenant)) == 0);
}

static bool select_file(void *context, const char *file)
{
    struct selection *s = context;

    if (!is_named(s->options, file))
        return true;
    s->count++;
    return s->change(s, file);
}

static bool drop(struct selection *s, const char *file)
{
    return store_remove(s->store, s->folder, file);
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
    if (s->options->all)
        return store_each(s->store, FOLDER_WAITS, remove_one_wait, s);
    return s->change != retry || s->count == 0 || remove_wait(s->store, WAIT_OF_ALL);
}

static bool change_all(struct selection *s)
{
    bool done = store_lock(s->store);

    for (s->folder = FOLDER_DUE; done; s->folder = FOLDER_FAILED) {
        done = store_each(s->store, s->folder, select_file, s);
        if (s->folder == FOLDER_FAILED)
            break;
    }
    done = done && end_waits(s);
    store_unlock(s->store);
    return done;
}

static enum mmd_outcome print_count(const struct selection *s, const char *what)
{
    if (s->count == 0 && !s->options->json) {
        fprintf(stderr, "mmdclose: there is no such closing in %s; see 'mmdclose queue list'.\n",
                s->options->state_dir);
        return MMD_OUTCOME_NO_SUCH_REQUEST;
    }
    if (s->options->json)
        printf("{\"v\":1,\"%s\":%u}\n", what, s->count);
    else
        printf("%s: %u\n", what, s->count);
    enum mmd_outcome printed = end_output();
    return s->count == 0 ? MMD_OUTCOME_NO_SUCH_REQUEST : printed;
}

static enum mmd_outcome run(const struct options *options, struct report *report, const char *what,
                            bool (*change)(struct selection *s, const char *file))
{
    struct store store;
    struct selection s = {&store, options, FOLDER_DUE, change, 0};

    if (!check_selection(options, report))
        return print_report(report, options->json);
    bool done = store_open(&store, options->state_dir, false, report) && change_all(&s);
    store_close(&store);
    return done ? print_count(&s, what) : print_report(report, options->json);
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
