/* SPDX-License-Identifier: MIT */
/* Connecting to the first of several addresses that accepts (after RFC 8305). */
#ifndef MMD_RACE_H
#define MMD_RACE_H

#include "mmdclose/port/linux.h"

/* Begins with the next address when it is due, and looks at all that were begun. MMD_OK when one
 * has connected, which is p->socket from then on; MMD_PENDING; or MMD_ERR_CONNECT when all have
 * failed. */
int mmd_race_run(struct mmd_linux *p);

/* Fills fds with the sockets that are still connecting, shortens *timeout_ms to when the next
 * address is due, and returns how many fds were filled. */
size_t mmd_race_pollfds(const struct mmd_linux *p, struct pollfd fds[MMD_LINUX_ADDRESSES],
                        uint32_t *timeout_ms);

/* Writes the address that is connected to, else the one that was tried last. */
void mmd_race_address(const struct mmd_linux *p, char out[MMD_ADDRESS_CAP]);

/* Keeps the system's errno as the detail of an error, and returns the error. */
int mmd_linux_fail(struct mmd_linux *p, int error, int system_error);

/* Closes all sockets that are still connecting. */
void mmd_race_end(struct mmd_linux *p);

#endif
