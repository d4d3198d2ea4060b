/* SPDX-License-Identifier: MIT */
/* One piece of work, many times over, for bench.py to count its instructions:
 *
 *     bench WORK ROUNDS [SIZE]     works.h has the names
 */
#include <stdlib.h>

#include "works.h"

int main(int argc, char **argv)
{
    if (argc < 3 || !works_choose(argv[1], argc > 3 ? strtoul(argv[3], NULL, 10) : 0))
        return 1;
    for (long rounds = atol(argv[2]); rounds > 0; rounds--)
        if (!works_do())
            return 1;
    return 0;
}
