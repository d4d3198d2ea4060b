/* SPDX-License-Identifier: MIT */
/* What a TLS connection is made with. Verification is not among it: it cannot be switched off. */
#ifndef MMDCLOSE_TLS_H
#define MMDCLOSE_TLS_H

#include <stddef.h>
#include <stdint.h>

#include "mmdclose/session.h"
#include "mmdclose/trust.h"

#ifdef __cplusplus
extern "C" {
#endif

struct mmd_tls_config {
    const struct mmd_trust *trust; /* the anchors that the server's chain must lead to */
    const char *host;            /* its certificate must bear this name, which is sent as SNI: 1-253
                                    of letters, digits, "-._"; not an address (RFC 6066, 3) */
    struct mmd_session *session; /* resumed if it can be, and replaced; NULL: none is kept */

    /* If not NULL: counts the TLS allocator's failures, as mmd_tls_pool does. It tells an exhausted
     * pool apart from a chain that cannot be verified; and Mbed TLS 3.6.7 overlooks one such
     * failure, at the end of a TLS 1.2 handshake. Give it where memory may run out. */
    const unsigned *allocation_failures;

    /* If not NULL: called for each certificate of the chain that was built, the anchor first and
     * the server's own (depth 0) last, before it is decided whether they are trusted. */
    void (*on_certificate)(void *context, int depth, const uint8_t *der, size_t len);
    void *on_certificate_context;

    /* If not NULL: called before an issuer is looked for among the anchors, with its name (DER, a
     * Name: RFC 5280, 4.1.2.4), maybe several times for one; or once at the beginning, with NULL,
     * for all of them, where Mbed TLS was built without MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK,
     * as distributions have it. It may add anchors to *trust, which
     * may be empty at first, after those that are there; they stay until the connection ends.
     * Returns MMD_OK, also if it has none, or an error, which ends the connection. mmd_bundle_find
     * is such a function. A session is resumed only while its anchor is where it was in *trust: if
     * that was emptied in between, the handshake is made in full. */
    int (*find_anchors)(void *context, const uint8_t *issuer, size_t issuer_len);
    void *find_anchors_context;
};

/* Memory for a connection's TLS state, which is src/tls's own. A build setting: the same in the
 * library and in all that includes this. */
#ifndef MMD_TLS_WORDS
#define MMD_TLS_WORDS 112
#endif

union mmd_tls_context {
    uintptr_t words[MMD_TLS_WORDS];
    uint64_t align;
};

#ifdef __cplusplus
}
#endif
#endif
