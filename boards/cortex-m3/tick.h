/* SPDX-License-Identifier: MIT */
/* The processor's own timer (SysTick), a tick each millisecond. */
#ifndef MMD_TICK_H
#define MMD_TICK_H

#include <stdint.h>

void tick_start(uint32_t clock_hz);
void tick(void); /* the interrupt */

#endif
