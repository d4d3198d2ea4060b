# SPDX-License-Identifier: MIT
# This machine, with musl: one static program.
include boards/linux/musl.mk
