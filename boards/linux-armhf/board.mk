# SPDX-License-Identifier: MIT
# 32-bit Arm: Armv7 with floating point, as Debian's armhf.
BOARD_MACHINE  := arm-linux-gnueabihf
BOARD_EMULATOR := qemu-arm
include boards/linux/machine.mk
