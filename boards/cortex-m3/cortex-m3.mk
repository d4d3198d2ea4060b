# SPDX-License-Identifier: MIT
# Firmware for a Cortex-M3: the cross compiler, newlib without its allocator, no start-up code but ours. What the board
# sets before it includes this: mk/firmware.mk.
BOARD_CPU ?= cortex-m3
CROSS_COMPILE ?= arm-none-eabi-
ifeq ($(origin AR),default)
AR := $(CROSS_COMPILE)gcc-ar
endif
BOARD_DEPS     += cortex-m
BOARD_CFLAGS   := -Os -g -flto -flto-partition=one -fno-inline-small-functions -fno-tree-ch \
                  -fno-move-loop-invariants -fno-caller-saves -fno-tree-dominator-opts \
                  -fno-schedule-insns2 -fno-if-conversion
BOARD_CPPFLAGS += -mcpu=$(BOARD_CPU) -mthumb --specs=nano.specs -fno-unwind-tables -fno-asynchronous-unwind-tables
BOARD_OWN_CPPFLAGS += -Iboards/cortex-m3
BOARD_PROGRAM_C += $(wildcard boards/cortex-m3/*.c)
BOARD_LDFLAGS  += -nostartfiles -Wl,--defsym=stack_size=$(STACK_SIZE) -Lboards/cortex-m3 -Tboards/$(BOARD)/link.ld \
                  -Wl,--fatal-warnings
BOARD_EXTENSION := .elf
BOARD_LINK_DEPS := boards/cortex-m3/sections.ld boards/$(BOARD)/link.ld
BOARD_CLANG     := --target=thumbv7m-none-eabi -isystem /usr/lib/arm-none-eabi/include
BOARD_NUMBERS   := STACK_SIZE
include mk/firmware.mk
# The compiler must not see what they are, nor make calls of them to themselves.
$(BUILD)/boards/cortex-m3/string.o: private CFLAGS += -fno-lto -fno-builtin -fno-tree-loop-distribute-patterns
