# SPDX-License-Identifier: MIT
# mmdclose: build, test, install. `make help` lists the commands; each page of mk/ says what it is for.
#
#   BOARD=linux            what to build for: a folder of boards/ (mk/board.mk says what such a folder sets)
#   CC AR CPPFLAGS CFLAGS LDFLAGS      as usual; CFLAGS replaces -O2 -g; what -I names is searched last
#   CROSS_COMPILE=PREFIX SYSROOT=DIR   another machine's compiler, aarch64-linux-gnu-, and its headers and libraries
#   MBEDTLS_DIR=DIR        another checkout of Mbed TLS 3.6 (3.6.7 or later)
#   SYSTEM_MBEDTLS=1       the system's Mbed TLS 3.6, as pkg-config finds it; see docs/porting.md for what that costs
#   JSMN_DIR=DIR           the folder of jsmn.h, if that is not /usr/include
#   TRUST=FILE             certificates (PEM) that become part of the program, in place of a system's bundle
#   ONLY=close             a smaller program that closes, with a token that is in a file, and does nothing else
#   QRCODE=yes             show the address of a login as a QR code, too; needs libqrencode
#   DEPS=no                install and fetch nothing
#   WERROR=yes             a warning is an error
#   V=1                    show each command
BOARD ?= linux
BUILD ?= build/$(BOARD)$(BUILD_SUFFIX)
DEPS  ?= yes

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
# The library's version stands there only. Before 1.0, each minor version may change what a program was compiled with.
VERSION := $(shell sed -n 's/^.define MMD_VERSION *"\(.*\)"/\1/p' include/mmdclose/version.h)
ABI     := $(basename $(VERSION))

Q    = $(if $(V),,@)
SHOW = @$(if $(V),:,printf '  %-6s %s\n')

.PHONY: all lib demo service size bench help clean FORCE

include mk/board.mk
include mk/flags.mk
include mk/deps.mk
include mk/library.mk
include mk/programs.mk
include mk/test.mk
include mk/lint.mk
include mk/install.mk
include mk/recipes.mk
include mk/deb.mk
include mk/dist.mk

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1	\2/p' $(MAKEFILE_LIST) | sort | \
	    awk -F '\t' '{ printf "  make %-14s %s\n", $$1, $$2 }'

clean: ## remove what was built (deps/ stays)
	rm -rf build
