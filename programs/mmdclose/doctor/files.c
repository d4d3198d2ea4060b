/* SPDX-License-Identifier: MIT */
/* The files and programs that the options name: whether they can be read, by whom else, and when a
 * certificate expires. What is in a secret is checked where it is used. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor.h"

#define FILE_MAX 65536 /* bytes, of any of them but the trust anchors */
#define DAY_S    86400
#define SOON_S   (30 * DAY_S)

static const struct check ok = {"file", CHECK_OK, "", MMD_OUTCOME_CLOSED};

struct named_file {
    const char *option, *what, *path; /* path NULL: not given */
    int absent;                       /* the error if it is not there */
};

/* Whether what the path names can be read more than once. What is not there can be, too: reading
 * says what is wrong. */
static bool is_kept(const char *path)
{
    struct stat status;

    return strcmp(path, "-") != 0 &&
           (stat(path, &status) != 0 || S_ISREG(status.st_mode) || S_ISDIR(status.st_mode));
}

static bool begin_file(struct doctor *d, const struct named_file *file)
{
    begin_check(d);
    if (file->path == NULL)
        return false;
    if (is_kept(file->path))
        return true;
    say(d, (struct check){"file", CHECK_NOT_CHECKED, "", MMD_OUTCOME_CLOSED},
        "%s is no file: it can be read only once, where it is used.", file->option);
    return false;
}

#define OWNER_CAP 48

/* "0600, of uid 0" */
static const char *mode_and_owner(const char *path, char out[OWNER_CAP])
{
    struct stat status;

    if (stat(path, &status) == 0)
        snprintf(out, OWNER_CAP, "%04o, of uid %lu", (unsigned)status.st_mode & 07777,
                 (unsigned long)status.st_uid);
    else
        snprintf(out, OWNER_CAP, "not known");
    return out;
}

static void check_secret(struct doctor *d, const struct named_file *file)
{
    struct data secret = {NULL, 0};
    char owner[OWNER_CAP];

    if (!begin_file(d, file))
        return;
    const struct input in = {.what = file->what,
                             .path = file->path,
                             .option = file->option,
                             .max = FILE_MAX,
                             .absent = file->absent,
                             .deadline = &d->job->deadline};
    if (read_secret(&in, &secret, &d->job->report))
        say(d, ok, "%s, '%s', can be read, and not by others (mode %s).", file->option,
            shown_path(file->path, file->option), mode_and_owner(file->path, owner));
    else
        say_report(d, "file");
    wipe_and_free(&secret);
}

/* ---- the client's certificate ---- */

static void say_expiry(struct doctor *d, const struct mmd_certificate *certificate)
{
    struct check check = {"certificate", CHECK_OK, "", MMD_OUTCOME_NOT_AUTHORISED};
    char from[TIME_CAP], to[TIME_CAP];
    bool is_early = d->now < certificate->not_before;

    put_date(from, certificate->not_before);
    put_date(to, certificate->not_after);
    if (d->now > certificate->not_after || is_early) {
        check.state = CHECK_FAILED;
        check.advice = is_early ? "Check the clock; else give a certificate that is valid now."
                                : "Give a new one with --certificate, and register it.";
    } else if (certificate->not_after - d->now < SOON_S) {
        check.state = CHECK_WARNING;
        check.advice = "Make and register a new one in time.";
    }
    say(d, check, "that of --certificate (%s) is valid from %s until %s.", certificate->subject,
        from, to);
}

/* Of several the first one, as where it is used. */
static bool describe(struct data *file, struct mmd_certificate *out)
{
    struct mmd_trust found;
    size_t at = 0, len, skipped;

    if (mmd_trust_from_pem(file->bytes, file->len, &found, &skipped) == 0)
        found = (struct mmd_trust){(const uint8_t *)file->bytes, file->len};
    const uint8_t *der = mmd_trust_next(&found, &at, &len);
    return der != NULL && mmd_certificate_read(out, der, len) == MMD_OK;
}

static void check_certificate(struct doctor *d)
{
    const struct named_file file = {"--certificate", "the certificate", d->job->options.certificate,
                                    MMD_ERR_INPUT};
    struct mmd_certificate certificate;
    char shown[SHOWN_FILE_CAP];
    struct data bytes = {NULL, 0};

    if (!begin_file(d, &file))
        return;
    const struct input in = {.what = file.what,
                             .path = file.path,
                             .option = file.option,
                             .max = FILE_MAX,
                             .absent = file.absent,
                             .deadline = &d->job->deadline};
    if (!read_input(&in, &bytes, &d->job->report))
        say_report(d, "certificate");
    else if (describe(&bytes, &certificate))
        say_expiry(d, &certificate);
    else
        say(d,
            (struct check){"certificate", CHECK_FAILED, "Give one in PEM or DER.",
                           MMD_OUTCOME_USAGE},
            "there is none that can be read in %s.", show_file(shown, file.path, file.option));
    wipe_and_free(&bytes);
}

/* ---- the trust anchors ---- */

static void check_anchors(struct doctor *d)
{
    struct job *job = d->job;
    size_t at = 0, len, count = 0;

    begin_check(d);
    d->has_anchors =
        read_trust(job->options.ca_file, false, &job->deadline, &job->anchors, &job->report);
    if (!d->has_anchors) {
        say_report(d, "trust_anchors");
        return;
    }
    while (mmd_trust_next(&job->anchors.bundle.found, &at, &len) != NULL)
        count++;
    say(d, (struct check){"trust_anchors", CHECK_OK, "", MMD_OUTCOME_CLOSED},
        "there %s %zu, from %s.", count == 1 ? "is" : "are", count,
        job->options.ca_file != NULL   ? "--ca-file"
        : built_in_roots(&len) != NULL ? "SSL_CERT_FILE or the command itself"
                                       : "SSL_CERT_FILE or the system's bundle");
}

/* ---- programs ---- */

static void check_program(struct doctor *d, const char *option, const char *value)
{
    struct program_words words;
    struct stat status;
    struct check check = {"program", CHECK_FAILED, "Check the path, and that this user may run it.",
                          MMD_OUTCOME_USAGE};

    if (value == NULL)
        return;
    begin_check(d);
    if (!read_program(&words, option, value, &d->job->report)) {
        say_report(d, "program");
        return;
    }
    const char *path = words.word[0];
    if (stat(path, &status) != 0 || access(path, X_OK) != 0)
        say(d, check, "'%s' of %s cannot be run: %s.", path, option, strerror(errno));
    else if (!S_ISREG(status.st_mode))
        say(d, check, "'%s' of %s is no file.", path, option);
    else if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        say(d,
            (struct check){"program", CHECK_WARNING, "Take that right away with chmod go-w.",
                           MMD_OUTCOME_CLOSED},
            "'%s' of %s may be changed by other users.", path, option);
    else
        say(d, (struct check){"program", CHECK_OK, "", MMD_OUTCOME_CLOSED},
            "'%s' of %s is there, and can be run.", path, option);
}

void check_files(struct doctor *d)
{
    const struct options *o = &d->job->options;
    const struct named_file secrets[] = {
        {"--token-file", "the token", o->token_file, MMD_ERR_TOKEN},
        {"--client-secret-file", "the client's secret", o->client_secret_file, MMD_ERR_INPUT},
        {"--key-file", "the key", o->key_file, MMD_ERR_INPUT},
        {"--proxy-user-file", "the proxy's user", o->proxy_user_file, MMD_ERR_INPUT},
    };

    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
        check_secret(d, &secrets[i]);
    check_certificate(d);
    check_program(d, "--token-command", o->token_command);
    check_program(d, "--sign-command", o->sign_command);
    check_anchors(d);
}
