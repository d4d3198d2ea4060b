/* What stands in for Mbed TLS's functions for private keys: see firmware.mk. */
#include <mbedtls/pk.h>

#include "firmware.h"

int refuse_private_key(void)
{
    return MBEDTLS_ERR_PK_FEATURE_UNAVAILABLE;
}
