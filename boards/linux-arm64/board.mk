# SPDX-License-Identifier: MIT
# 64-bit Arm.
BOARD_MACHINE  := aarch64-linux-gnu
BOARD_EMULATOR := qemu-aarch64
include boards/linux/machine.mk
