/* SPDX-License-Identifier: MIT */
/* What the programs of this folder that run on Linux share: how they report, wait, and count what a
 * port holds. */
#ifndef TEST_PORT_HOSTED_H
#define TEST_PORT_HOSTED_H

#include <dirent.h>
#include <stdio.h>
#include <time.h>

#include "verdict.h"

static inline void print_verdict(void *context, enum conformance_verdict verdict, const char *words,
                                 const char *proof)
{
    (void)context;
    printf("%s%s: %s\n", verdict_text(verdict), words, proof);
    fflush(stdout);
}

static inline void nap(void *context)
{
    (void)context;
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

/* Our look at them included. */
static inline size_t open_descriptors(void *context)
{
    DIR *folder = opendir("/proc/self/fd");
    size_t count = 0;

    (void)context;
    while (folder != NULL && readdir(folder) != NULL)
        count++;
    if (folder != NULL)
        closedir(folder);
    return count;
}

#endif
