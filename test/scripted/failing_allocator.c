/* SPDX-License-Identifier: MIT */
/* The linker gives this in place of Mbed TLS's: the pool hands its functions over here. */
#include "failing_allocator.h"

#include <mbedtls/platform.h>
#include <stdint.h>

struct failing_allocator allocator;

static void *failing_calloc(size_t count, size_t size)
{
    if (++allocator.calls != allocator.at)
        return allocator.calloc(count, size);
    allocator.happened = true;
    return allocator.calloc(1, SIZE_MAX / 4); /* more than there is: counted as a failure */
}

static void passing_free(void *memory)
{
    allocator.free(memory);
}

int __real_mbedtls_platform_set_calloc_free(void *(*calloc_f)(size_t, size_t),
                                            void (*free_f)(void *));
int __wrap_mbedtls_platform_set_calloc_free(void *(*calloc_f)(size_t, size_t),
                                            void (*free_f)(void *));

int __wrap_mbedtls_platform_set_calloc_free(void *(*calloc_f)(size_t, size_t),
                                            void (*free_f)(void *))
{
    allocator.calloc = calloc_f;
    allocator.free = free_f;
    return __real_mbedtls_platform_set_calloc_free(failing_calloc, passing_free);
}
