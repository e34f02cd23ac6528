"""What a CDN is asked to forget, at a server that hears it."""

import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
from django.test import TestCase
from wagtail.models import Page

from page_cache import cdn
from tests.builders import ArticleFactory

AGAIN = cdn.AGAIN
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
HTTP = "wagtail.contrib.frontend_cache.backends.HTTPBackend"


class Cdn(ThreadingHTTPServer):
    """Notes what it is asked to forget, and may refuse."""

    status = 200

    def __init__(self):
        self.forgotten: list[str] = []
        self.asked_at: list[float] = []
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    def do_PURGE(self):
        self.server.forgotten.append(self.headers["Host"] + self.path)
        self.server.asked_at.append(time.monotonic())
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_message):
        pass


@pytest.fixture(autouse=True)
def _soon_again(monkeypatch):
    monkeypatch.setattr(cdn, "AGAIN", 0.1)


@pytest.fixture
def server(settings):
    with Cdn() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        settings.WAGTAILFRONTENDCACHE = {"cdn": {"BACKEND": HTTP, "LOCATION": address}}
        yield server
        server.shutdown()


def forgotten_by(server, change) -> set[str]:
    """What ``change`` has it asked to forget, twice, once it is kept for certain."""
    server.forgotten.clear()
    server.asked_at.clear()
    with TestCase.captureOnCommitCallbacks(execute=True):
        change()
        assert server.forgotten == []
    for thread in threading.enumerate():
        if thread.name == "page-cache-cdn":
            thread.join(20)
    assert set(Counter(server.forgotten).values()) <= {2}
    return {address.removeprefix("localhost") for address in server.forgotten}


@pytest.fixture
def article(news_index):
    return ArticleFactory(parent=news_index)


def shown_at(article) -> set[str]:
    period = article.date.strftime("/noticias/%Y/")
    return {
        *("/", "/noticias/", "/noticias/arquivo/", "/noticias/rss/", "/noticias/atom/"),
        *(period, article.date.strftime("/noticias/%Y/%m/"), "/sitemap.xml"),
    }


def test_a_page_is_forgotten_with_what_lists_it_when_it_is_published_and_withdrawn(server, article):
    publish = lambda: article.save_revision().publish()  # noqa: E731
    for change in (publish, article.unpublish, publish, article.delete):
        forgotten = forgotten_by(server, change)
        assert forgotten >= {article.url, *shown_at(article)}
        assert any(address.startswith("/sitemap-") for address in forgotten)
        # Nothing of other pages, nor of other languages.
        assert "/metas/" not in forgotten
        assert not any(address.startswith(("/en/", "/es/")) for address in forgotten)


def test_a_page_that_gets_another_address_is_forgotten_at_both_with_all_below_it(
    server, article, news_index, home
):
    former = article.url
    news_index.slug = "novidades"
    forgotten = forgotten_by(server, lambda: news_index.save(clean=False))
    latter = former.replace("/noticias/", "/novidades/")
    assert forgotten >= {former, latter, "/noticias/", "/novidades/", "/novidades/rss/", "/"}
    about = Page.objects.child_of(home).live().exclude(pk=news_index.pk).first()
    below = Page.objects.get(pk=news_index.pk)
    forgotten = forgotten_by(server, lambda: below.move(about, pos="last-child"))
    assert forgotten >= {latter, about.url + latter.removeprefix("/"), about.url}


def test_it_is_asked_again_when_nobody_can_have_it_fetch_the_page_as_it_was(
    server, article, monkeypatch
):
    """nginx shows a copy for a second, and for another while it asks."""
    assert AGAIN > 2
    monkeypatch.setattr(cdn, "AGAIN", 1.5)
    forgotten = forgotten_by(server, lambda: article.save_revision().publish())
    first, again = server.asked_at[: len(forgotten)], server.asked_at[len(forgotten) :]
    assert min(again) - max(first) > 1.4


def test_drafts_and_a_site_without_a_cdn_ask_nothing(server, article, settings):
    assert forgotten_by(server, article.save_revision) == set()
    settings.WAGTAILFRONTENDCACHE = {}
    assert forgotten_by(server, lambda: article.save_revision().publish()) == set()


def test_a_cdn_that_refuses_or_is_gone_is_logged_and_undoes_nothing(
    server, article, settings, caplog
):
    server.status = 503
    assert article.url in forgotten_by(server, lambda: article.save_revision().publish())
    assert "Couldn't purge" in caplog.text
    gone = {"BACKEND": HTTP, "LOCATION": "http://127.0.0.1:1"}
    settings.WAGTAILFRONTENDCACHE = {"cdn": gone}
    caplog.clear()
    forgotten_by(server, article.unpublish)
    assert "Connection refused" in caplog.text
    # Of a kind that the backend does not expect.
    settings.WAGTAILFRONTENDCACHE = {"cdn": {"BACKEND": "nowhere.Backend"}}
    caplog.clear()
    forgotten_by(server, lambda: article.save_revision().publish())
    assert "was not asked" in caplog.text
    article.refresh_from_db()
    assert article.live


def test_nobody_waits_for_a_cdn_that_is_slow(server, article, monkeypatch):
    is_over = threading.Event()
    slow = SimpleNamespace(call=lambda urls: is_over.wait(20))
    monkeypatch.setattr(cdn, "purge_urls_from_cache_task", slow)
    with TestCase.captureOnCommitCallbacks(execute=True):
        article.save_revision().publish()
    assert not is_over.is_set()
    assert any(thread.name == "page-cache-cdn" for thread in threading.enumerate())
    is_over.set()
