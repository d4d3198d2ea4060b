# All tests of the library and the command under valgrind: see memcheck.py. Some twenty minutes with
# two processors, so not in .ci/run.
.PHONY: memcheck deps-memcheck
memcheck: deps-memcheck ## run all tests of the library and the command under valgrind
	@$(MAKE) --no-print-directory DEPS=no BUILD=$(BUILD)-memcheck CFLAGS='-O1 -g' all tests
	@NGINX='$(NGINX)' python3 test/memcheck/memcheck.py $(BUILD)-memcheck

deps-memcheck:
	@$(if $(filter no,$(DEPS)),,MBEDTLS_DIR=$(MBEDTLS_DIR) tools/deps.sh deps build test bench)
