/* SPDX-License-Identifier: MIT */
/* Describing a certificate to a person. */
#include <mbedtls/x509_crt.h>
#include <string.h>

#include "mmdclose/trust.h"
#include "tls/x509_time.h"

int mmd_certificate_read(struct mmd_certificate *out, const uint8_t *der, size_t len)
{
    mbedtls_x509_crt crt;

    mbedtls_x509_crt_init(&crt);
    int error = mbedtls_x509_crt_parse_der_nocopy(&crt, der, len);
    if (error == 0) {
        if (mbedtls_x509_dn_gets(out->subject, sizeof out->subject, &crt.subject) < 0)
            strcpy(out->subject, "(a subject too long to show)");
        out->not_before = mmd_x509_seconds(&crt.valid_from);
        out->not_after = mmd_x509_seconds(&crt.valid_to);
        out->is_ca = mbedtls_x509_crt_get_ca_istrue(&crt) == 1;
    }
    mbedtls_x509_crt_free(&crt);
    return error == 0 ? MMD_OK : MMD_ERR_CERT;
}
