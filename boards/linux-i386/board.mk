# SPDX-License-Identifier: MIT
# 32-bit x86, from the i686 on.
BOARD_MACHINE  := i686-linux-gnu
BOARD_EMULATOR := qemu-i386
# Its waitid(2) finds no child, and a program that is run never seems to end; without QEMU the test passes.
BOARD_NOT      := test_token_command
include boards/linux/machine.mk
