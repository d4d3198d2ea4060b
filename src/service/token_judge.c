/* SPDX-License-Identifier: MIT */
/* What the result of an exchange with the token server means. */
#include "service/token_judge.h"

#include <string.h>

#include "service/cause.h"
#include "service/error_object.h"
#include "service/fields.h"
#include "service/outcome.h"
#include "text/charclass.h"

/* ---- lifetimes ---- */

#define LIFETIME_SILLY 0x80000000u /* above this */

static uint32_t usable_lifetime(uint64_t seconds)
{
    if (seconds == 0 || seconds > LIFETIME_SILLY)
        return MMD_TOKEN_LIFETIME_DEFAULT;
    return seconds < MMD_TOKEN_LIFETIME_MAX ? (uint32_t)seconds : MMD_TOKEN_LIFETIME_MAX;
}

uint64_t mmd_token_seconds(const struct mmd_json *json, const jsmntok_t *value)
{
    uint64_t seconds = 0;

    if (mmd_json_is_cut(json, value))
        return 0;
    const char *text = mmd_json_text(json, value);
    size_t len = strlen(text);
    if (len > 18 || mmd_span(text, len, MMD_CHAR_DIGIT) < len)
        return 0;
    for (; *text != '\0'; text++)
        seconds = seconds * 10 + (uint64_t)(*text - '0');
    return seconds;
}

/* ---- the token ---- */

static bool equals_ignoring_case(const char *text, const char *lower)
{
    while (*lower != '\0' && (*text | 0x20) == *lower) {
        text++;
        lower++;
    }
    return *lower == '\0' && *text == '\0';
}

/* Whether a token of this type can be used: a Bearer token (RFC 6750), as it is if the type is not
 * given (the body may end before it, or within). */
static bool is_bearer(const struct mmd_json *json, const jsmntok_t *type)
{
    if (type == NULL || mmd_json_is_cut(json, type))
        return true;
    return mmd_json_is_string(type) && equals_ignoring_case(mmd_json_text(json, type), "bearer");
}

/* A whole token that can be used; "" if it is none. */
static char *token_of(const struct mmd_json *json, const jsmntok_t *value, const jsmntok_t *type)
{
    struct mmd_fault fault;

    if (!mmd_json_is_string(value) || !is_bearer(json, type))
        return (char *)"";
    char *token = mmd_json_text(json, value);
    return mmd_check_b64token(token, SIZE_MAX, &fault) ? token : (char *)"";
}

/* The first of two members that there is, or NULL. */
static const jsmntok_t *either(const struct mmd_json *json, const char *name, const char *other)
{
    const jsmntok_t *value = mmd_json_member(json, json->tokens, name);

    return value != NULL ? value : mmd_json_member(json, json->tokens, other);
}

char *mmd_token_from_json(char *text, size_t len, int64_t now, uint32_t *lifetime_s)
{
    struct mmd_json json;

    *lifetime_s = MMD_TOKEN_LIFETIME_UNKNOWN;
    if (!mmd_json_parse(&json, text, len, false))
        return NULL;
    const jsmntok_t *in = mmd_json_member(&json, json.tokens, "expires_in");
    const jsmntok_t *on = mmd_json_member(&json, json.tokens, "expires_on");
    const jsmntok_t *type = either(&json, "token_type", "tokenType");
    char *token = token_of(&json, either(&json, "access_token", "accessToken"), type);
    if (in != NULL) {
        *lifetime_s = usable_lifetime(mmd_token_seconds(&json, in));
    } else if (on != NULL && now >= 0) {
        uint64_t end = mmd_token_seconds(&json, on), begin = (uint64_t)now;
        *lifetime_s = usable_lifetime(end > begin ? end - begin : 0);
    }
    return token[0] != '\0' ? token : NULL;
}

/* ---- whose word is a response? ----
 *
 * Only the token server can refuse a credential: with a status from 400 up and an object whose
 * "error" is a string (RFC 6749, 5.2). All else comes from somebody in between, or may.
 *
 *   status             body                                     meaning
 *   200                object with a b64token as access_token,  there is a token
 *                      and no token_type but Bearer
 *                      object that the buffer cuts before the   MMD_ERR_TOKEN_SIZE
 *                      token's end
 *   2xx otherwise                                               in between
 *   3xx                                                         in between: a redirect
 *   408, 429, 5xx      any                                      try again: it says so itself if
 *                                                               "error" is a string
 *   407                any                                      in between (RFC 9110, 15.5.8)
 *   other 4xx          error is one of passing_codes            it says: try again
 *                      error_codes has one of clock_codes, or   the clocks differ
 *                      the response's Date is not ours
 *                      any other error                          the credential is refused
 *                      no error that is a string                in between
 *
 * A body in a coding that was not asked for cannot be read. */

#define SKEW_MAX_S 300

/* RFC 6749, 4.1.2.1; RFC 8628, 3.5 */
static const char *const passing_codes[] = {"temporarily_unavailable", "server_error", "slow_down",
                                            "authorization_pending", NULL};

/* AADSTS700024: the assertion is not within its valid time; AADSTS50012: the same, formerly */
static const char *const clock_codes[] = {"700024", "50012", NULL};

static bool is_one_of(const char *text, const char *const list[])
{
    while (*list != NULL && strcmp(text, *list) != 0)
        list++;
    return *list != NULL;
}

static bool has_clock_code(const struct mmd_json *json)
{
    const jsmntok_t *codes = mmd_json_member(json, json->tokens, "error_codes"), *code;

    for (size_t i = 0; (code = mmd_json_element(json, codes, i)) != NULL; i++)
        if (is_one_of(mmd_json_text(json, code), clock_codes))
            return true;
    return false;
}

static bool is_date_off(int64_t date, int64_t now)
{
    if (date < 0 || now < 0)
        return false;
    return date > now ? date - now > SKEW_MAX_S : now - date > SKEW_MAX_S;
}

/* ---- the verdict ---- */

int mmd_token_open(struct mmd_json *json, const struct mmd_result *result)
{
    if (result->coded && result->body_len > 0)
        return MMD_ERR_CODED;
    if (result->status != 200 ||
        !mmd_json_parse(json, result->body, result->body_len, result->body_cut))
        return MMD_ERR_GATEWAY;
    return MMD_OK;
}

static int judge_success(struct mmd_token_verdict *out, const struct mmd_result *result)
{
    struct mmd_json json;
    int error = mmd_token_open(&json, result);

    if (error != MMD_OK)
        return error;
    const jsmntok_t *token = mmd_json_member(&json, json.tokens, "access_token");
    if (mmd_json_is_cut(&json, token) || (token == NULL && result->body_cut))
        return MMD_ERR_TOKEN_SIZE;
    const jsmntok_t *type = mmd_json_member(&json, json.tokens, "token_type");
    out->token = token_of(&json, token, type);
    const jsmntok_t *life = mmd_json_member(&json, json.tokens, "expires_in");
    out->lifetime_s = usable_lifetime(mmd_token_seconds(&json, life));
    return out->token[0] != '\0' ? MMD_OK : MMD_ERR_GATEWAY;
}

/* Reads the token server's own error. Returns false, with the body as it was, if it is none. Sets
 * *is_clock if it says that the clocks differ. */
static bool read_error(struct mmd_token_verdict *out, const struct mmd_result *result,
                       bool *is_clock)
{
    struct mmd_json json;

    if (result->coded || !mmd_json_parse(&json, result->body, result->body_len, result->body_cut))
        return false;
    const jsmntok_t *code = mmd_json_member(&json, json.tokens, "error");
    if (!mmd_json_is_string(code) || mmd_json_is_cut(&json, code))
        return false;
    const jsmntok_t *message = mmd_json_member(&json, json.tokens, "error_description");
    const jsmntok_t *id = mmd_json_member(&json, json.tokens, "correlation_id");
    *is_clock = has_clock_code(&json);
    out->code = mmd_json_text(&json, code);
    out->message = mmd_json_text(&json, message);
    out->message_cut = mmd_json_is_cut(&json, message);
    out->correlation_id = mmd_json_text(&json, id);
    return true;
}

/* Reads what anybody else says: only to be shown. */
static void read_others_error(struct mmd_token_verdict *out, const struct mmd_result *result)
{
    struct mmd_error_object object;

    if (result->coded)
        return;
    mmd_error_object_read(&object, result->body, result->body_len, result->body_cut);
    out->code = object.code;
    out->message = object.message;
    out->message_cut = object.message_cut;
}

static bool is_passing_status(unsigned status)
{
    return status == 408 || status == 429 || status >= 500;
}

static int judge_error(struct mmd_token_verdict *out, const struct mmd_result *result, int64_t now)
{
    bool is_clock = false, is_own = read_error(out, result, &is_clock);

    if (!is_own)
        read_others_error(out, result);
    out->cause = is_own ? MMD_CAUSE_SERVICE : MMD_CAUSE_BETWEEN;
    if (is_passing_status(result->status))
        return MMD_ERR_STATUS;
    if (!is_own || result->status == 407)
        return result->coded ? MMD_ERR_CODED : MMD_ERR_GATEWAY;
    if (is_one_of(out->code, passing_codes))
        return MMD_ERR_STATUS;
    return is_clock || is_date_off(result->date, now) ? MMD_ERR_CLOCK_SKEW : MMD_ERR_TOKEN_REFUSED;
}

static int judge_complete(struct mmd_token_verdict *out, const struct mmd_result *result,
                          int64_t now)
{
    if (result->status < 300)
        return judge_success(out, result);
    return result->status < 400 ? MMD_ERR_REDIRECT : judge_error(out, result, now);
}

void mmd_token_judge(struct mmd_token_verdict *out, const struct mmd_result *result, int64_t now)
{
    char *none = (char *)"";

    *out = (struct mmd_token_verdict){.error = result->error,
                                      .token = none,
                                      .lifetime_s = MMD_TOKEN_LIFETIME_DEFAULT,
                                      .code = none,
                                      .message = none,
                                      .correlation_id = none};
    if (result->error == MMD_OK)
        out->error = judge_complete(out, result, now);
    if (out->error == MMD_ERR_STATUS) { /* then the cause is set */
        out->outcome = MMD_OUTCOME_TRY_LATER;
        return;
    }
    out->outcome = mmd_outcome_of(out->error, result->delivery != MMD_NOT_SENT);
    out->cause = mmd_cause_of(out->error);
}
