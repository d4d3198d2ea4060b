/* SPDX-License-Identifier: MIT */
/* A TLS server in memory, to stand behind the scripted port: OpenSSL's, so that another's hand made
 * it. It answers whatever it is asked with the same bytes, and ends in order, unless it is to keep
 * its connections. */
#ifndef TEST_TLS_SERVER_H
#define TEST_TLS_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scripted_port.h"

#define TLS_SERVER_HOST "mmdls.test"

struct tls_server {
    const char *answer;        /* to each message; set it before a connection */
    const char *const *script; /* NULL, or the answers in turn; "" ends the connection instead */
    size_t request_len;        /* of the message that the client sends; 0: as its head says */
    size_t received;           /* bytes of it that came, decrypted */
    char text[16384];          /* these, with a NUL */
    void (*on_request)(const char *text); /* if not NULL: is given each message */
    bool stale;                           /* the tickets that it gives have expired */
    bool ticketless;                      /* it gives none */
    bool verbose;                         /* they are longer than any session that is kept */
    bool keeps;                     /* the connection, which is open for the next message, until */
    unsigned answers;               /* so many were given on it: the next message ends it */
    unsigned given;                 /* on this connection */
    unsigned connections, requests; /* that came */
    bool answered, failed;          /* of this connection, which is over; failed: TLS did */
    struct peer peer;
    uint8_t anchor[1024]; /* the certificate that it vouches for itself with, in DER */
    size_t anchor_len;
    void *context, *connection; /* OpenSSL's */
};

/* Makes a server with a new key for TLS_SERVER_HOST that speaks one version: 12 or 13. */
void tls_server_open(struct tls_server *server, int version);

void tls_server_close(struct tls_server *server);

/* Ends a connection that it keeps: with close_notify, or bare. */
void tls_server_end(struct tls_server *server, bool in_order);

/* Says something that answers no message. */
void tls_server_say(struct tls_server *server, const char *text);

#endif
