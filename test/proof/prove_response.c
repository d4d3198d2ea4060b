/* The answer's parser, function by function. What holds when an answer begins and is kept by each
 * step holds however long the answer is and however it is cut: the steps below begin from any state
 * in which it holds. */
#include "proof.h"

#include "../../src/alphabet.c"
#include "../../src/http_date.c"
#include "../../src/response.c"

/* ---- what holds between two steps ---- */

static bool is_line(uint8_t state)
{
    return state <= LAST_LINE_STATE;
}

static bool is_bool(const bool *b)
{
    return *(const unsigned char *)b <= 1;
}

static bool holds(const struct mmd_response *r)
{
    return r->state <= DONE && r->done == (r->state == DONE) && is_bool(&r->done) &&
           is_bool(&r->head_complete) && is_bool(&r->reusable) && is_bool(&r->body_cut) &&
           is_bool(&r->has_length) && is_bool(&r->chunked) && is_bool(&r->coding_unknown) &&
           is_bool(&r->line_cut) && is_bool(&r->line_cr) && r->line_len <= sizeof r->line &&
           (!r->line_cut || r->line_len == sizeof r->line) &&
           r->line_bound <= MMD_RESPONSE_HEAD_MAX && r->body_len <= r->body_cap &&
           (r->state == STATUS ? r->status < 200 : r->status >= 100 && r->status <= 999) &&
           (r->state != FIELDS || r->has_length || r->left == 0) &&
           (r->state == STATUS || (r->state > FIELDS && is_line(r->state)) ? r->left == 0 : true) &&
           (r->state < CHUNK || r->state == DONE || r->left > 0) &&
           r->retry_after_s >= MMD_RETRY_AFTER_ABSENT && r->retry_after_s <= MMD_RETRY_AFTER_MAX &&
           r->retry_at >= -1 && r->request_id[MMD_REQUEST_ID_MAX] == '\0';
}

static bool is_error(int error)
{
    return error == MMD_ERR_PROTOCOL || error == MMD_ERR_TOO_LARGE;
}

/* An answer in any state, with a buffer of up to 8 bytes for its body. */
static struct mmd_response any_response(void)
{
    struct mmd_response r;

    r.error = MMD_OK;
    r.body_cap = any_length(8);
    r.body = any_bytes(r.body_cap);
    ASSUME(holds(&r));
    return r;
}

/* Any step there is, seen from outside. */
static void step(struct mmd_response *r)
{
    struct mmd_response next;

    next.error = MMD_OK;
    next.body = r->body;
    next.body_cap = r->body_cap;
    ASSUME(holds(&next));
    *r = next;
}

static int any_outcome(void)
{
    int error = nondet_int();
    ASSUME(error == MMD_OK || is_error(error));
    return error;
}

/* ---- the loop ---- */

int contract_of_take_line(struct mmd_response *r, const char *p, size_t n, size_t *taken)
{
    PROVE(holds(r) && is_line(r->state) && n > 0 && __CPROVER_r_ok(p, n));
    *taken = any_length(n);
    int error = any_outcome();
    ASSUME(error != MMD_OK || *taken > 0);
    step(r);
    return error;
}

void contract_of_take_body(struct mmd_response *r, const char *p, size_t n, size_t *taken)
{
    PROVE(holds(r) && r->state > LAST_LINE_STATE && !r->done && n > 0 && __CPROVER_r_ok(p, n));
    *taken = any_length(n);
    step(r);
    ASSUME(*taken > 0 || r->done || is_line(r->state));
    ASSUME(*taken > 0 || r->done);
}

/* PROOF mmd_response_feed
 * proved: ends; takes at most what it is given, and all of it but after the answer's end; an
 * error is returned now and ever after
 * bound: inputs of up to 6 bytes, from any state; a longer one is no more than more steps
 * models: 64 arm
 * with: --unwind 8
 * replaced: take_line:contract_of_take_line take_body:contract_of_take_body */
void prove_response_feed(void)
{
    struct mmd_response r = any_response();
    size_t len = any_length(6);
    r.error = (int8_t)any_outcome();
    int before = r.error, n = mmd_response_feed(&r, any_bytes(len), len);

    PROVE(n < 0 ? is_error(n) : (size_t)n == len || (r.done && (size_t)n < len));
    PROVE(n < 0 ? r.error == n : r.error == MMD_OK && holds(&r));
    PROVE(before == MMD_OK || n == before);
    REACHED(n == 6);
    REACHED(n == 3 && len == 6);
}

/* PROOF mmd_response_begin
 * proved: what each step relies on holds at the beginning; an end of the stream right then is
 * told as empty
 * bound: all
 * models: 64 arm
 * with: --unwind 400 */
void prove_response_begin(void)
{
    struct mmd_response r;
    size_t cap = any_length(8);

    mmd_response_begin(&r, cap > 0 ? any_bytes(cap) : NULL, cap);
    PROVE(holds(&r));
    PROVE(mmd_response_end_of_stream(&r) == MMD_ERR_EMPTY);
    REACHED(cap == 8);
}

/* PROOF mmd_response_end_of_stream
 * proved: completes just what its end delimits; else tells what was wrong before, empty just if
 * no byte of an answer came, and truncated; what is said once is said again
 * bound: all states
 * models: 64 arm
 * with: --unwind 2 */
void prove_response_end(void)
{
    struct mmd_response r = any_response();
    r.error = (int8_t)any_outcome();
    struct mmd_response before = r;
    int error = mmd_response_end_of_stream(&r);

    PROVE(error == r.error && mmd_response_end_of_stream(&r) == error);
    PROVE(before.error == MMD_OK || error == before.error);
    if (before.error == MMD_OK) {
        bool is_whole = before.done || before.state == UNTIL_CLOSE;
        bool is_empty = before.state == STATUS && before.line_bound == MMD_RESPONSE_HEAD_MAX;
        PROVE(error == (is_whole ? MMD_OK : is_empty ? MMD_ERR_EMPTY : MMD_ERR_TRUNCATED));
        PROVE(r.done == is_whole);
    }
    REACHED(error == MMD_ERR_TRUNCATED && before.state == STATUS);
    REACHED(error == MMD_ERR_EMPTY);
    REACHED(error == MMD_OK && !before.done);
}

/* ---- lines ---- */

/* PROOF text_span
 * proved: returns exactly how many bytes no control character is among, HTAB aside: the lanes of
 * words say what a loop over bytes says
 * bound: texts of up to 12 bytes
 * models: 64 32be size
 * with: --unwind 14 */
void prove_text_span(void)
{
    size_t len = any_length(12), at = any_length(11);
    unsigned char *p = any_bytes(len);
    size_t n = text_span((char *)p, len);

    PROVE(n <= len);
    PROVE(at >= n || (p[at] >= ' ' && p[at] != 0x7F) || p[at] == '\t');
    PROVE(n == len || (p[n] < ' ' && p[n] != '\t') || p[n] == 0x7F);
    REACHED(n == 10 && len == 12);
}

static size_t line_len; /* what end_of_line was given */
static char line[8];
static unsigned lines;

/* Of a line: that it can be read, and is cut exactly if it does not fit. */
int contract_of_end_of_line(struct mmd_response *r, const char *p, size_t len)
{
    PROVE(__CPROVER_r_ok(p, len) && is_line(r->state));
    PROVE(!r->line_cut || (p == r->line && len == sizeof r->line));
    line_len = len;
    for (size_t i = 0; i < len && i < sizeof line; i++)
        line[i] = p[i];
    lines++;
    step(r);
    r->line_len = 0;
    r->line_cut = r->line_cr = false;
    return any_outcome();
}

/* PROOF take_line
 * proved: takes at most what it is given, and something unless it is wrong; keeps what holds;
 * a line is made of what was put aside of it, then of this, and ends with CR LF and with nothing
 * else
 * bound: inputs of up to 10 bytes, from any state
 * models: size 64
 * with: --unwind 12
 * replaced: end_of_line:contract_of_end_of_line */
void prove_take_line(void)
{
    struct mmd_response r = any_response();
    size_t n = any_length(10), taken = 0, at = any_length(sizeof r.line - 1);
    char *p = any_bytes(n);

    ASSUME(is_line(r.state) && n > 0);
    struct mmd_response before = r;
    int error = take_line(&r, p, n, &taken);
    PROVE(taken <= n && (taken > 0 || error != MMD_OK));
    PROVE(error == MMD_OK ? holds(&r) : is_error(error));
    PROVE((error == MMD_ERR_TOO_LARGE && lines == 0) ? before.line_bound == 0 : true);
    PROVE(lines == 0 || (taken > 0 && p[taken - 1] == '\n'));
    PROVE(lines == 0 || (before.line_cr ? taken == 1 && line_len == before.line_len
                                        : line_len == taken - 2 && p[line_len] == '\r'));
    PROVE(lines == 0 || at >= line_len || at >= sizeof line ||
          line[at] == (before.line_cr ? before.line[at] : p[at]));
    PROVE(lines > 0 || error != MMD_OK || r.line_cut ||
          r.line_len == before.line_len + taken - (size_t)r.line_cr);
    PROVE(lines > 0 || error != MMD_OK || at >= r.line_len ||
          r.line[at] == (at < before.line_len ? before.line[at] : p[at - before.line_len]));
    REACHED(lines == 1 && taken == 10);
    REACHED(lines == 0 && r.line_cut && !before.line_cut);
}

/* ---- in pieces ---- */

/* What a line's end leads to, the same on both ways, but that two kinds of lines are wrong: see
 * status_line and end_of_line. Of these take_line may know it before they end. */
static struct mmd_response next;
static int next_error;
static struct {
    bool ended, cut;
    size_t len;
    char watched;
} met[2];
static size_t watched;
static unsigned way;

int contract_of_line_met(struct mmd_response *r, const char *p, size_t len)
{
    bool is_wrong =
        r->state == STATUS ? len < 7 || !same(p, version, 7) : r->state == CHUNK_END && len > 0;
    PROVE(!met[way].ended);
    met[way].ended = true;
    met[way].cut = r->line_cut || len > sizeof r->line;
    met[way].len = len < sizeof r->line ? len : sizeof r->line;
    met[way].watched = watched < met[way].len ? p[watched] : 0;
    *r = next;
    return is_wrong ? MMD_ERR_PROTOCOL : next_error;
}

/* As mmd_response_feed does, but up to the end of the line. */
static int take_on(struct mmd_response *r, const char *p, size_t n, size_t *at)
{
    int error = MMD_OK;

    for (size_t taken = 0; *at < n && error == MMD_OK && !met[way].ended; *at += taken)
        error = take_line(r, p + *at, n - *at, &taken);
    return error;
}

/* PROOF take_line(in pieces)
 * proved: a byte and then the rest leads where both at once do: the same line comes to its end, or
 * the same error, or as much is put aside of it. Since this holds from any state, and so behind
 * each byte, it holds for any pieces
 * bound: inputs of up to 6 bytes, from any state
 * models: size arm
 * with: --unwind 9 --unwindset take_on.0:4,memcpy.0:7
 * replaced: end_of_line:contract_of_line_met */
void prove_line_in_pieces(void)
{
    struct mmd_response whole = any_response(), pieces = whole;
    size_t len = any_length(6), at[2] = {0, 1}, taken = 0;
    char data[6];

    ASSUME(len > 0 && is_line(whole.state));
    watched = any_length(sizeof whole.line - 1);
    next = whole;
    step(&next);
    next_error = any_outcome();

    int error = take_on(&whole, data, len, &at[0]);
    way = 1;
    int again = take_line(&pieces, data, 1, &taken);
    if (again == MMD_OK && !met[1].ended)
        again = take_on(&pieces, data, len, &at[1]);
    PROVE(error == again);
    if (error == MMD_OK) {
        PROVE(met[0].ended == met[1].ended && met[0].watched == met[1].watched);
        PROVE(met[0].len == met[1].len && met[0].cut == met[1].cut);
        PROVE(whole.state == pieces.state && at[0] == at[1] &&
              whole.line_bound == pieces.line_bound);
        PROVE(whole.line_len == pieces.line_len && whole.line_cut == pieces.line_cut);
        PROVE(whole.line_cr == pieces.line_cr);
        PROVE(met[0].ended || watched >= whole.line_len ||
              whole.line[watched] == pieces.line[watched]);
    }
    REACHED(met[0].ended && at[0] == 6 && met[0].len == 4);
    REACHED(met[0].ended && at[0] == 5 && met[0].len == 90);
    REACHED(error == MMD_OK && !met[0].ended && whole.line_len == 6);
    REACHED(error == MMD_ERR_TOO_LARGE && !met[0].ended && len == 5);
}

/* ---- what end_of_line leads to ---- */

static bool is_ended(const struct mmd_response *r)
{
    return r->line_len == 0 && !r->line_cut && !r->line_cr;
}

/* What holds within a line: the cut is that of the line that is looked at. */
static bool holds_within(const struct mmd_response *r)
{
    struct mmd_response between = *r;
    between.line_cut = false;
    return holds(&between) && is_bool(&r->line_cut);
}

static struct mmd_response any_response_within(enum state state)
{
    struct mmd_response r = any_response();

    r.line_cut = nondet_bool();
    ASSUME(r.state == state);
    return r;
}

static int any_step_within(struct mmd_response *r)
{
    bool cut = r->line_cut;
    step(r);
    r->line_cut = cut;
    return any_outcome();
}

int contract_of_status_line(struct mmd_response *r, const char *p, size_t len)
{
    PROVE(r->state == STATUS && __CPROVER_r_ok(p, len) && len <= sizeof r->line);
    return any_step_within(r);
}

int contract_of_field_line(struct mmd_response *r, const char *p, size_t len)
{
    PROVE((r->state == FIELDS || r->state == TRAILERS) && __CPROVER_r_ok(p, len));
    PROVE(len > 0 && len <= sizeof r->line);
    return any_step_within(r);
}

int contract_of_chunk_size(struct mmd_response *r, const char *p, size_t len)
{
    PROVE(r->state == CHUNK_SIZE && __CPROVER_r_ok(p, len) && len <= sizeof r->line);
    return any_step_within(r);
}

/* PROOF end_of_line
 * proved: keeps what holds; no more of a line is looked at than its first 96 bytes; an empty
 * line ends the head or the trailers
 * bound: lines of up to 200 bytes, from any state
 * models: 64 arm
 * with: --unwind 400
 * replaced: status_line:contract_of_status_line field_line:contract_of_field_line
 * chunk_size:contract_of_chunk_size */
void prove_end_of_line(void)
{
    struct mmd_response r = any_response();
    size_t len = any_length(200);

    ASSUME(is_line(r.state) && (!r.line_cut || len == sizeof r.line));
    enum state before = (enum state)r.state;
    int error = end_of_line(&r, any_bytes(len), len);
    PROVE(error == MMD_OK ? holds(&r) && is_ended(&r) : is_error(error));
    if (before == TRAILERS && len == 0)
        PROVE(error == MMD_OK && r.done);
    if (before == CHUNK_END)
        PROVE(error == MMD_OK ? len == 0 && r.state == CHUNK_SIZE : len > 0);
    REACHED(before == FIELDS && r.state == STATUS);
    REACHED(before == FIELDS && r.head_complete && r.retry_after_s == 59);
}

/* PROOF status_line
 * proved: keeps what holds; takes just HTTP/1.x SP 3DIGIT, from 100 on, then nothing or SP and a
 * reason
 * bound: lines of up to 14 bytes
 * models: 64 arm
 * with: --unwind 16 */
void prove_status_line(void)
{
    struct mmd_response r = any_response_within(STATUS);
    size_t len = any_length(14);
    char *p = any_bytes(len);

    int error = status_line(&r, p, len);
    PROVE(error == MMD_OK ? holds_within(&r) : error == MMD_ERR_PROTOCOL);
    bool right = len >= 12 && same(p, "HTTP/1.", 7) && p[7] >= '0' && p[7] <= '9' && p[8] == ' ' &&
                 p[9] >= '1' && p[9] <= '9' && p[10] >= '0' && p[10] <= '9' && p[11] >= '0' &&
                 p[11] <= '9' && (len == 12 || p[12] == ' ');
    PROVE(right == (error == MMD_OK));
    if (right)
        PROVE(r.status == (p[9] - '0') * 100 + (p[10] - '0') * 10 + (p[11] - '0'));
    REACHED(r.status == 204 && len == 14);
}

static size_t field_name, field_text; /* what field was given: offsets and a length */
static size_t field_text_len;
static const char *field_from;
static int field_error; /* and what it said */

int contract_of_field(struct mmd_response *r, const char *name, size_t name_len, const char *text,
                      size_t len)
{
    PROVE(__CPROVER_r_ok(name, name_len) && __CPROVER_r_ok(text, len) && r->state == FIELDS);
    field_from = name;
    field_name = name_len;
    field_text = (size_t)(text - name);
    field_text_len = len;
    return field_error = any_step_within(r);
}

/* tchar (RFC 9110, 5.6.2). */
static bool is_tchar(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '!' ||
           c == '#' || c == '$' || c == '%' || c == '&' || c == '\'' || c == '*' || c == '+' ||
           c == '-' || c == '.' || c == '^' || c == '_' || c == '`' || c == '|' || c == '~';
}

/* PROOF field_line
 * proved: takes just a token (RFC 9110, 5.6.2), ":" and a text; gives the text without the space
 * at its ends; of trailers takes in none
 * bound: lines of up to 10 bytes
 * models: size arm
 * with: --unwind 17
 * replaced: field:contract_of_field */
void prove_field_line(void)
{
    struct mmd_response r = any_response_within(nondet_bool() ? FIELDS : TRAILERS);
    size_t len = any_length(10), at = any_length(9), name = 0;
    char *p = any_bytes(len);
    bool trailers = r.state == TRAILERS;

    ASSUME(len > 0);
    int error = field_line(&r, p, len);
    while (name < len && is_tchar(p[name]))
        name++;
    bool right = name > 0 && name < len && p[name] == ':';
    PROVE((field_from != NULL) == (right && !trailers));
    if (field_from != NULL) {
        PROVE(error == field_error && field_from == p && field_name == name);
        PROVE(at <= field_name || at >= len || is_space(p[at]) ||
              (at >= field_text && at < field_text + field_text_len));
        PROVE(field_text_len == 0 ||
              (!is_space(p[field_text]) && !is_space(p[field_text + field_text_len - 1])));
        PROVE(field_text > field_name && field_text + field_text_len <= len);
    } else {
        PROVE(error == (right ? MMD_OK : MMD_ERR_PROTOCOL));
    }
    REACHED(trailers && error == MMD_OK && name == 7);
    REACHED(field_name == 2 && field_text == 4 && field_text_len == 4 && len == 10);
}

static bool is_named(const char *name, size_t len, const char *wanted)
{
    size_t i = 0;

    for (; i < len && wanted[i] != '\0'; i++)
        if (name[i] != wanted[i] &&
            (name[i] < 'A' || name[i] > 'Z' || name[i] - 'A' + 'a' != wanted[i]))
            return false;
    return i == len && wanted[i] == '\0';
}

int64_t contract_of_mmd_http_date(const char *text, size_t len)
{
    int64_t when = (int64_t)nondet_size();
    PROVE(__CPROVER_r_ok(text, len));
    ASSUME(when >= -1 && when <= 253402300800);
    return when;
}

bool contract_of_has_close(const char *text, size_t len)
{
    PROVE(__CPROVER_r_ok(text, len));
    return nondet_bool() || is_named(text, len, "close");
}

/* PROOF field
 * proved: keeps what holds; heeds the seven names it knows, in any case of letters, and no others;
 * a length is taken only from a whole line of digits that says what was said before; a coding other
 * than one "chunked" is unknown, and that or a "close" is never taken back
 * bound: names of up to 18 characters, texts of up to 9
 * models: size arm
 * with: --unwind 20 --unwindset memcpy.0:30
 * replaced: mmd_http_date:contract_of_mmd_http_date has_close:contract_of_has_close */
void prove_field(void)
{
    struct mmd_response r = any_response_within(FIELDS), before = r;
    size_t name_len = any_length(18), len = any_length(9), at = any_length(17);
    char name[18], text[9];

    for (size_t i = 0; i < sizeof name; i++)
        ASSUME(name[i] > ' ' && name[i] < 0x7F);
    ASSUME(name_len > 0);
    int error = field(&r, name, name_len, text, len);
    PROVE(error == MMD_OK ? holds_within(&r) : error == MMD_ERR_PROTOCOL);
    if (is_named(name, name_len, "content-length")) {
        PROVE(error != MMD_OK || (!r.line_cut && len > 0 && r.has_length));
        PROVE(error != MMD_OK || !before.has_length || r.left == before.left);
        PROVE(error != MMD_OK || at >= len || (text[at] >= '0' && text[at] <= '9'));
    } else {
        PROVE(error == MMD_OK && r.has_length == before.has_length && r.left == before.left);
    }
    bool coding = is_named(name, name_len, "transfer-encoding");
    PROVE(r.chunked == (before.chunked || coding));
    PROVE(r.coding_unknown ==
          (before.coding_unknown ||
           (coding && (before.chunked || r.line_cut || !is_named(text, len, "chunked")))));
    bool connection = is_named(name, name_len, "connection");
    PROVE(before.reusable || !r.reusable);
    PROVE(connection ? !r.line_cut || !r.reusable : r.reusable == before.reusable);
    PROVE(!connection || !is_named(text, len, "close") || !r.reusable);
    if (!is_named(name, name_len, "request-id") && !is_named(name, name_len, "x-ms-request-id"))
        PROVE(r.request_id[at] == before.request_id[at]);
    if (!is_named(name, name_len, "retry-after"))
        PROVE(r.retry_at == before.retry_at && r.retry_after_s == before.retry_after_s);
    REACHED(r.retry_after_s == 120 && before.retry_after_s == 5);
    REACHED(r.request_id[0] == 'x' && before.request_id[0] == '\0');
    REACHED(error == MMD_OK && r.left == 77 && before.left == 0);
    REACHED(coding && r.chunked && !r.coding_unknown && text[0] == 'C');
    REACHED(coding && r.coding_unknown && !before.coding_unknown && len == 9);
}

/* PROOF field(request-id, Date)
 * proved: the first id that fits and came whole is kept, with its NUL; a date of 29 bytes is; else
 * nothing is written
 * bound: texts of up to 70 bytes
 * models: size arm
 * with: --unwind 20 --unwindset memcpy.0:71 */
void prove_kept_fields(void)
{
    struct mmd_response r = any_response_within(FIELDS), before = r;
    bool is_id = nondet_bool();
    size_t len = any_length(70), at = any_length(sizeof r.request_id - 1);
    char text[70];

    PROVE((is_id ? field(&r, "Request-Id", 10, text, len) : field(&r, "date", 4, text, len)) ==
          MMD_OK);
    PROVE(holds_within(&r));
    bool is_kept = is_id && before.request_id[0] == '\0' && !r.line_cut && len <= 63;
    PROVE(r.request_id[at] == (!is_kept || at > len ? before.request_id[at]
                               : at < len           ? text[at]
                                                    : '\0'));
    if (at < sizeof r.date)
        PROVE(r.date[at] == (!is_id && len == sizeof r.date ? text[at] : before.date[at]));
    REACHED(is_kept && len == 63 && at == 62);
    REACHED(!is_id && len == 29 && r.date[28] != before.date[28]);
}

/* PROOF has_close
 * proved: finds "close" as a whole member of a list, in any case of letters, and nothing else
 * bound: texts of up to 8 bytes
 * models: size
 * with: --unwind 10 */
void prove_has_close(void)
{
    size_t len = any_length(8), at = any_length(3);
    char text[8];
    bool found = has_close(text, len), expected = false;

    for (size_t from = 0; from + 5 <= len && from < 4; from++) {
        size_t first = from, end = from + 5;
        while (first > 0 && is_space(text[first - 1]))
            first--;
        while (end < len && is_space(text[end]))
            end++;
        expected |= is_named(text + from, 5, "close") && (first == 0 || text[first - 1] == ',') &&
                    (end == len || text[end] == ',');
    }
    PROVE(found == expected);
    REACHED(found && text[at] == ',' && at == 1 && len == 8);
}

/* PROOF decimal
 * proved: takes just one or more digits, and of these what fits in 64 bits; gives their number
 * bound: texts of up to 5 bytes, alone or behind the first 16 of the 20 digits of 2^64; that it
 * takes digits only, up to 21 bytes
 * models: 64 arm
 * with: --unwind 23 */
void prove_decimal(void)
{
    static const char edge[] = "1844674407370955";
    size_t before = nondet_bool() ? sizeof edge - 1 : 0;
    size_t len = before + any_length(before > 0 ? 5 : 21);
    unsigned __CPROVER_bitvector[80] number = 0;
    char *text = any_bytes(len);
    bool are_digits = len > 0;
    uint64_t value;

    memcpy(text, edge, before);
    bool right = decimal(text, len, &value);
    for (size_t i = 0; i < len; i++) {
        are_digits &= text[i] >= '0' && text[i] <= '9';
        number = number * 10 + (unsigned)(text[i] - '0');
    }
    PROVE(!right || are_digits);
    if (len - before <= 5) {
        PROVE(right == (are_digits && number <= UINT64_MAX));
        PROVE(!right || value == number);
    }
    REACHED(right && value == UINT64_MAX);
    REACHED(right && value == 98765);
    REACHED(!right && are_digits && len == 20);
}

/* PROOF chunk_size
 * proved: keeps what holds; takes just 1 to 16 hexadecimal digits, then nothing, or any space and
 * ";"; what then is awaited is their number of bytes, or the trailers if it is 0
 * bound: lines of up to 18 bytes
 * models: 64 arm
 * with: --unwind 20 */
void prove_chunk_size(void)
{
    struct mmd_response r = any_response_within(CHUNK_SIZE);
    size_t len = any_length(18), digits = 0;
    char *p = any_bytes(len);
    uint64_t number = 0;

    int error = chunk_size(&r, p, len);
    for (; digits < len && mmd_hex_digit((unsigned char)p[digits]) >= 0; digits++)
        number = number << 4 | (unsigned)mmd_hex_digit((unsigned char)p[digits]);
    size_t next = digits;
    while (next < len && is_space(p[next]))
        next++;
    bool right = digits > 0 && digits <= 16 && (digits == len || (next < len && p[next] == ';'));
    PROVE(error == (right ? MMD_OK : MMD_ERR_PROTOCOL));
    if (right) {
        PROVE(holds_within(&r) && r.left == number && r.state == (number > 0 ? CHUNK : TRAILERS));
        PROVE(number > 0 || r.line_bound == MMD_RESPONSE_HEAD_MAX);
    }
    REACHED(right && r.left == UINT64_MAX);
    REACHED(right && number == 0x5A && next == 5 && len == 18);
    REACHED(!right && digits == 1 && next == 3 && len == 3);
}

/* ---- the body ---- */

/* PROOF take_body
 * proved: keeps what holds; takes at most what it is given and what belongs to the body; keeps
 * all that fits, in place, be it apart or in the buffer itself
 * bound: 8 bytes into a buffer of up to 8, from any state
 * models: 64 arm
 * with: --unwind 10 */
void prove_take_body(void)
{
    struct mmd_response r = any_response(), before = r;
    bool in_place = nondet_bool();
    size_t n = any_length(in_place ? r.body_cap - r.body_len : 8), at = any_length(7), taken;
    size_t from = in_place ? any_length(r.body_cap - r.body_len - n) : 0;
    char *p = in_place ? r.body + r.body_len + from : any_bytes(n);

    ASSUME(r.state > LAST_LINE_STATE && !r.done && n > 0);
    char byte = at < n ? p[at] : 0, kept = at < r.body_len ? r.body[at] : 0;
    take_body(&r, p, n, &taken);
    PROVE(holds(&r) && taken <= n && taken <= before.left && (taken > 0 || r.done));
    PROVE(r.body_len == before.body_len + taken && (r.done || r.left == before.left - taken));
    PROVE(at >= before.body_len || r.body[at] == kept);
    PROVE(at >= taken || r.body[before.body_len + at] == byte);
    PROVE(r.body_cut == (before.body_cut || (taken < n && taken < before.left)));
    REACHED(in_place && from == 2 && taken == 5);
    REACHED(r.state == CHUNK_END && !in_place);
}

/* PROOF take_body(in pieces)
 * proved: a byte and then the rest leads where both at once do, and so do any pieces
 * bound: 6 bytes into a buffer of up to 6, from any state
 * models: size arm
 * with: --unwind 8 */
void prove_body_in_pieces(void)
{
    struct mmd_response whole, pieces;
    size_t n = any_length(6), at = any_length(5), taken[3] = {0};
    char data[6], bodies[2][6];

    whole.error = MMD_OK;
    whole.body_cap = any_length(sizeof bodies[0]);
    whole.body = bodies[0];
    ASSUME(holds(&whole) && whole.state > LAST_LINE_STATE && !whole.done && n > 0);
    memcpy(bodies[1], bodies[0], sizeof bodies[0]);
    pieces = whole;
    pieces.body = bodies[1];

    take_body(&whole, data, n, &taken[0]);
    take_body(&pieces, data, 1, &taken[1]);
    if (n > 1 && pieces.state > LAST_LINE_STATE && !pieces.done)
        take_body(&pieces, data + 1, n - 1, &taken[2]);
    PROVE(taken[0] == taken[1] + taken[2] && whole.state == pieces.state);
    PROVE(whole.body_len == pieces.body_len && whole.left == pieces.left);
    PROVE(whole.body_cut == pieces.body_cut && whole.reusable == pieces.reusable);
    PROVE(whole.done == pieces.done && whole.line_bound == pieces.line_bound);
    PROVE(at >= whole.body_len || bodies[0][at] == bodies[1][at]);
    REACHED(taken[0] == 5 && n == 6 && whole.body_cut);
    REACHED(taken[0] == 3 && n == 6 && whole.state == CHUNK_END);
}
