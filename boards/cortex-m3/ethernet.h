/* SPDX-License-Identifier: MIT */
/* What an Ethernet driver provides, and what drivers of FIFOs share. */
#ifndef MMD_ETHERNET_H
#define MMD_ETHERNET_H

#include <lwip/netif.h>
#include <stdbool.h>

#define FRAME_MIN 14 /* a header; the checksum does not count */
#define FRAME_MAX 1514

/* The driver: prepares the interface and reads its address; sends a frame; passes a received one to
 * netif->input and returns true, or false if there is none. */
void ethernet_start(uint8_t address[6]);
bool ethernet_send(const struct pbuf *frame); /* false: not possible now */
bool ethernet_receive(struct netif *netif);

/* Writes a frame to a FIFO of words. word holds bytes that precede it already: filled of them. */
void fifo_put(volatile uint32_t *fifo, const struct pbuf *frame, uint32_t word, unsigned filled);

/* Reads a frame of len bytes from a FIFO of words, and skips the trailer's bytes after it. word
 * holds the frame's first bytes at its low end: available of them. Returns NULL, with everything
 * read, if there is no memory for the frame. */
struct pbuf *fifo_take(volatile uint32_t *fifo, size_t len, uint32_t word, unsigned available,
                       size_t trailer);

#endif
