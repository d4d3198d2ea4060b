/* SPDX-License-Identifier: MIT */
/* ESP-IDF's part: Mbed TLS's default configuration, with what Kconfig adds. */
#include "mbedtls/mbedtls_config.h"
#include "sdkconfig.h"

#ifdef CONFIG_MBEDTLS_X509_TRUSTED_CERT_CALLBACK
#define MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK
#endif
