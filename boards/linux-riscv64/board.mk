# SPDX-License-Identifier: MIT
# 64-bit RISC-V with floating point and compressed instructions.
BOARD_MACHINE  := riscv64-linux-gnu
BOARD_EMULATOR := qemu-riscv64
include boards/linux/machine.mk
