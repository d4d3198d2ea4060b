/* SPDX-License-Identifier: MIT */
/* Base64 (RFC 4648, sections 4 and 5). Pure. */
#ifndef MMD_BASE64_H
#define MMD_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "writer.h"

/* Decodes base64 with white space anywhere. out holds at least len / 4 * 3 bytes; it may be at or
 * before in, in the same buffer: what is written never reaches what is still to be read. Returns
 * the bytes written, or 0 if the text is malformed; out then holds nothing of use. */
size_t mmd_base64_decode(uint8_t *out, const char *in, size_t len);

/* Reads such text from its beginning, no further than is wanted, and does not see what is wrong
 * with the rest. Holds at first where the text begins and ends, and zeros. */
struct mmd_base64_reader {
    const char *at, *end;
    uint8_t group[3]; /* of four digits, */
    unsigned left;    /* of which so many bytes are still to be read */
};

/* What the next function needs. */
bool mmd_base64_read_group(struct mmd_base64_reader *r);

/* The next byte; false if there is none, or where it should be is no digit: so is padding. */
static inline bool mmd_base64_next(struct mmd_base64_reader *r, uint8_t *byte)
{
    if (r->left == 0 && !mmd_base64_read_group(r))
        return false;
    *byte = r->group[3 - r->left--];
    return true;
}

/* Passes over count bytes; false if there are not as many. What is no digit there is not noticed,
 * and it is then not certain where the reader stands. */
bool mmd_base64_skip(struct mmd_base64_reader *r, size_t count);

/* Puts data as base64, with padding. */
void mmd_put_base64(struct mmd_writer *w, const uint8_t *data, size_t len);

/* The same with the alphabet for URLs and file names, without padding, as JWT has it (RFC 7515, 2).
 */
void mmd_put_base64url(struct mmd_writer *w, const uint8_t *data, size_t len);

#endif
