# The catalogue of faults.
.PHONY: faults
faults: ## write the catalogue of faults, test/FAULTS.md, from the tests
	@python3 test/faults.py
