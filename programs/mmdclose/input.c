/* SPDX-License-Identifier: MIT */
/* Reading files: the token, the actions, the trust anchors. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input.h"
#include "wipe.h"

#define TOKEN_MAX   65536
#define ACTIONS_MAX (1024 * 1024)
#define TRUST_MAX   (16 * 1024 * 1024)

void wipe_and_free(struct data *data)
{
    if (data->bytes != NULL)
        mmd_wipe(data->bytes, data->len);
    free(data->bytes);
    *data = (struct data){NULL, 0};
}

static bool cannot_read(struct report *report, const char *what, const char *path)
{
    return refuse(report, MMD_ERR_INPUT,
                  "cannot read %s (%s): %s; check the path and its permissions.", what, path,
                  strerror(errno));
}

/* Reads what is open, to its end or up to max bytes. The buffer has its full size from the start:
 * growing it would leave copies of a secret in freed memory. */
static bool read_all(int fd, const char *what, const char *path, size_t max, struct data *out,
                     struct report *report)
{
    ssize_t n = 1;

    out->bytes = malloc(max + 2);
    out->len = 0;
    if (out->bytes == NULL)
        return refuse_no_memory(report);
    while (n != 0 && out->len <= max) {
        n = read(fd, out->bytes + out->len, max + 1 - out->len);
        if (n < 0 && errno != EINTR)
            return cannot_read(report, what, path);
        out->len += n > 0 ? (size_t)n : 0;
    }
    out->bytes[out->len] = '\0';
    if (out->len > max)
        return refuse(report, MMD_ERR_INPUT,
                      "%s (%s) has more than %zu bytes; check the path, or shorten it.", what, path,
                      max);
    return true;
}

static int open_input(const char *path)
{
    return strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
}

static bool read_file(const char *what, const char *path, size_t max, struct data *out,
                      struct report *report)
{
    int fd = open_input(path);

    if (fd < 0)
        return cannot_read(report, what, path);
    bool done = read_all(fd, what, path, max, out, report);
    close(fd);
    return done;
}

bool read_actions(const struct options *options, struct data *out, struct report *report)
{
    if (options->actions == NULL)
        return read_file("the actions", options->actions_file, ACTIONS_MAX, out, report);
    out->bytes = strdup(options->actions);
    if (out->bytes == NULL)
        return refuse_no_memory(report);
    out->len = strlen(out->bytes);
    return true;
}

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

/* The owner is not checked: a file of such a mode that belongs to another user can only be opened
 * by root, and that user has the token anyway. */
static bool is_private(int fd, const char *path)
{
    struct stat status;

    if (fstat(fd, &status) != 0)
        return false;
    if (!S_ISREG(status.st_mode))
        return true; /* a pipe, or something that cannot be read anyway */
    return (status.st_mode & (S_IRWXG | S_IRWXO)) == 0 || is_credential(path);
}

static void trim_end(struct data *data, char c)
{
    if (data->len > 0 && data->bytes[data->len - 1] == c)
        data->bytes[--data->len] = '\0';
}

/* Takes one line end off the token, and refuses what cannot be one. */
static bool trim_token(struct data *token, struct report *report)
{
    trim_end(token, '\n');
    trim_end(token, '\r');
    if (token->len == 0)
        return refuse(report, MMD_ERR_INPUT,
                      "the token is empty; check what writes it to --token-file.");
    if (strlen(token->bytes) != token->len)
        return refuse(report, MMD_ERR_INPUT, "the token has a NUL at byte %zu.",
                      strlen(token->bytes));
    return true;
}

bool read_token(const char *path, struct data *out, struct report *report)
{
    static const char named[] = "--token-file"; /* the path may be the token, given by mistake */
    int fd = open_input(path);
    bool done;

    if (fd < 0)
        return cannot_read(report, "the token", named);
    if (is_private(fd, path))
        done = read_all(fd, "the token", named, TOKEN_MAX, out, report);
    else
        done = refuse(report, MMD_ERR_INPUT,
                      "other users may read the file of --token-file, so they may know the token; "
                      "get a new token, and make the file private with chmod 600.");
    close(fd);
    return done && trim_token(out, report);
}

static const char *system_bundle(void)
{
    static const char *const bundles[] = {"/etc/ssl/certs/ca-certificates.crt",
                                          "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"};

    for (size_t i = 0; i < sizeof bundles / sizeof *bundles; i++)
        if (access(bundles[i], R_OK) == 0)
            return bundles[i];
    return bundles[0];
}

bool read_trust(const char *path, struct data *file, struct mmd_trust *out, struct report *report)
{
    size_t skipped;

    if (path == NULL)
        path = system_bundle();
    if (!read_file("trust anchors", path, TRUST_MAX, file, report))
        return false;
    if (mmd_trust_from_pem(file->bytes, file->len, out, &skipped) == 0)
        return refuse(report, MMD_ERR_TRUST,
                      "there is no certificate in '%s', so no server can be verified; give a PEM "
                      "file with --ca-file, or install ca-certificates.",
                      path);
    if (skipped > 0)
        fprintf(stderr,
                "mmdclose: warning: %zu of the certificates in '%s' cannot be read; the rest are "
                "used.\n",
                skipped, path);
    return true;
}
