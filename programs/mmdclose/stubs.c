/* SPDX-License-Identifier: MIT */
/* Commands that are still to come. */
#include <stdio.h>

#include "command.h"

static enum mmd_outcome missing(void)
{
    fputs("mmdclose: this command is not there yet.\n", stderr);
    return MMD_OUTCOME_INTERNAL;
}

#define STUB(name)                                                                                 \
    enum mmd_outcome command_##name(int argc, char **argv)                                         \
    {                                                                                              \
        (void)argc;                                                                                \
        (void)argv;                                                                                \
        return missing();                                                                          \
    }
STUB(config)
