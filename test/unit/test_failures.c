/* SPDX-License-Identifier: MIT */
/* Tests of what becomes of an exchange when something fails in it: each allocation, each draw of
 * random bytes, each call of the port. The engine, Mbed TLS and the pool are the real ones, and so
 * is the server, OpenSSL's; only the network lies in memory. Whatever fails, the exchange ends with
 * a right error before its deadline, tells rightly whether the message may have been sent, leaves
 * nothing of it in memory, and gives all memory back. */
#include <arpa/inet.h>
#include <dirent.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <mbedtls/ssl.h>

#include "failing_allocator.h"
#include "mmdclose/client.h"
#include "mmdclose/closing.h"
#include "mmdclose/port/linux.h"
#include "mmdclose/tls_pool.h"
#include "scripted_port.h"
#include "tls_server.h"

#define TIMEOUT_MS 60000
#define STEPS_MAX  100000 /* one at a time, "not yet" before each, is far less */

static const char message[] = "PATCH / HTTP/1.1\r\nHost: " TLS_SERVER_HOST "\r\n"
                              "Authorization: Bearer kept-from-everybody\r\n\r\n";
static const char answer[] = "HTTP/1.1 409 Conflict\r\nContent-Length: "
                             "41\r\n\r\n{\"error\":{\"code\":\"409\",\"message\":\"Done\"}}";

static _Alignas(8) unsigned char pool_memory[256 * 1024];
static const struct mmd_tls_pool *pool;

/* ---- the random bytes of PSA, which TLS 1.3 takes: the scripted port's, too ---- */

static const struct mmd_port *random_port; /* NULL: the system's */

int __real_mmd_random(void *data, size_t len);
int __wrap_mmd_random(void *data, size_t len);

int __wrap_mmd_random(void *data, size_t len)
{
    return random_port != NULL ? random_port->random(random_port->context, data, len)
                               : __real_mmd_random(data, len);
}

/* ---- what is given to TLS of the message, which decides whether it may have been sent ---- */

static unsigned long given;

int __real_mbedtls_ssl_write(mbedtls_ssl_context *ssl, const unsigned char *data, size_t len);
int __wrap_mbedtls_ssl_write(mbedtls_ssl_context *ssl, const unsigned char *data, size_t len);

int __wrap_mbedtls_ssl_write(mbedtls_ssl_context *ssl, const unsigned char *data, size_t len)
{
    given++;
    return __real_mbedtls_ssl_write(ssl, data, len);
}

/* ---- an exchange ---- */

struct exchange {
    struct tls_server server;
    struct scripted_port scripted;
    struct mmd_port port;
    struct mmd_trust trust;
    struct mmd_session session;
    struct mmd_client_config config;
    struct mmd_client client;
    char buf[4096];
    size_t base; /* of the pool, between exchanges */
    bool judged; /* the server's own certificate was looked at */
};

static bool holds(const void *memory, size_t len, const char *text)
{
    return memmem(memory, len, text, strlen(text)) != NULL;
}

static void note_certificate(void *context, int depth, const uint8_t *der, size_t len)
{
    (void)der;
    (void)len;
    ((struct exchange *)context)->judged |= depth == 0;
}

static void open_exchange(struct exchange *e, int version)
{
    memset(e, 0, sizeof *e);
    tls_server_open(&e->server, version);
    e->server.answer = answer;
    e->server.request_len = sizeof message - 1;
    scripted_port_init(&e->scripted, &e->server.peer, &e->port);
    random_port = &e->port;
    e->trust = (struct mmd_trust){e->server.anchor, e->server.anchor_len};
    e->config = (struct mmd_client_config){.port = &e->port,
                                           .tls.trust = &e->trust,
                                           .tls.host = TLS_SERVER_HOST,
                                           .tcp_port = 443,
                                           .timeout_ms = TIMEOUT_MS,
                                           .tls.allocation_failures = &pool->failures,
                                           .tls.session = &e->session,
                                           .tls.on_certificate = note_certificate,
                                           .tls.on_certificate_context = e};
}

/* Runs one to its end, with bounded steps. */
static int run(struct exchange *e)
{
    uint32_t wait_ms;
    unsigned steps = 0;

    e->scripted.calls = e->scripted.asked = e->scripted.closes = 0;
    e->scripted.taken = 0;
    e->scripted.happened = allocator.happened = e->judged = false;
    e->server.received = 0;
    allocator.calls = given = 0;
    memcpy(e->buf, message, sizeof message);
    int error = mmd_client_start(&e->client, &e->config, e->buf, sizeof e->buf, sizeof message - 1);
    if (error != MMD_OK)
        return error;
    uint32_t began = e->scripted.now_ms;
    while ((error = mmd_client_step(&e->client, &wait_ms)) == MMD_PENDING) {
        assert_true(steps++ < STEPS_MAX);
        if (wait_ms > 0)
            e->port.wait(e->port.context, wait_ms);
        else
            e->scripted.now_ms++; /* a peer that never pauses does not stop the time */
    }
    assert_in_range(e->scripted.now_ms - began, 0, TIMEOUT_MS);
    assert_int_equal(e->scripted.closes, 1);
    return error;
}

/* What must hold however an exchange ended. */
static void expect_clean(const struct exchange *e, int error)
{
    const struct mmd_result *result = &e->client.result;
    struct mmd_verdict verdict;

    assert_int_equal(error, result->error);
    assert_true(mmd_error_name(error)[0] != '\0');
    assert_int_equal(pool->used, e->base);
    assert_false(holds(e->buf, sizeof e->buf, "kept-from-everybody"));
    assert_int_equal(given > 0, result->delivery != MMD_NOT_SENT);
    assert_true(given > 0 || e->server.received == 0);
    assert_int_equal(error == MMD_OK, result->delivery == MMD_ANSWERED);
    if (result->delivery == MMD_ANSWERED) {
        assert_int_equal(result->status, 409);
        mmd_closing_judge(&verdict, result);
        assert_string_equal(verdict.message, "Done");
    }
}

static void expect_answered(struct exchange *e)
{
    int error = run(e);

    expect_clean(e, error);
    assert_int_equal(error, MMD_OK);
}

/* The first exchange fills what PSA keeps for good; then the pool's base is known. */
static void warm_up(struct exchange *e)
{
    assert_int_equal(run(e), MMD_OK);
    mmd_session_forget(&e->session);
    e->base = pool->used;
    expect_answered(e);
}

/* ---- the tests ---- */

static const int versions[] = {12, 13};

/* Whether the next exchange resumes a session: TLS 1.2 keeps one. */
static void for_each_start(void (*test)(struct exchange *e, bool resumed))
{
    struct exchange e;

    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        for (int resumed = 0; resumed <= (versions[i] == 12); resumed++) {
            open_exchange(&e, versions[i]);
            warm_up(&e);
            test(&e, resumed != 0);
            tls_server_close(&e.server);
        }
    }
}

/* Makes the session what it is to be at the start of an exchange. */
static void prepare_session(struct exchange *e, bool resumed)
{
    mmd_session_forget(&e->session);
    if (resumed)
        expect_answered(e);
}

/* In the end all goes well, and as it was to be. */
static void expect_undisturbed(struct exchange *e, bool resumed)
{
    prepare_session(e, resumed);
    expect_answered(e);
    assert_int_equal(e->client.result.resumed, resumed);
}

static int run_and_expect_clean(struct exchange *e)
{
    int error = run(e);

    e->scripted.fault = SCRIPTED_NONE;
    allocator.at = 0;
    expect_clean(e, error);
    return error;
}

static void each_allocation(struct exchange *e, bool resumed)
{
    bool happened;
    unsigned long k = 0;

    do {
        prepare_session(e, resumed);
        allocator.at = ++k;
        int error = run_and_expect_clean(e);
        happened = allocator.happened;
        if (happened && e->client.result.delivery != MMD_ANSWERED)
            assert_int_equal(error, MMD_ERR_MEMORY);
    } while (happened);
    expect_undisturbed(e, resumed);
    assert_true(k > 10);
}

static void each_random(struct exchange *e, bool resumed)
{
    bool happened;
    unsigned long k = 0;

    do {
        prepare_session(e, resumed);
        e->scripted.fault = SCRIPTED_ENTROPY;
        e->scripted.at = ++k;
        int error = run_and_expect_clean(e);
        happened = e->scripted.happened;
        if (happened)
            assert_int_equal(error, MMD_ERR_ENTROPY);
    } while (happened);
    expect_undisturbed(e, resumed);
    assert_true(k > 2);
}

/* What each fault of the network must end in. */
static void expect_error_of(const struct exchange *e, enum scripted_fault fault, int error)
{
    const struct mmd_result *result = &e->client.result;

    switch (fault) {
    case SCRIPTED_PENDING:
    case SCRIPTED_ONE_BYTE: assert_int_equal(error, MMD_OK); break;
    case SCRIPTED_STALL:
        assert_true(error == MMD_ERR_TIMEOUT || result->delivery == MMD_ANSWERED);
        break;
    case SCRIPTED_FAIL: /* the first call is that which connects */
        assert_true(error == (e->scripted.at == 1 ? MMD_ERR_CONNECT : MMD_ERR_NETWORK) ||
                    result->delivery == MMD_ANSWERED);
        break;
    default: /* SCRIPTED_CLOSED */
        assert_true(error == MMD_ERR_NETWORK || error == MMD_ERR_EMPTY ||
                    error == MMD_ERR_TRUNCATED || result->delivery == MMD_ANSWERED);
    }
}

static void each_call(struct exchange *e, bool resumed)
{
    for (enum scripted_fault fault = SCRIPTED_FAIL; fault <= SCRIPTED_ONE_BYTE; fault++) {
        bool happened;
        unsigned long k = 0;
        do {
            prepare_session(e, resumed);
            e->scripted.fault = fault;
            e->scripted.at = ++k;
            int error = run_and_expect_clean(e);
            happened = e->scripted.happened;
            if (happened)
                expect_error_of(e, fault, error);
        } while (happened);
        assert_true(k > 4);
    }
    expect_undisturbed(e, resumed);
}

/* The last call is that which sends the alert: the verdict is there by then. */
static void each_call_of_a_refusal(struct exchange *e, enum scripted_fault fault)
{
    bool happened;
    unsigned long k = 0, too_late = 0;

    do {
        e->scripted.fault = fault;
        e->scripted.at = ++k;
        int error = run_and_expect_clean(e);
        happened = e->scripted.happened;
        too_late += happened && e->judged;
        if (e->judged)
            assert_int_equal(error, MMD_ERR_CERT_NAME);
        else
            expect_error_of(e, fault, error);
    } while (happened);
    assert_true(e->judged && too_late > 0);
}

/* How many handshakes fail one after the other: make deep runs all. */
static size_t many(void)
{
    return getenv("MMDCLOSE_WHOLE") != NULL ? 10000 : 500;
}

/* What a process has that can be lost bit by bit. */
struct holdings {
    size_t heap, descriptors, threads;
};

size_t __sanitizer_get_current_allocated_bytes(void);

static size_t count_entries(const char *path)
{
    DIR *folder = opendir(path);
    size_t count = 0;

    assert_non_null(folder);
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

static struct holdings count_holdings(void)
{
    struct holdings holdings = {mallinfo2().uordblks, count_entries("/proc/self/fd"),
                                count_entries("/proc/self/task")};

#if defined(__SANITIZE_ADDRESS__)
    holdings.heap = __sanitizer_get_current_allocated_bytes(); /* its allocator stands in front */
#endif
    return holdings;
}

static int listen_on_loopback(uint16_t *tcp_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    *tcp_port = ntohs(address.sin_port);
    return fd;
}

/* The ways in which a handshake fails, in turn; those that cost little are more often. */
enum way { RESET, GARBAGE, CUT, UNTRUSTED };

static const enum way ways[] = {RESET,   GARBAGE, RESET,   GARBAGE, RESET,   GARBAGE,  RESET,
                                GARBAGE, RESET,   GARBAGE, RESET,   GARBAGE, RESET,    GARBAGE,
                                RESET,   GARBAGE, RESET,   GARBAGE, CUT,     UNTRUSTED};
static const int error_of_way[] = {MMD_ERR_NETWORK, MMD_ERR_TLS, MMD_ERR_NETWORK,
                                   MMD_ERR_CERT_CHAIN};

/* Takes the connection, if there is one by now; to reset it is all that such a server does. */
static int accept_one(int listener, enum way way)
{
    const struct linger at_once = {1, 0};
    int fd = accept(listener, NULL, NULL);

    if (fd >= 0 && way == RESET) {
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        close(fd);
    }
    return fd;
}

/* Answers the hello, if it is there by now, with as many bytes of garbage, with the server's
 * flight, or with half of that. */
static void answer_hello(const struct peer *server, int fd, enum way way)
{
    unsigned char hello[2048], data[4096] = "HTTP/1.1 400 Bad Request\r\n\r\n";
    ssize_t n = recv(fd, hello, sizeof hello, MSG_DONTWAIT);

    if (n <= 0)
        return;
    if (way != GARBAGE) {
        server->take(server->context, hello, (size_t)n);
        n = server->give(server->context, data, sizeof data);
    }
    if (n > 0)
        send(fd, data, (size_t)(way == CUT ? n / 2 : n), MSG_NOSIGNAL);
    if (way == CUT)
        shutdown(fd, SHUT_WR);
}

static void expect_failed(struct exchange *e, const struct peer *server, int listener, enum way way)
{
    uint32_t wait_ms;
    int error, fd = -1;

    memcpy(e->buf, message, sizeof message);
    error = mmd_client_start(&e->client, &e->config, e->buf, sizeof e->buf, sizeof message - 1);
    assert_int_equal(error, MMD_OK);
    server->accept(server->context);
    while ((error = mmd_client_step(&e->client, &wait_ms)) == MMD_PENDING) {
        if (fd < 0 && e->client.phase != MMD_PHASE_CONNECT)
            fd = accept_one(listener, way);
        else if (fd >= 0 && way != RESET)
            answer_hello(server, fd, way);
    }
    server->ended(server->context);
    if (way != RESET)
        close(fd);
    assert_true(fd >= 0);
    assert_int_equal(error, error_of_way[way]);
    assert_int_equal(e->client.result.delivery, MMD_NOT_SENT);
    assert_int_equal(pool->used, e->base);
}

/* Each way with each version: what the other server vouches for itself with is not trusted here. */
static void fail_in_turn(struct exchange *e, struct tls_server *servers, int listener, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct tls_server *server = &servers[i / (sizeof ways / sizeof *ways) % 2];
        const struct tls_server *other = server == servers ? server + 1 : servers;

        e->trust = (struct mmd_trust){other->anchor, other->anchor_len};
        expect_failed(e, &server->peer, listener, ways[i % (sizeof ways / sizeof *ways)]);
    }
}

/* Fault 432: hundreds of handshakes fail, one after the other, by a reset, garbage, a cut flight
 * or a certificate -> the process is as it was: pool, heap, descriptors, threads */
static void test_many_handshakes_fail(void **state)
{
    struct exchange e;
    struct tls_server servers[2];
    struct mmd_linux linux_port;

    (void)state;
    open_exchange(&e, 13);
    warm_up(&e);
    for (size_t i = 0; i < 2; i++) {
        tls_server_open(&servers[i], versions[i]);
        servers[i].request_len = sizeof message - 1;
    }
    mmd_linux_init(&linux_port, &e.port);
    random_port = NULL;
    e.config.address = "127.0.0.1";
    int listener = listen_on_loopback(&e.config.tcp_port);
    fail_in_turn(&e, servers, listener, 100);
    struct holdings before = count_holdings();
    fail_in_turn(&e, servers, listener, many());
    struct holdings after = count_holdings();
    assert_int_equal(after.heap, before.heap);
    assert_int_equal(after.descriptors, before.descriptors);
    assert_int_equal(after.threads, before.threads);
    close(listener);
    for (size_t i = 0; i < 2; i++)
        tls_server_close(&servers[i]);
    tls_server_close(&e.server);
}

/* Fault 429: any allocation of TLS's fails -> memory, nothing leaks, the next exchange succeeds */
static void test_each_allocation_fails(void **state)
{
    (void)state;
    for_each_start(each_allocation);
}

/* Fault 430: a draw of random bytes fails -> entropy, nothing leaks, the next exchange succeeds */
static void test_each_draw_of_random_bytes_fails(void **state)
{
    (void)state;
    for_each_start(each_random);
}

/* Fault 431: at any call, the port fails, is not ready, stalls, ends, or goes on byte by byte ->
 * the error of that, or the answer, before the deadline */
static void test_each_call_of_the_port_fails(void **state)
{
    (void)state;
    for_each_start(each_call);
}

/* Fault 438: another host's certificate, and the network fails at any call -> cert_name once it was
 * looked at, also where the alert cannot leave */
static void test_each_call_fails_where_the_certificate_is_wrong(void **state)
{
    struct exchange e;

    (void)state;
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        open_exchange(&e, versions[i]);
        warm_up(&e);
        e.config.tls.host = "other.test";
        for (enum scripted_fault fault = SCRIPTED_FAIL; fault <= SCRIPTED_ONE_BYTE; fault++)
            each_call_of_a_refusal(&e, fault);
        tls_server_close(&e.server);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_allocation_fails),
        cmocka_unit_test(test_each_draw_of_random_bytes_fails),
        cmocka_unit_test(test_each_call_of_the_port_fails),
        cmocka_unit_test(test_each_call_fails_where_the_certificate_is_wrong),
        cmocka_unit_test(test_many_handshakes_fail),
    };

    pool = mmd_tls_pool_init(pool_memory, sizeof pool_memory);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
