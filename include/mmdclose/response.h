/* Reading an HTTP/1.x answer as it arrives: in pieces of any size, in constant memory, strict where
 * framing is at stake. Pure: no I/O, no allocation. The result is the same however the bytes are
 * cut. (RFC 9112; RFC 9110 for the meaning of fields.) */
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

#define MMD_RESPONSE_HEAD_MAX                                                                      \
    65536                        /* bytes of status lines and fields, interim answers included     \
                                  */
#define MMD_CHUNK_LINE_MAX  1024 /* bytes of one chunk-size line with its extensions */
#define MMD_REQUEST_ID_MAX  63
#define MMD_RETRY_AFTER_MAX 86400 /* seconds; longer delays, below 2^64, are cut to this */

struct mmd_response {
    uint16_t status;    /* from the status line on; 0 before it. Interim answers (1xx) come too. */
    bool head_complete; /* of the final answer: what follows is valid from here on */
    bool reusable;      /* another request may follow on this connection */
    bool done;          /* the answer is complete: feed no more */
    bool body_cut;      /* the body was longer than its buffer: its first part was kept */
    char *body;         /* the caller's buffer, not NUL-terminated */
    size_t body_len;
    int32_t retry_after_s; /* Retry-After (RFC 9110, 10.2.3), or MMD_RETRY_AFTER_ABSENT */

    /* The parser's own; what is small and in use comes first, where it is reached in less code. */
    uint8_t state;
    int8_t error; /* the error that every further call returns */
    bool has_length, chunked, coding_unknown;
    bool line_cut, line_cr; /* of a line: longer than line; its CR has come */
    uint8_t line_len;
    uint32_t line_bound; /* bytes until MMD_ERR_TOO_LARGE */
    size_t body_cap;
    uint64_t left;    /* bytes to come of the body or the chunk */
    int64_t retry_at; /* Retry-After as a date, seconds since 1970, or -1 */
    char line[96];    /* the first part of a line that did not come whole */
    char date[29];    /* the answer's Date */

    /* The caller's again. */
    char request_id[MMD_REQUEST_ID_MAX + 1]; /* request-id or x-ms-request-id; "" if neither */
};

/* Begins an answer whose body goes to body (cap bytes, NULL when cap is 0; borrowed until the
 * answer is no longer read). What is over cap is dropped, and the answer then ends early. */
void mmd_response_begin(struct mmd_response *r, char *body, size_t cap);

/* Takes the next len bytes, which may lie in the body's buffer at body_len or behind it. Returns
 * how many belong to this answer: all of them until r->done is set, and at most len. Or
 * MMD_ERR_PROTOCOL or MMD_ERR_TOO_LARGE, now and ever after. */
int mmd_response_feed(struct mmd_response *r, const void *data, size_t len);

/* Tells that the stream ended in order. Returns MMD_OK if that completes the answer or it was
 * complete, MMD_ERR_EMPTY if nothing came before it, MMD_ERR_TRUNCATED otherwise. */
int mmd_response_end_of_stream(struct mmd_response *r);

#ifdef __cplusplus
}
#endif
#endif
