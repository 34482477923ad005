# For those used to make; run.py does the work and needs no make.
PYTHON ?= python3

.PHONY: demo lab test check

demo lab test:
	$(PYTHON) run.py $@

check:
	.ci/run
