/* SPDX-License-Identifier: MIT */
/* Zephyr's part: with CONFIG_MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG it answers Mbed TLS itself. */
#include <psa/crypto.h>
#include <sys/random.h>

#if defined(CONFIG_MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG)
psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t *context,
                                             uint8_t *output, size_t size, size_t *length)
{
    (void)context;
    *length = size;
    return getrandom(output, size, 0) == (ssize_t)size ? PSA_SUCCESS : PSA_ERROR_GENERIC_ERROR;
}
#endif
