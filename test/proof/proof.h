/* SPDX-License-Identifier: MIT */
/* What the harnesses share. A harness calls the product's code with arguments of which nothing is
 * assumed but what it says; CBMC then goes through all values at once. A prototype without a body
 * stands for any value. */
#ifndef PROOF_H
#define PROOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ASSUME(condition) __CPROVER_assume(condition)
#define PROVE(condition)  __CPROVER_assert(condition, #condition)

/* Fails the proof unless the condition can be true here: so that none holds for want of cases. */
#define REACHED(condition) __CPROVER_assert(!(condition), "reached: " #condition)

size_t nondet_size(void);
bool nondet_bool(void);
char nondet_char(void);
int nondet_int(void);

/* A length of at most max. */
static inline size_t any_length(size_t max)
{
    size_t len = nondet_size();
    ASSUME(len <= max);
    return len;
}

/* An object of exactly size bytes of any content: one byte further is out of bounds. Of none, the
 * pointer is still not NULL. */
static inline void *any_bytes(size_t size)
{
    return malloc(size);
}

/* A text of at most max characters, in an object that ends with its NUL. */
static inline char *any_text(size_t max)
{
    size_t len = any_length(max);
    char *text = any_bytes(len + 1);

    for (size_t i = 0; i < len; i++)
        ASSUME(text[i] != '\0');
    text[len] = '\0';
    return text;
}

static inline bool same(const void *a, const void *b, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (((const char *)a)[i] != ((const char *)b)[i])
            return false;
    return true;
}

#endif
