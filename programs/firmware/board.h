/* SPDX-License-Identifier: MIT */
/* What a board provides for the firmware. None of it is called from an interrupt. */
#ifndef MMD_BOARD_H
#define MMD_BOARD_H

#include <lwip/netif.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern const char board_name[];

/* Clocks, console, tick. Called first. */
void board_start(int argc, char **argv);

void board_write(const char *text, size_t len); /* to the console; blocks until all is written */

/* Microseconds since the start, wrapping at 2^32. For the time in ms see lwIP's sys_now. */
uint32_t board_us(void);

/* Copies the command line, NUL-terminated, and returns whether it fits. It stands for a product's
 * own storage. */
bool board_command_line(char *out, size_t cap);

/* The device's own secret: SEED_LEN bytes, random at first, and storage for their successor. Return
 * false if there is none, or if it cannot be replaced. The firmware itself refuses one byte
 * repeated, as in erased flash. */
#define SEED_LEN 48
bool board_load_seed(uint8_t seed[SEED_LEN]);
bool board_store_seed(const uint8_t seed[SEED_LEN]);

/* The client's credential, and how many bytes its place in the storage has; NULL if there is no
 * such place. What lies there is described in credential.c. It is read where it lies, at any time.
 */
const uint8_t *board_secret(size_t *cap);

/* Trust anchors: DER, one after the other; other bytes may follow the last. */
extern const uint8_t board_anchors[ANCHORS_SIZE];

/* The network interface: lwIP's init function for it (see netif_add), and a function that passes
 * received frames to netif->input; if there are none, it may wait for timeout_ms. */
err_t board_netif_init(struct netif *netif);
void board_poll(struct netif *netif, uint32_t timeout_ms);

/* The stack's deepest use so far, and its size, in bytes. */
size_t board_stack_used(void);
size_t board_stack_size(void);

_Noreturn void board_exit(int status);

#endif
