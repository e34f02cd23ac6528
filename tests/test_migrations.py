"""The migrations go forwards, backwards and forwards again, on the database of this run."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection


@pytest.fixture
def empty_database(db, tmp_path):
    """Address of a database of its own, thrown away afterwards."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path}/migrations.sqlite3"
        return
    import psycopg

    name = f"migrations_{os.getpid()}"
    options = connection.get_connection_params()
    options = {key: options[key] for key in ("host", "port", "user", "password") if key in options}
    with psycopg.connect(**options, dbname="postgres", autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    login = options.get("user", "")
    if options.get("password"):
        login += f":{options['password']}"
    host = options.get("host", "localhost")
    if not host.startswith("/"):
        host = f"{host}:{options.get('port', 5432)}"
    yield f"postgres://{login}@{host if host[0] != '/' else '/' + host}/{name}"
    with psycopg.connect(**options, dbname="postgres", autocommit=True) as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def manage(url, *command):
    result = subprocess.run(
        [sys.executable, "manage.py", *command, "--verbosity", "0"],
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "jundiai_global.settings.test",
            "DATABASE_URL": url,
        },
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr


#: In one process, for each that begins reads all migrations anew.
UNDO = """
from django.core.management import call_command

for app in ("page_cache", "operations", "desk", "search", "news", "goals", "pages"):
    call_command("migrate", app, "zero", verbosity=0)
"""


def test_migrations_can_be_undone_and_done_again(empty_database):
    manage(empty_database, "migrate")
    manage(empty_database, "shell", "--command", UNDO)
    manage(empty_database, "migrate")
    manage(empty_database, "load_initial_content")
