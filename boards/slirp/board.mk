# SPDX-License-Identifier: MIT
# The firmware as a program of this machine, on a user-mode network (libslirp).
TLS13       ?= yes
P384        ?= yes
KEY         ?= yes
PROXY       ?= yes
POOL_SIZE   := 98304
REQUEST_MAX := 4096
TOKEN_MAX   := 3072
COMMAND_MAX := 1024
BOARD_CPPFLAGS := -D_GNU_SOURCE
BOARD_SYSTEM_INCLUDE := /usr/include/slirp
BOARD_LIBS  := -lslirp
CHECK_DIR    = $(BUILD)-check
CHECK_FLAGS  = CFLAGS='$(SANITIZE)'
include mk/firmware.mk
