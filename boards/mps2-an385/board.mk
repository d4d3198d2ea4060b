# SPDX-License-Identifier: MIT
# Arm MPS2 with the AN385 image: a Cortex-M3 at 25 MHz with 4 MB of memory each for code and data.
TLS13       ?= yes
P384        ?= yes
KEY         ?= no
PROXY       ?= yes
POOL_SIZE   := 65536
STACK_SIZE  := 8192
REQUEST_MAX := 16384
TOKEN_MAX   := 12288
COMMAND_MAX := 4096
include boards/cortex-m3/cortex-m3.mk
