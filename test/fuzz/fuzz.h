/* SPDX-License-Identifier: MIT */
/* What the fuzz targets share: each is one function of some bytes, which stops the program if
 * anything is not as it must be. libFuzzer calls it, or replay.c. */
#ifndef TEST_FUZZ_H
#define TEST_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define CHECK(holds) ((holds) ? (void)0 : stop(__FILE__, __LINE__, #holds))

_Noreturn static inline void stop(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    abort();
}

/* What is left of the bytes; at their end all numbers are 0. */
struct input {
    const uint8_t *p;
    size_t len;
};

static inline unsigned take_byte(struct input *in)
{
    if (in->len == 0)
        return 0;
    in->len--;
    return *in->p++;
}

static inline unsigned take_two(struct input *in)
{
    unsigned low = take_byte(in);

    return low | take_byte(in) << 8;
}

/* Memory of exactly len bytes, so that the sanitizer sees one byte too far. */
static inline char *exact_room(size_t len)
{
    char *room = malloc(len);

    if (room == NULL)
        abort();
    return room;
}

static inline char *exact_copy(const void *data, size_t len)
{
    char *copy = exact_room(len);

    if (len > 0)
        memcpy(copy, data, len);
    return copy;
}

#endif
