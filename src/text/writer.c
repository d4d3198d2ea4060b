/* The sticky writer, and the one encoding it knows: JSON strings. */
#include "writer.h"

#include "bytes.h"
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

static int is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* How many bytes from the start of word, in memory, are plain. */
static inline size_t plain_bytes(size_t word)
{
    size_t low = word & ~MMD_TOP;
    size_t plain = (low + MMD_AT_LEAST(0x20)) & ((low ^ MMD_EACH('"')) + MMD_AT_LEAST(1)) &
                   ((low ^ MMD_EACH('\\')) + MMD_AT_LEAST(1)) & ~word & MMD_TOP;
    unsigned char verdict[sizeof plain];
    size_t n = 0;

    if (plain == MMD_TOP)
        return sizeof plain;
    memcpy(verdict, &plain, sizeof plain);
    while (verdict[n] != 0)
        n++;
    return n;
}

/* Puts what stands for itself in a JSON string and is ASCII, up to the first byte that does not;
 * returns how much that was. Where there is room a whole word is stored, and what comes next covers
 * the excess. */
static size_t put_plain(struct mmd_writer *w, const char *s, size_t len)
{
    struct mmd_writer out = *w; /* in registers: most of a long text passes here */
    size_t at = 0, n = sizeof n;

    for (; MMD_BY_WORDS && len - at >= sizeof n && n == sizeof n; at += n) {
        n = plain_bytes(mmd_load_word(s + at));
        if (out.len <= out.cap && out.cap - out.len >= sizeof n) {
            memcpy(out.buf + out.len, s + at, sizeof n);
            out.len += n;
        } else {
            mmd_put(&out, s + at, n);
        }
    }
    w->len = out.len;
    for (n = at; n < len && is_plain((unsigned char)s[n]);)
        n++;
    mmd_put(w, s + at, n - at);
    return n;
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
        at += put_plain(w, text + at, len - at);
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
