/* SPDX-License-Identifier: MIT */
/* Text that a server chose, made fit to be printed. */
#include "printable.h"

#include <stdbool.h>
#include <string.h>

#include "utf8.h"

#define PIECE 16 /* bytes of a secret that must not be shown in a row */

void make_printable(char *text)
{
    unsigned char *p = (unsigned char *)text;

    for (size_t left = strlen(text), n; left > 0; left -= n, p += n) {
        n = mmd_utf8_sequence((const char *)p, left);
        bool c1 = n == 2 && p[0] == 0xC2 && p[1] < 0xA0; /* U+0080 to U+009F */
        if (n == 0 || c1 || *p < 0x20 || *p == 0x7F) {
            *p = '?';
            n = 1; /* the second byte of a C1 control is replaced next */
        }
    }
}

static bool contains(const char *secret, size_t len, const char *piece, size_t piece_len)
{
    const char *end = secret + len - piece_len + 1;

    while (secret < end && (secret = memchr(secret, piece[0], (size_t)(end - secret))) != NULL)
        if (memcmp(secret++, piece, piece_len) == 0)
            return true;
    return false;
}

void cover(char *text, size_t len, const char *secret)
{
    size_t secret_len = strlen(secret), piece = secret_len < PIECE ? secret_len : PIECE, run;

    for (size_t at = 0; piece > 0 && at + piece <= len; at += run > 0 ? run : 1) {
        run = 0;
        while (at + run + piece <= len && contains(secret, secret_len, text + at + run, piece))
            run++;
        if (run > 0)
            memset(text + at, '*', run += piece - 1);
    }
}
