/* SPDX-License-Identifier: MIT */
/* A token that is kept between runs. */
#include "queue/token_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "json.h"
#include "json_members.h"
#include "queue/moment.h"
#include "queue/store.h"
#include "wipe.h"

/* File systems in memory (statfs(2)); musl-gcc finds no <linux/magic.h>. */
#define TMPFS_MAGIC 0x01021994
#define RAMFS_MAGIC 0x858458f6

#define NAME_CAP  160
#define FILE_MAX  32768
#define TEMPORARY ".token"

/* ---- what it is bound to ---- */

static bool add_digest(struct mmd_writer *w, const void *data, size_t len)
{
    uint8_t digest[MMD_SHA256_LEN];

    if (mmd_sha256(data, len, digest) != MMD_OK)
        return false;
    mmd_put(w, (const char *)digest, sizeof digest);
    return true;
}

static bool add_text(struct mmd_writer *w, const char *text)
{
    return add_digest(w, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
}

static void put_hex(char out[FINGERPRINT_CAP], const uint8_t digest[MMD_SHA256_LEN])
{
    for (size_t i = 0; i < MMD_SHA256_LEN; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

/* The digest of digests: no two lists of parts are alike in it. */
void credential_fingerprint(const struct job *job, char out[FINGERPRINT_CAP])
{
    const struct options *o = &job->options;
    const char *const texts[] = {o->client_id,     o->authority.host, o->scope,       o->host,
                                 o->token_command, o->token_file,     o->sign_command};
    char digests[12 * MMD_SHA256_LEN];
    struct mmd_writer w = {digests, sizeof digests, 0};
    const uint16_t ports[] = {o->authority.port, o->port};
    uint8_t digest[MMD_SHA256_LEN];
    bool done = true;

    for (size_t i = 0; done && i < sizeof texts / sizeof *texts; i++)
        done = add_text(&w, texts[i]);
    done = done && add_digest(&w, ports, sizeof ports) &&
           add_digest(&w, job->secret.bytes, job->secret.len) &&
           add_digest(&w, job->token.bytes, job->token.len) && /* that of a file: it is read */
           add_digest(&w, job->certificate.bytes, job->certificate.len) &&
           mmd_sha256(digests, w.len, digest) == MMD_OK;
    out[0] = '\0';
    if (done)
        put_hex(out, digest);
}

/* ---- the folder ---- */

static bool is_in_memory(int fd)
{
    struct statfs status;

    return fstatfs(fd, &status) == 0 &&
           ((uint32_t)status.f_type == TMPFS_MAGIC || (uint32_t)status.f_type == RAMFS_MAGIC);
}

/* The folder, or -1 if a token must not, or cannot, lie there. */
static int open_runtime_folder(const struct job *job)
{
    const struct options *o = &job->options;
    struct stat status;
    int fd = -1;

    if (o->client_id != NULL)
        fd = open(o->runtime_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool fits = fd >= 0 && fstat(fd, &status) == 0 && status.st_uid == geteuid() &&
                (status.st_mode & (S_IWGRP | S_IWOTH)) == 0 && is_in_memory(fd);
    if (fits || fd < 0)
        return fd;
    close(fd);
    return -1;
}

static void token_name(char out[NAME_CAP], const char *tenant)
{
    snprintf(out, NAME_CAP, "token,%s.json", tenant);
}

/* Overwritten first: what is only removed may stay in memory. */
static void overwrite_and_remove(int dir, const char *name)
{
    const char zeros[4096] = {0};
    struct stat status;
    int fd = openat(dir, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);

    if (fd >= 0 && fstat(fd, &status) == 0)
        for (off_t at = 0; at < status.st_size; at += (off_t)sizeof zeros) {
            off_t left = status.st_size - at;
            size_t n = left < (off_t)sizeof zeros ? (size_t)left : sizeof zeros;
            if (write(fd, zeros, n) <= 0)
                break;
        }
    if (fd >= 0)
        close(fd);
    unlinkat(dir, name, 0);
}

/* ---- loading ---- */

static char *member(const struct mmd_json *json, const char *name)
{
    return mmd_json_text(json, mmd_json_member(json, json->tokens, name));
}

/* Puts it into the cache if all of it fits. */
static bool take_token(struct job *job, char *text, size_t len, const char *fingerprint)
{
    const struct moment now = read_moment();
    struct mmd_json json;

    if (!mmd_json_parse(&json, text, len, false))
        return false;
    unsigned long long expires_s = strtoull(member(&json, "expires_uptime_s"), NULL, 10);
    const char *boot = member(&json, "boot"), *bound = member(&json, "bound");
    const char *token = member(&json, "token");
    if (now.boot_id[0] == '\0' || strcmp(boot, now.boot_id) != 0 || fingerprint[0] == '\0' ||
        strcmp(bound, fingerprint) != 0 || expires_s <= now.uptime_s ||
        expires_s - now.uptime_s > MMD_TOKEN_LIFETIME_MAX)
        return false;
    return mmd_token_keep(&job->token, token, strlen(token), (uint32_t)(expires_s - now.uptime_s),
                          progress_now(&job->progress)) == MMD_OK &&
           mmd_token_is_fresh(&job->token, progress_now(&job->progress)) &&
           check_message(job, job->token.bytes);
}

void load_token(struct job *job, const char *tenant, const char *fingerprint)
{
    char name[NAME_CAP], *text = calloc(1, FILE_MAX + 1);
    int dir = open_runtime_folder(job);
    ssize_t len = -1;

    token_name(name, tenant);
    if (dir >= 0)
        overwrite_and_remove(dir, TEMPORARY); /* of a run that was killed */
    int fd = dir >= 0 && text != NULL ? openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) : -1;
    if (fd >= 0) {
        len = read(fd, text, FILE_MAX);
        close(fd);
        if (job->options.no_token_cache || len <= 0 ||
            !take_token(job, text, (size_t)len, fingerprint)) {
            mmd_token_forget(&job->token);
            overwrite_and_remove(dir, name);
        }
    }
    if (text != NULL)
        mmd_wipe(text, FILE_MAX);
    free(text);
    if (dir >= 0)
        close(dir);
}

/* ---- saving ---- */

static void put_token(struct mmd_writer *w, const struct job *job, const char *fingerprint)
{
    const struct mmd_token *token = &job->token;
    const struct moment now = read_moment();
    uint32_t passed_s = (progress_now(&job->progress) - token->got_ms) / 1000;
    uint32_t left_s = token->lifetime_s > passed_s ? token->lifetime_s - passed_s : 0;

    mmd_put_text(w, "{");
    put_number(w, "v", 1);
    put_text_member(w, "bound", fingerprint);
    put_text_member(w, "boot", now.boot_id);
    put_number(w, "expires_uptime_s", (long)(now.uptime_s + left_s));
    put_text_member(w, "token", token->bytes);
    mmd_put_text(w, "}\n");
}

static bool write_token(int dir, const char *name, const char *text, size_t len)
{
    int fd = openat(dir, TEMPORARY, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool written = fd >= 0 && write_all(fd, text, len);

    if (fd >= 0)
        close(fd);
    return written && renameat(dir, TEMPORARY, dir, name) == 0;
}

void save_token(struct job *job, const char *tenant, const char *fingerprint)
{
    int dir = open_runtime_folder(job);
    char name[NAME_CAP], *text = dir >= 0 ? malloc(FILE_MAX) : NULL;
    struct mmd_writer w = {text, FILE_MAX, 0};

    token_name(name, tenant);
    if (text != NULL && job->token.len > 0 && fingerprint[0] != '\0' &&
        !job->options.no_token_cache)
        put_token(&w, job, fingerprint);
    if (dir >= 0)
        overwrite_and_remove(dir, name);
    if (w.len > 0 && w.len <= w.cap && !write_token(dir, name, text, w.len))
        overwrite_and_remove(dir, TEMPORARY);
    if (text != NULL)
        mmd_wipe(text, FILE_MAX);
    free(text);
    if (dir >= 0)
        close(dir);
}
