/* SPDX-License-Identifier: MIT */
/* The parser of a response. It awaits a line or bytes of the body. Of a line only the first bytes
 * are kept, but every byte is checked: no line ends where another parser sees no end. */
#include "mmdclose/response.h"

#include <limits.h>
#include <string.h>

#include "http/response_framing.h"
#include "http/response_head.h"
#include "text/charclass.h"

enum state {
    /* a line is awaited */
    STATUS_LINE,
    FIELD_LINE, /* or the empty line after the fields */
    CHUNK_SIZE, /* the line before a chunk's data */
    CHUNK_END,  /* the empty line after them */
    TRAILER,    /* a field line after the last chunk, or the last empty line */
    /* r->left bytes are awaited */
    CHUNK,
    LENGTH,
    UNTIL_END_OF_STREAM,
    /* nothing is awaited */
    DONE
};

static void await_line(struct mmd_response *r, enum state state, uint32_t bound)
{
    r->state = (uint8_t)state;
    r->line_bound = bound;
}

static void await_body(struct mmd_response *r, enum state state, uint64_t len)
{
    r->state = (uint8_t)state;
    r->left = len;
}

static void finish(struct mmd_response *r)
{
    r->state = DONE;
    r->done = true;
}

void mmd_response_begin(struct mmd_response *r, char *body, size_t cap)
{
    memset(r, 0, sizeof *r);
    r->body = body;
    r->body_cap = cap;
    r->retry_after_s = MMD_RETRY_AFTER_ABSENT;
    r->retry_at = r->date = -1;
    await_line(r, STATUS_LINE, MMD_RESPONSE_HEAD_MAX);
}

void mmd_response_begin_connect(struct mmd_response *r, char *body, size_t cap)
{
    mmd_response_begin(r, body, cap);
    r->to_connect = true;
}

/* ---- what a line leads to ---- */

static int begin_body(struct mmd_response *r)
{
    enum mmd_framing framing;
    int error = mmd_framing_of(r, &framing);

    if (error != MMD_OK)
        return error;
    if (framing == MMD_FRAMING_CHUNKS)
        await_line(r, CHUNK_SIZE, MMD_CHUNK_LINE_MAX);
    else if (framing == MMD_FRAMING_END_OF_STREAM)
        await_body(r, UNTIL_END_OF_STREAM, UINT64_MAX);
    else if (framing == MMD_FRAMING_LENGTH && r->left > 0)
        await_body(r, LENGTH, r->left);
    else
        finish(r);
    return MMD_OK;
}

/* Forgets an interim response; the bound is that of all heads together. */
static void begin_next_head(struct mmd_response *r)
{
    uint32_t bound = r->line_bound;
    bool to_connect = r->to_connect;

    mmd_response_begin(r, r->body, r->body_cap);
    r->line_bound = bound;
    r->to_connect = to_connect;
}

static int begin_fields(struct mmd_response *r)
{
    int error = mmd_head_status_line(r, r->line, r->line_len);

    if (error == MMD_OK)
        r->state = FIELD_LINE;
    return error;
}

static int end_of_head(struct mmd_response *r)
{
    if (r->status == 101)
        return MMD_ERR_PROTOCOL; /* no request asks to switch protocols */
    if (r->status < 200) {
        begin_next_head(r);
        return MMD_OK;
    }
    r->head_complete = true;
    mmd_head_end(r);
    return begin_body(r);
}

static int begin_chunk(struct mmd_response *r)
{
    uint64_t size;
    int error = mmd_framing_chunk_size(r->line, r->line_len, &size);

    if (error != MMD_OK)
        return error;
    if (size > 0)
        await_body(r, CHUNK, size);
    else
        await_line(r, TRAILER, MMD_RESPONSE_HEAD_MAX);
    return MMD_OK;
}

static int act_on_line(struct mmd_response *r)
{
    switch (r->state) {
    case STATUS_LINE: return begin_fields(r);
    case FIELD_LINE:
        if (r->line_len == 0)
            return end_of_head(r);
        return mmd_head_field_line(r, r->line, r->line_len);
    case CHUNK_SIZE: return begin_chunk(r);
    case CHUNK_END: await_line(r, CHUNK_SIZE, MMD_CHUNK_LINE_MAX); return MMD_OK;
    default: /* TRAILER */
        if (r->line_len > 0)
            return mmd_head_trailer_line(r->line, r->line_len);
        finish(r);
        return MMD_OK;
    }
}

/* ---- lines: text, CR, LF ---- */

static bool awaits_line(const struct mmd_response *r)
{
    switch (r->state) {
    case STATUS_LINE:
    case FIELD_LINE:
    case CHUNK_SIZE:
    case CHUNK_END:
    case TRAILER: return true;
    default: return false;
    }
}

/* Whether a line that begins like this can be right. What is not HTTP may never end its line, and
 * is refused at once. */
static bool can_be_right(const struct mmd_response *r)
{
    if (r->state == STATUS_LINE)
        return mmd_begins_status_line(r->line, r->line_len);
    return r->state != CHUNK_END || r->line_len == 0;
}

static void keep(struct mmd_response *r, const char *p, size_t len)
{
    const size_t free = sizeof r->line - r->line_len;

    if (len > free) {
        len = free;
        r->line_cut = true;
    }
    memcpy(r->line + r->line_len, p, len);
    r->line_len = (uint8_t)(r->line_len + len);
}

static int end_of_line(struct mmd_response *r)
{
    int error = act_on_line(r);

    r->line_len = 0;
    r->line_cut = r->line_cr = false;
    return error;
}

/* Takes up to one line. Returns how many bytes that is, or an error. */
static int take_line(struct mmd_response *r, const char *p, size_t n)
{
    size_t at = 0;

    if (n > r->line_bound)
        n = r->line_bound;
    if (n == 0)
        return MMD_ERR_TOO_LARGE;
    if (!r->line_cr) {
        at = mmd_span(p, n, MMD_CHAR_LINE);
        keep(r, p, at);
        if (!can_be_right(r) || (at < n && p[at] != '\r'))
            return MMD_ERR_PROTOCOL;
        r->line_cr = at < n;
        at += r->line_cr;
    }
    bool ends = at < n;
    if (ends && p[at++] != '\n')
        return MMD_ERR_PROTOCOL;
    r->line_bound -= (uint32_t)at;
    int error = ends ? end_of_line(r) : MMD_OK;
    return error == MMD_OK ? (int)at : error;
}

/* ---- the body ---- */

/* Returns how many bytes were taken: all that belong to the body and fit. */
static int take_body(struct mmd_response *r, const char *p, size_t n)
{
    const size_t free = r->body_cap - r->body_len;

    if (n > r->left)
        n = (size_t)r->left;
    if (n > free) {
        n = free;
        r->body_cut = true;
        r->reusable = false;
        finish(r);
    }
    if (n > 0)
        memmove(r->body + r->body_len, p, n);
    r->body_len += n;
    r->left -= n;
    if (r->left == 0 && r->state == CHUNK)
        await_line(r, CHUNK_END, sizeof "\r\n" - 1);
    else if (r->left == 0)
        finish(r);
    return (int)n;
}

/* ---- the interface ---- */

int mmd_response_feed(struct mmd_response *r, const void *data, size_t len)
{
    const char *p = data;
    size_t at = 0;

    if (len > INT_MAX)
        len = INT_MAX;
    while (at < len && !r->done && r->error == MMD_OK) {
        int taken =
            awaits_line(r) ? take_line(r, p + at, len - at) : take_body(r, p + at, len - at);
        if (taken < 0)
            r->error = (int8_t)taken;
        else
            at += (size_t)taken;
    }
    if (r->done && at < len)
        r->reusable = false; /* what follows belongs to no request */
    return r->error != MMD_OK ? r->error : (int)at;
}

static bool nothing_came(const struct mmd_response *r)
{
    return r->state == STATUS_LINE && r->line_bound == MMD_RESPONSE_HEAD_MAX;
}

int mmd_response_end_of_stream(struct mmd_response *r)
{
    if (r->error != MMD_OK || r->done)
        return r->error;
    if (r->state == UNTIL_END_OF_STREAM)
        finish(r);
    else
        r->error = nothing_came(r) ? MMD_ERR_EMPTY : MMD_ERR_TRUNCATED;
    return r->error;
}
