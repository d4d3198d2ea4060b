/* SPDX-License-Identifier: MIT */
/* An allocator in front of the pool: fails at the call of a number. Link with
 * --wrap=mbedtls_platform_set_calloc_free. */
#ifndef TEST_FAILING_ALLOCATOR_H
#define TEST_FAILING_ALLOCATOR_H

#include <stdbool.h>
#include <stddef.h>

struct failing_allocator {
    unsigned long calls, at; /* at: the call that fails, from 1 on; 0: none */
    bool happened;           /* it has */
    void *(*calloc)(size_t, size_t);
    void (*free)(void *);
};

extern struct failing_allocator allocator;

#endif
