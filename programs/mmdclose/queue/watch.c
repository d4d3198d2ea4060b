/* SPDX-License-Identifier: MIT */
/* Flushing again and again. */
#include "queue/watch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "options.h"

#define PERIOD_MS 60000

static int open_watch(const char *drop_dir)
{
    int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

    mkdir(drop_dir, 0700); /* as an intake does: one that is not there cannot be watched */
    /* without it, the period has to do */
    if (fd >= 0)
        inotify_add_watch(fd, drop_dir, IN_MOVED_TO);
    return fd;
}

static void wait_for_more(int fd)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    char events[4096];

    if (poll(&poll_fd, 1, PERIOD_MS) > 0)
        while (read(fd, events, sizeof events) > 0)
            continue;
}

/* It ends with this process. */
static int run_child(int argc, char **argv, enum mmd_outcome (*flush)(int argc, char **argv))
{
    pid_t parent = getpid(), child = fork();
    int status;

    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        _exit(getppid() == parent ? (int)flush(argc, argv) : 0);
    }
    if (child < 0)
        return -1;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : MMD_OUTCOME_INTERNAL;
}

enum mmd_outcome watch(int argc, char **argv, enum mmd_outcome (*flush)(int argc, char **argv))
{
    struct report report = {.tenant = "", .request = "", .client_request_id = "", .host = ""};
    struct options options;

    if (!read_options(&options, FOR_FLUSH, argc, argv, &report) ||
        !check_flush_options(&options, &report)) {
        enum mmd_outcome outcome = print_report(&report, options.json);
        end_options(&options);
        return outcome;
    }
    int fd = open_watch(options.drop_dir);
    end_options(&options);
    while (run_child(argc, argv, flush) >= 0)
        wait_for_more(fd);
    fprintf(stderr, "mmdclose: cannot start a process: %s.\n", strerror(errno));
    return MMD_OUTCOME_INTERNAL;
}
