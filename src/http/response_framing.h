/* SPDX-License-Identifier: MIT */
/* Where the body of a response ends. Pure. */
#ifndef MMD_RESPONSE_FRAMING_H
#define MMD_RESPONSE_FRAMING_H

#include "mmdclose/response.h"

enum mmd_framing {
    MMD_FRAMING_NONE, /* there is no body */
    MMD_FRAMING_LENGTH,
    MMD_FRAMING_CHUNKS,
    MMD_FRAMING_END_OF_STREAM
};

/* Whether the fields that delimit a body are ignored: a 2xx to a CONNECT has none. */
bool mmd_framing_is_ignored(const struct mmd_response *r);

/* What delimits the body, by the fields of the head (RFC 9112, 6.3). Clears r->reusable where the
 * connection cannot be used further. Returns MMD_OK, or MMD_ERR_PROTOCOL where receivers could
 * disagree. */
int mmd_framing_of(struct mmd_response *r, enum mmd_framing *framing);

/* Reads the line before a chunk's data (RFC 9112, 7.1), without its CR LF. Returns MMD_OK or
 * MMD_ERR_PROTOCOL. */
int mmd_framing_chunk_size(const char *line, size_t len, uint64_t *size);

#endif
