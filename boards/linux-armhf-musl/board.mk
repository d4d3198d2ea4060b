# SPDX-License-Identifier: MIT
# As linux-armhf, with musl: one static program.
BOARD_MACHINE  := arm-linux-gnueabihf
BOARD_EMULATOR := qemu-arm
BOARD_MUSL     := armhf
include boards/linux/musl.mk
