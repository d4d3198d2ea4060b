/* SPDX-License-Identifier: MIT */
/* Stands in front of lwIP's sntp.c (cc -include): a reply whose time cannot be right never reaches
 * it, so that it asks again as if there had been none, in growing intervals, and not an hour later.
 */
#ifndef MMD_SNTP_FRONT_H
#define MMD_SNTP_FRONT_H

#include <lwip/udp.h>

#include "network.h"

static void sntp_recv(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *addr,
                      u16_t port); /* lwIP's */

static void mmd_sntp_recv(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *addr,
                          u16_t port)
{
    if (network_believes(p))
        sntp_recv(arg, pcb, p, addr, port);
    else
        pbuf_free(p);
}

#define udp_recv(pcb, function, arg) udp_recv(pcb, mmd_##function, arg)

#endif
