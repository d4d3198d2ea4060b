/* SPDX-License-Identifier: MIT */
/* What lwIP's options (lwipopts.h) name of network.c. */
#ifndef MMD_NETWORK_H
#define MMD_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

extern uint16_t network_dns_port, network_sntp_port;
uint32_t network_random(void);
void network_set_clock(uint32_t seconds);

/* Whether the time in an SNTP reply can be right. */
struct pbuf;
bool network_believes(const struct pbuf *reply);

#endif
