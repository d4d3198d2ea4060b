/* SPDX-License-Identifier: MIT */
/* The mmdclose command: prepares the process, then runs what the first word names. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "command.h"
#include "mmdclose/version.h"
#include "options.h"

const struct command commands[] = {
    {"close", FOR_CLOSE, command_close, "close an elevation request"},
    {"token", FOR_TOKEN, command_token, "get an access token, to see whether that works"},
    {"trust", FOR_TRUST, command_trust, "list the trust anchors and when they expire"},
    {NULL, 0, NULL, NULL},
};

/* The token will be in memory: keep it out of core dumps and away from other processes. */
static void harden(void)
{
    const struct rlimit none = {0, 0};

    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/* A closed standard descriptor would be given to the next file or socket that is opened, and what
 * is meant for people would go there. */
static void occupy_standard_descriptors(void)
{
    int fd;

    while ((fd = open("/dev/null", O_RDONLY)) >= 0 && fd <= STDERR_FILENO)
        continue; /* writing still fails there */
    if (fd >= 0)
        close(fd);
}

/* Switches may stand before the command: puts it first. */
static void move_command_first(int argc, char **argv)
{
    int at = 1;

    while (at < argc && strncmp(argv[at], "--", 2) == 0)
        at++;
    if (at == argc)
        return;
    char *command = argv[at];
    memmove(argv + 2, argv + 1, (size_t)(at - 1) * sizeof *argv);
    argv[1] = command;
}

static enum mmd_outcome run(int argc, char **argv)
{
    move_command_first(argc, argv);
    const char *name = argc > 1 ? argv[1] : "";
    for (const struct command *c = commands; c->name != NULL; c++)
        if (strcmp(name, c->name) == 0)
            return asks_for(FIELD(help), c->bit, argc - 1, argv + 1) ? print_help()
                                                                     : c->run(argc - 1, argv + 1);
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0)
        return print_help();
    if (strcmp(name, "--version") == 0) {
        puts("mmdclose " MMD_VERSION);
        return end_output();
    }
    fprintf(stderr, "mmdclose: %s; see 'mmdclose --help'.\n",
            argc > 1 ? "there is no such command" : "no command was given");
    return MMD_OUTCOME_USAGE;
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN); /* a reader that has gone is an error to report, no reason to die */
    occupy_standard_descriptors();
    harden();
    return (int)run(argc, argv);
}
