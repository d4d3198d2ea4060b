# The board: what boards/$(BOARD)/board.mk may set. All of it is optional but BOARD_PORT_C.
#
#   BOARD_PORT_C           sources of its port; they become part of the library
#   BOARD_PROGRAM_C        sources of its program; without them only the library is built
#   BOARD_EXTENSION        of the program's file name (.elf)
#   BOARD_CFLAGS           the default of CFLAGS (-O2 -g)
#   BOARD_CPPFLAGS         for all code, Mbed TLS and lwIP included
#   BOARD_OWN_CPPFLAGS     for our own code only
#   BOARD_LDFLAGS          when a program is linked;  BOARD_LIBS  behind all objects
#   BOARD_LINK_DEPS        files that a program is linked anew for (linker scripts)
#   BOARD_MBEDTLS_C        more sources of Mbed TLS, relative to its folder;  BOARD_MBEDTLS_INCLUDE  their headers
#   BOARD_SYSTEM_INCLUDE   folders of other headers
#   BOARD_CLANG            flags that clang needs to read the code as this board's
#   BOARD_DEPS             groups of tools/deps.sh that the board needs
#   BOARD_DEMO BOARD_CHECK BOARD_SIZE   what make demo runs; the targets of make check and make size
#   BUILD_SUFFIX           of the build's folder, for variants
#
# Firmware has more of them: mk/firmware.mk, and boards/cortex-m3/cortex-m3.mk.
KNOWN_BOARDS := $(patsubst boards/%/board.mk,%,$(wildcard boards/*/board.mk))
$(if $(filter $(BOARD),$(KNOWN_BOARDS)),,$(error there is no board $(BOARD); there are: $(KNOWN_BOARDS)))

# Where the sources of others are; tools/deps.sh brings what is not there.
MBEDTLS := $(or $(MBEDTLS_DIR),deps/mbedtls)

BOARD_DEMO  = python3 test/demo.py $(PROGRAM)
BOARD_CHECK = check-linux
BOARD_SIZE  = size-linux
include boards/$(BOARD)/board.mk
