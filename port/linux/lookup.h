/* SPDX-License-Identifier: MIT */
/* Name lookup that can be given up. */
#ifndef MMD_LOOKUP_H
#define MMD_LOOKUP_H

#include "mmdclose/port/linux.h"

/* Looks up a numeric address at once, and begins to look up anything else: then p->lookup is the
 * socket on which the result arrives. Returns MMD_OK, MMD_PENDING or an error. */
int mmd_lookup_begin(struct mmd_linux *p, const char *host, uint16_t tcp_port);

/* Takes the result if it is there, and ends the lookup. MMD_OK, MMD_PENDING or an error. */
int mmd_lookup_finish(struct mmd_linux *p);

/* Closes the socket, if there is one. A resolver that still runs ends by itself. */
void mmd_lookup_end(struct mmd_linux *p);

#endif
