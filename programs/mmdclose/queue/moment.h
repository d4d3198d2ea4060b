/* SPDX-License-Identifier: MIT */
/* Points in time that survive a clock which jumps: of each try its time by the wall clock, the boot
 * it was in, and the time since that boot are stored. */
#ifndef MMD_MOMENT_H
#define MMD_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

#define BOOT_ID_CAP 33 /* 32 hexadecimal digits */

struct moment {
    int64_t wall_s;            /* seconds since 1970 */
    uint64_t uptime_s;         /* seconds since the system's boot, suspended ones included */
    char boot_id[BOOT_ID_CAP]; /* "": not known */
};

/* Now. The boot's id is of the environment variable MMDCLOSE_BOOT_ID, else the kernel's. */
struct moment read_moment(void);

/* Seconds until wait_s seconds have passed since a moment; 0: they have. In the same boot the wall
 * clock does not count. In another one, what has passed since that boot has passed in any case;
 * more has, if the wall clock says so. An uptime that went back is of another boot, whatever the
 * ids say; without ids, both clocks count. */
uint32_t seconds_left(const struct moment *since, uint32_t wait_s, const struct moment *now);

#endif
