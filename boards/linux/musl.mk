# SPDX-License-Identifier: MIT
# Linux with musl, as one static program that needs nothing of the system it runs on, made small. A board for another
# machine sets what boards/linux/machine.mk says, and
#   BOARD_MUSL       Debian's name of it: musl's files for it come into deps, for the compiler that is there for glibc
# With a CROSS_COMPILE of the user's, which knows musl itself, nothing of that is used.
ifeq ($(origin CROSS_COMPILE),undefined)
ifneq ($(BOARD_MUSL),)
BOARD_CPPFLAGS := -specs=deps/musl-$(BOARD_MUSL)/gcc.specs
else ifeq ($(origin CC),default)
CC := musl-gcc
endif
endif
ifeq ($(origin AR),default)
AR = $(CROSS_COMPILE)gcc-ar
endif
SHARED := no
BOARD_RUNNER := $(BOARD_EMULATOR)
include boards/linux/machine.mk
BOARD_CFLAGS   := -Os -g -flto=auto -fno-unwind-tables -fno-asynchronous-unwind-tables
BOARD_CPPFLAGS += -DMBEDTLS_AES_FEWER_TABLES
# Code and constants share pages, and no page is filled up for RELRO, which musl does not apply in a static program: up
# to three pages less, of 64 KiB on some machines.
BOARD_LIBS     := -static -pthread -Wl,-z,noseparate-code,-z,norelro
