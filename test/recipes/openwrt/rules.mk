# SPDX-License-Identifier: MIT
# OpenWrt's part, rules.mk: what a package may use. The command line gives TOPDIR, DL_DIR and the options CONFIG_*.
INCLUDE_DIR   = $(TOPDIR)
BUILD_DIR     = $(TOPDIR)/build
STAGING_DIR   = $(TOPDIR)/staging
BOARD         = ath79
TAR           = tar
INSTALL_BIN   = install -m0755
INSTALL_DIR   = install -d -m0755
INSTALL_DATA  = install -m0644
TARGET_CFLAGS = $(TEST_CFLAGS)
TARGET_CONFIGURE_OPTS = AR="ar" AS="as" LD="ld" NM="nm" CC="gcc" GCC="gcc" RANLIB="ranlib" STRIP="strip" \
    OBJCOPY="objcopy" OBJDUMP="objdump" SIZE="size"
# Some of it is in the environment of the packages' make.
export BOARD BUILD_DIR
