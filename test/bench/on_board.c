/* SPDX-License-Identifier: MIT */
/* The pure work on a board, in place of the firmware's main.c: prints the instructions that each
 * takes. The emulator runs one in a nanosecond, so that 1,000 rounds in microseconds are as many.
 */
#include "board.h"
#include "firmware.h"
#include "works.h"

#define ROUNDS 1000

static uint32_t measure(const char *work)
{
    if (!works_choose(work, 0))
        return 0;
    uint32_t begin = board_us();
    for (int round = 0; round < ROUNDS; round++)
        if (!works_do())
            return 0;
    return board_us() - begin;
}

int main(int argc, char **argv)
{
    static const char *const works[] = {"build-30", "build-1000", "parse-204", "parse-400",
                                        "parse-404"};
    char decimals[12];
    int wrong = 0;

    board_start(argc, argv);
    for (size_t i = 0; i < sizeof works / sizeof *works; i++) {
        uint32_t count = measure(works[i]);
        wrong |= count == 0;
        PRINT(works[i], " ", number(decimals, count));
    }
    return wrong;
}
