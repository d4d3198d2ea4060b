# SPDX-License-Identifier: MIT
# Buildroot's part: what a package of the generic infrastructure may use, and its steps in Buildroot's order. The
# command line gives PKGDIR, OUTPUT, DL_DIR and the options BR2_*.
HOST_DIR     = $(OUTPUT)/host
STAGING_DIR  = $(HOST_DIR)/sysroot
TARGET_DIR   = $(OUTPUT)/target
BUILD_DIR    = $(OUTPUT)/build
INSTALL      = install
TAR          = tar
TAR_OPTIONS  = -xf
INFLATE.gz   = gzip -d -c
INFLATE.bz2  = bzcat
suitable-extractor = $(INFLATE$(suffix $(1)))

TARGET_MAKE_ENV       = PATH="$(PATH)"
TARGET_CONFIGURE_OPTS = PATH="$(PATH)" AR="ar" NM="nm" CC="gcc" STRIP="strip" OBJCOPY="objcopy" \
    CPPFLAGS="-D_LARGEFILE_SOURCE -D_LARGEFILE64_SOURCE -D_FILE_OFFSET_BITS=64" \
    CFLAGS="-D_LARGEFILE_SOURCE -D_LARGEFILE64_SOURCE -D_FILE_OFFSET_BITS=64 $(TEST_CFLAGS)" LDFLAGS="" \
    PKG_CONFIG="$(HOST_DIR)/bin/pkg-config" STAGING_DIR="$(STAGING_DIR)"

define sep


endef

define generic-package
MMDCLOSE_PKGDIR := $(PKGDIR)
MMDCLOSE_DL_DIR := $(DL_DIR)
MMDCLOSE_DIR    := $(BUILD_DIR)/mmdclose-$(MMDCLOSE_VERSION)
MMDCLOSE_SOURCE ?= mmdclose-$(MMDCLOSE_VERSION).tar.gz

.PHONY: all show
all: $$(MMDCLOSE_DIR)/.stamp_target_installed
$$(MMDCLOSE_DIR)/.stamp_extracted:
	mkdir -p $$(@D)
	$$(call suitable-extractor,$$(MMDCLOSE_SOURCE)) $$(MMDCLOSE_DL_DIR)/$$(MMDCLOSE_SOURCE) | \
	    $$(TAR) --strip-components=1 -C $$(@D) $$(TAR_OPTIONS) -
	$$(foreach hook,$$(MMDCLOSE_POST_EXTRACT_HOOKS),$$(call $$(hook))$$(sep))
	touch $$@
$$(MMDCLOSE_DIR)/.stamp_built: $$(MMDCLOSE_DIR)/.stamp_extracted
	+$$(MMDCLOSE_BUILD_CMDS)
	touch $$@
$$(MMDCLOSE_DIR)/.stamp_target_installed: $$(MMDCLOSE_DIR)/.stamp_built
	$$(if $$(filter YES,$$(MMDCLOSE_INSTALL_STAGING)),+$$(MMDCLOSE_INSTALL_STAGING_CMDS))
	+$$(MMDCLOSE_INSTALL_TARGET_CMDS)
	$$(if $$(BR2_INIT_SYSTEMD),$$(MMDCLOSE_INSTALL_INIT_SYSTEMD),$$(MMDCLOSE_INSTALL_INIT_SYSV))
	touch $$@

# For the test to read: one line a variable.
show:
	$$(foreach name,DEPENDENCIES EXTRA_DOWNLOADS LICENSE LICENSE_FILES MAKE_OPTS SITE SOURCE,\
	    $$(info $$(name) $$(MMDCLOSE_$$(name))))
	$$(info USERS$$(sep)$$(MMDCLOSE_USERS))
	$$(info PERMISSIONS$$(sep)$$(MMDCLOSE_PERMISSIONS))
	@:
endef

include $(PKGDIR)/mmdclose.mk
