# Linux and its like, with a C library: native, or cross with CC and AR set.
BOARD_CPPFLAGS  := -D_GNU_SOURCE
BOARD_PORT_C    := $(wildcard port/posix/*.c port/pool/*.c)
BOARD_PROGRAM_C := $(wildcard boards/linux/*.c)
BOARD_LIBS      := -pthread
