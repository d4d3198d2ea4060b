/* SPDX-License-Identifier: MIT */
/* Classes of characters, from one table, and how far a text keeps to a class. Pure. */
#ifndef MMD_CHARCLASS_H
#define MMD_CHARCLASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mmd_char_class {
    MMD_CHAR_DIGIT = 0x01,
    MMD_CHAR_UNRESERVED = 0x02, /* RFC 3986, 2.3: letters, digits, "-._~" */
    MMD_CHAR_B64TOKEN = 0x04,   /* RFC 6750, 2.1, without the "=" at its end */
    MMD_CHAR_HOST = 0x08,       /* letters, digits, "-._" */
    MMD_CHAR_TCHAR = 0x10,      /* RFC 9110, 5.6.2: of a token */
    MMD_CHAR_LINE = 0x20,       /* RFC 9110, 5.5: of a field line, all but control characters */
    MMD_CHAR_PLAIN = 0x40,      /* RFC 8259, 7: ASCII that stands for itself in a JSON string */
    MMD_CHAR_BLANK = 0x80       /* RFC 8259, 2: white space */
};

extern const uint8_t mmd_char_classes[256];

static inline bool mmd_is_char(char c, enum mmd_char_class kind)
{
    return (mmd_char_classes[(unsigned char)c] & kind) != 0;
}

/* How many bytes from the start of s belong to the class. */
size_t mmd_span(const char *s, size_t len, enum mmd_char_class kind);

/* The value of a hexadecimal digit, or -1. */
int mmd_hex_digit(char c);

#endif
