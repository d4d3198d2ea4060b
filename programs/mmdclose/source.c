/* SPDX-License-Identifier: MIT */
/* Where the token comes from: a file, a program, or the token server. */
#include <stdlib.h>
#include <string.h>

#include "job.h"
#include "wipe.h"

#define SERVER_TOKEN_MAX 16384 /* bytes of a token that is not in a file */
#define SECRET_FILE_MAX  1030  /* bytes: of the longest secret, a byte order mark and a line end */
#define KEY_MAX          16384
#define CERTIFICATE_MAX  65536

/* ---- the cache ---- */

static bool get_token_memory(struct job *job, size_t cap)
{
    job->token_memory = (struct data){calloc(1, cap), cap};
    job->token = (struct mmd_token){.bytes = job->token_memory.bytes, .cap = cap};
    return job->token.bytes != NULL || refuse_no_memory(&job->report);
}

/* ---- a file ---- */

/* A token that is there is read at once, so that a wrong one is refused before anything else. */
static bool read_token_file(struct job *job)
{
    struct data token = {NULL, 0};
    struct report *report = &job->report;
    bool got = read_token(job->options.token_file, &job->deadline, &token, report);
    bool later = !got && report->outcome == MMD_OUTCOME_NO_TOKEN && job->options.retries > 0;

    if (got)
        got = get_token_memory(job, token.len + 1) &&
              mmd_token_keep(&job->token, token.bytes, token.len, MMD_TOKEN_LIFETIME_UNKNOWN, 0) ==
                  MMD_OK;
    else if (later)
        got = get_token_memory(job, TOKEN_MAX + 1);
    wipe_and_free(&token);
    return got;
}

/* ---- what is asked at each try ---- */

static bool ask(struct job *job, struct data *token, uint32_t *lifetime_s)
{
    const struct options *o = &job->options;

    return IS_WHOLE && o->token_command != NULL
               ? run_token_command(&job->program, &job->owner_deadline, o->json, token, lifetime_s,
                                   &job->report)
               : read_token(o->token_file, &job->owner_deadline, token, &job->report);
}

/* What a program printed that is none: it may print a token the next time. */
static void make_passing(struct report *report)
{
    char said[SENTENCE_MAX];

    memcpy(said, report->sentence, sizeof said);
    refuse(report, MMD_ERR_TOKEN, "there is no token now, by the program of --token-command: %s",
           said);
}

/* As mmd_close_config's fetch. */
static int fetch(void *context, char *out, size_t cap, uint32_t *lifetime_s)
{
    struct job *job = context;
    struct data token = {NULL, 0};
    bool got = ask(job, &token, lifetime_s) && check_message(job, token.bytes);

    if (!got && job->options.token_command != NULL && job->report.verdict.error == MMD_ERR_INPUT)
        make_passing(&job->report);
    int result = got ? MMD_ERR_TOKEN_SIZE : job->report.verdict.error;

    job->reported = !got;
    if (got && token.len < cap) {
        memcpy(out, token.bytes, token.len + 1);
        result = (int)token.len;
    }
    wipe_and_free(&token);
    return result;
}

static bool read_token_command(struct job *job)
{
    return read_program(&job->program, "--token-command", job->options.token_command,
                        &job->report) &&
           get_token_memory(job, SERVER_TOKEN_MAX);
}

/* ---- the token server ---- */

static bool read_client_secret(struct job *job)
{
    char file[SHOWN_FILE_CAP];
    const struct input in = {.what = "the client's secret",
                             .path = job->options.client_secret_file,
                             .option = "--client-secret-file",
                             .max = SECRET_FILE_MAX,
                             .absent = MMD_ERR_INPUT,
                             .deadline = &job->deadline};

    if (!read_secret(&in, &job->secret, &job->report))
        return false;
    if (job->secret.len == 0 || strlen(job->secret.bytes) != job->secret.len)
        return refuse(&job->report, MMD_ERR_INPUT,
                      "%s is empty or has a NUL; put the secret into it, as the app registration "
                      "showed it.",
                      show_file(file, in.path, in.option));
    job->credential.client_secret = job->secret.bytes;
    return true;
}

/* PEM or DER; of several the first one, which is the key's. */
static bool read_certificate(struct job *job)
{
    char shown[SHOWN_FILE_CAP];
    const struct input in = {.what = "the certificate",
                             .path = job->options.certificate,
                             .option = "--certificate",
                             .max = CERTIFICATE_MAX,
                             .absent = MMD_ERR_INPUT,
                             .deadline = &job->deadline};
    struct mmd_trust found;
    size_t at = 0, skipped;

    if (!read_input(&in, &job->certificate, &job->report))
        return false;
    struct data *file = &job->certificate;
    if (mmd_trust_from_pem(file->bytes, file->len, &found, &skipped) == 0)
        found = (struct mmd_trust){(const uint8_t *)file->bytes, file->len};
    struct mmd_credential *c = &job->credential;
    c->certificate = mmd_trust_next(&found, &at, &c->certificate_len);
    return c->certificate != NULL ||
           refuse(&job->report, MMD_ERR_INPUT,
                  "there is no certificate in %s; give one in PEM or DER.",
                  show_file(shown, in.path, in.option));
}

static bool read_key_file(struct job *job)
{
    char file[SHOWN_FILE_CAP];
    const struct input in = {.what = "the key",
                             .path = job->options.key_file,
                             .option = "--key-file",
                             .max = KEY_MAX,
                             .absent = MMD_ERR_INPUT,
                             .deadline = &job->deadline};

    if (!read_secret(&in, &job->secret, &job->report))
        return false;
    job->key.port = &job->direct;
    job->key.len = mmd_key_from_pem(job->secret.bytes, job->secret.len, &job->key.der);
    job->credential.sign = mmd_sign_in_memory;
    job->credential.sign_context = &job->key;
    return job->key.len > 0 ||
           refuse(&job->report, MMD_ERR_INPUT,
                  "there is no RSA key in PEM in %s, or it is encrypted; give one that is not.",
                  show_file(file, in.path, in.option));
}

/* An mmd_sign, by --sign-command. What the program said is in the report if it gave none. */
static int sign(void *context, const uint8_t sha256[MMD_SHA256_LEN], uint8_t *out, size_t cap)
{
    struct job *job = context;
    int result = sign_by_command(&job->sign_command, sha256, out, cap);

    job->reported = result < 0;
    return result;
}

static bool read_sign_command(struct job *job)
{
    job->sign_command = (struct sign_command){.words = &job->program,
                                              .deadline = &job->owner_deadline,
                                              .report = &job->report,
                                              .quiet = job->options.json};
    job->credential.sign = sign;
    job->credential.sign_context = job;
    return read_program(&job->program, "--sign-command", job->options.sign_command, &job->report);
}

static const char *const fields[] = {
    [MMD_TOKEN_FIELD_HOST] = "--authority",
    [MMD_TOKEN_FIELD_PATH] = "the path",
    [MMD_TOKEN_FIELD_TENANT_ID] = "--tenant",
    [MMD_TOKEN_FIELD_CLIENT_ID] = "--client-id",
    [MMD_TOKEN_FIELD_SCOPE] = "--scope",
    [MMD_TOKEN_FIELD_CLIENT_SECRET] = "the secret in --client-secret-file",
    [MMD_TOKEN_FIELD_CERTIFICATE] = "--certificate",
    [MMD_TOKEN_FIELD_CLIENT_REQUEST_ID] = "--client-request-id",
};

static const char *what_it_takes(enum mmd_token_field field)
{
    switch (field) {
    case MMD_TOKEN_FIELD_HOST:
        return "a name, not an address: 1 to 253 letters, digits or one of -._";
    case MMD_TOKEN_FIELD_SCOPE: return "1 to 512 printable ASCII characters";
    case MMD_TOKEN_FIELD_CLIENT_SECRET: return "1 to 1024 bytes";
    default: return "1 to 128 letters, digits or one of -._~";
    }
}

void refuse_credential(struct job *job)
{
    const struct options *o = &job->options;
    const struct mmd_token_info *info = &job->close.token_info;
    bool is_certificate = info->field == MMD_TOKEN_FIELD_CERTIFICATE;
    const char *path = is_certificate ? o->certificate : o->key_file;
    char file[SHOWN_FILE_CAP] = "the program of --sign-command";

    if (path != NULL)
        show_file(file, path, is_certificate ? "--certificate" : "--key-file");
    if (info->field != MMD_TOKEN_FIELD_NONE && !is_certificate)
        refuse_field(&job->report, fields[info->field], what_it_takes(info->field), &info->fault);
    else
        refuse(&job->report, MMD_ERR_INPUT,
               "the %s of %s cannot be used; give one that is RSA, of 2048 to 4096 bits.",
               is_certificate ? "certificate" : "key", file);
}

/* What the application proves itself with. */
static bool read_proof(struct job *job)
{
    const struct options *o = &job->options;

    if (o->client_secret_file != NULL)
        return read_client_secret(job);
    return read_certificate(job) &&
           (o->key_file != NULL ? read_key_file(job) : read_sign_command(job));
}

static bool read_credential(struct job *job)
{
    const struct options *o = &job->options;
    struct mmd_credential *c = &job->credential;
    struct mmd_token_info *info = &job->close.token_info;

    *c = (struct mmd_credential){.host = o->authority.host,
                                 .port = o->authority.port,
                                 .tenant_id = o->tenant,
                                 .client_id = o->client_id,
                                 .scope = o->scope};
    if (!o->login && !read_proof(job))
        return false;
    if ((o->login ? mmd_device_check(c, info) : mmd_credential_check(c, info)) != MMD_OK) {
        refuse_credential(job);
        return false;
    }
    job->config.credential = o->login ? NULL : c; /* a login is not repeated by itself */
    return get_token_memory(job, SERVER_TOKEN_MAX);
}

bool read_source(struct job *job)
{
    const struct options *o = &job->options;

    if (IS_WHOLE && o->client_id != NULL)
        return read_credential(job);
    job->config.fetch = fetch;
    job->config.fetch_context = job;
    job->config.fetch_once = o->token_file != NULL;
    return !IS_WHOLE || o->token_file != NULL ? read_token_file(job) : read_token_command(job);
}
