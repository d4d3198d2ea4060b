################################################################################
#
# mmdclose
#
################################################################################

MMDCLOSE_VERSION = 0.2.0
MMDCLOSE_SITE = https://mmdclose.invalid
MMDCLOSE_LICENSE = MIT
MMDCLOSE_LICENSE_FILES = LICENSE
MMDCLOSE_DEPENDENCIES = jsmn

# What its Makefile would otherwise take from the environment is named, too.
MMDCLOSE_MAKE_OPTS = \
	$(TARGET_CONFIGURE_OPTS) \
	BOARD=linux \
	DEPS=no \
	JSMN_DIR=$(STAGING_DIR)/usr/include \
	PREFIX=/usr \
	SYSTEMD=$(if $(BR2_INIT_SYSTEMD),yes,no)

ifeq ($(BR2_PACKAGE_MMDCLOSE_LIBRARY),y)
MMDCLOSE_INSTALL_STAGING = YES
MMDCLOSE_MAKE_OPTS += SHARED=$(if $(BR2_STATIC_LIBS),no,yes)
else
MMDCLOSE_MAKE_OPTS += SHARED=no
endif

ifeq ($(BR2_PACKAGE_MMDCLOSE_SYSTEM_MBEDTLS),y)
MMDCLOSE_DEPENDENCIES += host-pkgconf mbedtls
MMDCLOSE_MAKE_OPTS += SYSTEM_MBEDTLS=1
else
MMDCLOSE_MBEDTLS = mbedtls-3.6.7
MMDCLOSE_MBEDTLS_SITE = https://github.com/Mbed-TLS/mbedtls/releases/download/$(MMDCLOSE_MBEDTLS)
MMDCLOSE_EXTRA_DOWNLOADS = $(MMDCLOSE_MBEDTLS_SITE)/$(MMDCLOSE_MBEDTLS).tar.bz2
MMDCLOSE_LICENSE += , Apache-2.0 (Mbed TLS)
MMDCLOSE_LICENSE_FILES += deps/mbedtls/LICENSE

define MMDCLOSE_EXTRACT_MBEDTLS
	mkdir -p $(@D)/deps/mbedtls
	$(call suitable-extractor,$(MMDCLOSE_MBEDTLS).tar.bz2) $(MMDCLOSE_DL_DIR)/$(MMDCLOSE_MBEDTLS).tar.bz2 | \
		$(TAR) --strip-components=1 -C $(@D)/deps/mbedtls $(TAR_OPTIONS) -
endef
MMDCLOSE_POST_EXTRACT_HOOKS += MMDCLOSE_EXTRACT_MBEDTLS
endif

define MMDCLOSE_BUILD_CMDS
	$(TARGET_MAKE_ENV) $(MAKE) $(MMDCLOSE_MAKE_OPTS) -C $(@D)
endef

define MMDCLOSE_INSTALL_STAGING_CMDS
	$(TARGET_MAKE_ENV) $(MAKE) $(MMDCLOSE_MAKE_OPTS) DESTDIR=$(STAGING_DIR) -C $(@D) install
endef

define MMDCLOSE_INSTALL_TARGET_CMDS
	$(TARGET_MAKE_ENV) $(MAKE) $(MMDCLOSE_MAKE_OPTS) DESTDIR=$(TARGET_DIR) -C $(@D) install
	$(INSTALL) -D -m 0644 $(@D)/examples/mmdclose.conf $(TARGET_DIR)/etc/mmdclose.conf
endef

# Without systemd, /var/spool is in memory, and so would be what is added.
define MMDCLOSE_INSTALL_INIT_SYSV
	$(INSTALL) -D -m 0755 $(MMDCLOSE_PKGDIR)/S99mmdclose $(TARGET_DIR)/etc/init.d/S99mmdclose
	printf '\ndrop-dir = /var/lib/mmdclose-add\n' >>$(TARGET_DIR)/etc/mmdclose.conf
endef

define MMDCLOSE_USERS
	mmdclose -1 mmdclose -1 * /var/lib/mmdclose - - mmdclose queue
	- -1 mmdclose-add -1 - - - - May add to the mmdclose queue
endef

# With systemd, its tmpfiles make the folders.
ifneq ($(BR2_INIT_SYSTEMD),y)
define MMDCLOSE_PERMISSIONS
	/var/lib/mmdclose d 0700 mmdclose mmdclose - - - - -
	/var/lib/mmdclose-add d 1730 mmdclose mmdclose-add - - - - -
endef
endif

$(eval $(generic-package))
