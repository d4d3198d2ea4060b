/* SPDX-License-Identifier: MIT */
/* Memory that ends at a page which may not be touched: a read or a write one byte too far stops the
 * test there and then, whatever it was built with. */
#ifndef TEST_GUARD_H
#define TEST_GUARD_H

#include <stdbool.h>
#include <stddef.h>

struct guard {
    unsigned char *end; /* the first byte that may not be touched */
    size_t size;        /* bytes that may be, in front of it */
};

/* Maps room for strings of up to size bytes. It is never given back: the test's end does that. */
struct guard guard_open(size_t size);

/* The last len bytes in front of the end, as they are. The bytes in front of those are marked. */
void *guard_room(const struct guard *g, size_t len);

/* Puts data there. */
void *guard_put(const struct guard *g, const void *data, size_t len);

/* Puts a string there, its NUL as the last byte. */
char *guard_text(const struct guard *g, const char *text);

/* Whether nothing was written in front of the last len bytes. */
bool guard_intact(const struct guard *g, size_t len);

#endif
