# SPDX-License-Identifier: MIT
# SYSTEM_MBEDTLS=1, tried with an Mbed TLS as a distribution has it: its default configuration, as shared libraries.
DISTRIBUTION  := build/distribution
SYSTEM_TESTS  ?= test_tls test_answers test_sessions

.PHONY: distribution-check
distribution-check: deps-test $(DISTRIBUTION)/root/lib/libmbedtls.so ## try a distribution's Mbed TLS
	@env PKG_CONFIG_PATH='$(CURDIR)/$(DISTRIBUTION)/root/lib/pkgconfig' $(ALONE) BOARD=linux SYSTEM_MBEDTLS=1 \
	    BUILD=$(DISTRIBUTION)/mmdclose CFLAGS=-O2 WERROR=$(WERROR) all $(DISTRIBUTION)/mmdclose/test/system/sessions
	@LD_LIBRARY_PATH='$(CURDIR)/$(DISTRIBUTION)/root/lib' MMDCLOSE_SYSTEM_MBEDTLS=yes NGINX='$(NGINX)' \
	    python3 test/run.py $(DISTRIBUTION)/mmdclose $(SYSTEM_TESTS)

$(DISTRIBUTION)/root/lib/libmbedtls.so:
	cmake -S '$(MBEDTLS)' -B $(DISTRIBUTION)/mbedtls -DUSE_SHARED_MBEDTLS_LIBRARY=ON -DUSE_STATIC_MBEDTLS_LIBRARY=OFF \
	    -DENABLE_PROGRAMS=OFF -DENABLE_TESTING=OFF -DCMAKE_BUILD_TYPE=Release \
	    -DCMAKE_INSTALL_PREFIX='$(CURDIR)/$(DISTRIBUTION)/root' -DCMAKE_INSTALL_LIBDIR=lib >/dev/null
	cmake --build $(DISTRIBUTION)/mbedtls --target install >/dev/null
