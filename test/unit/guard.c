/* SPDX-License-Identifier: MIT */
/* Guard pages, by mmap. */
#define _GNU_SOURCE 1
#include "guard.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MARKED 64
#define MARK   0xA5

struct guard guard_open(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t whole = (size / page + 1) * page;
    unsigned char *memory =
        mmap(NULL, whole + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED || mprotect(memory + whole, page, PROT_NONE) != 0)
        abort();
    return (struct guard){memory + whole, whole};
}

static size_t marked(const struct guard *g, size_t len)
{
    return g->size - len < MARKED ? g->size - len : MARKED;
}

void *guard_room(const struct guard *g, size_t len)
{
    if (len > g->size)
        abort();
    memset(g->end - len - marked(g, len), MARK, marked(g, len));
    return g->end - len;
}

void *guard_put(const struct guard *g, const void *data, size_t len)
{
    void *room = guard_room(g, len);

    if (len > 0)
        memcpy(room, data, len);
    return room;
}

char *guard_text(const struct guard *g, const char *text)
{
    return guard_put(g, text, strlen(text) + 1);
}

bool guard_intact(const struct guard *g, size_t len)
{
    for (size_t i = 1; i <= marked(g, len); i++)
        if (*(g->end - len - i) != MARK)
            return false;
    return true;
}
