/* The answer's parser: a state machine in which every state takes as much of the input as it can.
 * Names and values are kept only where they matter, in one small buffer. */
#include "mmdclose/response.h"

#include <limits.h>

#include "bytes.h"
#include "http_date.h"

enum state {
    STATUS,      /* HTTP-version SP status-code */
    SKIP,        /* text that says nothing to us, up to CR: reason, value, chunk extension */
    LF,          /* the LF behind a CR */
    LINE,        /* the first byte of a field line, or the CR of the empty line */
    NAME,        /* a field name, up to the colon */
    VALUE,       /* the value of a field that matters, up to CR */
    HEAD_END,    /* never rested in: the empty line is complete */
    CHUNK_SIZE,  /* hex digits */
    CHUNK_SPACE, /* white space behind them: an extension must follow */
    LAST_HEAD_STATE = CHUNK_SPACE,
    CHUNK_BEGIN, /* never rested in: the chunk-size line is complete */
    CHUNK,       /* left bytes of data */
    CHUNK_CR,    /* the CR behind them */
    LENGTH,      /* left bytes of body */
    UNTIL_CLOSE,
    DONE
};

enum field { OTHER, CONNECTION, CONTENT_LENGTH, DATE, REQUEST_ID, RETRY_AFTER, TRANSFER_ENCODING };

static void begin_head(struct mmd_response *r)
{
    r->status = 0;
    r->state = STATUS;
    r->digits = 0;
    r->retry_after_s = MMD_RETRY_AFTER_ABSENT;
    r->request_id[0] = '\0';
    r->date = r->retry_at = -1;
    r->left = 0;
    r->has_length = r->chunked = r->coding_unknown = false;
    r->reusable = true;
}

void mmd_response_begin(struct mmd_response *r, char *body, size_t cap)
{
    memset(r, 0, sizeof *r);
    r->body = body;
    r->body_cap = cap;
    r->head_left = MMD_RESPONSE_HEAD_MAX;
    begin_head(r);
}

static void finish(struct mmd_response *r)
{
    r->state = DONE;
    r->done = true;
}

/* ---- the status line (RFC 9112, 4) ---- */

static int status_line(struct mmd_response *r, const char *p, size_t n)
{
    static const char version[] = "HTTP/1.";
    size_t at = 0;

    for (; at < n && r->digits < 12; at++, r->digits++) {
        if (r->digits < 7      ? p[at] != version[r->digits]
            : (r->digits == 8) ? p[at] != ' '
                               : !mmd_is_digit((unsigned char)p[at]))
            return MMD_ERR_PROTOCOL;
        if (r->digits == 7)
            r->http_1_0 = p[at] == '0';
        if (r->digits > 8)
            r->left = r->left * 10 + (unsigned)(p[at] - '0');
    }
    if (at == n)
        return (int)at;
    r->status = (uint16_t)r->left;
    r->left = 0;
    if (r->status < 100 || (p[at] != ' ' && p[at] != '\r'))
        return MMD_ERR_PROTOCOL;
    r->after = LINE;
    r->state = p[at] == ' ' ? SKIP : LF;
    return (int)at + 1;
}

/* ---- text, names and values (RFC 9112, 5; RFC 9110, 5.5 and 5.6.2) ---- */

static int is_text(unsigned char c)
{
    return (c >= 0x20 && c != 0x7F) || c == '\t';
}

/* How many bytes from the start of p may stand in a value: all but control characters. */
static size_t text_span(const char *p, size_t n)
{
    size_t at = 0;

    for (; n - at >= sizeof(size_t); at += sizeof(size_t)) {
        size_t word = mmd_load_word(p + at), low = word & ~MMD_TOP;
        size_t text = ((low + MMD_AT_LEAST(0x20)) & ~(low + MMD_AT_LEAST(0x7F))) | word;
        if ((text & MMD_TOP) != MMD_TOP)
            break;
    }
    while (at < n && is_text((unsigned char)p[at]))
        at++;
    return at;
}

static int skip(struct mmd_response *r, const char *p, size_t n)
{
    size_t at = text_span(p, n);

    if (at == n)
        return (int)at;
    if (p[at] != '\r')
        return MMD_ERR_PROTOCOL;
    r->state = LF;
    return (int)at + 1;
}

static int is_token_char(unsigned char c)
{
    return mmd_is_alnum(c) || c == '-' || (c != '\0' && strchr("!#$%&'*+.^_`|~", c) != NULL);
}

static enum field identify(const char *name, size_t len)
{
    static const struct {
        uint8_t len, field;
        char name[18];
    } known[] = {
        {4, DATE, "date"},
        {10, CONNECTION, "connection"},
        {10, REQUEST_ID, "request-id"},
        {11, RETRY_AFTER, "retry-after"},
        {14, CONTENT_LENGTH, "content-length"},
        {15, REQUEST_ID, "x-ms-request-id"},
        {17, TRANSFER_ENCODING, "transfer-encoding"},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (len == known[i].len && memcmp(name, known[i].name, len) == 0)
            return (enum field)known[i].field;
    return OTHER;
}

static int field_name(struct mmd_response *r, const char *p, size_t n)
{
    size_t at = 0;

    for (; at < n && is_token_char((unsigned char)p[at]); at++)
        if (r->text_len < sizeof r->text)
            r->text[r->text_len++] = (char)(p[at] | 0x20); /* lower case; a "-" stays */
    r->state = NAME;
    if (at == n)
        return (int)at;
    if (p[at] != ':' || r->text_len == 0)
        return MMD_ERR_PROTOCOL;

    r->field = r->in_trailers ? OTHER : (uint8_t)identify(r->text, r->text_len);
    r->text_len = 0;
    r->text_cut = false;
    r->after = LINE;
    r->state = r->field == OTHER ? SKIP : VALUE;
    return (int)at + 1;
}

static int field_line(struct mmd_response *r, const char *p, size_t n)
{
    if (*p == '\r') {
        r->after = HEAD_END;
        r->state = LF;
        return 1;
    }
    r->text_len = 0;
    return field_name(r, p, n); /* a folded line begins with no name: refused */
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

static bool same_ignoring_case(const char *text, size_t len, const char *lower)
{
    if (len != strlen(lower))
        return false;
    for (size_t i = 0; i < len; i++)
        if ((text[i] | 0x20) != lower[i])
            return false;
    return true;
}

/* Whether a comma-separated list has the member "close". */
static bool has_close(const char *text, size_t len)
{
    for (size_t at = 0; at < len; at++) {
        size_t from = at, end;
        while (at < len && text[at] != ',')
            at++;
        for (end = at; end > from && is_space(text[end - 1]);)
            end--;
        while (from < end && is_space(text[from]))
            from++;
        if (same_ignoring_case(text + from, end - from, "close"))
            return true;
    }
    return false;
}

/* 1*DIGIT as a number; false if it is not that or does not fit. */
static bool decimal(const char *text, size_t len, uint64_t *out)
{
    uint64_t value = 0;

    for (size_t i = 0; i < len; i++) {
        unsigned digit = (unsigned char)text[i] - (unsigned)'0';
        if (digit > 9 || value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return len > 0;
}

static int content_length(struct mmd_response *r, size_t len)
{
    uint64_t value;

    if (r->text_cut || !decimal(r->text, len, &value) || (r->has_length && value != r->left))
        return MMD_ERR_PROTOCOL;
    r->left = value;
    r->has_length = true;
    return MMD_OK;
}

static void retry_after(struct mmd_response *r, size_t len)
{
    uint64_t seconds;

    if (decimal(r->text, len, &seconds))
        r->retry_after_s = seconds < MMD_RETRY_AFTER_MAX ? (int32_t)seconds : MMD_RETRY_AFTER_MAX;
    else
        r->retry_at = mmd_http_date(r->text, len);
}

static int end_of_value(struct mmd_response *r)
{
    size_t len = r->text_len;

    while (len > 0 && is_space(r->text[len - 1]))
        len--;
    switch ((enum field)r->field) {
    case CONTENT_LENGTH: return content_length(r, len);
    case CONNECTION:
        if (r->text_cut || has_close(r->text, len))
            r->reusable = false;
        break;
    case TRANSFER_ENCODING: /* one coding, said once; anything else cannot be delimited */
        if (r->chunked || r->text_cut || !same_ignoring_case(r->text, len, "chunked"))
            r->coding_unknown = true;
        r->chunked = true;
        break;
    case DATE: r->date = mmd_http_date(r->text, len); break;
    case RETRY_AFTER: retry_after(r, len); break;
    case REQUEST_ID:
        if (r->request_id[0] == '\0' && len <= MMD_REQUEST_ID_MAX) {
            memcpy(r->request_id, r->text, len);
            r->request_id[len] = '\0';
        }
        break;
    case OTHER: break;
    }
    return MMD_OK;
}

static int field_value(struct mmd_response *r, const char *p, size_t n)
{
    size_t from = 0, room;

    while (r->text_len == 0 && from < n && is_space(p[from]))
        from++;
    size_t at = from + text_span(p + from, n - from), len = at - from;

    room = sizeof r->text - r->text_len;
    if (len > room) {
        r->text_cut = true;
        len = room;
    }
    memcpy(r->text + r->text_len, p + from, len);
    r->text_len = (uint8_t)(r->text_len + len);
    if (at == n)
        return (int)at;
    if (p[at] != '\r')
        return MMD_ERR_PROTOCOL;
    r->state = LF;
    int error = end_of_value(r);
    return error != MMD_OK ? error : (int)at + 1;
}

/* ---- the end of the head: what follows it (RFC 9112, 6.3) ---- */

static void settle_retry_after(struct mmd_response *r)
{
    if (r->retry_at >= 0 && r->date >= 0) {
        int64_t delay = r->retry_at - r->date;
        if (delay < 0)
            delay = 0;
        r->retry_after_s = delay < MMD_RETRY_AFTER_MAX ? (int32_t)delay : MMD_RETRY_AFTER_MAX;
    }
    if (r->status < 300)
        r->retry_after_s = MMD_RETRY_AFTER_ABSENT;
}

static int begin_body(struct mmd_response *r)
{
    if (r->chunked) {
        if (r->has_length || r->coding_unknown || r->http_1_0)
            return MMD_ERR_PROTOCOL;
        r->state = CHUNK_SIZE;
        r->digits = 0;
        r->head_left = MMD_CHUNK_LINE_MAX;
    } else if (!r->has_length) {
        r->state = UNTIL_CLOSE;
        r->reusable = false;
    } else if (r->left > 0) {
        r->state = LENGTH;
    } else {
        finish(r);
    }
    return MMD_OK;
}

static int end_of_head(struct mmd_response *r)
{
    if (r->in_trailers) {
        finish(r);
        return MMD_OK;
    }
    if (r->status == 101)
        return MMD_ERR_PROTOCOL; /* nobody asked to switch protocols */
    if (r->status < 200) {
        begin_head(r);
        return MMD_OK;
    }
    r->head_complete = true;
    settle_retry_after(r);
    if (r->http_1_0)
        r->reusable = false;
    if (r->status != 204 && r->status != 304)
        return begin_body(r);
    if (r->chunked || r->left > 0)
        r->reusable = false; /* a body may follow that has no place there */
    finish(r);
    return MMD_OK;
}

/* ---- chunks (RFC 9112, 7.1) ---- */

static int hex_digit(unsigned char c)
{
    if (mmd_is_digit(c))
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int chunk_size(struct mmd_response *r, const char *p)
{
    int digit = hex_digit((unsigned char)*p);

    if (digit >= 0 && r->digits < 16) {
        r->left = r->left << 4 | (unsigned)digit;
        r->digits++;
        return 1;
    }
    if (digit >= 0 || r->digits == 0)
        return MMD_ERR_PROTOCOL;
    r->after = CHUNK_BEGIN;
    if (*p == '\r')
        r->state = LF;
    else if (*p == ';')
        r->state = SKIP;
    else if (is_space(*p))
        r->state = CHUNK_SPACE;
    else
        return MMD_ERR_PROTOCOL;
    return 1;
}

static int chunk_space(struct mmd_response *r, const char *p)
{
    if (*p == ';')
        r->state = SKIP;
    else if (!is_space(*p))
        return MMD_ERR_PROTOCOL;
    return 1;
}

static void begin_chunk(struct mmd_response *r)
{
    r->state = CHUNK;
    if (r->left == 0) {
        r->state = LINE;
        r->in_trailers = true;
        r->head_left = MMD_RESPONSE_HEAD_MAX;
    }
}

static int line_feed(struct mmd_response *r, const char *p)
{
    if (*p != '\n')
        return MMD_ERR_PROTOCOL;
    r->state = r->after;
    if (r->after == HEAD_END) {
        int error = end_of_head(r);
        return error != MMD_OK ? error : 1;
    }
    if (r->after == CHUNK_BEGIN)
        begin_chunk(r);
    return 1;
}

static int chunk_end(struct mmd_response *r, const char *p)
{
    if (*p != '\r')
        return MMD_ERR_PROTOCOL;
    r->after = CHUNK_SIZE;
    r->state = LF;
    r->digits = 0;
    r->head_left = MMD_CHUNK_LINE_MAX;
    return 1;
}

/* ---- the body ---- */

static int keep(struct mmd_response *r, const char *p, size_t n)
{
    size_t room = r->body_cap - r->body_len;

    if (n > room) {
        r->body_cut = true;
        r->reusable = false;
        finish(r);
        n = room;
    }
    if (n > 0)
        memmove(r->body + r->body_len, p, n);
    r->body_len += n;
    return (int)n;
}

static int keep_counted(struct mmd_response *r, const char *p, size_t n)
{
    n = (size_t)keep(r, p, n < r->left ? n : (size_t)r->left);
    r->left -= n;
    if (r->left == 0 && r->state == LENGTH)
        finish(r);
    else if (r->left == 0 && r->state == CHUNK)
        r->state = CHUNK_CR;
    return (int)n;
}

/* ---- the machine ---- */

static int step(struct mmd_response *r, const char *p, size_t n)
{
    switch ((enum state)r->state) {
    case STATUS: return status_line(r, p, n);
    case SKIP: return skip(r, p, n);
    case LF: return line_feed(r, p);
    case LINE: return field_line(r, p, n);
    case NAME: return field_name(r, p, n);
    case VALUE: return field_value(r, p, n);
    case CHUNK_SIZE: return chunk_size(r, p);
    case CHUNK_SPACE: return chunk_space(r, p);
    case CHUNK_CR: return chunk_end(r, p);
    case CHUNK:
    case LENGTH: return keep_counted(r, p, n);
    case UNTIL_CLOSE: return keep(r, p, n);
    case HEAD_END:
    case CHUNK_BEGIN:
    case DONE: break;
    }
    return 0;
}

/* The same for a state whose bytes are bounded. */
static int step_in_head(struct mmd_response *r, const char *p, size_t n)
{
    if (r->head_left == 0)
        return MMD_ERR_TOO_LARGE;
    uint32_t left = r->head_left;
    int taken = step(r, p, n < left ? n : left);
    if (taken > 0 && r->head_left == left) /* else it was set anew */
        r->head_left -= (uint32_t)taken;
    return taken;
}

int mmd_response_feed(struct mmd_response *r, const void *data, size_t len)
{
    const char *p = data;
    size_t at = 0;

    if (len > INT_MAX)
        len = INT_MAX;
    while (at < len && !r->done && r->error == MMD_OK) {
        int taken = r->state <= LAST_HEAD_STATE ? step_in_head(r, p + at, len - at)
                                                : step(r, p + at, len - at);
        if (taken < 0)
            r->error = (int8_t)taken;
        else
            at += (size_t)taken;
    }
    return r->error != MMD_OK ? r->error : (int)at;
}

int mmd_response_end_of_stream(struct mmd_response *r)
{
    if (r->error != MMD_OK)
        return r->error;
    if (r->state == UNTIL_CLOSE)
        finish(r);
    if (!r->done)
        r->error = r->state == STATUS && r->digits == 0 && r->head_left == MMD_RESPONSE_HEAD_MAX
                       ? MMD_ERR_EMPTY
                       : MMD_ERR_TRUNCATED;
    return r->error;
}
