/* SPDX-License-Identifier: MIT */
/* Zephyr's part: Mbed TLS's default configuration with what Kconfig and the user's header add. */
#include "mbedtls/mbedtls_config.h"

#define MBEDTLS_PLATFORM_MEMORY
#if defined(CONFIG_MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG)
#define MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG
#endif

#if defined(CONFIG_MBEDTLS_USER_CONFIG_FILE)
#include CONFIG_MBEDTLS_USER_CONFIG_FILE
#endif
