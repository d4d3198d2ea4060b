/* SPDX-License-Identifier: MIT */
/* The Ethernet controller of the MPS2 boards, an SMSC LAN9118. Registers are those of its data
 * sheet. */
#include <lwip/netif.h>

#include "ethernet.h"

#define REGISTER(offset) (*(volatile uint32_t *)(0x40200000 + (offset)))

#define RX_DATA_FIFO   REGISTER(0x00)
#define TX_DATA_FIFO   REGISTER(0x20)
#define RX_STATUS_FIFO REGISTER(0x40)
#define TX_STATUS_FIFO REGISTER(0x48)
#define RX_CFG         REGISTER(0x6C)
#define TX_CFG         REGISTER(0x70)
#define HW_CFG         REGISTER(0x74)
#define RX_FIFO_INF    REGISTER(0x7C)
#define TX_FIFO_INF    REGISTER(0x80)
#define MAC_CSR_CMD    REGISTER(0xA4)
#define MAC_CSR_DATA   REGISTER(0xA8)

#define RX_CFG_DUMP      (1u << 15)
#define TX_CFG_TX_ON     (1u << 1)
#define HW_CFG_SRST      (1u << 0)
#define HW_CFG_SF        (1u << 20) /* must be one */
#define MAC_CSR_BUSY     (1u << 31)
#define MAC_CSR_READ     (1u << 30)
#define TX_FIRST_SEGMENT (1u << 13)
#define TX_LAST_SEGMENT  (1u << 12)
#define RX_ERROR_STATUS  (1u << 15)

enum { MAC_CR = 1, MAC_ADDRH = 2, MAC_ADDRL = 3 };
#define MAC_CR_FDPX (1u << 20)
#define MAC_CR_TXEN (1u << 3)
#define MAC_CR_RXEN (1u << 2)

#define CHECKSUM 4 /* bytes after a frame */
#define COMMANDS 8 /* bytes before a frame that is sent */

static void mac_run(uint32_t command)
{
    MAC_CSR_CMD = MAC_CSR_BUSY | command;
    while ((MAC_CSR_CMD & MAC_CSR_BUSY) != 0)
        continue;
}

static uint32_t mac_read(uint32_t index)
{
    mac_run(MAC_CSR_READ | index);
    return MAC_CSR_DATA;
}

static void mac_write(uint32_t index, uint32_t value)
{
    MAC_CSR_DATA = value;
    mac_run(index);
}

void ethernet_start(uint8_t address[6])
{
    HW_CFG = HW_CFG_SRST;
    while ((HW_CFG & HW_CFG_SRST) != 0)
        continue;
    HW_CFG = HW_CFG_SF |
             5u << 16; /* 5 KB for what is sent, as after reset; the rest for what is received */
    uint32_t low = mac_read(MAC_ADDRL), high = mac_read(MAC_ADDRH); /* from the EEPROM */
    for (int i = 0; i < 6; i++)
        address[i] = (uint8_t)(i < 4 ? low >> (8 * i) : high >> (8 * (i - 4)));
    TX_CFG = TX_CFG_TX_ON;
    mac_write(MAC_CR, MAC_CR_FDPX | MAC_CR_TXEN | MAC_CR_RXEN);
}

bool ethernet_send(const struct pbuf *frame)
{
    uint32_t len = frame->tot_len;

    if (len > FRAME_MAX || (TX_FIFO_INF & 0xFFFF) < len + COMMANDS + 3)
        return false; /* earlier ones are leaving */
    TX_DATA_FIFO = TX_FIRST_SEGMENT | TX_LAST_SEGMENT | len;
    TX_DATA_FIFO = len;
    fifo_put(&TX_DATA_FIFO, frame, 0, 0);
    while ((TX_FIFO_INF >> 16 & 0xFF) != 0)
        (void)TX_STATUS_FIFO;
    return true;
}

bool ethernet_receive(struct netif *netif)
{
    if ((RX_FIFO_INF >> 16 & 0xFF) == 0)
        return false;
    uint32_t status = RX_STATUS_FIFO;
    size_t len = (status >> 16 & 0x3FFF) - CHECKSUM;
    if (len < FRAME_MIN || len > FRAME_MAX) { /* out of step: discard what was received */
        RX_CFG = RX_CFG_DUMP;
        return true;
    }
    struct pbuf *frame = fifo_take(&RX_DATA_FIFO, len, 0, 0, CHECKSUM);
    if (frame != NULL && ((status & RX_ERROR_STATUS) != 0 || netif->input(frame, netif) != ERR_OK))
        pbuf_free(frame);
    return true;
}
