/* SPDX-License-Identifier: MIT */
/* The table of character classes. Each byte's entry is named by what it is. */
#include "charclass.h"

#define L  MMD_CHAR_LINE        /* beyond ASCII; a quote, a backslash */
#define P  MMD_CHAR_PLAIN       /* DEL */
#define S  (L | P)              /* other signs */
#define T  (S | MMD_CHAR_TCHAR) /* signs of a token */
#define A  (T | MMD_CHAR_HOST | MMD_CHAR_B64TOKEN | MMD_CHAR_UNRESERVED) /* letters, "-._" */
#define D  (A | MMD_CHAR_DIGIT)
#define TI (A & ~MMD_CHAR_HOST)    /* "~" */
#define PL (T | MMD_CHAR_B64TOKEN) /* "+" */
#define SL (S | MMD_CHAR_B64TOKEN) /* "/" */
#define B  MMD_CHAR_BLANK          /* CR, LF */
#define TB (B | L)                 /* TAB */
#define SP (B | S)                 /* space */

/* clang-format off */
const uint8_t mmd_char_classes[256] = {
     0,  0,  0,  0,  0,  0,  0,  0,  0, TB,  B,  0,  0,  B,  0,  0, /* 00 */
     0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0, /* 10 */
    SP,  T,  L,  T,  T,  T,  T,  T,  S,  S,  T, PL,  S,  A,  A, SL, /* 20 */
     D,  D,  D,  D,  D,  D,  D,  D,  D,  D,  S,  S,  S,  S,  S,  S, /* 30 */
     S,  A,  A,  A,  A,  A,  A,  A,  A,  A,  A,  A,  A,  A,  A,  A, /* 40 */
     A,  A,  A,  A,  A,  A,  A,  A,  A,  A,  A,  S,  L,  S,  T,  A, /* 50 */
     T,  A,  A,  A,  A,  A,  A,  A,  A,  A,  A,  A,  A,  A,  A,  A, /* 60 */
     A,  A,  A,  A,  A,  A,  A,  A,  A,  A,  A,  S,  T,  S, TI,  P, /* 70 */
     L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L, /* 80 */
     L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L, /* 90 */
     L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L, /* A0 */
     L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L, /* B0 */
     L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L, /* C0 */
     L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L, /* D0 */
     L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L, /* E0 */
     L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  L, /* F0 */
};
/* clang-format on */

/* Whether the next four bytes all belong to the class: half the work of four single tests. */
static bool are_four(const char *s, enum mmd_char_class kind)
{
    const unsigned char *b = (const unsigned char *)s;

    return (mmd_char_classes[b[0]] & mmd_char_classes[b[1]] & mmd_char_classes[b[2]] &
            mmd_char_classes[b[3]] & kind) != 0;
}

size_t mmd_span(const char *s, size_t len, enum mmd_char_class kind)
{
    const char *p = s, *end = s + len;

    while (end - p >= 4 && are_four(p, kind))
        p += 4;
    while (p < end && mmd_is_char(*p, kind))
        p++;
    return (size_t)(p - s);
}

int mmd_hex_digit(char c)
{
    if (mmd_is_char(c, MMD_CHAR_DIGIT))
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
