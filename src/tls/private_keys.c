/* SPDX-License-Identifier: MIT */
/* What stands in for Mbed TLS's functions for private keys where a linker puts it in their place:
 * mk/private_keys.mk does. */
#include <mbedtls/pk.h>

int mmd_refuse_private_key(void); /* only the linker names it */

int mmd_refuse_private_key(void)
{
    return MBEDTLS_ERR_PK_FEATURE_UNAVAILABLE;
}
