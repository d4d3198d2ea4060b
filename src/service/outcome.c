/* SPDX-License-Identifier: MIT */
/* What the result of an exchange means for the closing. */
#include <string.h>

#include "mmdclose/closing.h"
#include "service/cause.h"
#include "service/error_object.h"
#include "service/outcome.h"
#include "text/json.h"

static bool contains_ignoring_case(const char *text, const char *lower)
{
    for (size_t n = strlen(lower); *text != '\0'; text++) {
        size_t i = 0;
        while (i < n && text[i] != '\0' && (text[i] == lower[i] || (text[i] | 0x20) == lower[i]))
            i++;
        if (i == n)
            return true;
    }
    return false;
}

/* ---- whose word is a response? ----
 *
 * Only the service can settle a closing: with a 2xx that has no body, or JSON; or with a status
 * from 400 up that has its error object. All else comes from somebody in between, or may: the
 * closing is not given up for that.
 *
 *   status                         the service's word          otherwise
 *   2xx                            no body, blank, JSON        in between
 *   3xx                            -                           in between: a redirect
 *   401                            always: the token's matter  -
 *   403                            error object, or a Bearer   in between
 *                                  challenge (RFC 6750, 3)
 *   407                            -                           in between (RFC 9110, 15.5.8)
 *   408, 429, from 500 up          error object                in between, or the service: try
 *                                                              again in either case
 *   other 4xx, 501, 505            error object                in between
 *
 * A body in a coding that was not asked for holds no error object that can be read. */

static bool is_passing(unsigned status)
{
    return status == 408 || status == 429 || (status >= 500 && status != 501 && status != 505);
}

static int error_of_success(const struct mmd_result *result)
{
    if (result->body_len == 0)
        return MMD_OK;
    if (result->coded)
        return MMD_ERR_CODED;
    return mmd_json_is_any(result->body, result->body_len, result->body_cut) ? MMD_OK
                                                                             : MMD_ERR_GATEWAY;
}

/* MMD_OK, MMD_ERR_STATUS, or the error of a response that is not the service's word. */
static int error_of_response(const struct mmd_result *result, bool documented)
{
    unsigned status = result->status;

    if (status < 300)
        return error_of_success(result);
    if (status < 400)
        return MMD_ERR_REDIRECT;
    if (status == 401 || is_passing(status))
        return MMD_ERR_STATUS;
    if (status == 407)
        return MMD_ERR_GATEWAY;
    if (documented || (status == 403 && result->bearer))
        return MMD_ERR_STATUS;
    return result->coded ? MMD_ERR_CODED : MMD_ERR_GATEWAY;
}

static enum mmd_outcome of_status(unsigned status, const char *message)
{
    switch (status) {
    case 400:
        return contains_ignoring_case(message, "already closed") ? MMD_OUTCOME_ALREADY_CLOSED
                                                                 : MMD_OUTCOME_REFUSED;
    case 401:
    case 403: return MMD_OUTCOME_NOT_AUTHORISED;
    case 404: return MMD_OUTCOME_NO_SUCH_REQUEST;
    default: return is_passing(status) ? MMD_OUTCOME_TRY_LATER : MMD_OUTCOME_REFUSED;
    }
}

static enum mmd_cause cause_of_status(unsigned status, bool documented)
{
    if (status == 401 || status == 403)
        return MMD_CAUSE_TOKEN;
    return documented ? MMD_CAUSE_SERVICE : MMD_CAUSE_BETWEEN;
}

/* ---- without a complete response ---- */

enum mmd_outcome mmd_outcome_of(int error, bool was_sent)
{
    switch (error) {
    case MMD_OK: return MMD_OUTCOME_CLOSED;
    case MMD_ERR_INPUT:
    case MMD_ERR_CAPACITY:
    case MMD_ERR_SIGN_KEY:
    case MMD_ERR_SIGN_SALT:
    case MMD_ERR_TRUST: return MMD_OUTCOME_USAGE;
    case MMD_ERR_MEMORY:
    case MMD_ERR_SYSTEM:
    case MMD_ERR_ENTROPY: return was_sent ? MMD_OUTCOME_TRY_LATER : MMD_OUTCOME_INTERNAL;
    case MMD_ERR_TOKEN_SIZE: return MMD_OUTCOME_INTERNAL;
    case MMD_ERR_CLOCK:
    case MMD_ERR_CLOCK_SKEW:
    case MMD_ERR_CERT_FUTURE: return MMD_OUTCOME_CLOCK_NOT_SET;
    case MMD_ERR_SIGN:
    case MMD_ERR_TOKEN: return MMD_OUTCOME_NO_TOKEN;
    case MMD_ERR_TOKEN_REFUSED: return MMD_OUTCOME_NOT_AUTHORISED;
    case MMD_ERR_CLIENT_CERT: return MMD_OUTCOME_NOT_VERIFIED;
    case MMD_ERR_TLS:
    case MMD_ERR_TLS_VERSION:
    case MMD_ERR_TLS_SIZE:
    case MMD_ERR_CERT_NAME:
    case MMD_ERR_CERT_DATE:
    case MMD_ERR_CERT_ISSUER:
    case MMD_ERR_CERT_ANCHOR:
    case MMD_ERR_CERT_SELF_SIGNED:
    case MMD_ERR_CERT_CHAIN:
    case MMD_ERR_CERT:
        /* once the request was on its way, the server had been verified: a record was damaged */
        return was_sent ? MMD_OUTCOME_TRY_LATER : MMD_OUTCOME_NOT_VERIFIED;
    default: return MMD_OUTCOME_TRY_LATER;
    }
}

/* ---- the verdict ---- */

/* Judges a complete response. A challenge's text is shown, but settles nothing. */
static void judge_response(struct mmd_verdict *out, const struct mmd_result *result)
{
    struct mmd_error_object object = {.code = out->code, .message = out->message};

    if (result->status >= 300 && !result->coded)
        mmd_error_object_read(&object, result->body, result->body_len, result->body_cut);
    out->code = object.code;
    out->message = object.message[0] != '\0' ? object.message : result->challenge;
    out->message_cut = object.message_cut;
    out->error = error_of_response(result, object.documented);
    if (out->error == MMD_ERR_STATUS) {
        out->outcome = of_status(result->status, object.message);
        out->cause = cause_of_status(result->status, object.documented);
    }
}

void mmd_closing_judge(struct mmd_verdict *out, const struct mmd_result *result)
{
    char *none = (char *)"";

    *out = (struct mmd_verdict){.error = result->error, .code = none, .message = none};
    if (result->error == MMD_OK)
        judge_response(out, result);
    if (out->error != MMD_ERR_STATUS) {
        out->outcome = mmd_outcome_of(out->error, result->delivery != MMD_NOT_SENT);
        out->cause = mmd_cause_of(out->error);
    }
}
