/* SPDX-License-Identifier: MIT */
/* Tests of the port for Linux over real sockets of the loopback interface; only the name service is
 * played (names.h). Every test starts and ends with the same descriptors and threads, and none may
 * raise SIGPIPE. */
#define _GNU_SOURCE 1
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "guard.h"
#include "mmdclose/port/linux.h"
#include "names.h"

#define PATIENCE_MS 10000 /* after which a test gives up */
#define FDS         256
#define LONG_MS     100000

struct fixture {
    struct mmd_linux connection;
    struct mmd_port port;
    size_t fds;          /* open when the test began, */
    bool inherited[FDS]; /* and which */
};

static volatile sig_atomic_t broken_pipes;

/* ---- counting ---- */

static size_t entries_of(const char *folder)
{
    DIR *dir = opendir(folder);
    size_t count = 0;

    assert_non_null(dir);
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count;
}

static bool within_patience(uint32_t *waited_ms)
{
    const struct timespec nap = {.tv_nsec = 1000000};

    nanosleep(&nap, NULL);
    return ++*waited_ms < PATIENCE_MS;
}

static void wait_for_threads_to_end(void)
{
    uint32_t waited = 0;

    while (entries_of("/proc/self/task") > 3) /* ".", ".." and us */
        assert_true(within_patience(&waited));
}

/* All that was opened since the test began. */
static void expect_closed_on_exec(const struct fixture *f)
{
    for (int fd = 0; fd < FDS; fd++) {
        int flags = fcntl(fd, F_GETFD);
        if (flags >= 0 && !f->inherited[fd] && (flags & FD_CLOEXEC) == 0)
            fail_msg("descriptor %d stays open on exec", fd);
    }
}

/* ---- fixture ---- */

static void on_broken_pipe(int number)
{
    (void)number;
    broken_pipes = 1;
}

static int begin(void **state)
{
    static struct fixture f;
    struct sigaction action = {.sa_handler = on_broken_pipe};

    sigaction(SIGPIPE, &action, NULL);
    broken_pipes = 0;
    f.fds = entries_of("/proc/self/fd");
    for (int fd = 0; fd < FDS; fd++)
        f.inherited[fd] = fcntl(fd, F_GETFD) >= 0;
    mmd_linux_init(&f.connection, &f.port);
    *state = &f;
    return 0;
}

static int end(void **state)
{
    struct fixture *f = *state;

    f->port.disconnect(f->port.context);
    names_hold(false);
    wait_for_threads_to_end();
    assert_int_equal(entries_of("/proc/self/fd"), f->fds);
    assert_int_equal(broken_pipes, 0);
    return 0;
}

/* ---- the other side ---- */

static union names_address loopback(sa_family_t family)
{
    union names_address a;

    memset(&a, 0, sizeof a);
    a.any.sa_family = family;
    if (family == AF_INET)
        a.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    else
        a.v6.sin6_addr = in6addr_loopback;
    return a;
}

static socklen_t length_of(const union names_address *a)
{
    return a->any.sa_family == AF_INET ? sizeof a->v4 : sizeof a->v6;
}

/* A socket bound to a free port of the loopback interface: nothing listens there yet. */
static int bound(sa_family_t family, union names_address *out)
{
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    socklen_t len = sizeof *out;

    *out = loopback(family);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, &out->any, length_of(out)), 0);
    assert_int_equal(getsockname(fd, &out->any, &len), 0);
    return fd;
}

static int listening(sa_family_t family, union names_address *out)
{
    int fd = bound(family, out);

    assert_int_equal(listen(fd, 16), 0);
    return fd;
}

static void expect_ready(int fd, short events)
{
    struct pollfd p = {.fd = fd, .events = events};

    assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
}

static int accepted(int listener)
{
    expect_ready(listener, POLLIN);
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

/* An address that answers nothing: a listener whose queue is full. */
struct hole {
    union names_address address;
    int listener, waiting[8];
};

static struct hole open_hole(void)
{
    struct hole h;

    h.listener = bound(AF_INET, &h.address);
    assert_int_equal(listen(h.listener, 0), 0);
    for (size_t i = 0; i < 8; i++) {
        h.waiting[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        assert_int_equal(connect(h.waiting[i], &h.address.any, length_of(&h.address)), -1);
        assert_int_equal(errno, EINPROGRESS);
    }
    return h;
}

static void close_hole(const struct hole *h)
{
    for (size_t i = 0; i < 8; i++)
        close(h->waiting[i]);
    close(h->listener);
}

static void reset(int peer)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};

    assert_int_equal(setsockopt(peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
    close(peer);
}

static void peer_sends(int peer, const char *text)
{
    assert_int_equal(send(peer, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static void expect_peer_gets(int peer, const void *expected, size_t len)
{
    static char buf[65536];
    size_t at = 0;

    assert_true(len <= sizeof buf);
    while (at < len) {
        expect_ready(peer, POLLIN);
        ssize_t n = recv(peer, buf + at, len - at, 0);
        assert_true(n > 0);
        at += (size_t)n;
    }
    assert_memory_equal(buf, expected, len);
}

static void expect_report(struct fixture *f, const char *address, enum mmd_detail_kind kind,
                          int code)
{
    struct mmd_port_report report;

    memset(&report, '?', sizeof report);
    f->port.report(f->port.context, &report);
    assert_string_equal(report.address, address);
    assert_int_equal(report.detail.kind, kind);
    assert_int_equal(report.detail.code, code);
}

static void expect_peer_has_nothing(int peer)
{
    char byte;

    assert_int_equal(recv(peer, &byte, 1, 0), -1);
    assert_int_equal(errno, EAGAIN);
}

/* ---- our side ---- */

static volatile sig_atomic_t alarms; /* signals that came: each may have ended a wait */

/* Connects as the engine does. Few calls must do: the port may not spin. */
static int connect_to_the_end(struct fixture *f, const char *host, uint16_t tcp_port)
{
    int result = MMD_PENDING;

    for (int calls = 0; calls < 200 + alarms && result == MMD_PENDING; calls++) {
        result = f->port.connect(f->port.context, host, tcp_port);
        if (result == MMD_PENDING)
            f->port.wait(f->port.context, PATIENCE_MS);
    }
    return result;
}

/* Connects to a peer, and returns it. */
static int connected(struct fixture *f)
{
    union names_address address;
    int listener = listening(AF_INET, &address);

    assert_int_equal(connect_to_the_end(f, "127.0.0.1", ntohs(address.v4.sin_port)), MMD_OK);
    int peer = accepted(listener);
    close(listener);
    return peer;
}

static int receive(struct fixture *f, void *data, size_t cap)
{
    return f->port.receive(f->port.context, data, cap);
}

static int receive_to_the_end(struct fixture *f, void *data, size_t cap)
{
    int result = MMD_PENDING;

    for (int calls = 0; calls < 200 + alarms && result == MMD_PENDING; calls++) {
        result = receive(f, data, cap);
        if (result == MMD_PENDING)
            f->port.wait(f->port.context, PATIENCE_MS);
    }
    return result;
}

static void expect_received(struct fixture *f, const char *text)
{
    char data[64];
    int n = receive_to_the_end(f, data, sizeof data);

    assert_int_equal(n, strlen(text));
    assert_memory_equal(data, text, strlen(text));
}

static void send_text(struct fixture *f, const char *text)
{
    assert_int_equal(f->port.send(f->port.context, text, strlen(text)), strlen(text));
}

/* Waits until the peer's end or reset has arrived, without a call of the port's. */
static void wait_for_hangup(struct fixture *f)
{
    struct pollfd fds[MMD_LINUX_POLLFDS];
    uint32_t timeout_ms = LONG_MS;

    assert_int_equal(mmd_linux_pollfds(&f->connection, fds, &timeout_ms), 1);
    fds[0].events = POLLRDHUP;
    assert_int_equal(poll(fds, 1, PATIENCE_MS), 1);
}

/* ---- names ---- */

/* Fault 49: name not found, server failure, timeout, no address, twenty addresses -> distinct,
 * deadline kept */
static void test_names_without_an_address(void **state)
{
    static const union names_address unusable = {.any = {.sa_family = AF_UNIX}};
    static const struct {
        int gai, error;
        size_t count;
    } table[] = {
        {EAI_NONAME, MMD_ERR_NAME, 0}, {EAI_NODATA, MMD_ERR_NAME, 0},
        {0, MMD_ERR_NAME, 1},          {EAI_AGAIN, MMD_ERR_LOOKUP, 0},
        {EAI_FAIL, MMD_ERR_LOOKUP, 0}, {EAI_SYSTEM, MMD_ERR_LOOKUP, 0},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        names_answer(table[i].gai, &unusable, table[i].count);
        assert_int_equal(connect_to_the_end(f, "host.test", 443), table[i].error);
        expect_report(f, "", MMD_DETAIL_GETADDRINFO, table[i].gai ? table[i].gai : EAI_NONAME);
        f->port.disconnect(f->port.context);
        expect_report(f, "", MMD_DETAIL_NONE, 0);
    }
}

/* Fault 513: no memory for the resolver -> the system's own refusal (POSIX, getaddrinfo) */
static void test_no_memory_for_a_lookup(void **state)
{
    struct fixture *f = *state;

    names_answer(EAI_MEMORY, NULL, 0);
    assert_int_equal(connect_to_the_end(f, "host.test", 443), MMD_ERR_SYSTEM);
    expect_report(f, "", MMD_DETAIL_ERRNO, ENOMEM);
}

/* Runs with the descriptors that are open, and so many more. */
static void leave_descriptors(size_t more, struct rlimit *before)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_NOFILE, before), 0);
    limit = *before;
    for (limit.rlim_cur = 0; more > 0; limit.rlim_cur++)
        more -= fcntl((int)limit.rlim_cur, F_GETFD) < 0;
    while (fcntl((int)limit.rlim_cur, F_GETFD) >= 0)
        limit.rlim_cur++;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* Valgrind 3.19 limits descriptors itself: it closes what is over the limit, but has socketpair
 * succeed. */
static bool is_right_code(const char *host, int code)
{
    const char *preload = getenv("LD_PRELOAD");
    bool by_valgrind = preload != NULL && strstr(preload, "vgpreload") != NULL;

    return code == EMFILE || (by_valgrind && code == EBADF && strcmp(host, "host.test") == 0);
}

/* Fault 511 */
static void test_no_descriptors(void **state)
{
    static const struct {
        const char *host, *address;
        size_t free;
        int error;
    } table[] = {
        {"host.test", "", 0, MMD_ERR_SYSTEM}, /* no pair of sockets */
        {"host.test", "", 1, MMD_ERR_SYSTEM}, /* half a pair */
        {"host.test", "", 2, MMD_ERR_SYSTEM}, /* and no socket for the resolver */
        {"host.test", "", 3, MMD_ERR_LOOKUP}, /* enough */
        {"127.0.0.1", "127.0.0.1", 0, MMD_ERR_SYSTEM},
    };
    struct fixture *f = *state;
    struct rlimit before;

    names_answer(EAI_AGAIN, NULL, 0);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        leave_descriptors(table[i].free, &before);
        int error = connect_to_the_end(f, table[i].host, 443);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
        assert_int_equal(error, table[i].error);
        if (error == MMD_ERR_SYSTEM)
            assert_true(is_right_code(table[i].host, f->connection.detail.code));
        expect_report(f, table[i].address,
                      error == MMD_ERR_SYSTEM ? MMD_DETAIL_ERRNO : MMD_DETAIL_GETADDRINFO,
                      error == MMD_ERR_SYSTEM ? f->connection.detail.code : EAI_AGAIN);
        f->port.disconnect(f->port.context);
    }
}

static void test_report_of_a_connection(void **state)
{
    struct fixture *f = *state;
    union names_address address;
    int listener = listening(AF_INET6, &address);
    char byte;

    expect_report(f, "", MMD_DETAIL_NONE, 0);
    assert_int_equal(connect_to_the_end(f, "::1", ntohs(address.v6.sin6_port)), MMD_OK);
    expect_report(f, "::1", MMD_DETAIL_NONE, 0);
    reset(accepted(listener));
    close(listener);
    assert_int_equal(receive_to_the_end(f, &byte, 1), MMD_ERR_NETWORK);
    expect_report(f, "::1", MMD_DETAIL_ERRNO, ECONNRESET);
    assert_int_equal(receive(f, &byte, 1), MMD_ERR_NETWORK);
    expect_report(f, "::1", MMD_DETAIL_ERRNO, ECONNRESET);
    f->port.disconnect(f->port.context);
    expect_report(f, "", MMD_DETAIL_NONE, 0);
}

/* port.h: what failed fails again, until close.
 * Fault 221: connecting again after a failure, without closing -> the same failure */
static void test_failure_is_lasting(void **state)
{
    struct fixture *f = *state;
    union names_address address;
    int nobody = bound(AF_INET, &address);

    names_answer(EAI_NONAME, NULL, 0);
    assert_int_equal(connect_to_the_end(f, "host.test", 443), MMD_ERR_NAME);
    assert_int_equal(f->port.connect(f->port.context, "host.test", 443), MMD_ERR_NAME);
    f->port.disconnect(f->port.context);

    names_answer(0, &address, 1);
    assert_int_equal(connect_to_the_end(f, "host.test", 443), MMD_ERR_CONNECT);
    assert_int_equal(f->port.connect(f->port.context, "host.test", 443), MMD_ERR_CONNECT);
    expect_report(f, "127.0.0.1", MMD_DETAIL_ERRNO, ECONNREFUSED);
    close(nobody);
}

/* Fault 222: a host's name of a thousand bytes -> no such name, nothing overflows (RFC 1035,
 * 2.3.4) */
static void test_name_that_is_too_long(void **state)
{
    struct fixture *f = *state;
    char host[1000];

    memset(host, 'a', sizeof host - 1);
    host[sizeof host - 1] = '\0';
    assert_int_equal(connect_to_the_end(f, host, 443), MMD_ERR_NAME);
}

/* Fault 223: an address in place of a name, IPv4 or IPv6 -> no question to the name service */
static void test_numeric_addresses(void **state)
{
    static const struct {
        const char *host;
        sa_family_t family;
    } table[] = {{"127.0.0.1", AF_INET}, {"::1", AF_INET6}};
    struct fixture *f = *state;

    names_answer(EAI_NONAME, NULL, 0);
    for (size_t i = 0; i < 2; i++) {
        union names_address address;
        int listener = listening(table[i].family, &address);
        uint16_t tcp_port = ntohs(i == 0 ? address.v4.sin_port : address.v6.sin6_port);
        assert_int_equal(connect_to_the_end(f, table[i].host, tcp_port), MMD_OK);
        assert_int_equal(f->port.connect(f->port.context, table[i].host, tcp_port), MMD_OK);
        close(accepted(listener));
        close(listener);
        f->port.disconnect(f->port.context);
    }
}

/* Fault 224: a name service that does not answer -> pending; given up when told, without a leak */
static void test_name_service_that_does_not_answer(void **state)
{
    struct fixture *f = *state;
    uint32_t waited = 0;

    names_hold(true);
    assert_int_equal(f->port.connect(f->port.context, "host.test", 443), MMD_PENDING);
    while (names_waiting() != 1)
        assert_true(within_patience(&waited));
    f->port.wait(f->port.context, 1);
    assert_int_equal(f->port.connect(f->port.context, "host.test", 443), MMD_PENDING);
    expect_closed_on_exec(f);

    /* It is given up, and the port works on while the question is still open. */
    f->port.disconnect(f->port.context);
    assert_int_equal(names_waiting(), 1);
    close(connected(f));
    assert_int_equal(names_waiting(), 1);
}

/* Fault 225: a name service that answers late -> the connection is made then */
static void test_name_service_that_answers_late(void **state)
{
    struct fixture *f = *state;
    union names_address address;
    int listener = listening(AF_INET, &address);
    uint16_t tcp_port = ntohs(address.v4.sin_port);

    address.v4.sin_port = 0; /* the one asked for */
    names_answer(0, &address, 1);
    names_hold(true);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(f->port.connect(f->port.context, "host.test", tcp_port), MMD_PENDING);
        f->port.wait(f->port.context, 1);
    }
    names_hold(false);
    assert_int_equal(connect_to_the_end(f, "host.test", tcp_port), MMD_OK);
    close(accepted(listener));
    close(listener);
}

/* A signal to the process is for the program's own threads.
 * Fault 226: a signal while a name is looked up -> it reaches the program's own threads (POSIX) */
static void test_resolver_takes_no_signal(void **state)
{
    struct fixture *f = *state;
    sigset_t pipe_only, before, pending;

    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    names_hold(true);
    names_answer(EAI_NONAME, NULL, 0);
    assert_int_equal(f->port.connect(f->port.context, "host.test", 443), MMD_PENDING);
    pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
    kill(getpid(), SIGPIPE);
    names_hold(false);
    f->port.disconnect(f->port.context);
    wait_for_threads_to_end();

    sigpending(&pending);
    assert_true(sigismember(&pending, SIGPIPE));
    assert_int_equal(broken_pipes, 0);
    signal(SIGPIPE, SIG_IGN); /* discards it */
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* ---- the race ---- */

#define NOBODY (-1)

/* What there is at the addresses of a name, in the order that the name service gives.
 * G g: a listener; R r: none, it refuses; H: nothing that answers. Capitals are IPv4, small letters
 * IPv6. */
struct race {
    const char *addresses;
    int winner; /* the place of the address that is connected to, or NOBODY */
};

static int open_address(char kind, const struct hole *hole, union names_address *out)
{
    sa_family_t family = kind < 'a' ? AF_INET : AF_INET6;
    int fd = kind == 'G' || kind == 'g' ? listening(family, out) : bound(family, out);

    if (kind == 'H')
        *out = hole->address;
    return fd;
}

static void run_race(struct fixture *f, const struct hole *hole, const struct race *race)
{
    union names_address addresses[40];
    int fds[40], count = (int)strlen(race->addresses);
    bool won = race->winner != NOBODY;

    for (int i = 0; i < count; i++)
        fds[i] = open_address(race->addresses[i], hole, &addresses[i]);
    names_answer(0, addresses, (size_t)count);
    size_t before = entries_of("/proc/self/fd");
    int result = connect_to_the_end(f, "host.test", 443);
    if (result != (won ? MMD_OK : MMD_ERR_CONNECT))
        fail_msg("%s: %d", race->addresses, result);
    wait_for_threads_to_end();
    assert_int_equal(entries_of("/proc/self/fd"), before + won); /* the losers are gone */

    for (int i = 0; i < count; i++) {
        int peer = accept4(fds[i], NULL, NULL, SOCK_CLOEXEC);
        if ((peer >= 0) != (i == race->winner))
            fail_msg("%s: %d", race->addresses, i);
        if (peer >= 0)
            close(peer);
        close(fds[i]);
    }
    f->port.disconnect(f->port.context);
}

static void test_race(void **state)
{
    static const struct race table[] = {
        {"G", 0},
        {"g", 0},
        {"GG", 0},
        /* Fault 50: first address dead, second good -> accepted within the deadline (RFC 8305,
         * 5) */
        {"RG", 1},
        {"rG", 1},
        {"HG", 1},
        {"HRG", 2},
        {"HHG", 2},
        /* Fault 49 */
        {"RRRRRRRRRRRRRRRRRRRG", 19},
        /* Fault 233: addresses of both families, those of one dead -> they take turns (RFC 8305,
         * 4) */
        {"rgG", 2}, /* the families take turns, */
        {"RGg", 2},
        {"rrG", 2},
        {"RRRg", 3},
        {"rrRRgG", 4}, /* in the order rRrRgG */
        {"rRG", 2},    /* and those of one family keep their order */
        {"RGG", 1},
        /* Fault 234: no address answers -> cannot be reached */
        {"R", NOBODY},
        {"r", NOBODY},
        {"RrRrRrRrRrRrRrRrRrRr", NOBODY},
        /* Fault 235: more addresses than there is room for -> the first 32 are tried */
        {"RRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRG", NOBODY}, /* the 33rd is not tried */
    };
    struct hole hole = open_hole();

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        run_race(*state, &hole, &table[i]);
    close_hole(&hole);
}

/* Fault 227: given up while several addresses are tried -> all of them are closed */
static void test_race_is_given_up(void **state)
{
    struct fixture *f = *state;
    struct hole hole = open_hole();
    union names_address addresses[] = {hole.address, hole.address};

    names_answer(0, addresses, 2);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(f->port.connect(f->port.context, "host.test", 443), MMD_PENDING);
        f->port.wait(f->port.context, 50);
    }
    expect_closed_on_exec(f);
    f->port.disconnect(f->port.context); /* and end() finds nothing left over */
    close_hole(&hole);
}

/* ---- sending ---- */

static uint32_t segments_with_data(int peer)
{
    struct tcp_info info;
    socklen_t len = sizeof info;

    memset(&info, 0, sizeof info);
    assert_int_equal(getsockopt(peer, IPPROTO_TCP, TCP_INFO, &info, &len), 0);
    return info.tcpi_data_segs_in;
}

static void by_receiving(struct fixture *f)
{
    char byte;

    assert_int_equal(receive(f, &byte, 1), MMD_PENDING);
}

static void by_waiting(struct fixture *f)
{
    f->port.wait(f->port.context, 0);
}

static void by_closing(struct fixture *f)
{
    f->port.disconnect(f->port.context);
}

/* Fault 228: a request in thousands of small pieces -> one segment, in their order */
static void test_small_sends_leave_as_one_segment(void **state)
{
    static const struct {
        int sends;
        size_t size;
        void (*leave)(struct fixture *);
    } table[] = {
        {1, 1, by_receiving},    {10, 10, by_receiving}, {100, 30, by_receiving},
        {4096, 1, by_receiving}, {4, 1024, by_waiting},  {5, 7, by_closing},
    };
    static unsigned char expected[4096];
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof expected; i++)
        expected[i] = (unsigned char)(i * 31 >> 3);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const size_t size = table[i].size, len = (size_t)table[i].sends * size;
        int peer = connected(f);
        for (size_t at = 0; at < len; at += size)
            assert_int_equal(f->port.send(f->port.context, expected + at, size), size);
        expect_peer_has_nothing(peer);
        table[i].leave(f);
        expect_peer_gets(peer, expected, len);
        assert_int_equal(segments_with_data(peer), 1);
        close(peer);
        f->port.disconnect(f->port.context);
    }
}

/* Flights that follow each other before the peer acknowledges: neither Nagle's algorithm nor the
 * cork holds one back. The kernel itself counts what has not left. */
static void test_no_flight_waits(void **state)
{
    struct fixture *f = *state;
    int peer = connected(f), late = 0, unsent = -1;

    for (int i = 0; i < 50; i++) {
        setsockopt(peer, IPPROTO_TCP, TCP_QUICKACK, &late, sizeof late);
        send_text(f, "piece");
        send_text(f, "by piece");
        if (i % 2 == 0)
            by_receiving(f);
        else
            by_waiting(f);
        assert_int_equal(ioctl(f->connection.socket, SIOCOUTQNSD, &unsent), 0);
        assert_int_equal(unsent, 0);
        expect_peer_gets(peer, "pieceby piece", 13);
    }
    close(peer);
}

/* A wait acknowledges what has come, so that a peer with Nagle's algorithm goes on. The kernel
 * counts what the peer has sent and is not acknowledged. */
static void test_waiting_acknowledges(void **state)
{
    struct fixture *f = *state;
    int peer = connected(f), late = 0, unacknowledged = -1;
    char data[8];

    for (int i = 0; i < 20; i++) {
        send_text(f, "ping");
        by_waiting(f);
        expect_peer_gets(peer, "ping", 4);
        setsockopt(f->connection.socket, IPPROTO_TCP, TCP_QUICKACK, &late, sizeof late);
        peer_sends(peer, "pong");
        assert_int_equal(receive_to_the_end(f, data, sizeof data), 4);
        by_waiting(f);
        assert_int_equal(ioctl(peer, SIOCOUTQ, &unacknowledged), 0);
        assert_int_equal(unacknowledged, 0);
    }
    close(peer);
}

/* Sends right before disconnect, while bytes of the peer's lie unread. */
static int disconnected_from(struct fixture *f, size_t unread)
{
    static const char zeros[1 << 20];
    char byte;
    int peer = connected(f);

    assert_in_range(send(peer, zeros, unread, MSG_NOSIGNAL), 1, unread);
    assert_int_equal(receive_to_the_end(f, &byte, 1), 1);
    send_text(f, "last words");
    f->port.disconnect(f->port.context);
    expect_peer_gets(peer, "last words", 10);
    return peer;
}

/* What was sent arrives; and then an end, not a reset, if the peer has not sent too much. */
static void test_disconnecting_from_unread_bytes(void **state)
{
    struct fixture *f = *state;
    char byte;
    int peer = disconnected_from(f, 50000);

    expect_ready(peer, POLLIN);
    assert_int_equal(recv(peer, &byte, 1, 0), 0);
    close(peer);
    close(disconnected_from(f, 1 << 20));
}

static unsigned char byte_at(size_t at)
{
    return (unsigned char)(at * 2654435761u >> 13);
}

/* One side of a transfer from us to a peer that reads when it likes. */
struct transfer {
    size_t sent, got, len;
};

/* Sends pieces of changing sizes until the port takes no more; returns whether it was full. */
static bool send_some(struct fixture *f, struct transfer *t)
{
    unsigned char piece[5000];

    while (t->sent < t->len) {
        size_t size = 1 + t->sent * 7 % sizeof piece;
        if (size > t->len - t->sent)
            size = t->len - t->sent;
        for (size_t i = 0; i < size; i++)
            piece[i] = byte_at(t->sent + i);
        int taken = f->port.send(f->port.context, piece, size);
        if (taken == MMD_PENDING)
            return true;
        assert_in_range(taken, 1, size);
        t->sent += (size_t)taken;
    }
    return false;
}

/* What is at the peer must be what was sent. */
static void take_some(int peer, struct transfer *t)
{
    static unsigned char buf[16384];
    ssize_t n = recv(peer, buf, sizeof buf, 0);

    assert_true(n > 0 || (n < 0 && errno == EAGAIN));
    for (ssize_t i = 0; i < n; i++)
        if (buf[i] != byte_at(t->got + (size_t)i))
            fail_msg("byte %zu differs", t->got + (size_t)i);
    if (n > 0)
        t->got += (size_t)n;
}

static void transfer_the_rest(struct fixture *f, int peer, struct transfer *t)
{
    char byte;
    uint32_t idle = 0;

    while (t->got < t->len) {
        size_t before = t->got;
        send_some(f, t);
        assert_int_equal(receive(f, &byte, 1), MMD_PENDING);
        take_some(peer, t);
        assert_true(t->got > before || within_patience(&idle));
    }
    assert_int_equal(t->sent, t->len);
}

/* Fault 229: a peer that does not read -> "not yet", and no byte lost or twice */
static void test_peer_that_does_not_read(void **state)
{
    struct fixture *f = *state;
    struct transfer t = {.len = 32u << 20};
    struct pollfd fds[MMD_LINUX_POLLFDS];
    uint32_t timeout_ms = LONG_MS;
    int peer = connected(f), small = 16384;

    setsockopt(peer, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    for (int i = 0; i < 1000; i++) {
        assert_true(send_some(f, &t));
        f->port.wait(f->port.context, 0);
    }
    assert_int_equal(mmd_linux_pollfds(&f->connection, fds, &timeout_ms), 1);
    assert_int_equal(fds[0].events, POLLIN | POLLOUT);

    transfer_the_rest(f, peer, &t);
    timeout_ms = LONG_MS;
    assert_int_equal(mmd_linux_pollfds(&f->connection, fds, &timeout_ms), 1);
    assert_int_equal(fds[0].events, POLLIN);
    close(peer);
}

/* ---- receiving ---- */

/* Fault 230: the peer ends its direction only -> what came before is read; we may still send */
static void test_four_results_of_receiving(void **state)
{
    struct fixture *f = *state;
    char data[8];
    int peer = connected(f);

    assert_int_equal(receive(f, data, sizeof data), MMD_PENDING);
    peer_sends(peer, "hello");
    assert_int_equal(receive_to_the_end(f, data, 2), 2);
    assert_memory_equal(data, "he", 2);
    assert_int_equal(receive(f, data, 2), 2);
    assert_memory_equal(data, "ll", 2);
    assert_int_equal(receive(f, data, 2), 1);
    assert_memory_equal(data, "o", 1);
    assert_int_equal(receive(f, data, 2), MMD_PENDING);
    peer_sends(peer, "bye");
    shutdown(peer, SHUT_WR);
    expect_received(f, "bye");
    assert_int_equal(receive_to_the_end(f, data, sizeof data), MMD_END_OF_STREAM);
    assert_int_equal(receive(f, data, sizeof data), MMD_END_OF_STREAM);

    /* Only the peer's direction has ended. */
    send_text(f, "still here");
    assert_int_equal(receive(f, data, sizeof data), MMD_END_OF_STREAM);
    expect_peer_gets(peer, "still here", 10);
    close(peer);
}

/* A reset is a failure, and stays one; what came before it is given out first.
 * Fault 51: reset before the request, during the body, after the body -> not sent; maybe sent;
 * maybe sent */
static void test_reset(void **state)
{
    static const struct {
        const char *answer, *held; /* taken, but not yet sent when the reset comes */
    } table[] = {{"", ""}, {"answer", ""}, {"", "held"}, {"answer", "held"}};
    struct fixture *f = *state;
    char data[8];

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        int peer = connected(f);
        if (table[i].held[0] != '\0')
            send_text(f, table[i].held);
        if (table[i].answer[0] != '\0')
            peer_sends(peer, table[i].answer);
        reset(peer);
        wait_for_hangup(f);
        if (table[i].answer[0] != '\0')
            expect_received(f, table[i].answer);
        for (int again = 0; again < 3; again++) {
            int result = receive(f, data, sizeof data);
            if (result != MMD_ERR_NETWORK)
                fail_msg("answer \"%s\", held \"%s\", call %d: %d", table[i].answer, table[i].held,
                         again, result);
        }
        f->port.disconnect(f->port.context);
    }
}

/* A server that answers early and closes: our next bytes meet a reset, the answer is kept.
 * Fault 231: an answer, then a reset while we still send -> the answer is read */
static void test_answer_in_front_of_a_failed_send(void **state)
{
    static char much[4096];
    struct fixture *f = *state;
    char data[8];
    int peer = connected(f), result = 1;

    peer_sends(peer, "answer");
    reset(peer);
    wait_for_hangup(f);
    for (int sends = 0; sends < 10 && result > 0; sends++)
        result = f->port.send(f->port.context, much, sizeof much);
    assert_int_equal(result, MMD_ERR_NETWORK);
    assert_int_equal(f->port.send(f->port.context, much, 1), MMD_ERR_NETWORK);
    expect_received(f, "answer");
    assert_int_equal(receive(f, data, sizeof data), MMD_ERR_NETWORK);
}

/* After a send that met a reset, an end can no longer be told from the reset: it is a failure.
 * Fault 232: an end that a reset may have made -> a failure, not the answer's end */
static void test_end_in_front_of_a_failed_send(void **state)
{
    struct fixture *f = *state;
    char data[8];
    int peer = connected(f);

    peer_sends(peer, "answer");
    shutdown(peer, SHUT_WR);
    wait_for_hangup(f);
    reset(peer);
    assert_int_equal(f->port.send(f->port.context, "late", 4), MMD_ERR_NETWORK);
    expect_received(f, "answer");
    for (int again = 0; again < 3; again++)
        assert_int_equal(receive(f, data, sizeof data), MMD_ERR_NETWORK);
}

/* ---- interruptions ---- */

/* The calls that the port makes come here before the C library. In a storm each fails first as
 * interrupted, then as not ready, and then moves one byte. */
static struct {
    bool on;
    unsigned sends, receives;
} storm;

static bool in_storm(unsigned *calls, size_t *len)
{
    if (storm.on && ++*calls % 3 != 0) {
        errno = *calls % 3 == 1 ? EINTR : EAGAIN;
        return true;
    }
    if (storm.on && *len > 1)
        *len = 1;
    return false;
}

ssize_t send(int fd, const void *data, size_t len, int flags)
{
    return in_storm(&storm.sends, &len) ? -1 : sendto(fd, data, len, flags, NULL, 0);
}

ssize_t recv(int fd, void *data, size_t cap, int flags)
{
    return in_storm(&storm.receives, &cap) ? -1 : recvfrom(fd, data, cap, flags, NULL, NULL);
}

/* Fault 52 */
static void test_storms_of_not_yet(void **state)
{
    struct fixture *f = *state;
    char sent[600], got[600], data[64];
    size_t taken = 0, at = 0, len = 0;
    int peer = connected(f), result = 0;

    for (size_t i = 0; i < sizeof sent; i++)
        sent[i] = (char)byte_at(i);
    peer_sends(peer, "answer");
    storm.on = true;
    for (int calls = 0; calls < 10000 && (at < 6 || len < sizeof sent); calls++) {
        if (taken < sizeof sent) {
            result = f->port.send(f->port.context, sent + taken, sizeof sent - taken);
            assert_true(result > 0 || result == MMD_PENDING);
            taken += result > 0 ? (size_t)result : 0;
        }
        result = receive(f, data + at, sizeof data - at);
        assert_true(result > 0 || result == MMD_PENDING);
        at += result > 0 ? (size_t)result : 0;
        ssize_t n = recvfrom(peer, got + len, sizeof got - len, 0, NULL, NULL);
        len += n > 0 ? (size_t)n : 0;
    }
    storm.on = false;
    assert_int_equal(at, 6);
    assert_memory_equal(data, "answer", 6);
    assert_int_equal(len, sizeof sent);
    assert_memory_equal(got, sent, sizeof sent);
    close(peer);
}

static void on_alarm(int number)
{
    (void)number;
    alarms++;
}

/* Fault 52: one byte per send, EINTR, storms of "not yet" -> request identical to the byte
 * (POSIX) */
static void test_signals_during_a_transfer(void **state)
{
    const struct itimerval often = {{0, 500}, {0, 500}}, never = {{0, 0}, {0, 0}};
    const struct sigaction action = {.sa_handler = on_alarm}; /* calls are not restarted */
    struct fixture *f = *state;
    union names_address address;
    int listener = listening(AF_INET, &address);

    alarms = 0;
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    names_answer(0, &address, 1);
    for (int round = 0; round < 1000 && (round < 3 || alarms < 100); round++) {
        struct transfer t = {.len = 1u << 20};
        assert_int_equal(connect_to_the_end(f, "host.test", 443), MMD_OK);
        int peer = accepted(listener);
        transfer_the_rest(f, peer, &t);
        f->port.wait(f->port.context, 2);
        peer_sends(peer, "answer");
        expect_received(f, "answer");
        close(peer);
        f->port.disconnect(f->port.context);
    }
    setitimer(ITIMER_REAL, &never, NULL);
    assert_true(alarms >= 100);
    alarms = 0;
    close(listener);
}

/* ---- what to wait for ---- */

static void expect_pollfds(struct fixture *f, size_t count, short events, bool at_leisure)
{
    struct pollfd fds[MMD_LINUX_POLLFDS];
    uint32_t timeout_ms = LONG_MS;

    assert_int_equal(mmd_linux_pollfds(&f->connection, fds, &timeout_ms), count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(fds[i].events, events);
    if (at_leisure)
        assert_int_equal(timeout_ms, LONG_MS);
    else
        assert_in_range(timeout_ms, 0, 1000);
}

static void expect_wait_to_end_at_once(struct fixture *f)
{
    uint32_t start = f->port.monotonic_ms(f->port.context);

    f->port.wait(f->port.context, PATIENCE_MS);
    assert_in_range(f->port.monotonic_ms(f->port.context) - start, 0, PATIENCE_MS / 2);
}

static void test_pollfds_while_connecting(void **state)
{
    struct fixture *f = *state;
    struct hole hole = open_hole();
    union names_address addresses[] = {hole.address, hole.address};

    expect_pollfds(f, 0, 0, true);
    names_answer(0, addresses, 2);
    names_hold(true);
    assert_int_equal(f->port.connect(f->port.context, "host.test", 443), MMD_PENDING);
    expect_pollfds(f, 1, POLLIN, true);
    names_hold(false);
    for (size_t racing = 1; racing <= 2; racing++) { /* the second joins in time */
        struct pollfd fds[MMD_LINUX_POLLFDS];
        uint32_t timeout_ms = LONG_MS;
        do {
            f->port.wait(f->port.context, PATIENCE_MS);
            assert_int_equal(f->port.connect(f->port.context, "host.test", 443), MMD_PENDING);
        } while (mmd_linux_pollfds(&f->connection, fds, &timeout_ms) < racing);
        expect_pollfds(f, racing, POLLOUT, racing == 2);
    }
    f->port.disconnect(f->port.context);
    expect_pollfds(f, 0, 0, true);
    close_hole(&hole);
}

static void test_pollfds_of_a_connection(void **state)
{
    struct fixture *f = *state;
    char data[8];
    int peer = connected(f);

    expect_pollfds(f, 1, POLLIN, true);
    peer_sends(peer, "hello");
    assert_int_equal(receive_to_the_end(f, data, 1), 1);
    expect_pollfds(f, 1, POLLIN, true);
    expect_wait_to_end_at_once(f); /* four more are there */
    assert_int_equal(receive(f, data, sizeof data), 4);
    expect_pollfds(f, 1, POLLIN, true);
    expect_closed_on_exec(f);
    close(peer);
}

/* Receives, while the peer takes all that was sent, until the kernel would take something again. */
static void let_peer_read(struct fixture *f, int peer, struct transfer *t)
{
    char byte;
    uint32_t idle = 0;

    while (t->got < t->sent) {
        size_t before = t->got;
        take_some(peer, t);
        assert_int_equal(receive(f, &byte, 1), MMD_PENDING);
        assert_true(t->got > before || within_patience(&idle));
    }
    expect_ready(f->connection.socket, POLLOUT);
}

/* Fault 449: a send that was refused, and the peer reads while we receive -> the next wait ends at
 * once, and the send goes on */
static void test_refused_send_goes_on(void **state)
{
    struct fixture *f = *state;
    struct transfer t = {.len = 1 << 24};
    int peer = connected(f);

    assert_true(send_some(f, &t));
    let_peer_read(f, peer, &t);
    expect_pollfds(f, 1, POLLIN | POLLOUT, true);
    expect_pollfds(f, 1, POLLIN | POLLOUT, true); /* asked again, it says the same */
    expect_wait_to_end_at_once(f);
    assert_int_equal(f->port.send(f->port.context, "x", 1), 1);
    expect_pollfds(f, 1, POLLIN, true);
    close(peer);
}

/* Fault 454: a send that was refused, could go on, and is not called again -> the next wait
 * sleeps */
static void test_refused_send_that_is_given_up(void **state)
{
    struct fixture *f = *state;
    struct transfer t = {.len = 1 << 24};
    char byte;
    int peer = connected(f);

    assert_true(send_some(f, &t));
    let_peer_read(f, peer, &t);
    assert_int_equal(receive(f, &byte, 1), MMD_PENDING); /* it may take several calls for a step */
    expect_pollfds(f, 1, POLLIN | POLLOUT, true);
    assert_int_equal(receive(f, &byte, 1), MMD_PENDING);
    expect_pollfds(f, 1, POLLIN, true);
    close(peer);
}

/* What the port's last wait asked for. */
static int asked_ms;

int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    const struct timespec limit = {timeout_ms / 1000, timeout_ms % 1000 * 1000000L};

    asked_ms = timeout_ms;
    return ppoll(fds, count, timeout_ms < 0 ? NULL : &limit, NULL);
}

/* A negative one would be for ever. */
static void test_the_longest_wait(void **state)
{
    static const uint32_t timeouts_ms[] = {INT_MAX, INT_MAX + 1u, UINT32_MAX};
    struct fixture *f = *state;
    int peer = connected(f);

    peer_sends(peer, "hello"); /* so that none of them waits */
    for (size_t i = 0; i < sizeof timeouts_ms / sizeof *timeouts_ms; i++) {
        f->port.wait(f->port.context, timeouts_ms[i]);
        assert_int_equal(asked_ms, INT_MAX);
    }
    close(peer);
}

/* ---- the rest ---- */

static void test_closing_what_is_not_open(void **state)
{
    struct fixture *f = *state;

    f->port.disconnect(f->port.context);
    f->port.disconnect(f->port.context);
    close(connected(f));
    f->port.disconnect(f->port.context);
    f->port.disconnect(f->port.context);
    close(connected(f)); /* it can be used again */
}

static void test_random(void **state)
{
    struct fixture *f = *state;
    struct guard memory = guard_open(1024);
    unsigned char first[1024], zeros[1024] = {0};

    for (size_t len = 0; len <= sizeof first; len++) {
        unsigned char *data = guard_put(&memory, zeros, len);
        assert_int_equal(f->port.random(f->port.context, data, len), MMD_OK);
        assert_true(guard_intact(&memory, len));
        if (len < 16) /* a few random bytes may well be zeros */
            continue;
        assert_memory_not_equal(data + len - 16, zeros, 16);
        memcpy(first, data, len);
        assert_int_equal(f->port.random(f->port.context, data, len), MMD_OK);
        assert_memory_not_equal(data, first, len);
    }
}

static void test_clocks(void **state)
{
    struct fixture *f = *state;
    uint32_t first = f->port.monotonic_ms(f->port.context), last = first, waited = 0;
    time_t before = time(NULL);
    int64_t calendar = f->port.calendar_s(f->port.context);

    assert_in_range(calendar, before, time(NULL));
    while (last == first) {
        assert_true(within_patience(&waited));
        last = f->port.monotonic_ms(f->port.context);
    }
    for (int i = 0; i < 100000; i++) {
        uint32_t now = f->port.monotonic_ms(f->port.context);
        assert_in_range(now - last, 0, PATIENCE_MS); /* it never goes back */
        last = now;
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_names_without_an_address),
        TEST(test_no_memory_for_a_lookup),
        TEST(test_no_descriptors),
        TEST(test_report_of_a_connection),
        TEST(test_failure_is_lasting),
        TEST(test_name_that_is_too_long),
        TEST(test_numeric_addresses),
        TEST(test_name_service_that_does_not_answer),
        TEST(test_name_service_that_answers_late),
        TEST(test_resolver_takes_no_signal),
        TEST(test_race),
        TEST(test_race_is_given_up),
        TEST(test_small_sends_leave_as_one_segment),
        TEST(test_no_flight_waits),
        TEST(test_waiting_acknowledges),
        TEST(test_disconnecting_from_unread_bytes),
        TEST(test_peer_that_does_not_read),
        TEST(test_four_results_of_receiving),
        TEST(test_reset),
        TEST(test_answer_in_front_of_a_failed_send),
        TEST(test_end_in_front_of_a_failed_send),
        TEST(test_storms_of_not_yet),
        TEST(test_signals_during_a_transfer),
        TEST(test_pollfds_while_connecting),
        TEST(test_pollfds_of_a_connection),
        TEST(test_refused_send_goes_on),
        TEST(test_refused_send_that_is_given_up),
        TEST(test_the_longest_wait),
        TEST(test_closing_what_is_not_open),
        TEST(test_random),
        TEST(test_clocks),
    };

    return cmocka_run_group_tests_name("port for Linux", tests, NULL, NULL);
}
