/* SPDX-License-Identifier: MIT */
/* What the library asks of a platform: one TCP connection, two clocks, random bytes. A port is this
 * struct, filled; see port/linux. */
#ifndef MMDCLOSE_PORT_H
#define MMDCLOSE_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mmdclose/detail.h"
#include "mmdclose/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MMD_CLOCK_NOT_SET (-1)

struct mmd_port_report {
    /* MMD_DETAIL_ERRNO, _GETADDRINFO, _PROXY, or none: also if no kind fits. */
    struct mmd_detail detail;
    /* Connected to, else tried last; "" if none. A platform that does not tell: host, if that is
     * an address itself. */
    char address[MMD_ADDRESS_CAP];
    bool at_proxy; /* the connection through a proxy is not open (yet): a failure is its own */
};

/* None but wait may block. The engine's deadline is the only time limit: a port needs none but to
 * go on to the next of several addresses. Every function gets context first. send and receive are
 * called only once connect has returned MMD_OK, and until disconnect. A function that failed, or
 * reported the peer's end, may be called again and returns the same, until disconnect. */
struct mmd_port {
    void *context;

    /* Looks up host (a name or an address, borrowed until disconnect) and connects to the TCP port;
     * called again until it returns MMD_OK. Otherwise MMD_PENDING, MMD_ERR_NAME, MMD_ERR_LOOKUP,
     * MMD_ERR_CONNECT, also if the platform does not say why, or for what may pass, as a modem
     * that restarts does; or MMD_ERR_SYSTEM if the system refuses what it needs: that ends a
     * closing for good. Tries all the addresses that there are. host is any string that is not
     * empty, not only a name: a port that writes it into a command checks it, and returns
     * MMD_ERR_NAME. A port over a port may also fail in between: with MMD_ERR_NETWORK,
     * MMD_ERR_PROXY_AUTH, MMD_ERR_PROXY_REFUSED, MMD_ERR_PROXY_GATEWAY, MMD_ERR_PROTOCOL,
     * MMD_ERR_TOO_LARGE, MMD_ERR_EMPTY or MMD_ERR_TRUNCATED. */
    int (*connect)(void *context, const char *host, uint16_t tcp_port);

    /* Takes some of len > 0 bytes and returns how many, at least 1; MMD_PENDING if none can be
     * taken now, or MMD_ERR_NETWORK. data is read during the call only. What was taken may wait for
     * more to leave together with it, but no longer than until the next receive, wait or
     * disconnect. After the peer's end it goes on where the platform can close one way only, else
     * it fails. Over a proxy these bytes have its password in them: a port that keeps a copy wipes
     * it. */
    int (*send)(void *context, const void *data, size_t len);

    /* Four results: bytes (the count, at most cap, at least 1), the peer ended the stream
     * (MMD_END_OF_STREAM), not yet (MMD_PENDING), failed (MMD_ERR_NETWORK). cap > 0. What came
     * before an end or a failure is given out first, also if sending has failed meanwhile. Where
     * the platform cannot tell a reset from an end, it is an end: TLS finds what is cut off. */
    int (*receive)(void *context, void *data, size_t cap);

    /* Returns when what was MMD_PENDING may do better, or after timeout_ms at the latest; earlier
     * is allowed. The blocking helpers, mmd_client_run and mmd_close_run, and your own loop call
     * it, also between two tries, without a connection: then it sleeps. A failure that was returned
     * already is no reason to return at once, or the caller spins. */
    void (*wait)(void *context, uint32_t timeout_ms);

    /* Fills *out with what is known of the connection until disconnect: the address, and why the
     * last call failed. The engine calls it at the end of an exchange, before disconnect. */
    void (*report)(void *context, struct mmd_port_report *out);

    /* Lets what was taken leave as far as it can without waiting, and gives up the connection and
     * everything that connect made. Does nothing if there is none. What a modem, for one, has to
     * answer first may go on in later calls: the next connect is MMD_PENDING until then, and the
     * port gives up what never answers. */
    void (*disconnect)(void *context);

    /* Milliseconds from any origin; never goes back, wraps at 2^32. */
    uint32_t (*monotonic_ms)(void *context);

    /* Seconds since 1970-01-01T00:00:00Z, or MMD_CLOCK_NOT_SET. The engine, not the port, compares
     * it with mmd_clock_floor. */
    int64_t (*calendar_s)(void *context);

    /* Fills data with bytes fit for keys and returns MMD_OK, or MMD_ERR_ENTROPY. */
    int (*random)(void *context, void *data, size_t len);
};

/* The date of the build, in seconds since 1970: a clock that says less is not set. */
extern const int64_t mmd_clock_floor;

/* The same as random below, but without a context, which Mbed TLS has none of when TLS 1.3 needs
 * random bytes. port/linux defines it; beside another port the program does, or
 * the link fails. */
int mmd_random(void *data, size_t len);

#ifdef __cplusplus
}
#endif
#endif
