/* SPDX-License-Identifier: MIT */
/* The Stellaris LM3S6965 evaluation board: its clock (50 MHz) and its console (UART0). Registers
 * are those of the LM3S6965 data sheet. */
#include "board.h"

#include "lm3s6965.h"
#include "tick.h"

#define CLOCK_HZ 50000000

const char board_name[] = "lm3s6965evb";

/* The 8 MHz crystal drives the PLL (200 MHz), which is divided by four (data sheet, 5.2.4.5). */
static void start_clock(void)
{
    const uint32_t divided = RCC_SYSDIV(3) | RCC_XTAL_8MHZ | RCC_MOSCDIS_IOSC;

    RCC |= RCC_BYPASS;
    RCC = divided | RCC_BYPASS;
    while ((RIS & RIS_PLLLRIS) == 0)
        continue;
    RCC = divided | RCC_USESYSDIV;
}

static void start_console(void)
{
    RCGC1 |= RCGC1_UART0;
    RCGC2 |= RCGC2_GPIOA;
    (void)RCGC2; /* their clocks take three cycles to start */
    GPIOA_AFSEL |= GPIO_PIN_0 | GPIO_PIN_1;
    GPIOA_DEN |= GPIO_PIN_0 | GPIO_PIN_1;
    UARTCTL = 0;
    UARTIBRD = 27; /* 115,200 baud of 50 MHz: 27 8/64 */
    UARTFBRD = 8;
    UARTLCRH = UART_8N1_FIFO;
    UARTCTL = UART_ENABLE;
}

void board_start(int argc, char **argv)
{
    (void)argc, (void)argv;
    start_clock();
    start_console();
    tick_start(CLOCK_HZ);
}

void board_write(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        while ((UARTFR & UARTFR_TXFF) != 0)
            continue;
        UARTDR = (unsigned char)text[i];
    }
}
