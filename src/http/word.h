/* SPDX-License-Identifier: MIT */
/* Words of HTTP, which are compared in any case of letters. Pure. */
#ifndef MMD_WORD_H
#define MMD_WORD_H

#include <stdbool.h>
#include <stddef.h>

/* A word in lower case, and its length. */
struct mmd_word {
    const char *text;
    size_t len;
};

#define MMD_WORD(literal)                                                                          \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

static inline int mmd_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

/* Whether a text is the word. */
static inline bool mmd_is_word(const char *text, size_t len, const struct mmd_word *word)
{
    if (len != word->len)
        return false;
    for (size_t i = 0; i < len; i++)
        if (mmd_lower(text[i]) != word->text[i])
            return false;
    return true;
}

#endif
