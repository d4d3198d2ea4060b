/* SPDX-License-Identifier: MIT */
/* Signatures with a certificate's key, for the assertion of token.h: RSASSA-PSS with SHA-256 and a
 * salt of 32 bytes, which JWT calls PS256 (RFC 7518, 3.5). A build of Mbed TLS without
 * MBEDTLS_PKCS1_V21 can neither verify nor make one. */
#ifndef MMDCLOSE_KEY_H
#define MMDCLOSE_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "mmdclose/error.h"
#include "mmdclose/port.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MMD_SHA256_LEN    32
#define MMD_SIGNATURE_MAX 512 /* RSA-4096 */

/* Signs a SHA-256 as PS256 into out (cap bytes, at least MMD_SIGNATURE_MAX) and returns the
 * signature's length; MMD_PENDING to be called again with the same arguments, later; MMD_ERR_SIGN,
 * which may pass; or MMD_ERR_INPUT for a key that can never sign so. The owner of the key provides
 * it: a TPM, a secure element, an HSM. */
typedef int mmd_sign(void *context, const uint8_t sha256[MMD_SHA256_LEN], uint8_t *out, size_t cap);

/* A key in memory, for mmd_sign_in_memory. Secret; the caller wipes it. */
struct mmd_memory_key {
    const uint8_t *der; /* PKCS #1 or PKCS #8, not encrypted */
    size_t len;
    const struct mmd_port *port; /* for random bytes */
};

/* An mmd_sign whose context is a struct mmd_memory_key. MMD_ERR_INPUT: it is no RSA key of 2048 to
 * 4096 bits; also, as Mbed TLS may report it, if memory runs out while the key is parsed: the
 * pool's failures tell them apart. Allocates from the TLS allocator for the time of the call, which
 * is one long calculation. */
int mmd_sign_in_memory(void *context, const uint8_t sha256[MMD_SHA256_LEN], uint8_t *out,
                       size_t cap);

/* Turns a key's PEM (RFC 7468; PRIVATE KEY or RSA PRIVATE KEY) into DER within the same buffer,
 * wipes the rest of it, and sets *der. Returns the key's length, or 0 with all wiped if there is
 * none that can be read: also one that is encrypted. */
size_t mmd_key_from_pem(char *pem, size_t len, const uint8_t **der);

/* SHA-256 (FIPS 180-4). Returns MMD_OK or MMD_ERR_SYSTEM. */
int mmd_sha256(const void *data, size_t len, uint8_t out[MMD_SHA256_LEN]);

/* Verifies a signature as PS256 with the key of a certificate in DER. Returns MMD_OK;
 * MMD_ERR_SIGN_SALT if only the salt's length is not PS256's; MMD_ERR_SIGN_KEY for any other
 * signature; MMD_ERR_CERT if this is no certificate with an RSA key of 2048 to 4096 bits; or
 * MMD_ERR_MEMORY. For memory that runs out while the certificate is parsed, Mbed TLS may report
 * MMD_ERR_CERT, too: the pool's failures tell them apart. Allocates from the TLS allocator for the
 * time of the call. */
int mmd_verify_ps256(const uint8_t *certificate, size_t len, const uint8_t sha256[MMD_SHA256_LEN],
                     const uint8_t *signature, size_t signature_len);

#ifdef __cplusplus
}
#endif
#endif
