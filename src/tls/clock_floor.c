/* SPDX-License-Identifier: MIT */
/* The build's date, in a file of its own: a new date compiles nothing else anew. */
#include "clock_floor.h"

#include "mmdclose/port.h"

const int64_t mmd_clock_floor = MMD_CLOCK_FLOOR;
