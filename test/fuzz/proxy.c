/* SPDX-License-Identifier: MIT */
/* The port that goes through a proxy: whole, in pieces and with a fault beneath a proxy's response
 * comes to the same, the bytes after it come out as they are, and none of the credentials or of the
 * response is left in memory.
 *
 * Input: how the stream ends (a byte, and whether a piece of it is repeated: see read_stream), the
 * fault and at which call (a byte each), three sizes of pieces, the capacity to receive (a byte
 * each), the stream. */
#include "mmdclose/proxy.h"

#include "../scripted/scripted_port.h"
#include "fuzz.h"

/* In base64 "/" again and again. */
#define CREDENTIALS "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF:"

/* A little more than a head may have. */
#define STREAM_MAX (MMD_RESPONSE_HEAD_MAX + 4096)
#define REPEATS    4

struct plan {
    char *stream;
    size_t len, cap;
    int end;
    size_t pieces[3]; /* 0: whole */
    enum scripted_fault fault;
    unsigned long at;
};

struct run {
    const struct plan *plan;
    size_t taken, at, given;
    char last[4]; /* of what came: the request's end */
};

/* What it comes to. */
struct seen {
    int error;
    struct mmd_port_report report;
    char *bytes; /* of the tunnel */
    size_t len;
    int end;
};

/* ---- the proxy ---- */

static void take(void *context, const void *data, size_t len)
{
    struct run *r = context;
    const char *p = data;

    for (size_t i = 0; i < len; i++) {
        memmove(r->last, r->last + 1, 3);
        r->last[3] = p[i];
    }
    r->taken += len;
}

static int give(void *context, void *data, size_t cap)
{
    struct run *r = context;
    size_t n = r->plan->len - r->at, piece = r->plan->pieces[r->given % 3];

    CHECK(cap > 0);
    if (memcmp(r->last, "\r\n\r\n", 4) != 0)
        return MMD_PENDING;
    if (n == 0)
        return r->plan->end;
    n = piece > 0 && piece < n ? piece : n;
    n = n < cap ? n : cap;
    memcpy(data, r->plan->stream + r->at, n);
    r->at += n;
    r->given++;
    return (int)n;
}

/* ---- what must hold ---- */

static bool is_zero(const void *p, size_t len)
{
    const char *bytes = p;

    for (size_t i = 0; i < len; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

/* Nothing but a status, and in the buffer nothing but bytes that are to be received. */
static void check_memory(struct mmd_proxy *p)
{
    p->response.status = 0;
    CHECK(is_zero(&p->response, sizeof p->response));
    CHECK(is_zero(p->buf, p->at) && is_zero(p->buf + p->len, sizeof p->buf - p->len));
}

static bool can_be(int error)
{
    switch (error) {
    case MMD_OK:
    case MMD_PENDING:
    case MMD_ERR_CONNECT:
    case MMD_ERR_NETWORK:
    case MMD_ERR_PROTOCOL:
    case MMD_ERR_TOO_LARGE:
    case MMD_ERR_EMPTY:
    case MMD_ERR_TRUNCATED:
    case MMD_ERR_PROXY_AUTH:
    case MMD_ERR_PROXY_REFUSED:
    case MMD_ERR_PROXY_GATEWAY: return true;
    default: return false;
    }
}

static bool is_of_a_status(int error)
{
    return error <= MMD_ERR_PROXY_AUTH && error >= MMD_ERR_PROXY_GATEWAY;
}

static void check_report(const struct seen *seen)
{
    const struct mmd_detail *detail = &seen->report.detail;

    CHECK(seen->report.at_proxy == (seen->error != MMD_OK));
    CHECK(detail->kind == MMD_DETAIL_NONE || detail->kind == MMD_DETAIL_PROXY);
    CHECK((detail->kind == MMD_DETAIL_PROXY) == is_of_a_status(seen->error));
    CHECK(is_of_a_status(seen->error) ? detail->code >= 300 && detail->code <= 999
                                      : detail->code == 0);
    CHECK((detail->code == 407) == (seen->error == MMD_ERR_PROXY_AUTH));
}

/* ---- a connection ---- */

static int connect_to(const struct mmd_port *port, const struct scripted_port *scripted)
{
    int error = MMD_PENDING;

    /* Twice pending with nothing between: it stays so. */
    for (unsigned long idle = 0; error == MMD_PENDING && idle < 4;) {
        size_t before = scripted->taken;
        unsigned long calls = scripted->calls;
        error = port->connect(port->context, "mmdls.test", 443);
        idle = scripted->taken == before && scripted->calls - calls <= 1 ? idle + 1 : 0;
    }
    return error;
}

static void receive_all(const struct mmd_port *port, const struct plan *plan, struct seen *seen)
{
    unsigned idle = 0;

    while (idle < 4) {
        char *room = exact_room(plan->cap);
        int n = port->receive(port->context, room, plan->cap);
        CHECK(n != 0 && n <= (int)plan->cap);
        if (n > 0) {
            CHECK((size_t)n <= plan->len - seen->len);
            memcpy(seen->bytes + seen->len, room, (size_t)n);
            seen->len += (size_t)n;
        }
        free(room);
        seen->end = n;
        idle = n > 0 ? 0 : idle + 1;
    }
}

static struct seen run(const struct plan *plan)
{
    static const struct mmd_proxy_config config = {"proxy.test", 8080, CREDENTIALS};
    struct run r = {.plan = plan};
    const struct peer peer = {.context = &r, .accept = NULL, .take = take, .give = give};
    struct seen seen = {.error = MMD_PENDING};
    struct scripted_port scripted;
    struct mmd_port under, port;
    struct mmd_proxy proxy;

    CHECK(plan->len > 0);
    seen.bytes = exact_room(plan->len);
    scripted_port_init(&scripted, &peer, &under);
    scripted.fault = plan->fault;
    scripted.at = plan->at;
    CHECK(mmd_proxy_init(&proxy, &config, &under, &port) == MMD_OK);
    seen.error = connect_to(&port, &scripted);
    port.report(port.context, &seen.report);
    CHECK(can_be(seen.error));
    check_report(&seen);
    if (seen.error != MMD_PENDING) {
        unsigned long calls = scripted.calls;
        CHECK(port.connect(port.context, "mmdls.test", 443) == seen.error);
        CHECK(scripted.calls == calls);
        check_memory(&proxy);
    }
    if (seen.error == MMD_OK)
        receive_all(&port, plan, &seen);
    port.disconnect(port.context);
    CHECK(!scripted.open && scripted.closes == 1);
    check_memory(&proxy);
    CHECK(is_zero(proxy.buf, sizeof proxy.buf));
    return seen;
}

static void check_same(const struct seen *a, const struct seen *b)
{
    CHECK(a->error == b->error && a->report.detail.kind == b->report.detail.kind);
    CHECK(a->report.detail.code == b->report.detail.code && a->end == b->end);
    CHECK(a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0);
}

/* ---- the input ---- */

/* A piece may come again and again: from where (two bytes), its length less 1, how often in units
 * of 64. False if there are no bytes. */
static bool read_stream(struct plan *plan, struct input *in, bool repeats)
{
    size_t from = repeats ? take_two(in) : 0, piece = repeats ? 1 + take_byte(in) : 0;
    size_t times = repeats ? 64 * take_byte(in) : 0;

    from = from < in->len ? from : in->len;
    piece = piece < in->len - from ? piece : in->len - from;
    if (piece * times > STREAM_MAX)
        times = STREAM_MAX / piece;
    if (in->len == 0)
        return false;
    plan->stream = exact_room(in->len + piece * times);
    memcpy(plan->stream, in->p, from);
    plan->len = from;
    for (size_t i = 0; i < times; i++, plan->len += piece)
        memcpy(plan->stream + plan->len, in->p + from, piece);
    memcpy(plan->stream + plan->len, in->p + from, in->len - from);
    plan->len += in->len - from;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const int ends[] = {MMD_END_OF_STREAM, MMD_PENDING, MMD_ERR_NETWORK, MMD_PENDING};
    struct input in = {data, len};
    struct plan whole = {.cap = 2048}, cut;
    unsigned flags = take_byte(&in), fault = take_byte(&in), at = take_byte(&in);

    whole.end = ends[flags & 3];
    cut = whole;
    for (size_t i = 0; i < 3; i++)
        cut.pieces[i] = take_byte(&in);
    cut.cap = 1 + take_byte(&in);
    if (!read_stream(&whole, &in, (flags & REPEATS) != 0))
        return 0;
    cut.stream = whole.stream;
    cut.len = whole.len;
    struct seen first = run(&whole), second = run(&cut);
    check_same(&first, &second);
    cut.fault = (enum scripted_fault)(fault % (SCRIPTED_ONE_BYTE + 1));
    cut.at = at;
    struct seen third = run(&cut);
    if (cut.fault == SCRIPTED_NONE || cut.fault == SCRIPTED_PENDING)
        check_same(&first, &third);
    free(first.bytes);
    free(second.bytes);
    free(third.bytes);
    free(whole.stream);
    return 0;
}
