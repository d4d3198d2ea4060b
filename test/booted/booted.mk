# SPDX-License-Identifier: MIT
# The units in a systemd that has really booted, in a container: see run.py.
NSPAWN ?= $(CURDIR)/deps/nspawn/usr/bin/systemd-nspawn

.PHONY: booted
booted: deps-booted ## boot a systemd in a container (as root), and run the queue's units there
	@$(ALONE) BOARD=linux build/linux/mmdclose
	@NSPAWN='$(NSPAWN)' python3 test/booted/run.py build/linux $(TESTS)
