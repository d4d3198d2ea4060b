/* SPDX-License-Identifier: MIT */
/* What mmdclose needs of Mbed TLS and Zephyr's Kconfig does not offer, for prj.conf:
 *
 *     CONFIG_MBEDTLS_USER_CONFIG_ENABLE=y
 *     CONFIG_MBEDTLS_USER_CONFIG_FILE="mmdclose_mbedtls.h"
 */
#define MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK
