# Installing below PREFIX.
PREFIX ?= /usr/local
DEST    = $(DESTDIR)$(PREFIX)
# lwip.h belongs to builds with lwIP, and linux.h to those on Linux.
HEADERS = $(filter-out $(if $(LWIP),%/linux.h,%/lwip.h),$(wildcard include/mmdclose/*.h include/mmdclose/port/*.h))

.PHONY: install uninstall
install: all ## install the command, the library, its headers and its pkg-config file below PREFIX
	@case '$(PREFIX)' in *[!A-Za-z0-9/._+-]*) echo "install: pkg-config cannot tell of PREFIX=$(PREFIX)"; exit 1 ;; esac
	install -d "$(DEST)/bin" "$(DEST)/lib/pkgconfig" "$(DEST)/include/mmdclose/port"
	install -m 755 $(PROGRAM) "$(DEST)/bin/"
	install -m 644 $(LIBS) "$(DEST)/lib/"
	for header in $(HEADERS); do install -m 644 $$header "$(DEST)/$$header" || exit 1; done
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' -e 's|@LIBS@|$(BOARD_LIBS)|' \
	    tools/mmdclose.pc.in >"$(DEST)/lib/pkgconfig/mmdclose.pc"

uninstall: ## remove what install put there
	cd "$(DEST)" && rm -f bin/mmdclose $(addprefix lib/,$(notdir $(LIBS))) lib/pkgconfig/mmdclose.pc $(HEADERS)
	rmdir "$(DEST)/include/mmdclose/port" "$(DEST)/include/mmdclose"
