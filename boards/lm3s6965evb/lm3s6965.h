/* SPDX-License-Identifier: MIT */
/* Registers of the LM3S6965, as its data sheet names them. */
#ifndef MMD_LM3S6965_H
#define MMD_LM3S6965_H

#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t *)(address))

/* System control */
#define RIS              REGISTER(0x400FE050)
#define RIS_PLLLRIS      (1u << 6)
#define RCC              REGISTER(0x400FE060)
#define RCC_SYSDIV(n)    ((uint32_t)(n) << 23)
#define RCC_USESYSDIV    (1u << 22)
#define RCC_BYPASS       (1u << 11)
#define RCC_XTAL_8MHZ    (0xEu << 6)
#define RCC_MOSCDIS_IOSC (1u << 1) /* the internal oscillator off */
#define RCGC1            REGISTER(0x400FE104)
#define RCGC1_UART0      (1u << 0)
#define RCGC2            REGISTER(0x400FE108)
#define RCGC2_GPIOA      (1u << 0)
#define RCGC2_GPIOF      (1u << 5)
#define RCGC2_EMAC0      (1u << 28)
#define RCGC2_EPHY0      (1u << 30)
#define USER_REG0        REGISTER(0x400FE1E0) /* the board's Ethernet address: bytes 0 to 2, */
#define USER_REG1        REGISTER(0x400FE1E4) /* and 3 to 5 */

/* GPIO */
#define GPIO_PIN_0  (1u << 0)
#define GPIO_PIN_1  (1u << 1)
#define GPIO_PIN_2  (1u << 2)
#define GPIO_PIN_3  (1u << 3)
#define GPIOA_AFSEL REGISTER(0x40004420)
#define GPIOA_DEN   REGISTER(0x4000451C)
#define GPIOF_AFSEL REGISTER(0x40025420)
#define GPIOF_DEN   REGISTER(0x4002551C)

/* UART0 */
#define UARTDR        REGISTER(0x4000C000)
#define UARTFR        REGISTER(0x4000C018)
#define UARTFR_TXFF   (1u << 5)
#define UARTIBRD      REGISTER(0x4000C024)
#define UARTFBRD      REGISTER(0x4000C028)
#define UARTLCRH      REGISTER(0x4000C02C)
#define UART_8N1_FIFO 0x70
#define UARTCTL       REGISTER(0x4000C030)
#define UART_ENABLE   0x301 /* the UART, its transmitter and its receiver */

/* Ethernet MAC */
#define MACRCTL         REGISTER(0x40048008)
#define MACRCTL_RXEN    (1u << 0)
#define MACRCTL_BADCRC  (1u << 3) /* frames with a bad checksum are left out */
#define MACRCTL_RSTFIFO (1u << 4)
#define MACTCTL         REGISTER(0x4004800C)
#define MACTCTL_ON      0x17 /* transmitter, padding, checksum, full duplex */
#define MACDATA         REGISTER(0x40048010)
#define MACIA0          REGISTER(0x40048014)
#define MACIA1          REGISTER(0x40048018)
#define MACNP           REGISTER(0x40048034)
#define MACTR           REGISTER(0x40048038)
#define MACTR_NEWTX     (1u << 0)

#endif
