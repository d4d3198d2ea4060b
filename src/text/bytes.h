/* Looking at several bytes at once: a machine word is loaded, and a byte's verdict is read off its
 * top bit. The tests need bytes below 0x80; no sum then carries into the next byte, so they are
 * exact on any word size and byte order. */
#ifndef MMD_BYTES_H
#define MMD_BYTES_H

#include <stddef.h>
#include <string.h>

#ifdef __OPTIMIZE_SIZE__
#define MMD_BY_WORDS 0 /* byte by byte does, too */
#else
#define MMD_BY_WORDS 1
#endif
#define MMD_EACH(byte)  (~(size_t)0 / 255 * (byte)) /* the byte in every place of a word */
#define MMD_TOP         MMD_EACH(0x80)
#define MMD_AT_LEAST(b) MMD_EACH(0x80 - (b)) /* add it: the top bits tell which bytes are >= b */

static inline size_t mmd_load_word(const void *from)
{
    size_t word;
    memcpy(&word, from, sizeof word);
    return word;
}

static inline int mmd_is_digit(unsigned char c)
{
    return (unsigned char)(c - '0') < 10;
}

static inline int mmd_is_alnum(unsigned char c)
{
    return (unsigned char)((c | 0x20) - 'a') < 26 || mmd_is_digit(c);
}

#endif
