/* SPDX-License-Identifier: MIT */
/* How the programs of this folder print a verdict. */
#ifndef TEST_PORT_VERDICT_H
#define TEST_PORT_VERDICT_H

#include "conformance.h"

static inline const char *verdict_text(enum conformance_verdict verdict)
{
    static const char *const texts[] = {[CONFORMANCE_TRYING] = "trying       ",
                                        [CONFORMANCE_HOLDS] = "holds        ",
                                        [CONFORMANCE_BROKEN] = "BROKEN       ",
                                        [CONFORMANCE_NOT_CHECKED] = "not checked  "};

    return texts[verdict];
}

#endif
