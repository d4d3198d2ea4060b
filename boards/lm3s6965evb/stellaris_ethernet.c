/* SPDX-License-Identifier: MIT */
/* The Ethernet controller of the LM3S6965: one FIFO of words each way. Two bytes before a frame
 * hold its length. On reception that counts these two and the checksum after the frame; on
 * transmission it leaves out the header of 14 bytes. */
#include <lwip/netif.h>
#include <lwip/sys.h>

#include "ethernet.h"
#include "lm3s6965.h"

#define HEADER 14
#define EXTRA  6

#define LONGEST_SEND 5 /* ms: the longest frame takes 1.2 at 10 Mbit/s */

/* Discards what was received. */
static void start_receiver(void)
{
    MACRCTL = MACRCTL_RSTFIFO;
    MACRCTL = MACRCTL_BADCRC | MACRCTL_RXEN;
}

void ethernet_start(uint8_t address[6])
{
    uint32_t low = USER_REG0 & 0xFFFFFF, high = USER_REG1 & 0xFFFFFF;

    RCGC2 |= RCGC2_EMAC0 | RCGC2_EPHY0 | RCGC2_GPIOF;
    (void)RCGC2;                            /* their clocks take three cycles to start */
    GPIOF_AFSEL |= GPIO_PIN_2 | GPIO_PIN_3; /* the lamps of the socket */
    GPIOF_DEN |= GPIO_PIN_2 | GPIO_PIN_3;
    for (int i = 0; i < 3; i++) {
        address[i] = (uint8_t)(low >> (8 * i));
        address[3 + i] = (uint8_t)(high >> (8 * i));
    }
    MACIA0 = low | high << 24;
    MACIA1 = high >> 8;
    start_receiver();
    MACTCTL = MACTCTL_ON;
}

bool ethernet_send(const struct pbuf *frame)
{
    uint32_t start = sys_now();

    while ((MACTR & MACTR_NEWTX) != 0) /* the last one is leaving */
        if (sys_now() - start > LONGEST_SEND)
            return false;
    fifo_put(&MACDATA, frame, frame->tot_len - HEADER, 2);
    MACTR = MACTR_NEWTX;
    return true;
}

bool ethernet_receive(struct netif *netif)
{
    if ((MACNP & 0x3F) == 0)
        return false;
    uint32_t word = MACDATA;
    size_t len = (word & 0xFFFF) - EXTRA;
    if (len < FRAME_MIN || len > FRAME_MAX) { /* it has overflowed, and is out of step */
        start_receiver();
        return true;
    }
    struct pbuf *frame = fifo_take(&MACDATA, len, word >> 16, 2, EXTRA - 2);
    if (frame != NULL && netif->input(frame, netif) != ERR_OK)
        pbuf_free(frame);
    return true;
}
