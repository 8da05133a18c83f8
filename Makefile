# Two commands do everything: `make run` and `make test`. Both make their own .venv first.
PYTHON ?= python3
BIN = .venv/bin
.PHONY: run test test-pages test-rest install check lint quick lock clean

run: .venv/run
	$(BIN)/python -m bot run

# Two lanes for two cores, as long as each other: linters, browser, databases and the core; everything else.
PAGES = tests/web tests/store tests/app tests/walks tests/conversation tests/corpus tests/test_house.py tests/test_transcripts.py
test: .venv/dev
	mkdir -p build
	$(MAKE) --no-print-directory -j2 -Otarget test-pages test-rest

test-pages: lint check
	$(BIN)/python -m pytest $(PAGES) --basetemp=build/pages -p no:cacheprovider

test-rest: .venv/dev
	$(BIN)/python -m pytest $(PAGES:%=--ignore=%)

# The fast loop while writing: the pure core and the content, without browser, database server and doors.
quick: .venv/dev
	$(BIN)/python -m pytest -q tests/conversation tests/content

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: .venv/dev
	$(BIN)/python -m bot check

install: .venv/run

.venv/run: requirements/run.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version)'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	touch $@

.venv/dev: requirements/dev.txt .venv/run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	touch $@

# Newer versions of everything, within what requirements/*.in allow.
lock:
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet uv
	for name in run dev; do build/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
		--no-emit-index-url --no-emit-find-links --no-header -o requirements/$$name.txt requirements/$$name.in || exit 1; done

clean:
	rm -rf .venv build
