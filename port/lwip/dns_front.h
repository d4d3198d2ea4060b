/* SPDX-License-Identifier: MIT */
/* Stands in front of lwIP's dns.c (cc -include): the port sees each datagram before the resolver
 * does, which reports a name without an address and a name server's failure alike. */
#ifndef MMD_DNS_FRONT_H
#define MMD_DNS_FRONT_H

#include <lwip/udp.h>

/* The resolver reads this datagram now; NULL: it has read it. */
void mmd_lwip_dns_datagram(const struct pbuf *datagram);

static void dns_recv(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *addr,
                     u16_t port); /* lwIP's */

static void mmd_dns_recv(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *addr,
                         u16_t port)
{
    mmd_lwip_dns_datagram(p);
    dns_recv(arg, pcb, p, addr, port);
    mmd_lwip_dns_datagram(NULL);
}

#define udp_recv(pcb, function, arg) udp_recv(pcb, mmd_##function, arg)

#endif
