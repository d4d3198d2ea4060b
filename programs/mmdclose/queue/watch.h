/* SPDX-License-Identifier: MIT */
/* Flushing again and again, for systems without timers. */
#ifndef MMD_WATCH_H
#define MMD_WATCH_H

#include "mmdclose/closing.h"

/* Runs flush in a process of its own, since a failure or a leak in one must not end or grow this
 * one, and secrets are in memory only while something is sent; when something is added to the drop
 * folder, and once a minute. Returns only if the options cannot be used, or the system refuses what
 * it needs. */
enum mmd_outcome watch(int argc, char **argv, enum mmd_outcome (*flush)(int argc, char **argv));

#endif
