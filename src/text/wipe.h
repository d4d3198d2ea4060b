/* SPDX-License-Identifier: MIT */
/* Wiping secrets. Pure. */
#ifndef MMD_WIPE_H
#define MMD_WIPE_H

#include <stddef.h>

/* Overwrites memory with zeros in a way that no compiler leaves out. */
void mmd_wipe(void *memory, size_t len);

#endif
