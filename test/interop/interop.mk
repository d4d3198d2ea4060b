# SPDX-License-Identifier: MIT
# The command with the TLS servers of others in front of the stand-in service: see run.py.
#   make interop SERVERS='nginx haproxy'    only these
SERVERS ?=

.PHONY: interop
interop: deps-interop ## close requests through TLS servers of others: nginx, OpenSSL, haproxy and more
	@$(ALONE) BOARD=linux build/linux/mmdclose
	@NGINX='$(NGINX)' MMDCLOSE=build/linux/mmdclose python3 test/interop/run.py $(SERVERS)
