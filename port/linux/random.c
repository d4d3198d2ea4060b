/* SPDX-License-Identifier: MIT */
/* Random bytes of the system. */
#include <errno.h>
#include <sys/random.h>

#include "mmdclose/port.h"

int mmd_random(void *data, size_t len)
{
    unsigned char *p = data;

    while (len > 0) {
        ssize_t n = getrandom(p, len, GRND_NONBLOCK);
        if (n < 0 && errno != EINTR)
            return MMD_ERR_ENTROPY;
        if (n > 0) {
            p += n;
            len -= (size_t)n;
        }
    }
    return MMD_OK;
}
