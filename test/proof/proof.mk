# SPDX-License-Identifier: MIT
# Proofs with the model checker CBMC: for all inputs up to a bound, not for samples.
#   make prove PROVE=prove_span      only this harness
#   make prove PROVE=sample          the first harness of each file
CBMC  ?= deps/cbmc/run
PROVE ?=
# For words of 32 bits the C library's headers ask for a file that only a 32-bit system has.
PROVE_INCLUDE = -I build/prove/include -I /usr/include/$(shell gcc -print-multiarch) \
                -I include -I src -I src/text -I programs/common

.PHONY: deps-prove prove
deps-prove:
	@test '$(DEPS)' = no || MBEDTLS_DIR='$(MBEDTLS_DIR)' tools/deps.sh deps prove
prove: deps-prove ## prove the pure code's contracts for all inputs up to a bound (build/PROOFS.md)
	@mkdir -p build/prove/include/gnu
	@touch build/prove/include/gnu/stubs-32.h
	@nice python3 test/proof/prove.py $(CBMC) '$(PROVE_INCLUDE)' $(PROVE)
