/* SPDX-License-Identifier: MIT */
/* From reset to main on a Cortex-M3, and the fault handler. The stack lies at the bottom of RAM: an
 * overflow ends in a fault, not in other data. */
#include <string.h>

#include "board.h"
#include "firmware.h"
#include "semihosting.h"
#include "tick.h"

extern uint32_t stack_begin[], stack_end[]; /* of the linker script */
extern const uint8_t secret_begin[];
extern char secret_size[], stack_size[], data_begin[], data_source[], data_size[], bss_begin[],
    bss_size[];

#define PAINT 0x5AA55AA5u

int main(int argc, char **argv);
_Noreturn void reset(void); /* the linker script names it */
_Noreturn void lost(void);  /* fault names it */

_Noreturn void reset(void)
{
    uint32_t *here = __builtin_frame_address(0);

    for (uint32_t *p = stack_begin; p < here - 16; p++)
        *p = PAINT;
    memcpy(data_begin, data_source, (size_t)data_size);
    memset(bss_begin, 0, (size_t)bss_size);
    board_exit(main(0, NULL));
}

size_t board_stack_size(void)
{
    return (size_t)stack_size;
}

size_t board_stack_used(void)
{
    size_t words = board_stack_size() / sizeof *stack_begin, painted = 0;

    while (painted < words && stack_begin[painted] == PAINT)
        painted++;
    return (words - painted) * sizeof *stack_begin;
}

const uint8_t *board_secret(size_t *cap)
{
    *cap = (size_t)secret_size;
    return secret_begin;
}

_Noreturn void board_exit(int status)
{
    semihosting_exit(status);
}

/* Any exception but the tick is the end. The stack may be the cause: it starts again from its top.
 */
__attribute__((naked)) static void fault(void)
{
    __asm__ volatile("movw r0, #:lower16:stack_end\n"
                     "movt r0, #:upper16:stack_end\n"
                     "msr msp, r0\n"
                     "b lost\n");
}

__attribute__((used)) _Noreturn void lost(void)
{
    static const char text[] = "mmdclose: a fault; is the stack too small?\n";

    board_write(text, sizeof text - 1);
    semihosting_exit(MMD_OUTCOME_INTERNAL);
}

__attribute__((section(".vectors"), used)) static const struct {
    void *stack;
    void (*handlers[15])(void);
} vectors = {stack_end,
             {reset, fault, fault, fault, fault, fault, NULL, NULL, NULL, NULL, fault, fault, NULL,
              fault, tick}};
