/* Name lookup that can be abandoned. */
#ifndef MMD_LOOKUP_H
#define MMD_LOOKUP_H

#include "mmdclose/port/linux.h"

/* Looks up numeric addresses at once, and begins to look up anything else: then *fd is the socket
 * on which the result arrives. Returns MMD_OK, MMD_PENDING or an error. */
int mmd_lookup_begin(struct mmd_linux *p, const char *host, uint16_t tcp_port);

/* Takes the result if it is there, and closes the socket. MMD_OK, MMD_PENDING or an error. */
int mmd_lookup_finish(struct mmd_linux *p);

#endif
