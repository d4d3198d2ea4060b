/* SPDX-License-Identifier: MIT */
/* Opening the configuration file. config_lines.c reads its lines; which of its options count is
 * decided in read_options.c. */
#include "config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input.h"

/* It names the hosts that get secrets, and programs to run. */
static bool check_file(int fd, const char *file, struct report *report)
{
    struct stat status;

    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        return refuse(report, MMD_ERR_INPUT, "the configuration %s is not a regular file.", file);
    if (status.st_uid != 0 && status.st_uid != geteuid())
        return refuse(
            report, MMD_ERR_INPUT,
            "the configuration %s belongs to another user, who could name other hosts and "
            "programs in it; check what is in it, then chown root %s.",
            file, file);
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return refuse(report, MMD_ERR_INPUT,
                      "others may write the configuration %s, and name other hosts and programs in "
                      "it; check what is in it, then chmod go-w %s.",
                      file, file);
    return true;
}

static bool cannot_read(const char *file, struct report *report)
{
    return refuse(report, MMD_ERR_INPUT,
                  "cannot read the configuration %s: %s; check the path, and that it can be read "
                  "(chmod a+r: no secret belongs in it).",
                  file, strerror(errno));
}

static bool read_open(int fd, struct options *out, struct report *report)
{
    size_t len = 0;
    ssize_t n = 1;

    out->file_text = malloc(CONFIG_MAX + 2); /* a NUL, and one byte that is too much */
    if (out->file_text == NULL)
        return refuse_no_memory(report);
    for (; n != 0 && len <= CONFIG_MAX; len += n > 0 ? (size_t)n : 0) {
        n = read(fd, out->file_text + len, CONFIG_MAX + 1 - len);
        if (n < 0 && errno != EINTR)
            return cannot_read(out->file, report);
    }
    if (len > CONFIG_MAX)
        return refuse(report, MMD_ERR_INPUT, "the configuration %s has more than %d bytes.",
                      out->file, CONFIG_MAX);
    out->file_text[len] = '\0';
    return parse_config(out, out->file_text, len, report);
}

bool read_config_file(struct options *out, const char *path, bool required, struct report *report)
{
    const char *file = shown_path(path, "--config");
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0)
        return (errno == ENOENT && !required) || cannot_read(file, report);
    out->file = file;
    bool done = check_file(fd, file, report) && read_open(fd, out, report);
    close(fd);
    return done;
}
