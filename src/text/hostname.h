/* SPDX-License-Identifier: MIT */
/* The names of hosts. Pure. */
#ifndef MMD_HOSTNAME_H
#define MMD_HOSTNAME_H

#include <stdbool.h>

#include "mmdclose/rule.h"

/* Whether s is a host's name that can be sent as SNI (RFC 6066, 3): 1-253 of letters, digits,
 * "-._", the last label neither empty nor a number, so that it is not an address. If not, sets
 * *fault. */
bool mmd_check_hostname(const char *s, struct mmd_fault *fault);

#endif
