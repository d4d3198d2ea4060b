/* What the parts of the firmware share. */
#ifndef MMD_FIRMWARE_H
#define MMD_FIRMWARE_H

#include "board.h"
#include "mmdclose/closing.h"
#include "mmdclose/port/lwip.h"

/* console.c: a line of texts; the same behind the time since the start; and numbers in it. */
#define PRINT(...) print_all((const char *const[]){__VA_ARGS__, NULL})
#define SAY(...)   say_all((const char *const[]){__VA_ARGS__, NULL})
void print_all(const char *const texts[]); /* up to a NULL */
void say_all(const char *const texts[]);
const char *number(char out[12], uint32_t value);

#define HOST_MAX 127 /* bytes of a host's name */

/* options.c: what the command line says. Strings point into it. */
struct options {
    const char *tenant, *actions, *token;
    const char *host, *connect, *dns, *sntp;
    const char *request; /* the one that was asked for, of several; NULL: there is none */
    uint16_t port, dns_port, sntp_port;
    uint32_t timeout_ms;
    bool verbose;
};

/* Takes a command line apart, in place: words between blanks, or in double quotes, where \ stands
 * before " and \. The request is the index-th that is given. Returns NULL, or what is wrong. */
const char *parse_options(struct options *out, char *line, unsigned index);

/* private_keys.c */
int refuse_private_key(void);

/* clock.c */
void clock_set(uint32_t seconds); /* since 1970 */
int64_t clock_s(void *context);   /* or MMD_CLOCK_NOT_SET */

/* random.c */
bool random_start(void); /* false: there is no seed */
int random_fill(void *context, void *data, size_t len);

/* network.c: brings the interface up and asks for the time; returns when both are there, or what
 * was possible in timeout_ms. False: there is no address. */
extern const struct mmd_lwip_board network_board;
bool network_start(const struct options *options);

/* Names are looked up at this address alone; NULL: as it was. */
void network_set_dns(const char *address);

#endif
