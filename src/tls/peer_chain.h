/* SPDX-License-Identifier: MIT */
/* A certificate from the server that cannot be parsed: front_chain.h makes a placeholder for it,
 * which has no subject, and thus can be no issuer. */
#ifndef MMD_PEER_CHAIN_H
#define MMD_PEER_CHAIN_H

#include <mbedtls/x509_crt.h>
#include <stdbool.h>

#define MMD_UNREADABLE (-1) /* the version of a placeholder */

/* Its raw bytes lie where the message was read, and are there as long as the chain is verified. */
static inline bool mmd_is_unreadable(const mbedtls_x509_crt *crt)
{
    return crt->version == MMD_UNREADABLE;
}

#endif
