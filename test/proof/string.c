/* SPDX-License-Identifier: MIT */
/* The C library's functions that the code calls, byte by byte, so that each access is checked; and
 * stricter than needed: no NULL, no overlap in memcpy, even for a length of 0. */
#include "proof.h"

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    char *t = to;
    const char *f = from;

    __CPROVER_precondition(t != NULL && f != NULL, "memcpy gets no NULL");
    __CPROVER_precondition(n == 0 || __CPROVER_POINTER_OBJECT(t) != __CPROVER_POINTER_OBJECT(f) ||
                               t >= f + n || f >= t + n,
                           "memcpy's areas do not overlap");
    for (size_t i = 0; i < n; i++)
        t[i] = f[i];
    return to;
}

void *memmove(void *to, const void *from, size_t n)
{
    char *t = to;
    const char *f = from;

    __CPROVER_precondition(t != NULL && f != NULL, "memmove gets no NULL");
    if (__CPROVER_POINTER_OBJECT(t) != __CPROVER_POINTER_OBJECT(f) || t <= f)
        for (size_t i = 0; i < n; i++)
            t[i] = f[i];
    else
        for (size_t i = n; i > 0; i--)
            t[i - 1] = f[i - 1];
    return to;
}

void *memset(void *to, int c, size_t n)
{
    char *t = to;

    __CPROVER_precondition(t != NULL, "memset gets no NULL");
    for (size_t i = 0; i < n; i++)
        t[i] = (char)c;
    return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const unsigned char *x = a, *y = b;
    int difference = 0;

    __CPROVER_precondition(x != NULL && y != NULL, "memcmp gets no NULL");
    for (size_t i = n; i > 0; i--) /* all of both: none may lie outside */
        if (x[i - 1] != y[i - 1])
            difference = x[i - 1] - y[i - 1];
    return difference;
}

void *memchr(const void *s, int c, size_t n)
{
    const unsigned char *p = s;

    __CPROVER_precondition(p != NULL, "memchr gets no NULL");
    for (size_t i = 0; i < n; i++)
        if (p[i] == (unsigned char)c)
            return (void *)(p + i);
    return NULL;
}

size_t strlen(const char *s)
{
    size_t n = 0;

    while (s[n] != '\0')
        n++;
    return n;
}

int strncmp(const char *a, const char *b, size_t n)
{
    for (; n > 0; a++, b++, n--)
        if (*a != *b || *a == '\0')
            return (unsigned char)*a - (unsigned char)*b;
    return 0;
}

char *strchr(const char *s, int c)
{
    for (; *s != (char)c; s++)
        if (*s == '\0')
            return NULL;
    return (char *)s;
}

int strcmp(const char *a, const char *b)
{
    for (; *a == *b && *a != '\0'; a++)
        b++;
    return *(const unsigned char *)a - *(const unsigned char *)b;
}
