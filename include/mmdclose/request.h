/* Writing the request that closes an elevation request: one HTTP/1.1 message, whole. Pure: no I/O,
 * no allocation, no state. */
#ifndef MMDCLOSE_REQUEST_H
#define MMDCLOSE_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "mmdclose/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MMD_VERSION      "0.1.0"
#define MMD_SERVICE_HOST "mmdls.microsoft.com"
#define MMD_SERVICE_PORT 443

/* What is closed. Every string is NUL-terminated and borrowed for the call only. */
struct mmd_close {
    const char *host;      /* 1-253 of letters, digits, "-._"; a name, no address: its last label is
                              neither empty nor a number (RFC 6066, 3) */
    uint16_t port;         /* TCP port; written into Host when it is not 443 (RFC 9110, 7.2) */
    const char *tenant_id; /* 1-128 unreserved characters (RFC 3986, 2.3), */
    const char *elevation_request_id; /* but neither "." nor ".." */
    const char *token;                /* b64token (RFC 6750, 2.1), at least one character */
    const char *client_request_id; /* as tenant_id; a GUID, the same over all tries of a closing */
    const char *actions_taken;     /* UTF-8, any characters, NUL included */
    size_t actions_taken_len;      /* bytes, at most INT_MAX / 8 */
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

/* What a write found out besides its result. */
struct mmd_request_info {
    size_t needed;        /* bytes the message takes; set on success and MMD_ERR_CAPACITY */
    enum mmd_field field; /* on MMD_ERR_INPUT: the first field that cannot be used, ... */
    size_t offset;        /* ... and the byte in it at fault (its length: it ends too soon; where
                             the last label is a number: its first digit) */
};

/* Writes the message into buf (cap bytes, may be NULL when cap is 0) and fills *info. Returns the
 * message's length, MMD_ERR_INPUT, or MMD_ERR_CAPACITY; after an error buf holds nothing of use.
 * The text is not NUL-terminated, and buf then holds the token: the engine wipes it after use.
 * Nothing in a field can add a header, a path segment or a JSON member. */
int mmd_request_write(char *buf, size_t cap, const struct mmd_close *close,
                      struct mmd_request_info *info);

#define MMD_GUID_LEN 36

/* Writes a version 4 GUID (RFC 9562, 5.4) of 16 random bytes, NUL-terminated: client_request_id. */
void mmd_guid(char out[MMD_GUID_LEN + 1], const uint8_t random[16]);

#ifdef __cplusplus
}
#endif
#endif
