/* SPDX-License-Identifier: MIT */
/* Taking in what was added. */
#include "queue/intake.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "guid_form.h"
#include "mmdclose/guid.h"
#include "mmdclose/port/linux.h"
#include "queue/log.h"
#include "queue/records.h"

#define LATER      "later"
#define STUCK      "stuck"
#define NEW_FILE_S 60

/* A dropped file, opened. */
struct dropped {
    const char *name;
    struct stat status;
    struct data line;
    struct record record;
    char file[RECORD_NAME_CAP]; /* its record's */
};

/* ---- the log ---- */

static void log_dropped(const struct intake *in, const struct dropped *d, enum priority priority,
                        const char *name, const char *why)
{
    struct event event = {.priority = priority,
                          .name = name,
                          .tenant = d->record.tenant,
                          .request = d->record.request,
                          .client_request_id = d->record.client_request_id};
    bool known = d->record.request != NULL, is_sentence = why[strlen(why) - 1] == '.';

    snprintf(event.sentence, sizeof event.sentence, "%s%s%s%s (added by user %lu): %s%s",
             known ? "the closing of " : "the file ", known ? d->record.request : d->name,
             known ? " of tenant " : "", known ? d->record.tenant : "",
             (unsigned long)d->status.st_uid, why, is_sentence ? "" : ".");
    log_event(&event, in->options->json);
}

/* ---- what becomes of a name in the drop folder ---- */

/* To a name that starts no intake. */
static bool rename_hidden(struct intake *in, const char *name, const char *why)
{
    char guid[MMD_GUID_LEN + 1], hidden[64];
    uint8_t random[16];

    if (mmd_random(random, sizeof random) != MMD_OK)
        return false;
    mmd_guid(guid, random);
    snprintf(hidden, sizeof hidden, ".%s-%s", why, guid);
    return renameat(in->dir, name, in->dir, hidden) == 0;
}

/* For as long as it takes: a queue that is full has space again when something was sent. */
static void keep_for_later(struct intake *in, const struct dropped *d, const char *why)
{
    in->left++;
    if (d->name[0] == '.') /* it has been reported */
        return;
    log_dropped(in, d, LOG_FAILED, "later", why);
    if (!rename_hidden(in, d->name, LATER))
        in->emptied = false;
}

static bool begins(const char *name, const char *with)
{
    return name[0] == '.' && strncmp(name + 1, with, strlen(with)) == 0 &&
           name[1 + strlen(with)] == '-';
}

/* Removes a name. Another user's folder that is not empty can only be renamed: then it returns
 * false. */
static bool remove_name(struct intake *in, const char *name)
{
    bool gone = unlinkat(in->dir, name, 0) == 0 || errno == ENOENT ||
                unlinkat(in->dir, name, AT_REMOVEDIR) == 0;

    if (!gone && !begins(name, STUCK) && !rename_hidden(in, name, STUCK) && name[0] != '.')
        in->emptied = false;
    return gone;
}

/* The same, but this is a failure, which the exit status reports each time. */
static void fail_for_now(struct intake *in, const struct dropped *d, const char *why)
{
    snprintf(in->why, sizeof in->why, "%.*s", (int)sizeof in->why - 1, why);
    keep_for_later(in, d, why);
}

/* What is no record has nothing in it that could be sent. */
static void discard(struct intake *in, const struct dropped *d, const char *why)
{
    char removed[240];

    snprintf(removed, sizeof removed, "%s; it %s", why,
             remove_name(in, d->name) ? "is removed" : "cannot be removed");
    log_dropped(in, d, LOG_WARNED, "discarded", removed);
}

/* After it was stored in failed/, or was not. */
static void end_failed(struct intake *in, const struct dropped *d, bool stored, const char *why)
{
    if (!stored) {
        fail_for_now(in, d, in->store->report->sentence);
        return;
    }
    in->failed++;
    char kept[240];

    snprintf(kept, sizeof kept, "%s; it is kept in failed/", why);
    log_dropped(in, d, LOG_FAILED, "bad", kept);
    remove_name(in, d->name);
}

/* What looks like a record is kept in failed/, for somebody to look at. */
static void keep_bad(struct intake *in, const struct dropped *d, const char *why)
{
    char guid[MMD_GUID_LEN + 1], file[64];
    uint8_t random[16];

    if (in->failed >= in->options->queue_max) {
        discard(in, d, why);
        return;
    }
    if (mmd_random(random, sizeof random) != MMD_OK) {
        in->emptied = false;
        return;
    }
    mmd_guid(guid, random);
    snprintf(file, sizeof file, "bad,%s", guid);
    end_failed(in, d, store_write(in->store, FOLDER_FAILED, file, d->line.bytes, d->line.len), why);
}

/* ---- reading ---- */

/* Its owner has removed it meanwhile: there is nothing to do, or to say. */
static const char is_gone[] = "it is gone";

/* NULL, or why the file is discarded; "" if it is to be tried again. */
static const char *open_dropped(struct intake *in, struct dropped *d, int *fd)
{
    *fd = -1;
    if (fstatat(in->dir, d->name, &d->status, AT_SYMLINK_NOFOLLOW) != 0) /* whose it is */
        return errno == ENOENT ? is_gone : "";
    *fd = openat(in->dir, d->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (*fd < 0 && errno == ELOOP)
        return "it is a link";
    if (*fd < 0 && errno == ENOENT)
        return is_gone;
    if (*fd < 0)
        return errno == EACCES || errno == ENXIO ? "it cannot be read" : "";
    if (fstat(*fd, &d->status) != 0)
        return "";
    if (!S_ISREG(d->status.st_mode))
        return "it is not a regular file";
    if (d->status.st_nlink == 0)
        return is_gone;
    if (d->status.st_nlink > 1)
        return "it has more than one name";
    return d->status.st_size > 0 && d->status.st_size <= RECORD_MAX ? NULL : "its size is wrong";
}

static const char *read_dropped(struct intake *in, struct dropped *d)
{
    ssize_t n = 0;
    int fd;
    const char *wrong = open_dropped(in, d, &fd);

    if (wrong == NULL)
        d->line.bytes = calloc(1, RECORD_MAX + 2);
    if (d->line.bytes != NULL)
        while ((n = read(fd, d->line.bytes + d->line.len, RECORD_MAX + 1 - d->line.len)) > 0)
            d->line.len += (size_t)n;
    if (wrong == NULL && (d->line.bytes == NULL || n < 0))
        wrong = "";
    if (wrong == NULL && d->line.len > RECORD_MAX)
        wrong = "its size is wrong";
    if (fd >= 0)
        close(fd);
    return wrong;
}

/* Everything that the request could be refused for, but the host, which is not the record's. */
static bool is_closing(const struct record *record)
{
    const struct mmd_closing closing = {.host = MMD_SERVICE_HOST,
                                        .port = MMD_SERVICE_PORT,
                                        .tenant_id = record->tenant,
                                        .elevation_request_id = record->request,
                                        .token = "-",
                                        .client_request_id = record->client_request_id,
                                        .actions_taken = record->actions,
                                        .actions_taken_len = strlen(record->actions)};
    struct mmd_closing_info info;

    return mmd_closing_write(NULL, 0, &closing, &info) != MMD_ERR_INPUT;
}

static struct record own_record(const struct dropped *d)
{
    return (struct record){.tenant = d->record.tenant,
                           .request = d->record.request,
                           .client_request_id = d->record.client_request_id,
                           .actions = d->record.actions,
                           .added_s = read_moment().wall_s,
                           .added_by = (unsigned)d->status.st_uid,
                           .maybe_sent = d->record.maybe_sent,
                           .wait = {.outcome = "", .said = ""}};
}

/* As we write it: what was dropped may be written more briefly. */
static bool fits(const struct dropped *d)
{
    const struct record record = own_record(d);
    struct mmd_writer w = {NULL, 0, 0};

    put_record(&w, &record); /* counts */
    return w.len <= RECORD_NEW_MAX;
}

/* Leaves the record's own members only. Returns NULL, or what is wrong. */
static const char *read_closing(struct dropped *d)
{
    struct data copy = {malloc(d->line.len + 1), d->line.len};
    const char *wrong = NULL;

    if (copy.bytes == NULL)
        return "";
    memcpy(copy.bytes, d->line.bytes, d->line.len + 1);
    wrong = read_record(&d->record, copy.bytes, copy.len);
    if (wrong == NULL && !is_closing(&d->record))
        wrong = "it is not a closing that could be sent";
    if (wrong == NULL && !record_name(d->file, d->record.tenant, d->record.request))
        wrong = "its ids are too long";
    if (wrong == NULL && !fits(d))
        wrong = "it is too long";
    if (wrong != NULL) { /* keep_bad keeps the line as it was */
        d->record = (struct record){0};
        wipe_and_free(&copy);
        return wrong;
    }
    wipe_and_free(&d->line);
    d->line = copy; /* which the record's strings are in */
    return NULL;
}

/* ---- taking in ---- */

/* The same closing was added before: the first text counts. */
static void report_duplicate(struct intake *in, const struct dropped *d, const struct record *first)
{
    bool same_text = strcmp(first->actions, d->record.actions) == 0;
    bool same_add = same_text && strcmp(first->client_request_id, d->record.client_request_id) == 0;

    if (!same_add) /* else an intake was interrupted */
        log_dropped(in, d, LOG_WARNED, "duplicate",
                    same_text ? "it is in the queue already"
                              : "it is in the queue already, with another text; the first counts");
}

/* Whether it is in the queue, and goes on to be sent. One that is damaged, or on its way to
 * failed/, does not count: the new one takes its place. */
static bool is_duplicate(struct intake *in, const struct dropped *d)
{
    struct record first;
    struct data line = {NULL, 0};
    const char *wrong;
    bool is = load_record(in->store, FOLDER_DUE, d->file, &first, &line, &wrong) && wrong == NULL &&
              !first.aside && mmd_is_guid(first.client_request_id);

    if (is)
        report_duplicate(in, d, &first);
    wipe_and_free(&line);
    return is;
}

/* A closing that this queue does not send. One of another tenant can be tried again after a change
 * of --tenants. */
static void keep_aside(struct intake *in, const struct dropped *d, const char *why)
{
    struct record record = own_record(d);

    if (in->failed >= in->options->queue_max) {
        discard(in, d, why);
        return;
    }
    record.aside = true;
    record.wait.outcome = outcome_name(MMD_OUTCOME_USAGE);
    record.wait.said = why;
    end_failed(in, d, write_record(in->store, FOLDER_FAILED, d->file, &record), why);
}

/* It can never be sent, so it takes no place of one that can. */
static void keep_without_guid(struct intake *in, const struct dropped *d)
{
    if (has_closing(in->store, FOLDER_FAILED, d->file))
        discard(in, d, NO_GUID);
    else
        keep_aside(in, d, NO_GUID);
}

static bool store_closing(struct intake *in, const struct dropped *d)
{
    const struct record record = own_record(d);
    bool is_new = !store_has(in->store, FOLDER_DUE, d->file);

    if (!write_record(in->store, FOLDER_DUE, d->file, &record)) {
        fail_for_now(in, d, in->store->report->sentence);
        if (is_new)
            store_remove(in->store, FOLDER_DUE, d->file); /* it may be there, but not on the disk */
        return false;
    }
    in->due += is_new;
    in->taken++;
    log_dropped(in, d, LOG_DONE, "taken_in", "taken in");
    return true;
}

/* One that had failed is replaced; also if the power went before that. */
static void end_taken(struct intake *in, const struct dropped *d)
{
    if (store_has(in->store, FOLDER_FAILED, d->file))
        store_remove(in->store, FOLDER_FAILED, d->file);
    remove_name(in, d->name);
}

/* What failed counts, too: it may be tried again, and takes space until somebody looks at it. */
static bool is_full(const struct intake *in)
{
    unsigned max = in->options->queue_max;

    return in->due >= max || in->due + in->failed >= 2 * max;
}

static void take_in_closing(struct intake *in, const struct dropped *d)
{
    bool is_there = is_duplicate(in, d);

    if (!is_there && !mmd_is_guid(d->record.client_request_id))
        keep_without_guid(in, d);
    else if (!is_there && is_full(in))
        keep_for_later(in, d, "the queue is full; it waits in the drop folder");
    else if (is_there || store_closing(in, d))
        end_taken(in, d);
}

static void take_in(struct intake *in, const char *name)
{
    struct dropped d = {.name = name};
    const char *wrong = read_dropped(in, &d);
    bool is_file = wrong == NULL;

    if (is_file)
        wrong = read_closing(&d);
    if (wrong == NULL && !in->any_tenant && !is_own_tenant(in->options, d.record.tenant))
        keep_aside(in, &d, FOREIGN_TENANT);
    else if (wrong == NULL)
        take_in_closing(in, &d);
    else if (wrong[0] == '\0')
        fail_for_now(in, &d, strerror(errno));
    else if (is_file)
        keep_bad(in, &d, wrong);
    else if (wrong != is_gone)
        discard(in, &d, wrong);
    wipe_and_free(&d.line);
}

/* ---- names that begin with a dot ---- */

/* Its writer may be about to lock it, and to make it readable. After a jump of the clock it is of
 * the past, or of the future. */
static bool is_new_file(const struct intake *in, const char *name)
{
    struct stat status;
    int64_t now_s = read_moment().wall_s;

    return fstatat(in->dir, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode) &&
           status.st_mtime <= now_s && now_s - status.st_mtime < NEW_FILE_S;
}

/* Of a writer that is gone. One that still writes holds the lock. */
static void remove_abandoned(struct intake *in, const char *name)
{
    if (is_new_file(in, name))
        return;
    int fd = openat(in->dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0)
        remove_name(in, name);
    if (fd >= 0)
        close(fd);
}

static void take_in_name(struct intake *in, const char *name)
{
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return;
    if (name[0] != '.' || begins(name, LATER))
        take_in(in, name);
    else if (begins(name, STUCK))
        remove_name(in, name);
    else
        remove_abandoned(in, name);
}

/* ---- the interface ---- */

static bool count_name(void *context, const char *name)
{
    (void)name;
    ++*(unsigned *)context;
    return true;
}

bool is_own_tenant(const struct options *o, const char *tenant)
{
    size_t len = strlen(tenant);

    if (o->tenants == NULL)
        return o->tenant != NULL && strcmp(o->tenant, tenant) == 0;
    for (const char *at = o->tenants; *at != '\0'; at += strspn(at, " ")) {
        size_t n = strcspn(at, " ");
        if (n == len && memcmp(at, tenant, n) == 0)
            return true;
        at += n;
    }
    return false;
}

/* Makes it for a device where one user does all; otherwise it is there. */
static DIR *open_drops(struct intake *in)
{
    const char *path = in->options->drop_dir;
    bool made = mkdir(path, 0700) == 0;
    int error = errno;
    DIR *dir = opendir(path);

    if (dir != NULL)
        return dir;
    bool cannot_make = !made && errno == ENOENT && error != EEXIST;
    refuse(in->store->report, MMD_ERR_SYSTEM,
           "cannot %s the folder %s (--drop-dir): %s; it has to belong to the user that sends.",
           cannot_make ? "make" : "open", path, strerror(cannot_make ? error : errno));
    return NULL;
}

static bool report_failure(const struct intake *in)
{
    const char *path = in->options->drop_dir;

    if (!in->emptied)
        return refuse(in->store->report, MMD_ERR_SYSTEM,
                      "the folder %s (--drop-dir) cannot be emptied: look at its file system.",
                      path);
    return in->why[0] == '\0' ||
           refuse(in->store->report, MMD_ERR_SYSTEM,
                  "what was added, and cannot be taken in, waits in the folder %s (--drop-dir): "
                  "%u. The last failure: %s",
                  path, in->left, in->why);
}

/* Each name of the folder, which it closes. */
static bool take_in_names(struct intake *in, DIR *dir)
{
    const struct dirent *entry;
    struct store *store = in->store;

    in->dir = dirfd(dir);
    bool locked = store_lock(store) && store_each(store, FOLDER_DUE, count_name, &in->due) &&
                  store_each(store, FOLDER_FAILED, count_name, &in->failed);
    while (locked && (errno = 0, entry = readdir(dir)) != NULL)
        take_in_name(in, entry->d_name);
    if (locked && errno != 0)
        in->emptied = false;
    /* else a power cut could bring back what is settled by then */
    if (in->taken > 0 && fsync(in->dir) != 0)
        in->emptied = false;
    store_unlock(store);
    closedir(dir);
    return locked && report_failure(in);
}

bool take_in_all(struct intake *in, struct store *store, const struct options *options)
{
    *in = (struct intake){.store = store, .options = options, .emptied = true};
    DIR *dir = open_drops(in);
    return dir != NULL && take_in_names(in, dir);
}

/* NULL, or what keeps from it. */
static const char *why_not_ours(DIR *dir)
{
    struct stat status;

    if (dir == NULL || fstat(dirfd(dir), &status) != 0)
        return strerror(errno);
    return geteuid() == 0 || geteuid() == status.st_uid ? NULL : "only its owner and root may";
}

bool take_in_to_change(struct intake *in, struct store *store, const struct options *options)
{
    *in = (struct intake){.store = store, .options = options, .any_tenant = true, .emptied = true};
    DIR *dir = opendir(options->drop_dir);
    if (dir == NULL && errno == ENOENT)
        return true;
    const char *why = why_not_ours(dir);
    if (why != NULL) {
        refuse(store->report, MMD_ERR_SYSTEM,
               "what was added, and lies in the folder %s (--drop-dir), cannot be taken in: %s. "
               "What is there does not change.",
               options->drop_dir, why);
        if (dir != NULL)
            closedir(dir);
        return false;
    }
    if (!take_in_names(in, dir))
        return false;
    return in->left == 0 ||
           refuse(store->report, MMD_ERR_SYSTEM,
                  "the queue is full: of what was added, %u wait in the folder %s (--drop-dir), "
                  "and do not change.",
                  in->left, options->drop_dir);
}

static enum mmd_outcome run(const struct options *options, struct report *report)
{
    struct store store;
    struct intake intake;
    bool done = check_tenants(options, report);

    if (done) {
        done = store_open(&store, options->state_dir, true, report) &&
               take_in_all(&intake, &store, options);
        store_close(&store);
    }
    return done ? MMD_OUTCOME_CLOSED : print_report(report, options->json);
}

enum mmd_outcome command_intake(int argc, char **argv)
{
    return run_with_options(FOR_INTAKE, argc, argv, run);
}
