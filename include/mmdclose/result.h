/* SPDX-License-Identifier: MIT */
/* What an exchange came to, as far as the engine knows: how far the message got, what broke, and
 * the response as it was received. What the response means is judged elsewhere: see closing.h. */
#ifndef MMDCLOSE_RESULT_H
#define MMDCLOSE_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mmdclose/detail.h"
#include "mmdclose/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How far the message got: what a caller needs to know before it sends the same again. */
enum mmd_delivery {
    MMD_NOT_SENT,   /* the server cannot have seen a byte of it */
    MMD_MAYBE_SENT, /* it may have been received, whole or in part, and acted upon */
    MMD_ANSWERED    /* a complete response was read */
};

/* Retry-After was not given, or cannot be read. */
#define MMD_RETRY_AFTER_ABSENT (-1)

/* The strings that a server chose (request_id, challenge, location, body) lie in the caller's
 * memory and may be written to, for instance to cover a secret that the server says back. They may
 * hold control characters: neutralise these before printing. An empty string is not to be written
 * to. */
struct mmd_result {
    int error;                     /* MMD_OK: a complete response, of any status; else mmd_error */
    enum mmd_delivery delivery;    /* MMD_OK comes with MMD_ANSWERED, unless there was no message */
    uint16_t status;               /* the HTTP status, as soon as it is known; else 0 */
    struct mmd_detail detail;      /* why, in the words of what failed; with an error only */
    char address[MMD_ADDRESS_CAP]; /* connected to, or tried last; "" if none */
    bool at_proxy; /* it ended on the way to the proxy, or with the proxy's own response */
    bool kept;     /* it began on a connection that was kept; no address is looked up again */
    bool repeated; /* that had ended, and the message was sent again on a new one */
    /* When all of the server's chain is valid, in seconds since 1970, as far as it was checked; and
     * the clock at that time. All 0 if no certificate was checked. */
    int64_t valid_from, valid_to, checked_at;
    char *request_id;            /* the server's, for its support; "" if none */
    const char *request_id_name; /* the field that it was in; static storage */
    char *challenge;       /* what a Bearer challenge says, as "error: description"; "" if none */
    char *location;        /* the host, perhaps with a port, that a redirect leads to; "" if none */
    bool bearer;           /* there was a Bearer challenge (RFC 6750, 3) */
    bool coded;            /* the body has a Content-Encoding, which was not asked for */
    int32_t retry_after_s; /* or MMD_RETRY_AFTER_ABSENT */
    int64_t retry_at;      /* Retry-After as a date, in seconds since 1970; -1 */
    int64_t date;          /* the Date field of an error, in seconds since 1970; -1 */
    char *body;            /* with MMD_OK: its first part, in the message's buffer */
    size_t body_len;
    bool body_cut;                       /* there was more than the buffer takes */
    const char *tls_version, *tls_suite; /* static storage; "" if the handshake did not end */
    bool resumed; /* a kept session was resumed: no certificate was checked again */
};

/* The result of an exchange that has not begun. */
#ifdef __cplusplus
inline struct mmd_result mmd_result_none(void)
{
    static char empty[1];
    struct mmd_result result = {};

    result.retry_after_s = MMD_RETRY_AFTER_ABSENT;
    result.retry_at = result.date = -1;
    result.request_id = result.challenge = result.location = empty;
    result.request_id_name = result.tls_version = result.tls_suite = "";
    return result;
}
#define MMD_RESULT_NONE mmd_result_none()
#else
#define MMD_RESULT_NONE                                                                            \
    {                                                                                              \
        .retry_after_s = MMD_RETRY_AFTER_ABSENT, .retry_at = -1, .date = -1,                       \
        .request_id = (char *)"", .request_id_name = "", .challenge = (char *)"",                  \
        .location = (char *)"", .tls_version = "", .tls_suite = ""                                 \
    }
#endif

#ifdef __cplusplus
}
#endif
#endif
