# SPDX-License-Identifier: MIT
# What others published to break signatures and key agreements with, through the library's build of Mbed TLS.
#   make vectors VECTORS=DIR     DIR: the files of testvectors_v1 of github.com/C2SP/wycheproof, or some of them
VECTORS ?=

$(BUILD)/test/vectors/vectors: %: %.o $(PARTS)
	$(link)

.PHONY: vectors
vectors: deps-build ## run Wycheproof's test vectors of VECTORS=DIR: RSA, ECDSA, X25519
	@test -n '$(VECTORS)' || { echo 'vectors: give VECTORS=DIR, the folder of the files; see test/README.md' >&2; exit 1; }
	@$(MAKE) --no-print-directory DEPS=no BUILD=$(BUILD)-check CFLAGS='$(SANITIZE)' $(BUILD)-check/test/vectors/vectors
	@python3 test/vectors/vectors.py $(BUILD)-check/test/vectors/vectors '$(VECTORS)'
