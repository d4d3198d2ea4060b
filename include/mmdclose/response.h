/* SPDX-License-Identifier: MIT */
/* Reading an HTTP/1.x response as it arrives: in pieces of any size, in constant memory, strict
 * where framing is at stake. Pure: no I/O, no allocation. The result is the same however the bytes
 * are cut. (RFC 9112; RFC 9110 for the meaning of fields.) */
#ifndef MMDCLOSE_RESPONSE_H
#define MMDCLOSE_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mmdclose/error.h"
#include "mmdclose/result.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of status lines and fields, those of interim responses included. Also of the trailers. */
#define MMD_RESPONSE_HEAD_MAX 65536
/* Bytes of one chunk-size line with its extensions. */
#define MMD_CHUNK_LINE_MAX    1024
/* Characters of a request id; a longer one is dropped. Those of Azure's front door take 70. */
#define MMD_REQUEST_ID_MAX    95
/* Characters of a challenge's error and description, and of a Location's authority; they are cut.
 */
#define MMD_CHALLENGE_MAX     159
#define MMD_LOCATION_MAX      127
/* Seconds; a longer delay, below 2^64, becomes this. */
#define MMD_RETRY_AFTER_MAX   86400

struct mmd_response {
    /* The caller's, to read. */
    uint16_t status;    /* from the status line on, also of an interim response (1xx); 0 before */
    bool head_complete; /* the final response's head: what follows is valid from here on */
    bool reusable;      /* another request may follow on this connection */
    bool done;          /* the response is complete: feed no more */
    bool body_cut;      /* the body was longer than its buffer: its first part was kept */
    char *body;         /* the caller's buffer, not NUL-terminated */
    size_t body_len;
    bool coded;            /* the body has a Content-Encoding */
    bool bearer;           /* there is a Bearer challenge (RFC 6750, 3) */
    int32_t retry_after_s; /* the longest Retry-After (RFC 9110, 10.2.3); MMD_RETRY_AFTER_ABSENT */
    int64_t retry_at;      /* the same, as the latest date, in seconds since 1970; -1 */
    int64_t date;          /* the Date field, if status is 300 or more; -1 */
    /* NUL-terminated, "" if there is none: request-id or x-ms-request-id, else what a front door
     * sets; the challenge's "error: description"; the authority that Location leads to. */
    char request_id[MMD_REQUEST_ID_MAX + 1];
    char challenge[MMD_CHALLENGE_MAX + 1];
    char location[MMD_LOCATION_MAX + 1];
    const char *request_id_name; /* the field; static storage, NULL if there is none */

    /* The parser's own. */
    uint8_t state;
    int8_t error;    /* the error that every further call returns */
    bool to_connect; /* the request was a CONNECT */
    bool has_length, chunked, coding_unknown;
    bool request_id_own; /* the service's own, which another does not replace */
    bool line_cut;       /* the line is longer than what is kept of it */
    bool line_cr;        /* its CR has come */
    uint8_t line_len;
    uint32_t line_bound; /* bytes until MMD_ERR_TOO_LARGE */
    size_t body_cap;
    uint64_t left;  /* bytes to come of the body or the chunk */
    char line[255]; /* the first part of the line that is being received */
};

/* Begins a response whose body goes to body (cap bytes, NULL when cap is 0; borrowed until the
 * response is no longer read). A body longer than cap is cut there, and the response then ends
 * early. */
void mmd_response_begin(struct mmd_response *r, char *body, size_t cap);

/* The same for the response to a CONNECT: a 2xx ends with its head, whatever its fields say of a
 * body (RFC 9110, 9.3.6). */
void mmd_response_begin_connect(struct mmd_response *r, char *body, size_t cap);

/* Takes the next len bytes, which may lie in the body's buffer at body_len or after it. Returns
 * how many belong to this response: all of them until r->done is set, and at most len. If there are
 * more, also in a later call, r->reusable is cleared: they belong to no request. Or
 * MMD_ERR_PROTOCOL or MMD_ERR_TOO_LARGE, and the same from every further call. */
int mmd_response_feed(struct mmd_response *r, const void *data, size_t len);

/* Reports that the stream ended in order. Returns MMD_OK if that completes the response or it was
 * complete, MMD_ERR_EMPTY if nothing came before it, MMD_ERR_TRUNCATED otherwise. After an error
 * of mmd_response_feed, returns that. */
int mmd_response_end_of_stream(struct mmd_response *r);

#ifdef __cplusplus
}
#endif
#endif
