/* SPDX-License-Identifier: MIT */
/* Adding to the drop folder. */
#include "queue/drop_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mmdclose/guid.h"
#include "mmdclose/port/linux.h"
#include "queue/store.h"

#define TRIES 8

static bool refuse_folder(const char *folder, struct report *report)
{
    int error = errno;

    refuse(report, MMD_ERR_SYSTEM,
           "cannot add to the folder %s (--drop-dir): %s; %s. The closing is not stored.", folder,
           strerror(error),
           error == ENOENT   ? "make it, or run 'mmdclose queue intake' as the user that sends"
           : error == EACCES ? "only its owner and its group may add"
           : error == ENOSPC ? "make space on its file system"
                             : "look at its file system");
    report->result.detail = (struct mmd_detail){MMD_DETAIL_ERRNO, error};
    return false;
}

/* Written, locked, and on the disk; its mode lets the sender read it, whatever the umask. */
static bool write_file(int fd, const char *line, size_t len)
{
    return flock(fd, LOCK_EX | LOCK_NB) == 0 && write_all(fd, line, len) && fchmod(fd, 0644) == 0 &&
           fsync(fd) == 0;
}

/* An intake leaves a new file alone. But while the clock is set it may take it for an old one,
 * before it is locked: then its name is gone (ENOENT), or the lock is taken (EWOULDBLOCK). The
 * file's end is its name, so a failure of the last sync leaves no doubt: it is taken back. */
static bool try_to_add(int dir, const char *line, size_t len)
{
    char guid[MMD_GUID_LEN + 1], hidden[MMD_GUID_LEN + 2];
    uint8_t random[16];

    if (mmd_random(random, sizeof random) != MMD_OK)
        return false;
    mmd_guid(guid, random);
    snprintf(hidden, sizeof hidden, ".%s", guid);
    int fd = openat(dir, hidden, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    bool named = write_file(fd, line, len) && renameat(dir, hidden, dir, guid) == 0;
    bool done = named && syncfs(fd) == 0;
    int error = errno;
    if (!done)
        unlinkat(dir, named ? guid : hidden, 0);
    close(fd);
    errno = error;
    return done;
}

bool drop_line(const char *folder, const char *line, size_t len, struct report *report)
{
    mkdir(folder, 0700); /* for a device where one user does all; otherwise it is there */
    int dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC), tries = 0;
    bool done = false;

    if (dir < 0)
        return refuse_folder(folder, report);
    do
        done = try_to_add(dir, line, len);
    while (!done && (errno == ENOENT || errno == EWOULDBLOCK) && ++tries < TRIES);
    if (!done)
        refuse_folder(folder, report);
    int error = errno;
    close(dir);
    errno = error;
    return done;
}
