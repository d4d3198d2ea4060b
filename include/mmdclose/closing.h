/* SPDX-License-Identifier: MIT */
/* The closing of an elevation request: writes its request, and judges the result. Pure: no I/O, no
 * allocation, no state. */
#ifndef MMDCLOSE_CLOSING_H
#define MMDCLOSE_CLOSING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mmdclose/error.h"
#include "mmdclose/result.h"
#include "mmdclose/rule.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MMD_SERVICE_HOST "mmdls.microsoft.com"
#define MMD_SERVICE_PORT 443

/* What is closed. Every string is NUL-terminated and borrowed for the call only; NULL is refused as
 * an empty one. An empty actions_taken is taken, and cannot be undone: check it before. */
struct mmd_closing {
    const char *host; /* 1-253 of letters, digits, "-._"; a name, not an address: its last label
                         is neither empty nor a number (RFC 6066, 3) */
    uint16_t port;    /* TCP port; written into Host when it is not 443 (RFC 9110, 7.2) */
    const char *tenant_id;            /* 1-128 unreserved characters (RFC 3986, 2.3), */
    const char *elevation_request_id; /* but neither "." nor ".." */
    const char *token;                /* b64token (RFC 6750, 2.1), at least one character */
    const char *client_request_id; /* as tenant_id; a GUID, the same over all tries of a closing */
    const char *actions_taken;     /* UTF-8, any characters, NUL included */
    size_t actions_taken_len;      /* bytes, at most INT_MAX / 8 */
    bool keep_alive;               /* another message may follow on the connection: see client.h */
};

enum mmd_field {
    MMD_FIELD_NONE,
    MMD_FIELD_HOST,
    MMD_FIELD_TENANT_ID,
    MMD_FIELD_ELEVATION_REQUEST_ID,
    MMD_FIELD_TOKEN,
    MMD_FIELD_CLIENT_REQUEST_ID,
    MMD_FIELD_ACTIONS_TAKEN
};

/* What mmd_closing_write reports besides its result. */
struct mmd_closing_info {
    size_t needed;          /* bytes the message takes; 0 on MMD_ERR_INPUT */
    size_t token_at;        /* on success: offset of the token in the message, */
    size_t token_len;       /* and its bytes: for whoever covers it in what is shown */
    enum mmd_field field;   /* on MMD_ERR_INPUT: the first field that cannot be used, */
    struct mmd_fault fault; /* and why; else MMD_FIELD_NONE and MMD_RULE_NONE */
};

/* Writes the message, one HTTP/1.1 request (RFC 9112), into buf (cap bytes, may be NULL when cap is
 * 0) and fills *info. Returns the message's length, MMD_ERR_INPUT, or MMD_ERR_CAPACITY; after an
 * error buf holds nothing of use. The text is not NUL-terminated, and buf then holds the token: the
 * engine wipes it after use. Nothing in a field can add a header, a path segment or a JSON
 * member. */
int mmd_closing_write(char *buf, size_t cap, const struct mmd_closing *closing,
                      struct mmd_closing_info *info);

/* The values are the exit status of the mmdclose command and of the firmware; they do not change.
 */
enum mmd_outcome {
    MMD_OUTCOME_CLOSED = 0,
    MMD_OUTCOME_INTERNAL = 1,       /* no memory, no random bytes */
    MMD_OUTCOME_USAGE = 2,          /* an argument or a file cannot be used; nothing was sent */
    MMD_OUTCOME_ALREADY_CLOSED = 3, /* after a try that was maybe sent, that one did it */
    MMD_OUTCOME_NO_SUCH_REQUEST = 4,
    MMD_OUTCOME_REFUSED = 5,        /* for good: the same request will be refused again */
    MMD_OUTCOME_NOT_AUTHORISED = 6, /* the token: 401, 403 */
    MMD_OUTCOME_TRY_LATER = 7,      /* network, deadline, 408, 429, from 500 up but 501, 505 */
    MMD_OUTCOME_NOT_VERIFIED = 8,   /* the server; nothing was sent */
    MMD_OUTCOME_CLOCK_NOT_SET = 9,  /* or stale; nothing was sent */
    MMD_OUTCOME_NO_TOKEN = 10       /* there is none now, but there may be later */
};

/* Whose fault it is that the request was not closed now, or who says so. */
enum mmd_cause {
    MMD_CAUSE_NONE,
    MMD_CAUSE_DEVICE,       /* memory, random bytes, the system's limits, its trust anchors */
    MMD_CAUSE_CLOCK,        /* its clock */
    MMD_CAUSE_NETWORK,      /* no connection, or it broke or stalled */
    MMD_CAUSE_NAME_SERVICE, /* the host's name could not be looked up */
    MMD_CAUSE_BETWEEN,      /* a front door, a proxy or a login page, as it seems */
    MMD_CAUSE_SERVICE,      /* the service itself */
    MMD_CAUSE_TOKEN,        /* the token */
    MMD_CAUSE_ARGUMENTS     /* what the caller gave */
};

/* As one word for scripts and logs: "none", "device", ... */
const char *mmd_cause_name(enum mmd_cause cause);

/* What the result of an exchange means for the closing. */
struct mmd_verdict {
    enum mmd_outcome outcome;
    enum mmd_cause cause;
    int error;     /* as in the result; of a complete response: MMD_OK, MMD_ERR_STATUS, or, if it is
                      not the service's own word, MMD_ERR_CODED, _REDIRECT or _GATEWAY */
    char *code;    /* of the error object, in the body; "" if none */
    char *message; /* of the error object, else of a Bearer challenge; "" if none. As in the result,
                      these may be written to and may hold control characters */
    bool message_cut; /* the body ended within the message */
};

/* Judges a result, which may also be one that never began an exchange: an error with no response.
 * The rule by which a response is the service's own word, or that of something in between, is in
 * src/service/outcome.c. Resolves the error object's strings in place, so that the body is not JSON
 * afterwards. Needs about 0.5 KB of stack. */
void mmd_closing_judge(struct mmd_verdict *out, const struct mmd_result *result);

#ifdef __cplusplus
}
#endif
#endif
