/* What a board gives to the firmware. Nothing of it is called from an interrupt. */
#ifndef MMD_BOARD_H
#define MMD_BOARD_H

#include <lwip/netif.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern const char board_name[];

/* Clocks, console, tick. Called first. */
void board_start(int argc, char **argv);

void board_write(const char *text, size_t len); /* to the console; blocks until it is out */

/* Microseconds since the start, wrapping at 2^32. For the time in ms see lwIP's sys_now. */
uint32_t board_us(void);

/* Copies the command line, NUL-terminated, and returns whether it fits. It stands for a product's
 * own storage: it may be asked for again. */
bool board_command_line(char *out, size_t cap);

/* A secret of the device, which no other has: SEED_LEN bytes that were random once, and a place to
 * put their successor. Return false if there is none, or if it cannot be changed. One byte again
 * and again, as in erased flash, is refused by the firmware itself. */
#define SEED_LEN 48
bool board_load_seed(uint8_t seed[SEED_LEN]);
bool board_store_seed(const uint8_t seed[SEED_LEN]);

/* Trust anchors: DER, one behind the other, and whatever behind the last. */
extern const uint8_t board_anchors[ANCHORS_SIZE];

/* The network interface: lwIP's init function for it (see netif_add), and moving the frames that
 * have come to netif->input; if there are none, it may wait for timeout_ms. */
err_t board_netif_init(struct netif *netif);
void board_poll(struct netif *netif, uint32_t timeout_ms);

/* The deepest that the stack has been, and its size, in bytes. */
size_t board_stack_used(void);
size_t board_stack_size(void);

_Noreturn void board_exit(int status);

#endif
