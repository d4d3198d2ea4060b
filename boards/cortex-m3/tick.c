/* SPDX-License-Identifier: MIT */
/* Time from SysTick. */
#include "tick.h"

#include <lwip/sys.h>

#include "board.h"
#include "ethernet.h"

#define SYST_CSR (*(volatile uint32_t *)0xE000E010)
#define SYST_RVR (*(volatile uint32_t *)0xE000E014)
#define SYST_CVR (*(volatile uint32_t *)0xE000E018)
#define ICSR     (*(volatile uint32_t *)0xE000ED04)

#define ICSR_PENDSTSET (1u << 26)

enum { ENABLE = 1, TICKINT = 2, CLKSOURCE_CPU = 4 };

static volatile uint32_t now_ms;
static uint32_t cycles_per_us;

void tick_start(uint32_t clock_hz)
{
    cycles_per_us = clock_hz / 1000000;
    SYST_RVR = clock_hz / 1000 - 1;
    SYST_CVR = 0;
    SYST_CSR = ENABLE | TICKINT | CLKSOURCE_CPU;
}

void tick(void)
{
    now_ms++;
}

u32_t sys_now(void)
{
    return now_ms;
}

uint32_t board_us(void)
{
    uint32_t ms, left, pending;

    do {
        ms = now_ms;
        left = SYST_CVR;
        pending = ICSR & ICSR_PENDSTSET;
    } while (ms != now_ms);
    if (pending != 0 && left > SYST_RVR / 2)
        ms++; /* the timer has restarted, but its interrupt is still pending */
    return ms * 1000 + (SYST_RVR - left) / cycles_per_us;
}

void board_poll(struct netif *netif, uint32_t timeout_ms)
{
    uint32_t start = sys_now();

    while (!ethernet_receive(netif) && sys_now() - start < timeout_ms)
        __asm__ volatile("wfi"); /* until the next tick at the latest */
}
