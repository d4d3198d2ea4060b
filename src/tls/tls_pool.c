/* SPDX-License-Identifier: MIT */
/* The pool: adjacent blocks, each with a header of 8 bytes, found by first fit. Mbed TLS's own pool
 * takes 32 to 64 bytes a block, and does not report that it was exhausted.
 *
 * This is the library's only state outside the caller's memory: Mbed TLS passes its allocator no
 * context. */
#include "mmdclose/tls_pool.h"

#include <mbedtls/platform.h>
#include <stdint.h>
#include <string.h>

#if defined(MBEDTLS_PLATFORM_MEMORY)

struct block {
    uint32_t size; /* with this header; a multiple of it */
    uint32_t used;
};

static struct {
    struct block *begin, *end;
    struct block *first_free; /* all before it are in use */
    struct mmd_tls_pool stats;
} pool;

static struct block *next_of(struct block *b)
{
    return (struct block *)(void *)((unsigned char *)b + b->size);
}

/* Joins the free blocks that follow a free one to it. */
static void merge(struct block *b)
{
    for (struct block *next; (next = next_of(b)) < pool.end && !next->used;)
        b->size += next->size;
}

static struct block *find(uint32_t size)
{
    struct block *b = pool.first_free;

    for (; b < pool.end; b = next_of(b)) {
        if (b->used)
            continue;
        merge(b);
        if (b->size >= size)
            return b;
    }
    return NULL;
}

/* Gives out the first size bytes of a free block; the rest becomes a block of its own. */
static void take(struct block *b, uint32_t size)
{
    if (b->size > size) {
        struct block *rest = (struct block *)(void *)((unsigned char *)b + size);
        *rest = (struct block){b->size - size, 0};
        b->size = size;
    }
    b->used = 1;
    while (pool.first_free < pool.end && pool.first_free->used)
        pool.first_free = next_of(pool.first_free);

    size_t reached = (size_t)((unsigned char *)next_of(b) - (unsigned char *)pool.begin);
    pool.stats.used += size;
    if (reached > pool.stats.peak)
        pool.stats.peak = reached;
}

static void *pool_calloc(size_t count, size_t size)
{
    const size_t header = sizeof(struct block);
    struct block *b = NULL;

    if (size == 0 || count <= (INT32_MAX - 2 * header) / size) {
        uint32_t needed = (uint32_t)((count * size + 2 * header - 1) / header * header);
        b = find(needed);
        if (b != NULL)
            take(b, needed);
    }
    if (b == NULL) {
        pool.stats.failures++;
        return NULL;
    }
    return memset(b + 1, 0, count * size);
}

void mmd_tls_pool_free(void *memory)
{
    if (memory == NULL)
        return;
    struct block *b = (struct block *)memory - 1;
    b->used = 0;
    pool.stats.used -= b->size;
    if (b < pool.first_free)
        pool.first_free = b;
}

void *mmd_tls_pool_alloc(size_t size)
{
    return pool_calloc(1, size);
}

const struct mmd_tls_pool *mmd_tls_pool_init(void *memory, size_t size)
{
    size -= size % sizeof(struct block);
    memset(&pool, 0, sizeof pool);
    pool.begin = pool.first_free = memory;
    pool.end = (struct block *)(void *)((unsigned char *)memory + size);
    *pool.begin = (struct block){(uint32_t)size, 0};
    mbedtls_platform_set_calloc_free(pool_calloc, mmd_tls_pool_free);
    return &pool.stats;
}

#else /* the allocator cannot be replaced */

const struct mmd_tls_pool *mmd_tls_pool_init(void *memory, size_t size)
{
    static const struct mmd_tls_pool unused;

    (void)memory, (void)size;
    return &unused;
}

void *mmd_tls_pool_alloc(size_t size)
{
    (void)size;
    return NULL;
}

void mmd_tls_pool_free(void *memory)
{
    (void)memory;
}

#endif
