/* SPDX-License-Identifier: MIT */
/* The command line, and the seed in a file "seed" of the host's working folder. A product keeps the
 * seed in two pages of its flash: a power cut leaves one of them whole. */
#include "semihosting.h"

#include <string.h>

#include "board.h"

enum operation {
    SYS_OPEN = 0x01,
    SYS_CLOSE = 0x02,
    SYS_WRITE = 0x05,
    SYS_READ = 0x06,
    SYS_GET_CMDLINE = 0x15,
    SYS_EXIT_EXTENDED = 0x20
};

enum mode { READ_BINARY = 1, WRITE_BINARY = 5 };

static int call(enum operation operation, const void *block)
{
    register int r0 __asm__("r0") = (int)operation;
    register const void *r1 __asm__("r1") = block;

    __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

_Noreturn void semihosting_exit(int status)
{
    const uint32_t block[] = {0x20026 /* ADP_Stopped_ApplicationExit */, (uint32_t)status};

    for (;;)
        call(SYS_EXIT_EXTENDED, block);
}

bool board_command_line(char *out, size_t cap)
{
    struct {
        char *out;
        size_t cap;
    } block = {out, cap};

    return call(SYS_GET_CMDLINE, &block) == 0;
}

/* Reads or writes the whole seed. */
static bool transfer(enum mode mode, enum operation operation, void *seed)
{
    static const char name[] = "seed";
    const struct {
        const char *name;
        uint32_t mode;
        size_t len;
    } file = {name, mode, sizeof name - 1};
    int handle = call(SYS_OPEN, &file);

    if (handle < 0)
        return false;
    const struct {
        int handle;
        void *data;
        size_t len;
    } block = {handle, seed, SEED_LEN};
    int left = call(operation, &block);
    return call(SYS_CLOSE, &block) == 0 && left == 0;
}

bool board_load_seed(uint8_t seed[SEED_LEN])
{
    return transfer(READ_BINARY, SYS_READ, seed);
}

bool board_store_seed(const uint8_t seed[SEED_LEN])
{
    uint8_t copy[SEED_LEN];

    memcpy(copy, seed, sizeof copy);
    return transfer(WRITE_BINARY, SYS_WRITE, copy);
}
