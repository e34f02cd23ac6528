"""The manual is beside the work it tells of, and whole."""

import re

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.urls import reverse
from PIL import Image

from desk.manual import SECTIONS

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def page(admin_client):
    return BeautifulSoup(admin_client.get(reverse("manual")).content, "html.parser")


def test_the_admins_menu_leads_to_the_manual(admin_client):
    assert reverse("manual") in admin_client.get(reverse("wagtailadmin_home")).content.decode()


def test_every_section_says_something_and_is_listed(page):
    listed = [link["href"] for link in page.select(".manual nav a")]
    assert listed == [f"#{section.slug}" for section in SECTIONS]
    for section in SECTIONS:
        part = page.select_one(f"section#{section.slug}")
        assert part.h2.get_text() == str(section.title)
        assert len(part.get_text()) > 200, section.slug


def test_every_picture_is_there_and_is_described(page):
    pictures = page.select(".manual img")
    assert len(pictures) == sum(len(section.pictures) for section in SECTIONS)
    for picture in pictures:
        assert picture["alt"]
        path = settings.BASE_DIR / "static" / re.sub(r"^/static/", "", picture["src"])
        with Image.open(path) as image:
            assert image.size == (int(picture["width"]), int(picture["height"]))
        assert path.stat().st_size < 120_000


def test_no_picture_is_left_that_no_section_shows():
    shown = {picture.name for section in SECTIONS for picture in section.pictures}
    assert {path.stem for path in (settings.BASE_DIR / "static/manual").glob("*.png")} == shown


def test_a_visitor_does_not_see_the_manual(client):
    assert client.get(reverse("manual")).status_code == 302
