# The commands of the project. `make help` lists them.
SHELL := /bin/sh
PYTHON ?= python3
PORT ?= 8000
SIZES ?= 1000,10000,100000
LIGHTHOUSE := 12.8.2
EXAMPLES ?= 200
REQUESTS ?= 10000
MINUTES ?= 20
# One process more than processors: some tests wait for browsers and servers.
WORKERS ?= $(shell echo $$(( $$(nproc) + 1 )))
VENV := .venv
BIN := $(VENV)/bin
DEVELOPMENT := DJANGO_SETTINGS_MODULE=jundiai_global.settings.development
MANAGE := $(DEVELOPMENT) $(BIN)/python manage.py
# Made-up values with which production's own checks run.
PRODUCTION := DJANGO_SETTINGS_MODULE=jundiai_global.settings.production \
	SECRET_KEY=check-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLM \
	DATABASE_URL=sqlite:///var/check.sqlite3 ALLOWED_HOSTS=example.org SITE_URL=https://example.org

.DEFAULT_GOAL := help
.PHONY: help run admin demo demo-remove test test-postgres fresh bench bench-speed fuzz wapiti audit bom check format lint messages manual-pictures \
	accessibility-report accessibility-snapshots lighthouse requirements rehearse-install clean

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|'

run: $(VENV)/.site ## Install, set up the database and serve on http://localhost:8000 (PORT=… changes it)
	@mkdir -p var
	@$(MANAGE) migrate --verbosity 0
	@SITE_URL=http://localhost:$(PORT) $(MANAGE) load_initial_content --with-demo-if-new
	@echo
	@echo "  Site:   http://localhost:$(PORT)/"
	@echo "  Admin:  http://localhost:$(PORT)/admin/   (first administrator: make admin)"
	@echo
	@SITE_URL=http://localhost:$(PORT) $(MANAGE) runserver $(PORT)

admin: $(VENV)/.site ## Create an administrator
	@mkdir -p var
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) createsuperuser $(if $(DJANGO_SUPERUSER_PASSWORD),--noinput,)

demo: $(VENV)/.site ## Add sample news and videos
	@$(MANAGE) load_demo

demo-remove: $(VENV)/.site ## Take the samples away
	@$(MANAGE) remove_demo

test: $(VENV)/.dev ## Run the tests on SQLite; browser tests run where Chromium is present
	$(BIN)/python -m pytest -n $(WORKERS)

test-postgres: $(VENV)/.dev ## Run the tests on PostgreSQL (DATABASE_URL, or a throw-away server)
	$(BIN)/python tests/throwaway_postgres.py $(BIN)/python -m pytest -n $(WORKERS) -m "not browser"

fresh: $(VENV)/.dev ## Do what editors do in 200 random orders, and compare all that is kept (EXAMPLES=20 for less, SEED=… for a run again)
	EXAMPLES=$(EXAMPLES) SEED=$(SEED) $(BIN)/python -m pytest -n0 -q tests/test_page_cache_is_fresh.py

bench: $(VENV)/.dev ## Measure the site with up to 100,000 articles (SIZES=1000,10000 for less); writes docs/benchmarks
	$(BIN)/python -m benchmarks --sizes $(SIZES)

bench-speed: $(VENV)/.dev ## Measure pages a second, latency and freshness under load (needs nginx and wrk); writes docs/benchmarks/speed.md
	@command -v wrk >/dev/null || { echo "wrk is missing: sudo apt install wrk"; exit 1; }
	$(BIN)/python -m benchmarks.speed

fuzz: $(VENV)/.dev ## Send 10,000 malformed requests to a server of its own (REQUESTS=2000 for less)
	$(BIN)/python -m fuzzing --requests $(REQUESTS)

wapiti: $(VENV)/.dev ## Let the scanner wapiti attack a server of its own (MINUTES=5 for less)
	$(BIN)/python -m fuzzing.wapiti --minutes $(MINUTES)

audit: $(VENV)/.dev ## Ask whether weaknesses are known of the packages; not part of the gate
	@$(BIN)/python -m jundiai_global.audit

bom: $(VENV)/.dev ## Write the bill of materials (CycloneDX 1.6) to var/bom.json
	@mkdir -p var
	$(BIN)/cyclonedx-py requirements requirements.txt --spec-version 1.6 --output-reproducible \
		--output-file var/bom.json

check: lint ## Format, lint, types, settings, migrations and tests
	@mkdir -p var
	$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(MANAGE) makemigrations --check --dry-run
	$(MAKE) --no-print-directory test

lint: $(VENV)/.dev ## Check format, style, templates and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/djhtml --tabwidth 4 --check templates
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/mypy

format: $(VENV)/.dev ## Format the code and the templates
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/djhtml --tabwidth 4 templates

messages: $(VENV)/.dev ## Collect the interface's words and compile the translations
	@command -v xgettext >/dev/null || { echo "gettext is missing: sudo apt install gettext"; exit 1; }
	$(MANAGE) makemessages --locale en --locale es --no-location --ignore '.venv/*' --ignore 'var/*'
	$(MANAGE) compilemessages --locale en --locale es --locale pt_BR --ignore '.venv/*'

manual-pictures: $(VENV)/.dev ## Take the pictures of the editors' manual from a running admin
	$(BIN)/python -m pytest -n0 -q tests/browser/manual_pictures.py

accessibility-report: $(VENV)/.dev ## Test the accessibility and write down the result that the site shows
	$(BIN)/python -m pytest -n0 -q -p tests.browser.accessibility_report \
		tests/browser/test_accessibility.py tests/test_accessibility.py tests/test_contrast.py \
		--deselect tests/test_accessibility.py::test_the_report_that_came_with_the_site_is_of_a_test_without_faults

accessibility-snapshots: $(VENV)/.dev ## Write anew what a screen reader is told of the main templates
	RENEW_SNAPSHOTS=1 $(BIN)/python -m pytest -n0 -q tests/browser/test_accessibility.py -k screen_reader

lighthouse: $(VENV)/.dev ## Lighthouse's marks of every template, performance as the median of five runs (needs npm); writes docs/benchmarks
	@command -v npm >/dev/null || { echo "npm is missing: sudo apt install npm"; exit 1; }
	npm install --prefix var/lighthouse --no-save --no-audit --no-fund --ignore-scripts lighthouse@$(LIGHTHOUSE)
	$(BIN)/python -m pytest -n0 -q tests/browser/lighthouse.py

requirements: $(VENV)/.dev ## Refresh the pinned requirements from the .in files
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --custom-compile-command "make requirements" requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --custom-compile-command "make requirements" requirements-dev.in -o requirements-dev.txt

rehearse-install: ## Install, upgrade and roll back in a Debian 12 of its own (root, debootstrap, the network)
	deploy/rehearse.sh

clean: ## Remove the virtual environment and what the tools left (var/ is kept)
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache

$(VENV)/.venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Python 3.11 or newer is needed: sudo apt install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv is missing: sudo apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.site: $(VENV)/.venv requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.site requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
