"""A real browser at a real server: gunicorn, production's settings and collected static files."""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator

from tests.servers import Server
from tests.shared_database import copy_sqlite

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


# Of the package, not the session: gone when the browser's tests are. The loop that drives the
# browser would be in the way of all others, and the servers would take of the machine.


@pytest.fixture(scope="package")
def server(tmp_path_factory, shared_database) -> Iterator[Server]:
    """The running site, with its first content and the samples."""
    server = Server(tmp_path_factory.mktemp("site"))
    with shared_database.alone():
        if shared_database.migrated.exists():
            server.begin_with(shared_database.migrated)
        else:
            server.manage("migrate", "--verbosity", "0")
            copy_sqlite(server.database, shared_database.migrated)
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


@pytest.fixture(scope="package")
def environment(server) -> dict[str, str]:
    """Settings of the site under test, which has a folder and a port of its own."""
    return server.environment


@pytest.fixture(scope="package")
def manage(server):
    """Runs a command of the site under test: ``manage("publish_scheduled")``."""
    return server.manage


@pytest.fixture(scope="package")
def site(server) -> str:
    """Address of the running site, with its first content and the samples."""
    return server.address


@pytest.fixture(scope="package")
def full_server(server, tmp_path_factory) -> Iterator[Server]:
    """A site beside the first with all that ``states`` opens: languages, notices, a password."""
    folder = tmp_path_factory.mktemp("full_site")
    static, media = server.environment["STATIC_ROOT"], server.environment["MEDIA_ROOT"]
    full = Server(folder, STATIC_ROOT=static, MEDIA_ROOT=media)
    full.begin_with(server.database)
    full.manage("shell", "--command", "import tests.browser.make_states")
    with full.running():
        yield full


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


@pytest.fixture
def read(visit) -> Callable[[str], Locator]:
    """What a visitor's browser shows at an address: its main part, a second after what was done
    before, which is when all visitors are to see it."""

    def read(path: str) -> Locator:
        time.sleep(1)
        return visit(path).locator("main")

    return read
