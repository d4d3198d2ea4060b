/* SPDX-License-Identifier: MIT */
/* Mbed TLS on this board: what all boards take, and the size of its outgoing records. */
#ifndef MMD_MBEDTLS_CONFIG_H
#define MMD_MBEDTLS_CONFIG_H

#include "mbedtls_config_common.h"

#define MBEDTLS_SSL_OUT_CONTENT_LEN 1024

#endif
