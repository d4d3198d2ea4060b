/* SPDX-License-Identifier: MIT */
/* The device-code flow: its requests, and what their results mean. */
#include "mmdclose/device_code.h"

#include <string.h>

#include "http/request_writer.h"
#include "mmdclose/port.h"
#include "mmdclose/retry.h"
#include "service/cause.h"
#include "service/credential.h"
#include "service/fields.h"
#include "service/outcome.h"
#include "service/token_judge.h"

#define GRANT_TYPE "urn:ietf:params:oauth:grant-type:device_code"

/* How many characters of visible ASCII a text begins with; with spaces, if those count. */
static size_t span_of_visible(const char *s, bool with_spaces)
{
    size_t len = 0;

    while ((s[len] > ' ' && s[len] <= '~') || (with_spaces && s[len] == ' '))
        len++;
    return len;
}

/* ---- the requests ---- */

int mmd_device_check(const struct mmd_credential *credential, struct mmd_token_info *info)
{
    *info = (struct mmd_token_info){0};
    info->field = mmd_credential_common(credential, &info->fault);
    return info->field == MMD_TOKEN_FIELD_NONE ? MMD_OK : MMD_ERR_INPUT;
}

/* Also the device code, if there is one. */
static bool is_usable(const struct mmd_credential *credential, const char *device_code,
                      const char *client_request_id, struct mmd_token_info *info)
{
    if (mmd_device_check(credential, info) != MMD_OK)
        return false;
    if (!mmd_check_id(client_request_id, &info->fault))
        info->field = MMD_TOKEN_FIELD_CLIENT_REQUEST_ID;
    else if (device_code != NULL &&
             !mmd_check_span(device_code, span_of_visible(device_code, false), MMD_DEVICE_CODE_MAX,
                             &info->fault))
        info->field = MMD_TOKEN_FIELD_DEVICE_CODE;
    return info->field == MMD_TOKEN_FIELD_NONE;
}

/* That of the token endpoint with another last segment; AD FS has both side by side, too. */
static void put_path(struct mmd_writer *w, const struct mmd_credential *c)
{
    if (c->path != NULL) {
        mmd_put(w, c->path, (size_t)(strrchr(c->path, '/') - c->path));
        mmd_put_text(w, "/devicecode");
    } else {
        mmd_put_text(w, "/");
        mmd_put_text(w, c->tenant_id);
        mmd_put_text(w, "/oauth2/v2.0/devicecode");
    }
}

static void put_form(struct mmd_writer *w, const struct mmd_credential *c, const char *device_code)
{
    mmd_put_form(w, true, "client_id", c->client_id);
    if (device_code == NULL) {
        mmd_put_form(w, false, "scope", c->scope);
    } else {
        mmd_put_form(w, false, "grant_type", GRANT_TYPE);
        mmd_put_form(w, false, "device_code", device_code);
    }
}

/* Writes the poll, or without a device code the request for one. */
static int write_request(char *buf, size_t cap, const struct mmd_credential *credential,
                         const char *device_code, const char *client_request_id,
                         struct mmd_token_info *info)
{
    struct mmd_writer w = {buf, cap, 0}, counted = {NULL, 0, 0};

    if (!is_usable(credential, device_code, client_request_id, info))
        return MMD_ERR_INPUT;
    put_form(&counted, credential, device_code);
    mmd_request_begin(&w, "POST");
    if (device_code == NULL)
        put_path(&w, credential);
    else
        mmd_credential_put_path(&w, credential);
    mmd_credential_put_fields(&w, credential, client_request_id);
    mmd_request_body(&w, counted.len);
    put_form(&w, credential, device_code);
    info->needed = w.len; /* some 8 KB at most, by the fields' bounds */
    return w.len <= cap ? (int)w.len : MMD_ERR_CAPACITY;
}

int mmd_device_code_write(char *buf, size_t cap, const struct mmd_credential *credential,
                          const char *client_request_id, struct mmd_token_info *info)
{
    return write_request(buf, cap, credential, NULL, client_request_id, info);
}

int mmd_device_poll_write(char *buf, size_t cap, const struct mmd_credential *credential,
                          const char *device_code, const char *client_request_id,
                          struct mmd_token_info *info)
{
    return write_request(buf, cap, credential, device_code != NULL ? device_code : "",
                         client_request_id, info);
}

/* ---- the code ---- */

/* A whole text of 1 to max characters that are visible; "" if it is none. */
static char *text_of(const struct mmd_json *json, const jsmntok_t *value, size_t max,
                     bool with_spaces)
{
    struct mmd_fault fault;

    if (!mmd_json_is_string(value) || mmd_json_is_cut(json, value))
        return (char *)"";
    char *text = mmd_json_text(json, value);
    return mmd_check_span(text, span_of_visible(text, with_spaces), max, &fault) ? text
                                                                                 : (char *)"";
}

/* https, and something after it. */
static bool is_address(const char *text)
{
    size_t len = sizeof MMD_DEVICE_URI_BEGIN - 1;

    return strncmp(text, MMD_DEVICE_URI_BEGIN, len) == 0 && text[len] != '\0';
}

static void read_times(struct mmd_device_code *out, const struct mmd_json *json)
{
    uint64_t life = mmd_token_seconds(json, mmd_json_member(json, json->tokens, "expires_in"));
    uint64_t interval = mmd_token_seconds(json, mmd_json_member(json, json->tokens, "interval"));

    if (life > MMD_DEVICE_LIFETIME_MAX)
        life = MMD_DEVICE_LIFETIME_MAX;
    if (life > 0)
        out->lifetime_s = (uint32_t)life;
    if (interval > out->lifetime_s)
        interval = out->lifetime_s; /* never to be polled: not more often than asked for */
    if (interval > 0)
        out->interval_s = (uint32_t)interval;
}

/* Returns MMD_OK with a code in *out, or the error. */
static int read_code(struct mmd_device_code *out, const struct mmd_result *result)
{
    struct mmd_json json;
    int error = mmd_token_open(&json, result);

    if (error != MMD_OK)
        return error;
    const jsmntok_t *uri = mmd_json_member(&json, json.tokens, "verification_uri");
    if (uri == NULL) /* as Microsoft and others once called it */
        uri = mmd_json_member(&json, json.tokens, "verification_url");
    struct mmd_device_code code = *out;
    code.device_code = text_of(&json, mmd_json_member(&json, json.tokens, "device_code"),
                               MMD_DEVICE_CODE_MAX, false);
    code.user_code =
        text_of(&json, mmd_json_member(&json, json.tokens, "user_code"), MMD_DEVICE_USER_MAX, true);
    code.verification_uri = text_of(&json, uri, MMD_DEVICE_URI_MAX, false);
    read_times(&code, &json);
    if (code.device_code[0] == '\0' || code.user_code[0] == '\0' ||
        !is_address(code.verification_uri))
        return MMD_ERR_GATEWAY;
    *out = code;
    return MMD_OK;
}

void mmd_device_code_judge(struct mmd_device_code *out, struct mmd_token_verdict *verdict,
                           const struct mmd_result *result)
{
    char *none = (char *)"";

    *out = (struct mmd_device_code){none, none, none, MMD_DEVICE_LIFETIME_DEFAULT,
                                    MMD_DEVICE_INTERVAL_DEFAULT};
    if (result->error != MMD_OK || result->status >= 300) {
        mmd_token_judge(verdict, result, MMD_CLOCK_NOT_SET);
        return;
    }
    int error = read_code(out, result);
    *verdict = (struct mmd_token_verdict){.outcome = mmd_outcome_of(error, true),
                                          .cause = mmd_cause_of(error),
                                          .error = error,
                                          .token = none,
                                          .lifetime_s = MMD_TOKEN_LIFETIME_DEFAULT,
                                          .code = none,
                                          .message = none,
                                          .correlation_id = none};
}

/* ---- after a poll ---- */

/* RFC 8628, 3.5, and what Microsoft's identity platform says in place of some of it. */
static const struct {
    const char *code;
    enum mmd_device_next next;
} spent[] = {
    {"access_denied", MMD_DEVICE_DECLINED},
    {"authorization_declined", MMD_DEVICE_DECLINED},
    {"expired_token", MMD_DEVICE_EXPIRED},
    {"bad_verification_code", MMD_DEVICE_UNKNOWN},
};

enum mmd_device_next mmd_device_next_of(const struct mmd_token_verdict *verdict)
{
    int error = verdict->error;
    bool is_own_refusal = error == MMD_ERR_TOKEN_REFUSED || error == MMD_ERR_CLOCK_SKEW;

    if (error == MMD_OK)
        return MMD_DEVICE_SIGNED_IN;
    for (size_t i = 0; is_own_refusal && i < sizeof spent / sizeof *spent; i++)
        if (strcmp(verdict->code, spent[i].code) == 0)
            return spent[i].next;
    if (is_own_refusal || !mmd_retry_is_passing(verdict->outcome))
        return MMD_DEVICE_FAILED;
    return error == MMD_ERR_TIMEOUT || strcmp(verdict->code, "slow_down") == 0 ? MMD_DEVICE_SLOWER
                                                                               : MMD_DEVICE_POLL;
}
