/* SPDX-License-Identifier: MIT */
/* Included in front of Mbed TLS's ssl_tls13_keys.c. Where memory runs out there, Mbed TLS 3.6.7
 * frees a transform without the cipher's contexts in it, and each such handshake would take more of
 * the pool for good. */
#ifndef MMD_FRONT_KEYS_H
#define MMD_FRONT_KEYS_H

#include <common.h> /* allows private access, as there */
#include <mbedtls/platform.h>
#include <ssl_misc.h>

static inline void mmd_free_transform(void *transform)
{
    mbedtls_ssl_transform_free(transform);
    mbedtls_free(transform);
}

#define mbedtls_free(memory)                                                                       \
    _Generic((memory), mbedtls_ssl_transform * : mmd_free_transform, default : mbedtls_free)(memory)

#endif
