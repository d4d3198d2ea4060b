/* SPDX-License-Identifier: MIT */
/* The parser of responses. What holds when a response begins and is kept by each call of
 * mmd_response_feed holds however long the response is and however it is cut: the harnesses begin
 * from any state in which it holds. The head's lines and the framing are proved by themselves, by
 * the functions of their private headers. No static function is named here. */
#include "proof.h"

#include "../../src/http/challenge.c"
#include "../../src/http/response.c"
#include "../../src/http/response_framing.c"
#include "../../src/http/response_head.c"
#include "../../src/text/charclass.c"
#include "../../src/text/writer.c"

/* ---- what holds between two calls ---- */

static bool is_bool(const bool *b)
{
    return *(const unsigned char *)b <= 1;
}

static bool is_line_state(uint8_t state)
{
    return state == STATUS_LINE || state == FIELD_LINE || state == CHUNK_SIZE ||
           state == CHUNK_END || state == TRAILER;
}

static bool is_body_state(uint8_t state)
{
    return state == CHUNK || state == LENGTH || state == UNTIL_END_OF_STREAM;
}

/* Of what the head's lines set. */
static bool head_holds(const struct mmd_response *r)
{
    return is_bool(&r->reusable) && is_bool(&r->has_length) && is_bool(&r->chunked) &&
           is_bool(&r->coding_unknown) && is_bool(&r->to_connect) &&
           r->retry_after_s >= MMD_RETRY_AFTER_ABSENT && r->retry_after_s <= MMD_RETRY_AFTER_MAX &&
           r->retry_at >= -1 && r->retry_at <= 253402300800 && r->date >= -1 &&
           r->date <= 253402300800 && r->request_id[MMD_REQUEST_ID_MAX] == '\0';
}

static bool holds(const struct mmd_response *r)
{
    return head_holds(r) && r->state <= DONE && r->done == (r->state == DONE) &&
           is_bool(&r->done) && is_bool(&r->head_complete) && is_bool(&r->body_cut) &&
           is_bool(&r->line_cut) && is_bool(&r->line_cr) && r->line_len <= sizeof r->line &&
           (!r->line_cut || r->line_len == sizeof r->line) &&
           r->line_bound <= MMD_RESPONSE_HEAD_MAX && r->body_len <= r->body_cap &&
           (r->state == STATUS_LINE ? r->status == 0 : r->status >= 100 && r->status <= 999) &&
           (!is_body_state(r->state) || (r->left > 0 && r->line_len == 0 && !r->line_cr)) &&
           (r->state != CHUNK_END || !r->line_len);
}

static bool is_error(int error)
{
    return error == MMD_ERR_PROTOCOL || error == MMD_ERR_TOO_LARGE;
}

static char body[8];

/* A response, with a buffer of up to 8 bytes for its body, in this state. */
static struct mmd_response any_response_in(uint8_t state)
{
    struct mmd_response r;

    r.error = MMD_OK;
    r.state = state;
    r.done = state == DONE;
    r.body_cap = any_length(sizeof body);
    r.body = body;
    ASSUME(holds(&r));
    return r;
}

static struct mmd_response any_response(void)
{
    return any_response_in((uint8_t)any_length(DONE));
}

/* Within a line of the head: the cut is that of the line. */
static struct mmd_response any_head(void)
{
    struct mmd_response r;

    ASSUME(head_holds(&r) && is_bool(&r.line_cut));
    return r;
}

static int any_outcome(void)
{
    return nondet_bool() ? MMD_OK : MMD_ERR_PROTOCOL;
}

/* ---- contracts of the private headers ---- */

static unsigned lines; /* that were met, and of the first of them: */
static size_t line_len, watched;
static char watched_char;
static bool line_cut;
static bool stops; /* the first line ends it */

static void meet(const struct mmd_response *r, const char *line, size_t len)
{
    PROVE(line == r->line && len == r->line_len && len <= sizeof r->line);
    if (lines++ == 0) {
        line_len = len;
        line_cut = r->line_cut;
        watched_char = watched < len ? line[watched] : 0;
    }
}

/* Sets all that a line of the head may set. */
static void any_fields(struct mmd_response *r)
{
    struct mmd_response any = any_head();

    r->reusable = any.reusable;
    r->has_length = any.has_length;
    r->chunked = any.chunked;
    r->coding_unknown = any.coding_unknown;
    r->left = any.left;
    r->retry_after_s = any.retry_after_s;
    r->retry_at = any.retry_at;
    r->date = any.date;
}

int contract_of_mmd_head_status_line(struct mmd_response *r, const char *line, size_t len)
{
    meet(r, line, len);
    PROVE(r->state == STATUS_LINE);
    if (stops || nondet_bool())
        return MMD_ERR_PROTOCOL;
    any_fields(r);
    r->status = (uint16_t)any_length(999);
    ASSUME(r->status >= 100);
    return MMD_OK;
}

int contract_of_mmd_head_field_line(struct mmd_response *r, const char *line, size_t len)
{
    meet(r, line, len);
    PROVE(r->state == FIELD_LINE && len > 0);
    if (stops || nondet_bool())
        return MMD_ERR_PROTOCOL;
    any_fields(r);
    return MMD_OK;
}

static const struct mmd_response *current; /* of which lines come that are not given with it */

int contract_of_mmd_head_trailer_line(const char *line, size_t len)
{
    meet(current, line, len);
    PROVE(current->state == TRAILER && len > 0);
    return stops ? MMD_ERR_PROTOCOL : any_outcome();
}

int contract_of_mmd_framing_chunk_size(const char *line, size_t len, uint64_t *size)
{
    meet(current, line, len);
    PROVE(current->state == CHUNK_SIZE);
    *size = nondet_size();
    return stops ? MMD_ERR_PROTOCOL : any_outcome();
}

void contract_of_mmd_head_end(struct mmd_response *r)
{
    PROVE(r->state == FIELD_LINE && r->status >= 200);
    if (!stops)
        any_fields(r);
}

static enum mmd_framing framing; /* the last one */

int contract_of_mmd_framing_of(struct mmd_response *r, enum mmd_framing *out)
{
    framing = *out = (enum mmd_framing)any_length(MMD_FRAMING_END_OF_STREAM);
    if (stops)
        return MMD_ERR_PROTOCOL;
    r->reusable = r->reusable && nondet_bool();
    return any_outcome();
}

static const struct mmd_response begun = {.retry_after_s = MMD_RETRY_AFTER_ABSENT,
                                          .retry_at = -1,
                                          .date = -1,
                                          .state = STATUS_LINE,
                                          .line_bound = MMD_RESPONSE_HEAD_MAX};

void contract_of_mmd_response_begin(struct mmd_response *r, char *body, size_t cap)
{
    *r = begun;
    r->body = body;
    r->body_cap = cap;
}

/* ---- the interface ---- */

/* PROOF mmd_response_begin
 * proved: what each call relies on holds at the beginning, of the response to a CONNECT, too; an
 * end of the stream right then is reported as empty
 * bound: all
 * models: 64 arm
 * with: --unwind 800 */
void prove_response_begin(void)
{
    struct mmd_response r;
    size_t cap = any_length(8);

    bool to_connect = nondet_bool();
    char *buf = cap > 0 ? any_bytes(cap) : NULL;

    if (to_connect)
        mmd_response_begin_connect(&r, buf, cap);
    else
        mmd_response_begin(&r, buf, cap);
    PROVE(r.body == buf && r.to_connect == to_connect && r.date == -1);
    PROVE(holds(&r) && r.body_cap == cap && r.body_len == 0 && r.status == 0);
    PROVE(r.state == STATUS_LINE && r.line_bound == MMD_RESPONSE_HEAD_MAX && r.error == MMD_OK);
    PROVE(!r.has_length && !r.chunked && !r.coding_unknown && !r.head_complete && !r.reusable);
    PROVE(r.left == 0 && r.line_len == 0 && !r.line_cut && !r.line_cr && r.request_id[0] == '\0');
    PROVE(r.retry_after_s == MMD_RETRY_AFTER_ABSENT && r.retry_at == -1);
    PROVE(mmd_response_end_of_stream(&r) == MMD_ERR_EMPTY);
    REACHED(cap == 8);
}

/* PROOF mmd_response_end_of_stream
 * proved: completes only what its end delimits; else reports what was wrong before, empty only if
 * no byte of a response came, and truncated; what was said once is said again
 * bound: all states
 * models: 64 arm
 * with: --unwind 2 */
void prove_response_end(void)
{
    struct mmd_response r = any_response();
    r.error = (int8_t)(nondet_bool() ? MMD_ERR_TOO_LARGE : any_outcome());
    struct mmd_response before = r;
    int error = mmd_response_end_of_stream(&r);

    PROVE(error == r.error && mmd_response_end_of_stream(&r) == error);
    PROVE(before.error == MMD_OK || error == before.error);
    if (before.error == MMD_OK) {
        bool is_whole = before.done || before.state == UNTIL_END_OF_STREAM;
        bool is_empty = before.state == STATUS_LINE && before.line_bound == MMD_RESPONSE_HEAD_MAX;
        PROVE(error == (is_whole ? MMD_OK : is_empty ? MMD_ERR_EMPTY : MMD_ERR_TRUNCATED));
        PROVE(r.done == is_whole);
    }
    REACHED(error == MMD_ERR_TRUNCATED && before.state == STATUS_LINE);
    REACHED(error == MMD_ERR_EMPTY);
    REACHED(error == MMD_OK && !before.done);
}

/* PROOF mmd_response_feed
 * proved: ends; keeps what holds; takes at most what it is given, and all of it unless the response
 * ends; an error is returned now and by every further call
 * bound: inputs of up to 2 bytes, from any state; a longer one is no more than more steps
 * models: 64 arm
 * with: --unwind 4 --unwindset memcmp.0:8
 * replaced: mmd_head_status_line:contract_of_mmd_head_status_line
 * mmd_head_field_line:contract_of_mmd_head_field_line
 * mmd_head_trailer_line:contract_of_mmd_head_trailer_line mmd_head_end:contract_of_mmd_head_end
 * mmd_framing_of:contract_of_mmd_framing_of
 * mmd_framing_chunk_size:contract_of_mmd_framing_chunk_size
 * mmd_response_begin:contract_of_mmd_response_begin */
void prove_response_feed(void)
{
    struct mmd_response r = any_response();
    size_t len = any_length(2);

    r.error = (int8_t)(nondet_bool() ? MMD_ERR_TOO_LARGE : any_outcome());
    current = &r;
    int before = r.error, n = mmd_response_feed(&r, any_bytes(len), len);
    PROVE(n < 0 ? is_error(n) : (size_t)n == len || (r.done && (size_t)n < len));
    PROVE(n < 0 ? r.error == n : r.error == MMD_OK && holds(&r));
    PROVE(before == MMD_OK || n == before);
    REACHED(n == 2 && lines == 1);
    REACHED(n == 1 && r.state == STATUS_LINE && r.line_len == 0 && lines == 0);
    REACHED(n == 1 && len == 2);
}

/* PROOF mmd_response_feed(a line)
 * proved: a line is made of what was kept of it, then of this input; it ends with CR LF and with
 * nothing else; of a long one the first 255 bytes are kept, and it is marked as cut; a line beyond
 * the bound is too large
 * bound: inputs of up to 4 bytes, from any state
 * models: 64 arm
 * with: --unwind 6 --unwindset memcmp.0:8
 * replaced: mmd_head_status_line:contract_of_mmd_head_status_line
 * mmd_head_field_line:contract_of_mmd_head_field_line
 * mmd_head_trailer_line:contract_of_mmd_head_trailer_line mmd_head_end:contract_of_mmd_head_end
 * mmd_framing_of:contract_of_mmd_framing_of
 * mmd_framing_chunk_size:contract_of_mmd_framing_chunk_size
 * mmd_response_begin:contract_of_mmd_response_begin */
void prove_line(void)
{
    struct mmd_response r = any_response(), before = r;
    size_t len = any_length(4), text = 0;
    char *p = any_bytes(len);

    ASSUME(is_line_state(r.state) && r.state != CHUNK_END && len <= r.line_bound);
    ASSUME(r.state != FIELD_LINE && r.state != TRAILER ? true : r.line_len > 0); /* not empty */
    stops = true;
    current = &r;
    watched = any_length(sizeof r.line - 1);
    while (!before.line_cr && text < len && ((unsigned char)p[text] >= ' ' || p[text] == '\t') &&
           p[text] != 0x7F)
        text++;
    size_t end = before.line_cr ? 0 : text + 1; /* where the LF must be */
    int n = mmd_response_feed(&r, p, len);
    bool ends = end < len && p[end] == '\n' && (before.line_cr || p[text] == '\r');
    PROVE(lines <= 1 && (lines == 1 ? ends : true));
    PROVE(!ends || lines == 1 || before.state == STATUS_LINE);
    PROVE(lines == 1 || n == (int)len || n == MMD_ERR_PROTOCOL);
    size_t whole = before.line_len + text;
    if (lines == 1) {
        PROVE(line_len == (whole > sizeof r.line ? sizeof r.line : whole));
        PROVE(line_cut == (before.line_cut || whole > sizeof r.line));
        PROVE(watched >= line_len ||
              watched_char == (watched < before.line_len ? before.line[watched]
                                                         : p[watched - before.line_len]));
    }
    REACHED(lines == 1 && text == 2 && line_len == 90);
    REACHED(lines == 1 && line_cut && !before.line_cut);
    REACHED(n == 4 && r.line_cr);
}

/* PROOF mmd_response_feed(a line at its bound)
 * proved: takes as many bytes of a line as its bound leaves, and then reports it as too large
 * bound: inputs of up to 4 bytes, from any state within a line
 * models: 64 arm
 * with: --unwind 6 --unwindset memcmp.0:8
 * replaced: mmd_head_status_line:contract_of_mmd_head_status_line
 * mmd_head_field_line:contract_of_mmd_head_field_line
 * mmd_head_trailer_line:contract_of_mmd_head_trailer_line mmd_head_end:contract_of_mmd_head_end
 * mmd_framing_of:contract_of_mmd_framing_of
 * mmd_framing_chunk_size:contract_of_mmd_framing_chunk_size
 * mmd_response_begin:contract_of_mmd_response_begin */
void prove_line_bound(void)
{
    struct mmd_response r = any_response(), before = r;
    size_t len = any_length(4);

    ASSUME(is_line_state(r.state) && len > r.line_bound);
    ASSUME(r.state != FIELD_LINE && r.state != TRAILER && r.state != CHUNK_END ? true
                                                                               : r.line_len > 0);
    stops = true;
    current = &r;
    int n = mmd_response_feed(&r, any_bytes(len), len);
    PROVE(n == MMD_ERR_TOO_LARGE || n == MMD_ERR_PROTOCOL);
    REACHED(n == MMD_ERR_TOO_LARGE && before.line_bound == 3 && before.state == CHUNK_SIZE);
}

/* PROOF mmd_response_feed(in pieces)
 * proved: a byte and then the rest leads where both at once do: the same line is met, or the same
 * error, or all that is kept is the same. Since this holds from any state, and therefore after each
 * byte, it holds for any pieces
 * bound: inputs of up to 3 bytes, from any state, up to the end of the first line
 * models: 64 arm
 * with: --unwind 9 --unwindset mmd_response_feed.0:5,mmd_span.0:4
 * replaced: mmd_head_status_line:contract_of_mmd_head_status_line
 * mmd_head_field_line:contract_of_mmd_head_field_line
 * mmd_head_trailer_line:contract_of_mmd_head_trailer_line mmd_head_end:contract_of_mmd_head_end
 * mmd_framing_of:contract_of_mmd_framing_of
 * mmd_framing_chunk_size:contract_of_mmd_framing_chunk_size
 * mmd_response_begin:contract_of_mmd_response_begin */
void prove_in_pieces(void)
{
    struct mmd_response whole, pieces;
    size_t len = any_length(3), at = any_length(7);
    char data[3], bodies[2][8];

    whole.error = MMD_OK;
    whole.body = bodies[0];
    whole.body_cap = any_length(sizeof bodies[0]);
    ASSUME(holds(&whole) && len > 1);
    memcpy(bodies[1], bodies[0], sizeof bodies[0]);
    pieces = whole;
    pieces.body = bodies[1];
    stops = true;
    watched = any_length(sizeof whole.line - 1);

    current = &whole;
    int n = mmd_response_feed(&whole, data, len);
    unsigned met = lines;
    size_t met_len = line_len;
    bool met_cut = line_cut;
    char met_char = watched_char;

    lines = 0;
    current = &pieces;
    int first = mmd_response_feed(&pieces, data, 1);
    int rest = first == 1 ? mmd_response_feed(&pieces, data + 1, len - 1) : 0;
    PROVE(n == (first < 0 ? first : rest < 0 ? rest : first + rest));
    PROVE(met == lines);
    PROVE(met == 0 || (met_len == line_len && met_cut == line_cut && met_char == watched_char));
    PROVE(n < 0 || (whole.state == pieces.state && whole.line_bound == pieces.line_bound));
    PROVE(n < 0 || (whole.line_len == pieces.line_len && whole.line_cut == pieces.line_cut));
    PROVE(n < 0 || (whole.line_cr == pieces.line_cr && whole.left == pieces.left));
    PROVE(n < 0 || watched >= whole.line_len || whole.line[watched] == pieces.line[watched]);
    PROVE(whole.status == pieces.status && whole.head_complete == pieces.head_complete);
    PROVE(whole.done == pieces.done && whole.reusable == pieces.reusable);
    PROVE(whole.body_len == pieces.body_len && whole.body_cut == pieces.body_cut);
    PROVE(at >= whole.body_len || bodies[0][at] == bodies[1][at]);
    REACHED(met == 1 && met_len == 1 && len == 3);
    REACHED(n == 2 && len == 3 && whole.body_cut);
    REACHED(n == 3 && whole.state == CHUNK_SIZE && whole.line_len == 1);
    REACHED(n == MMD_ERR_TOO_LARGE && met == 0);
}

/* PROOF mmd_response_feed(the end of the head)
 * proved: an interim response is forgotten, but for the bound of all heads; 101 is refused; after a
 * final one, what is awaited is what the framing says
 * bound: all
 * models: 64 arm
 * with: --unwind 4
 * replaced: mmd_head_status_line:contract_of_mmd_head_status_line
 * mmd_head_field_line:contract_of_mmd_head_field_line
 * mmd_head_trailer_line:contract_of_mmd_head_trailer_line mmd_head_end:contract_of_mmd_head_end
 * mmd_framing_of:contract_of_mmd_framing_of
 * mmd_framing_chunk_size:contract_of_mmd_framing_chunk_size
 * mmd_response_begin:contract_of_mmd_response_begin */
void prove_end_of_head(void)
{
    struct mmd_response r = any_response_in(FIELD_LINE), before = r;

    ASSUME(r.line_len == 0 && !r.line_cr && r.line_bound >= 2);
    int n = mmd_response_feed(&r, "\r\n", 2);
    PROVE(n == 2 || n == MMD_ERR_PROTOCOL);
    PROVE(before.status != 101 || n == MMD_ERR_PROTOCOL);
    if (before.status != 101 && before.status < 200) {
        PROVE(n == 2 && r.state == STATUS_LINE && r.status == 0 && !r.head_complete);
        PROVE(!r.has_length && !r.chunked && r.left == 0 && r.request_id[0] == '\0');
        PROVE(r.retry_after_s == MMD_RETRY_AFTER_ABSENT && r.retry_at == -1 && r.date == -1);
        PROVE(r.to_connect == before.to_connect);
        PROVE(r.line_bound == before.line_bound - 2);
        PROVE(r.body == before.body && r.body_cap == before.body_cap);
    }
    if (before.status >= 200 && n == 2) {
        PROVE(r.head_complete && (r.done == (r.state == DONE)));
        PROVE((r.state == CHUNK_SIZE) == (framing == MMD_FRAMING_CHUNKS));
        PROVE((r.state == UNTIL_END_OF_STREAM) == (framing == MMD_FRAMING_END_OF_STREAM));
        PROVE((r.state == LENGTH) == (framing == MMD_FRAMING_LENGTH && r.left > 0));
    }
    REACHED(n == 2 && r.state == STATUS_LINE);
    REACHED(n == 2 && r.state == LENGTH && r.left == 79);
    REACHED(n == 2 && r.done && framing == MMD_FRAMING_LENGTH);
}

static void check_body(uint8_t state, bool in_place)
{
    struct mmd_response r = any_response_in(state), before = r;
    size_t free = r.body_cap - r.body_len;
    size_t n = any_length(in_place && free < 3 ? free : 3), at = any_length(7);
    size_t from = in_place ? any_length(free - n) : 0;
    char apart[3], *p = in_place ? body + r.body_len + from : apart;

    ASSUME(n > 0 && (state != CHUNK || n <= r.left));
    char byte = at < n ? p[at] : 0, kept = body[at];
    int taken = mmd_response_feed(&r, p, n);
    size_t wanted = n < before.left ? n : (size_t)before.left;
    PROVE(taken == (int)(wanted < free ? wanted : free) && holds(&r));
    PROVE(r.body_len == before.body_len + (size_t)taken);
    PROVE(r.body_cut == (before.body_cut || wanted > free));
    PROVE((at >= before.body_len && at < before.body_cap) || body[at] == kept);
    PROVE(at >= (size_t)taken || body[before.body_len + at] == byte);
    bool is_last = wanted == before.left;
    PROVE(r.done == (wanted > free || (is_last && state != CHUNK)));
    PROVE(!is_last || r.done || (r.state == CHUNK_END && r.line_bound == 2));
    REACHED(taken == 2 && n == 2 && from == in_place);
    REACHED(r.done == (state != CHUNK) && taken == 3 && r.left == 0);
}

/* PROOF mmd_response_feed(the body)
 * proved: takes what belongs to the body, and keeps all of it that fits, in place, be it apart or
 * in the buffer itself; is done with the last byte of a length, or when the buffer is full
 * bound: 3 bytes into a buffer of up to 8, of a known length or a chunk; to the end of the
 * stream is the same with a length that does not come
 * models: 64 arm
 * with: --unwind 5 --unwindset mmd_response_feed.0:3
 * replaced: mmd_head_status_line:contract_of_mmd_head_status_line
 * mmd_head_field_line:contract_of_mmd_head_field_line
 * mmd_head_trailer_line:contract_of_mmd_head_trailer_line mmd_head_end:contract_of_mmd_head_end
 * mmd_framing_of:contract_of_mmd_framing_of
 * mmd_framing_chunk_size:contract_of_mmd_framing_chunk_size
 * mmd_response_begin:contract_of_mmd_response_begin */
void prove_body(void)
{
    if (nondet_bool())
        check_body(LENGTH, nondet_bool());
    else
        check_body(CHUNK, nondet_bool());
}

/* PROOF mmd_response_feed(the end of a chunk)
 * proved: after a chunk's data CR LF is taken, and nothing else
 * bound: all
 * models: 64 arm
 * with: --unwind 4
 * replaced: mmd_head_status_line:contract_of_mmd_head_status_line
 * mmd_head_field_line:contract_of_mmd_head_field_line
 * mmd_head_trailer_line:contract_of_mmd_head_trailer_line mmd_head_end:contract_of_mmd_head_end
 * mmd_framing_of:contract_of_mmd_framing_of
 * mmd_framing_chunk_size:contract_of_mmd_framing_chunk_size
 * mmd_response_begin:contract_of_mmd_response_begin */
void prove_chunk_end(void)
{
    struct mmd_response r = any_response_in(CHUNK_END);
    char p[2];

    ASSUME(r.line_bound == 2 && !r.line_cr && !r.line_cut);
    int n = mmd_response_feed(&r, p, 2);
    PROVE(n == (p[0] == '\r' && p[1] == '\n' ? 2 : MMD_ERR_PROTOCOL));
    PROVE(n < 0 || (r.state == CHUNK_SIZE && r.line_bound == MMD_CHUNK_LINE_MAX));
    REACHED(n == 2);
}

/* ---- the head ---- */

/* PROOF mmd_head_status_line
 * proved: takes just HTTP/1.x SP 3DIGIT, from 100 on, then nothing or SP and a reason; sets the
 * status, and changes nothing if it refuses the line
 * bound: lines of up to 14 bytes
 * models: 64 arm
 * with: --unwind 16 */
void prove_status_line(void)
{
    struct mmd_response r = any_head(), before = r;
    size_t len = any_length(14), start = any_length(14);
    char *p = any_bytes(len);

    int error = mmd_head_status_line(&r, p, len);
    bool right = len >= 12 && same(p, "HTTP/1.", 7) && p[7] >= '0' && p[7] <= '9' && p[8] == ' ' &&
                 p[9] >= '1' && p[9] <= '9' && p[10] >= '0' && p[10] <= '9' && p[11] >= '0' &&
                 p[11] <= '9' && (len == 12 || p[12] == ' ');
    PROVE(error == (right ? MMD_OK : MMD_ERR_PROTOCOL) && head_holds(&r));
    PROVE(!right || r.status == (p[9] - '0') * 100 + (p[10] - '0') * 10 + (p[11] - '0'));
    PROVE(!right || (r.reusable == (p[7] != '0') && r.coding_unknown == (p[7] == '0')));
    PROVE(right || (r.status == before.status && r.reusable == before.reusable));
    PROVE(!right || start > len || mmd_begins_status_line(p, start));
    REACHED(r.status == 204 && len == 14);
}

static bool is_tchar(char c) /* RFC 9110, 5.6.2 */
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '!' ||
           c == '#' || c == '$' || c == '%' || c == '&' || c == '\'' || c == '*' || c == '+' ||
           c == '-' || c == '.' || c == '^' || c == '_' || c == '`' || c == '|' || c == '~';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
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

/* A line as lines are: without control characters but HTAB. */
static void assume_line(const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++)
        ASSUME(((unsigned char)line[i] >= ' ' && line[i] != 0x7F) || line[i] == '\t');
}

/* PROOF mmd_head_field_line
 * proved: takes just a token (RFC 9110, 5.6.2), ":" and a text, also among the trailers; keeps what
 * holds
 * bound: lines of up to 8 bytes
 * models: 64 arm
 * with: --unwind 10
 * replaced: mmd_http_date:contract_of_mmd_http_date */
void prove_field_line(void)
{
    struct mmd_response r = any_head();
    size_t len = any_length(8), name = 0;
    char p[8];

    assume_line(p, len);
    int error = mmd_head_field_line(&r, p, len);
    while (name < len && is_tchar(p[name]))
        name++;
    bool right = name > 0 && name < len && p[name] == ':';
    PROVE(error == (right ? MMD_OK : MMD_ERR_PROTOCOL) && head_holds(&r));
    PROVE(mmd_head_trailer_line(p, len) == error);
    REACHED(right && name == 4 && len == 8);
}

/* Puts a name with any value after it; returns the line's length. */
static size_t any_value(char *line, const char *name, size_t max)
{
    size_t name_len = strlen(name), len = name_len + any_length(max);

    memcpy(line, name, name_len);
    assume_line(line, len);
    return len;
}

/* Whether it has no body, whatever its fields say. */
static bool has_tunnel(const struct mmd_response *r)
{
    return r->to_connect && r->status >= 200 && r->status < 300;
}

/* PROOF mmd_head_field_line(Content-Length)
 * proved: takes just one or more digits that fit in 64 bits, on a line that came whole, and that
 * say what was said before; gives their number; of a 2xx to a CONNECT takes anything, and nothing
 * of it
 * bound: values of up to 5 bytes, also after the first 16 of the 20 digits of 2^64; that it takes
 * digits only, up to 21 bytes
 * models: 64 arm
 * with: --unwind 40 */
void prove_content_length(void)
{
    static const char name[] = "Content-Length:", edge[] = "1844674407370955";
    struct mmd_response r = any_head(), before = r;
    bool is_edge = nondet_bool();
    char line[36];
    size_t from = sizeof name - 1, len = any_value(line, name, 21);
    unsigned __CPROVER_bitvector[80] number = 0;

    if (is_edge)
        ASSUME(len >= from + 16 && same(line + from, edge, 16));
    int error = mmd_head_field_line(&r, line, len);
    while (from < len && is_blank(line[from]))
        from++;
    while (len > from && is_blank(line[len - 1]))
        len--;
    bool are_digits = len > from;
    for (size_t i = from; i < len; i++) {
        are_digits &= line[i] >= '0' && line[i] <= '9';
        number = number * 10 + (unsigned)(line[i] - '0');
    }
    if (has_tunnel(&before)) {
        PROVE(error == MMD_OK && r.left == before.left && r.has_length == before.has_length);
        REACHED(!are_digits && !r.has_length);
        return;
    }
    PROVE(error != MMD_OK || (are_digits && !r.line_cut && r.has_length));
    PROVE(error != MMD_OK || !before.has_length || r.left == before.left);
    if (is_edge || len - from <= 5) {
        bool fits = are_digits && number <= UINT64_MAX;
        bool right = fits && !r.line_cut && (!before.has_length || before.left == number);
        PROVE(error == (right ? MMD_OK : MMD_ERR_PROTOCOL));
        PROVE(!right || r.left == number);
    }
    REACHED(error == MMD_OK && r.left == UINT64_MAX);
    REACHED(error == MMD_OK && r.left == 98765 && len == sizeof name - 1 + 6);
    REACHED(error != MMD_OK && are_digits && !r.line_cut && !before.has_length);
}

/* PROOF mmd_head_field_line(Transfer-Encoding)
 * proved: a coding other than one "chunked" on a line that came whole is unknown, and that is never
 * taken back
 * bound: values of up to 9 bytes
 * models: 64 arm
 * with: --unwind 32 */
void prove_transfer_encoding(void)
{
    static const char name[] = "Transfer-Encoding:";
    struct mmd_response r = any_head(), before = r;
    char line[27];
    size_t from = sizeof name - 1, len = any_value(line, name, 9);

    PROVE(mmd_head_field_line(&r, line, len) == MMD_OK);
    while (from < len && is_blank(line[from]))
        from++;
    while (len > from && is_blank(line[len - 1]))
        len--;
    bool right = !before.chunked && !r.line_cut && is_named(line + from, len - from, "chunked");
    PROVE(r.chunked && r.coding_unknown == (before.coding_unknown || !right));
    REACHED(!r.coding_unknown && from == sizeof name && line[from] == 'C');
}

/* PROOF mmd_head_field_line(Connection)
 * proved: "close" is found as a whole member of a list, in any case of letters, and nothing else
 * is; a line that was cut counts as one that has it
 * bound: values of up to 8 bytes
 * models: 64 arm
 * with: --unwind 24 */
void prove_connection(void)
{
    static const char name[] = "Connection:";
    struct mmd_response r = any_head(), before = r;
    char line[19], *text = line + sizeof name - 1;
    size_t len = any_value(line, name, 8) - (sizeof name - 1), at = any_length(3);
    bool expected = false;

    PROVE(mmd_head_field_line(&r, line, sizeof name - 1 + len) == MMD_OK);
    for (size_t from = 0; from + 5 <= len && from < 4; from++) {
        size_t first = from, end = from + 5;
        while (first > 0 && is_blank(text[first - 1]))
            first--;
        while (end < len && is_blank(text[end]))
            end++;
        expected |= is_named(text + from, 5, "close") && (first == 0 || text[first - 1] == ',') &&
                    (end == len || text[end] == ',');
    }
    PROVE(r.reusable == (before.reusable && !r.line_cut && !expected));
    REACHED(expected && text[at] == ',' && at == 1 && len == 8);
    REACHED(r.reusable && len == 8);
}

/* Any length that it may return: that it is the right one is proved by prove_span. */
size_t contract_of_mmd_span(const char *s, size_t len, enum mmd_char_class kind)
{
    (void)kind;
    PROVE(len == 0 || __CPROVER_r_ok(s, len));
    return any_length(len);
}

/* PROOF mmd_challenge_read
 * proved: in bounds; ends; writes a text with its NUL within the room, just if there is a challenge
 * bound: values of up to 6 bytes, rooms of up to 4, words of 32 bits: with 64 it takes too long
 * not: what it makes of them: test_response has a table
 * models: arm
 * with: --unwind 8
 * replaced: mmd_span:contract_of_mmd_span */
void prove_challenge_read(void)
{
    char out[4] = "???";
    size_t len = any_length(6), cap = 1 + any_length(3);
    char *value = any_bytes(len);
    bool found = mmd_challenge_read(value, len, out, cap);

    PROVE(found ? memchr(out, '\0', cap) != NULL : out[0] == '?');
    for (size_t i = cap; i < sizeof out - 1; i++)
        PROVE(out[i] == '?');
    REACHED(found && len == 6);
}

/* PROOF mmd_head_end
 * proved: a date of Retry-After becomes the time from the Date field to it, at most a day, and none
 * below 0; a success has no delay
 * bound: all
 * models: 64 arm
 * with: --unwind 2 */
void prove_head_end(void)
{
    struct mmd_response r = any_head(), before = r;

    mmd_head_end(&r);
    PROVE(head_holds(&r));
    PROVE(r.status >= 300 || r.retry_after_s == MMD_RETRY_AFTER_ABSENT);
    PROVE(r.status < 300 || r.retry_at >= 0 || r.retry_after_s == before.retry_after_s);
    REACHED(r.retry_after_s == 59 && before.retry_after_s == MMD_RETRY_AFTER_ABSENT);
}

/* ---- the framing ---- */

/* PROOF mmd_framing_of
 * proved: 204, 304 and a 2xx to a CONNECT have no body; a coding that is not known, or comes with a
 * length, is refused; without either the body ends with the stream, and the connection cannot be
 * used again
 * bound: all
 * models: 64 arm
 * with: --unwind 2 */
void prove_framing_of(void)
{
    struct mmd_response r = any_head(), before = r;
    enum mmd_framing out;
    int error = mmd_framing_of(&r, &out);
    bool is_tunnel = has_tunnel(&r), is_empty = is_tunnel || r.status == 204 || r.status == 304;

    PROVE(is_empty ? error == MMD_OK && out == MMD_FRAMING_NONE : out != MMD_FRAMING_NONE);
    PROVE(is_empty ||
          error == (r.chunked && (r.has_length || r.coding_unknown) ? MMD_ERR_PROTOCOL : MMD_OK));
    PROVE(is_empty || (out == MMD_FRAMING_CHUNKS) == r.chunked);
    PROVE((out == MMD_FRAMING_LENGTH) == (!is_empty && !r.chunked && r.has_length));
    PROVE(out != MMD_FRAMING_END_OF_STREAM || !r.reusable);
    PROVE(before.reusable || !r.reusable);
    PROVE(!is_empty || is_tunnel || r.reusable == (before.reusable && !r.chunked && r.left == 0));
    PROVE(!is_tunnel || r.reusable == before.reusable);
    REACHED(is_tunnel && r.chunked && r.has_length && r.coding_unknown);
    REACHED(out == MMD_FRAMING_CHUNKS && error == MMD_OK && r.reusable);
}

/* PROOF mmd_framing_chunk_size
 * proved: takes just 1 to 16 hexadecimal digits, any white space, then nothing or ";"; gives
 * their number
 * bound: lines of up to 18 bytes
 * models: 64 arm
 * with: --unwind 20 */
void prove_chunk_size(void)
{
    size_t len = any_length(18), digits = 0;
    char *p = any_bytes(len);
    uint64_t number = 0, size;

    assume_line(p, len);
    int error = mmd_framing_chunk_size(p, len, &size);
    for (; digits < len && mmd_hex_digit(p[digits]) >= 0; digits++)
        number = number << 4 | (unsigned)mmd_hex_digit(p[digits]);
    size_t next = digits;
    while (next < len && is_blank(p[next]))
        next++;
    bool right = digits > 0 && digits <= 16 && (next == len || p[next] == ';');
    PROVE(error == (right ? MMD_OK : MMD_ERR_PROTOCOL));
    PROVE(!right || size == number);
    REACHED(right && size == UINT64_MAX);
    REACHED(right && size == 0x5A && next == 5 && len == 18);
    REACHED(!right && digits == 1 && next == 3 && len == 4);
}
