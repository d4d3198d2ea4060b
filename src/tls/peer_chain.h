/* SPDX-License-Identifier: MIT */
/* Certificates from the server that cannot be parsed. */
#ifndef MMD_PEER_CHAIN_H
#define MMD_PEER_CHAIN_H

#include <mbedtls/x509_crt.h>
#include <stdbool.h>

typedef int mmd_parse_certificate(mbedtls_x509_crt *chain, const unsigned char *der, size_t len);

/* Parses the next certificate by that function. If it cannot be parsed and is not the first one, a
 * placeholder takes its place: it bears its subject and nothing more, and so is nobody's issuer.
 * Returns 0 or an error of Mbed TLS. */
int mmd_parse_peer_certificate(mbedtls_x509_crt *chain, const unsigned char *der, size_t len,
                               mmd_parse_certificate *parse);

#define MMD_UNREADABLE (-1) /* the version of a placeholder */

static inline bool mmd_is_unreadable(const mbedtls_x509_crt *crt)
{
    return crt->version == MMD_UNREADABLE;
}

#endif
