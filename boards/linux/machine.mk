# SPDX-License-Identifier: MIT
# Linux on another machine. Its board.mk sets, before it includes this:
#   BOARD_MACHINE    as the names of its compiler and of its C library's folder begin
#   BOARD_EMULATOR   QEMU's program that runs a process of it: the tests and the demo do
#   BOARD_NOT        tests that fail there by a fault of the emulator
CROSS_COMPILE ?= $(BOARD_MACHINE:%=%-)
BOARD_CONFIG  := boards/linux
BOARD_DEPS    += $(BOARD)
BOARD_RUNNER  ?= $(if $(BOARD_EMULATOR),$(BOARD_EMULATOR) -L $(or $(SYSROOT),/usr/$(BOARD_MACHINE)))
include boards/linux/board.mk
BOARD_DEMO     = python3 test/demo.py $(BOARD_RUNNER) $(PROGRAM) && python3 test/kiosk.py $(BOARD_RUNNER) $(PROGRAM)
BOARD_CHECK    = check-machine
BOARD_SYSTEM_INCLUDE += $(CMOCKA)/include
