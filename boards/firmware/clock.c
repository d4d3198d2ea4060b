/* The calendar clock: what SNTP said last, and the time since. SNTP is not authenticated, so it is
 * believed only from the build's floor on (see src/tls.c); before, certificates are refused. */
#include <lwip/sys.h>

#include "firmware.h"

static int64_t epoch_ms; /* when the board started, since 1970; 0: not known */
static uint32_t last_ms; /* to see sys_now wrap */

void clock_set(uint32_t seconds)
{
    last_ms = sys_now();
    epoch_ms = (int64_t)seconds * 1000 - last_ms;
}

int64_t clock_s(void *context)
{
    uint32_t now = sys_now();

    (void)context;
    if (epoch_ms == 0)
        return MMD_CLOCK_NOT_SET;
    if (now < last_ms)
        epoch_ms += (int64_t)1 << 32;
    last_ms = now;
    return (epoch_ms + now) / 1000;
}
