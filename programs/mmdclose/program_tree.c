/* SPDX-License-Identifier: MIT */
/* Ending a program with all of its descendants.
 *
 * A killed process leaves orphans. As a "subreaper" this process becomes their parent, so that in
 * the end every descendant is a child of it: those are killed until there are none. A child's
 * number is not used again before it was waited for, so no other process can be hit. */
#include "program_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUND_MS 5
#define ROUNDS   200

static bool has_children(void)
{
    siginfo_t info;

    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD;
}

/* Where SIGCHLD is ignored, which is inherited, a child leaves no exit status. */
void tree_begin(struct program_tree *tree)
{
    const struct sigaction by_default = {.sa_handler = SIG_DFL};

    *tree = (struct program_tree){.is_only_child = !has_children()};
    sigaction(SIGCHLD, &by_default, &tree->on_child);
    prctl(PR_GET_CHILD_SUBREAPER, &tree->was_reaper, 0, 0, 0);
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

/* It is left to be waited for: until then its group's number cannot become another's. */
bool tree_has_ended(struct program_tree *tree)
{
    siginfo_t info = {.si_pid = 0};

    if (waitid(P_PID, (id_t)tree->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0)
        return false;
    *(info.si_code == CLD_EXITED ? &tree->status : &tree->killed_by) = info.si_status;
    return true;
}

/* The parent's number, the second field after the name, which may have any characters in it. */
static pid_t parent_of(const char *number)
{
    char path[64], text[512];
    pid_t parent = -1;

    snprintf(path, sizeof path, "/proc/%.20s/stat", number);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    if (fd >= 0)
        close(fd);
    if (n <= 0)
        return -1;
    text[n] = '\0';
    const char *after_name = strrchr(text, ')');
    if (after_name != NULL && strlen(after_name) > 4)
        parent = (pid_t)strtol(after_name + 4, NULL, 10);
    return parent;
}

static void kill_children(void)
{
    DIR *folder = opendir("/proc");
    struct dirent *entry;

    if (folder == NULL)
        return;
    while ((entry = readdir(folder)) != NULL) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (pid > 1 && parent_of(entry->d_name) == getpid())
            kill(pid, SIGKILL);
    }
    closedir(folder);
}

/* Waits for those that have ended; pid as in waitpid. False: none is left. */
static bool some_are_left(pid_t pid)
{
    pid_t ended;

    do
        ended = waitpid(pid, NULL, WNOHANG);
    while (ended > 0 || (ended < 0 && errno == EINTR));
    return ended == 0;
}

/* Of the program, and of those of its group that were adopted. */
static bool group_is_left(pid_t pid)
{
    bool program = some_are_left(pid), group = some_are_left(-pid);

    return program || group;
}

/* Not without end: a process may hang in the kernel. */
static void kill_all(const struct program_tree *tree, bool in_order)
{
    bool orphans = !in_order && tree->is_only_child;

    kill(tree->pid, SIGKILL); /* it may have no group of its own yet */
    kill(-tree->pid, SIGKILL);
    for (int i = 0; i < ROUNDS; i++) {
        if (!(orphans ? some_are_left(-1) : group_is_left(tree->pid)))
            break;
        if (orphans)
            kill_children();
        poll(NULL, 0, ROUND_MS);
    }
}

void tree_end(struct program_tree *tree, bool in_order)
{
    if (tree->pid > 0)
        kill_all(tree, in_order);
    prctl(PR_SET_CHILD_SUBREAPER, (unsigned long)tree->was_reaper, 0, 0, 0);
    sigaction(SIGCHLD, &tree->on_child, NULL);
}
