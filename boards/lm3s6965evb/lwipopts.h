/* SPDX-License-Identifier: MIT */
/* lwIP's sizes on this board: some 7 KB in all. */
#ifndef MMD_LWIPOPTS_H
#define MMD_LWIPOPTS_H

#define LWIP_STATS 0
#include "lwipopts_common.h"

#define TCP_MSS           536
#define TCP_WND           (4 * TCP_MSS)
#define TCP_SND_BUF       (2 * TCP_MSS)
#define TCP_SND_QUEUELEN  8
#define MEMP_NUM_TCP_SEG  TCP_SND_QUEUELEN
#define PBUF_POOL_SIZE    6
#define PBUF_POOL_BUFSIZE 592
#define MEM_SIZE          1792
#define LWIP_NOASSERT
#define TCP_CALCULATE_EFF_SEND_MSS 0
#define LWIP_ICMP                  0 /* no replies to pings: half a KB less */
#define DNS_MAX_NAME_LENGTH        128

#endif
