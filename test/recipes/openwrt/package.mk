# SPDX-License-Identifier: MIT
# OpenWrt's part, package.mk: the steps of a package in OpenWrt's order, and its files in a folder, from which OpenWrt
# would make the package.
PKG_BUILD_DIR   ?= $(BUILD_DIR)/$(PKG_NAME)-$(PKG_VERSION)
PKG_INSTALL_DIR ?= $(PKG_BUILD_DIR)/ipkg-install
TAR_OPTIONS     := -xf -

all: $(TOPDIR)/package
define Download
$(eval $(Download/$(1)))
downloads += $(URL)/$(FILE)=$(HASH)
$(TOPDIR)/.prepared: $(DL_DIR)/$(FILE)
endef
define Build/Prepare/Default
	gzip -dc $(DL_DIR)/$(PKG_SOURCE) | $(TAR) -C $(PKG_BUILD_DIR)/.. $(TAR_OPTIONS)
endef
MAKE_VARS  = CFLAGS="$(TARGET_CFLAGS)" CXXFLAGS="$(TARGET_CFLAGS)" LDFLAGS=""
MAKE_FLAGS = $(TARGET_CONFIGURE_OPTS) CROSS="" ARCH="mips"
MAKE_PATH  = .
define Build/Compile/Default
	+$(MAKE_VARS) \
	$(MAKE) -C $(PKG_BUILD_DIR)/$(MAKE_PATH) \
		$(MAKE_FLAGS) \
		$(1);
endef
define Build/Install/Default
	$(MAKE_VARS) \
	$(MAKE) -C $(PKG_BUILD_DIR)/$(MAKE_PATH) \
		$(MAKE_FLAGS) DESTDIR="$(PKG_INSTALL_DIR)" \
		$(if $(1), $(1), install);
endef
Build/Prepare = $(call Build/Prepare/Default,)
Build/Compile = $(call Build/Compile/Default,)
Build/Install = $(if $(PKG_INSTALL),$(call Build/Install/Default,))

define BuildPackage
$(eval $(Package/$(1)))
$(TOPDIR)/.prepared:
	rm -rf $(PKG_BUILD_DIR)
	mkdir -p $(PKG_BUILD_DIR)
	$$(Build/Prepare)
	touch $$@
$(TOPDIR)/.built: $(TOPDIR)/.prepared
	$$(Build/Compile)
	$$(Build/Install)
	touch $$@
$(TOPDIR)/package: $(TOPDIR)/.built
	$$(call Package/$(1)/install,$$@)
.PHONY: show
show:
	$$(foreach name,SECTION CATEGORY TITLE DEPENDS USERID downloads MAKE_FLAGS,$$(info $$(name) $$($$(name))))
	@:
endef
