/* SPDX-License-Identifier: MIT */
/* Base64 (RFC 4648, section 4). Pure. */
#ifndef MMD_BASE64_H
#define MMD_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* Decodes base64 with white space anywhere. out holds at least len / 4 * 3 bytes; it may be at or
 * before in, in the same buffer: what is written never reaches what is still to be read. Returns
 * the bytes written, or 0 if the text is malformed; out then holds nothing of use. */
size_t mmd_base64_decode(uint8_t *out, const char *in, size_t len);

#endif
