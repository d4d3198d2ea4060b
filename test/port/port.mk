# SPDX-License-Identifier: MIT
# The conformance of ports (conformance.h): the peer, and a program for each port.
PEER        := $(BUILD)/conformance-peer
PORT_TESTS  := $(addprefix $(BUILD)/test/port/on_,linux proxy scripted)
CONFORMANCE := $(BUILD)/conformance$(BOARD_EXTENSION)

.PHONY: conformance
conformance: deps-build ## build the peer of the port conformance test, and print how to prove a port
	@$(ALONE) BOARD=linux build/linux/conformance-peer
	@sed -n '/^## To prove a port/,/^## /{/^## To prove/p;/^## /d;p}' docs/porting.md

$(PEER): $(BUILD)/test/port/peer_main.o $(BUILD)/test/port/peer.o
$(BUILD)/test/port/on_linux $(BUILD)/test/port/on_proxy: %: %.o $(BUILD)/test/port/conformance.o $(PARTS)
$(BUILD)/test/port/on_scripted.o: private OWN += -Itest/scripted
$(BUILD)/test/port/on_scripted: $(BUILD)/test/port/on_scripted.o $(BUILD)/test/port/conformance.o \
    $(BUILD)/test/port/peer.o $(BUILD)/test/scripted/scripted_port.o $(PARTS)
$(PEER) $(PORT_TESTS):
	$(link)

# The firmware's own network, with the checks in place of the closing.
$(CONFORMANCE): private LINK_FLAGS = $(BOARD_LDFLAGS) -Wl,--gc-sections
$(CONFORMANCE): $(filter-out %/programs/firmware/main.o,$(PROGRAM_O)) $(BUILD)/test/port/on_lwip.o \
    $(BUILD)/test/port/conformance.o $(LWIP_O) $(PARTS) $(BOARD_LINK_DEPS)
	$(link)
