# SPDX-License-Identifier: MIT
# The tests: their programs, and the commands that run them. test/README.md says what belongs where.
#   make check TESTS='test_tls test_text'    only these; with BOARD=, of that board
#   make check BOARDS=slirp                  of the other boards only these
#   make soak CLOSINGS=200                   a short one
#   make fronts ROUNDS=50000                 fewer numbers; MMDCLOSE_SEED=N in the environment: the same again
#   make check WHOLE=yes                     emulated boards run what one board shows as well as all, too
SANITIZE = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
NGINX   ?= $(CURDIR)/deps/nginx/usr/sbin/nginx
UNIT_C  := $(wildcard test/unit/test_*.c)
UNIT    := $(UNIT_C:%.c=$(BUILD)/%)
SYSTEM  := $(addprefix $(BUILD)/test/system/,driver sessions image)
TESTS   ?=
BOARDS  ?= $(if $(TESTS),,slirp lm3s6965evb mps2-an385 linux-musl)
export MMDCLOSE_TESTS := $(TESTS)
ifeq ($(WHOLE),yes)
export MMDCLOSE_WHOLE := yes
endif

include test/port/port.mk

.PHONY: check check-linux check-board check-boards tests soak fronts deep
check: deps-test ## run all tests, under sanitizers where there are any: the library, the command, all boards
	@rm -f build/*/test-times
	@$(MAKE) --no-print-directory DEPS=no $(BOARD_CHECK)
	@echo 'check: the slowest tests:'; sort -rn build/*/test-times | head -n 10

CLOSINGS ?= 10000
soak: deps-test ## send CLOSINGS=10000 by the queue, through a service that fails, while it is killed again and again
	@$(MAKE) --no-print-directory DEPS=no all
	@python3 -B test/system/soak.py $(PROGRAM) $(CLOSINGS)

ROUNDS ?= 1000000
fronts: deps-build ## hold the arithmetic in front of Mbed TLS's against it, by ROUNDS=1000000 random numbers
	@$(MAKE) --no-print-directory DEPS=no $(addprefix $(BUILD)/test/unit/test_front,s _small)
	@MMDCLOSE_ROUNDS=$(ROUNDS) python3 test/run.py $(BUILD) test_fronts test_front_small

deep: deps-deep ## run all that takes long: all tests with both compilers, on all machines, valgrind, fuzzing, proofs
	@.ci/deep

# Every other board, all at a time: their tests mostly wait for the network.
check-board: $(BOARD_CHECK)
check-boards:
	@$(ALONE) BOARD=linux build/linux/mmdclose build/linux/relay build/linux/conformance-peer
	@running=; for board in $(BOARDS); do $(ALONE) BOARD=$$board check-board & running="$$running $$!"; done; \
	wrong=0; for process in $$running; do wait $$process || wrong=1; done; exit $$wrong

check-linux:
	@$(MAKE) --no-print-directory DEPS=no all
	@$(MAKE) --no-print-directory DEPS=no BUILD=$(BUILD)-check CFLAGS='$(SANITIZE)' SHARED=no all tests
	@python3 test/faults.py --check
	@NGINX='$(NGINX)' MMDCLOSE_PLAIN='$(CURDIR)/$(PROGRAM)' CC='$(CC)' \
	    python3 test/run.py $(BUILD)-check
	@test -z '$(BOARDS)' || $(MAKE) --no-print-directory DEPS=no check-boards

tests: $(UNIT) $(PEER) $(PORT_TESTS) $(SYSTEM) $(BUILD)/test/bench/fleet $(BUILD)/example

$(SYSTEM): %: %.o $(PARTS)
	$(link)

$(UNIT): private EXTRA = -lcmocka
$(UNIT): %: %.o $(BUILD)/test/unit/guard.o $(PARTS)
	$(link)

# What it tests is not part of the library.
$(BUILD)/test/unit/test_printable: $(BUILD)/programs/common/printable.o
$(BUILD)/test/unit/test_anchors: $(addprefix $(BUILD)/programs/,mmdclose/anchors.o mmdclose/input.o \
    common/printable.o)
$(BUILD)/test/unit/test_anchors: private LINK_FLAGS = \
    $(foreach function,open open64 access malloc,-Wl,--wrap=$(function))

$(BUILD)/test/unit/test_words: $(BUILD)/programs/mmdclose/words.o
$(BUILD)/test/unit/test_proxy_options: $(addprefix $(BUILD)/programs/,$(addprefix mmdclose/,proxy_options.o \
    proxy_bypass.o input.o report.o json.o json_members.o) $(addprefix common/,printable.o sentence.o))
$(BUILD)/test/unit/test_run_program: $(addprefix $(BUILD)/programs/,$(addprefix mmdclose/,run_program.o \
    program_tree.o input.o report.o json.o json_members.o) $(addprefix common/,printable.o sentence.o))

$(BUILD)/test/unit/test_token_command: $(addprefix $(BUILD)/programs/,$(addprefix mmdclose/,token_command.o words.o \
    run_program.o program_tree.o input.o report.o json.o json_members.o) $(addprefix common/,printable.o sentence.o))
$(BUILD)/test/unit/test_config_file: $(addprefix $(BUILD)/programs/,$(addprefix mmdclose/,config_file.o config_lines.o \
    config_values.o words.o proxy_options.o proxy_bypass.o nearest.o options.o input.o report.o json.o json_members.o) \
    $(addprefix common/,printable.o sentence.o))
$(BUILD)/test/unit/test_qrcode: $(BUILD)/programs/mmdclose/qrcode.o
$(BUILD)/test/unit/test_qrcode: private EXTRA = -lcmocka -lqrencode -lutil

$(BUILD)/test/unit/test_device: $(addprefix $(BUILD)/programs/,$(addprefix mmdclose/,doctor/clock.o doctor/folders.o \
    doctor/lines.o options.o origins.o report.o json.o json_members.o) $(addprefix common/,printable.o sentence.o))
$(BUILD)/test/unit/test_device: private LINK_FLAGS = $(foreach function,adjtimex ___adjtimex64 __adjtimex_time64 \
    statfs statfs64 statvfs statvfs64,-Wl,--wrap=$(function))

$(BUILD)/test/unit/test_record: $(addprefix $(BUILD)/programs/mmdclose/,queue/record.o json_members.o)
$(BUILD)/test/unit/test_moment: $(BUILD)/programs/mmdclose/queue/moment.o
$(BUILD)/test/unit/test_disposition: $(BUILD)/programs/mmdclose/queue/disposition.o

$(BUILD)/test/unit/test_drbg: private LINK_FLAGS = -Wl,--wrap=mbedtls_ctr_drbg_seed

# These talk to a server in memory, OpenSSL's; the first puts functions of its own before Mbed TLS's.
SERVED := $(addprefix $(BUILD)/test/unit/test_,close failures kept key proxy session)
$(SERVED:%=%.o): private OWN += -Itest/scripted
$(SERVED): private EXTRA = -lcmocka -lssl -lcrypto
$(SERVED): $(BUILD)/test/scripted/scripted_port.o $(BUILD)/test/scripted/tls_server.o
FAILING := $(addprefix $(BUILD)/test/unit/test_,close failures)
$(FAILING): $(BUILD)/test/scripted/failing_allocator.o
$(FAILING): private LINK_FLAGS = $(foreach function,mbedtls_platform_set_calloc_free $(WRAPPED),-Wl,--wrap=$(function))
$(BUILD)/test/unit/test_failures: private WRAPPED = mmd_random mbedtls_ssl_write

# What stands in front of Mbed TLS's arithmetic, with its private headers; the second has keys of OpenSSL's.
FRONTS := $(addprefix $(BUILD)/test/unit/test_,fronts front_keys)
$(FRONTS:%=%.o) $(BUILD)/test/unit/test_front_small.o: private OWN += -Itest/scripted -isystem $(MBEDTLS)/library
$(BUILD)/test/unit/test_front_small: $(BUILD)/test/unit/numbers.o
$(FRONTS): $(BUILD)/test/unit/numbers.o $(BUILD)/test/scripted/failing_allocator.o
$(FRONTS): private LINK_FLAGS = $(foreach function,platform_set_calloc_free mpi_core_montmul $(WRAPPED),\
    -Wl,--wrap=mbedtls_$(function))
$(BUILD)/test/unit/test_fronts: private WRAPPED = mpi_core_exp_mod mpi_core_exp_mod_unsafe
$(BUILD)/test/unit/test_front_keys: private WRAPPED = mpi_exp_mod_unsafe
$(BUILD)/test/unit/test_front_keys: private EXTRA = -lcmocka -lcrypto

# Between an emulated board and its network, to lose frames on purpose.
$(BUILD)/test/board/relay.o $(BUILD)/boards/slirp/slirp_link.o: private OWN += \
    -Iboards/slirp -isystem /usr/include/slirp
$(BUILD)/relay: private EXTRA = -lslirp
$(BUILD)/relay: $(BUILD)/test/board/relay.o $(BUILD)/boards/slirp/slirp_link.o
	$(link)

include test/fuzz/fuzz.mk
include test/portable/portable.mk
include test/memcheck/memcheck.mk
include test/proof/proof.mk
include test/interop/interop.mk
include test/distribution/distribution.mk
include test/booted/booted.mk
include test/vectors/vectors.mk
include test/faults.mk
