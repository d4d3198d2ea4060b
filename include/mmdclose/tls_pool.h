/* SPDX-License-Identifier: MIT */
/* A static pool in place of the heap, for everything that TLS allocates. Mbed TLS has one allocator
 * for the whole program, so there is one pool. It is for one thread.
 *
 * Where Mbed TLS was built without MBEDTLS_PLATFORM_MEMORY, as distributions have it, TLS stays
 * with the heap: the memory is not used, the counters stay 0, and mmd_tls_pool_alloc returns NULL.
 */
#ifndef MMDCLOSE_TLS_POOL_H
#define MMDCLOSE_TLS_POOL_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mmd_tls_pool {
    size_t used; /* bytes in use now, with 8 for each allocation */
    size_t peak; /* the highest that was ever reached: a pool of this size would have sufficed */
    unsigned failures; /* allocations for which no block was large enough; see mmd_tls_config */
};

/* Gives memory (size bytes, aligned to 8, below 2 GiB) to TLS for good. Call it once, before
 * anything else of the library. Returns the pool's counters, which go on counting. */
const struct mmd_tls_pool *mmd_tls_pool_init(void *memory, size_t size);

/* Takes size bytes of the pool, zeroed and aligned to 8, for the program's own use, for instance
 * while no connection needs them. Returns NULL, and counts a failure, if no block is large enough.
 * Needs mmd_tls_pool_init first. */
void *mmd_tls_pool_alloc(size_t size);

/* Gives back what mmd_tls_pool_alloc returned; NULL is allowed. The bytes are not wiped. */
void mmd_tls_pool_free(void *memory);

#ifdef __cplusplus
}
#endif
#endif
