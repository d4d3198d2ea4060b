/* SPDX-License-Identifier: MIT */
/* A text writer into a fixed buffer. It is sticky: past the capacity nothing more is written, but
 * the length goes on counting. One check at the end is enough, and gives the size that is needed.
 * The caller bounds what it puts: the length itself does not overflow. Pure. */
#ifndef MMD_WRITER_H
#define MMD_WRITER_H

#include <stddef.h>

struct mmd_writer {
    char *buf; /* the caller's; may be NULL when cap is 0 */
    size_t cap;
    size_t len; /* bytes put so far; above cap: the buffer is too small */
};

void mmd_put(struct mmd_writer *w, const char *data, size_t len);
void mmd_put_text(struct mmd_writer *w, const char *text); /* NUL-terminated */
void mmd_put_decimal(struct mmd_writer *w, size_t value);

#endif
