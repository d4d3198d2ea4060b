# SPDX-License-Identifier: MIT
# The catalogue of faults: what can go wrong from outside, and which test shows what comes of it.
.PHONY: faults
faults: ## write the catalogue of faults, from the marks in the tests, to build/FAULTS.md
	@mkdir -p build
	@python3 test/faults.py build/FAULTS.md
