/* A static pool in place of the heap, for all that TLS allocates. Mbed TLS has one allocator for
 * the whole program, so there is one pool. */
#ifndef MMDCLOSE_TLS_POOL_H
#define MMDCLOSE_TLS_POOL_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mmd_tls_pool {
    size_t used; /* bytes given out now, with what each allocation costs */
    size_t peak; /* the pool's bytes that were ever reached: a pool of this size had sufficed */
    unsigned failures; /* allocations that found no room; see mmd_client_config */
};

/* Gives memory (aligned to 8, size bytes, below 2 GiB) to TLS for good: call it once, before
 * anything else of the library. What it returns goes on counting. Not for several threads at a
 * time. */
const struct mmd_tls_pool *mmd_tls_pool_init(void *memory, size_t size);

#ifdef __cplusplus
}
#endif
#endif
