"""Production as the city's server starts it: in a process of its own."""

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings

from jundiai_global.settings import base

GOOD = {
    "SECRET_KEY": "test-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ",
    "DATABASE_URL": "sqlite:///:memory:",
    "ALLOWED_HOSTS": "example.org",
    "SITE_URL": "https://example.org",
}


def run(command, **environment):
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=settings.BASE_DIR,
        env={
            **kept,
            "DJANGO_SETTINGS_MODULE": "jundiai_global.settings.production",
            "ENV_FILE": os.devnull,
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_production_with_its_settings_passes_djangos_deployment_checks():
    result = run(["check", "--deploy", "--fail-level", "WARNING"], **GOOD)
    assert result.returncode == 0, result.stderr


def test_production_without_settings_names_all_that_is_missing():
    result = run(["check"])
    assert result.returncode != 0
    for name in GOOD:
        assert name in result.stderr
    assert ".env.example" in result.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "a" * 60),
        ("DATABASE_URL", "nonsense"),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", ","),
        ("SITE_URL", "example.org"),
        ("DATABASE_REPLICA_URL", "postgres://replica/jundiai"),
        ("ADMIN_NETWORKS", "10.20.0.0/33"),
        ("HEALTH_NETWORKS", "inside"),
        ("NGINX_TRUSTED_PROXIES", "proxy.example.org"),
        ("CDN_PURGE", "http"),
        ("CDN_PURGE", "akamai"),
        ("NGINX_UPSTREAMS", "10.20.0.7"),
        ("NGINX_UNLIMITED_NETWORKS", "10.0.0.0/8; deny all"),
    ],
)
def test_production_refuses_a_bad_setting_and_names_it_alone(name, value):
    result = run(["check"], **{**GOOD, name: value})
    assert result.returncode != 0
    listed = [line for line in result.stderr.splitlines() if line.startswith("  - ")]
    assert len(listed) == 1
    assert name in listed[0]


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"EMAIL_URL": "pigeon://host"}, "EMAIL_URL"),
        ({"EMAIL_URL": "smtp+tls://user:secret@host:587"}, "DEFAULT_FROM_EMAIL"),
    ],
)
def test_production_refuses_mail_settings_that_cannot_work(environment, named):
    result = run(["check"], **GOOD, **environment)
    assert result.returncode != 0
    assert f"  - {named}" in result.stderr


@pytest.mark.parametrize("connections", [0, 8])
def test_a_database_machine_that_is_gone_without_a_word_is_noticed(monkeypatch, connections):
    """https://www.postgresql.org/docs/current/libpq-connect.html; what the address says wins."""
    monkeypatch.setattr(base, "DATABASE_POOL_SIZE", connections)
    config = base.database("postgres://db.example.org/jundiai?keepalives_idle=7")
    options = config["OPTIONS"]
    assert ("pool" in options) == bool(connections)
    idle, interval, count = (
        int(options[f"keepalives_{name}"]) for name in ("idle", "interval", "count")
    )
    assert idle == 7
    assert interval * count <= 30
    assert options["tcp_user_timeout"] == 30_000
    assert base.database("sqlite:///x.sqlite3")["OPTIONS"].keys().isdisjoint(options)


def test_every_setting_read_from_the_environment_is_documented():
    example = (settings.BASE_DIR / ".env.example").read_text(encoding="utf-8")
    read = set()
    for path in (settings.BASE_DIR / "jundiai_global/settings").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        read |= set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", text))
    assert read
    assert {name for name in read if not re.search(rf"^#?\s*{name}=", example, re.M)} == set()


def test_collected_static_files_are_one_sheet_with_hashed_names(tmp_path):
    result = run(
        ["collectstatic", "--noinput", "--verbosity", "0"], **GOOD, STATIC_ROOT=str(tmp_path)
    )
    assert result.returncode == 0, result.stderr
    sheets = {path.name for path in (tmp_path / "css").rglob("*.css")}
    assert {name.split(".")[0] for name in sheets} == {"site", "admin"}
    (bundle,) = (tmp_path / "css").glob("site.*.css")
    text = bundle.read_text(encoding="utf-8")
    assert "@import" not in text
    assert "@layer" in text
    fonts = re.findall(r"url\([\"']?([^\"')]+\.woff2)", text)
    assert fonts
    for font in fonts:
        assert (bundle.parent / font).exists(), font
    assert bundle.with_suffix(".css.br").exists()
    assert bundle.with_suffix(".css.gz").exists()
