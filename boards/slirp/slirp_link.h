/* SPDX-License-Identifier: MIT */
/* A user-mode network (libslirp) as an Ethernet link: 10.0.2.0/24, where 10.0.2.2 is this machine's
 * loopback, with DHCP. Any user may have one. Frames can be lost on purpose. */
#ifndef MMD_SLIRP_LINK_H
#define MMD_SLIRP_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Starts it; take gets each frame that the network sends. Of 100 frames, loss are dropped each way,
 * always the same ones. Returns false if there is no network to be had. */
bool slirp_link_start(unsigned loss, void (*take)(const void *frame, size_t len));

void slirp_link_send(const void *frame, size_t len);

/* Moves the network on; waits for up to timeout_ms until it has something to do, or until fd (if it
 * is not -1) can be read. */
void slirp_link_poll(int fd, uint32_t timeout_ms);

#endif
