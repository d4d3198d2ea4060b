/* SPDX-License-Identifier: MIT */
/* Drives the engine with a port that has something wrong with it, against a service on loopback:
 *
 *     driver FAULT PORT CA_FILE TENANT REQUEST TOKEN [POOL]
 *
 * FAULT: none, drip (a byte at a time, "not yet" before each), epoch (the clock says 1970), floor,
 * below-floor (it says the build's date, or a second less), no-clock, no-entropy, no-entropy-later
 * (not from the second call on), stuck (600 bytes leave, no more), failing (then sending fails),
 * hesitant (600 bytes leave, the rest once something has come), signals (one every millisecond),
 * cancel (given up within the handshake); or one of the names, see break_names. With POOL, TLS
 * lives in a pool of that size. Prints one line of JSON. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "../unit/names.h"
#include "mmdclose/client.h"
#include "mmdclose/closing.h"
#include "mmdclose/port/linux.h"
#include "mmdclose/tls_pool.h"

static struct {
    struct mmd_port real;
    int asked; /* how often for random bytes */
    bool send_next, receive_next, heard;
    volatile unsigned long pending; /* calls, or signals that came */
    size_t sent;
} fault;

/* ---- the faults ---- */

static int drip_send(void *context, const void *data, size_t len)
{
    (void)len;
    fault.send_next = !fault.send_next;
    fault.pending += fault.send_next;
    return fault.send_next ? MMD_PENDING : fault.real.send(context, data, 1);
}

static int drip_receive(void *context, void *data, size_t cap)
{
    (void)cap;
    fault.receive_next = !fault.receive_next;
    fault.pending += fault.receive_next;
    return fault.receive_next ? MMD_PENDING : fault.real.receive(context, data, 1);
}

static int stuck_send(void *context, const void *data, size_t len)
{
    const size_t room = 600 - fault.sent;

    if (room == 0)
        return MMD_PENDING;
    int n = fault.real.send(context, data, len < room ? len : room);
    fault.sent += n > 0 ? (size_t)n : 0;
    return n;
}

static int failing_send(void *context, const void *data, size_t len)
{
    int n = stuck_send(context, data, len);

    return n == MMD_PENDING ? MMD_ERR_NETWORK : n;
}

static int hesitant_send(void *context, const void *data, size_t len)
{
    return fault.heard ? fault.real.send(context, data, len) : stuck_send(context, data, len);
}

static int hesitant_receive(void *context, void *data, size_t cap)
{
    int n = fault.real.receive(context, data, cap);

    fault.heard |= n > 0 && fault.sent == 600;
    return n;
}

static void drip_wait(void *context, uint32_t timeout_ms)
{
    fault.real.wait(context, timeout_ms < 1 ? timeout_ms : 1);
}

static int64_t epoch(void *context)
{
    (void)context;
    return 0;
}

static int64_t at_floor(void *context)
{
    (void)context;
    return mmd_clock_floor;
}

static int64_t below_floor(void *context)
{
    (void)context;
    return mmd_clock_floor - 1;
}

static int64_t no_clock(void *context)
{
    (void)context;
    return MMD_CLOCK_NOT_SET;
}

static int no_entropy(void *context, void *data, size_t len)
{
    (void)context, (void)data, (void)len;
    return MMD_ERR_ENTROPY;
}

static int no_entropy_later(void *context, void *data, size_t len)
{
    return fault.asked++ == 0 ? fault.real.random(context, data, len) : MMD_ERR_ENTROPY;
}

static void on_alarm(int number)
{
    (void)number;
    fault.pending++;
}

static void send_signals(void)
{
    const struct sigaction action = {.sa_handler = on_alarm}; /* calls are not restarted */
    const struct itimerval often = {{0, 1000}, {0, 1000}};

    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
}

static bool break_port(struct mmd_port *port, const char *how)
{
    fault.real = *port;
    if (strcmp(how, "drip") == 0) {
        port->send = drip_send;
        port->receive = drip_receive;
        port->wait = drip_wait;
    } else if (strcmp(how, "stuck") == 0) {
        port->send = stuck_send;
    } else if (strcmp(how, "failing") == 0) {
        port->send = failing_send;
    } else if (strcmp(how, "hesitant") == 0) {
        port->send = hesitant_send;
        port->receive = hesitant_receive;
    } else if (strcmp(how, "epoch") == 0) {
        port->calendar_s = epoch;
    } else if (strcmp(how, "floor") == 0) {
        port->calendar_s = at_floor;
    } else if (strcmp(how, "below-floor") == 0) {
        port->calendar_s = below_floor;
    } else if (strcmp(how, "no-clock") == 0) {
        port->calendar_s = no_clock;
    } else if (strcmp(how, "no-entropy") == 0) {
        port->random = no_entropy;
    } else if (strcmp(how, "no-entropy-later") == 0) {
        port->random = no_entropy_later;
    } else if (strcmp(how, "signals") == 0) {
        send_signals();
    }
    return port->send != fault.real.send || port->calendar_s != fault.real.calendar_s ||
           port->random != fault.real.random || strcmp(how, "none") == 0 ||
           strcmp(how, "cancel") == 0 || strcmp(how, "signals") == 0;
}

/* Whether the fault is one of the name service, which then plays it. Of twenty addresses the last
 * is the service's; of the two of dead-first, too. */
static bool break_names(const char *how)
{
    static union names_address addresses[20], other = {.any = {.sa_family = AF_UNIX}};
    static const struct {
        const char *how;
        int error;
        const union names_address *addresses;
        size_t count;
    } table[] = {
        {"no-name", EAI_NONAME, NULL, 0},     {"no-name-server", EAI_AGAIN, NULL, 0},
        {"name-failure", EAI_FAIL, NULL, 0},  {"no-address", 0, &other, 1},
        {"name-silence", EAI_AGAIN, NULL, 0}, {"twenty", 0, addresses, 20},
        {"dead-first", 0, addresses + 18, 2},
    };

    for (uint32_t i = 0; i < 20; i++) {
        addresses[i].v4.sin_family = AF_INET;
        addresses[i].v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 19 - i);
    }
    names_hold(strcmp(how, "name-silence") == 0);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(how, table[i].how) == 0) {
            names_answer(table[i].error, table[i].addresses, table[i].count);
            return true;
        }
    return false;
}

/* ---- the exchange ---- */

static char pem[1 << 16], buf[16384];

static int write_request(char **argv)
{
    const struct mmd_closing close = {.host = "mmdls.test",
                                      .port = (uint16_t)atoi(argv[2]),
                                      .tenant_id = argv[4],
                                      .elevation_request_id = argv[5],
                                      .token = argv[6],
                                      .client_request_id = "919108f7-52d1-4320-9bac-f847db4148a8",
                                      .actions_taken = "by the driver",
                                      .actions_taken_len = 13};
    struct mmd_closing_info info;

    return mmd_closing_write(buf, sizeof buf, &close, &info);
}

/* Returns what the last call does. */
static int run(struct mmd_client *client, const struct mmd_port *port, bool cancel)
{
    uint32_t wait_ms;

    if (!cancel)
        return mmd_client_run(client);
    while (mmd_client_step(client, &wait_ms) == MMD_PENDING && client->phase < MMD_PHASE_HANDSHAKE)
        port->wait(port->context, wait_ms);
    mmd_client_step(client, &wait_ms); /* the first flight */
    mmd_client_cancel(client);
    mmd_client_cancel(client);
    return mmd_client_step(client, &wait_ms);
}

static bool is_wiped(const char *token, const struct mmd_client *client)
{
    return memmem(buf, sizeof buf, token, strlen(token)) == NULL &&
           memmem(client, sizeof *client, token, strlen(token)) == NULL;
}

int main(int argc, char **argv)
{
    static struct mmd_linux linux_port;
    static struct mmd_client client;
    const struct mmd_tls_pool *pool = NULL;
    struct mmd_port port;
    struct mmd_trust trust;
    size_t skipped;
    FILE *bundle = argc >= 7 ? fopen(argv[3], "r") : NULL;

    mmd_linux_init(&linux_port, &port);
    bool named = bundle != NULL && break_names(argv[1]);
    if (bundle == NULL || (!named && !break_port(&port, argv[1])))
        return MMD_OUTCOME_USAGE;
    mmd_trust_from_pem(pem, fread(pem, 1, sizeof pem, bundle), &trust, &skipped);
    fclose(bundle);
    if (argc > 7) {
        size_t size = strtoul(argv[7], NULL, 10);
        pool = mmd_tls_pool_init(malloc(size), size);
    }
    const struct mmd_client_config config = {.port = &port,
                                             .tls.trust = &trust,
                                             .tls.host = "mmdls.test",
                                             .address = named ? NULL : "127.0.0.1",
                                             .tcp_port = (uint16_t)atoi(argv[2]),
                                             .timeout_ms = names.held ? 1000 : 20000,
                                             .tls.allocation_failures =
                                                 pool != NULL ? &pool->failures : NULL};

    int len = write_request(argv), returned = len;
    if (len > 0)
        returned = mmd_client_start(&client, &config, buf, sizeof buf, (size_t)len);
    if (returned == MMD_OK)
        returned = run(&client, &port, strcmp(argv[1], "cancel") == 0);
    const struct mmd_result *result = &client.result;
    struct mmd_verdict verdict;
    mmd_closing_judge(&verdict, result);
    printf("{\"error\":\"%s\",\"exit\":%d,\"delivery\":%d,\"status\":%u,\"pending\":%lu,"
           "\"used\":%zu,\"peak\":%zu,\"valid_from\":%lld,\"valid_to\":%lld,\"checked_at\":%lld,"
           "\"floor\":%lld,\"wiped\":%s}\n",
           mmd_error_name(verdict.error), (int)verdict.outcome, (int)result->delivery,
           result->status, fault.pending, pool != NULL ? pool->used : 0,
           pool != NULL ? pool->peak : 0, (long long)result->valid_from,
           (long long)result->valid_to, (long long)result->checked_at, (long long)mmd_clock_floor,
           is_wiped(argv[6], &client) ? "true" : "false");
    names_hold(false);
    return returned == result->error ? 0 : MMD_OUTCOME_INTERNAL;
}
