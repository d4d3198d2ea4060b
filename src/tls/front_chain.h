/* SPDX-License-Identifier: MIT */
/* Included in front of those files of Mbed TLS that read the server's certificates: ssl_tls.c and
 * ssl_tls13_generic.c. Mbed TLS 3.6.7 ends the handshake where any of them cannot be parsed,
 * needed or not (RFC 8446, 4.4.2); and where the server's own has an unknown signature algorithm,
 * it takes the next one for the server's in TLS 1.2. */
#ifndef MMD_FRONT_CHAIN_H
#define MMD_FRONT_CHAIN_H

#include <common.h> /* allows private access, as there */
#include <mbedtls/oid.h>
#include <mbedtls/platform.h>

#include "no_memory.h"
#include "peer_chain.h"

static inline int mmd_add_placeholder(mbedtls_x509_crt *chain, const unsigned char *der, size_t len)
{
    mbedtls_x509_crt *crt = mbedtls_calloc(1, sizeof *crt);

    if (crt == NULL)
        return MBEDTLS_ERR_X509_ALLOC_FAILED;
    mbedtls_x509_crt_init(crt);
    crt->version = MMD_UNREADABLE;
    crt->raw.p = (unsigned char *)der;
    crt->raw.len = len;
    while (chain->next != NULL)
        chain = chain->next;
    chain->next = crt;
    return 0;
}

/* Parses the next certificate by that function, or makes a placeholder for it. The first is the
 * server's own, and has to be parsed. */
static inline int
mmd_parse_certificate(mbedtls_x509_crt *chain, const unsigned char *der, size_t len,
                      int (*parse)(mbedtls_x509_crt *, const unsigned char *, size_t))
{
    int is_first = chain->version == 0, error = parse(chain, der, len);

    if (error == 0 || mmd_is_out_of_memory(error))
        return error;
    if (!is_first)
        return mmd_add_placeholder(chain, der, len);
    return error == MBEDTLS_ERR_X509_UNKNOWN_SIG_ALG + MBEDTLS_ERR_OID_NOT_FOUND
               ? MBEDTLS_ERR_X509_UNKNOWN_SIG_ALG /* the former, Mbed TLS would pass over */
               : error;
}

#define mbedtls_x509_crt_parse_der(chain, der, len)                                                \
    mmd_parse_certificate(chain, der, len, mbedtls_x509_crt_parse_der)
#define mbedtls_x509_crt_parse_der_nocopy(chain, der, len)                                         \
    mmd_parse_certificate(chain, der, len, mbedtls_x509_crt_parse_der_nocopy)

#endif
