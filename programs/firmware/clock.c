/* SPDX-License-Identifier: MIT */
/* The calendar clock: SNTP's last time, and what has passed since. SNTP is not authenticated:
 * network.c accepts no time before the build's date. */
#include <lwip/sys.h>

#include "firmware.h"

static uint32_t known_s;  /* the time, in seconds since 1970, up to 2106; 0: not known */
static uint32_t known_ms; /* sys_now at that time */

void clock_set(uint32_t seconds)
{
    known_s = seconds;
    known_ms = sys_now();
}

int64_t clock_s(void *context)
{
    uint32_t passed_s = (sys_now() - known_ms) / 1000;

    (void)context;
    if (known_s == 0)
        return MMD_CLOCK_NOT_SET;
    known_s += passed_s; /* in steps, since sys_now wraps */
    known_ms += passed_s * 1000;
    return known_s;
}
