/* SPDX-License-Identifier: MIT */
/* The checks of a port. Each stands beside the words of port.h that it proves. */
#include "conformance.h"

#include <stdbool.h>
#include <string.h>

#include "pattern.h"

#define BUF         4096
#define MARKED      16 /* bytes before and after a buffer, which must not change */
#define MARK        0xA5
#define LONG_MS     10000     /* a wait that lasts so long was not woken */
#define PATIENCE_MS 30000     /* after which a check is given up */
#define BOUND       (1 << 24) /* more bytes than may be taken for a peer that does not read */
#define ROUNDS      30

/* What a check returns. */
enum {
    HOLDS = CONFORMANCE_HOLDS,
    BROKEN = CONFORMANCE_BROKEN,
    UNCHECKED = CONFORMANCE_NOT_CHECKED
};

struct run {
    const struct conformance *c;
    const struct mmd_port *port;
    void *context; /* the port's */
    char host[64]; /* lent to connect until disconnect */
    uint32_t begun_ms;
    size_t held;      /* when nothing was open */
    uint32_t fits;    /* bytes that are taken for a peer that does not read */
    bool overslept;   /* what must come did not wake it */
    bool had_to_wait; /* to send */
    unsigned char marked[MARKED + BUF + MARKED];
    unsigned char *buf; /* in it */
};

/* ---- the port's functions, watched ---- */

static uint32_t now(const struct run *r)
{
    return r->port->monotonic_ms(r->context);
}

static bool patience(const struct run *r)
{
    return !r->overslept && now(r) - r->begun_ms < PATIENCE_MS;
}

/* Waits for what must come. */
static void wait_for_more(struct run *r)
{
    uint32_t start = now(r);

    r->port->wait(r->context, LONG_MS);
    r->overslept |= now(r) - start >= LONG_MS;
}

/* Lets time pass, and the network run. */
static void settle(struct run *r, uint32_t ms)
{
    uint32_t start = now(r), passed = 0;

    for (; passed < ms; passed = now(r) - start)
        r->port->wait(r->context, ms - passed);
}

static int connect_once(struct run *r, const char *host, uint16_t tcp_port)
{
    if (host != NULL && host != r->host) {
        size_t len = strlen(host);
        memcpy(r->host, host, len < sizeof r->host ? len + 1 : 0);
    }
    return r->port->connect(r->context, r->host, tcp_port);
}

static int connect_to(struct run *r, const char *host, uint16_t tcp_port)
{
    int result = connect_once(r, host, tcp_port);

    while (result == MMD_PENDING && patience(r)) {
        wait_for_more(r);
        result = connect_once(r, r->host, tcp_port);
    }
    return result;
}

/* The host's name was lent until now. */
static void disconnect(struct run *r)
{
    r->port->disconnect(r->context);
    memset(r->host, '?', sizeof r->host - 1);
}

/* As receive, into r->buf; but MMD_ERR_INPUT for what it must not do. */
static int receive_once(struct run *r, size_t cap)
{
    memset(r->marked, MARK, sizeof r->marked);
    int n = r->port->receive(r->context, r->buf, cap);
    for (size_t i = 0; i < sizeof r->marked; i++)
        if ((i < MARKED || i >= MARKED + cap) && r->marked[i] != MARK)
            return MMD_ERR_INPUT;
    if (n == 0 || n > (int)cap)
        return MMD_ERR_INPUT;
    return n > 0 || n == MMD_END_OF_STREAM || n == MMD_PENDING || n == MMD_ERR_NETWORK
               ? n
               : MMD_ERR_INPUT;
}

static int receive_some(struct run *r, size_t cap)
{
    int n = receive_once(r, cap);

    while (n == MMD_PENDING && patience(r)) {
        wait_for_more(r);
        n = receive_once(r, cap);
    }
    return n;
}

/* Sends all of it. */
static bool send_all(struct run *r, const void *data, size_t len)
{
    const unsigned char *bytes = data;

    while (len > 0 && patience(r)) {
        int n = r->port->send(r->context, bytes, len);
        r->had_to_wait |= n == MMD_PENDING;
        if (n == MMD_PENDING)
            wait_for_more(r);
        else if (n < 1 || (size_t)n > len)
            return false;
        else
            bytes += n, len -= (size_t)n;
    }
    return len == 0;
}

/* ---- what the checks are made of ---- */

static size_t put_number(char *out, uint32_t value)
{
    char digits[10];
    size_t n = 0;

    do
        digits[n++] = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    for (size_t i = 0; i < n; i++)
        out[i] = digits[n - 1 - i];
    return n;
}

/* Connects to the peer and tells it what to do; with a number, if that is not 0. */
static bool begin(struct run *r, const char *task, uint32_t number)
{
    char line[32];
    size_t len = strlen(task);

    if (connect_to(r, r->c->address, r->c->tcp_port) != MMD_OK)
        return false;
    for (size_t i = 0; i < len; i++)
        line[i] = task[i];
    if (number > 0) {
        line[len++] = ' ';
        len += put_number(line + len, number);
    }
    line[len++] = '\n';
    return send_all(r, line, len);
}

static bool send_pattern(struct run *r, uint32_t total, size_t piece)
{
    static unsigned char out[BUF];

    for (uint32_t at = 0; at < total; at += (uint32_t)piece) {
        if (piece > total - at)
            piece = total - at;
        for (size_t i = 0; i < piece; i++)
            out[i] = pattern_at(at + (uint32_t)i);
        if (!send_all(r, out, piece))
            return false;
        memset(out, 0, piece); /* it was lent for the call only */
    }
    return true;
}

/* Whether the next bytes are those of the pattern from at to total. */
static bool receive_pattern(struct run *r, uint32_t at, uint32_t total, size_t cap)
{
    while (at < total) {
        int n = receive_some(r, cap);
        if (n < 1 || (uint32_t)n > total - at)
            return false;
        for (int i = 0; i < n; i++)
            if (r->buf[i] != pattern_at(at++))
                return false;
    }
    return true;
}

/* What is to be received until the end, as a string. */
static bool receive_text(struct run *r, char *text, size_t cap)
{
    size_t len = 0;
    int n;

    while ((n = receive_some(r, cap - 1 - len)) > 0 && len + (size_t)n < cap - 1) {
        memcpy(text + len, r->buf, (size_t)n);
        len += (size_t)n;
    }
    text[len] = '\0';
    return n == MMD_END_OF_STREAM;
}

static bool is_echoed(struct run *r)
{
    return send_all(r, "ping", 4) && receive_some(r, 1) == 1 && r->buf[0] == 'p' &&
           receive_some(r, 1) == 1 && r->buf[0] == 'i' && receive_some(r, 1) == 1 &&
           r->buf[0] == 'n' && receive_some(r, 1) == 1 && r->buf[0] == 'g';
}

/* Whether a connection can be made, used and closed. */
static bool works(struct run *r)
{
    bool right = begin(r, "echo", 0) && is_echoed(r);

    disconnect(r);
    return right;
}

static bool works_at(struct run *r, const char *host)
{
    bool right =
        connect_to(r, host, r->c->tcp_port) == MMD_OK && send_all(r, "echo\n", 5) && is_echoed(r);

    disconnect(r);
    return right;
}

struct past {
    bool ended, right;
    uint32_t taken, ms; /* bytes; from its end to the next connection */
};

static uint32_t take_number(const char **text)
{
    uint32_t value = 0;

    while (**text != '\0' && (**text < '0' || **text > '9'))
        ++*text;
    while (**text >= '0' && **text <= '9')
        value = value * 10 + (uint32_t)(*(*text)++ - '0');
    return value;
}

/* Asks the peer about the connection before. */
static bool ask(struct run *r, struct past *out)
{
    char text[64];
    const char *at = text;
    bool told = begin(r, "last", 0) && receive_text(r, text, sizeof text);

    disconnect(r);
    if (!told)
        return false;
    out->ended = strncmp(text, "fin ", 4) == 0 || strncmp(text, "rst ", 4) == 0;
    out->right = strstr(text, " right ") != NULL;
    out->taken = take_number(&at);
    out->ms = take_number(&at);
    return true;
}

/* ---- connect ---- */

static int connects_to_an_address(struct run *r)
{
    return works(r) ? HOLDS : BROKEN;
}

static int connects_to_a_name(struct run *r)
{
    if (r->c->name == NULL)
        return UNCHECKED;
    return works_at(r, r->c->name) ? HOLDS : BROKEN;
}

static int tries_all_addresses(struct run *r)
{
    if (r->c->several == NULL)
        return UNCHECKED;
    return works_at(r, r->c->several) ? HOLDS : BROKEN;
}

/* Connecting fails with this error, and again; after disconnect another host is not affected. */
static int fails_with(struct run *r, const char *host, uint16_t tcp_port, int error)
{
    if (host == NULL)
        return UNCHECKED;
    for (int i = 0; i < 2; i++) {
        bool right = connect_to(r, host, tcp_port) == error;
        for (int again = 0; again < 3; again++) {
            right &= connect_once(r, r->host, tcp_port) == error;
            r->port->wait(r->context, 1);
        }
        disconnect(r);
        if (!right)
            return BROKEN;
    }
    return works(r) ? HOLDS : BROKEN;
}

static int finds_no_address(struct run *r)
{
    return fails_with(r, r->c->unknown, r->c->tcp_port, MMD_ERR_NAME);
}

static int finds_no_server(struct run *r)
{
    return fails_with(r, r->c->unanswered, r->c->tcp_port, MMD_ERR_LOOKUP);
}

static int is_refused(struct run *r)
{
    return fails_with(r, r->c->address, r->c->refused_port, MMD_ERR_CONNECT);
}

/* The peer lets it in a while after it was asked. */
static int connects_late(struct run *r)
{
    if (r->c->silent_port == 0)
        return UNCHECKED;
    bool right = begin(r, "late", 0) && receive_some(r, 1) == MMD_END_OF_STREAM;
    disconnect(r);
    right = right && connect_to(r, r->c->address, r->c->silent_port) == MMD_OK;
    disconnect(r);
    return right ? HOLDS : BROKEN;
}

/* Made and reset before connect is called again, which tells of it in its own words, or leaves it
 * to receive. */
static int is_reset_meanwhile(struct run *r)
{
    for (int i = 0; i < 5; i++) {
        bool right = begin(r, "next", 0) && receive_some(r, 1) == MMD_END_OF_STREAM;
        disconnect(r);
        int result = connect_once(r, r->c->address, r->c->tcp_port);
        settle(r, 100);
        if (result == MMD_PENDING)
            result = connect_to(r, r->host, r->c->tcp_port);
        right &=
            result == MMD_OK ? receive_some(r, 1) == MMD_ERR_NETWORK : result == MMD_ERR_CONNECT;
        disconnect(r);
        if (!right)
            return BROKEN;
    }
    return works(r) ? HOLDS : BROKEN;
}

static int begins_in_order(struct run *r)
{
    int result = connect_once(r, r->c->address, r->c->tcp_port);
    bool right = result == MMD_PENDING || result == MMD_OK;

    while (result == MMD_PENDING && patience(r)) {
        wait_for_more(r);
        result = connect_once(r, r->host, r->c->tcp_port);
    }
    disconnect(r);
    return right && result == MMD_OK ? HOLDS : BROKEN;
}

/* The lookup of one host is given up; what comes of it is not taken for another's. */
static int forgets_the_host(struct run *r)
{
    if (r->c->unknown == NULL || r->c->name == NULL)
        return UNCHECKED;
    for (int i = 0; i < 5; i++) {
        (void)connect_once(r, r->c->unknown, r->c->tcp_port);
        disconnect(r);
        if (!works_at(r, r->c->name))
            return BROKEN;
    }
    return HOLDS;
}

/* ---- send ---- */

static bool sinks(struct run *r, uint32_t total, size_t piece)
{
    char text[16];
    bool right = begin(r, "sink", total) && send_pattern(r, total, piece) &&
                 receive_text(r, text, sizeof text) && strcmp(text, "right\n") == 0;

    disconnect(r);
    return right;
}

static const uint32_t totals[] = {1, 2, 535, 536, 537, 1460, 4095, 4096, 4097, 16384, 65536};

static int sends_all_sizes(struct run *r)
{
    for (size_t i = 0; i < sizeof totals / sizeof *totals; i++)
        if (!sinks(r, totals[i], BUF))
            return BROKEN;
    return HOLDS;
}

static int sends_in_pieces(struct run *r)
{
    return sinks(r, 5000, 1) && sinks(r, 5000, 7) && sinks(r, 5000, 1461) ? HOLDS : BROKEN;
}

/* A peer that does not read; nothing of what waited for it comes to the next. */
static int sends_to_the_deaf(struct run *r)
{
    uint32_t taken = 0;
    int n = begin(r, "deaf", 0) ? 1 : MMD_ERR_CONNECT, pending = 0;

    memset(r->buf, '?', BUF);
    while ((n > 0 || n == MMD_PENDING) && pending < 10 && taken < BOUND && patience(r)) {
        n = r->port->send(r->context, r->buf, BUF);
        taken += n > 0 ? (uint32_t)n : 0;
        pending = n == MMD_PENDING ? pending + 1 : 0;
        if (n > BUF)
            n = 0;
        if (pending > 0)
            r->port->wait(r->context, 20);
    }
    int m = receive_once(r, BUF);
    disconnect(r);
    r->fits = taken;
    return pending == 10 && m == MMD_PENDING && sinks(r, 1000, BUF) ? HOLDS : BROKEN;
}

/* So much, in odd pieces, that some of it has to wait, and a piece is taken in part. */
static int sends_what_waits(struct run *r)
{
    r->had_to_wait = false;
    if (!sinks(r, r->fits * 2 + BUF, 1461))
        return now(r) - r->begun_ms < PATIENCE_MS ? BROKEN : UNCHECKED; /* too slow for that */
    return r->had_to_wait ? HOLDS : UNCHECKED;
}

/* Sends until it fails, with time between. */
static int send_until_failure(struct run *r)
{
    int n = 1;

    for (int i = 0; i < 50 && (n > 0 || n == MMD_PENDING); i++) {
        n = r->port->send(r->context, "x", 1);
        if (n > 0 || n == MMD_PENDING)
            settle(r, 10);
    }
    return n;
}

static int fails_to_send(struct run *r)
{
    int n = begin(r, "reset", 0) ? receive_some(r, BUF) : 0;
    bool right = n == MMD_ERR_NETWORK && send_until_failure(r) == MMD_ERR_NETWORK;

    for (int i = 0; i < 3; i++)
        right = right && r->port->send(r->context, "x", 1) == MMD_ERR_NETWORK;
    disconnect(r);
    return right && works(r) ? HOLDS : BROKEN;
}

static int sends_after_the_peers_end(struct run *r)
{
    struct past past;
    bool right = begin(r, "half", 0) && receive_some(r, BUF) == MMD_END_OF_STREAM &&
                 send_pattern(r, 1000, BUF);

    disconnect(r);
    settle(r, 100);
    right = right && ask(r, &past) && past.taken == 1000 && past.right;
    return right ? HOLDS : BROKEN;
}

/* Without another wait: the network runs by itself, or by run. */
static int leaves_at_receive(struct run *r)
{
    bool right = begin(r, "echo", 0) && send_all(r, "x", 1);
    int n = right ? receive_once(r, BUF) : 0;

    while (right && n == MMD_PENDING && now(r) - r->begun_ms < LONG_MS) {
        if (r->c->run != NULL)
            r->c->run(r->c->context);
        n = receive_once(r, BUF);
    }
    disconnect(r);
    return n == 1 ? HOLDS : BROKEN;
}

/* Each echo is there at the first receive after waiting. A stack's own timer may send once in a
 * while, but not each time. */
static bool echoes_after_waiting(struct run *r, uint32_t ms)
{
    bool right = begin(r, "echo", 0);

    for (int i = 0; i < 8 && right; i++) {
        right = send_all(r, "x", 1);
        settle(r, ms);
        right = right && receive_once(r, BUF) == 1;
    }
    disconnect(r);
    return right;
}

static int leaves_at_wait(struct run *r)
{
    for (int i = 0; i < 8; i++) /* the machine may be busy */
        if (echoes_after_waiting(r, i < 2 ? 50 : 200))
            return HOLDS;
    return BROKEN;
}

/* ---- receive ---- */

static bool gets(struct run *r, uint32_t total, size_t cap)
{
    bool right = begin(r, "source", total) && receive_pattern(r, 0, total, cap) &&
                 receive_some(r, cap) == MMD_END_OF_STREAM;

    disconnect(r);
    return right;
}

static int receives_all_sizes(struct run *r)
{
    for (size_t i = 0; i < sizeof totals / sizeof *totals; i++)
        if (!gets(r, totals[i], BUF))
            return BROKEN;
    return HOLDS;
}

static int receives_in_pieces(struct run *r)
{
    return gets(r, 5000, 1) && gets(r, 5000, 7) && gets(r, 5000, 1461) ? HOLDS : BROKEN;
}

/* What one connection leaves unread is not given out by the next. */
static int receives_nothing_old(struct run *r)
{
    bool right = begin(r, "source", BUF) && receive_pattern(r, 0, 1, 1);

    settle(r, 50);
    disconnect(r);
    right = right && begin(r, "silent", 0);
    settle(r, 50);
    right = right && receive_once(r, BUF) == MMD_PENDING;
    disconnect(r);
    return right ? HOLDS : BROKEN;
}

static int receives_the_end(struct run *r)
{
    bool right = begin(r, "half", 0) && receive_some(r, BUF) == MMD_END_OF_STREAM;

    for (int i = 0; i < 3; i++) {
        right = right && receive_once(r, BUF) == MMD_END_OF_STREAM;
        r->port->wait(r->context, 1);
    }
    disconnect(r);
    return right ? HOLDS : BROKEN;
}

static int receives_not_yet(struct run *r)
{
    bool right = begin(r, "silent", 0);

    uint32_t start = now(r);

    for (int i = 0; i < 100 && now(r) - start < LONG_MS; i++)
        right = right && receive_once(r, i % 2 == 0 ? 1 : BUF) == MMD_PENDING;
    right = right && now(r) - start < LONG_MS; /* it does not block */
    disconnect(r);
    return right ? HOLDS : BROKEN;
}

static int receives_a_failure(struct run *r)
{
    bool right = begin(r, "reset", 0) && receive_some(r, BUF) == MMD_ERR_NETWORK;

    for (int i = 0; i < 3; i++) {
        right = right && receive_once(r, BUF) == MMD_ERR_NETWORK;
        r->port->wait(r->context, 1);
    }
    disconnect(r);
    return right && works(r) ? HOLDS : BROKEN;
}

/* The end has come long before the bytes are asked for. */
static int receives_before_the_end(struct run *r)
{
    bool right = begin(r, "source", 100) && receive_pattern(r, 0, 1, 1);

    settle(r, 100);
    right = right && receive_pattern(r, 1, 100, 7) && receive_some(r, 7) == MMD_END_OF_STREAM;
    disconnect(r);
    return right ? HOLDS : BROKEN;
}

/* All bytes have come when one has, for they left together; then the peer resets. */
static int receives_before_the_reset(struct run *r)
{
    bool right = begin(r, "reset", 100) && receive_pattern(r, 0, 1, 1) && send_all(r, "x", 1);

    settle(r, 200);
    right = right && receive_pattern(r, 1, 100, 7) && receive_some(r, 7) == MMD_ERR_NETWORK;
    disconnect(r);
    return right ? HOLDS : BROKEN;
}

static int receives_though_sending_failed(struct run *r)
{
    bool right = begin(r, "reset", 100) && receive_pattern(r, 0, 1, 1) && send_all(r, "x", 1);
    int n = 0;

    settle(r, 200);
    if (right)
        n = send_until_failure(r);
    right = right && receive_pattern(r, 1, 100, 7) && receive_some(r, 7) == MMD_ERR_NETWORK;
    disconnect(r);
    if (right && n > 0)
        return UNCHECKED; /* the port does not report it before receive */
    return right && n == MMD_ERR_NETWORK ? HOLDS : BROKEN;
}

/* ---- wait ---- */

static int waits_no_longer(struct run *r)
{
    bool right = begin(r, "silent", 0);
    uint32_t start = now(r);

    for (int i = 0; i < 1000; i++)
        r->port->wait(r->context, 0);
    for (int i = 0; i < 20; i++)
        r->port->wait(r->context, 100);
    right = right && now(r) - start < LONG_MS && receive_once(r, BUF) == MMD_PENDING;
    disconnect(r);
    return right ? HOLDS : BROKEN;
}

static int wakes(struct run *r)
{
    uint32_t start = now(r);
    bool right = begin(r, "echo", 50);

    for (int i = 0; i < 20 && now(r) - start < LONG_MS; i++)
        right = right && is_echoed(r);
    disconnect(r);
    return right && now(r) - start < LONG_MS ? HOLDS : BROKEN;
}

/* ---- close ---- */

/* What is sent right before disconnect arrives, though bytes may lie unread. */
static bool leaves_at_close(struct run *r, const char *task, uint32_t number)
{
    struct past past = {.taken = 0};
    bool right = begin(r, task, number) && (number == 0 || receive_pattern(r, 0, 1, 1));

    settle(r, 50);
    right = right && send_pattern(r, 100, 100);
    disconnect(r);
    settle(r, 200);
    return right && ask(r, &past) && past.taken == 100 && past.right;
}

static int lets_leave(struct run *r)
{
    return leaves_at_close(r, "silent", 0) ? HOLDS : BROKEN;
}

static int lets_leave_beside_unread_bytes(struct run *r)
{
    return leaves_at_close(r, "source", 100) ? HOLDS : BROKEN;
}

/* The peer sees the end soon, not when the next connection is made; at least once it was waited
 * long enough. If unread bytes are thrown away, too. */
static bool ends_for_the_peer(struct run *r, const char *task, uint32_t number)
{
    for (uint32_t ms = 250; ms <= 8000; ms *= 2) {
        struct past past;
        bool right = begin(r, task, number) && receive_once(r, 1) != MMD_ERR_NETWORK;
        settle(r, 50);
        disconnect(r);
        settle(r, ms);
        if (!right || !ask(r, &past))
            return false;
        if (past.ended && past.ms >= ms / 2)
            return true;
    }
    return false;
}

static int gives_up_the_connection(struct run *r)
{
    return ends_for_the_peer(r, "silent", 0) ? HOLDS : BROKEN;
}

static int gives_up_unread_bytes(struct run *r)
{
    return ends_for_the_peer(r, "source", BUF) && ends_for_the_peer(r, "source", 1000000) ? HOLDS
                                                                                          : BROKEN;
}

static int connects_again_and_again(struct run *r)
{
    for (int i = 0; i < ROUNDS; i++)
        if (!works(r))
            return BROKEN;
    return HOLDS;
}

/* That connect returns before there is an answer; how long a call takes is not measured. */
static int does_not_block(struct run *r)
{
    if (r->c->silent_port == 0)
        return UNCHECKED;
    for (int i = 0; i < 5; i++) {
        bool right = true;
        for (int calls = 0; calls <= i; calls++) {
            right &= connect_once(r, r->c->address, r->c->silent_port) == MMD_PENDING;
            r->port->wait(r->context, 1);
        }
        disconnect(r);
        if (!right || !works(r))
            return BROKEN;
    }
    return HOLDS;
}

/* Given up at each point that connecting may have come to. */
static int gives_up_connecting(struct run *r)
{
    const char *hosts[] = {r->c->address, r->c->name, r->c->several, r->c->unknown};

    for (int i = 0; i < 4 * ROUNDS; i++) {
        const char *host = hosts[i % 4] != NULL ? hosts[i % 4] : r->c->address;
        int result = connect_once(r, host, i % 3 ? r->c->tcp_port : r->c->refused_port);
        for (int more = i / 4 % 4; more > 0 && result == MMD_PENDING; more--) {
            r->port->wait(r->context, 1);
            result = connect_once(r, r->host, i % 3 ? r->c->tcp_port : r->c->refused_port);
        }
        disconnect(r);
    }
    return works(r) ? HOLDS : BROKEN;
}

static int closes_nothing(struct run *r)
{
    r->port->disconnect(r->context);
    r->port->disconnect(r->context);
    bool right = works(r);
    r->port->disconnect(r->context);
    r->port->disconnect(r->context);
    return right && works(r) ? HOLDS : BROKEN;
}

/* ---- clocks, random bytes ---- */

static bool goes_on(const struct run *r, uint32_t *last, int looks)
{
    for (; looks > 0; looks--) {
        uint32_t next = now(r);
        if (next - *last > UINT32_MAX / 2)
            return false;
        *last = next;
    }
    return true;
}

/* It may stand still, and a wait may end early: what counts is that it does go on. */
static int never_goes_back(struct run *r)
{
    uint32_t first = now(r), last = first;
    bool right = goes_on(r, &last, 100000);

    for (int waits = 0; right && last - first < 1100 && waits < LONG_MS; waits++) {
        r->port->wait(r->context, 1);
        right = goes_on(r, &last, 100);
    }
    return right && last - first >= 1100 ? HOLDS : BROKEN;
}

/* Beside the peer's clock. An emulated one may be slower while its machine is busy. */
static int counts_milliseconds(struct run *r)
{
    struct past past;
    bool right = begin(r, "silent", 0);
    uint32_t start = now(r);

    disconnect(r);
    settle(r, 500);
    uint32_t passed = now(r) - start;
    if (!right || !ask(r, &past))
        return BROKEN;
    if (!past.ended)
        return UNCHECKED; /* see gives_up_the_connection */
    return past.ms < passed * 5 + 500 && passed < past.ms * 5 + 500 ? HOLDS : BROKEN;
}

/* Not a time of before this was written, not milliseconds, and not since 1900. */
static int tells_the_date(struct run *r)
{
    int64_t first = r->port->calendar_s(r->context);

    settle(r, 10);
    int64_t last = r->port->calendar_s(r->context);
    if (first == MMD_CLOCK_NOT_SET)
        return last == first ? HOLDS : BROKEN;
    return first > 1735689600 && last < 3600000000 && last >= first ? HOLDS : BROKEN;
}

/* Nothing but data is written, and of data each byte: ten times, for one may be what it was. */
static bool fills(struct run *r, size_t len)
{
    static bool changed[BUF];

    memset(changed, 0, sizeof changed);
    memset(r->marked, MARK, sizeof r->marked);
    for (int i = 0; i < 10; i++) {
        if (r->port->random(r->context, r->buf, len) != MMD_OK)
            return false;
        for (size_t at = 0; at < len; at++)
            changed[at] |= r->buf[at] != MARK;
    }
    for (size_t at = 0; at < sizeof r->marked; at++) {
        bool outside = at < MARKED || at >= MARKED + len;
        if (outside ? r->marked[at] != MARK : !changed[at - MARKED])
            return false;
    }
    return true;
}

/* Not the same over and over: of 256 values some 251 are there. */
static bool varies(const unsigned char *bytes, size_t len)
{
    bool seen[256] = {false};
    int values = 0;

    for (; len > 0; len--, bytes++) {
        values += !seen[*bytes];
        seen[*bytes] = true;
    }
    return values > 128;
}

static int fills_with_random(struct run *r)
{
    unsigned char one[32], other[32];
    bool right = fills(r, 0) && fills(r, 1) && fills(r, 32) && fills(r, 1000) &&
                 varies(r->buf, 1000) && r->port->random(r->context, one, sizeof one) == MMD_OK &&
                 r->port->random(r->context, other, sizeof other) == MMD_OK;

    return right && memcmp(one, other, sizeof one) != 0 ? HOLDS : BROKEN;
}

/* ---- report ---- */

/* Whether it reports this address, and a cause only where one may be. */
static bool reports(struct run *r, const char *address, bool has_failed)
{
    struct mmd_port_report report;

    memset(&report, MARK, sizeof report);
    r->port->report(r->context, &report);
    if (memchr(report.address, '\0', sizeof report.address) == NULL)
        return false;
    bool right_kind = report.detail.kind == MMD_DETAIL_NONE ||
                      (has_failed && (report.detail.kind == MMD_DETAIL_ERRNO ||
                                      report.detail.kind == MMD_DETAIL_GETADDRINFO ||
                                      report.detail.kind == MMD_DETAIL_PROXY));
    bool has_code = report.detail.kind != MMD_DETAIL_NONE;
    return right_kind && has_code == (report.detail.code != 0) &&
           strcmp(report.address, address) == 0;
}

static int reports_the_connection(struct run *r)
{
    bool right = reports(r, "", false) && begin(r, "echo", 0) && reports(r, r->c->address, false) &&
                 is_echoed(r) && reports(r, r->c->address, false);

    disconnect(r);
    return right && reports(r, "", false) ? HOLDS : BROKEN;
}

static int reports_the_failure(struct run *r)
{
    bool right = connect_to(r, r->c->address, r->c->refused_port) == MMD_ERR_CONNECT &&
                 reports(r, r->c->address, true) && reports(r, r->c->address, true);

    disconnect(r);
    return right && reports(r, "", false) && works(r) ? HOLDS : BROKEN;
}

/* ---- all of them ---- */

static const struct {
    const char *words; /* of port.h */
    const char *proof;
    int (*check)(struct run *);
} checks[] = {
    /* With a clock that stands still the others do not end; without a peer they say nothing. */
    {"never goes back", "looks for more than a second, and it goes on", never_goes_back},
    {"and connects to the TCP port", "the peer's address", connects_to_an_address},

    {"Milliseconds", "half a second beside the peer's clock", counts_milliseconds},
    {"Does nothing if there is none.", "disconnect, twice, before a connection and after one",
     closes_nothing},
    /* Before anything can have remembered the name. */
    {"borrowed until disconnect", "a lookup that is given up, then another host", forgets_the_host},
    {"Looks up host (a name or an address", "a name", connects_to_a_name},
    {"called again until it returns MMD_OK", "pending or connected, and connected in the end",
     begins_in_order},
    {"Returns when what was MMD_PENDING may do better", "a connection that is made after a while",
     connects_late},
    {"Tries all the addresses that there are.", "a name whose first address refuses",
     tries_all_addresses},
    {"MMD_ERR_NAME", "a name without an address, again and again until disconnect",
     finds_no_address},
    {"MMD_ERR_LOOKUP", "no name server, again and again until disconnect", finds_no_server},
    {"MMD_ERR_CONNECT", "a port that refuses, again and again until disconnect", is_refused},
    {"MMD_ERR_CONNECT", "a reset before connect is called again", is_reset_meanwhile},

    {"Takes some of len > 0 bytes and returns how many", "1 byte to 64 KiB arrive as they were",
     sends_all_sizes},
    {"at least 1", "pieces of 1, 7 and 1461 bytes", sends_in_pieces},
    {"MMD_PENDING if none can be taken now", "a peer that does not read", sends_to_the_deaf},
    {"returns how many", "much more than that takes, to one that reads", sends_what_waits},
    {"or MMD_ERR_NETWORK.", "sending after a reset, again and again until disconnect",
     fails_to_send},
    {"Takes some of len > 0 bytes", "after the peer has ended its side", sends_after_the_peers_end},
    {"no longer than until the next receive", "an echo without a wait", leaves_at_receive},
    {"until the next receive, wait", "an echo without a receive", leaves_at_wait},
    {"receive, wait or disconnect", "bytes sent right before disconnect", lets_leave},
    {"Lets what was taken leave", "though others lie unread", lets_leave_beside_unread_bytes},

    {"bytes (the count, at most cap, at least 1)", "1 byte to 64 KiB, as they were sent",
     receives_all_sizes},
    {"cap > 0.", "pieces of 1, 7 and 1461 bytes", receives_in_pieces},
    {"the peer ended the stream (MMD_END_OF_STREAM)", "again and again", receives_the_end},
    {"not yet (MMD_PENDING)", "a silent peer", receives_not_yet},
    {"failed (MMD_ERR_NETWORK)", "a reset, again and again until disconnect", receives_a_failure},
    {"What came before an end", "the end has long come", receives_before_the_end},
    {"or a failure is given out first", "the reset has long come", receives_before_the_reset},
    {"also if sending has failed meanwhile", "then the bytes, then the failure",
     receives_though_sending_failed},

    {"Returns when what was MMD_PENDING may do better", "each of 20 late echoes wakes it", wakes},
    {"or after timeout_ms at the latest", "1000 times 0 ms, 20 times 100 ms, with a silent peer",
     waits_no_longer},

    {"Fills *out with what is known of the connection until disconnect",
     "the peer's address while there is a connection", reports_the_connection},
    {"why the last call failed", "a port that refuses: its address, twice the same",
     reports_the_failure},

    {"gives up the connection", "the peer sees the end, before the next connection",
     gives_up_the_connection},
    {"gives up the connection", "with unread bytes", gives_up_unread_bytes},
    {"gives up the connection", "the next one gets nothing of it", receives_nothing_old},
    {"and everything that connect made.", "30 connections, one after the other",
     connects_again_and_again},
    {"None but wait may block.", "connect is pending where nothing answers, and is given up",
     does_not_block},
    {"everything that connect made.", "120 that are given up while they are made",
     gives_up_connecting},

    {"Seconds since 1970-01-01T00:00:00Z, or MMD_CLOCK_NOT_SET.", "a date that can be right",
     tells_the_date},
    {"Fills data with bytes fit for keys and returns MMD_OK", "0, 1, 32 and 1000 bytes",
     fills_with_random},
};

/* Whether nothing more is kept than before, once what goes on by itself has ended. */
static bool holds_nothing(struct run *r)
{
    uint32_t start = now(r);
    size_t held = r->held;

    if (r->c->held == NULL)
        return true;
    while ((held = r->c->held(r->c->context)) > r->held && now(r) - start < LONG_MS)
        settle(r, 20);
    bool right = held <= r->held;
    r->held = right ? r->held : held; /* is told once */
    return right;
}

/* Returns how many promises are broken. */
static unsigned check_one(struct run *r, size_t i)
{
    const struct conformance *c = r->c;

    c->report(c->context, CONFORMANCE_TRYING, checks[i].words, checks[i].proof);
    r->overslept = false;
    r->begun_ms = now(r);
    int verdict = checks[i].check(r);
    if (verdict == HOLDS && r->overslept)
        verdict = BROKEN;
    c->report(c->context, (enum conformance_verdict)verdict, checks[i].words, checks[i].proof);
    bool leaks = i > 0 && !holds_nothing(r);
    if (leaks)
        c->report(c->context, CONFORMANCE_BROKEN, "everything that connect made.", checks[i].proof);
    return (verdict == BROKEN ? 1u : 0u) + (leaks ? 1u : 0u);
}

unsigned conformance_run(const struct conformance *c)
{
    static struct run r;
    unsigned broken = 0;

    r = (struct run){.c = c, .port = c->port, .context = c->port->context};
    r.buf = r.marked + MARKED;
    r.held = c->held != NULL ? c->held(c->context) : 0;
    for (size_t i = 0; i < sizeof checks / sizeof *checks && (i > 2 || broken == 0); i++)
        broken += check_one(&r, i);
    return broken;
}
