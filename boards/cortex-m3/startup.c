/* From reset to main on a Cortex-M3, and what happens when all is lost. The stack lies at the
 * bottom of RAM: one that grows too large ends in a fault, not in somebody's data. */
#include <string.h>

#include "board.h"
#include "firmware.h"
#include "semihosting.h"
#include "tick.h"

extern uint32_t stack_begin[], stack_end[]; /* of the linker script */
extern char data_begin[], data_end[], data_source[], bss_begin[], bss_end[];

#define PAINT 0x5AA55AA5u

int main(int argc, char **argv);
_Noreturn void reset(void); /* the linker script names it */

_Noreturn void reset(void)
{
    uint32_t *here = __builtin_frame_address(0);

    for (uint32_t *p = stack_begin; p < here - 16; p++)
        *p = PAINT;
    memcpy(data_begin, data_source, (size_t)(data_end - data_begin));
    memset(bss_begin, 0, (size_t)(bss_end - bss_begin));
    board_exit(main(0, NULL));
}

size_t board_stack_used(void)
{
    const uint32_t *p = stack_begin;

    while (p < stack_end && *p == PAINT)
        p++;
    return (size_t)((const char *)stack_end - (const char *)p);
}

size_t board_stack_size(void)
{
    return (size_t)((const char *)stack_end - (const char *)stack_begin);
}

_Noreturn void board_exit(int status)
{
    semihosting_exit(status);
}

/* Any exception but the tick: there is nothing to go on with. The stack may be the reason, so it is
 * begun anew. */
_Noreturn static void fault(void)
{
    static const char text[] = "mmdclose: the processor took a fault; this is a defect.\n";

    __asm__ volatile("msr msp, %0" : : "r"(stack_end) : "memory");
    board_write(text, sizeof text - 1);
    semihosting_exit(MMD_OUTCOME_INTERNAL);
}

__attribute__((section(".vectors"), used)) static const struct {
    void *stack;
    void (*handlers[15])(void);
} vectors = {stack_end,
             {reset, fault, fault, fault, fault, fault, NULL, NULL, NULL, NULL, fault, fault, NULL,
              fault, tick}};
