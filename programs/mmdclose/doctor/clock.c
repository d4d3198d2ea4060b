/* SPDX-License-Identifier: MIT */
/* The clock: against the build's date, and whether something keeps it right. */
#include <sys/timex.h>

#include "doctor.h"

#define ADVICE "Set it, and keep it set: by NTP, or a clock with a battery."

enum sync { SYNCHRONISED, NOT_SYNCHRONISED, SYNC_NOT_KNOWN };

/* As the kernel has been told, by an NTP client that steers it; some do not. */
static enum sync read_sync(void)
{
    struct timex state = {.modes = 0};
    int result = adjtimex(&state);

    if (result < 0)
        return SYNC_NOT_KNOWN; /* a sandbox may forbid it */
    return result == TIME_ERROR || (state.status & STA_UNSYNC) != 0 ? NOT_SYNCHRONISED
                                                                    : SYNCHRONISED;
}

void check_clock(struct doctor *d)
{
    char now[TIME_CAP], floor[TIME_CAP];
    enum sync sync = read_sync();

    put_time(now, d->now);
    put_time(floor, mmd_clock_floor);
    if (d->now < mmd_clock_floor)
        say(d, (struct check){"clock", CHECK_FAILED, ADVICE, MMD_OUTCOME_CLOCK_NOT_SET},
            "it is not set: it says %s, which is before this program was made (%s).", now, floor);
    else if (sync == NOT_SYNCHRONISED)
        say(d,
            (struct check){"clock", CHECK_WARNING,
                           "Check the NTP client, unless another one keeps the clock right.",
                           MMD_OUTCOME_CLOSED},
            "it says %s, but the kernel does not know it as synchronised.", now);
    else
        say(d, (struct check){"clock", CHECK_OK, "", MMD_OUTCOME_CLOSED}, "it says %s%s.", now,
            sync == SYNCHRONISED ? ", and is synchronised"
                                 : "; whether it is synchronised cannot be read");
}
