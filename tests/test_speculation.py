"""Pages fetched before a link is followed: who is told of the rules, and what these are."""

import json

import pytest
from django.contrib.staticfiles import finders
from django.core.wsgi import get_wsgi_application

from page_cache.wsgi import PageCache
from pages.speculation import HEADER, RULES, wrap
from tests.wsgi import ask, connection_kept

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.mark.parametrize("address", ["/", "/noticias/", "/busca/?q=amostra", "/nada/"])
def test_visitors_pages_name_the_rules(client, address):
    assert client.get(address).headers[HEADER] == f'"/static/{RULES}"'


@pytest.mark.parametrize(
    "address", ["/admin/login/", "/robots.txt", "/noticias/rss/", "/api/v1/noticias/"]
)
def test_nothing_else_names_them(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    assert HEADER not in answer.headers


def test_who_is_signed_in_fetches_nothing_beforehand(admin_client):
    assert HEADER not in admin_client.get("/").headers


def test_the_rules_fetch_and_draw_nothing():
    """HTML Standard, 7.6.1: a page that is drawn beforehand runs its scripts."""
    with open(finders.find(RULES), encoding="utf-8") as file:
        rules = json.load(file)
    assert set(rules) == {"prefetch"}


def test_who_saves_data_is_not_told_and_takes_them_from_nobody_else(db):
    """The page that the first one has drawn is kept, and given to the others."""
    with connection_kept():
        site = wrap(PageCache(get_wsgi_application()))
        saving = ask(site, HTTP_SAVE_DATA="on")
        other = ask(site)
        again = ask(site, HTTP_SAVE_DATA="On", HTTP_IF_NONE_MATCH=other.headers["ETag"])
        error = ask(site, "/nada/", HTTP_SAVE_DATA="on")
    assert [saving.status, other.status, again.status, error.status] == [200, 200, 304, 404]
    assert saving.body == other.body
    for answer in (saving, again, error):
        assert HEADER not in answer.headers
    assert RULES in other.headers[HEADER]
    assert other.headers["Vary"] == "Accept-Encoding"
