/* SPDX-License-Identifier: MIT */
/* lwIP's Ethernet interface over a driver, and frames as words. */
#include "ethernet.h"

#include <lwip/etharp.h>

#include "board.h"

#define MTU 1500

static err_t send_frame(struct netif *netif, struct pbuf *frame)
{
    (void)netif;
    return ethernet_send(frame) ? ERR_OK : ERR_IF;
}

err_t board_netif_init(struct netif *netif)
{
    netif->name[0] = 'e';
    netif->name[1] = 'n';
    netif->hwaddr_len = ETH_HWADDR_LEN;
    netif->mtu = MTU;
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
    netif->output = etharp_output;
    netif->linkoutput = send_frame;
    ethernet_start(netif->hwaddr);
    return ERR_OK;
}

void fifo_put(volatile uint32_t *fifo, const struct pbuf *frame, uint32_t word, unsigned filled)
{
    for (; frame != NULL; frame = frame->next) {
        const uint8_t *p = frame->payload;
        for (size_t i = 0; i < frame->len; i++) {
            word |= (uint32_t)p[i] << (8 * filled);
            if (++filled < 4)
                continue;
            *fifo = word;
            word = filled = 0;
        }
    }
    if (filled > 0)
        *fifo = word;
}

struct pbuf *fifo_take(volatile uint32_t *fifo, size_t len, uint32_t word, unsigned available,
                       size_t trailer)
{
    struct pbuf *frame = pbuf_alloc(PBUF_RAW, (u16_t)len, PBUF_POOL), *part = frame;
    uint8_t *to = NULL, *end = NULL;

    for (size_t i = 0; i < len + trailer; i++) {
        if (available == 0) {
            word = *fifo;
            available = 4;
        }
        if (to == end && part != NULL) {
            to = part->payload;
            end = to + part->len;
            part = part->next;
        }
        if (to != end)
            *to++ = (uint8_t)word;
        word >>= 8;
        available--;
    }
    return frame;
}
