/* SPDX-License-Identifier: MIT */
/* Two functions of the C library in little flash: newlib's, made for speed, take 590 bytes more. */
#include <string.h>

int strcmp(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return (unsigned char)*a - (unsigned char)*b;
}

void *memchr(const void *memory, int value, size_t len)
{
    const unsigned char *p = memory;

    for (; len > 0; len--, p++)
        if (*p == (unsigned char)value)
            return (void *)p;
    return NULL;
}
