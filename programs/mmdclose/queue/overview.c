/* SPDX-License-Identifier: MIT */
/* All that the queue holds. */
#include "queue/overview.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct view {
    struct store *store;
    enum folder folder;
    struct moment now;
    struct stored_wait all;
    bool (*each)(void *context, const struct item *item);
    void *context;
};

const char *item_state_name(enum item_state state)
{
    static const char *const names[] = {"due", "waiting", "held", "failed", "bad"};

    return names[state];
}

/* What it waits for longest; and of what delays nothing, what should be looked at. */
static void take_longer(struct item *item, const struct view *v, const struct wait *wait,
                        enum item_state state, const char *whose)
{
    uint32_t left_s = seconds_left(&wait->at, wait->wait_s, &v->now);

    if (left_s > item->left_s || (wait->alarm && !item->wait->alarm)) {
        item->wait = wait;
        item->whose = whose;
    }
    if (left_s <= item->left_s)
        return;
    item->left_s = left_s;
    item->state = state;
}

static bool view_due(const struct view *v, struct item *item)
{
    struct stored_wait tenant;

    if (!load_wait(v->store, item->record->tenant, &tenant))
        return false;
    item->state = ITEM_DUE;
    take_longer(item, v, &item->record->wait, ITEM_WAITING, "record");
    if (v->all.exists)
        take_longer(item, v, &v->all.wait, ITEM_WAITING, "all");
    if (tenant.exists)
        take_longer(item, v, &tenant.wait, ITEM_HELD, "tenant");
    bool go_on = v->each(v->context, item);
    wipe_and_free(&tenant.line);
    return go_on;
}

static bool view(void *context, const char *file)
{
    const struct view *v = context;
    struct record record;
    struct data line = {NULL, 0};
    struct item item = {ITEM_BAD, v->folder, file, NULL, NULL, NULL, "record", 0};
    bool go_on = load_record(v->store, v->folder, file, &record, &line, &item.wrong);

    if (go_on && item.wrong == NULL) {
        item.record = &record;
        item.wait = &record.wait;
        item.state = ITEM_FAILED;
    }
    if (go_on && item.record != NULL && v->folder == FOLDER_DUE)
        go_on = view_due(v, &item);
    else if (go_on && line.bytes != NULL) /* else it is gone meanwhile */
        go_on = v->each(v->context, &item);
    wipe_and_free(&line);
    return go_on;
}

bool each_item(struct store *store, bool (*each)(void *context, const struct item *item),
               void *context)
{
    struct view v = {.store = store, .now = read_moment(), .each = each, .context = context};

    if (!load_wait(store, WAIT_OF_ALL, &v.all))
        return false;
    v.folder = FOLDER_DUE;
    bool done = store_each(store, v.folder, view, &v);
    v.folder = FOLDER_FAILED;
    done = done && store_each(store, v.folder, view, &v);
    wipe_and_free(&v.all.line);
    return done;
}

/* ---- what several wait for ---- */

struct wait_view {
    struct store *store;
    struct moment now;
    bool (*each)(void *context, const struct shared_wait *wait);
    void *context;
    char tenant[RECORD_NAME_CAP]; /* of this wait; WAIT_OF_ALL */
    bool has_due;
};

static bool find_due(void *context, const char *file)
{
    struct wait_view *v = context;
    size_t len = strlen(v->tenant);

    v->has_due = v->has_due || len == 0 || (strncmp(file, v->tenant, len) == 0 && file[len] == ',');
    return true;
}

/* Of tenant,TENANT.json; "" of all.json. */
static bool read_name(struct wait_view *v, const char *file)
{
    static const char begin[] = "tenant,", end[] = ".json";
    size_t len = strlen(file), begin_len = sizeof begin - 1, end_len = sizeof end - 1;
    bool is_all = strcmp(file, "all.json") == 0;

    v->tenant[0] = '\0';
    if (is_all || len < begin_len + end_len || len >= sizeof v->tenant ||
        strncmp(file, begin, begin_len) != 0 || strcmp(file + len - end_len, end) != 0)
        return is_all;
    memcpy(v->tenant, file + begin_len, len - begin_len - end_len);
    v->tenant[len - begin_len - end_len] = '\0';
    return v->tenant[0] != '\0';
}

static bool view_wait(void *context, const char *file)
{
    struct wait_view *v = context;
    struct stored_wait stored;

    v->has_due = false;
    if (!read_name(v, file))
        return true;
    if (!store_each(v->store, FOLDER_DUE, find_due, v) || !load_wait(v->store, v->tenant, &stored))
        return false;
    const struct shared_wait wait = {
        .tenant = v->tenant[0] != '\0' ? v->tenant : NULL,
        .wait = &stored.wait,
        .left_s = seconds_left(&stored.wait.at, stored.wait.wait_s, &v->now)};
    bool go_on = !v->has_due || !stored.exists || (wait.left_s == 0 && !stored.wait.alarm) ||
                 v->each(v->context, &wait);
    wipe_and_free(&stored.line);
    return go_on;
}

bool each_shared_wait(struct store *store,
                      bool (*each)(void *context, const struct shared_wait *wait), void *context)
{
    struct wait_view v = {.store = store, .now = read_moment(), .each = each, .context = context};

    return store_each(store, FOLDER_WAITS, view_wait, &v);
}

int64_t record_age_s(const struct record *record, int64_t now_s)
{
    return record->added_s >= mmd_clock_floor && now_s > record->added_s ? now_s - record->added_s
                                                                         : 0;
}

/* The one who added a file may set its time to any: one before 1970 hides no other file's. */
static void take_older(struct drops *drops, int64_t changed_s)
{
    int64_t since_s = changed_s > 0 ? changed_s : 0;

    if (drops->later + drops->fresh == 1 || since_s < drops->oldest_s)
        drops->oldest_s = since_s;
}

bool count_drops(const char *folder, struct drops *out)
{
    const struct dirent *entry;
    struct stat status;
    DIR *dir = opendir(folder);

    *out = (struct drops){0};
    if (dir == NULL)
        return false;
    while ((errno = 0, entry = readdir(dir)) != NULL) {
        bool later = strncmp(entry->d_name, ".later-", 7) == 0;
        if ((entry->d_name[0] == '.' && !later) ||
            fstatat(dirfd(dir), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        out->later += later;
        out->fresh += !later;
        take_older(out, status.st_mtime);
    }
    bool read = errno == 0;
    closedir(dir);
    return read;
}
