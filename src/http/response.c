/* The answer's parser. Its unit is the line: a line that lies in the input whole is read where it
 * lies, one that does not is put together in a small buffer; of both only the first bytes count.
 * Every byte of a line is checked, though, so that none ends where another parser sees no end. */
#include "mmdclose/response.h"

#include <limits.h>
#include <string.h>

#include "http/http_date.h"
#include "text/charclass.h"

enum state {
    STATUS,     /* the status line */
    FIELDS,     /* field lines and the empty line behind them */
    CHUNK_SIZE, /* the line before a chunk's data */
    CHUNK_END,  /* the rest of the line behind them: nothing */
    TRAILERS,   /* fields behind the last chunk */
    LAST_LINE_STATE = TRAILERS,
    CHUNK,  /* left bytes of data */
    LENGTH, /* left bytes of body */
    UNTIL_CLOSE,
    DONE
};

static void expect(struct mmd_response *r, enum state state, uint32_t bound)
{
    r->state = (uint8_t)state;
    r->line_bound = bound;
}

void mmd_response_begin(struct mmd_response *r, char *body, size_t cap)
{
    memset(r, 0, sizeof *r);
    r->body = body;
    r->body_cap = cap;
    r->line_bound = MMD_RESPONSE_HEAD_MAX;
    r->retry_after_s = MMD_RETRY_AFTER_ABSENT;
    r->retry_at = -1;
}

static int finish(struct mmd_response *r)
{
    r->state = DONE;
    r->done = true;
    return MMD_OK;
}

/* 1*DIGIT as a number; false if it is not that or does not fit. */
static bool decimal(const char *text, size_t len, uint64_t *out)
{
    uint64_t value = 0;

    for (size_t i = 0; i < len; i++) {
        unsigned digit = (unsigned char)text[i] - (unsigned)'0';
        if (digit > 9 || value > UINT64_MAX / 10)
            return false;
        value = value * 10 + digit;
        if (value < digit)
            return false;
    }
    *out = value;
    return len > 0;
}

/* ---- the status line (RFC 9112, 4): HTTP/1.x SP 3DIGIT, then nothing or SP and a reason ---- */

static const char version[] = "HTTP/1.";

static int status_line(struct mmd_response *r, const char *p, size_t len)
{
    uint64_t status;

    if (len < 12 || memcmp(p, version, 7) != 0 || !mmd_is_char(p[7], MMD_CHAR_DIGIT) ||
        p[8] != ' ' || (len > 12 && p[12] != ' ') || !decimal(p + 9, 3, &status) || status < 100)
        return MMD_ERR_PROTOCOL;
    r->status = (uint16_t)status;
    r->reusable = p[7] != '0';
    r->coding_unknown = p[7] == '0'; /* as all codings are to HTTP/1.0 */
    r->state = FIELDS;
    return MMD_OK;
}

/* ---- field lines (RFC 9112, 5; RFC 9110, 5.6.2) ---- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

static bool is(const char *text, size_t len, const char *lower)
{
    for (; len > 0 && (*text | 0x20) == *lower; len--, text++)
        lower++;
    return len == 0 && *lower == '\0';
}

/* Takes the space off both ends; returns the length that is left. */
static size_t trim(const char **text, size_t len)
{
    while (len > 0 && is_space(**text)) {
        ++*text;
        len--;
    }
    while (len > 0 && is_space((*text)[len - 1]))
        len--;
    return len;
}

/* Whether a comma-separated list has the member "close". */
static bool has_close(const char *text, size_t len)
{
    for (const char *end = text + len, *from; text < end; text += text < end) {
        for (from = text; text < end && *text != ',';)
            text++;
        len = trim(&from, (size_t)(text - from));
        if (is(from, len, "close"))
            return true;
    }
    return false;
}

static int content_length(struct mmd_response *r, const char *text, size_t len)
{
    uint64_t value;

    if (r->line_cut || !decimal(text, len, &value) || (r->has_length && value != r->left))
        return MMD_ERR_PROTOCOL;
    r->left = value;
    r->has_length = true;
    return MMD_OK;
}

static void transfer_encoding(struct mmd_response *r, const char *text, size_t len)
{
    /* one coding, said once; anything else cannot be delimited */
    r->coding_unknown |= r->chunked || r->line_cut || !is(text, len, "chunked");
    r->chunked = true;
}

static void set_delay(struct mmd_response *r, uint64_t seconds)
{
    r->retry_after_s = seconds < MMD_RETRY_AFTER_MAX ? (int32_t)seconds : MMD_RETRY_AFTER_MAX;
}

static void retry_after(struct mmd_response *r, const char *text, size_t len)
{
    uint64_t seconds;

    if (r->line_cut)
        return;
    if (decimal(text, len, &seconds))
        set_delay(r, seconds);
    else
        r->retry_at = mmd_http_date(text, len);
}

static void request_id(struct mmd_response *r, const char *text, size_t len)
{
    if (r->request_id[0] == '\0' && !r->line_cut && len <= MMD_REQUEST_ID_MAX) {
        memcpy(r->request_id, text, len);
        r->request_id[len] = '\0';
    }
}

/* The names that matter, and where they are by their length; one more is as long as another. */
struct names {
    char none[1], date[5], request_id[11], connection[11], retry_after[12], content_length[15];
    char x_ms_request_id[16], transfer_encoding[18];
};

static const struct names names = {"",
                                   "date",
                                   "request-id",
                                   "connection",
                                   "retry-after",
                                   "content-length",
                                   "x-ms-request-id",
                                   "transfer-encoding"};
static const unsigned char by_length[18] = {[4] = offsetof(struct names, date),
                                            [10] = offsetof(struct names, request_id),
                                            [11] = offsetof(struct names, retry_after),
                                            [14] = offsetof(struct names, content_length),
                                            [15] = offsetof(struct names, x_ms_request_id),
                                            [17] = offsetof(struct names, transfer_encoding)};

/* Takes in the fields that matter. */
static int field(struct mmd_response *r, const char *name, size_t name_len, const char *text,
                 size_t len)
{
    const char *known = (const char *)&names;

    if (name_len < sizeof by_length)
        known += by_length[name_len];
    if (name_len == 10 && (*name | 0x20) == 'c')
        known = names.connection;
    if (!is(name, name_len, known))
        return MMD_OK;
    if (name_len == 14)
        return content_length(r, text, len);
    if (name_len == 17)
        transfer_encoding(r, text, len);
    else if (name_len == 11)
        retry_after(r, text, len);
    else if (*known == 'c')
        r->reusable &= !r->line_cut && !has_close(text, len);
    else if (name_len > 4)
        request_id(r, text, len);
    else if (len == sizeof r->date)
        memcpy(r->date, text, len);
    return MMD_OK;
}

static int field_line(struct mmd_response *r, const char *p, size_t len)
{
    const char *colon = memchr(p, ':', len);
    size_t name_len = colon != NULL ? (size_t)(colon - p) : 0;

    if (name_len == 0 || mmd_span(p, name_len, MMD_CHAR_TCHAR) != name_len)
        return MMD_ERR_PROTOCOL;
    if (r->state == TRAILERS)
        return MMD_OK;
    const char *text = colon + 1;
    len = trim(&text, len - name_len - 1);
    return field(r, p, name_len, text, len);
}

/* ---- the end of the head: what follows it (RFC 9112, 6.3) ---- */

static void settle_retry_after(struct mmd_response *r)
{
    int64_t date = r->retry_at >= 0 ? mmd_http_date(r->date, sizeof r->date) : -1;

    if (date >= 0) {
        int64_t delay = r->retry_at - date;
        set_delay(r, delay > 0 ? (uint64_t)delay : 0);
    }
    if (r->status < 300)
        r->retry_after_s = MMD_RETRY_AFTER_ABSENT;
}

static int begin_body(struct mmd_response *r)
{
    if (r->status == 204 || r->status == 304) {
        if (r->chunked || r->left > 0)
            r->reusable = false; /* a body may follow that has no place there */
        return finish(r);
    }
    if (r->chunked) {
        expect(r, CHUNK_SIZE, MMD_CHUNK_LINE_MAX);
        return r->has_length || r->coding_unknown ? MMD_ERR_PROTOCOL : MMD_OK;
    }
    if (!r->has_length) {
        r->state = UNTIL_CLOSE;
        r->left = UINT64_MAX; /* nobody knows */
        r->reusable = false;
        return MMD_OK;
    }
    r->state = LENGTH;
    return r->left > 0 ? MMD_OK : finish(r);
}

static int end_of_head(struct mmd_response *r)
{
    if (r->status == 101)
        return MMD_ERR_PROTOCOL; /* nobody asked to switch protocols */
    if (r->status < 200) {
        uint32_t bound = r->line_bound; /* of all heads together */
        mmd_response_begin(r, r->body, r->body_cap);
        r->line_bound = bound;
        return MMD_OK;
    }
    r->head_complete = true;
    settle_retry_after(r);
    return begin_body(r);
}

/* ---- chunks (RFC 9112, 7.1): 1*HEXDIG, then nothing or ";" and what nobody needs ---- */

static int chunk_size(struct mmd_response *r, const char *p, size_t len)
{
    size_t at = 0;
    int digit;

    for (; at < len && (digit = mmd_hex_digit(p[at])) >= 0; at++)
        r->left = r->left << 4 | (unsigned)digit;
    if (at == 0 || at > 16)
        return MMD_ERR_PROTOCOL;
    p += at;
    if (at < len && (trim(&p, len - at) == 0 || *p != ';'))
        return MMD_ERR_PROTOCOL;
    if (r->left > 0)
        r->state = CHUNK;
    else
        expect(r, TRAILERS, MMD_RESPONSE_HEAD_MAX);
    return MMD_OK;
}

static int chunk_end(struct mmd_response *r, size_t len)
{
    expect(r, CHUNK_SIZE, MMD_CHUNK_LINE_MAX);
    return len == 0 ? MMD_OK : MMD_ERR_PROTOCOL;
}

/* ---- lines ---- */

static int end_of_line(struct mmd_response *r, const char *p, size_t len)
{
    if (len > sizeof r->line) {
        len = sizeof r->line;
        r->line_cut = true;
    }
    int error;
    switch (r->state) {
    case STATUS: error = status_line(r, p, len); break;
    case CHUNK_SIZE: error = chunk_size(r, p, len); break;
    case CHUNK_END: error = chunk_end(r, len); break;
    default: /* FIELDS, TRAILERS */
        if (len > 0)
            error = field_line(r, p, len);
        else
            error = r->state == FIELDS ? end_of_head(r) : finish(r);
    }
    r->line_len = 0;
    r->line_cut = r->line_cr = false;
    return error;
}

/* Adds to a line that is not complete. What can only become wrong is refused at once. */
static int gather(struct mmd_response *r, const char *p, size_t len)
{
    size_t room = sizeof r->line - r->line_len;

    if (len > room) {
        len = room;
        r->line_cut = true;
    }
    memcpy(r->line + r->line_len, p, len);
    r->line_len = (uint8_t)(r->line_len + len);
    if (r->state == STATUS)
        return memcmp(r->line, version, r->line_len < 7 ? r->line_len : 7) == 0 ? MMD_OK
                                                                                : MMD_ERR_PROTOCOL;
    return r->state != CHUNK_END || r->line_len == 0 ? MMD_OK : MMD_ERR_PROTOCOL;
}

/* Takes up to a whole line. *taken is set before the line's end is acted upon. */
static int take_line(struct mmd_response *r, const char *p, size_t n, size_t *taken)
{
    if (n > r->line_bound)
        n = r->line_bound;
    if (n == 0)
        return MMD_ERR_TOO_LARGE;
    size_t len = r->line_cr ? 0 : mmd_span(p, n, MMD_CHAR_LINE);
    bool is_whole = r->line_len == 0 && n - len >= 2 && p[len] == '\r' && p[len + 1] == '\n';

    *taken = len + (is_whole ? 2 : len < n);
    r->line_bound -= (uint32_t)*taken;
    if (r->line_cr)
        return *p == '\n' ? end_of_line(r, r->line, r->line_len) : MMD_ERR_PROTOCOL;
    if (is_whole)
        return end_of_line(r, p, len);
    r->line_cr = len < n;
    return !r->line_cr || p[len] == '\r' ? gather(r, p, len) : MMD_ERR_PROTOCOL;
}

/* ---- the body ---- */

static void take_body(struct mmd_response *r, const char *p, size_t n, size_t *taken)
{
    size_t room = r->body_cap - r->body_len;

    if (n > r->left)
        n = (size_t)r->left;
    if (n > room) {
        r->body_cut = true;
        r->reusable = false;
        finish(r);
        n = room;
    }
    if (n > 0)
        memmove(r->body + r->body_len, p, n);
    r->body_len += n;
    r->left -= n;
    *taken = n;
    if (r->left == 0 && r->state == CHUNK)
        expect(r, CHUNK_END, 2);
    else if (r->left == 0)
        finish(r);
}

/* ---- the interface ---- */

int mmd_response_feed(struct mmd_response *r, const void *data, size_t len)
{
    const char *p = data;
    size_t at = 0, taken;

    if (len > INT_MAX)
        len = INT_MAX;
    for (; at < len && !r->done && r->error == MMD_OK; at += taken) {
        taken = 0;
        if (r->state <= LAST_LINE_STATE)
            r->error = (int8_t)take_line(r, p + at, len - at, &taken);
        else
            take_body(r, p + at, len - at, &taken);
    }
    return r->error != MMD_OK ? r->error : (int)at;
}

int mmd_response_end_of_stream(struct mmd_response *r)
{
    if (r->error == MMD_OK && r->state == UNTIL_CLOSE)
        finish(r);
    if (r->error == MMD_OK && !r->done)
        r->error = r->state == STATUS && r->line_bound == MMD_RESPONSE_HEAD_MAX ? MMD_ERR_EMPTY
                                                                                : MMD_ERR_TRUNCATED;
    return r->error;
}
