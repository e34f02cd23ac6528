"""Pages that are asked for all the time are drawn before the next visitor comes."""

import threading
from types import SimpleNamespace

import pytest

from page_cache import renewal
from page_cache.memory import Address
from page_cache.renewal import Renewal
from page_cache.stamp import Reading
from page_cache.wsgi import PageCache
from pages.invented_visit import invented_visit
from pages.models import SiteIdentity
from tests.test_page_cache import (
    Counting,
    Drawing,
    Known,
    drawn,
    lasting,
    page_cache,
    settle,
    visit,
)
from tests.wsgi import ask, connection_kept, environment

HOME = Address("http", "localhost", "", "/", "", True)


def at(path: str) -> Address:
    return HOME._replace(path=path)


class Drawer:
    """What is asked to draw, and waits for leave."""

    def __init__(self):
        self.addresses: list[Address] = []
        self.leave = threading.Event()
        self.leave.set()
        self.is_asked = threading.Event()
        self.failing: set[Address] = set()

    def __call__(self, address):
        self.addresses.append(address)
        self.is_asked.set()
        assert self.leave.wait(10)
        if address in self.failing:
            raise RuntimeError


@pytest.fixture
def drawer():
    return Drawer()


@pytest.fixture
def pages(drawer):
    return Renewal(drawer)


def finish(pages: Renewal) -> None:
    if (thread := pages._thread) is not None:
        thread.join(10)
        assert not thread.is_alive()


def test_what_was_asked_for_is_drawn_when_the_content_changes(pages, drawer):
    for path in ("/", "/noticias/", "/"):
        pages.note(at(path))
    assert drawer.addresses == []
    pages.begin()
    finish(pages)
    assert sorted(drawer.addresses) == [at("/"), at("/noticias/")]


def test_what_nobody_asked_for_lately_is_left_to_the_next_visitor(pages, drawer, monkeypatch):
    now = 1000.0
    monkeypatch.setattr(renewal.time, "monotonic", lambda: now)
    pages.note(at("/antiga/"))
    now += renewal.RECENT + 1
    pages.note(at("/nova/"))
    for _time in range(2):
        pages.begin()
        finish(pages)
    assert drawer.addresses == [at("/nova/")] * 2


def test_of_very_many_pages_those_are_drawn_that_were_asked_for_last(pages, drawer, monkeypatch):
    moments = iter(number / 1000 for number in range(1000))
    monkeypatch.setattr(renewal.time, "monotonic", lambda: next(moments))
    for number in range(renewal.MOST * 2):
        pages.note(at(f"/{number}/"))
    pages.begin()
    finish(pages)
    latest = range(renewal.MOST, renewal.MOST * 2)
    assert {address.path for address in drawer.addresses} == {f"/{each}/" for each in latest}
    assert len(drawer.addresses) == renewal.MOST


def test_a_newer_change_begins_anew(pages, drawer):
    pages.note(at("/"))
    pages.note(at("/noticias/"))
    drawer.leave.clear()
    pages.begin()
    assert drawer.is_asked.wait(10)
    pages.begin()
    drawer.leave.set()
    finish(pages)
    assert len(drawer.addresses) == 3
    assert set(drawer.addresses[1:]) == {at("/"), at("/noticias/")}


def test_a_page_that_cannot_be_drawn_keeps_no_other_from_it(pages, drawer, caplog):
    drawer.failing = {at("/")}
    pages.note(at("/"))
    pages.note(at("/noticias/"))
    pages.begin()
    finish(pages)
    assert set(drawer.addresses) == {at("/"), at("/noticias/")}
    assert "could not be drawn beforehand" in caplog.text


def test_where_no_thread_can_begin_the_next_change_begins_one(pages, drawer, monkeypatch):
    def no_thread_left(_thread):
        raise RuntimeError("can't start new thread")

    pages.note(HOME)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", no_thread_left)
        with pytest.raises(RuntimeError):
            pages.begin()
    pages.begin()
    assert drawer.is_asked.wait(10)


def test_to_draw_a_page_is_not_to_ask_for_it(drawer):
    """Or a page that was once asked for would be drawn for ever."""
    pages = Renewal(lambda address: (drawer(address), pages.note(address)))
    pages.note(at("/"))
    noted = dict(pages._asked)
    pages.begin()
    finish(pages)
    assert pages._asked == noted


def test_a_change_is_enough_for_it_to_be_drawn(tmp_path):
    application, reader = Drawing(tmp_path / "notes", seconds=0), Known()
    cache = page_cache(application, reader)
    cache.published = SimpleNamespace(
        note=lambda *_args, **_more: None, refresh=lambda *_args: None
    )
    cache._renewal = Renewal(cache._renew)
    for _time in range(2):  # only what is kept is drawn beforehand
        ask(cache)
    assert application.number == 1
    reader.last = Reading(2, 1)
    cache._note(reader.last)
    finish(cache._renewal)
    assert application.number == 2
    ask(cache)
    assert application.number == 2


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_next_visitor_finds_the_new_page_drawn(db, settings, scheme):
    with connection_kept():
        site = PageCache(Counting())
        headers = {"HTTP_HOST": "localhost"}
        if scheme == "https":
            settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
            site = PageCache(Counting())
            headers["HTTP_X_FORWARDED_PROTO"] = "https"
        visit(site, **headers)
        SiteIdentity.objects.update(name="Nome novo")
        (address,) = site.memory.entries()
        settle()
        site._renew(address)
        assert drawn(site) == 2
        answer = visit(site, **headers)
        assert drawn(site) == 2
        assert "Nome novo" in answer.text
        invented = {**invented_visit(scheme, "localhost", "/"), "HTTP_ACCEPT_ENCODING": "br, gzip"}
        assert lasting(visit(site, **invented).headers) == lasting(
            visit(site, **headers, HTTP_ACCEPT_ENCODING="br, gzip").headers
        )


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "[::1]:8000"])
def test_it_is_drawn_under_the_address_that_visitors_ask_for(db, settings, host):
    settings.ALLOWED_HOSTS = ["localhost", "[::1]"]
    site = PageCache(Counting())
    port = host.rpartition(":")[2] if host.endswith("8000") else "80"
    asked = site._address(environment("/", HTTP_HOST=host, SERVER_PORT=port))
    assert asked.is_plain
    drawn = invented_visit(asked.scheme, asked.host, asked.path, asked.query, asked.script)
    assert site._address(drawn) == asked
