/* SPDX-License-Identifier: MIT */
/* The port for lwIP 2.2's raw API, without an operating system (NO_SYS=1). Everything runs in one
 * context: neither the engine nor this is called from interrupts or from lwIP's TCP callbacks.
 *
 * Received data stays in the interface's pbufs until TLS reads it, and the window opens as it does:
 * TCP_WND may be smaller than a TLS record. Data to send is copied into lwIP's send buffer, because
 * TLS writes its next record where the last one was; TCP_SND_BUF, too, may be smaller than a
 * record. lwIP's resolver gives one address of a name. When it gives none it does not say why:
 * compile its dns.c with "-include port/lwip/dns_front.h", as mk/firmware.mk does. Otherwise a name
 * server's failure is MMD_ERR_NAME, too, if it is reported soon, and MMD_ERR_LOOKUP only after
 * lwIP's last repetition.
 *
 * A connection that was disconnected may linger in lwIP (TIME_WAIT, or a peer that is gone) at the
 * lowest priority. With MEMP_NUM_TCP_PCB 1 the next one takes its place, so lwIP needs memory for
 * one connection only.
 *
 * It needs LWIP_TCP, LWIP_DNS and NO_SYS=1. The structs here depend on lwipopts.h: compile the
 * library and the program with the same one. */
#ifndef MMDCLOSE_LWIP_H
#define MMDCLOSE_LWIP_H

#include <lwip/ip_addr.h>
#include <stdbool.h>

#include "mmdclose/port.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the board provides. The network interface is up before the first exchange, and sys_now() is
 * the monotonic clock. */
struct mmd_lwip_board {
    void *context;

    /* Passes received frames to the stack. If there are none, waits for one, for timeout_ms at
     * most; may return earlier. */
    void (*poll)(void *context, uint32_t timeout_ms);

    /* As in struct mmd_port. */
    int64_t (*calendar_s)(void *context);
    int (*random)(void *context, void *data, size_t len);
};

/* One connection. The caller's memory, for the port's use only. It must last as long as lwIP runs:
 * a lookup that was given up still calls back. */
struct mmd_lwip {
    const struct mmd_lwip_board *board;
    struct tcp_pcb *pcb; /* NULL: none, or it broke */
    struct pbuf *in;     /* received, but not yet read */
    const char *host;    /* the name that is looked up */
    ip_addr_t address;
    uint32_t lookup_ms; /* when lwIP began the lookup */
    bool asking;        /* lwIP has not called back yet, even if the lookup was given up */
    int failure;        /* what connect fails with, or MMD_OK */
    uint8_t state;
    bool ended; /* the peer ended the stream */
    bool woken; /* something happened since the last wait */
};

/* Prepares *lwip and makes *port use it; lwip and board are borrowed as long as port is in use. */
void mmd_lwip_init(struct mmd_lwip *lwip, const struct mmd_lwip_board *board,
                   struct mmd_port *port);

/* Runs the stack: frames, then lwIP's timers. Waits for up to timeout_ms if there is nothing to do.
 * The port's wait calls this; a program with a loop of its own calls it between steps. */
void mmd_lwip_poll(const struct mmd_lwip_board *board, uint32_t timeout_ms);

#ifdef __cplusplus
}
#endif
#endif
