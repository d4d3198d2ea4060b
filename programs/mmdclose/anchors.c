/* SPDX-License-Identifier: MIT */
/* The trust anchors: which file has them, and what is wrong with those in it. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "input.h"
#include "printable.h"

#define TRUST_MAX (16 * 1024 * 1024)
#define BUILT_IN  "the command itself"

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

/* Turns PEM into anchors; returns how many there are. */
static size_t convert(struct data *file, struct mmd_trust *out, struct complaints *c)
{
    c->trusted = count_trusted(file);
    return mmd_trust_from_pem(file->bytes, file->len, out, &c->skipped);
}

/* Gets ready for a search; false if there is nothing to be found, or too little memory. Pages of it
 * that are never reached cost no RAM. */
static bool begin_search(struct anchors *a)
{
    struct mmd_bundle *b = &a->bundle;

    *b = (struct mmd_bundle){.pem = a->file.bytes,
                             .len = a->file.len,
                             .memory = malloc(a->file.len),
                             .cap = a->file.len};
    if (b->memory != NULL && mmd_bundle_open(b) == MMD_OK)
        return true;
    free(b->memory);
    b->memory = NULL;
    return false;
}

static bool has_anchors(struct anchors *a, bool search, struct complaints *c)
{
    return (search && begin_search(a)) || convert(&a->file, &a->bundle.found, c) > 0;
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

static bool has_none(struct report *report, const char *path, const struct complaints *c)
{
    return refuse(
        report, MMD_ERR_TRUST,
        "there is no certificate %sin '%s', so no server can be verified; give a PEM file "
        "with --ca-file, or install ca-certificates.",
        c->trusted > 0 ? "of a supported kind (TRUSTED CERTIFICATE is not one) " : "", path);
}

/* option: that names the file, or NULL. */
static bool read_anchors_in(const char *path, const char *option, const struct deadline *deadline,
                            struct data *file, struct report *report)
{
    const struct input in = {"trust anchors", path, option, TRUST_MAX, MMD_ERR_INPUT, deadline};

    return read_input(&in, file, report);
}

/* The first of the system's bundles that has a certificate in it; NULL: there is none, which was
 * reported. */
static const char *read_system(bool search, const struct deadline *deadline, struct anchors *out,
                               struct complaints *c, struct report *report)
{
    const char *tried = NULL; /* the first that is there, but has none */

    for (size_t i = 0; i < sizeof bundles / sizeof *bundles; i++) {
        if (access(bundles[i], F_OK) != 0)
            continue;
        if (!read_anchors_in(bundles[i], NULL, deadline, &out->file, report))
            return NULL; /* whoever made it wants it to be read */
        if (has_anchors(out, search, c))
            return bundles[i];
        free_trust(out);
        if (tried == NULL)
            tried = bundles[i];
    }
    *c = (struct complaints){.skipped = 0};
    has_none(report, tried != NULL ? tried : bundles[0], c);
    return NULL;
}

/* Those that are part of the command, in a copy: PEM is decoded where it lies. */
static const char *read_built_in(bool search, struct anchors *out, struct complaints *c,
                                 struct report *report)
{
    size_t len;
    const char *roots = built_in_roots(&len);

    out->file = (struct data){malloc(len + 1), len};
    if (out->file.bytes == NULL) {
        refuse(report, MMD_ERR_MEMORY,
               "there is no memory for the certificates that are built in.");
        return NULL;
    }
    memcpy(out->file.bytes, roots, len);
    out->file.bytes[len] = '\0';
    if (has_anchors(out, search, c))
        return BUILT_IN;
    has_none(report, BUILT_IN, c);
    return NULL;
}

/* --ca-file comes before SSL_CERT_FILE, where OpenSSL's users name their bundle, and that before
 * those that are built in, or else the system's. An anchor that cannot be used deserves a warning
 * only where it was chosen: a system's bundle may have several. */
bool read_trust(const char *path, bool search, const struct deadline *deadline, struct anchors *out,
                struct report *report)
{
    struct complaints complaints = {.skipped = 0};
    bool is_ours = path != NULL;
    const char *named = getenv("SSL_CERT_FILE");
    size_t built_in;

    search = search && !is_ours;
    if (path == NULL && named != NULL && named[0] != '\0')
        path = named;
    if (path != NULL) {
        if (!read_anchors_in(path, is_ours ? "--ca-file" : NULL, deadline, &out->file, report))
            return false;
        if (!has_anchors(out, search, &complaints))
            return has_none(report, path, &complaints);
    } else {
        path = built_in_roots(&built_in) != NULL
                   ? read_built_in(search, out, &complaints, report)
                   : read_system(search, deadline, out, &complaints, report);
        if (path == NULL)
            return false;
    }
    if (is_ours)
        find_unusable(&out->bundle.found, &complaints);
    warn(path, &complaints);
    out->searched = is_searched(out) ? path : NULL;
    return true;
}

/* In a copy: the search may go on. */
void warn_of_search(struct anchors *a)
{
    struct complaints complaints = {.skipped = 0};
    struct data copy = {a->searched != NULL ? malloc(a->file.len) : NULL, a->file.len};
    struct mmd_trust ignored;

    if (copy.bytes != NULL) {
        memcpy(copy.bytes, a->file.bytes, copy.len);
        convert(&copy, &ignored, &complaints);
        warn(a->searched, &complaints);
    }
    free(copy.bytes);
    a->searched = NULL;
}

void free_trust(struct anchors *a)
{
    free(a->bundle.memory);
    free(a->file.bytes);
    *a = (struct anchors){.searched = NULL};
}
