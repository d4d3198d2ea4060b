# SPDX-License-Identifier: MIT
# Installing, the manual pages, and the check of CMakeLists.txt.
#   make install PREFIX=/usr LIBDIR=/usr/lib/aarch64-linux-gnu DESTDIR=/tmp/root
#   make install SYSTEMD=no     without units, and what adds their users and folders
#   make install-service        only these, and nothing is built: for a command that is installed already
PREFIX  ?= /usr/local
BINDIR  ?= $(PREFIX)/bin
LIBDIR  ?= $(PREFIX)/lib
SYSTEMD ?= yes
SHARE    = $(PREFIX)/share
READY    = $(BUILD)/install

# lwip.h belongs to builds with lwIP, and linux.h to those on Linux.
HEADERS  = $(filter-out $(if $(LWIP),%/linux.h,%/lwip.h),$(wildcard include/mmdclose/*.h include/mmdclose/port/*.h))
LICENCES = $(addprefix $(READY)/licences/,$(if $(SYSTEM_MBEDTLS),,mbedtls everest) jsmn $(if $(LWIP),lwip))
UNITS    = $(notdir $(wildcard service/systemd/mmdclose*))
EXAMPLES = $(notdir $(wildcard service/systemd/examples/*))

# FILE:PLACE of all that is installed, for install and uninstall. What names the folders it is in is made ready first.
to       = $(foreach file,$(1),$(file):$(2)/$(notdir $(file)))
PLACES   = $(if $(LIBS),$(LIBRARY)) \
           $(call to,LICENSE CHANGELOG.md $(READY)/mmdclose.spdx.json,$(SHARE)/doc/mmdclose) \
           $(call to,$(LICENCES),$(SHARE)/doc/mmdclose/licences) $(if $(PROGRAM_O),$(COMMAND)) \
           $(if $(and $(PROGRAM_O),$(filter yes,$(SYSTEMD))),$(SERVICE))
LIBRARY  = $(call to,$(LIBS),$(LIBDIR)) $(call to,$(READY)/mmdclose.pc,$(LIBDIR)/pkgconfig) \
           $(call to,$(addprefix $(READY)/mmdclose,Config.cmake ConfigVersion.cmake),$(LIBDIR)/cmake/mmdclose) \
           $(foreach header,$(HEADERS),$(header):$(PREFIX)/$(header))
COMMAND  = $(call to,$(PROGRAM),$(BINDIR)) $(call to,man/mmdclose.1,$(SHARE)/man/man1) \
           $(call to,man/mmdclose.conf.5,$(SHARE)/man/man5) \
           $(call to,examples/mmdclose.conf,$(SHARE)/doc/mmdclose) \
           $(call to,completion/bash/mmdclose,$(SHARE)/bash-completion/completions) \
           $(call to,completion/zsh/_mmdclose,$(SHARE)/zsh/site-functions)
SERVICE  = $(call to,$(UNITS:%=$(READY)/%),$(PREFIX)/lib/systemd/system) \
           $(call to,$(EXAMPLES:%=$(READY)/%),$(SHARE)/doc/mmdclose/service) \
           $(call to,service/sysusers.d/mmdclose.conf,$(PREFIX)/lib/sysusers.d) \
           $(call to,service/tmpfiles.d/mmdclose.conf,$(PREFIX)/lib/tmpfiles.d)
MADE     = $(filter $(READY)/%,$(foreach place,$(PLACES),$(firstword $(subst :, ,$(place)))))
# The names by which a shared library is found: when a program starts, and when it is linked.
SONAMES  = $(notdir $(SONAME) $(SHARED_LIB:%.$(VERSION)=%))
FOLDERS  = $(PREFIX)/include/mmdclose/port $(LIBDIR)/cmake/mmdclose $(addprefix $(SHARE)/doc/mmdclose/,licences service)
PLAIN    = for folder in '$(PREFIX)' '$(BINDIR)' '$(LIBDIR)'; do case "$$folder" in \
    *[!A-Za-z0-9/._+-]* | '' $(if $(DESTDIR),| [!/]*)) echo "install: PREFIX, BINDIR and LIBDIR have only" \
    "A-Z a-z 0-9 / . _ + -, and with DESTDIR they begin with /; not '$$folder'" >&2; exit 1 ;; esac; done

.PHONY: install install-strip install-service uninstall man-check cmake-check
define put
	@$(PLAIN)
	@$(MAKE) --no-print-directory DEPS=no $(MADE) >/dev/null
	$(Q)for place in $(PLACES); do \
	    install -D -m 644 "$${place%%:*}" "$(DESTDIR)$${place#*:}" || exit 1; done
endef

install: all ## install the command, libraries, headers, manual pages, completions and units below PREFIX
	$(put)
	$(if $(PROGRAM_O),$(Q)chmod 755 "$(DESTDIR)$(BINDIR)/$(notdir $(PROGRAM))")
	$(Q)for name in $(SONAMES); do ln -sf $(notdir $(SHARED_LIB)) "$(DESTDIR)$(LIBDIR)/$$name" || exit 1; done
	$(if $(SHARED_LIB),$(Q)test -n "$(DESTDIR)$(CROSS_COMPILE)" || ldconfig 2>/dev/null || :)
	@echo "installed below $(DESTDIR)$(PREFIX)"

install-strip: install ## the same, without what only a debugger needs
	$(if $(PROGRAM_O),$(Q)$(STRIP) "$(DESTDIR)$(BINDIR)/$(notdir $(PROGRAM))")
	$(if $(LIBS),$(Q)$(STRIP) --strip-unneeded $(foreach lib,$(notdir $(LIBS)),"$(DESTDIR)$(LIBDIR)/$(lib)"))

install-service: private PLACES = $(SERVICE)
install-service: ## install only the units, their users and folders, and examples
	$(put)

uninstall: ## remove what install put there
	@$(PLAIN)
	$(Q)for place in $(PLACES) $(SONAMES:%=:$(LIBDIR)/%); do rm -f "$(DESTDIR)$${place#*:}"; done
	$(Q)for folder in $(FOLDERS); do if [ -d "$(DESTDIR)$$folder" ]; then \
	    rmdir -p --ignore-fail-on-non-empty "$(DESTDIR)$$folder"; fi; done

# Units say /usr/local/bin in the sources, since they can be read as they are.
define ready
$(READY)/%: $(1) FORCE
	@mkdir -p $$(@D)
	@sed -e 's|@PREFIX@|$$(PREFIX)|' -e 's|@VERSION@|$$(VERSION)|' -e 's|@ABI@|$$(ABI)|' \
	    -e 's|@LIBDIR@|$$(LIBDIR:$$(PREFIX)/%=$$$${prefix}/%)|' -e 's|@WITHIN@|$$(LIBDIR:$$(PREFIX)%=%)|' \
	    -e 's|@CFLAGS@|$$(if $$(SYSTEM_MBEDTLS),$$(CONFIG))|' \
	    -e 's|@PUBLIC@|$$(if $$(SHARED_LIB),,$$(SYSTEM_LIBS) $$(BOARD_LIBS))|' \
	    -e 's|@PRIVATE@|$$(SYSTEM_LIBS) $$(BOARD_LIBS)|' \
	    -e 's|/usr/local/bin/mmdclose|$$(BINDIR)/mmdclose|' $$< >$$@
endef
$(foreach from,tools/%.in service/systemd/% service/systemd/examples/%,$(eval $(call ready,$(from))))

# Each project's own words; those of two stand at the head of a source.
$(READY)/licences/mbedtls: $(MBEDTLS)/LICENSE
$(READY)/licences/lwip: $(if $(LWIP),$(LWIP)/COPYING)
$(READY)/licences/everest: $(firstword $(EVEREST))
$(READY)/licences/jsmn: $(JSMN)/jsmn.h
$(READY)/licences/%:
	@mkdir -p $(@D)
	@case $< in *.[ch]) sed '/\*\//q' $< ;; *) cat $< ;; esac >$@

man-check: deps-lint ## check the manual pages' markup
	mandoc -Tlint -W warning man/*.[15]

# A project that brings its own Mbed TLS builds the library by CMakeLists.txt, and closes a request of the stand-in.
cmake-check: deps-test ## build and run the sample of examples/cmake, with Mbed TLS's own CMake build
	cmake -S examples/cmake -B $(BUILD)-cmake -DMBEDTLS_DIR='$(abspath $(MBEDTLS))' -DCMAKE_C_COMPILER='$(CC)'
	cmake --build $(BUILD)-cmake
	@python3 test/cmake/run.py $(BUILD)-cmake/closing
