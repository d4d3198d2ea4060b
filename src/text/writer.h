/* A text writer into a fixed buffer. It is sticky: past the capacity nothing is written any more,
 * but the length goes on counting, so one check at the end also tells the size that would do. The
 * caller bounds what it puts: the length itself does not overflow. */
#ifndef MMD_WRITER_H
#define MMD_WRITER_H

#include <stddef.h>

struct mmd_writer {
    char *buf; /* the caller's; may be NULL when cap is 0 */
    size_t cap;
    size_t len; /* bytes put so far; above cap: too small */
};

void mmd_put(struct mmd_writer *w, const char *data, size_t len);
void mmd_put_text(struct mmd_writer *w, const char *text); /* NUL-terminated */
void mmd_put_decimal(struct mmd_writer *w, size_t value);

/* Puts UTF-8 text as the inside of a JSON string (RFC 8259, section 7). Returns len, or the offset
 * of the first byte that is not well-formed UTF-8. */
size_t mmd_put_json(struct mmd_writer *w, const char *text, size_t len);

#endif
