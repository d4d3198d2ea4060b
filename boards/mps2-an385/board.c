/* SPDX-License-Identifier: MIT */
/* An MPS2 board with the AN385 image (Cortex-M3): its console, UART0 of the CMSDK. */
#include "board.h"

#include "tick.h"

#define CLOCK_HZ 25000000
#define BAUD     115200

#define UART_DATA    (*(volatile uint32_t *)0x40004000)
#define UART_STATE   (*(volatile uint32_t *)0x40004004)
#define UART_CTRL    (*(volatile uint32_t *)0x40004008)
#define UART_BAUDDIV (*(volatile uint32_t *)0x40004010)

enum { STATE_TX_FULL = 1, CTRL_TX_ENABLE = 1 };

const char board_name[] = "mps2-an385";

void board_start(int argc, char **argv)
{
    (void)argc, (void)argv;
    UART_BAUDDIV = CLOCK_HZ / BAUD;
    UART_CTRL = CTRL_TX_ENABLE;
    tick_start(CLOCK_HZ);
}

void board_write(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        while ((UART_STATE & STATE_TX_FULL) != 0)
            continue;
        UART_DATA = (unsigned char)text[i];
    }
}
