import functools
import gc
from collections.abc import Iterator

import pytest
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection
from django.utils import translation
from xdist.scheduler import LoadFileScheduling

from jundiai_global.demo import pictures
from tests.shared_database import SharedDatabase

#: The folder of the tests that share a browser and its servers.
BROWSER = "tests/browser/"
#: What takes minutes, the longest first.
LONGEST = (BROWSER, "tests/test_roles.py")


class ByFile(LoadFileScheduling):
    """A file is run by one worker, which makes what its tests share once; and so are all tests of
    the browser, which share their servers."""

    def _split_scope(self, nodeid: str) -> str:
        return BROWSER if nodeid.startswith(BROWSER) else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config, log):
    # As they come, which pytest_collection_modifyitems says.
    config.option.loadscopereorder = False
    return ByFile(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Put what takes longest first, so that no process is left with it when the others are done.

    On PostgreSQL, leave out what touches no database or says that none decides it.
    """
    # Later than pytest-django, which puts what touches no database last: so the browser's tests.
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))
    if connection.vendor != "postgresql":
        return
    kept, left = [], []
    for item in items:
        touches = item.get_closest_marker("django_db") or "db" in item.fixturenames
        alone = item.get_closest_marker("one_database") or not touches
        (left if alone else kept).append(item)
    config.hook.pytest_deselected(items=left)
    items[:] = kept


def pytest_collection_finish(session):
    """What is loaded by now stays: the collector need not look at all of it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session")
def shared_database(tmp_path_factory, worker_id, django_db_blocker) -> Iterator[SharedDatabase]:
    folder = tmp_path_factory.getbasetemp()
    # With xdist, each process has a folder of its own in the run's.
    shared = SharedDatabase((folder if worker_id == "master" else folder.parent) / "database")
    # Open to what comes at the end. What is between is blocked as ever.
    with django_db_blocker.unblock(), shared.in_use(), django_db_blocker.block():
        yield shared


@pytest.fixture(scope="session")
def django_db_setup(request, shared_database, django_db_modify_db_settings, django_db_blocker):
    """Every test finds the site as a newcomer does: first content and samples.

    The pictures are small: what they look like is for the browser tests. Their versions are made
    as pages are published; those that a test makes are gone with its transaction.
    """
    small = functools.partial(pictures.sample_file, size=(360, 240))
    with shared_database.alone(), django_db_blocker.unblock():
        is_filled = shared_database.begin()
        # pytest-django's own.
        request.getfixturevalue("django_db_setup")
        if is_filled:
            return
        shared_database.keep_migrated()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pictures, "sample_file", small)
            call_command("load_initial_content", verbosity=0)
            call_command("load_demo", verbosity=0)
        shared_database.keep_filled()


@pytest.fixture(autouse=True)
def _empty_caches():
    for cache in caches.all():
        cache.clear()


@pytest.fixture(autouse=True)
def _site_language(settings):
    """A request leaves its language active in the thread: no test may inherit it."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture
def home(db):
    from pages.models import HomePage

    return HomePage.objects.get(locale__language_code="pt-br")


@pytest.fixture
def news_index(db):
    from news.models import NewsIndexPage

    return NewsIndexPage.objects.get(locale__language_code="pt-br")


@pytest.fixture
def video_index(db):
    from pages.models import VideoIndexPage

    return VideoIndexPage.objects.get(locale__language_code="pt-br")
