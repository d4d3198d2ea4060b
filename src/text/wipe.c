/* SPDX-License-Identifier: MIT */
/* memset, and a barrier: as far as the compiler knows, the assembler code reads the memory. */
#include "wipe.h"

#include <string.h>

void mmd_wipe(void *memory, size_t len)
{
    if (len == 0)
        return;
    memset(memory, 0, len);
    __asm__ volatile("" : : "r"(memory) : "memory");
}
