/* SPDX-License-Identifier: MIT */
/* What the result of an exchange means for the closing. */
#include <string.h>

#include "mmdclose/closing.h"
#include "service/error_object.h"
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

static enum mmd_outcome of_status(unsigned status, const char *message)
{
    switch (status) {
    case 400:
        return contains_ignoring_case(message, "already closed") ? MMD_OUTCOME_ALREADY_CLOSED
                                                                 : MMD_OUTCOME_REFUSED;
    case 401:
    case 403: return MMD_OUTCOME_NOT_AUTHORISED;
    case 404: return MMD_OUTCOME_NO_SUCH_REQUEST;
    case 408:
    case 429: return MMD_OUTCOME_TRY_LATER;
    case 501:
    case 505: return MMD_OUTCOME_REFUSED;
    default: /* an unknown status counts as the first of its class (RFC 9110, 15) */
        return status < 500 ? MMD_OUTCOME_REFUSED : MMD_OUTCOME_TRY_LATER;
    }
}

static enum mmd_outcome of_error(int error, bool was_sent)
{
    switch (error) {
    case MMD_OK: return MMD_OUTCOME_CLOSED;
    case MMD_ERR_INPUT:
    case MMD_ERR_CAPACITY:
    case MMD_ERR_TRUST: return MMD_OUTCOME_USAGE;
    case MMD_ERR_MEMORY:
    case MMD_ERR_SYSTEM:
    case MMD_ERR_ENTROPY: return was_sent ? MMD_OUTCOME_TRY_LATER : MMD_OUTCOME_INTERNAL;
    case MMD_ERR_CLOCK:
    case MMD_ERR_CERT_FUTURE: return MMD_OUTCOME_CLOCK_NOT_SET;
    case MMD_ERR_TOKEN: return MMD_OUTCOME_NO_TOKEN;
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

/* What a complete response says: MMD_OK, MMD_ERR_STATUS or MMD_ERR_GATEWAY. */
static int read_response(struct mmd_verdict *out, const struct mmd_result *result)
{
    struct mmd_error_object object;

    if (result->status >= 200 && result->status < 300)
        return result->body_len == 0 || mmd_looks_like_json(result->body, result->body_len)
                   ? MMD_OK
                   : MMD_ERR_GATEWAY;
    mmd_error_object_read(&object, result->body, result->body_len, result->body_cut);
    out->code = object.code;
    out->message = object.message;
    out->message_cut = object.message_cut;
    return MMD_ERR_STATUS;
}

void mmd_closing_judge(struct mmd_verdict *out, const struct mmd_result *result)
{
    char *none = (char *)"";

    *out = (struct mmd_verdict){.error = result->error, .code = none, .message = none};
    if (result->error == MMD_OK)
        out->error = read_response(out, result);
    out->outcome = out->error == MMD_ERR_STATUS
                       ? of_status(result->status, out->message)
                       : of_error(out->error, result->delivery != MMD_NOT_SENT);
}
