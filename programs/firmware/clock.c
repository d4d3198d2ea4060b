/* The calendar clock: what SNTP said last, and the time since. SNTP is not authenticated, so
 * network.c takes only what can be right, from the build's floor on. */
#include <lwip/sys.h>

#include "firmware.h"

static uint32_t known_s;  /* what the calendar said, since 1970, to 2106; 0: not known */
static uint32_t known_ms; /* and sys_now then */

void clock_set(uint32_t seconds)
{
    known_s = seconds;
    known_ms = sys_now();
}

int64_t clock_s(void *context)
{
    uint32_t passed_s = (sys_now() - known_ms) / 1000;

    (void)context;
    if (known_s == 0)
        return MMD_CLOCK_NOT_SET;
    known_s += passed_s; /* in steps, so that sys_now may wrap */
    known_ms += passed_s * 1000;
    return known_s;
}
