/* SPDX-License-Identifier: MIT */
/* Records and waits as files of the queue's folder. */
#include "queue/records.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guid_form.h"

struct data record_line(const struct record *record)
{
    struct mmd_writer w = {NULL, 0, 0};

    put_record(&w, record); /* counts */
    struct data line = {malloc(w.len), w.len};
    w = (struct mmd_writer){line.bytes, w.len, 0};
    if (line.bytes != NULL)
        put_record(&w, record);
    return line;
}

bool write_record(struct store *store, enum folder folder, const char *file,
                  const struct record *record)
{
    struct data line = record_line(record);
    bool written = line.bytes != NULL ? store_write(store, folder, file, line.bytes, line.len)
                                      : refuse_no_memory(store->report);

    wipe_and_free(&line);
    return written;
}

bool load_record(struct store *store, enum folder folder, const char *file, struct record *record,
                 struct data *line, const char **wrong)
{
    char name[RECORD_NAME_CAP];

    if (!store_read(store, folder, file, line))
        return false;
    *wrong = line->bytes == NULL      ? "it is gone"
             : line->len > RECORD_MAX ? "it is too long"
                                      : read_record(record, line->bytes, line->len);
    if (*wrong == NULL &&
        (!record_name(name, record->tenant, record->request) || strcmp(name, file) != 0))
        *wrong = "its name is another record's";
    return true;
}

/* Two changes, each whole: a record that says it belongs into failed/ goes there, whatever happens
 * in between. */
bool has_closing(struct store *store, enum folder folder, const char *file)
{
    struct record record;
    struct data line = {NULL, 0};
    const char *wrong;
    bool has = load_record(store, folder, file, &record, &line, &wrong) && wrong == NULL &&
               (folder == FOLDER_FAILED || !record.aside) && mmd_is_guid(record.client_request_id);

    wipe_and_free(&line);
    return has;
}

bool move_aside(struct store *store, const char *file, struct record *record)
{
    record->aside = true;
    return write_record(store, FOLDER_DUE, file, record) &&
           store_move(store, FOLDER_DUE, FOLDER_FAILED, file);
}

/* ---- waits ---- */

static void wait_file(char out[RECORD_NAME_CAP], const char *name)
{
    bool is_all = strcmp(name, WAIT_OF_ALL) == 0;

    snprintf(out, RECORD_NAME_CAP, "%s%s.json", is_all ? "all" : "tenant,", name);
}

bool load_wait(struct store *store, const char *name, struct stored_wait *out)
{
    char file[RECORD_NAME_CAP];

    *out = (struct stored_wait){.credential = ""};
    wait_file(file, name);
    if (!store_read(store, FOLDER_WAITS, file, &out->line))
        return false;
    out->exists = out->line.bytes != NULL &&
                  read_wait(&out->wait, &out->credential, out->line.bytes, out->line.len) == NULL;
    if (!out->exists)
        out->wait = (struct wait){.outcome = "", .said = ""};
    return true;
}

bool write_wait(struct store *store, const char *name, const struct wait *wait,
                const char *credential)
{
    char file[RECORD_NAME_CAP];
    struct mmd_writer w = {NULL, 0, 0};

    wait_file(file, name);
    put_wait(&w, wait, credential);
    struct data line = {malloc(w.len), w.len};
    w = (struct mmd_writer){line.bytes, w.len, 0};
    if (line.bytes == NULL)
        return refuse_no_memory(store->report);
    put_wait(&w, wait, credential);
    bool written = store_write(store, FOLDER_WAITS, file, line.bytes, line.len);
    wipe_and_free(&line);
    return written;
}

bool remove_wait(struct store *store, const char *name)
{
    char file[RECORD_NAME_CAP];

    wait_file(file, name);
    return !store_has(store, FOLDER_WAITS, file) || store_remove(store, FOLDER_WAITS, file);
}
