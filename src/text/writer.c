/* SPDX-License-Identifier: MIT */
/* The sticky writer. */
#include "writer.h"

#include <string.h>

void mmd_put(struct mmd_writer *w, const char *data, size_t len)
{
    if (w->len <= w->cap && len <= w->cap - w->len && len > 0)
        memcpy(w->buf + w->len, data, len);
    w->len += len;
}

void mmd_put_text(struct mmd_writer *w, const char *text)
{
    mmd_put(w, text, strlen(text));
}

void mmd_put_decimal(struct mmd_writer *w, size_t value)
{
    char digits[20];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    mmd_put(w, digits + at, sizeof digits - at);
}
