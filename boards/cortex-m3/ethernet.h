/* What an Ethernet driver gives, and what drivers of FIFOs share. */
#ifndef MMD_ETHERNET_H
#define MMD_ETHERNET_H

#include <lwip/netif.h>
#include <stdbool.h>

#define FRAME_MIN 14 /* a header; without the checksum behind it */
#define FRAME_MAX 1514

/* The driver: readies the interface and sets its address; sends a frame; takes one into
 * netif->input and returns true, or false if there is none. */
void ethernet_start(uint8_t address[6]);
bool ethernet_send(const struct pbuf *frame); /* false: it cannot leave now */
bool ethernet_receive(struct netif *netif);

/* Writes a frame to a FIFO of words, behind the first of its bytes that word has already. */
void fifo_put(volatile uint32_t *fifo, const struct pbuf *frame, uint32_t word, unsigned filled);

/* Reads a frame of len bytes from a FIFO of words, of which word has the first bytes at its low
 * end, and leaves out the bytes behind it. NULL, all read all the same: there is no memory for it.
 */
struct pbuf *fifo_take(volatile uint32_t *fifo, size_t len, uint32_t word, unsigned available,
                       size_t behind);

#endif
