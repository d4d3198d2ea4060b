# SPDX-License-Identifier: MIT
# The board: what boards/$(BOARD)/board.mk may set. All of it is optional but BOARD_PORT_C.
#
# What is built:
#   BOARD_PORT_C           sources of its port; they become part of the library
#   BOARD_EXPORTS          names of its port that a program reaches; those of src/exports are known
#   BOARD_PROGRAM_C        sources of its program; without them only the library is built
#   BOARD_EXTENSION        of the program's file name (.elf)
#   BUILD_SUFFIX           of the build's folder, for variants
# How:
#   CC AR                  the compiler and archiver, if the user names none (ask $(origin CC))
#   BOARD_CFLAGS           the default of CFLAGS (-O2 -g)
#   BOARD_CONFIG           the folder of mbedtls_config.h, if it is another board's
#   BOARD_CPPFLAGS         for all code, Mbed TLS and lwIP included, and when a program is linked
#   BOARD_OWN_CPPFLAGS     for our own code only
#   BOARD_SYSTEM_INCLUDE   folders of other headers
#   BOARD_LDFLAGS          for the linker, before the objects
#   BOARD_WRAPS            for the linker, also of the library's one object
#   SHARED                 yes: a shared library, too
#   BOARD_LIBS             for the linker, after them; make install writes these into mmdclose.pc
#   BOARD_LINK_DEPS        further files that the program depends on (linker scripts)
#   BOARD_CLANG            flags that clang needs to read the code as this board's
# What make demo, check and size do:
#   BOARD_DEMO             the command that make demo runs
#   BOARD_CHECK BOARD_SIZE the targets that make check and make size build
#   BOARD_DEPS             groups of tools/deps.sh that the board needs
#
# A board with the firmware includes mk/firmware.mk, which sets most of these and documents its own.
KNOWN_BOARDS := $(patsubst boards/%/board.mk,%,$(wildcard boards/*/board.mk))
$(if $(filter $(BOARD),$(KNOWN_BOARDS)),,$(error there is no board $(BOARD); there are: $(KNOWN_BOARDS)))
override ONLY := $(strip $(ONLY))
$(if $(ONLY:close=),$(error ONLY is close, or not given, not '$(ONLY)'))
$(if $(and $(ONLY),$(filter check demo soak interop bench% memcheck coverage,$(MAKECMDGOALS))),\
    $(error $(MAKECMDGOALS): give no ONLY; what it builds is tried by test_only_close))
$(if $(and $(ONLY),$(filter-out linux%,$(BOARD))),$(error ONLY is for the command, which $(BOARD) does not have))

ifeq ($(SYSTEM_MBEDTLS),no)
override SYSTEM_MBEDTLS :=
endif
# A distribution's Mbed TLS, in place of one that becomes part of the library.
ifneq ($(SYSTEM_MBEDTLS),)
BUILD_SUFFIX  := $(BUILD_SUFFIX)-system
SYSTEM_PC     := $(shell pkg-config --exists mbedtls mbedx509 mbedcrypto && echo mbedtls mbedx509 mbedcrypto)
SYSTEM_CFLAGS := $(if $(SYSTEM_PC),$(shell pkg-config --cflags $(SYSTEM_PC)))
SYSTEM_LIBS   := $(or $(if $(SYSTEM_PC),$(shell pkg-config --libs $(SYSTEM_PC))),-lmbedtls -lmbedx509 -lmbedcrypto)
endif

# Mbed TLS's sources; tools/deps.sh fetches them if they are missing.
MBEDTLS := $(or $(MBEDTLS_DIR),deps/mbedtls)
JSMN    := $(or $(JSMN_DIR),/usr/include)
CMOCKA  := deps/cmocka
# It would guess uintptr_t, which is there.
CMOCKA_FLAGS := -isystem $(CMOCKA)/include -D_UINTPTR_T_DEFINED

BOARD_DEMO  = python3 test/demo.py $(PROGRAM) && python3 test/kiosk.py $(PROGRAM)
BOARD_CHECK = check-linux
BOARD_SIZE  = size-linux
include boards/$(BOARD)/board.mk

# What a board does not choose.
ifneq ($(CROSS_COMPILE),)
ifeq ($(origin CC),default)
CC := $(CROSS_COMPILE)gcc
endif
ifeq ($(origin AR),default)
AR := $(CROSS_COMPILE)ar
endif
endif
# Of a compiler that is named aarch64-linux-gnu-gcc, so are the others.
TOOLS := $(or $(CROSS_COMPILE),$(foreach prefix,$(patsubst %gcc,%,$(filter %-gcc,$(firstword $(CC)))),\
             $(if $(shell command -v $(prefix)objcopy),$(prefix))))
STRIP   ?= $(TOOLS)strip
NM      ?= $(TOOLS)nm
OBJCOPY ?= $(TOOLS)objcopy

# This project's own folder may have any name, since it is called ".".
$(foreach name,BUILD MBEDTLS_DIR LWIP_DIR JSMN_DIR,$(if $(word 2,$($(name))),\
    $(error $(name) is '$($(name))', but make takes no path with a space; give it a link without one)))
