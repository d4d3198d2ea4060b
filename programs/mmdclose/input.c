/* Files: the token, the text, the trust anchors. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"

#define TOKEN_MAX   65536
#define ACTIONS_MAX (1024 * 1024)
#define TRUST_MAX   (16 * 1024 * 1024)

void wipe_and_free(struct data *data)
{
    if (data->bytes != NULL)
        explicit_bzero(data->bytes, data->len);
    free(data->bytes);
    *data = (struct data){NULL, 0};
}

static bool cannot_read(struct report *report, const char *what, const char *path)
{
    return refuse(report, MMD_ERR_INPUT,
                  "cannot read %s (%s): %s; check the path and its permissions.", what, path,
                  strerror(errno));
}

/* Reads up to max bytes of what is open. The buffer has its full size from the start, so that no
 * copy of a secret is left behind by growing it. */
static bool read_all(int fd, const char *what, const char *path, size_t max, struct data *out,
                     struct report *report)
{
    out->bytes = malloc(max + 2);
    out->len = 0;
    if (out->bytes == NULL)
        return refuse(report, MMD_ERR_MEMORY, "there is no memory left.");
    for (;;) {
        ssize_t n = read(fd, out->bytes + out->len, max + 1 - out->len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return cannot_read(report, what, path);
        out->len += (size_t)n;
        out->bytes[out->len] = '\0';
        if (out->len > max)
            return refuse(report, MMD_ERR_INPUT,
                          "%s (%s) takes more than %zu bytes; check the path, or shorten it.", what,
                          path, max);
        if (n == 0)
            break;
    }
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
        return refuse(report, MMD_ERR_MEMORY, "there is no memory left.");
    out->len = strlen(out->bytes);
    return true;
}

/* Whether path lies in the folder that the service manager keeps credentials in. */
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

/* Its owner is not looked at: another's file of such a mode can be opened by root alone, and its
 * owner has the token without us. */
static bool is_private(int fd, const char *path)
{
    struct stat status;

    if (fstat(fd, &status) != 0)
        return false;
    if (!S_ISREG(status.st_mode))
        return true; /* a pipe, or what cannot be read anyway */
    return (status.st_mode & (S_IRWXG | S_IRWXO)) == 0 || is_credential(path);
}

bool read_token(const char *path, struct data *out, struct report *report)
{
    static const char named[] = "--token-file"; /* the path may be the token, given by mistake */
    int fd = open_input(path);

    if (fd < 0)
        return cannot_read(report, "the token", named);
    if (!is_private(fd, path)) {
        close(fd);
        return refuse(
            report, MMD_ERR_INPUT,
            "others than you may read the file of --token-file, so the token may be known "
            "by now; get a new one, and chmod 600 the file.");
    }
    bool done = read_all(fd, "the token", named, TOKEN_MAX, out, report);
    close(fd);
    if (!done)
        return false;
    if (out->len > 0 && out->bytes[out->len - 1] == '\n')
        out->bytes[--out->len] = '\0';
    if (out->len > 0 && out->bytes[out->len - 1] == '\r')
        out->bytes[--out->len] = '\0';
    if (out->len == 0)
        return refuse(report, MMD_ERR_INPUT,
                      "the token is empty; check what writes it to --token-file.");
    if (strlen(out->bytes) != out->len)
        return refuse(report, MMD_ERR_INPUT, "the token has a NUL at byte %zu.",
                      strlen(out->bytes));
    return true;
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
