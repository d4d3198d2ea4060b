/* SPDX-License-Identifier: MIT */
/* What the parts of the firmware share. */
#ifndef MMD_FIRMWARE_H
#define MMD_FIRMWARE_H

#include "board.h"
#include "mmdclose/close.h"
#include "mmdclose/port/lwip.h"

/* console.c: prints a line of texts; the same after the time since the start; decimals for it. */
#define PRINT(...) print_all((const char *const[]){__VA_ARGS__, NULL})
#define SAY(...)   say_all((const char *const[]){__VA_ARGS__, NULL})
void print_all(const char *const texts[]); /* up to a NULL */
void say_all(const char *const texts[]);
const char *number(char out[12], uint32_t value);

#define REQUESTS_MAX 32

/* Of one connection's other end: a host's name or address. */
struct endpoint {
    const char *host;
    uint16_t port;
};

/* options.c: what the command line says. The strings point into it; those of one that may be left
 * out are NULL then. */
struct options {
    const char *tenant, *actions;
    const char *token, *client_id; /* one of the two */
    const char *host, *connect;
    const char *scope, *authority_connect;
    struct endpoint authority, proxy; /* of a build with a proxy (PROXY=yes) */
    const char *dns, *sntp;
    uint32_t timeout_ms, retries, retry_max_ms; /* the last: 0 if not given */
    uint16_t port, dns_port, sntp_port;
    bool verbose;
    size_t request_count; /* at least 1 */
    const char *requests[REQUESTS_MAX];
};

/* Takes a command line apart, in place: words between blanks, or in double quotes, where \ stands
 * before " and \. Of an option that is given twice the last one counts. Returns NULL, or what is
 * wrong. */
const char *parse_options(struct options *out, char *line);

/* credential.c: how to ask for a token with what the board's storage has. All of *out points there
 * and into the options; port is for random bytes. Returns NULL, or what is wrong. */
const char *load_credential(struct mmd_credential *out, const struct options *options,
                            const struct mmd_port *port);

/* clock.c */
void clock_set(uint32_t seconds); /* since 1970 */
int64_t clock_s(void *context);   /* or MMD_CLOCK_NOT_SET */

/* random.c */
bool random_start(void); /* false: there is no seed */
int random_fill(void *context, void *data, size_t len);

/* network.c: brings the interface up and asks for the time; returns when both are there, or what
 * was possible in timeout_ms. lwIP goes on using the names in options. False: there is no address.
 */
extern const struct mmd_lwip_board network_board;
bool network_start(const struct options *options);

/* Asks for the time anew, since the one that is known may be wrong, and waits a moment for it. */
void network_ask_time(void);

/* Names are looked up only at this address; NULL: nothing changes. */
void network_set_dns(const char *address);

#endif
