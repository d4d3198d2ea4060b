# mmdclose: build, test, install. `make help` lists the commands.
#
#   BOARD=linux            what to build for: a folder of boards/
#   CC CFLAGS LDFLAGS      as usual; CFLAGS replaces -O2 -g
#   MBEDTLS_DIR=DIR        another checkout of Mbed TLS 3.6 (3.6.7 or later)
#   DEPS=no                install and fetch nothing
#   V=1                    show each command
BOARD ?= linux
BUILD ?= build/$(BOARD)$(BUILD_SUFFIX)
DEPS  ?= yes
CFLAGS ?= $(or $(BOARD_CFLAGS),-O2 -g)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules
Q    = $(if $(V),,@)
SHOW = @$(if $(V),:,printf '  %-6s %s\n')

VERSION := $(shell sed -n 's/^.define MMD_VERSION *"\(.*\)"/\1/p' include/mmdclose/request.h)
MBEDTLS := $(or $(MBEDTLS_DIR),deps/mbedtls)
NGINX   ?= $(CURDIR)/deps/nginx/usr/sbin/nginx

KNOWN_BOARDS := $(patsubst boards/%/board.mk,%,$(wildcard boards/*/board.mk))
$(if $(filter $(BOARD),$(KNOWN_BOARDS)),,$(error there is no board $(BOARD); there are: $(KNOWN_BOARDS)))
include boards/$(BOARD)/board.mk

# The date before which no clock can be right: SOURCE_DATE_EPOCH, else the last commit's; but not before 2026.
CLOCK_FLOOR := $(or $(SOURCE_DATE_EPOCH),$(shell git ls-files --error-unmatch Makefile >/dev/null 2>&1 && git log -1 --format=%ct))
CLOCK_FLOOR := $(shell printf '%s\n' $(CLOCK_FLOOR) 1767225600 | sort -n | tail -n 1)

# ---- flags ----

WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes \
            -Wmissing-prototypes -Wvla -Werror
CONFIG   := -DMBEDTLS_CONFIG_FILE='<mbedtls_config.h>' -Iboards/$(BOARD)
INCLUDE  := -Iinclude -I$(BUILD)/include -isystem $(BUILD)/jsmn -isystem $(MBEDTLS)/include $(BOARD_MBEDTLS_INCLUDE:%=-isystem $(MBEDTLS)/%) \
            $(BOARD_SYSTEM_INCLUDE:%=-isystem %)
SECTIONS := -ffunction-sections -fdata-sections
OWN      := -std=c11 $(WARNINGS) $(BOARD_CPPFLAGS) $(OWN_CPPFLAGS) $(CONFIG) -Iboards/common $(INCLUDE) $(SECTIONS) -MMD -MP
# Mbed TLS compares empty names by memcmp with NULL and a length of 0: harmless, yet undefined before C2y.
FOREIGN  := -std=c11 -w -fno-sanitize=nonnull-attribute $(BOARD_CPPFLAGS) $(CONFIG) -I$(MBEDTLS)/include -I$(MBEDTLS)/library \
            $(BOARD_MBEDTLS_INCLUDE:%=-I$(MBEDTLS)/%) $(BOARD_SYSTEM_INCLUDE:%=-I%) \
            $(SECTIONS) -MMD -MP

# ---- what is built ----

LIB_C     := $(wildcard src/*.c) $(BOARD_PORT_C)
LIB_O     := $(LIB_C:%.c=$(BUILD)/%.o)
PROGRAM_O := $(BOARD_PROGRAM_C:%.c=$(BUILD)/%.o)
MBEDTLS_C := $(wildcard $(MBEDTLS)/library/*.c $(BOARD_MBEDTLS_C:%=$(MBEDTLS)/%))
MBEDTLS_O := $(MBEDTLS_C:$(MBEDTLS)/%.c=$(BUILD)/mbedtls/%.o)
LWIP_O    := $(LWIP_C:$(LWIP)/%.c=$(BUILD)/lwip/%.o)
LIB       := $(BUILD)/libmmdclose.a
TLS_LIB   := $(BUILD)/libmmdclose_mbedtls.a
LIBS      := $(LIB) $(TLS_LIB)
LINK_LIBS := $(LIB) $(TLS_LIB) $(LIB) # Mbed TLS calls back for random bytes
PROGRAM   := $(BUILD)/mmdclose$(BOARD_EXTENSION)
UNIT_C    := $(wildcard test/unit/test_*.c)
UNIT      := $(UNIT_C:%.c=$(BUILD)/%)
GENERATED := $(BUILD)/include/clock_floor.h $(BUILD)/jsmn/jsmn.h

.PHONY: all lib deps deps-build deps-test deps-bench deps-lint check-linux check-boards size-linux FORCE
# Mbed TLS and lwIP have to be there before their files are listed: fetch them, then begin again.
ifeq ($(and $(MBEDTLS_C),$(or $(LWIP_C),$(if $(LWIP),,none))),)
ifneq ($(AGAIN),)
$(error there is no Mbed TLS in $(MBEDTLS)$(LWIP:%=, or no lwIP in %); run 'make deps', or set MBEDTLS_DIR (and LWIP_DIR))
endif
all lib: deps-build
	@$(MAKE) --no-print-directory $@ DEPS=no AGAIN=yes
else
all: lib $(PROGRAM) ## build the library and the command (the default)
lib: $(LIBS)
endif

$(PROGRAM): $(PROGRAM_O) $(LWIP_O) $(LIBS) $(BOARD_LINK_DEPS)
	$(SHOW) LINK $@
	$(Q)$(CC) $(CFLAGS) $(BOARD_CPPFLAGS) $(LDFLAGS) $(BOARD_LDFLAGS) -Wl,--gc-sections -Wl,-Map=$@.map -o $@ \
	    $(filter %.o,$^) $(LINK_LIBS) $(BOARD_LIBS)

$(LIB): $(LIB_O) $(BUILD)/sources
$(TLS_LIB): $(MBEDTLS_O)
$(LIBS):
	$(SHOW) AR $@
	@rm -f $@
	$(Q)$(AR) rcsD $@ $(filter %.o,$^)

$(BUILD)/mbedtls/%.o: $(MBEDTLS)/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(FOREIGN) -c -o $@ $<

$(BUILD)/mbedtls/library/ssl_tls13_keys.o: private FOREIGN += -include port/mbedtls/tls13_keys.h

$(BUILD)/lwip/%.o: $(LWIP)/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(FOREIGN) -c -o $@ $<

$(BUILD)/%.o: %.c $(BUILD)/flags | $(GENERATED)
	@mkdir -p $(@D)
	$(SHOW) CC $<
	$(Q)$(CC) $(CFLAGS) $(OWN) -Isrc -c -o $@ $<

$(BUILD)/test/system/driver: $(BUILD)/test/system/driver.o $(LIBS)
	$(SHOW) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LINK_LIBS) $(BOARD_LIBS)

$(BUILD)/test/system/sessions: $(BUILD)/test/system/sessions.o $(LIBS)
	$(SHOW) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LINK_LIBS) $(BOARD_LIBS)

$(BUILD)/test/system/image: $(BUILD)/test/system/image.o
	$(SHOW) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $<

# Between an emulated board and its network, to lose frames on purpose.
$(BUILD)/test/board/relay.o $(BUILD)/boards/slirp/slirp_link.o: private OWN += -Iboards/slirp -isystem /usr/include/slirp
$(BUILD)/relay: $(BUILD)/test/board/relay.o $(BUILD)/boards/slirp/slirp_link.o
	$(SHOW) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lslirp

$(BUILD)/test/bench/bench: $(BUILD)/test/bench/bench.o $(LIBS)
	$(SHOW) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LINK_LIBS) $(BOARD_LIBS)

# The program that the README shows, built as it says: with what make install installs.
$(BUILD)/example.c: README.md
	@sed -n '/^```c$$/,/^```$$/{/^```/d;p}' $< >$@
$(BUILD)/example: $(BUILD)/example.c $(LIBS) $(PROGRAM) tools/mmdclose.pc.in
	$(SHOW) LINK $@
	@$(MAKE) --no-print-directory DEPS=no DESTDIR= PREFIX='$(CURDIR)/$(BUILD)/installed' install >/dev/null
	$(Q)$(CC) $(CFLAGS) -std=c11 $(WARNINGS) $(LDFLAGS) -o $@ $< $$(PKG_CONFIG_PATH='$(CURDIR)/$(BUILD)/installed/lib/pkgconfig' \
	    pkg-config --cflags --libs mmdclose)

$(BUILD)/test/unit/test_%: $(BUILD)/test/unit/test_%.o $(BUILD)/test/unit/guard.o $(LIBS)
	$(SHOW) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LINK_LIBS) -lcmocka $(BOARD_LIBS)

# What it tests is no part of the library.
$(BUILD)/test/unit/test_printable: $(BUILD)/boards/common/printable.o

# These have a server in memory behind them, OpenSSL's; the first takes functions of Mbed TLS in between.
SERVED := $(addprefix $(BUILD)/test/unit/test_,failures session)
$(SERVED:%=%.o): private OWN += -Itest/scripted
$(BUILD)/test/unit/test_failures: private WRAP := $(foreach function,mbedtls_platform_set_calloc_free \
    mbedtls_psa_external_get_random mbedtls_ssl_write,-Wl,--wrap=$(function))
$(SERVED): %: %.o $(BUILD)/test/scripted/scripted_port.o $(BUILD)/test/scripted/tls_server.o $(LIBS)
	$(SHOW) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(WRAP) -o $@ $(filter %.o,$^) $(LINK_LIBS) -lcmocka -lssl -lcrypto $(BOARD_LIBS)

include test/port/port.mk

# Written only when what they say has changed, so that nothing is rebuilt without a reason.
write_if_changed = @mkdir -p $(@D); printf '%s\n' '$(subst ','\'',$(1))' | cmp -s - $@ || \
                   printf '%s\n' '$(subst ','\'',$(1))' >$@
$(BUILD)/flags: FORCE
	$(call write_if_changed,$(CC) $(CFLAGS) $(LDFLAGS) $(BOARD_LDFLAGS) $(BOARD_LIBS) $(OWN) $(FOREIGN))
$(BUILD)/sources: FORCE
	$(call write_if_changed,$(LIB_C))
$(BUILD)/include/clock_floor.h: FORCE
	$(call write_if_changed,#define MMD_CLOCK_FLOOR $(CLOCK_FLOOR))

# A cross compiler does not look where Debian puts jsmn, and must not find the rest of what is there.
$(BUILD)/jsmn/jsmn.h: /usr/include/jsmn.h
	@mkdir -p $(@D)
	@cp $< $@

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

include test/fuzz/fuzz.mk

# ---- what it needs ----

TEST_DEPS = $(or $(BOARD_DEPS),$(if $(BOARDS),firmware cortex-m))

ifeq ($(DEPS),no)
deps deps-build deps-test deps-bench deps-lint:
else
deps: ## install and fetch everything that is missing
	@MBEDTLS_DIR=$(MBEDTLS_DIR) LWIP_DIR=$(LWIP_DIR) tools/deps.sh deps build test bench lint firmware cortex-m portable prove
deps-build:
	@MBEDTLS_DIR=$(MBEDTLS_DIR) LWIP_DIR=$(LWIP_DIR) tools/deps.sh deps build $(BOARD_DEPS)
deps-test:
	@MBEDTLS_DIR=$(MBEDTLS_DIR) LWIP_DIR=$(LWIP_DIR) tools/deps.sh deps build $(TEST_DEPS) test
deps-bench:
	@MBEDTLS_DIR=$(MBEDTLS_DIR) LWIP_DIR=$(LWIP_DIR) tools/deps.sh deps build $(BOARD_DEPS) test bench
deps-lint:
	@MBEDTLS_DIR=$(MBEDTLS_DIR) LWIP_DIR=$(LWIP_DIR) tools/deps.sh deps build firmware cortex-m test lint
endif

# ---- commands ----

include test/portable/portable.mk
include test/memcheck/memcheck.mk
include test/proof/proof.mk

SANITIZE = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all

.PHONY: demo check tests service size bench install uninstall help clean format format-check lint
demo: deps-test ## close a request of a stand-in service over verified TLS, and show it
	@$(MAKE) --no-print-directory DEPS=no all
	@$(BOARD_DEMO)
BOARD_DEMO ?= python3 test/demo.py $(PROGRAM)

check: deps-test ## run all tests, under sanitizers where there are any: the library, the command, all boards
	@$(MAKE) --no-print-directory DEPS=no $(BOARD_CHECK)
BOARD_CHECK ?= check-linux

# make for another board, with nothing that this one's command line says.
ALONE = env -u MAKEFLAGS -u MFLAGS -u MAKEOVERRIDES -u CC -u AR -u CFLAGS -u LDFLAGS -u BUILD $(MAKE) --no-print-directory DEPS=no

# The firmware of every board, all at a time: their tests mostly wait for the network.
BOARDS ?= slirp lm3s6965evb mps2-an385
check-boards:
	@$(ALONE) BOARD=linux build/linux/mmdclose build/linux/relay build/linux/conformance-peer
	@for board in $(BOARDS); do $(ALONE) BOARD=$$board check >build/check-$$board.log 2>&1 && \
	    echo passed >>build/check-$$board.log & done; wait; \
	right=yes; for board in $(BOARDS); do echo "== the firmware of $$board"; cat build/check-$$board.log; \
	    tail -n 1 build/check-$$board.log | grep -qx passed || right=no; done; test $$right = yes

check-linux:
	@python3 test/faults.py --check
	@$(MAKE) --no-print-directory DEPS=no all
	@$(MAKE) --no-print-directory DEPS=no BUILD=$(BUILD)-check CFLAGS='$(SANITIZE)' all tests
	@NGINX=$(NGINX) MMDCLOSE_LIB=$(CURDIR)/$(LIB) MMDCLOSE_PLAIN=$(CURDIR)/$(PROGRAM) CC='$(CC)' python3 test/run.py $(BUILD)-check
	@test -z '$(BOARDS)' || $(MAKE) --no-print-directory DEPS=no check-boards

tests: $(UNIT) $(PEER) $(PORT_TESTS) $(addprefix $(BUILD)/test/system/,driver sessions image) $(BUILD)/example

service: deps-test ## run the stand-in service alone, to try a device against (ends with Ctrl-C)
	@python3 test/service/service.py $(SERVICE_OPTIONS)

size: deps-test ## print what the library, or a board's firmware, takes of flash, RAM and stack
	@$(MAKE) --no-print-directory DEPS=no $(BOARD_SIZE)
BOARD_SIZE ?= size-linux

size-linux:
	@$(MAKE) --no-print-directory DEPS=no BUILD=$(BUILD)-size CFLAGS='-Os -fstack-usage' lib >/dev/null
	@sh tools/size.sh $(BUILD)-size

bench: deps-bench ## count instructions: building, parsing, and a whole closing beside curl's
	@$(MAKE) --no-print-directory DEPS=no all $(BUILD)/test/bench/bench
	@python3 test/bench/bench.py $(BUILD)

PREFIX ?= /usr/local
DEST    = $(DESTDIR)$(PREFIX)
install: all ## install the command, the library, its headers and its pkg-config file below PREFIX
	@case '$(PREFIX)' in *[!A-Za-z0-9/._+-]*) echo "install: pkg-config cannot tell of PREFIX=$(PREFIX)"; exit 1 ;; esac
	install -d "$(DEST)/bin" "$(DEST)/lib/pkgconfig" "$(DEST)/include/mmdclose"
	install -m 755 $(PROGRAM) "$(DEST)/bin/"
	install -m 644 $(LIBS) "$(DEST)/lib/"
	install -m 644 include/mmdclose/*.h "$(DEST)/include/mmdclose/"
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' -e 's|@LIBS@|$(BOARD_LIBS)|' \
	    tools/mmdclose.pc.in >"$(DEST)/lib/pkgconfig/mmdclose.pc"

uninstall: ## remove what install put there
	cd "$(DEST)" && rm -f bin/mmdclose $(addprefix lib/,$(notdir $(LIBS))) lib/pkgconfig/mmdclose.pc \
	    $(wildcard include/mmdclose/*.h)
	rmdir "$(DEST)/include/mmdclose"

include test/faults.mk

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1	\2/p' $(MAKEFILE_LIST) | sort | \
	    awk -F '\t' '{ printf "  make %-14s %s\n", $$1, $$2 }'

clean: ## remove what was built (deps/ stays)
	rm -rf build

CLANG_FLAGS = $(BOARD_CLANG) $(filter-out --specs=% -MMD -MP,$(OWN)) -Isrc
C_FILES = $(shell find include src port boards test -name '*.[ch]')
format: deps-lint ## lay out the C code by .clang-format
	clang-format -i $(C_FILES)
format-check: deps-lint ## fail if format would change anything
	clang-format --dry-run -Werror $(C_FILES)

lint: deps-lint ## clang's warnings, clang-tidy and cppcheck on our own code, for the board
	@$(MAKE) --no-print-directory DEPS=no $(GENERATED)
	clang -fsyntax-only $(CLANG_FLAGS) $(LIB_C) $(BOARD_PROGRAM_C)
	clang-tidy --quiet $(LIB_C) $(BOARD_PROGRAM_C) -- $(CLANG_FLAGS)
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
	    --error-exitcode=1 -Iinclude -Isrc src port boards

# Beside lint, since it takes longer. Each looks through one file as a whole, gcc for more warnings, too. The checker
# that is left out asks for memcpy_s and its like, which no C library here has.
ANALYZE_GCC   := -O2 -fanalyzer -Wcast-align=strict -Wundef -Wwrite-strings -Wformat=2 -Wnull-dereference \
                 -Wdouble-promotion -Wduplicated-cond -Wduplicated-branches
ANALYZE_CLANG := -Xclang -analyzer-werror --analyzer-output text \
                 -Xclang -analyzer-checker=core,deadcode,nullability,optin.portability,security,unix,alpha.unix \
                 -Xclang -analyzer-disable-checker=security.insecureAPI.DeprecatedOrUnsafeBufferHandling
.PHONY: analyze
analyze: deps-lint ## gcc's and clang's static analyzers on our own code, for the board
	@$(MAKE) --no-print-directory DEPS=no $(GENERATED)
	@$(MAKE) --no-print-directory DEPS=no $(addprefix analyze/,$(LIB_C) $(BOARD_PROGRAM_C))
analyze/%.c: FORCE
	$(SHOW) CHECK $*.c
	$(Q)$(if $(findstring clang,$(CC)),gcc,$(CC)) $(filter-out -MMD -MP,$(OWN)) $(ANALYZE_GCC) -Isrc -S -o /dev/null $*.c
	$(Q)clang --analyze $(ANALYZE_CLANG) $(CLANG_FLAGS) $*.c -o /dev/null
