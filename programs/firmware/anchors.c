/* The trust anchors in flash: what tools/anchors.py made, in a section of its own, so that they can
 * be replaced in a finished image (see README). */
#include "board.h"

__asm__(".section .anchors, \"a\"\n"
        ".global board_anchors\n"
        "board_anchors: .incbin \"" ANCHORS_FILE "\"\n"
        ".text\n");
