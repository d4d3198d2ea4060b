/* SPDX-License-Identifier: MIT */
/* The state of a TLS connection by Mbed TLS, and what the files of this folder share of it. */
#ifndef MMD_CONNECTION_H
#define MMD_CONNECTION_H

#include <mbedtls/ssl.h>
#include <mbedtls/version.h>
#include <stdbool.h>

#include "mmdclose/port.h"
#include "mmdclose/tls.h"

#if MBEDTLS_VERSION_NUMBER < 0x03060000 || MBEDTLS_VERSION_NUMBER >= 0x04000000
#error "this is another Mbed TLS than 3.6"
#endif

struct connection {
    mbedtls_ssl_context ssl;
    mbedtls_ssl_config conf;
#if !defined(MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK)
    mbedtls_x509_crt *anchors; /* all of them: Mbed TLS cannot ask for an issuer's */
#endif
    const struct mmd_tls_config *config;
    const struct mmd_port *port;
    int64_t now;       /* seconds since 1970; below the floor: not set */
    size_t budget;     /* bytes that this call may still take */
    int cause;         /* the error that made Mbed TLS fail: no random bytes, no memory */
    int detail;        /* Mbed TLS's last error */
    unsigned failures; /* of the allocator, when this call began */
    int chain_top;     /* depth of the topmost certificate found; -1: none was checked yet */
    bool self_signed;  /* that one vouches for itself */
    bool unusable;     /* an anchor was passed over that has the name of an issuer */
    bool unreadable;   /* so was a certificate from the server */
    bool asked;        /* by the server, for a certificate of the client */
    bool ended;        /* the peer's stream */
    bool offered;      /* a session, to be resumed */
    bool broken;       /* by a fatal alert, in either direction */
    struct mmd_chain chain;
};

/* How often the allocator failed, as far as the caller counts. */
static inline unsigned mmd_count_failures(const struct connection *t)
{
    return t->config->allocation_failures != NULL ? *t->config->allocation_failures : 0;
}

/* verify.c: what Mbed TLS calls while it verifies a chain; context is the connection. */
int mmd_verify_find_anchors(void *context, const mbedtls_x509_crt *child, mbedtls_x509_crt **out);

/* Parses all anchors beforehand, for a build of Mbed TLS that cannot ask for those of an issuer: a
 * distribution's. Returns 0 or an error of Mbed TLS. */
int mmd_verify_load_anchors(struct connection *t);
int mmd_verify_certificate(void *context, mbedtls_x509_crt *crt, int depth, uint32_t *flags);

/* candidates.c: orders the certificates after child in the server's list, so that Mbed TLS, which
 * takes the first that bears its issuer's name, finds the best of these first. Returns whether one
 * of that name cannot be read. */
bool mmd_order_candidates(mbedtls_x509_crt *child, int64_t now);

/* The error that says most of what is wrong with a chain, by Mbed TLS's flags. */
int mmd_verify_error(const struct connection *t, uint32_t flags);

/* failure.c: an enum mmd_error for an error of Mbed TLS; sets detail, and broken. */
int mmd_tls_failure(struct connection *t, int error);

/* The fatal alert that the server sent, else Mbed TLS's last error. */
struct mmd_detail mmd_tls_detail(const struct connection *t);

#endif
