/* SPDX-License-Identifier: MIT */
/* The trust anchors that are part of the command: those of make's TRUST=FILE, in PEM. */
#include <stddef.h>

#include "input.h"

#if defined(TRUST_FILE)

__asm__(".section .rodata\n"
        "built_in: .incbin \"" TRUST_FILE "\"\n"
        "built_in_end:\n"
        ".text\n");
extern const char built_in[], built_in_end[];

const char *built_in_roots(size_t *len)
{
    *len = (size_t)(built_in_end - built_in);
    return built_in;
}

#else

const char *built_in_roots(size_t *len)
{
    *len = 0;
    return NULL;
}

#endif
