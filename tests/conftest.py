import pytest
from django.core.cache import caches
from django.core.management import call_command


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Every test finds the site as a newcomer does: first content and samples."""
    with django_db_blocker.unblock():
        call_command("load_initial_content", verbosity=0)
        call_command("load_demo", verbosity=0)


@pytest.fixture(autouse=True)
def _empty_caches():
    for cache in caches.all():
        cache.clear()


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
