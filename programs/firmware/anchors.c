/* SPDX-License-Identifier: MIT */
/* The trust anchors in flash: the output of tools/anchors.py, in a section of its own. objcopy can
 * replace it in a finished image. */
#include "board.h"

__asm__(".section .anchors, \"a\"\n"
        ".global board_anchors\n"
        "board_anchors: .incbin \"" ANCHORS_FILE "\"\n"
        ".text\n");
