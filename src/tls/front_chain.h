/* SPDX-License-Identifier: MIT */
/* Included in front of those files of Mbed TLS that read the server's certificates: ssl_tls.c and
 * ssl_tls13_generic.c. Mbed TLS 3.6.7 ends the handshake where any of them cannot be parsed,
 * needed or not (RFC 8446, 4.4.2); and where the server's own has an unknown signature algorithm,
 * it takes the next one for the server's in TLS 1.2. */
#ifndef MMD_FRONT_CHAIN_H
#define MMD_FRONT_CHAIN_H

#include <common.h> /* allows private access, as there */

#include "peer_chain.h"

#define mbedtls_x509_crt_parse_der(chain, der, len)                                                \
    mmd_parse_peer_certificate(chain, der, len, mbedtls_x509_crt_parse_der)
#define mbedtls_x509_crt_parse_der_nocopy(chain, der, len)                                         \
    mmd_parse_peer_certificate(chain, der, len, mbedtls_x509_crt_parse_der_nocopy)

#endif
