/* The port for lwIP 2.2's raw API, without an operating system (NO_SYS=1). Everything runs in one
 * context: neither the engine nor this is called from interrupts or from lwIP's TCP callbacks.
 *
 * What is received stays in the interface's pbufs until TLS takes it, and makes room in the window
 * as it does; so TCP_WND may be smaller than a TLS record. What is sent is copied into lwIP's send
 * buffer, because TLS writes its next record where the last one was; TCP_SND_BUF may be smaller
 * than a record, too. lwIP's resolver gives one address of a name, and does not say why it gives
 * none: MMD_ERR_NAME if it knows soon, MMD_ERR_LOOKUP if not.
 *
 * A connection that was closed may linger in lwIP (TIME_WAIT, or a peer that is gone) at the lowest
 * priority: with MEMP_NUM_TCP_PCB 1 the next one takes its place, and lwIP's memory is bounded to
 * what one connection takes.
 *
 * It needs LWIP_TCP, LWIP_DNS and NO_SYS=1. The structs here are as lwipopts.h has it: a program is
 * compiled with the same one as the library. */
#ifndef MMDCLOSE_LWIP_H
#define MMDCLOSE_LWIP_H

#include <lwip/ip_addr.h>
#include <stdbool.h>

#include "mmdclose/port.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the board gives. It has brought the network interface up before the first exchange, and
 * sys_now() is its monotonic clock. */
struct mmd_lwip_board {
    void *context;

    /* Takes the frames that have come into the stack; if there are none, waits for one, timeout_ms
     * at most. Earlier is allowed. */
    void (*poll)(void *context, uint32_t timeout_ms);

    /* As in struct mmd_port. */
    int64_t (*calendar_s)(void *context);
    int (*random)(void *context, void *data, size_t len);
};

/* One connection. The caller's memory; all of it is the port's own. It must last as long as lwIP
 * does: a lookup that is not waited for any more still calls back. */
struct mmd_lwip {
    const struct mmd_lwip_board *board;
    struct tcp_pcb *pcb; /* NULL: none, or it died */
    struct pbuf *in;     /* received, but not yet given out */
    const char *host;    /* what is looked up */
    ip_addr_t address;
    uint32_t lookup_ms; /* when lwIP began to look up */
    bool asking;        /* it still does, though nobody may wait for it */
    int failure;        /* what the functions fail with, or MMD_OK */
    uint8_t state;
    bool ended; /* the peer ended the stream */
    bool woken; /* something happened since the last wait */
};

/* Prepares *lwip and makes *port use it; lwip and board are borrowed as long as port is in use. */
void mmd_lwip_init(struct mmd_lwip *lwip, const struct mmd_lwip_board *board,
                   struct mmd_port *port);

/* Runs the stack: frames, then lwIP's timers. wait does this; a program with a loop of its own
 * calls it between steps. Waits for up to timeout_ms if there is nothing to do. */
void mmd_lwip_poll(const struct mmd_lwip_board *board, uint32_t timeout_ms);

#ifdef __cplusplus
}
#endif
#endif
