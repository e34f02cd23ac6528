"""A real browser at a real server: gunicorn, production's settings and collected static files."""

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.conf import settings

#: The same browser without windows opens a page in a fourth of the time, where Debian has it.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)

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
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip("Chromium is missing: sudo apt install chromium"))


class Server:
    """The site as it runs in production, on a database and files of its own in ``folder``."""

    def __init__(self, folder: Path, **environment):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.folder = folder
        self.database = folder / "site.sqlite3"
        self.address = f"http://127.0.0.1:{port}"
        self._bind = f"127.0.0.1:{port}"
        self.environment = {
            **os.environ,
            "ENV_FILE": os.devnull,
            "DJANGO_SETTINGS_MODULE": "tests.browser.settings",
            "SECRET_KEY": "browser-tests-0123456789-abcdefghijklmnopqrstuvwxyz",
            "DATABASE_URL": f"sqlite:///{self.database}",
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "PORT": str(port),
            "SITE_URL": self.address,
            "STATIC_ROOT": str(folder / "static"),
            "MEDIA_ROOT": str(folder / "media"),
            "PRIVATE_ROOT": str(folder / "private"),
            **environment,
        }

    def manage(self, *command, **extra):
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=settings.BASE_DIR,
            env={**self.environment, **extra},
            check=True,
            stdout=subprocess.DEVNULL,
        )

    @contextmanager
    def running(self):
        with (self.folder / "server.log").open("w") as log:
            server = subprocess.Popen(
                [
                    *(sys.executable, "-m", "gunicorn", "--bind", self._bind),
                    *("--workers", "2", "--timeout", "120", "jundiai_global.wsgi"),
                ],
                cwd=settings.BASE_DIR,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
            for _attempt in range(150):
                try:
                    urllib.request.urlopen(f"{self.address}/robots.txt", timeout=5)  # noqa: S310
                    break
                except OSError:
                    time.sleep(0.2)
            else:
                pytest.fail((self.folder / "server.log").read_text())
            yield
            server.terminate()
            server.wait(20)


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[Server]:
    """The running site, with its first content and the samples."""
    server = Server(tmp_path_factory.mktemp("site"))
    server.manage("migrate", "--verbosity", "0")
    server.manage("load_initial_content")
    server.manage("load_demo")
    server.manage("collectstatic", "--noinput", "--verbosity", "0")
    server.manage(
        *("createsuperuser", "--noinput", "--username", "editora", "--email", "e@example.org"),
        DJANGO_SUPERUSER_PASSWORD="uma-senha-de-teste",
    )
    server.manage("shell", "--command", PEOPLE)
    with server.running():
        yield server


@pytest.fixture(scope="session")
def environment(server) -> dict[str, str]:
    """Settings of the site under test, which has a folder and a port of its own."""
    return server.environment


@pytest.fixture(scope="session")
def manage(server):
    """Runs a command of the site under test: ``manage("publish_scheduled")``."""
    return server.manage


@pytest.fixture(scope="session")
def site(server) -> str:
    """Address of the running site, with its first content and the samples."""
    return server.address


@pytest.fixture(scope="session")
def full_server(server, tmp_path_factory) -> Iterator[Server]:
    """A site beside the first with all that ``states`` opens: languages, notices, a password."""
    folder = tmp_path_factory.mktemp("full_site")
    static, media = server.environment["STATIC_ROOT"], server.environment["MEDIA_ROOT"]
    full = Server(folder, STATIC_ROOT=static, MEDIA_ROOT=media)
    with (
        closing(sqlite3.connect(server.database)) as source,
        closing(sqlite3.connect(full.database)) as copy,
    ):
        source.backup(copy)
    full.manage("shell", "--command", "import tests.browser.make_states")
    with full.running():
        yield full


# Gone when the browser's tests are: the loop that drives it would be in the way of all others.
@pytest.fixture(scope="package")
def chromium():
    from playwright.sync_api import expect, sync_playwright

    # Machines may be busy.
    expect.set_options(timeout=20_000)
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
