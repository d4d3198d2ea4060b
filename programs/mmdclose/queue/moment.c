/* SPDX-License-Identifier: MIT */
/* Points in time that survive a clock which jumps. */
#include "queue/moment.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "charclass.h"

#define BOOT_ID_FILE "/proc/sys/kernel/random/boot_id"

/* Without the dashes: systemd's %b has none. */
static void keep_boot_id(char out[BOOT_ID_CAP], const char *text)
{
    size_t len = 0;

    for (; mmd_hex_digit(*text) >= 0 || *text == '-'; text++)
        if (*text != '-' && len < BOOT_ID_CAP - 1)
            out[len++] = *text;
    out[len] = '\0';
}

static void read_boot_id(char out[BOOT_ID_CAP])
{
    const char *given = getenv("MMDCLOSE_BOOT_ID");
    char text[64] = "";

    if (given == NULL) {
        int fd = open(BOOT_ID_FILE, O_RDONLY | O_CLOEXEC);
        if (fd >= 0 && read(fd, text, sizeof text - 1) <= 0)
            text[0] = '\0';
        if (fd >= 0)
            close(fd);
    }
    keep_boot_id(out, given != NULL ? given : text);
}

struct moment read_moment(void)
{
    struct moment now = {.wall_s = time(NULL)};
    struct timespec up = {0, 0};

    clock_gettime(CLOCK_BOOTTIME, &up);
    now.uptime_s = (uint64_t)up.tv_sec;
    read_boot_id(now.boot_id);
    return now;
}

uint32_t seconds_left(const struct moment *since, uint32_t wait_s, const struct moment *now)
{
    bool may_be_same =
        strcmp(since->boot_id, now->boot_id) == 0 && now->uptime_s >= since->uptime_s;
    bool is_same = may_be_same && now->boot_id[0] != '\0';
    uint64_t passed = may_be_same ? now->uptime_s - since->uptime_s : now->uptime_s;

    if (!is_same && now->wall_s > since->wall_s && (uint64_t)(now->wall_s - since->wall_s) > passed)
        passed = (uint64_t)(now->wall_s - since->wall_s);
    return passed < wait_s ? wait_s - (uint32_t)passed : 0;
}
