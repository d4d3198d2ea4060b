# SPDX-License-Identifier: MIT
# Installing below PREFIX, the manual pages, and the check of CMakeLists.txt.
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
DEST    = $(DESTDIR)$(PREFIX)
MAN     = share/man/man1/mmdclose.1 share/man/man5/mmdclose.conf.5
PC      = $(DESTDIR)$(LIBDIR)/pkgconfig/mmdclose.pc
# lwip.h belongs to builds with lwIP, and linux.h to those on Linux.
HEADERS = $(filter-out $(if $(LWIP),%/linux.h,%/lwip.h),$(wildcard include/mmdclose/*.h include/mmdclose/port/*.h))

# What systemd reads; examples of what an administrator adds, and the files for other systems.
UNITS    = $(notdir $(wildcard service/systemd/mmdclose*))
EXAMPLES = $(notdir $(wildcard service/systemd/examples/*))
SHARED   = share/doc/mmdclose/service

.PHONY: install install-strip install-service uninstall man-check cmake-check
install: all ## install the command, its manual pages, the library, its headers and its pkg-config file below PREFIX
	@case '$(PREFIX)$(LIBDIR)' in *[!A-Za-z0-9/._+-]*) \
	    echo "install: PREFIX=$(PREFIX) LIBDIR=$(LIBDIR) cannot be written in a pkg-config file" >&2; exit 1 ;; esac
	install -d "$(DESTDIR)$(BINDIR)" "$(DESTDIR)$(LIBDIR)/pkgconfig" "$(DEST)/include/mmdclose/port" \
	    "$(DEST)/share/man/man1" "$(DEST)/share/man/man5"
	$(if $(PROGRAM_O),install -m 755 $(PROGRAM) "$(DESTDIR)$(BINDIR)/")
	for page in $(MAN); do install -m 644 "man/$${page##*/}" "$(DEST)/$$page" || exit 1; done
	install -m 644 $(LIBS) "$(DESTDIR)$(LIBDIR)/"
	for header in $(HEADERS); do install -m 644 $$header "$(DEST)/$$header" || exit 1; done
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR:$(PREFIX)/%=$${prefix}/%)|' -e 's|@VERSION@|$(VERSION)|' \
	    -e 's|@LIBS@|$(BOARD_LIBS)|' tools/mmdclose.pc.in >"$(PC)"

install-strip: install ## the same, without what only a debugger needs
	$(if $(PROGRAM_O),$(STRIP) "$(DESTDIR)$(BINDIR)/$(notdir $(PROGRAM))")
	$(STRIP) --strip-debug $(foreach lib,$(notdir $(LIBS)),"$(DESTDIR)$(LIBDIR)/$(lib)")

install-service: ## install the queue's units for systemd, its users and folders, and examples
	@case '$(BINDIR)' in *[!A-Za-z0-9/._+-]*) \
	    echo "install-service: BINDIR=$(BINDIR) cannot be written in a unit" >&2; exit 1 ;; esac
	install -d $(foreach folder,lib/systemd/system lib/sysusers.d lib/tmpfiles.d $(SHARED),"$(DEST)/$(folder)")
	install -m 644 $(UNITS:%=service/systemd/%) "$(DEST)/lib/systemd/system/"
	install -m 644 service/sysusers.d/mmdclose.conf "$(DEST)/lib/sysusers.d/"
	install -m 644 service/tmpfiles.d/mmdclose.conf "$(DEST)/lib/tmpfiles.d/"
	install -m 644 $(EXAMPLES:%=service/systemd/examples/%) "$(DEST)/$(SHARED)/"
	cd "$(DEST)" && sed -i 's|/usr/local/bin/mmdclose|$(BINDIR)/mmdclose|' $(UNITS:%=lib/systemd/system/%) \
	    $(EXAMPLES:%=$(SHARED)/%)

uninstall: ## remove what install and install-service put there
	rm -f "$(DESTDIR)$(BINDIR)/$(notdir $(PROGRAM))" "$(PC)" \
	    $(foreach lib,$(notdir $(LIBS)),"$(DESTDIR)$(LIBDIR)/$(lib)")
	cd "$(DEST)" && rm -f $(MAN) $(HEADERS) $(UNITS:%=lib/systemd/system/%) $(EXAMPLES:%=$(SHARED)/%) \
	    lib/sysusers.d/mmdclose.conf lib/tmpfiles.d/mmdclose.conf
	cd "$(DEST)" && if [ -d $(SHARED) ]; then rmdir -p --ignore-fail-on-non-empty $(SHARED); fi
	rmdir "$(DEST)/include/mmdclose/port" "$(DEST)/include/mmdclose"

man-check: deps-lint ## check the manual pages' markup
	mandoc -Tlint -W warning man/*.[15]

# A project that brings its own Mbed TLS builds the library by CMakeLists.txt, and closes a request of the stand-in.
cmake-check: deps-test ## build and run the sample of examples/cmake, with Mbed TLS's own CMake build
	cmake -S examples/cmake -B $(BUILD)-cmake -DMBEDTLS_DIR='$(abspath $(MBEDTLS))' -DCMAKE_C_COMPILER='$(CC)'
	cmake --build $(BUILD)-cmake
	@python3 test/cmake/run.py $(BUILD)-cmake/closing
