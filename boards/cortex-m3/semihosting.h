/* SPDX-License-Identifier: MIT */
/* Semihosting: services of the debugger or emulator that runs the board, in place of a product's
 * own storage (Arm's "Semihosting for AArch32 and AArch64"). */
#ifndef MMD_SEMIHOSTING_H
#define MMD_SEMIHOSTING_H

_Noreturn void semihosting_exit(int status);

#endif
