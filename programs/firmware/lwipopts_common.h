/* SPDX-License-Identifier: MIT */
/* What the firmware uses of lwIP 2.2: one Ethernet interface with IPv4, DHCP, DNS and SNTP, one
 * TCP connection at a time, no operating system. Each board sets its sizes. */
#ifndef MMD_LWIPOPTS_COMMON_H
#define MMD_LWIPOPTS_COMMON_H

#include "network.h"

#define NO_SYS               1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN         0
#define LWIP_SOCKET          0
#define LWIP_RAW             0
#ifndef MEM_ALIGNMENT
#define MEM_ALIGNMENT 4
#endif
#define LWIP_RAND()                                               network_random()
#define LWIP_HOOK_TCP_ISN(local, local_port, remote, remote_port) network_random()

/* RFC 6335, 6. With lwIP's own definition one boot in 16384 would begin at port 1. */
#define TCP_LOCAL_PORT_RANGE_START        0xC000
#define TCP_LOCAL_PORT_RANGE_END          0xFFFF
#define TCP_ENSURE_LOCAL_PORT_RANGE(port) ((u16_t)(TCP_LOCAL_PORT_RANGE_START + (port) % 0x3FFFu))

#define LWIP_DHCP                 1
#define LWIP_DHCP_DOES_ACD_CHECK  0
#define LWIP_ACD                  0
#define IP_REASSEMBLY             0
#define IP_FRAG                   0
#define ARP_QUEUEING              0
#define ARP_TABLE_SIZE            3
#define LWIP_NETIF_TX_SINGLE_PBUF 0
#define ETHARP_SUPPORT_VLAN       1
#define ETHARP_VLAN_CHECK         0 /* a tag that names no VLAN, but a priority (802.1Q) */

#define LWIP_DNS        1
#define DNS_TABLE_SIZE  2
#define DNS_SERVER_PORT network_dns_port

#define SNTP_SERVER_DNS     1
#define SNTP_PORT           network_sntp_port
#define SNTP_STARTUP_DELAY  0
#define SNTP_RECV_TIMEOUT   3000
#define SNTP_CHECK_RESPONSE 2 /* address, port, and what we sent as our time: */
#define SNTP_GET_SYSTEM_TIME_NTP(s, f)                                                             \
    do {                                                                                           \
        (s) = (s32_t)network_random();                                                             \
        (f) = network_random();                                                                    \
    } while (0) /* cannot be guessed */
#define SNTP_SET_SYSTEM_TIME(seconds) network_set_clock(seconds)
#define MEMP_NUM_SYS_TIMEOUT          (LWIP_NUM_SYS_TIMEOUT_INTERNAL + 2) /* SNTP's two timers */
#define SNTP_SERVER                   "time.windows.com" /* unless the command line names another */

/* One connection: one that lingers gives way to the next (see mmdclose/port/lwip.h). */
#define MEMP_NUM_TCP_PCB        1
#define MEMP_NUM_TCP_PCB_LISTEN 1
#define TCP_LISTEN_BACKLOG      0
#define MEMP_NUM_UDP_PCB        4 /* DHCP, SNTP, two lookups */
#define TCP_QUEUE_OOSEQ         0
#define LWIP_TCP_KEEPALIVE      0

/* The use of heap and pools, which --verbose shows, for half a KB of flash. */
#ifndef LWIP_STATS
#define LWIP_STATS 1
#endif
#define LWIP_STATS_LARGE 0
#define LINK_STATS       0
#define ETHARP_STATS     0
#define IP_STATS         0
#define IPFRAG_STATS     0
#define ICMP_STATS       0
#define UDP_STATS        0
#define TCP_STATS        0
#define SYS_STATS        0

#endif
