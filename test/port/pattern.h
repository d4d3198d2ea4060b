/* SPDX-License-Identifier: MIT */
/* The bytes that both ends of a conformance test know: each differs from its neighbours, and no
 * piece comes again at another place. */
#ifndef TEST_PORT_PATTERN_H
#define TEST_PORT_PATTERN_H

#include <stdint.h>

static inline unsigned char pattern_at(uint32_t i)
{
    uint32_t mixed = (i + 1) * 2654435761u;

    return (unsigned char)((mixed ^ mixed >> 13) >> 11);
}

#endif
