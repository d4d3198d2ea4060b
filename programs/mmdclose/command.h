/* SPDX-License-Identifier: MIT */
/* The table of commands. */
#ifndef MMD_COMMAND_H
#define MMD_COMMAND_H

#include "mmdclose/closing.h"

struct command {
    const char *name;                               /* one word, or two */
    unsigned bit;                                   /* in the commands of struct option */
    enum mmd_outcome (*run)(int argc, char **argv); /* argv[0]: the command's name */
    const char *help;                               /* one line */
};

/* Ends with a name of NULL. */
extern const struct command commands[];

enum mmd_outcome command_close(int argc, char **argv);
enum mmd_outcome command_token(int argc, char **argv);
enum mmd_outcome command_trust(int argc, char **argv);
enum mmd_outcome command_add(int argc, char **argv);
enum mmd_outcome command_intake(int argc, char **argv);
enum mmd_outcome command_flush(int argc, char **argv);
enum mmd_outcome command_list(int argc, char **argv);
enum mmd_outcome command_retry(int argc, char **argv);
enum mmd_outcome command_drop(int argc, char **argv);
enum mmd_outcome command_check(int argc, char **argv);
enum mmd_outcome command_doctor(int argc, char **argv);
enum mmd_outcome command_config(int argc, char **argv);

/* Prints, from the tables, what one command can do; of NULL, which commands there are. */
enum mmd_outcome print_help(const struct command *command);

#endif
