/* SPDX-License-Identifier: MIT */
/* Reading files: the token, the actions. anchors.c reads the trust anchors. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "charclass.h"
#include "input.h"
#include "wipe.h"

#define ACTIONS_MAX (1024 * 1024)

void wipe_and_free(struct data *data)
{
    if (data->bytes != NULL)
        mmd_wipe(data->bytes, data->len);
    free(data->bytes);
    *data = (struct data){NULL, 0};
}

uint32_t time_left(const struct deadline *d)
{
    uint32_t passed = d->port->monotonic_ms(d->port->context) - d->begin_ms;

    return passed < d->timeout_ms ? d->timeout_ms - passed : 0;
}

/* A file's name of that length in no folder is rather the token itself. */
static bool may_be_token(const char *path)
{
    return strlen(path) > 100 && strchr(path, '/') == NULL;
}

/* Those whose value may be a password or a client's secret, which is short. */
static bool names_secret(const char *option)
{
    static const char *const names[] = {"--token-file", "--client-secret-file", "--key-file",
                                        "--proxy-user-file"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(option, names[i]) == 0)
            return true;
    return false;
}

/* No secret begins with a slash, or with the name of a folder that is there, or is a file's. */
static bool is_path(const char *path)
{
    char first[NAME_MAX + 1];
    size_t len = strcspn(path, "/");

    if (len == 0 || len > NAME_MAX)
        return len == 0;
    memcpy(first, path, len);
    first[len] = '\0';
    return access(first, F_OK) == 0;
}

const char *show_file(char out[SHOWN_FILE_CAP], const char *path, const char *option)
{
    bool is_shown = option == NULL || (names_secret(option) ? is_path(path) : !may_be_token(path));
    const char *of = option != NULL ? " of " : "", *name = option != NULL ? option : "";

    if (strcmp(path, "-") == 0)
        snprintf(out, SHOWN_FILE_CAP, "the standard input%s%s", of, name);
    else if (is_shown)
        snprintf(out, SHOWN_FILE_CAP, "the file '%.512s'%s%s", path, of, name);
    else
        snprintf(out, SHOWN_FILE_CAP, "the file%s%s", of, name);
    return out;
}

const char *shown_path(const char *path, const char *option)
{
    return may_be_token(path) ? option : path;
}

static bool cannot_read(const struct input *in, struct report *report)
{
    int error = errno;
    char file[SHOWN_FILE_CAP];

    show_file(file, in->path, in->option);
    if (error == ENOENT && in->absent == MMD_ERR_TOKEN && !may_be_token(in->path))
        return refuse(report, MMD_ERR_TOKEN,
                      "there is no token now: %s does not exist; check what writes it, then try "
                      "again.",
                      file);
    return refuse(report, MMD_ERR_INPUT,
                  "cannot read %s, %s: %s; check the path and its permissions.", in->what, file,
                  strerror(error));
}

static int open_input(const char *path)
{
    /* a pipe without a writer would hold up open: poll waits for it instead */
    return strcmp(path, "-") == 0 ? dup(STDIN_FILENO)
                                  : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

/* The bytes that are to be read at most: a file's own size, and one more, which shows that it has
 * grown. */
static size_t capacity(int fd, const struct input *in)
{
    struct stat status;

    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size < 0 ||
        (uintmax_t)status.st_size >= in->max)
        return in->max + 1;
    return (size_t)status.st_size + 1;
}

/* Whether there is something to read before the time is over. After a signal it goes on waiting: a
 * pipe without a writer would be read as empty. */
static bool wait_for_input(int fd, const struct deadline *deadline)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    int left, ready;

    do {
        left = deadline != NULL ? (int)time_left(deadline) : -1;
        ready = left != 0 ? poll(&poll_fd, 1, left) : 0;
    } while (ready < 0 && errno == EINTR);
    return ready != 0;
}

static bool too_late(const struct input *in, struct report *report)
{
    int error = in->absent == MMD_ERR_TOKEN ? MMD_ERR_TOKEN : MMD_ERR_TIMEOUT;
    char file[SHOWN_FILE_CAP];

    return refuse(report, error,
                  "%s, %s, did not come within the time allowed; check what writes it.", in->what,
                  show_file(file, in->path, in->option));
}

/* Reads what is open, to its end. The buffer has its full size from the start: growing it would
 * leave copies of a secret in freed memory. */
static bool read_all(int fd, const struct input *in, struct data *out, struct report *report)
{
    size_t cap = capacity(fd, in);
    ssize_t n = 1;
    char file[SHOWN_FILE_CAP];

    out->bytes = malloc(cap + 1);
    out->len = 0;
    if (out->bytes == NULL)
        return refuse_no_memory(report);
    while (n != 0 && out->len < cap) {
        if (!wait_for_input(fd, in->deadline))
            return too_late(in, report);
        n = read(fd, out->bytes + out->len, cap - out->len);
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            return cannot_read(in, report);
        out->len += n > 0 ? (size_t)n : 0;
    }
    out->bytes[out->len] = '\0';
    if (out->len == cap)
        return refuse(report, MMD_ERR_INPUT,
                      "%s, %s, has more than %zu bytes; check the path, or shorten it.", in->what,
                      show_file(file, in->path, in->option), cap - 1);
    return true;
}

bool read_input(const struct input *in, struct data *out, struct report *report)
{
    int fd = open_input(in->path);

    if (fd < 0)
        return cannot_read(in, report);
    bool done = read_all(fd, in, out, report);
    close(fd);
    return done;
}

static bool trim_end(struct data *data, char c)
{
    if (data->len == 0 || data->bytes[data->len - 1] != c)
        return false;
    data->bytes[--data->len] = '\0';
    return true;
}

static void trim_mark(struct data *data)
{
    if (data->len < 3 || memcmp(data->bytes, "\xEF\xBB\xBF", 3) != 0)
        return;
    memmove(data->bytes, data->bytes + 3, data->len - 3);
    data->len -= 3;
    mmd_wipe(data->bytes + data->len, 3); /* which also ends it with a NUL */
}

static void trim_line_end(struct data *data)
{
    if (trim_end(data, '\n'))
        trim_end(data, '\r');
}

/* ---- the actions ---- */

/* A closing with an empty report cannot be undone. Bytes of zero are what a power loss leaves of a
 * file. */
static bool check_actions(struct data *actions, struct report *report)
{
    trim_mark(actions);
    for (size_t i = 0; i < actions->len; i++)
        if ((unsigned char)actions->bytes[i] > ' ')
            return true;
    return refuse(
        report, MMD_ERR_INPUT,
        "the text of the actions is empty; say what was done, in --actions or in the file "
        "of --actions-file.");
}

static bool copy_actions(const char *text, struct data *out, struct report *report)
{
    out->bytes = strdup(text);
    if (out->bytes == NULL)
        return refuse_no_memory(report);
    out->len = strlen(out->bytes);
    return check_actions(out, report);
}

bool read_actions(const struct options *options, const struct deadline *deadline, struct data *out,
                  struct report *report)
{
    const char *path = options->actions_file;

    if (options->actions != NULL)
        return copy_actions(options->actions, out, report);
    const struct input in = {.what = "the actions",
                             .path = path,
                             .option = "--actions-file",
                             .max = ACTIONS_MAX,
                             .absent = MMD_ERR_INPUT,
                             .deadline = deadline};
    if (!read_input(&in, out, report))
        return false;
    trim_line_end(out);
    return check_actions(out, report);
}

/* ---- secrets ---- */

/* Whether path lies in the folder where the service manager keeps credentials. */
static bool is_credential(const char *path)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    char real_folder[PATH_MAX], real_path[PATH_MAX];

    if (folder == NULL || realpath(folder, real_folder) == NULL ||
        realpath(path, real_path) == NULL)
        return false;
    size_t len = strlen(real_folder);
    return strncmp(real_path, real_folder, len) == 0 && real_path[len] == '/';
}

/* Root may let one group read it, as containers' secrets do: those who can are the group's members,
 * whom root chose. Nobody but root can have made such a file. */
static bool is_roots_for_group(const struct stat *status)
{
    return status->st_uid == 0 && (status->st_mode & (S_IRWXG | S_IRWXO)) == S_IRGRP;
}

/* The owner is not checked: a file of such a mode that belongs to another user can only be opened
 * by root, and that user has the token anyway. */
static bool is_private(int fd, const char *path)
{
    struct stat status;

    if (fstat(fd, &status) != 0)
        return false;
    if (!S_ISREG(status.st_mode))
        return true; /* a pipe, or something that cannot be read anyway */
    return (status.st_mode & (S_IRWXG | S_IRWXO)) == 0 || is_roots_for_group(&status) ||
           is_credential(path);
}

static bool is_read_only(int fd)
{
    struct statvfs status;

    return fstatvfs(fd, &status) == 0 && (status.f_flag & ST_RDONLY) != 0;
}

void trim_secret(struct data *secret)
{
    trim_line_end(secret);
    trim_mark(secret);
}

static bool refuse_open_file(int fd, const struct input *in, struct report *report)
{
    char file[SHOWN_FILE_CAP];

    return refuse(report, MMD_ERR_INPUT, "other users may read %s, so they may know %s; %s.",
                  show_file(file, in->path, in->option), in->what,
                  is_read_only(fd)
                      ? "mount it with mode 0400, or 0440 for root and one group, put it into "
                        "$CREDENTIALS_DIRECTORY, or give it by a pipe"
                      : "get a new one, and make the file private with chmod 600");
}

bool read_secret(const struct input *in, struct data *out, struct report *report)
{
    int fd = open_input(in->path);

    if (fd < 0)
        return cannot_read(in, report);
    bool done =
        is_private(fd, in->path) ? read_all(fd, in, out, report) : refuse_open_file(fd, in, report);
    close(fd);
    if (done)
        trim_secret(out);
    return done;
}

/* ---- the token ---- */

bool check_token(const struct data *token, const char *source, struct report *report)
{
    if (mmd_span(token->bytes, token->len, MMD_CHAR_BLANK) == token->len)
        return refuse(report, MMD_ERR_TOKEN,
                      "there is no token now: %s is empty; check what writes it, then try again.",
                      source);
    if (strlen(token->bytes) != token->len)
        return refuse(report, MMD_ERR_INPUT, "the token has a NUL at byte %zu.",
                      strlen(token->bytes));
    return true;
}

bool read_token(const char *path, const struct deadline *deadline, struct data *out,
                struct report *report)
{
    const struct input in = {"the token", path, "--token-file", TOKEN_MAX, MMD_ERR_TOKEN, deadline};
    char file[SHOWN_FILE_CAP];

    return read_secret(&in, out, report) &&
           check_token(out, show_file(file, path, in.option), report);
}
