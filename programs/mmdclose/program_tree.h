/* SPDX-License-Identifier: MIT */
/* A program that runs, and its descendants: what it ended with, and how all of them are ended. */
#ifndef MMD_PROGRAM_TREE_H
#define MMD_PROGRAM_TREE_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct program_tree {
    pid_t pid; /* of the program, which leads its own process group */
    /* Once it has ended. */
    int status;    /* of its exit, */
    int killed_by; /* or the signal; else 0 */

    bool is_only_child;        /* this process had no children before */
    int was_reaper;            /* what it did with orphans, */
    struct sigaction on_child; /* and when a child ended */
};

/* Before the program is started. From here on orphans are adopted. */
void tree_begin(struct program_tree *tree);

/* Whether the program has ended. Does not wait. */
bool tree_has_ended(struct program_tree *tree);

/* Kills what is left of its process group; unless all went well, also its descendants in other
 * groups. Waits for their end, which takes no longer than a second. Undoes tree_begin. Nothing is
 * killed if pid is not above 0. */
void tree_end(struct program_tree *tree, bool in_order);

#endif
