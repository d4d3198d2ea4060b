/* SPDX-License-Identifier: MIT */
/* Running another program: what the user named, never a shell of ours.
 *
 * The program gets a session of its own, the signals' defaults, three pipes as its standard input,
 * output and error output, no other descriptor, and this environment:
 * PATH=/usr/sbin:/usr/bin:/sbin: /bin, LANG=C.UTF-8, and HOME if it is set. What else it needs can
 * be set by running it through /usr/bin/env. It keeps the current folder.
 *
 * It has to end before the deadline. Its output is complete when it has ended, whatever else still
 * holds the pipe. What is then left of its process group is killed. If it failed or was too slow,
 * all of its descendants are: this process adopts those that lose their parent, and finds them in
 * sessions of their own, too. It does not look for them if it had children before, which would look
 * the same, or if there is no /proc. If this process is killed, the program is killed with it. */
#ifndef MMD_RUN_PROGRAM_H
#define MMD_RUN_PROGRAM_H

#include "input.h"

#define PROGRAM_INPUT_MAX 4096 /* what a pipe holds at least */

struct program {
    const char *option; /* that named it, for messages: "--token-command" */
    char *const *argv;  /* ends with NULL; argv[0] is its path, from "/" on */
    const void *input;  /* what it can read; need not be read */
    size_t input_len;   /* at most PROGRAM_INPUT_MAX */
    size_t output_max;  /* bytes; more is an error */
    int error;          /* what its failures are: MMD_ERR_TOKEN, MMD_ERR_SIGN */
    bool quiet;         /* its error output is not shown; its first line is put into the report */
};

/* Runs it. Returns true with what it printed, at least one byte, if its exit status is 0; else
 * false, and fills report: with program->error, or MMD_ERR_SYSTEM or MMD_ERR_MEMORY if it could not
 * be started. In either case the caller wipes and frees what was read.
 *
 * Once it has ended, the first lines of its error output are shown on ours, printable, and with
 * what it printed covered: a script that traces itself prints its secrets there. */
bool run_program(const struct program *program, const struct deadline *deadline, struct data *out,
                 struct report *report);

#endif
