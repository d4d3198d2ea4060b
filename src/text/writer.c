/* The sticky writer, and the one encoding it knows: JSON strings. */
#include "writer.h"

#include <string.h>

#include "charclass.h"
#include "utf8.h"

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

static void put_escape(struct mmd_writer *w, unsigned char c)
{
    static const char hex[] = "0123456789abcdef", named[] = "btn?fr";
    char escape[6] = {'\\', (char)c, '0', '0', hex[c >> 4], hex[c & 15]};

    if (c >= 0x20) {
        mmd_put(w, escape, 2);
    } else if (c >= '\b' && c <= '\r' && c != '\v') {
        escape[1] = named[c - '\b'];
        mmd_put(w, escape, 2);
    } else {
        escape[1] = 'u';
        mmd_put(w, escape, sizeof escape);
    }
}

size_t mmd_put_json(struct mmd_writer *w, const char *text, size_t len)
{
    size_t at = 0;

    for (;;) {
        size_t plain = mmd_span(text + at, len - at, MMD_CHAR_PLAIN);
        mmd_put(w, text + at, plain);
        at += plain;
        if (at == len)
            return len;
        unsigned char c = (unsigned char)text[at];
        if (c < 0x80) {
            put_escape(w, c);
            at++;
            continue;
        }
        size_t n = mmd_utf8_sequence(text + at, len - at);
        if (n == 0)
            return at;
        mmd_put(w, text + at, n);
        at += n;
    }
}
