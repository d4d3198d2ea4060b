/* SPDX-License-Identifier: MIT */
/* Where the body ends. */
#include "http/response_framing.h"

#include "text/charclass.h"

#define CHUNK_DIGITS_MAX 16 /* of a 64-bit number */

bool mmd_framing_is_ignored(const struct mmd_response *r)
{
    return r->to_connect && r->status >= 200 && r->status < 300;
}

int mmd_framing_of(struct mmd_response *r, enum mmd_framing *framing)
{
    if (mmd_framing_is_ignored(r)) {
        *framing = MMD_FRAMING_NONE;
    } else if (r->status == 204 || r->status == 304) {
        *framing = MMD_FRAMING_NONE;
        if (r->chunked || r->left > 0)
            r->reusable = false; /* a body may follow nevertheless */
    } else if (r->chunked) {
        *framing = MMD_FRAMING_CHUNKS;
        if (r->has_length || r->coding_unknown)
            return MMD_ERR_PROTOCOL;
    } else if (r->has_length) {
        *framing = MMD_FRAMING_LENGTH;
    } else {
        *framing = MMD_FRAMING_END_OF_STREAM;
        r->reusable = false;
    }
    return MMD_OK;
}

/* 1*HEXDIG, white space, which old servers put there, and maybe ";" and an extension, ignored. */
int mmd_framing_chunk_size(const char *line, size_t len, uint64_t *size)
{
    size_t digits = 0;
    int digit;

    for (*size = 0; digits < len && (digit = mmd_hex_digit(line[digits])) >= 0; digits++)
        *size = *size << 4 | (unsigned)digit;
    if (digits == 0 || digits > CHUNK_DIGITS_MAX)
        return MMD_ERR_PROTOCOL;
    size_t at = digits + mmd_span(line + digits, len - digits, MMD_CHAR_BLANK);
    return at == len || line[at] == ';' ? MMD_OK : MMD_ERR_PROTOCOL;
}
