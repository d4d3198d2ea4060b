/* SPDX-License-Identifier: MIT */
/* The system's clocks, as struct mmd_port asks for them. context is not used. */
#ifndef MMD_CLOCK_H
#define MMD_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Whether the monotonic clock can be read. Where it cannot, it stands still. */
bool mmd_linux_has_clock(void);

uint32_t mmd_linux_monotonic_ms(void *context);
int64_t mmd_linux_calendar_s(void *context);

#endif
