/* SPDX-License-Identifier: MIT */
/* lwIP's sizes on this board: the smallest board's. */
#ifndef MMD_LWIPOPTS_H
#define MMD_LWIPOPTS_H

#define MEM_ALIGNMENT 8
#include "lwipopts_common.h"

#define TCP_MSS             536
#define TCP_WND             (4 * TCP_MSS)
#define TCP_SND_BUF         (2 * TCP_MSS)
#define TCP_SND_QUEUELEN    8
#define MEMP_NUM_TCP_SEG    TCP_SND_QUEUELEN
#define PBUF_POOL_SIZE      6
#define PBUF_POOL_BUFSIZE   592
#define MEM_SIZE            1792
#define DNS_MAX_NAME_LENGTH 128

#define DHCP_COARSE_TIMER_SECS 1 /* for leases of seconds, to try how one is renewed */

#endif
