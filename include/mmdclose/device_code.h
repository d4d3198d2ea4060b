/* SPDX-License-Identifier: MIT */
/* Access tokens for a person who signs in with another device (RFC 8628): writes the requests and
 * judges the results, as token.h does for a secret or a certificate. Pure: no I/O, no allocation,
 * no state.
 *
 * A device asks for a code (mmd_device_code_write, mmd_device_code_judge), shows it, and then asks
 * for the token at intervals (mmd_device_poll_write, mmd_token_judge, mmd_device_next_of) until
 * there is one, or the code expires. */
#ifndef MMDCLOSE_DEVICE_CODE_H
#define MMDCLOSE_DEVICE_CODE_H

#include <stddef.h>
#include <stdint.h>

#include "mmdclose/result.h"
#include "mmdclose/token.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The delegated permission: what the person who signs in may do. */
#define MMD_DEVICE_SCOPE                                                                           \
    "https://mwaas-services-customerapi-prod.azurewebsites.net/MWaaSDevice.Read"

#define MMD_DEVICE_CODE_MAX  2048 /* characters */
#define MMD_DEVICE_USER_MAX  64
#define MMD_DEVICE_URI_MAX   512
#define MMD_DEVICE_URI_BEGIN "https://"

/* Seconds. */
#define MMD_DEVICE_LIFETIME_DEFAULT 900  /* if it is absent or silly */
#define MMD_DEVICE_LIFETIME_MAX     3600 /* a longer one becomes this */
#define MMD_DEVICE_INTERVAL_DEFAULT 5    /* RFC 8628, 3.2; if it is absent or silly */
#define MMD_DEVICE_SLOW_DOWN        5    /* RFC 8628, 3.5 */

/* As mmd_credential_check, but secret and certificate do not count: an application that a person
 * signs in to has neither. The functions below check the same. */
int mmd_device_check(const struct mmd_credential *credential, struct mmd_token_info *info);

/* Writes the request for a code (RFC 8628, 3.1), as mmd_token_write does for a token. Its path is
 * that of the token endpoint, with "devicecode" in place of the last segment. */
int mmd_device_code_write(char *buf, size_t cap, const struct mmd_credential *credential,
                          const char *client_request_id, struct mmd_token_info *info);

/* What the token server gives out. The strings lie in the body, NUL-terminated; "" if there is no
 * code. */
struct mmd_device_code {
    char *device_code;      /* secret: 1 to MMD_DEVICE_CODE_MAX characters of ASCII that are
                               visible; keep it, then wipe the body */
    char *user_code;        /* to be shown: 1 to MMD_DEVICE_USER_MAX, and spaces */
    char *verification_uri; /* the same: 9 to MMD_DEVICE_URI_MAX that are visible; begins with
                               MMD_DEVICE_URI_BEGIN */
    uint32_t lifetime_s;    /* from when the response came; 1 to MMD_DEVICE_LIFETIME_MAX */
    uint32_t interval_s;    /* to wait before each poll, the first, too; 1 to lifetime_s, or
                               MMD_DEVICE_INTERVAL_DEFAULT */
};

/* Judges the result, as mmd_token_judge does: of a success the verdict's error is
 * MMD_OK, its token is "", and *out has a code. A success without a code that can be used is
 * MMD_ERR_GATEWAY. */
void mmd_device_code_judge(struct mmd_device_code *out, struct mmd_token_verdict *verdict,
                           const struct mmd_result *result);

/* Writes the request for the token (RFC 8628, 3.4). Its result is for mmd_token_judge, with
 * MMD_CLOCK_NOT_SET: where nothing is signed, our clock is not why a code is refused. */
int mmd_device_poll_write(char *buf, size_t cap, const struct mmd_credential *credential,
                          const char *device_code, const char *client_request_id,
                          struct mmd_token_info *info);

/* What to do after a poll. */
enum mmd_device_next {
    MMD_DEVICE_SIGNED_IN, /* there is a token */
    MMD_DEVICE_POLL,      /* poll again after the interval */
    MMD_DEVICE_SLOWER,    /* the same, with an interval that is MMD_DEVICE_SLOW_DOWN longer from now
                             on: the token server says so, or the time of the poll was over */
    MMD_DEVICE_DECLINED,  /* the person, or a rule, said no; with these three the code is spent */
    MMD_DEVICE_EXPIRED,
    MMD_DEVICE_UNKNOWN, /* the token server does not know the code (any more) */
    MMD_DEVICE_FAILED   /* as the verdict says, for good */
};

/* Reads it from the verdict of mmd_token_judge. Of a passing failure it is MMD_DEVICE_POLL or
 * MMD_DEVICE_SLOWER. */
enum mmd_device_next mmd_device_next_of(const struct mmd_token_verdict *verdict);

#ifdef __cplusplus
}
#endif
#endif
