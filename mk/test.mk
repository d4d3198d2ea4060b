# The tests: their programs, and the commands that run them. test/README.md says what belongs where.
SANITIZE = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
NGINX   ?= $(CURDIR)/deps/nginx/usr/sbin/nginx
UNIT_C  := $(wildcard test/unit/test_*.c)
UNIT    := $(UNIT_C:%.c=$(BUILD)/%)
SYSTEM  := $(addprefix $(BUILD)/test/system/,driver sessions image)
BOARDS  ?= slirp lm3s6965evb mps2-an385

include test/port/port.mk

.PHONY: check check-linux check-boards tests
check: deps-test ## run all tests, under sanitizers where there are any: the library, the command, all boards
	@$(MAKE) --no-print-directory DEPS=no $(BOARD_CHECK)

# The firmware of every board, all at a time: their tests mostly wait for the network.
check-boards:
	@$(ALONE) BOARD=linux build/linux/mmdclose build/linux/relay build/linux/conformance-peer
	@for board in $(BOARDS); do $(ALONE) BOARD=$$board check >build/check-$$board.log 2>&1 && \
	    echo passed >>build/check-$$board.log & done; wait; \
	right=yes; for board in $(BOARDS); do echo "== the firmware of $$board"; cat build/check-$$board.log; \
	    tail -n 1 build/check-$$board.log | grep -qx passed || right=no; done; test $$right = yes

check-linux:
	@$(MAKE) --no-print-directory DEPS=no all
	@$(MAKE) --no-print-directory DEPS=no BUILD=$(BUILD)-check CFLAGS='$(SANITIZE)' all tests
	@NGINX=$(NGINX) MMDCLOSE_LIB=$(CURDIR)/$(LIB) MMDCLOSE_PLAIN=$(CURDIR)/$(PROGRAM) CC='$(CC)' \
	    python3 test/run.py $(BUILD)-check
	@test -z '$(BOARDS)' || $(MAKE) --no-print-directory DEPS=no check-boards

tests: $(UNIT) $(PEER) $(PORT_TESTS) $(SYSTEM) $(BUILD)/example

$(SYSTEM): %: %.o $(LIBS)
	$(link)

$(UNIT): private EXTRA = -lcmocka
$(UNIT): %: %.o $(BUILD)/test/unit/guard.o $(LIBS)
	$(link)

# What it tests is not part of the library.
$(BUILD)/test/unit/test_printable: $(BUILD)/programs/common/printable.o

# These have a server in memory behind them, OpenSSL's; the first takes functions of Mbed TLS in between.
SERVED := $(addprefix $(BUILD)/test/unit/test_,failures session)
$(SERVED:%=%.o): private OWN += -Itest/scripted
$(SERVED): private EXTRA = -lcmocka -lssl -lcrypto
$(SERVED): $(BUILD)/test/scripted/scripted_port.o $(BUILD)/test/scripted/tls_server.o
$(BUILD)/test/unit/test_failures: private LINK_FLAGS = $(foreach function,mbedtls_platform_set_calloc_free \
    mbedtls_psa_external_get_random mbedtls_ssl_write,-Wl,--wrap=$(function))

# Between an emulated board and its network, to lose frames on purpose.
$(BUILD)/test/board/relay.o $(BUILD)/boards/slirp/slirp_link.o: private OWN += -Iboards/slirp -isystem /usr/include/slirp
$(BUILD)/relay: private EXTRA = -lslirp
$(BUILD)/relay: $(BUILD)/test/board/relay.o $(BUILD)/boards/slirp/slirp_link.o
	$(link)

include test/fuzz/fuzz.mk
include test/portable/portable.mk
include test/memcheck/memcheck.mk
include test/proof/proof.mk
include test/faults.mk
