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
 * proved: completes only what its end delimits; all else is truncated, empty or was wrong
 * before; what is said once is said again
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
    PROVE(error != MMD_OK || (r.done && (before.done || before.state == UNTIL_CLOSE)));
    PROVE(error != MMD_ERR_EMPTY || (before.state == STATUS && before.status == 0) ||
          before.line_bound == MMD_RESPONSE_HEAD_MAX);
    REACHED(error == MMD_ERR_TRUNCATED);
    REACHED(error == MMD_OK && !before.done);
}

/* ---- lines ---- */

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
    size_t n = any_length(10), taken = 0;
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
    PROVE(lines > 0 || error != MMD_OK || r.line_cut ||
          r.line_len == before.line_len + taken - (size_t)r.line_cr);
    REACHED(lines == 1 && taken == 10);
    REACHED(lines == 0 && r.line_cut && !before.line_cut);
}
