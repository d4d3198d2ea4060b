/* SPDX-License-Identifier: MIT */
/* The table of commands. */
#ifndef MMD_COMMAND_H
#define MMD_COMMAND_H

#include "mmdclose/closing.h"

struct command {
    const char *name;
    unsigned bit;                                   /* in the commands of struct option */
    enum mmd_outcome (*run)(int argc, char **argv); /* argv[0]: the command's name */
    const char *help;                               /* one line */
};

/* Ends with a name of NULL. */
extern const struct command commands[];

enum mmd_outcome command_close(int argc, char **argv);
enum mmd_outcome command_token(int argc, char **argv);
enum mmd_outcome command_trust(int argc, char **argv);

/* Prints what the command can do, from the tables. */
enum mmd_outcome print_help(void);

#endif
