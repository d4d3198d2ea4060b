/* SPDX-License-Identifier: MIT */
/* Which errors of Mbed TLS say that memory is exhausted. */
#ifndef MMD_NO_MEMORY_H
#define MMD_NO_MEMORY_H

#include <mbedtls/asn1.h>
#include <mbedtls/bignum.h>
#include <mbedtls/cipher.h>
#include <mbedtls/ecp.h>
#include <mbedtls/md.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An error is the sum of one of a high and one of a low module. */
static inline bool mmd_is_out_of_memory(int error)
{
    unsigned high = (unsigned)-error & 0xFF80, low = (unsigned)-error & 0x7F;
    static const uint16_t out_of_memory[] = {
        -MBEDTLS_ERR_SSL_ALLOC_FAILED,    -MBEDTLS_ERR_X509_ALLOC_FAILED,
        -MBEDTLS_ERR_PK_ALLOC_FAILED,     -MBEDTLS_ERR_ECP_ALLOC_FAILED,
        -MBEDTLS_ERR_MD_ALLOC_FAILED,     -MBEDTLS_ERR_MPI_ALLOC_FAILED,
        -MBEDTLS_ERR_CIPHER_ALLOC_FAILED, -MBEDTLS_ERR_ASN1_ALLOC_FAILED,
    };

    for (size_t i = 0; i < sizeof out_of_memory / sizeof *out_of_memory; i++)
        if (high == out_of_memory[i] || low == out_of_memory[i])
            return true;
    return false;
}

#endif
