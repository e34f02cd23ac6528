# The commands of the project. `make help` lists them.
SHELL := /bin/sh
PYTHON ?= python3
PORT ?= 8000
SIZES ?= 1000,10000,100000
VENV := .venv
BIN := $(VENV)/bin
DEVELOPMENT := DJANGO_SETTINGS_MODULE=jundiai_global.settings.development
MANAGE := $(DEVELOPMENT) $(BIN)/python manage.py
# Made-up values with which production's own checks run.
PRODUCTION := DJANGO_SETTINGS_MODULE=jundiai_global.settings.production \
	SECRET_KEY=check-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLM \
	DATABASE_URL=sqlite:///var/check.sqlite3 ALLOWED_HOSTS=example.org SITE_URL=https://example.org

.DEFAULT_GOAL := help
.PHONY: help run admin demo demo-remove test test-postgres bench check format lint messages manual-pictures requirements clean

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
	$(BIN)/python -m pytest -n auto --dist loadgroup

test-postgres: $(VENV)/.dev ## Run the tests on PostgreSQL (DATABASE_URL, or a throw-away server)
	$(BIN)/python tests/throwaway_postgres.py $(BIN)/python -m pytest -n auto -m "not browser"

bench: $(VENV)/.dev ## Measure the site with up to 100,000 articles (SIZES=1000,10000 for less); writes docs/benchmarks
	$(BIN)/python -m benchmarks --sizes $(SIZES)

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

requirements: $(VENV)/.dev ## Refresh the pinned requirements from the .in files
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --custom-compile-command "make requirements" requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --custom-compile-command "make requirements" requirements-dev.in -o requirements-dev.txt

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
