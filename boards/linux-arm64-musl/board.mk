# SPDX-License-Identifier: MIT
# As linux-arm64, with musl: one static program.
BOARD_MACHINE  := aarch64-linux-gnu
BOARD_EMULATOR := qemu-aarch64
BOARD_MUSL     := arm64
include boards/linux/musl.mk
