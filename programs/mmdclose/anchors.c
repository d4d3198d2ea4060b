/* SPDX-License-Identifier: MIT */
/* The trust anchors: which file has them, and what is wrong with those in it. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input.h"
#include "printable.h"

#define TRUST_MAX   (16 * 1024 * 1024)
#define FIRST_PIECE 4096

/* Where systems keep their bundle. */
static const char *const bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",                /* Debian, Alpine, Arch */
    "/etc/pki/tls/certs/ca-bundle.crt",                  /* Fedora */
    "/etc/ssl/ca-bundle.pem",                            /* SUSE */
    "/etc/ssl/certs/ca-bundle.crt",                      /* NixOS */
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* CentOS */
    "/etc/ssl/cert.pem",                                 /* OpenWrt, BSD */
};

/* What is wrong with the certificates of a file. */
struct complaints {
    size_t skipped, trusted, unusable;
    struct mmd_certificate first; /* of those that cannot be used, */
    const char *reason;           /* and why it cannot */
};

/* ---- reading ---- */

/* How much a file has; of what is none, such as a pipe, a first guess. */
static size_t size_of(int fd)
{
    struct stat status;

    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size < 0)
        return FIRST_PIECE;
    return status.st_size < TRUST_MAX ? (size_t)status.st_size : TRUST_MAX;
}

/* Makes place for one byte more than was read, by which the end is known. */
static bool make_place(struct data *data, size_t *cap)
{
    if (data->len < *cap)
        return true;
    *cap = 2 * *cap + 1 < TRUST_MAX ? 2 * *cap + 1 : TRUST_MAX + 1;
    char *grown = realloc(data->bytes, *cap);
    if (grown == NULL)
        return false;
    data->bytes = grown;
    return true;
}

/* Reads all that is open. Returns 0, or what went wrong as errno has it. */
static int read_all(int fd, struct data *out)
{
    size_t cap = size_of(fd) + 1;
    ssize_t n = 1;

    out->bytes = malloc(cap);
    if (out->bytes == NULL)
        return ENOMEM;
    while (n != 0) {
        if (!make_place(out, &cap))
            return ENOMEM;
        n = read(fd, out->bytes + out->len, cap - out->len);
        if (n < 0 && errno != EINTR)
            return errno;
        out->len += n > 0 ? (size_t)n : 0;
        if (out->len > TRUST_MAX)
            return EFBIG;
    }
    return 0;
}

static int read_file(const char *path, struct data *out)
{
    int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);

    *out = (struct data){NULL, 0};
    if (fd < 0)
        return errno;
    int error = read_all(fd, out);
    close(fd);
    return error;
}

/* ---- what is in it ---- */

/* Certificates with OpenSSL's own label, which are not understood. */
static size_t count_trusted(const struct data *file)
{
    static const char label[] = "-----BEGIN TRUSTED CERTIFICATE-----";
    const char *found;
    size_t count = 0, at = 0;

    while (at < file->len &&
           (found = memmem(file->bytes + at, file->len - at, label, sizeof label - 1)) != NULL) {
        at = (size_t)(found - file->bytes) + 1;
        count++;
    }
    return count;
}

/* Turns the file into anchors; returns how many there are. */
static size_t convert(struct data *file, struct mmd_trust *out, struct complaints *c)
{
    c->trusted = count_trusted(file);
    return mmd_trust_from_pem(file->bytes, file->len, out, &c->skipped);
}

static void find_unusable(const struct mmd_trust *trust, struct complaints *c)
{
    const uint8_t *der;
    const char *reason;
    size_t at = 0, len;

    while ((der = mmd_trust_next(trust, &at, &len)) != NULL)
        if (mmd_trust_check(der, len, &reason) != MMD_OK && c->unusable++ == 0) {
            c->reason = reason;
            if (mmd_certificate_read(&c->first, der, len) != MMD_OK)
                strcpy(c->first.subject, "without a name");
            make_printable(c->first.subject);
        }
}

/* One line: what it is about is the same file. */
static void warn(const char *path, const struct complaints *c)
{
    if (c->skipped == 0 && c->unusable == 0)
        return;
    fprintf(stderr, "mmdclose: warning: of the certificates in '%s'", path);
    if (c->skipped > 0)
        fprintf(stderr, " %zu cannot be read%s%s", c->skipped,
                c->trusted > 0 ? " (TRUSTED CERTIFICATE is not supported)" : "",
                c->unusable > 0 ? ", and" : "");
    if (c->unusable > 0)
        fprintf(stderr, " %zu cannot be used as anchors (%s: %s)", c->unusable, c->first.subject,
                c->reason);
    fputs("; the rest are used.\n", stderr);
}

/* ---- which file ---- */

static bool cannot_read(struct report *report, const char *path, int error)
{
    if (error == ENOMEM)
        return refuse_no_memory(report);
    if (error == EFBIG)
        return refuse(report, MMD_ERR_INPUT,
                      "trust anchors (%s) has more than %d bytes; check the path, or shorten it.",
                      path, TRUST_MAX);
    return refuse(report, MMD_ERR_INPUT,
                  "cannot read trust anchors (%s): %s; check the path and its permissions.", path,
                  strerror(error));
}

static bool has_none(struct report *report, const char *path, const struct complaints *c)
{
    return refuse(
        report, MMD_ERR_TRUST,
        "there is no certificate %sin '%s', so no server can be verified; give a PEM file "
        "with --ca-file, or install ca-certificates.",
        c->trusted > 0 ? "of a supported kind (TRUSTED CERTIFICATE is not one) " : "", path);
}

/* The one file that somebody has chosen. */
static bool read_chosen(const char *path, struct data *file, struct mmd_trust *out,
                        struct complaints *c, struct report *report)
{
    int error = read_file(path, file);

    if (error != 0)
        return cannot_read(report, path, error);
    return convert(file, out, c) > 0 || has_none(report, path, c);
}

/* The first of the system's bundles that has a certificate in it; NULL: there is none, which was
 * reported. */
static const char *read_system(struct data *file, struct mmd_trust *out, struct complaints *c,
                               struct report *report)
{
    const char *tried = NULL; /* the first that can be read, but has none */

    for (size_t i = 0; i < sizeof bundles / sizeof *bundles; i++) {
        int error = read_file(bundles[i], file);
        if (error == 0 && convert(file, out, c) > 0)
            return bundles[i];
        wipe_and_free(file);
        if (error == ENOMEM) {
            refuse_no_memory(report);
            return NULL;
        }
        if (error == 0 && tried == NULL)
            tried = bundles[i];
    }
    *c = (struct complaints){.skipped = 0};
    (void)(tried != NULL ? has_none(report, tried, c) : cannot_read(report, bundles[0], ENOENT));
    return NULL;
}

/* --ca-file comes before SSL_CERT_FILE, where OpenSSL's users name their bundle, and that before
 * the system's. An anchor that cannot be used deserves a warning only where it was chosen: a
 * system's bundle may have several. */
bool read_trust(const char *path, struct data *file, struct mmd_trust *out, struct report *report)
{
    struct complaints complaints = {.skipped = 0};
    bool is_ours = path != NULL;
    const char *named = getenv("SSL_CERT_FILE");

    if (path == NULL && named != NULL && named[0] != '\0')
        path = named;
    if (path != NULL) {
        if (!read_chosen(path, file, out, &complaints, report))
            return false;
    } else if ((path = read_system(file, out, &complaints, report)) == NULL) {
        return false;
    }
    if (is_ours)
        find_unusable(out, &complaints);
    warn(path, &complaints);
    return true;
}
