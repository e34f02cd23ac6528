"""A real browser at a real server: gunicorn, production's settings and collected static files."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)

#: One person of each role.
PEOPLE = """
from django.contrib.auth.models import Group, User

for name, role in (("redatora", "Redação"), ("revisora", "Edição"), ("chefe", "Administração")):
    user = User.objects.create_user(name, f"{name}@example.org", "uma-senha-de-teste")
    user.groups.add(Group.objects.get(name=role))
"""


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            # One worker runs them all: they share the server.
            item.add_marker(pytest.mark.xdist_group("browser"))
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip("Chromium is missing: sudo apt install chromium"))


def manage(environment: dict, *command: str, **extra: str) -> None:
    subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=settings.BASE_DIR,
        env={**environment, **extra},
        check=True,
        stdout=subprocess.DEVNULL,
    )


@contextmanager
def serving(environment: dict, log_path: Path) -> Iterator[int]:
    """Gunicorn in that environment; on which port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = log_path.open("w")
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}"),
            *("--workers", "2", "--timeout", "120", "jundiai_global.wsgi"),
        ],
        cwd=settings.BASE_DIR,
        env={**environment, "SITE_URL": f"http://127.0.0.1:{port}"},
        stdout=log,
        stderr=log,
    )
    for _attempt in range(150):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/robots.txt", timeout=5)
            break
        except OSError:
            time.sleep(0.2)
    else:
        pytest.fail(log_path.read_text())
    yield port
    server.terminate()
    server.wait(20)
    log.close()


@pytest.fixture(scope="session")
def environment(tmp_path_factory) -> dict:
    """Of a site with its first content, the samples and people, which nobody serves yet."""
    folder = tmp_path_factory.mktemp("site")
    environment = {
        **os.environ,
        "ENV_FILE": os.devnull,
        "DJANGO_SETTINGS_MODULE": "tests.browser.settings",
        "SECRET_KEY": "browser-tests-0123456789-abcdefghijklmnopqrstuvwxyz",
        "DATABASE_URL": f"sqlite:///{folder}/site.sqlite3",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "SITE_URL": "http://127.0.0.1",
        "STATIC_ROOT": str(folder / "static"),
        "MEDIA_ROOT": str(folder / "media"),
        "PRIVATE_ROOT": str(folder / "private"),
    }
    manage(environment, "migrate", "--verbosity", "0")
    manage(environment, "load_initial_content")
    manage(environment, "load_demo")
    manage(environment, "collectstatic", "--noinput", "--verbosity", "0")
    manage(
        environment,
        *("createsuperuser", "--noinput", "--username", "editora", "--email", "e@example.org"),
        DJANGO_SUPERUSER_PASSWORD="uma-senha-de-teste",
    )
    manage(environment, "shell", "--command", PEOPLE)
    return environment


@pytest.fixture(scope="session")
def site(environment, tmp_path_factory) -> Iterator[str]:
    """Address of the running site, with its first content and the samples."""
    with serving(environment, tmp_path_factory.mktemp("log") / "server.log") as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, site):
    """Opens a page in a fresh context: ``visit("/", width=360, color_scheme="dark")``."""
    contexts = []

    def visit(path, width=1280, height=900, **options):
        context = chromium.new_context(
            viewport={"width": width, "height": height}, base_url=site, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(path, wait_until="load")
        return page

    yield visit
    for context in contexts:
        context.close()
