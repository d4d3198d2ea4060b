/* SPDX-License-Identifier: MIT */
/* The parser of responses: whole, in pieces and from within its own body's buffer a response is
 * read the same, and never past a buffer.
 *
 * Input: whether the stream ends, and whether a CONNECT is answered (a byte), the body's capacity
 * (two), four sizes of pieces (a byte each), the stream. */
#include "mmdclose/response.h"

#include "fuzz.h"

struct plan {
    const uint8_t *stream;
    size_t len, cap;
    bool ends, to_connect;
    size_t pieces[4];
};

/* All that can be observed. */
struct seen {
    int error;
    size_t consumed;
    bool reusable; /* before anything else was fed */
    struct mmd_response r;
    char *body;
};

static void check_any(const struct plan *plan, const struct seen *seen)
{
    const struct mmd_response *r = &seen->r;

    CHECK(r->body_len <= plan->cap && seen->consumed <= plan->len);
    CHECK(r->status == 0 || (r->status >= 100 && r->status <= 999));
    CHECK(memchr(r->request_id, '\0', sizeof r->request_id) != NULL);
    CHECK(memchr(r->challenge, '\0', sizeof r->challenge) != NULL);
    CHECK(memchr(r->location, '\0', sizeof r->location) != NULL);
    CHECK((r->request_id[0] != '\0') == (r->request_id_name != NULL));
    CHECK(r->bearer || r->challenge[0] == '\0');
    CHECK(r->retry_after_s >= MMD_RETRY_AFTER_ABSENT && r->retry_after_s <= MMD_RETRY_AFTER_MAX);
    CHECK(!r->done || (r->head_complete && seen->error == MMD_OK));
    CHECK(seen->error != MMD_OK || r->done || (!plan->ends && seen->consumed == plan->len));
    CHECK(!r->head_complete || r->status >= 200);
    if (plan->to_connect && r->head_complete && r->status < 300)
        CHECK(r->done && r->body_len == 0 && !r->body_cut);
    CHECK(!r->body_cut || (r->done && !r->reusable && r->body_len == plan->cap));
}

static void finish(const struct plan *plan, struct seen *seen)
{
    const size_t surplus = plan->len - seen->consumed;

    if (seen->error == MMD_OK && seen->r.done && surplus > 0) {
        CHECK(mmd_response_feed(&seen->r, plan->stream + seen->consumed, surplus) == 0);
        CHECK(!seen->r.reusable);
    }
    seen->reusable = seen->r.reusable;
    if (seen->error == MMD_OK && plan->ends)
        seen->error = mmd_response_end_of_stream(&seen->r);
    if (seen->error != MMD_OK)
        seen->consumed = 0; /* it has no meaning then */
    check_any(plan, seen);
    if (seen->error != MMD_OK || seen->r.done) {
        CHECK(mmd_response_feed(&seen->r, "HTTP/1.1 204 \r\n\r\n", 17) == seen->error);
        CHECK(mmd_response_end_of_stream(&seen->r) == seen->error);
    }
}

static bool feed(const struct plan *plan, struct seen *seen, const void *data, size_t len)
{
    int n = mmd_response_feed(&seen->r, data, len);

    if (n < 0) {
        seen->error = n;
        return false;
    }
    CHECK((size_t)n <= len && ((size_t)n == len || seen->r.done));
    seen->consumed += (size_t)n;
    return !seen->r.done && seen->consumed < plan->len;
}

static void begin(const struct plan *plan, struct seen *seen)
{
    memset(seen, 0, sizeof *seen);
    seen->body = exact_room(plan->cap);
    char *body = plan->cap > 0 ? seen->body : NULL;
    if (plan->to_connect)
        mmd_response_begin_connect(&seen->r, body, plan->cap);
    else
        mmd_response_begin(&seen->r, body, plan->cap);
}

/* In pieces; a size of 0 means all that is left. In place: each lies after the body so far. */
static void read_in_pieces(const struct plan *plan, struct seen *seen, bool in_place)
{
    begin(plan, seen);
    for (size_t i = 0;; i++) {
        size_t left = plan->len - seen->consumed, len = plan->pieces[i % 4];
        if (len == 0 || len > left)
            len = left;
        size_t free_len = plan->cap - seen->r.body_len;
        bool fits = in_place && free_len > 0;
        if (fits && len > free_len)
            len = free_len;
        char *piece = exact_copy(plan->stream + seen->consumed, len);
        if (fits)
            memcpy(seen->body + seen->r.body_len, piece, len);
        bool more = feed(plan, seen, fits ? seen->body + seen->r.body_len : piece, len);
        free(piece);
        if (!more)
            break;
    }
    finish(plan, seen);
}

static void check_same(const struct seen *a, const struct seen *b)
{
    const struct mmd_response *x = &a->r, *y = &b->r;

    CHECK(a->error == b->error && a->consumed == b->consumed);
    CHECK(x->status == y->status && x->head_complete == y->head_complete && x->done == y->done);
    CHECK(a->reusable == b->reusable && x->body_cut == y->body_cut);
    CHECK(x->retry_after_s == y->retry_after_s && strcmp(x->request_id, y->request_id) == 0);
    CHECK(x->retry_at == y->retry_at && x->date == y->date);
    CHECK(x->coded == y->coded && x->bearer == y->bearer);
    CHECK(strcmp(x->challenge, y->challenge) == 0 && strcmp(x->location, y->location) == 0);
    CHECK(x->request_id_name == y->request_id_name);
    CHECK(x->body_len == y->body_len && memcmp(a->body, b->body, x->body_len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct input in = {data, len};
    struct plan whole = {0}, cut;
    struct seen first, second, third;
    unsigned flags = take_byte(&in);

    whole.ends = flags & 1;
    whole.to_connect = flags & 2;
    whole.cap = take_two(&in) % 2048;
    cut = whole;
    for (size_t i = 0; i < 4; i++)
        cut.pieces[i] = take_byte(&in);
    whole.stream = cut.stream = in.p;
    whole.len = cut.len = in.len;
    read_in_pieces(&whole, &first, false);
    read_in_pieces(&cut, &second, false);
    read_in_pieces(&cut, &third, true);
    check_same(&first, &second);
    check_same(&first, &third);
    free(first.body);
    free(second.body);
    free(third.body);
    return 0;
}
