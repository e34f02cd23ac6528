"""The site and its homes are found as Wagtail finds them, with fewer queries."""

import pytest
from django.core.cache import cache
from wagtail.models import Locale, Site
from wagtail.models.sites import get_site_for_hostname

from pages.sites import all_sites, find_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def sites(home, settings):
    settings.ALLOWED_HOSTS = ["*"]
    Site.objects.create(hostname="two.example", port=80, root_page=home)
    Site.objects.create(hostname="two.example", port=8080, root_page=home)
    Site.objects.create(hostname="one.example", port=8000, root_page=home)


@pytest.mark.parametrize("has_default", [True, False])
@pytest.mark.parametrize(
    "host",
    ["localhost", "two.example", "two.example:8080", "two.example:99", "one.example", "x.example"],
)
def test_the_site_is_the_one_that_wagtail_would_find(rf, sites, host, has_default):
    if not has_default:
        Site.objects.update(is_default_site=False)
    request = rf.get("/", headers={"host": host})
    try:
        expected = get_site_for_hostname(host.split(":")[0], request.get_port())
    except Site.DoesNotExist:
        expected = None
    assert find_site(request, all_sites()) == expected
    assert Site.find_for_request(request) == expected


def test_the_homes_are_known_as_wagtail_would_know_them(client, home, sites):
    home.copy_for_translation(Locale.objects.get(language_code="es")).save_revision().publish()
    cache.clear()
    expected = Site.get_site_root_paths()
    assert len(expected) == 8
    cache.clear()
    client.get("/")
    assert Site.get_site_root_paths() == expected
