/* SPDX-License-Identifier: MIT */
/* Tests of the TLS pool, through the allocator that Mbed TLS calls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <mbedtls/platform.h>

#include "guard.h"
#include "mmdclose/tls_pool.h"

#define HEADER 8

static struct guard memory;

static int open_memory(void **state)
{
    (void)state;
    memory = guard_open(65536);
    return 0;
}

static const struct mmd_tls_pool *pool_of(size_t size)
{
    return mmd_tls_pool_init(guard_room(&memory, size), size);
}

/* Fault 48: no entropy, no memory -> clean error, no leak */
static void test_all_of_it_can_be_used(void **state)
{
    const struct mmd_tls_pool *pool = pool_of(1024);

    (void)state;
    char *all = mbedtls_calloc(1, 1024 - HEADER);
    assert_non_null(all);
    assert_int_equal(pool->used, 1024);
    assert_null(mbedtls_calloc(1, 1));
    assert_int_equal(pool->failures, 1);
    mbedtls_free(all);
    assert_int_equal(pool->used, 0);
    assert_null(mbedtls_calloc(1, 1024 - HEADER + 1));
    assert_int_equal(pool->failures, 2);
    assert_int_equal(pool->peak, 1024);
}

/* Fault 236: an allocation whose size wraps -> refused, counted */
static void test_what_is_too_large_is_refused(void **state)
{
    static const struct {
        size_t count, size;
    } table[] = {{SIZE_MAX, 1},         {1, SIZE_MAX},         {SIZE_MAX, SIZE_MAX},
                 {SIZE_MAX / 2 + 1, 2}, {2, SIZE_MAX / 2 + 1}, {1, UINT32_MAX},
                 {UINT32_MAX, 1},       {1, INT32_MAX}};
    const struct mmd_tls_pool *pool = pool_of(1024);

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_null(mbedtls_calloc(table[i].count, table[i].size));
    assert_int_equal(pool->failures, sizeof table / sizeof *table);
    assert_int_equal(pool->used, 0);
}

static void test_nothing_at_all(void **state)
{
    pool_of(64);
    (void)state;
    mbedtls_free(NULL);
    void *first = mbedtls_calloc(0, 5), *second = mbedtls_calloc(5, 0);
    assert_non_null(first);
    assert_non_null(second);
    assert_ptr_not_equal(first, second);
}

/* The program's own allocations come from the same pool. */
static void test_the_program_takes_of_it(void **state)
{
    const struct mmd_tls_pool *pool = pool_of(64);

    (void)state;
    unsigned char *own = mmd_tls_pool_alloc(24), *tls = mbedtls_calloc(1, 24);
    assert_non_null(own);
    assert_non_null(tls);
    for (size_t i = 0; i < 24; i++)
        assert_int_equal(own[i], 0);
    assert_null(mmd_tls_pool_alloc(1));
    assert_int_equal(pool->failures, 1);
    mmd_tls_pool_free(NULL);
    mmd_tls_pool_free(own);
    assert_int_equal(pool->used, 24 + HEADER);
    assert_ptr_equal(mbedtls_calloc(1, 24), own);
}

#define BLOCKS 40

struct block {
    unsigned char *bytes;
    size_t size;
    unsigned char mark;
};

static void check_and_free(struct block *b)
{
    for (size_t i = 0; i < b->size; i++)
        assert_int_equal(b->bytes[i], b->mark);
    mbedtls_free(b->bytes);
    b->bytes = NULL;
}

static void allocate(struct block *b, size_t size, unsigned char mark)
{
    b->bytes = mbedtls_calloc(size, 1);
    b->size = size;
    b->mark = mark;
    if (b->bytes == NULL)
        return;
    assert_int_equal((uintptr_t)b->bytes % 8, 0);
    for (size_t i = 0; i < size; i++)
        assert_int_equal(b->bytes[i], 0);
    memset(b->bytes, mark, size);
}

/* A fixed sequence of allocations and frees; every block keeps its own bytes. */
static unsigned churn(const struct mmd_tls_pool *pool)
{
    struct block blocks[BLOCKS] = {{NULL, 0, 0}};
    uint32_t random = 1;

    for (int i = 0; i < 20000; i++) {
        random = random * 1664525 + 1013904223;
        struct block *b = &blocks[(random >> 8) % BLOCKS];
        if (b->bytes != NULL)
            check_and_free(b);
        else
            allocate(b, (random >> 16) % 700, (unsigned char)i);
    }
    for (size_t i = 0; i < BLOCKS; i++)
        if (blocks[i].bytes != NULL)
            check_and_free(&blocks[i]);
    assert_int_equal(pool->used, 0);
    return pool->failures;
}

static void test_blocks_keep_their_bytes(void **state)
{
    (void)state;
    assert_int_equal(churn(pool_of(65536)), 0);
    assert_true(churn(pool_of(6000)) > 0);
}

static void test_a_pool_of_the_peak_suffices(void **state)
{
    const struct mmd_tls_pool *pool = pool_of(65536);

    (void)state;
    churn(pool);
    size_t peak = pool->peak;
    pool = pool_of(peak);
    assert_int_equal(churn(pool), 0);
    assert_int_equal(pool->peak, peak);
    assert_true(churn(pool_of(peak - 8)) > 0);
}

static void test_free_neighbours_become_one(void **state)
{
    enum { COUNT = 16 };
    void *blocks[COUNT];

    (void)state;
    for (size_t step = 1; step < COUNT; step += 2) { /* freed in many orders */
        pool_of(COUNT * (HEADER + 24));
        for (size_t i = 0; i < COUNT; i++)
            assert_non_null(blocks[i] = mbedtls_calloc(1, 24));
        for (size_t i = 0; i < COUNT; i++)
            mbedtls_free(blocks[i * step % COUNT]);
        assert_non_null(mbedtls_calloc(1, COUNT * (HEADER + 24) - HEADER));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_of_it_can_be_used),
        cmocka_unit_test(test_what_is_too_large_is_refused),
        cmocka_unit_test(test_nothing_at_all),
        cmocka_unit_test(test_the_program_takes_of_it),
        cmocka_unit_test(test_blocks_keep_their_bytes),
        cmocka_unit_test(test_a_pool_of_the_peak_suffices),
        cmocka_unit_test(test_free_neighbours_become_one),
    };
    return cmocka_run_group_tests_name("TLS pool", tests, open_memory, NULL);
}
