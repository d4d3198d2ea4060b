# SPDX-License-Identifier: MIT
# Stellaris LM3S6965: a Cortex-M3 at 50 MHz with 256 KiB of flash and 64 KiB of RAM. TLS13=yes adds TLS 1.3. P384=no
# leaves out the roots with elliptic curves: a chain that leads to one of them is then refused.
TLS13 ?= no
P384  ?= yes
KEY   ?= no
PROXY ?= no
ifeq ($(TLS13),yes)
BUILD_SUFFIX := -tls13
POOL_SIZE    := 32768
STACK_SIZE   := 4352
else
POOL_SIZE    := 27648
STACK_SIZE   := 3584
endif
REQUEST_MAX  := 4096
TOKEN_MAX    := 3072
COMMAND_MAX  := 1024
include boards/cortex-m3/cortex-m3.mk
