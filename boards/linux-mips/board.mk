# SPDX-License-Identifier: MIT
# 32-bit MIPS, big-endian.
BOARD_MACHINE  := mips-linux-gnu
BOARD_EMULATOR := qemu-mips
include boards/linux/machine.mk
