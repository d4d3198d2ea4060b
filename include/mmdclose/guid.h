/* SPDX-License-Identifier: MIT */
/* GUIDs: the client-request-id of a closing. Pure. */
#ifndef MMDCLOSE_GUID_H
#define MMDCLOSE_GUID_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MMD_GUID_LEN 36

/* Writes a version 4 GUID (RFC 9562, 5.4) made of 16 random bytes, NUL-terminated. */
void mmd_guid(char out[MMD_GUID_LEN + 1], const uint8_t random[16]);

#ifdef __cplusplus
}
#endif
#endif
