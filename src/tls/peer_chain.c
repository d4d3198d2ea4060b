/* SPDX-License-Identifier: MIT */
/* Certificates from the server that cannot be parsed. front_chain.h brings Mbed TLS here. */
#include "tls/peer_chain.h"

#include <mbedtls/oid.h>
#include <mbedtls/platform.h>
#include <string.h>

#include "tls/trust.h"

/* A copy of the subject, which is freed with the placeholder; an empty one if there is none. */
static int copy_subject(mbedtls_x509_crt *out, const unsigned char *der, size_t len)
{
    struct mmd_outline outline;

    if (!mmd_outline_read(&outline, der, len))
        return 0;
    unsigned char *copy = mbedtls_calloc(1, outline.subject_len);
    if (copy == NULL)
        return MBEDTLS_ERR_X509_ALLOC_FAILED;
    memcpy(copy, outline.subject, outline.subject_len);
    out->raw.p = out->subject_raw.p = copy;
    out->raw.len = out->subject_raw.len = outline.subject_len;
    out->MBEDTLS_PRIVATE(own_buffer) = 1;
    return 0;
}

static int add_placeholder(mbedtls_x509_crt *chain, const unsigned char *der, size_t len)
{
    mbedtls_x509_crt *crt = mbedtls_calloc(1, sizeof *crt);

    if (crt == NULL)
        return MBEDTLS_ERR_X509_ALLOC_FAILED;
    mbedtls_x509_crt_init(crt);
    crt->version = MMD_UNREADABLE;
    while (chain->next != NULL)
        chain = chain->next;
    chain->next = crt;
    return copy_subject(crt, der, len);
}

int mmd_parse_peer_certificate(mbedtls_x509_crt *chain, const unsigned char *der, size_t len,
                               mmd_parse_certificate *parse)
{
    bool is_first = chain->version == 0;
    int error = parse(chain, der, len);

    if (error == 0 || mmd_is_out_of_memory(error))
        return error;
    if (!is_first)
        return add_placeholder(chain, der, len);
    /* What Mbed TLS would go on after. */
    return error == MBEDTLS_ERR_X509_UNKNOWN_SIG_ALG + MBEDTLS_ERR_OID_NOT_FOUND
               ? MBEDTLS_ERR_X509_UNKNOWN_SIG_ALG
               : error;
}
