/* SPDX-License-Identifier: MIT */
/* The extensions of a certificate, read as DER. */
#ifndef MMD_EXTENSIONS_H
#define MMD_EXTENSIONS_H

#include <mbedtls/x509_crt.h>
#include <stdbool.h>

/* The object identifier of name constraints (RFC 5280, 4.2.1.10), without its header. */
#define MMD_OID_NAME_CONSTRAINTS "\x55\x1D\x1E"

enum mmd_extensions {
    MMD_EXTENSIONS_FREE,        /* of name constraints */
    MMD_EXTENSIONS_CONSTRAINED, /* by name constraints, critical or not */
    MMD_EXTENSIONS_NOT_DER      /* not written as X.509 demands: who knows what they say */
};

/* Looks for name constraints among a certificate's extensions, at most one level deep: what stands
 * within the value of another extension counts for nothing. */
enum mmd_extensions mmd_extensions_read(const mbedtls_x509_crt *crt);

#endif
