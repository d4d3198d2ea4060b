# SPDX-License-Identifier: MIT
# Programs: the board's own, and what is shown, measured or served with it.
PROGRAM_O := $(sort $(BOARD_PROGRAM_C:%.c=$(BUILD)/%.o))
PROGRAM   := $(BUILD)/mmdclose$(BOARD_EXTENSION)

# The one recipe by which anything is linked: all objects among the prerequisites, the libraries if they are there,
# then what EXTRA says.
link = $(SHOW) LINK $@
define link +=

	$(Q)$(CC) $(TARGET) $(MAPS) $(CFLAGS) $(BOARD_CPPFLAGS) $(LDFLAGS) $(LINK_FLAGS) -o $@ $(filter %.o,$^) \
	    $(filter %.a,$^) $(EXTRA) $(SYSTEM_LIBS) $(BOARD_LIBS)
endef

all: $(LIBS) $(if $(PROGRAM_O),$(PROGRAM)) ## build the library and the program (the default)
$(PROGRAM): private LINK_FLAGS = $(BOARD_LDFLAGS) -Wl,--gc-sections -Wl,-Map=$@.map
$(PROGRAM): private EXTRA = $(if $(filter programs/mmdclose/qrcode.c,$(BOARD_PROGRAM_C)),-lqrencode)
$(PROGRAM): $(PROGRAM_O) $(LWIP_O) $(PARTS) $(BOARD_LINK_DEPS) $(BUILD)/flags
	$(link)

# The program that the README shows, built as it says: with what make install installs. From here, since not every
# path of a checkout can stand in a pkg-config file.
$(BUILD)/example.c: README.md
	@sed -n '/^```c$$/,/^```$$/{/^```/d;p}' $< >$@
$(BUILD)/example: $(BUILD)/example.c $(LIBS) $(PROGRAM) tools/mmdclose.pc.in
	$(SHOW) LINK $@
	@$(MAKE) --no-print-directory DEPS=no DESTDIR= PREFIX=$(BUILD)/installed \
	    BINDIR=$(BUILD)/installed/bin LIBDIR=$(BUILD)/installed/lib install >/dev/null
	$(Q)$(CC) $(TARGET) $(CFLAGS) -std=c11 $(WARNINGS) $(LDFLAGS) -o $@ $< -Wl,-rpath,'$$ORIGIN/installed/lib' \
	    $$(PKG_CONFIG_PATH=$(BUILD)/installed/lib/pkgconfig pkg-config --cflags --libs mmdclose)

demo: deps-test ## close requests of a stand-in service over verified TLS, through outages, and show it
	@$(MAKE) --no-print-directory DEPS=no all
	@$(BOARD_DEMO)

#   make service SERVICE_OPTIONS='--address 192.0.2.7'     an address that a device reaches; --help lists the others
service: deps-test ## run only the stand-in service, to try a device against (ends with Ctrl-C)
	@python3 test/service/service.py $(SERVICE_OPTIONS)

size: deps-test ## print what the library, or a board's firmware, takes of flash, RAM and stack
	@$(MAKE) --no-print-directory DEPS=no $(BOARD_SIZE)
.PHONY: size-linux
size-linux:
	@$(MAKE) --no-print-directory DEPS=no BUILD=$(BUILD)-size CFLAGS='-Os -fstack-usage' lib >/dev/null
	@SIZE='$(CROSS_COMPILE)size' sh tools/size.sh $(BUILD)-size

#   make bench WRITE=yes            and put them into docs/costs.md and its pictures
#   make bench BOARD=lm3s6965evb    of the firmware, in the emulator
#   make bench-check UPDATE=yes     what is counted now is what has to be kept
BENCH := $(addprefix $(BUILD)/test/bench/,bench kept bare run)
BENCH_IMAGE := $(BUILD)/bench$(BOARD_EXTENSION)
.PHONY: bench-linux bench-firmware bench-check bench-programs
bench: deps-bench ## measure a closing beside other clients, and how its cost grows
	@$(MAKE) --no-print-directory DEPS=no bench-$(if $(LWIP),firmware,linux)
bench-linux: bench-programs
	@$(ALONE) BOARD=linux-musl all
	@NGINX='$(NGINX)' WRITE=$(WRITE) python3 test/bench/bench.py $(BUILD) build/linux-musl/mmdclose
bench-firmware: all $(BENCH_IMAGE)
	@python3 test/bench/on_board.py $(BOARD) $(BENCH_IMAGE)
	@$(MAKE) --no-print-directory DEPS=no size-firmware | sed -n '/^In the emulator/,/^$$/p'
bench-check: deps-bench ## fail if a count of test/bench/expected got worse: instructions, bytes, segments, sizes
	@$(MAKE) --no-print-directory DEPS=no bench-programs
	@$(ALONE) BOARD=lm3s6965evb all
	@$(ALONE) BOARD=linux-musl all
	@$(ALONE) BOARD=linux-musl ONLY=close all
	@$(MAKE) --no-print-directory DEPS=no size-linux >$(BUILD)/size
	@NGINX='$(NGINX)' UPDATE=$(UPDATE) python3 test/bench/check.py $(BUILD)
bench-programs: all $(BENCH)

$(BUILD)/test/bench/bench: $(BUILD)/test/bench/works.o
$(BUILD)/test/bench/bench $(BUILD)/test/bench/kept $(BUILD)/test/bench/fleet: %: %.o $(PARTS)
	$(link)
$(BENCH_IMAGE): private LINK_FLAGS = $(BOARD_LDFLAGS) -Wl,--gc-sections
$(BENCH_IMAGE): $(filter-out %/programs/firmware/main.o,$(PROGRAM_O)) $(BUILD)/test/bench/on_board.o \
    $(BUILD)/test/bench/works.o $(LWIP_O) $(PARTS) $(BOARD_LINK_DEPS)
	$(link)
$(if $(LWIP),$(eval $(BUILD)/test/bench/works.o: private OWN += -DWORKS_MAX=2048))

# The floor: Mbed TLS of the same configuration, as it comes.
$(BUILD)/bare-mbedtls/%.o: $(MBEDTLS)/%.c $(BUILD)/flags
	$(foreign)
$(BUILD)/test/bench/bare: $(MBEDTLS_C:$(MBEDTLS)/%.c=$(BUILD)/bare-mbedtls/%.o)
$(BUILD)/test/bench/bare $(BUILD)/test/bench/run: private LINK_FLAGS = -Wl,--gc-sections
$(BUILD)/test/bench/bare $(BUILD)/test/bench/run: %: %.o
	$(link)

#   make boards WRITE=yes           and put it into docs/boards.md and its picture
BOARD_TOOLS = $(shell $(ALONE) --no-print-directory -f Makefile BOARD=$(1) print-tools)
SHIPPED     = $(filter-out linux slirp,$(KNOWN_BOARDS))
STATIC      = $(filter %-musl,$(KNOWN_BOARDS))
.PHONY: boards print-tools
boards: deps-boards ## print what the program takes on all boards, beside each other
	@for board in linux $(SHIPPED); do $(ALONE) BOARD=$$board all || exit 1; done
	@for board in $(STATIC); do $(ALONE) BOARD=$$board ONLY=close all || exit 1; done
	@WRITE=$(WRITE) python3 test/bench/boards.py $(foreach board,linux $(SHIPPED),$(board)=$(call BOARD_TOOLS,$(board))) \
	    $(foreach board,$(STATIC),$(board)-close=$(call BOARD_TOOLS,$(board)))
print-tools:
	@echo '$(CROSS_COMPILE)'

.PHONY: fleet
fleet: deps-build ## draw docs/fleet.svg: what 10,000 devices that lost the service do to it
	@$(MAKE) --no-print-directory DEPS=no $(BUILD)/test/bench/fleet
	@python3 test/bench/fleet.py $(BUILD)/test/bench/fleet
