PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check

.PHONY: run test check types proof proof-short sabotage bench pictures lock clean

run: $(VENV)/installed
	@$(PY) manage.py prepare
	@exec $(PY) -m gunicorn

# check, then the tests on SQLite and on PostgreSQL, then in Chromium. REQUIRE_ALL=1: nothing left out.
test: $(VENV)/installed-dev
	@$(PY) scripts/test.py

check: $(VENV)/installed-dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m djlint --lint --quiet templates
	$(PY) -m mypy
	DATABASE_URL=sqlite://:memory: $(PY) manage.py makemigrations --check --dry-run
	IPS_ENV=production DEBUG= SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_hex(40))') \
		AUDIT_KEYS=1:$$($(PY) -c 'import secrets; print(secrets.token_hex(32))') AUDIT_ANCHORS=/var/log/ips/anchors \
		ALLOWED_HOSTS=ips.example DATABASE_URL=postgres://localhost/ips \
		EMAIL_URL=smtp://mail.ips.example:25 DEFAULT_FROM_EMAIL=ips@ips.example \
		$(PY) manage.py check --deploy --fail-level WARNING
	@if command -v node >/dev/null && command -v npm >/dev/null; then $(MAKE) --no-print-directory types; \
		else echo "could not run  types of static/js: no node and npm on the PATH (apt-get install nodejs npm)"; \
		[ "$$REQUIRE_ALL" != 1 ]; fi

types: node_modules/.package-lock.json
	node_modules/.bin/tsc --noEmit

node_modules/.package-lock.json: package-lock.json
	@echo "Installing what package-lock.json lists ..."
	@npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# The long proofs: each property on many more examples (some hours), and proof-short for every push.
# On SQLite; on PostgreSQL the races, in the long one all of who may, and what `make test` has on SQLite alone.
proof proof-short: $(VENV)/installed-dev
	@$(PY) scripts/test.py $@

# Breaks the product thirty times and more, in a copy, and sees that a test turns red each time.
sabotage: $(VENV)/installed-dev
	@$(PY) -m tests.sabotage

# What each page costs, in multiples of an empty one, on both databases. BENCH_CASES=20000 for more cases.
bench: $(VENV)/installed-dev
	@$(PY) -m bench

# The pictures in README.md, from a fresh sample on a server of its own.
pictures: $(VENV)/installed-dev
	@$(PY) scripts/pictures.py

# Public hashes only: uv reads no configuration, and no folder or index of this machine gets into the lists.
LOCK := env -u UV_FIND_LINKS -u UV_INDEX -u UV_EXTRA_INDEX_URL $(PY) -m uv pip compile --no-config --quiet \
	--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make lock" $(LOCK_OPTIONS)
lock: $(VENV)/installed-dev
	$(LOCK) requirements.in -o requirements.txt
	$(LOCK) requirements-dev.in -o requirements-dev.txt

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
		"IPS CANS needs Python 3.11 or newer, this is %d.%d: make PYTHON=python3.11" % sys.version_info[:2])'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/installed: requirements.txt | $(PY)
	@echo "Installing what requirements.txt lists ..."
	@$(PIP) install --quiet --require-hashes -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt | $(PY)
	@echo "Installing what requirements-dev.txt lists ..."
	@$(PIP) install --quiet --require-hashes -r requirements-dev.txt
	@touch $@

clean:
	rm -rf $(VENV) node_modules staticfiles .hypothesis .mypy_cache .pytest_cache .ruff_cache
