# make fuzz, make fuzz-replay, make coverage.
FUZZ_TARGETS := request response error_object text trust client_plain client_tls
FUZZ         := $(FUZZ_TARGETS:%=$(BUILD)/test/fuzz/%)
FUZZ_FLAGS   := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
SECONDS      ?= 60
TARGETS      ?= $(FUZZ_TARGETS)

# What gives a target its main: libFuzzer, by LDFLAGS, or replay.c.
FUZZ_MAIN ?= $(BUILD)/test/fuzz/replay.o

$(BUILD)/test/fuzz/client_plain: $(addprefix $(BUILD)/test/,fuzz/plain_tls.o)
$(BUILD)/test/fuzz/client_plain $(BUILD)/test/fuzz/client_tls: \
    $(addprefix $(BUILD)/test/,fuzz/exchange.o scripted/scripted_port.o)
$(BUILD)/test/fuzz/record: $(addprefix $(BUILD)/test/,fuzz/record.o fuzz/client_tls.o fuzz/exchange.o \
    scripted/scripted_port.o) $(LIBS)
	$(SHOW) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LINK_LIBS) $(BOARD_LIBS)
$(BUILD)/test/fuzz/%: $(BUILD)/test/fuzz/%.o $(FUZZ_MAIN) $(LIBS)
	$(SHOW) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LINK_LIBS) $(BOARD_LIBS)
