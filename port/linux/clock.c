/* SPDX-License-Identifier: MIT */
/* The system's clocks. */
#include "clock.h"

#include <stddef.h>
#include <time.h>

#include "mmdclose/port.h"

bool mmd_linux_has_clock(void)
{
    struct timespec t;

    return clock_gettime(CLOCK_MONOTONIC, &t) == 0;
}

uint32_t mmd_linux_monotonic_ms(void *context)
{
    struct timespec t = {0, 0};

    (void)context;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint32_t)((uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000);
}

int64_t mmd_linux_calendar_s(void *context)
{
    time_t now = time(NULL);

    (void)context;
    return now < 0 ? MMD_CLOCK_NOT_SET : now;
}
