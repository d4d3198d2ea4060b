/* SPDX-License-Identifier: MIT */
/* lwIP's sizes on this board: large enough for whole flights. */
#ifndef MMD_LWIPOPTS_H
#define MMD_LWIPOPTS_H

#include "lwipopts_common.h"

#define TCP_MSS           1460
#define TCP_WND           (4 * TCP_MSS)
#define TCP_SND_BUF       (4 * TCP_MSS)
#define TCP_SND_QUEUELEN  16
#define MEMP_NUM_TCP_SEG  TCP_SND_QUEUELEN
#define PBUF_POOL_SIZE    8
#define PBUF_POOL_BUFSIZE 1520
#define MEM_SIZE          8192
#define LWIP_NOASSERT

#endif
