/* SPDX-License-Identifier: MIT */
/* The library's inner side of trust anchors. */
#ifndef MMD_TRUST_H
#define MMD_TRUST_H

#include <mbedtls/x509_crt.h>

#include "mmdclose/trust.h"

/* Gives the anchors whose subject is child's issuer as a list that Mbed TLS frees, those that are
 * valid at now (seconds since 1970) first. Returns 0 or an error of Mbed TLS. */
int mmd_trust_find(const struct mmd_trust *trust, int64_t now, const mbedtls_x509_crt *child,
                   mbedtls_x509_crt **out);

/* Finds a certificate's subject, tag and length included (RFC 5280, 4.1), without parsing the rest;
 * NULL if der does not look like a certificate. */
const uint8_t *mmd_trust_subject(const uint8_t *der, size_t der_len, size_t *len);

#endif
