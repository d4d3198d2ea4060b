# SPDX-License-Identifier: MIT
# The command through TLS servers that others wrote: their configuration is in servers.py.
.PHONY: interop
interop: deps-interop ## close requests through nginx, haproxy, stunnel, Apache, lighttpd, Node.js and OpenSSL's s_server
	@$(MAKE) --no-print-directory DEPS=no all
	@MMDCLOSE=$(CURDIR)/$(PROGRAM) NGINX=$(NGINX) SERVERS='$(or $(SERVERS_DIR),$(CURDIR)/deps/servers)' \
	    python3 test/interop/run.py
