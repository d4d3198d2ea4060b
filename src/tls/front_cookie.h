/* SPDX-License-Identifier: MIT */
/* Included in front of Mbed TLS's ssl_tls13_client.c. Mbed TLS 3.6.7 can send a cookie back, but
 * refuses the HelloRetryRequest that brings it: it asks whether the client had sent one, as it has
 * to ask of all other extensions (RFC 8446, 4.2: a cookie is the exception). */
#ifndef MMD_FRONT_COOKIE_H
#define MMD_FRONT_COOKIE_H

#include <common.h> /* allows private access, as there */
#include <ssl_misc.h>

#if defined(MBEDTLS_SSL_PROTO_TLS1_3)

static inline int mmd_check_received_extension(mbedtls_ssl_context *ssl, int message, unsigned type,
                                               uint32_t allowed)
{
    if (message == MBEDTLS_SSL_TLS1_3_HS_HELLO_RETRY_REQUEST && type == MBEDTLS_TLS_EXT_COOKIE) {
        ssl->handshake->received_extensions |= MBEDTLS_SSL_EXT_MASK(COOKIE);
        return 0;
    }
    return mbedtls_ssl_tls13_check_received_extension(ssl, message, type, allowed);
}

#define mbedtls_ssl_tls13_check_received_extension mmd_check_received_extension
#endif

#endif
