/* SPDX-License-Identifier: MIT */
/* Random bytes for Mbed TLS's PSA side (TLS 1.3), which asks without a context to find a port by.
 */
#include <psa/crypto.h>
#include <stdbool.h>

#include "mmdclose/port.h"

#if defined(MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG)
psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t *context,
                                             uint8_t *out, size_t size, size_t *out_len)
{
    bool filled = mmd_random(out, size) == MMD_OK;

    (void)context;
    *out_len = filled ? size : 0;
    return filled ? PSA_SUCCESS : PSA_ERROR_INSUFFICIENT_ENTROPY;
}
#endif
