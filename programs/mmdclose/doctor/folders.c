/* SPDX-License-Identifier: MIT */
/* The folders of the queue: who owns them and may use them, and whether what is in them lasts. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "doctor.h"

#define FEW_BYTES  (16u * 1024 * 1024) /* a full queue of usual closings */
#define NO_BYTES   (1024u * 1024)      /* one long closing */
#define FEW_INODES 2048
#define NO_INODES  16

#define DROP_MODE 01730u

/* Kinds of file systems, as linux/magic.h has them, which not every C library comes with. */
#define TMPFS   0x01021994u
#define RAMFS   0x858458F6u
#define OVERLAY 0x794C7630u

struct folder {
    const char *name, *disk_name; /* of its checks */
    const char *option, *path;
    bool is_default;           /* its place was not given */
    bool is_drop;              /* what is added lies in it */
    const struct folder *like; /* has to have the same owner; NULL: any */
    struct stat status;
    bool is_there;
};

/* What is wrong with a folder, as a clause, and what to do about it. */
struct defect {
    const char *what, *advice; /* what NULL: nothing */
};

/* ---- owner and mode ---- */

/* As the first flush makes a drop folder: right where one user does all. */
static bool is_closed(const struct folder *f)
{
    return (f->status.st_mode & 0777) == S_IRWXU;
}

static struct defect find_drop_defect(const struct folder *f)
{
    unsigned mode = f->status.st_mode & 07777;

    if (is_closed(f))
        return (struct defect){NULL, ""};
    if ((mode & S_IRWXO) != 0)
        return (struct defect){"any user may use it", "Set its mode to 1730."};
    if ((mode & S_ISVTX) == 0)
        return (struct defect){"users may remove what others added (it is not sticky)",
                               "Set its mode to 1730."};
    if (mode != DROP_MODE)
        return (struct defect){"the group that may add has to write to it, and no more",
                               "Set its mode to 1730."};
    return (struct defect){NULL, ""};
}

static struct defect find_state_defect(const struct folder *f)
{
    if ((f->status.st_mode & 077) != 0)
        return (struct defect){"other users may use it", "Set its mode to 0700."};
    return (struct defect){NULL, ""};
}

static struct defect find_runtime_defect(const struct folder *f)
{
    if ((f->status.st_mode & 022) != 0)
        return (struct defect){"other users may write to it", "Set its mode to 0700."};
    return (struct defect){NULL, ""};
}

/* Root may do everything, so to root it only matters that all belong to the same user. */
static struct defect find_owner_defect(const struct folder *f)
{
    uid_t user = geteuid();

    if (user != 0 && f->status.st_uid != user)
        return (struct defect){"it belongs to another user than this one",
                               "Run the doctor as the queue's user, or as root; else change the "
                               "folder's owner."};
    if (f->like != NULL && f->like->is_there && f->status.st_uid != f->like->status.st_uid)
        return (struct defect){"it belongs to another user than the folder of --state-dir",
                               "Give all folders to the queue's user."};
    if (faccessat(AT_FDCWD, f->path, W_OK | X_OK, AT_EACCESS) != 0 && errno != EROFS)
        return (struct defect){"it cannot be written to", "Let its owner write to it."};
    return (struct defect){NULL, ""};
}

/* A default place may be unused. */
static void say_absent(struct doctor *d, const struct folder *f)
{
    int error = errno;

    if (error == ENOENT && f->is_default)
        say(d,
            (struct check){f->name, CHECK_NOT_CHECKED, "Only the queue needs it.",
                           MMD_OUTCOME_CLOSED},
            "there is no '%s'.", f->path);
    else
        say(d,
            (struct check){f->name, CHECK_FAILED, "Make the folder, or check the path.",
                           MMD_OUTCOME_USAGE},
            "'%s' of %s cannot be used: %s.", f->path, f->option, strerror(error));
}

static void check_folder(struct doctor *d, struct folder *f,
                         struct defect (*find_defect)(const struct folder *f))
{
    f->is_there = stat(f->path, &f->status) == 0;
    if (f->is_there && !S_ISDIR(f->status.st_mode)) {
        f->is_there = false;
        errno = ENOTDIR;
    }
    if (!f->is_there) {
        say_absent(d, f);
        return;
    }
    struct defect defect = find_defect(f);
    if (defect.what == NULL)
        defect = find_owner_defect(f);
    bool is_good = defect.what == NULL;
    if (is_good && f->is_drop && is_closed(f))
        defect = (struct defect){"only its own user can add", "Where others add, set it to 1730."};
    say(d,
        (struct check){f->name, is_good ? CHECK_OK : CHECK_FAILED, defect.advice,
                       MMD_OUTCOME_USAGE},
        "'%s' has the mode %04o, and is of uid %lu%s%s.", f->path,
        (unsigned)f->status.st_mode & 07777, (unsigned long)f->status.st_uid,
        defect.what == NULL ? "" : ": ", defect.what == NULL ? "" : defect.what);
}

/* ---- what it lies on ---- */

static uint32_t kind_of(const struct statfs *fs)
{
    return (uint32_t)fs->f_type;
}

static bool is_memory(const struct statfs *fs)
{
    return kind_of(fs) == TMPFS || kind_of(fs) == RAMFS;
}

static const char *find_space_defect(const struct statvfs *space, bool *is_full)
{
    uint64_t bytes = (uint64_t)space->f_bavail * space->f_frsize;
    bool counts_inodes = space->f_files > 0;

    *is_full = bytes < NO_BYTES || (counts_inodes && space->f_favail < NO_INODES);
    if (bytes < FEW_BYTES)
        return "has hardly any space left";
    return counts_inodes && space->f_favail < FEW_INODES ? "has hardly any inodes left" : NULL;
}

/* A disk of which something worse was said is not called right. */
static void say_space(struct doctor *d, const struct folder *f, const struct statvfs *space,
                      bool only_defects)
{
    struct check check = {f->disk_name, CHECK_OK, "", MMD_OUTCOME_INTERNAL};
    bool is_full;
    const char *what = find_space_defect(space, &is_full);

    if (what == NULL && only_defects)
        return;
    if (what != NULL) {
        check.state = is_full ? CHECK_FAILED : CHECK_WARNING;
        check.advice = "Make room on it.";
    }
    say(d, check, "what '%s' is on %s (%" PRIu64 " KiB and %" PRIu64 " inodes are free).", f->path,
        what != NULL ? what : "has space", (uint64_t)space->f_bavail * space->f_frsize / 1024,
        (uint64_t)space->f_favail);
}

/* An overlay lasts where its upper layer does, which cannot be seen from here. */
static void check_disk(struct doctor *d, const struct folder *f)
{
    struct statfs fs;
    struct statvfs space;
    struct check lost = {f->disk_name, CHECK_FAILED, "Put it on a disk, or on flash.",
                         MMD_OUTCOME_USAGE};

    if (!f->is_there)
        return;
    if (statfs(f->path, &fs) != 0 || statvfs(f->path, &space) != 0) {
        say(d,
            (struct check){f->disk_name, CHECK_FAILED, "Check what is mounted there.",
                           MMD_OUTCOME_INTERNAL},
            "what '%s' is on cannot be looked at: %s.", f->path, strerror(errno));
    } else if (is_memory(&fs)) {
        say(d, lost, "'%s' is in memory (tmpfs or ramfs): a power cut loses the queue.", f->path);
        say_space(d, f, &space, true);
    } else if ((space.f_flag & ST_RDONLY) != 0) {
        lost.advice = "Mount it for writing; if it cannot be, check the disk.";
        lost.outcome = MMD_OUTCOME_INTERNAL;
        say(d, lost, "what '%s' is on is mounted read-only.", f->path);
    } else if (kind_of(&fs) == OVERLAY) {
        lost.state = CHECK_WARNING;
        lost.advice = "Put it on a disk or a volume, unless the overlay's upper layer is on one.";
        say(d, lost,
            "'%s' is on an overlay, as in containers and live systems: if its upper layer does not "
            "last, the queue is lost with it.",
            f->path);
        say_space(d, f, &space, true);
    } else {
        say_space(d, f, &space, false);
    }
}

/* Where a token is kept between runs has to forget it. */
static void check_runtime_memory(struct doctor *d, const struct folder *f)
{
    struct statfs fs;

    if (!f->is_there || (statfs(f->path, &fs) == 0 && is_memory(&fs)))
        return;
    say(d,
        (struct check){f->disk_name, CHECK_WARNING, "Use a folder of a tmpfs, such as in /run.",
                       MMD_OUTCOME_CLOSED},
        "'%s' is not in memory (tmpfs or ramfs): no token is kept in it between runs.", f->path);
}

static struct folder folder(const char *name, const char *disk_name, const char *option,
                            const char *path, const char *usual)
{
    return (struct folder){.name = name,
                           .disk_name = disk_name,
                           .option = option,
                           .path = path,
                           .is_default = strcmp(path, usual) == 0};
}

void check_folders(struct doctor *d)
{
    const struct options *o = &d->job->options;
    struct folder state =
        folder("state_folder", "state_disk", "--state-dir", o->state_dir, DEFAULT_STATE_DIR);
    struct folder drop =
        folder("drop_folder", "drop_disk", "--drop-dir", o->drop_dir, DEFAULT_DROP_DIR);
    struct folder runtime = folder("runtime_folder", "runtime_memory", "--runtime-dir",
                                   o->runtime_dir, DEFAULT_RUNTIME_DIR);

    drop.like = runtime.like = &state;
    drop.is_drop = true;
    check_folder(d, &state, find_state_defect);
    check_disk(d, &state);
    check_folder(d, &drop, find_drop_defect);
    check_disk(d, &drop);
    check_folder(d, &runtime, find_runtime_defect);
    check_runtime_memory(d, &runtime);
}
