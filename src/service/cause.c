/* SPDX-License-Identifier: MIT */
/* Causes, and their names. */
#include "service/cause.h"

#include <string.h>

enum mmd_cause mmd_cause_of(int error)
{
    switch (error) {
    case MMD_OK: return MMD_CAUSE_NONE;
    case MMD_ERR_INPUT:
    case MMD_ERR_CAPACITY: return MMD_CAUSE_ARGUMENTS;
    case MMD_ERR_MEMORY:
    case MMD_ERR_ENTROPY:
    case MMD_ERR_SYSTEM:
    case MMD_ERR_TRUST:
    case MMD_ERR_CERT_ANCHOR:
    case MMD_ERR_TOKEN_SIZE:
    case MMD_ERR_SIGN: return MMD_CAUSE_DEVICE;
    case MMD_ERR_CLOCK:
    case MMD_ERR_CLOCK_SKEW:
    case MMD_ERR_CERT_FUTURE: return MMD_CAUSE_CLOCK;
    case MMD_ERR_TOKEN:
    case MMD_ERR_TOKEN_REFUSED:
    case MMD_ERR_SIGN_KEY:
    case MMD_ERR_SIGN_SALT: return MMD_CAUSE_TOKEN;
    case MMD_ERR_NAME:
    case MMD_ERR_LOOKUP: return MMD_CAUSE_NAME_SERVICE;
    case MMD_ERR_CONNECT:
    case MMD_ERR_NETWORK:
    case MMD_ERR_TIMEOUT:
    case MMD_ERR_EMPTY:
    case MMD_ERR_TRUNCATED: return MMD_CAUSE_NETWORK;
    default: return MMD_CAUSE_BETWEEN; /* another server, or not the service's own response */
    }
}

/* One string, not pointers: those would have to be relocated in RAM. */
const char *mmd_cause_name(enum mmd_cause cause)
{
    static const char names[] = "none\0device\0clock\0network\0name_service\0between\0service\0"
                                "token\0arguments";
    const char *name = names;

    for (unsigned n = (unsigned)cause <= MMD_CAUSE_ARGUMENTS ? (unsigned)cause : 0; n > 0; n--)
        name += strlen(name) + 1;
    return name;
}
