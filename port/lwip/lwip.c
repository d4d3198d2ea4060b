/* SPDX-License-Identifier: MIT */
/* TCP on lwIP's raw API. The callbacks only record what happened; the port's functions act on it.
 * No callback closes or aborts a pcb, so lwIP never goes on with one that its callback freed. */
#include <lwip/opt.h>
#if !NO_SYS
#error "port/lwip is for lwIP without an operating system: set NO_SYS to 1"
#endif

#include "mmdclose/port/lwip.h"

#include <lwip/dns.h>
#include <lwip/sys.h>
#include <lwip/tcp.h>
#include <lwip/timeouts.h>
#include <string.h>

#define LONGEST_WAIT 100 /* ms: lwIP does not report that it has memory again */

/* The least time for which lwIP asks a silent name server: it repeats after 1, 1, 2, 3 ... s. */
#define LOOKUP_MS (DNS_MAX_RETRIES * (DNS_MAX_RETRIES - 1) / 2 * 1000)

enum state { IDLE, LOOKING_UP, LOOKED_UP, CONNECTING, CONNECTED };

static void fail(struct mmd_lwip *l, int error)
{
    if (l->failure == MMD_OK)
        l->failure = error;
}

/* ---- callbacks ---- */

/* lwIP reports a name without its last dot. */
static bool is_same_name(const char *name, const char *host)
{
    size_t len = strlen(name);

    return lwip_strnicmp(name, host, len) == 0 &&
           (host[len] == '\0' || (host[len] == '.' && host[len + 1] == '\0'));
}

/* What lwIP's resolver reads now (dns_front.h), which is one for the whole program. */
static enum { NO_DATAGRAM, ANSWER, FAILURE } datagram;

#define TRUNCATED  0x02 /* in the third byte of a DNS message (RFC 1035, 4.1.1) */
#define CODE       0x0F /* in the fourth */
#define NO_ERROR   0
#define NAME_ERROR 3

void mmd_lwip_dns_datagram(const struct pbuf *message); /* for dns_front.h */

void mmd_lwip_dns_datagram(const struct pbuf *message)
{
    if (message == NULL) {
        datagram = NO_DATAGRAM;
        return;
    }
    int code = pbuf_get_at(message, 3) & CODE;
    bool truncated = (pbuf_get_at(message, 2) & TRUNCATED) != 0;
    datagram = (code == NO_ERROR && !truncated) || code == NAME_ERROR ? ANSWER : FAILURE;
}

/* The resolver reports the same for a name without an address, a name server's failure and a silent
 * server. Without dns_front.h only the time that it took differs. */
static int lookup_error(const struct mmd_lwip *l)
{
    if (datagram != NO_DATAGRAM)
        return datagram == ANSWER ? MMD_ERR_NAME : MMD_ERR_LOOKUP;
    return sys_now() - l->lookup_ms < LOOKUP_MS ? MMD_ERR_NAME : MMD_ERR_LOOKUP;
}

static void on_found(const char *name, const ip_addr_t *address, void *arg)
{
    struct mmd_lwip *l = arg;

    l->asking = false;
    if (l->state != LOOKING_UP || !is_same_name(name, l->host))
        return; /* the end of a lookup that was given up */
    l->woken = true;
    if (address != NULL) {
        l->address = *address;
        l->state = LOOKED_UP;
    } else {
        fail(l, lookup_error(l));
    }
}

static err_t on_connected(void *arg, struct tcp_pcb *pcb, err_t error)
{
    struct mmd_lwip *l = arg;

    (void)pcb, (void)error;
    l->state = CONNECTED;
    l->woken = true;
    return ERR_OK;
}

static err_t on_received(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t error)
{
    struct mmd_lwip *l = arg;

    (void)pcb, (void)error;
    l->woken = true;
    if (p == NULL)
        l->ended = true;
    else if (l->in == NULL)
        l->in = p;
    else if (l->in->tot_len + p->tot_len > UINT16_MAX)
        return ERR_MEM; /* lwIP keeps it and calls again */
    else
        pbuf_cat(l->in, p);
    return ERR_OK;
}

static err_t on_sent(void *arg, struct tcp_pcb *pcb, u16_t len)
{
    struct mmd_lwip *l = arg;

    (void)pcb, (void)len;
    l->woken = true;
    return ERR_OK;
}

/* The connection broke; lwIP has freed its pcb. */
static void on_error(void *arg, err_t error)
{
    struct mmd_lwip *l = arg;

    (void)error;
    l->pcb = NULL;
    l->woken = true;
    fail(l, MMD_ERR_CONNECT); /* once connected, send and receive report it instead */
}

/* ---- connecting ---- */

static void look_up(struct mmd_lwip *l, const char *host)
{
    l->host = host;
    if (!l->asking) /* else lwIP may join this lookup to one that was given up */
        l->lookup_ms = sys_now();
    switch (dns_gethostbyname(host, &l->address, on_found, l)) {
    case ERR_OK: l->state = LOOKED_UP; break;
    case ERR_INPROGRESS:
        l->state = LOOKING_UP;
        l->asking = true;
        break;
    case ERR_MEM: break;                          /* the next call tries again */
    case ERR_VAL: fail(l, MMD_ERR_LOOKUP); break; /* no name server is known */
    default: fail(l, MMD_ERR_NAME); break;
    }
}

static void attach(struct mmd_lwip *l, struct tcp_pcb *pcb, bool attached)
{
    tcp_arg(pcb, l);
    tcp_recv(pcb, attached ? on_received : NULL);
    tcp_sent(pcb, attached ? on_sent : NULL);
    tcp_err(pcb, attached ? on_error : NULL);
}

static void start_connecting(struct mmd_lwip *l, uint16_t tcp_port)
{
    struct tcp_pcb *pcb = tcp_new_ip_type(IP_GET_TYPE(&l->address));

    if (pcb == NULL)
        return; /* the next call tries again */
    tcp_nagle_disable(pcb);
    err_t error = tcp_connect(pcb, &l->address, tcp_port, on_connected);
    if (error == ERR_OK) {
        attach(l, pcb, true);
        l->pcb = pcb;
        l->state = CONNECTING;
        return;
    }
    tcp_abort(pcb);
    if (error != ERR_MEM && error != ERR_BUF)
        fail(l, MMD_ERR_CONNECT);
}

static int lwip_connect(void *context, const char *host, uint16_t tcp_port)
{
    struct mmd_lwip *l = context;

    if (l->state == CONNECTED)
        return MMD_OK; /* if it has broken since, send and receive report that */
    if (l->failure == MMD_OK && l->state == IDLE)
        look_up(l, host);
    if (l->failure == MMD_OK && l->state == LOOKED_UP)
        start_connecting(l, tcp_port);
    return l->failure != MMD_OK ? l->failure : MMD_PENDING;
}

/* ---- bytes ---- */

/* Sends what was written, in as few segments as it fits in. */
static void flush(struct mmd_lwip *l)
{
    if (l->pcb != NULL)
        tcp_output(l->pcb); /* if memory is short, lwIP's timers try again */
}

static int lwip_send(void *context, const void *data, size_t len)
{
    struct mmd_lwip *l = context;

    if (l->pcb == NULL)
        return MMD_ERR_NETWORK;
    size_t space = tcp_sndbuf(l->pcb), n = len < space ? len : space;
    while (n > 0 && tcp_write(l->pcb, data, (u16_t)n, TCP_WRITE_FLAG_COPY) != ERR_OK)
        n /= 2; /* not enough memory for n bytes */
    if (n > 0)
        return (int)n;
    flush(l);
    return MMD_PENDING;
}

static int lwip_receive(void *context, void *data, size_t cap)
{
    struct mmd_lwip *l = context;

    flush(l);
    if (l->in == NULL) {
        if (l->ended)
            return MMD_END_OF_STREAM;
        return l->pcb != NULL ? MMD_PENDING : MMD_ERR_NETWORK;
    }
    u16_t n = pbuf_copy_partial(l->in, data, (u16_t)(cap < UINT16_MAX ? cap : UINT16_MAX), 0);
    l->in = pbuf_free_header(l->in, n);
    if (l->pcb != NULL)
        tcp_recved(l->pcb, n);
    return n;
}

static void lwip_report(void *context, struct mmd_port_report *out)
{
    const struct mmd_lwip *l = context;

    *out = (struct mmd_port_report){.address = ""};
    if (l->state >= LOOKED_UP)
        ipaddr_ntoa_r(&l->address, out->address, sizeof out->address);
}

static void lwip_disconnect(void *context)
{
    struct mmd_lwip *l = context;
    struct tcp_pcb *pcb = l->pcb;

    if (pcb != NULL) {
        attach(l, pcb, false);
        if (l->in != NULL) /* with unread bytes lwIP would send a reset */
            tcp_recved(pcb, l->in->tot_len);
        tcp_setprio(pcb, TCP_PRIO_MIN);
        if (tcp_close(pcb) != ERR_OK)
            tcp_abort(pcb);
    }
    if (l->in != NULL)
        pbuf_free(l->in);
    *l = (struct mmd_lwip){.board = l->board, .lookup_ms = l->lookup_ms, .asking = l->asking};
}

/* ---- waiting, clocks, random bytes ---- */

void mmd_lwip_poll(const struct mmd_lwip_board *board, uint32_t timeout_ms)
{
    uint32_t next = sys_timeouts_sleeptime();

    board->poll(board->context, next < timeout_ms ? next : timeout_ms);
    sys_check_timeouts();
}

static void lwip_wait(void *context, uint32_t timeout_ms)
{
    struct mmd_lwip *l = context;
    uint32_t start = sys_now(), waited = 0;

    if (timeout_ms > LONGEST_WAIT)
        timeout_ms = LONGEST_WAIT;
    flush(l);
    do {
        mmd_lwip_poll(l->board, timeout_ms - waited);
        waited = sys_now() - start;
    } while (!l->woken && waited < timeout_ms);
    l->woken = false;
}

static uint32_t lwip_monotonic_ms(void *context)
{
    (void)context;
    return sys_now();
}

static int64_t lwip_calendar_s(void *context)
{
    const struct mmd_lwip_board *board = ((struct mmd_lwip *)context)->board;

    return board->calendar_s(board->context);
}

static int lwip_random(void *context, void *data, size_t len)
{
    const struct mmd_lwip_board *board = ((struct mmd_lwip *)context)->board;

    return board->random(board->context, data, len);
}

void mmd_lwip_init(struct mmd_lwip *lwip, const struct mmd_lwip_board *board, struct mmd_port *port)
{
    *lwip = (struct mmd_lwip){.board = board};
    *port = (struct mmd_port){
        .context = lwip,
        .connect = lwip_connect,
        .send = lwip_send,
        .receive = lwip_receive,
        .wait = lwip_wait,
        .report = lwip_report,
        .disconnect = lwip_disconnect,
        .monotonic_ms = lwip_monotonic_ms,
        .calendar_s = lwip_calendar_s,
        .random = lwip_random,
    };
}
