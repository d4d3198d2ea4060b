/* SPDX-License-Identifier: MIT */
/* The queue's folder. */
#include "queue/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "queue/record.h"

static const char *const folder_names[FOLDER_COUNT] = {"tmp", "due", "failed", "waits"};

static bool fail(struct store *store, const char *what, const char *folder, const char *name)
{
    refuse(store->report, MMD_ERR_SYSTEM, "the queue in %s: cannot %s %s%s%s: %s.", store->path,
           what, folder, name[0] != '\0' ? "/" : "", name, strerror(errno));
    store->report->result.detail = (struct mmd_detail){MMD_DETAIL_ERRNO, errno};
    return false;
}

static bool fail_file(struct store *store, const char *what, enum folder folder, const char *name)
{
    return fail(store, what, folder_names[folder], name);
}

/* ---- opening ---- */

/* What root makes belongs to the folder's owner, who could not open it otherwise. A file with
 * another name, too, was not made here: the owner may have linked one of root's. */
static bool give_to_owner(const struct store *store, int fd)
{
    struct stat status;

    return geteuid() != 0 ||
           (fstat(fd, &status) == 0 && (S_ISDIR(status.st_mode) || status.st_nlink == 1) &&
            fchown(fd, store->owner.st_uid, store->owner.st_gid) == 0);
}

/* A folder that is made has to outlive a power cut as what is put into it does. Of one that cannot
 * be made, errno says why. */
static int open_folder(struct store *store, const char *name, bool make, bool *made)
{
    *made = make && mkdirat(store->fd, name, 0700) == 0;
    int error = make && !*made ? errno : ENOENT;
    int fd = openat(store->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (*made && fd >= 0)
        give_to_owner(store, fd);
    if (fd < 0 && errno == ENOENT)
        errno = error;
    return fd;
}

static bool open_folders(struct store *store, bool make)
{
    bool made, any_made = false;

    for (int i = 0; i < FOLDER_COUNT; i++) {
        store->folders[i] = open_folder(store, folder_names[i], make, &made);
        if (store->folders[i] < 0 && (make || errno != ENOENT))
            return fail(store, make ? "make or open the folder" : "open the folder",
                        folder_names[i], "");
        any_made = any_made || made;
    }
    return !any_made || fsync(store->fd) == 0 || fail(store, "sync", "the folder", "");
}

/* What is said of a folder that is not there, and of any other. */
static bool refuse_folder(const char *path, bool make, int make_error, struct report *report)
{
    int error = errno;
    const char *slash = strrchr(path, '/');
    bool cannot_make = make && make_error != EEXIST && error != EACCES;

    if (error != ENOENT && !cannot_make)
        return refuse(report, MMD_ERR_INPUT,
                      "cannot open the queue's folder %s (--state-dir): %s; %s.", path,
                      strerror(error),
                      error == EACCES ? "it belongs to the user that sends, with mode 0700: run "
                                        "this as that user, or as root"
                                      : "check --state-dir");
    if (!make)
        return refuse(report, MMD_ERR_INPUT,
                      "there is no queue in %s (--state-dir): the first 'mmdclose queue flush' "
                      "makes it. If there should be one, check --state-dir.",
                      path);
    return refuse(report, MMD_ERR_INPUT,
                  "cannot make the queue's folder %s (--state-dir) in %.*s: %s; make it as root, "
                  "for the user that sends: 'install -d -o USER -m 0700 %s'.",
                  path,
                  slash == NULL   ? 1
                  : slash == path ? 1
                                  : (int)(slash - path),
                  slash == NULL ? "." : path, strerror(make_error), path);
}

bool store_open(struct store *store, const char *path, bool make, struct report *report)
{
    int make_error = 0;

    *store = (struct store){.path = path, .lock_fd = -1, .flush_fd = -1, .report = report};
    for (int i = 0; i < FOLDER_COUNT; i++)
        store->folders[i] = -1;
    if (make && mkdir(path, 0700) != 0)
        make_error = errno;
    store->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (store->fd < 0 || fstat(store->fd, &store->owner) != 0)
        return refuse_folder(path, make, make_error, report);
    return open_folders(store, make);
}

static void close_if_open(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void store_close(struct store *store)
{
    for (int i = 0; i < FOLDER_COUNT; i++)
        close_if_open(&store->folders[i]);
    close_if_open(&store->lock_fd);
    close_if_open(&store->flush_fd);
    close_if_open(&store->fd);
}

/* ---- locks ---- */

static int open_lock(struct store *store, const char *name)
{
    int fd = openat(store->fd, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd >= 0)
        give_to_owner(store, fd);
    return fd;
}

static bool remove_leftover(void *context, const char *name)
{
    const struct store *store = context;

    unlinkat(store->folders[FOLDER_TMP], name, 0);
    return true;
}

bool store_lock(struct store *store)
{
    int result;

    store->lock_fd = open_lock(store, "lock");
    if (store->lock_fd < 0)
        return fail(store, "open", "lock", "");
    do
        result = flock(store->lock_fd, LOCK_EX);
    while (result != 0 && errno == EINTR);
    if (result != 0)
        return fail(store, "lock", "lock", "");
    return store_each(store, FOLDER_TMP, remove_leftover, store);
}

void store_unlock(struct store *store)
{
    close_if_open(&store->lock_fd);
}

bool store_lock_flush(struct store *store, bool *taken)
{
    store->flush_fd = open_lock(store, "flush.lock");
    if (store->flush_fd < 0)
        return fail(store, "open", "flush.lock", "");
    *taken = flock(store->flush_fd, LOCK_EX | LOCK_NB) == 0;
    return *taken || errno == EWOULDBLOCK || fail(store, "lock", "flush.lock", "");
}

/* ---- changes ---- */

bool write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n == 0)
            errno = ENOSPC;
        if (n == 0 || (n < 0 && errno != EINTR))
            return false;
        bytes += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* As a file of tmp/ that is on the disk. */
static bool write_temporary(struct store *store, const char *name, const char *bytes, size_t len)
{
    int fd = openat(store->folders[FOLDER_TMP], name,
                    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0)
        return fail_file(store, "write", FOLDER_TMP, name);
    bool done = give_to_owner(store, fd) && write_all(fd, bytes, len) && fsync(fd) == 0;
    int error = errno;
    close(fd);
    if (done)
        return true;
    unlinkat(store->folders[FOLDER_TMP], name, 0);
    errno = error;
    return fail_file(store, "write", FOLDER_TMP, name);
}

static bool sync_folder(struct store *store, enum folder folder)
{
    return fsync(store->folders[folder]) == 0 || fail_file(store, "sync", folder, "");
}

bool store_move(struct store *store, enum folder from, enum folder to, const char *name)
{
    if (renameat(store->folders[from], name, store->folders[to], name) != 0)
        return fail_file(store, "move", from, name);
    /* the new place first: after a power cut the file may have both names, but not none */
    return sync_folder(store, to) && (from == FOLDER_TMP || sync_folder(store, from));
}

bool store_write(struct store *store, enum folder folder, const char *name, const char *bytes,
                 size_t len)
{
    return write_temporary(store, name, bytes, len) && store_move(store, FOLDER_TMP, folder, name);
}

bool store_remove(struct store *store, enum folder folder, const char *name)
{
    if (unlinkat(store->folders[folder], name, 0) != 0 && errno != ENOENT)
        return fail_file(store, "remove", folder, name);
    return sync_folder(store, folder);
}

/* A file that is gone when it is closed; not every file system makes one without a name. */
static int open_nameless(int folder)
{
    static const char name[] = ".check";
    int fd = openat(folder, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT))
        return fd;
    unlinkat(folder, name, 0); /* whatever somebody has put there */
    fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    unlinkat(folder, name, 0);
    return fd;
}

/* Of what root could write, some is not for the owner. And the little that is left must not be
 * taken from a flush, not for a moment. */
static bool has_space(int fd)
{
    struct statvfs space;

    if (fstatvfs(fd, &space) != 0 || space.f_blocks == 0 || /* it is not known */
        (uint64_t)space.f_bavail * space.f_frsize >= RECORD_MAX)
        return true;
    errno = ENOSPC;
    return false;
}

bool store_may_write(struct store *store)
{
    const char zeros[4096] = {0};
    bool has_folder = store->folders[FOLDER_TMP] >= 0; /* else the first flush makes it */
    int fd = open_nameless(has_folder ? store->folders[FOLDER_TMP] : store->fd);
    bool done = fd >= 0 && has_space(fd);

    for (size_t len = 0; done && len < RECORD_MAX; len += sizeof zeros)
        done = write_all(fd, zeros, sizeof zeros);
    int error = errno;
    close_if_open(&fd);
    errno = error;
    return done || fail_file(store, "write a file to", FOLDER_TMP, "");
}

/* ---- reading ---- */

bool store_has(const struct store *store, enum folder folder, const char *name)
{
    struct stat status;

    return fstatat(store->folders[folder], name, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A folder, a link or a socket, which somebody has put there, a file that is another user's, or one
 * on a bad sector: none of them must keep the others from being sent. */
static bool is_of_no_file(int error)
{
    return error == EISDIR || error == ELOOP || error == ENXIO || error == EACCES || error == EIO;
}

static bool give_nothing(struct store *store, struct data *out)
{
    out->bytes = calloc(1, 1);
    return out->bytes != NULL || refuse_no_memory(store->report);
}

bool store_read(struct store *store, enum folder folder, const char *name, struct data *out)
{
    int fd = openat(store->folders[folder], name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    ssize_t n = 1;

    *out = (struct data){NULL, 0};
    if (fd < 0 && is_of_no_file(errno))
        return give_nothing(store, out);
    if (fd < 0)
        return store->folders[folder] < 0 || errno == ENOENT ||
               fail_file(store, "read", folder, name);
    out->bytes = calloc(1, RECORD_MAX + 2);
    while (out->bytes != NULL && out->len <= RECORD_MAX &&
           ((n = read(fd, out->bytes + out->len, RECORD_MAX + 1 - out->len)) > 0 ||
            (n < 0 && errno == EINTR)))
        out->len += n > 0 ? (size_t)n : 0;
    int error = errno;
    close(fd);
    if (out->bytes == NULL)
        return refuse_no_memory(store->report);
    errno = error;
    return n >= 0 || is_of_no_file(error) || fail_file(store, "read", folder, name);
}

bool store_each(struct store *store, enum folder folder,
                bool (*each)(void *context, const char *name), void *context)
{
    const struct dirent *entry = NULL;
    bool go_on = true;

    if (store->folders[folder] < 0) /* not made yet: empty */
        return true;
    int fd = openat(store->folders[folder], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (dir == NULL) {
        fail_file(store, "read the folder", folder, "");
        close_if_open(&fd);
        return false;
    }
    while (go_on && (errno = 0, entry = readdir(dir)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            go_on = each(context, entry->d_name);
    if (go_on && errno != 0)
        go_on = fail_file(store, "read the folder", folder, "");
    closedir(dir);
    return go_on;
}
