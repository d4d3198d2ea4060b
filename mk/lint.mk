# SPDX-License-Identifier: MIT
# Looking at the code without running it.
#   make analyze BOARD=slirp NOT=src/%    without these; lint, too
C_FILES     = $(shell find include src port programs boards test examples -name '*.[ch]')
OWN_C       = $(filter-out $(NOT),$(LIB_C) $(BOARD_PROGRAM_C))
CLANG_FLAGS = $(BOARD_CLANG) $(filter-out --specs=% -MD -MP,$(OWN))

.PHONY: format format-check lint analyze layers generated
format: deps-lint ## lay out the C code by .clang-format
	clang-format -i $(C_FILES)
format-check: deps-lint ## fail if format would change anything
	clang-format --dry-run -Werror $(C_FILES)

layers: ## fail if a file includes what lies above it, or files include each other in a circle
	@python3 tools/layers.py

# One rule for both, since lint and analyze may run side by side.
generated: deps-lint
	@$(MAKE) --no-print-directory DEPS=no $(GENERATED)

lint: generated ## clang's warnings, clang-tidy and cppcheck on our own code, for the board
	@$(MAKE) --no-print-directory DEPS=no $(addprefix lint/,$(OWN_C))
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
	    --error-exitcode=1 -Iinclude -Isrc -Isrc/text src port programs boards
lint/%.c: FORCE
	$(SHOW) LINT $*.c
	$(Q)clang -fsyntax-only -Werror $(CLANG_FLAGS) $(call room,$*.c) $*.c
	$(Q)clang-tidy --quiet $*.c -- $(CLANG_FLAGS) $(call room,$*.c) 2>/dev/null

# Beside lint, since it takes longer. Each looks through one file as a whole, gcc for more warnings, too. The checker
# that is left out asks for memcpy_s and its like, which no C library here has.
ANALYZE_GCC   := -Werror -O2 -fanalyzer -Wcast-align=strict -Wundef -Wwrite-strings -Wformat=2 -Wnull-dereference \
                 -Wdouble-promotion -Wduplicated-cond -Wduplicated-branches
ANALYZE_CLANG := -Xclang -analyzer-werror --analyzer-output text \
                 -Xclang -analyzer-checker=core,deadcode,nullability,optin.portability,security,unix,alpha.unix \
                 -Xclang -analyzer-disable-checker=security.insecureAPI.DeprecatedOrUnsafeBufferHandling
analyze: generated ## gcc's and clang's static analyzers on our own code, for the board
	@$(MAKE) --no-print-directory DEPS=no $(addprefix analyze/,$(OWN_C))
analyze/%.c: FORCE
	$(SHOW) CHECK $*.c
	$(Q)$(if $(findstring clang,$(CC)),gcc,$(CC)) $(filter-out -MD -MP,$(OWN)) $(ANALYZE_GCC) $(call room,$*.c) \
	    -S -o /dev/null $*.c
	$(Q)clang --analyze $(ANALYZE_CLANG) $(CLANG_FLAGS) $(call room,$*.c) $*.c -o /dev/null
