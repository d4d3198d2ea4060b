# SPDX-License-Identifier: MIT
# The library: its sources, their objects, an archive and a shared library. The one place where sources are listed.
# Sorted, since make's own order, and thereby the order in what is linked, is the locale's.
LIB_C     := $(sort $(wildcard src/*.c src/*/*.c) $(BOARD_PORT_C))
ifeq ($(SYSTEM_MBEDTLS),)
# X25519 in verified C by Project Everest, which comes with Mbed TLS.
EVEREST   := $(addprefix $(MBEDTLS)/3rdparty/everest/library/,everest.c x25519.c Hacl_Curve25519_joined.c)
MBEDTLS_C := $(sort $(wildcard $(MBEDTLS)/library/*.c)) $(EVEREST)
endif
LIB_O     := $(LIB_C:%.c=$(BUILD)/%.o)
MBEDTLS_O := $(MBEDTLS_C:$(MBEDTLS)/%.c=$(BUILD)/mbedtls/%.o)
LWIP_O    := $(LWIP_C:$(LWIP)/%.c=$(BUILD)/lwip/%.o)
# What our own programs and tests link: they reach private functions. The others are for users.
PARTS     := $(BUILD)/parts.a
LIB       := $(BUILD)/libmmdclose.a
SHARED_LIB := $(if $(filter yes,$(SHARED)),$(BUILD)/libmmdclose.so.$(VERSION))
SONAME    := $(SHARED_LIB:%.$(VERSION)=%.$(ABI))
LIBS      := $(if $(ONLY),,$(LIB) $(SHARED_LIB))
GENERATED := $(BUILD)/include/clock_floor.h $(BUILD)/jsmn/jsmn.h

lib: $(LIBS) ## build the library
$(PARTS): $(LIB_O) $(MBEDTLS_O) $(BUILD)/sources
$(PARTS) $(LIB):
	$(SHOW) AR $@
	@rm -f $@
	$(Q)$(AR) rcsD $@ $(filter %.o,$^)

# One object with all of it, in which every name that is not public begins with mmd_private_: a program may have another
# Mbed TLS beside it. (Made local instead, names could not be called any more by MIPS's position-independent code.)
MERGED := $(BUILD)/mmdclose.o
$(LIB): $(MERGED)
$(MERGED): $(LIB_O) $(MBEDTLS_O) $(BUILD)/sources src/exports mk/library.mk
	$(SHOW) LINK $@
	$(Q)$(CC) $(TARGET) $(MAPS) $(filter-out -fsanitize=%,$(CFLAGS)) $(BOARD_CPPFLAGS) $(BOARD_WRAPS) -r -nostdlib \
	    $(if $(findstring -flto,$(CFLAGS)),-flinker-output=nolto-rel) -o $@ $(filter %.o,$^)
	$(Q)LC_ALL=C $(NM) -g --defined-only $@ | sed 's/.* //' | grep -vxF -f src/exports $(BOARD_EXPORTS:%=-e %) | \
	    sed 's/.*/& mmd_private_&/' >$(BUILD)/private-names
	$(Q)$(OBJCOPY) --redefine-syms=$(BUILD)/private-names $@

$(SHARED_LIB): private LINK_FLAGS = -shared -Wl,-soname,$(notdir $(SONAME)) -Wl,--version-script=$(BUILD)/exports.map \
    -Wl,--gc-sections -Wl,-z,defs
$(SHARED_LIB): $(MERGED) $(BUILD)/exports.map
	$(link)
	@ln -sf $(@F) $(SONAME)
$(BUILD)/exports.map: src/exports mk/library.mk
	$(Q){ echo 'MMDCLOSE_$(ABI) { global:'; sed 's/$$/;/' $<; echo 'local: *; };'; } >$@
$(BUILD)/sources: FORCE
	$(call write_if_changed,$(LIB_C))

$(BUILD)/%.o: %.c $(BUILD)/flags | $(GENERATED)
	@mkdir -p $(@D)
	$(SHOW) CC $<
	$(Q)$(CC) $(MAPS) $(call last,$(CFLAGS)) $(OWN) $(call room,$<) -c -o $@ $<

foreign = $(Q)mkdir -p $(@D) && $(CC) $(MAPS) $(call last,$(CFLAGS)) $(FOREIGN) -c -o $@ $<
$(BUILD)/mbedtls/%.o: $(MBEDTLS)/%.c $(BUILD)/flags
	$(foreign)
$(BUILD)/lwip/%.o: $(LWIP)/%.c $(BUILD)/flags
	$(foreign)

# What stands in front of Mbed TLS's files, until it is no longer needed there.
define front
$(BUILD)/mbedtls/library/$(1).o: private FOREIGN += -include src/tls/$(2).h
$(BUILD)/mbedtls/library/$(1).o: src/tls/$(2).h
endef
$(eval $(call front,ssl_tls13_keys,front_keys))
$(eval $(call front,ssl_tls13_client,front_cookie))
$(eval $(call front,ssl_tls13_generic,front_chain))
$(eval $(call front,ssl_tls,front_chain))
$(eval $(call front,bignum,front_power))
$(eval $(call front,rsa,front_montgomery))
$(eval $(call front,psa_crypto_ecp,front_x25519))
$(eval $(call front,ecp,front_curves))
$(foreach file,ecp_curves oid pkparse,$(eval $(call front,$(file),front_no_x25519)))

# The date before which no clock can be right: SOURCE_DATE_EPOCH, else the last commit's, else the release's, which git
# writes into a tarball (mk/.gitattributes); but not before 2026.
CLOCK_FLOOR := $(or $(SOURCE_DATE_EPOCH),$(shell git ls-files --error-unmatch Makefile >/dev/null 2>&1 && \
                 git log -1 --format=%ct),$(shell grep -x '[0-9][0-9]*' mk/release-date))
CLOCK_FLOOR := $(shell printf '%s\n' $(CLOCK_FLOOR) 1767225600 | sort -n | tail -n 1)
$(BUILD)/include/clock_floor.h: FORCE
	$(call write_if_changed,#define MMD_CLOCK_FLOOR $(CLOCK_FLOOR))
$(BUILD)/src/tls/clock_floor.o: $(BUILD)/include/clock_floor.h

# A cross compiler does not look where Debian puts jsmn, and must not find the rest of what is there.
$(BUILD)/jsmn/jsmn.h: $(JSMN)/jsmn.h
	@mkdir -p $(@D)
	@cp $< $@

-include $(shell find $(BUILD) -name '*.d' -type f 2>/dev/null)
