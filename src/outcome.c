/* From errors and statuses to outcomes. */
#include "mmdclose/outcome.h"

#include <string.h>

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

static enum mmd_outcome of_status(const struct mmd_result *result)
{
    switch (result->status) {
    case 400:
        return contains_ignoring_case(result->message, "already closed")
                   ? MMD_OUTCOME_ALREADY_CLOSED
                   : MMD_OUTCOME_REFUSED;
    case 401:
    case 403: return MMD_OUTCOME_NOT_AUTHORISED;
    case 404: return MMD_OUTCOME_NO_SUCH_REQUEST;
    case 408:
    case 429: return MMD_OUTCOME_TRY_LATER;
    case 501:
    case 505: return MMD_OUTCOME_REFUSED;
    default: /* what nobody knows counts as the first of its class (RFC 9110, 15) */
        return result->status < 500 ? MMD_OUTCOME_REFUSED : MMD_OUTCOME_TRY_LATER;
    }
}

enum mmd_outcome mmd_outcome(const struct mmd_result *result)
{
    switch (result->error) {
    case MMD_OK: return MMD_OUTCOME_CLOSED;
    case MMD_ERR_STATUS: return of_status(result);
    case MMD_ERR_INPUT:
    case MMD_ERR_CAPACITY:
    case MMD_ERR_TRUST: return MMD_OUTCOME_USAGE;
    case MMD_ERR_MEMORY:
    case MMD_ERR_ENTROPY:
        return result->delivery == MMD_NOT_SENT ? MMD_OUTCOME_INTERNAL : MMD_OUTCOME_TRY_LATER;
    case MMD_ERR_CLOCK: return MMD_OUTCOME_CLOCK_NOT_SET;
    case MMD_ERR_TLS:
    case MMD_ERR_TLS_VERSION:
    case MMD_ERR_CERT_NAME:
    case MMD_ERR_CERT_DATE:
    case MMD_ERR_CERT_ISSUER:
    case MMD_ERR_CERT_SELF_SIGNED:
    case MMD_ERR_CERT_CHAIN:
    case MMD_ERR_CERT:
        /* once the request was on its way, the server had been verified: a record was damaged */
        return result->delivery == MMD_NOT_SENT ? MMD_OUTCOME_NOT_VERIFIED : MMD_OUTCOME_TRY_LATER;
    default: return MMD_OUTCOME_TRY_LATER;
    }
}
