# SPDX-License-Identifier: MIT
# 32-bit MIPS, little-endian: many routers.
BOARD_MACHINE  := mipsel-linux-gnu
BOARD_EMULATOR := qemu-mipsel
include boards/linux/machine.mk
