"""Visitors' pages are kept whole, and are always what a new drawing would be."""

import multiprocessing
import os
import resource
import shutil
import signal
import socket
import tempfile
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.cache import caches
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connection, connections
from django.db.utils import OperationalError
from django.utils import timezone
from django.utils.http import http_date
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, PageViewRestriction

from goals.models import GoalPage
from news.models import ArticlePage, NewsCategory
from news.models.selection import NewsFilter
from operations import meters
from page_cache import published, renewal, triggers, wsgi
from page_cache.checks import triggers_are_in_place
from page_cache.disk import DiskCache
from page_cache.entry import CODINGS, Entry, Terms, accepted
from page_cache.memory import Address, Memory
from page_cache.middleware import KEEPING, READING, Keeping
from page_cache.models import Stamp
from page_cache.renewal import Renewal
from page_cache.shared import Shared
from page_cache.stamp import INTERVAL, PATIENCE, Reading, Watcher, own_connection
from page_cache.wsgi import MOMENT, RENEWAL, PageCache
from pages.models import MenuItem, SiteIdentity, SiteNotice
from tests import throwaway_postgres
from tests.builders import ArticleFactory
from tests.test_elections import begin
from tests.test_notices import put_up
from tests.wsgi import ask, connection_kept, environment

TAKEN = "br, gzip"


class Counting:
    """Django, and how often it was asked."""

    def __init__(self):
        self.django = get_wsgi_application()
        self.number = 0

    def __call__(self, environ, start_response):
        self.number += 1
        return self.django(environ, start_response)


@pytest.fixture
def site(db):
    """The site with its cache before it, as a process has it."""
    with connection_kept():
        yield PageCache(Counting())


def settle():
    """What a commit would do: the tests are in a transaction that never ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def visit(site, address="/", **more):
    settle()
    return ask(site, address, **more)


def lasting(headers: dict) -> dict:
    """Without what is told by the clock."""
    return {name: value for name, value in headers.items() if name != "X-Accel-Expires"}


def drawn(site) -> int:
    return site._application.number


def kept(site) -> set[str]:
    return {address.path for address in site.memory.entries()}


def stamp() -> Stamp:
    settle()
    return Stamp.objects.get()


# What is kept, and for whom ---------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/noticias/", "/dados-abertos/"])
def test_the_second_visitor_gets_what_the_first_got_without_a_drawing(site, address):
    first, second = visit(site, address), visit(site, address)
    assert first.status == 200
    assert (lasting(second.headers), second.body) == (lasting(first.headers), first.body)
    assert drawn(site) == 1


def test_a_page_has_the_headers_it_has_without_the_cache(site):
    without = ask(site._application.django, "/", HTTP_ACCEPT_ENCODING="gzip")
    visit(site)
    kept = visit(site, HTTP_ACCEPT_ENCODING="gzip")
    own = {"Cache-Control", "Vary", "ETag", "Last-Modified", "Content-Length"}
    # The one is for the proxy, and the other names a request.
    own |= {"X-Accel-Expires", "X-Request-ID"}

    def others(headers):
        chosen = {name: value for name, value in headers.items() if name not in own}
        policy = chosen.pop("Content-Security-Policy")
        return chosen, sorted(policy.split("; "))

    assert others(kept.headers) == others(without.headers)
    assert kept.text == without.text
    assert "Content-Security-Policy" in kept.headers
    # It names one request, and this page answers many.
    assert "X-Request-ID" not in kept.headers


def test_metrics_know_kept_pages_from_drawn_ones(site):
    """``operations.meters`` and this app name the same place, which neither can import."""
    assert wsgi.VIEW == meters.VIEW
    seen = [environment(), environment()]
    for each in seen:
        settle()
        b"".join(site(each, lambda *said: None))
    assert [each.get(wsgi.VIEW) == wsgi.KEPT_PAGE for each in seen] == [False, True]


def test_browsers_ask_each_time_and_shared_caches_soon(site):
    headers = visit(site).headers
    assert headers["Cache-Control"] == (
        "public, max-age=0, s-maxage=1, stale-while-revalidate=1, stale-if-error=86400"
    )
    assert headers["Vary"] == "Accept-Encoding"


def test_nginx_may_answer_until_a_second_after_the_stamp_was_read(site):
    """Its clock has whole seconds: the one that is named is the last (``X-Accel-Expires: @…``)."""
    for _time in range(2):
        before = time.time()
        last = visit(site).headers["X-Accel-Expires"]
        assert last.startswith("@")
        until = int(last[1:]) + 1 + RENEWAL
        assert before - 1 < until <= time.time() + 1
    names = list(visit(site).headers)
    assert names.index("Cache-Control") < names.index("X-Accel-Expires")


def test_addresses_that_anybody_can_invent_are_not_for_the_proxy_s_disk(site):
    assert "X-Accel-Expires" not in visit(site, "/?x=1").headers
    assert "X-Accel-Expires" not in visit(site, "/nada/").headers


def test_a_kept_page_bears_no_name_of_the_request_for_which_it_was_drawn(site):
    visit(site, HTTP_X_REQUEST_ID="the-first-request")
    assert "X-Request-ID" not in visit(site).headers


def test_no_copy_of_before_an_election_stands_in_for_a_page_during_it(site):
    """Lei 9.504/1997, art. 73, VI, b: also where nobody asks the site any more."""
    now = time.time()
    near = entry(usable_until=now + 600).answer({}, now)
    assert dict(near.headers)["Cache-Control"].endswith(", stale-if-error=599")
    late = entry(usable_until=now - 1).stale_answer({}, now, "error")
    assert dict(late.headers)["Cache-Control"].endswith(", stale-if-error=0")


def test_a_page_with_a_token_is_kept_nowhere(site):
    first, second = visit(site, "/contato/"), visit(site, "/contato/")
    assert first.status == second.status == 200
    assert 'name="token"' in first.text
    assert first.text != second.text
    assert first.headers["Cache-Control"] == "no-store"
    assert kept(site) == set()


def test_a_page_with_a_password_is_kept_nowhere(site, news_index):
    page = ArticleFactory(parent=news_index, title="Segredo")
    PageViewRestriction.objects.create(
        page=page, restriction_type=PageViewRestriction.PASSWORD, password="abre-te"
    )
    answer = visit(site, page.url)
    assert "csrfmiddlewaretoken" in answer.text
    assert "ETag" not in answer.headers
    assert kept(site) == set()


def cookies_of(client) -> str:
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


def test_an_editor_gets_pages_of_her_own_and_leaves_none(site, admin_client):
    visit(site)
    cookies = f"_ga=1; {cookies_of(admin_client)}"
    hers = visit(site, HTTP_COOKIE=cookies)
    assert "wagtail-userbar" in hers.text
    assert hers.headers["Cache-Control"] == "private, no-cache"
    assert "wagtail-userbar" not in visit(site).text
    assert drawn(site) == 2


def test_cookies_that_others_set_for_the_domain_change_nothing(site):
    first = visit(site, HTTP_COOKIE="_ga=GA1.2.3; prefeitura=sim")
    assert visit(site).body == first.body
    assert drawn(site) == 1


def test_what_an_election_rehearsal_shows_is_for_the_one_who_rehearses(site, admin_client):
    session = admin_client.session
    session["election_rehearsal"] = True
    session.save()
    rehearsed = visit(site, "/noticias/", HTTP_COOKIE=cookies_of(admin_client))
    assert rehearsed.headers["Cache-Control"] == "private, no-store"
    assert visit(site, "/noticias/").body != rehearsed.body


@pytest.mark.parametrize(
    "more",
    [
        {"method": "POST"},
        {"HTTP_AUTHORIZATION": "Basic eA=="},
        {"HTTP_HOST": "elsewhere.example"},
        {"HTTP_HOST": ""},
    ],
)
def test_other_requests_are_django_s(site, more):
    visit(site)
    visit(site, **more)
    assert drawn(site) == 2
    assert len(site.memory) == 1


def test_what_is_not_there_is_asked_for_each_time(site):
    assert [visit(site, "/nada/").status for _time in range(2)] == [404, 404]
    assert drawn(site) == 2


@pytest.mark.parametrize("address", ["/busca/?q=acordo", "/noticias/rss/", "/api/v1/noticias/"])
def test_what_has_rules_of_its_own_keeps_them(site, address):
    visit(site, address)
    visit(site, address)
    assert drawn(site) == 2


def test_requests_that_cost_much_are_counted_only_when_they_cost(site, settings, monkeypatch):
    # No minute ends meanwhile.
    monkeypatch.setattr("pages.limits.time.time", lambda: 1_000_000_020.0)
    settings.REQUESTS_PER_MINUTE = {**settings.REQUESTS_PER_MINUTE, "lists": 2}
    visit(site, "/noticias/?pagina=1&x=1")
    for _time in range(5):
        assert visit(site, "/noticias/?pagina=1&x=1").status == 200
    assert visit(site, "/noticias/?pagina=1&x=2").status == 200
    assert visit(site, "/noticias/?pagina=1&x=3").status == 429


def listings() -> dict[str, str]:
    """Addresses with a query that the site gives out, by their parameters."""
    category = NewsCategory.objects.exclude(articles=None).first()
    goal = GoalPage.objects.exclude(articles=None).first()
    choices = NewsFilter(category=category), NewsFilter(goal=goal)
    found = ["?pagina=2", *(each.address for each in choices)]
    return {each[1:].partition("=")[0]: f"/noticias/{each}" for each in found}


def is_there_for_all(address: str) -> bool:
    """For all processes, and for nginx; or else for neither."""
    answer = visit(PageCache(Counting()), address)
    assert answer.status == 200
    other = PageCache(Counting())
    again = visit(other, address)
    assert again.body == answer.body
    named = {"X-Accel-Expires" in each.headers for each in (answer, again)}
    assert named == {drawn(other) == 0}
    return drawn(other) == 0


def test_listings_that_the_site_links_to_are_there_for_all_processes_and_for_nginx(site):
    links = listings()
    assert list(links) == ["pagina", "assunto", "meta"]
    assert all(map(is_there_for_all, links.values()))
    for amiss in ("&pagina=1", "&pagina=900", "&x=1"):
        assert not is_there_for_all(links["assunto"] + amiss)


@pytest.mark.parametrize(
    "query",
    ["pagina=900", "pagina=1", "pagina=02", "pagina=2&pagina=2", "pagina=2&x=1", "x=1", "q=sobre"],
)
def test_addresses_that_anybody_can_invent_are_kept_in_one_process_alone(site, query):
    assert not is_there_for_all(f"/noticias/?{query}")
    assert not is_there_for_all("/metas/?pagina=2")


def test_a_category_beside_a_goal_is_one_of_too_many(site):
    links = listings()
    goal = links["meta"].partition("?")[2]
    assert not is_there_for_all(f"{links['assunto']}&{goal}")


def test_listings_of_hosts_that_are_not_ours_are_kept_in_one_process_alone(site):
    for _time in range(2):
        answer = visit(site, listings()["pagina"], HTTP_HOST="localhost:4711")
        assert "X-Accel-Expires" not in answer.headers


def test_a_listing_that_was_linked_stays_while_the_database_does_not_answer(site, monkeypatch):
    link = listings()["pagina"]
    before = visit(site, link)
    other = PageCache(Counting())
    other.reader.current()
    monkeypatch.setattr(other.reader, "current", lambda: None)
    answer = visit(other, link)
    assert (answer.status, answer.body, drawn(other)) == (200, before.body, 0)
    visit(other, "/noticias/?pagina=900")
    assert drawn(other) == 1


def test_hosts_and_schemes_have_pages_of_their_own(site, settings):
    settings.SITE_URL = "http://localhost"
    for more in ({}, {"HTTP_HOST": "testserver"}, {"wsgi.url_scheme": "https"}):
        assert visit(site, **more).status == 200
    assert drawn(site) == 3


def test_a_host_with_a_port_of_nobody_is_kept_among_what_anybody_can_invent(site):
    visit(site, HTTP_HOST="localhost:4711")
    visit(site)
    assert {address.is_plain for address in site.memory.entries()} == {True, False}


# Memory -----------------------------------------------------------------------------------------


def entry(body=b"x" * 1000, version=1, **terms) -> Entry:
    now = time.time()
    usual = {"made": now, "fresh_until": now + 60, "usable_until": now + 3600, "changed": now}
    return Entry.of(
        Terms(version=version, release="r", **{**usual, **terms}),
        [("Content-Type", "text/html; charset=utf-8"), ("Set-Cookie", "a=b")],
        body,
    )


def at(path="/", query="") -> Address:
    return Address("http", "localhost", "", path, query, True)


def test_memory_is_bounded_and_invented_addresses_push_out_no_plain_one():
    memory = Memory(1_000_000)
    for number in range(20):
        memory.put(at(f"/{number}"), entry(os.urandom(2000)))
    for number in range(2000):
        memory.put(at(query=f"x={number}"), entry(os.urandom(2000)))
    assert memory.size <= 1_000_000
    assert all(memory.get(at(f"/{number}")) for number in range(20))
    for number in range(2000):
        memory.put(at(f"/{number}"), entry(os.urandom(2000)))
    assert memory.size <= 1_000_000
    assert memory.get(at("/1999"))
    assert not memory.get(at("/0"))


def test_what_is_larger_than_all_of_memory_is_not_put_there():
    memory = Memory(8000)
    memory.put(at(), entry(os.urandom(9000)))
    assert (len(memory), memory.size) == (0, 0)


# Validators and codings -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("", "identity"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, zstd", "zstd"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("GZIP", "gzip"),
        ("x-gzip", "gzip"),
        ("br;q=0, gzip;q=0.1", "gzip"),
        ("*", "br"),
        ("*;q=0, gzip", "gzip"),
        ("*;q=0", "identity"),
        ("gzip;q=0.5, identity", "identity"),
        ("identity;q=0, gzip;q=0.1", "gzip"),
        ("gzip;q=nonsense", "identity"),
        ("deflate", "identity"),
        (";;,,q=", "identity"),
    ],
)
def test_the_coding_is_the_one_wanted_most(header, coding):
    """RFC 9110, 12.5.3."""
    assert accepted(header)[0] == coding


def test_each_coding_gives_the_same_page_under_a_tag_of_its_own(site):
    plain = visit(site)
    answers = [visit(site, HTTP_ACCEPT_ENCODING=coding) for coding in CODINGS]
    assert [answer.headers["Content-Encoding"] for answer in answers] == list(CODINGS)
    assert {answer.text for answer in answers} == {plain.body.decode()}
    assert len({each.headers["ETag"] for each in [plain, *answers]}) == 4
    for answer in [plain, *answers]:
        assert answer.headers["ETag"].startswith('"')
        assert int(answer.headers["Content-Length"]) == len(answer.body)
    assert max(len(answer.body) for answer in answers) < len(plain.body) / 3


def test_head_says_what_get_says_without_the_page(site):
    whole = visit(site, HTTP_ACCEPT_ENCODING="br")
    head = visit(site, method="HEAD", HTTP_ACCEPT_ENCODING="br")
    assert (head.status, head.body) == (200, b"")
    assert lasting(head.headers) == lasting(whole.headers)
    assert drawn(site) == 1


def test_who_has_the_page_is_told_so_and_keeps_its_headers(site):
    page = visit(site, HTTP_ACCEPT_ENCODING="br")
    tag = page.headers["ETag"]
    for tags in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = visit(site, HTTP_ACCEPT_ENCODING="br", HTTP_IF_NONE_MATCH=tags)
        assert (answer.status, answer.body) == (304, b"")
        assert answer.headers["ETag"] == tag
        assert "Content-Security-Policy" in answer.headers
        assert not {"Content-Length", "Content-Type", "Content-Encoding"} & answer.headers.keys()
    for tags in ('"other"', tag.strip('"'), visit(site).headers["ETag"]):
        answer = visit(site, HTTP_ACCEPT_ENCODING="br", HTTP_IF_NONE_MATCH=tags)
        assert (answer.status, answer.body) == (200, page.body)


def test_a_page_that_changed_has_another_tag_and_one_that_did_not_keeps_its_own(site):
    tag = visit(site).headers["ETag"]
    Redirect.objects.create(old_path="/velho", redirect_link="/noticias/")
    assert visit(site).headers["ETag"] == tag
    assert drawn(site) == 2
    SiteIdentity.objects.update(name="Outro nome")
    assert visit(site, HTTP_IF_NONE_MATCH=tag).status == 200


def test_the_time_of_change_is_told_when_it_can_be_told_apart_from_the_next():
    """Two seconds late: what is drawn just before a change is shown until just after it."""
    kept = entry(changed=1_000_000.9)
    environ = {"HTTP_IF_MODIFIED_SINCE": http_date(1_000_002)}
    early, late = kept.answer(environ, 1_000_001.9), kept.answer(environ, 1_000_002.1)
    assert "Last-Modified" not in dict(early.headers)
    assert early.status == "200 OK"
    assert dict(late.headers)["Last-Modified"] == http_date(1_000_002)
    assert late.status == "304 Not Modified"
    older = kept.answer({"HTTP_IF_MODIFIED_SINCE": http_date(1_000_001)}, 1_000_003)
    assert older.status == "200 OK"
    both = {**environ, "HTTP_IF_NONE_MATCH": '"other"'}
    assert kept.answer(both, 1_000_003).status == "200 OK"
    assert kept.answer({"HTTP_IF_MODIFIED_SINCE": "nonsense"}, 1_000_003).status == "200 OK"


def test_what_begins_by_itself_counts_as_a_change(site, clock):
    put_up(hours=1, until=2)
    visit(site)
    clock.move(hours=1)
    visit(site)
    clock.move(seconds=3)
    answer = visit(site)
    assert drawn(site) == 2
    assert "Last-Modified" in answer.headers
    began = SiteNotice.objects.get().start.timestamp()
    assert answer.headers["Last-Modified"] == http_date(int(began) + 2)


def test_an_entry_survives_as_bytes_and_damage_is_noticed():
    whole = entry()
    data = whole.to_bytes()
    again = Entry.from_bytes(data)
    assert (again.terms, again.bodies, again.headers) == (whole.terms, whole.bodies, whole.headers)
    assert "Set-Cookie" not in dict(again.headers)
    for damaged in (b"", data[:10], data[:-1], data[:40] + b"?" + data[41:], b"\x80\x04."):
        with pytest.raises(ValueError, match="entry"):
            Entry.from_bytes(damaged)


# Fresh ------------------------------------------------------------------------------------------


class Clock:
    """The time of the site, moved at will."""

    def __init__(self, monkeypatch):
        self.ahead = timedelta()
        self._time, self._now = time.time, timezone.now
        monkeypatch.setattr(timezone, "now", lambda: self._now() + self.ahead)
        moved = SimpleNamespace(
            time=lambda: self._time() + self.ahead.total_seconds(),
            monotonic=time.monotonic,
            sleep=time.sleep,
        )
        for module in ("wsgi", "middleware", "published"):
            monkeypatch.setattr(f"page_cache.{module}.time", moved)

    def move(self, **span):
        self.ahead += timedelta(**span)


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


def test_what_is_written_past_the_models_is_seen_at_once(site, news_index):
    assert "Título trocado" not in visit(site, "/noticias/").text
    article = ArticlePage.objects.live().order_by("-date").first()
    Page.objects.filter(pk=article.pk).update(title="Título trocado")
    assert "Título trocado" in visit(site, "/noticias/").text
    with connection.cursor() as cursor:
        cursor.execute("UPDATE news_newscategory SET name = 'Assunto cru'")
    assert "Assunto cru" in visit(site, "/noticias/").text
    NewsCategory.objects.bulk_update(
        [
            NewsCategory(pk=pk, name="Em massa")
            for pk in NewsCategory.objects.values_list(flat=True)
        ],
        ["name"],
    )
    assert "Em massa" in visit(site, "/noticias/").text


@pytest.mark.parametrize("sign", [1, -1])
def test_notices_come_and_go_by_the_clock(site, clock, sign):
    put_up("Fechado.", hours=1, until=2)
    clock.move(minutes=90 if sign < 0 else 0)
    assert ("Fechado." in visit(site).text) is (sign < 0)
    clock.move(minutes=60)
    assert ("Fechado." in visit(site).text) is (sign > 0)
    assert drawn(site) == 2


def test_what_was_drawn_while_the_clock_was_ahead_is_drawn_anew_when_it_is_right(site, clock):
    put_up("Fechado.", hours=24 * 300, until=24 * 400)
    clock.move(days=365)
    assert "Fechado." in visit(site).text
    clock.move(days=-365)
    assert "Fechado." not in visit(site).text
    last = visit(site).headers["X-Accel-Expires"]
    assert int(last[1:]) <= time.time()


def test_a_page_that_was_ready_after_something_began_is_not_kept(site, clock):
    notice = put_up("Fechado.", hours=1, until=2)
    clock.move(seconds=3599)
    django = site._application

    def slow(environ, start_response):
        result = django(environ, start_response)
        clock.move(seconds=2)
        return result

    site._application = slow
    early = visit(site).text
    assert notice.text not in early
    assert kept(site) == set()


def test_a_page_during_whose_drawing_something_changed_is_not_kept(site):
    django = site._application

    def unlucky(environ, start_response):
        result = django(environ, start_response)
        SiteIdentity.objects.update(name="Enquanto isso")
        settle()
        site.reader.current()
        return result

    site._application = unlucky
    visit(site)
    assert kept(site) == set()
    site._application = django
    assert "Enquanto isso" in visit(site).text


def test_what_another_release_drew_is_drawn_anew(site):
    visit(site)
    other = PageCache(Counting())
    other._release = "another"
    visit(other)
    assert drawn(other) == 1


# The stamp --------------------------------------------------------------------------------------


def moves(change) -> bool:
    before = stamp().version
    change()
    after = stamp().version
    assert after >= before
    return after != before


@pytest.mark.django_db
def test_every_table_is_watched_but_those_of_which_visitors_see_nothing():
    watched = {model._meta.label_lower for model in triggers.watched_models("default")}
    for label in (
        *("wagtailcore.page", "wagtailcore.site", "wagtailcore.pageviewrestriction"),
        *("pages.menu", "pages.menuitem", "pages.siteimage", "pages.sitedocument"),
        *("pages.siteidentity", "pages.sitenotice", "pages.electionperiod", "pages.homepage"),
        *("news.articlepage", "news.articlepage_goals", "news.newscategory", "goals.goalpage"),
        *("wagtailredirects.redirect", "contact.dataofficer", "search.promotedresult"),
    ):
        assert label in watched
    assert triggers.missing("default") == 0
    assert triggers_are_in_place(databases=["default"]) == []


@pytest.mark.django_db
def test_drafts_sessions_and_versions_of_images_move_nothing(home, admin_user, client):
    page = home.get_children().first().specific
    assert not moves(lambda: page.save_revision(user=admin_user))
    assert not moves(lambda: client.force_login(admin_user))
    image = page.sharing_image or ArticlePage.objects.exclude(cover=None).first().cover
    assert not moves(lambda: image.get_rendition("width-33|format-webp"))
    assert moves(lambda: image.renditions.all().delete())


@pytest.mark.django_db
@pytest.mark.parametrize(
    "command",
    [
        "publish_scheduled",
        "deliver_messages",
        "delete_old_messages",
        "empty_trash",
        "clearsessions",
    ],
)
def test_timers_with_nothing_to_do_move_nothing(command):
    call_command("run_task", command, verbosity=0)
    assert not moves(lambda: call_command("run_task", command, verbosity=0))


@pytest.mark.django_db
def test_only_what_takes_pages_away_counts_as_a_withdrawal(news_index):
    def withdraws(change) -> bool:
        before = stamp().withdrawals
        change()
        return stamp().withdrawals != before

    article = ArticleFactory(parent=news_index)
    pages = Page.objects.filter(pk=article.pk)
    assert not withdraws(lambda: pages.update(title="Outro"))
    assert withdraws(lambda: pages.update(live=False))
    assert not withdraws(lambda: pages.update(live=False))
    assert not withdraws(lambda: pages.update(live=True))
    assert withdraws(lambda: pages.update(url_path="/outro/"))
    news = ArticlePage.objects.filter(pk=article.pk)
    assert not withdraws(lambda: news.update(summary="Outro"))
    assert withdraws(lambda: news.update(is_publicity=False))
    restriction = PageViewRestriction(page=news_index, restriction_type="login")
    assert withdraws(restriction.save)
    assert withdraws(lambda: begin(1, 2))
    assert withdraws(lambda: pages.get().delete())


@pytest.mark.django_db
def test_who_keeps_pages_elsewhere_is_told_when_one_is_withdrawn(
    site, news_index, settings, tmp_path
):
    told = settings.PAGE_CACHE_WITHDRAWALS_FILE = str(tmp_path / "withdrawals")
    visit(site)
    first = Path(told).read_text()
    assert first == str(stamp().withdrawals)
    news_index.get_children().live().first().save()
    visit(site)
    assert Path(told).read_text() == first
    news_index.get_children().live().first().unpublish()
    visit(site)
    assert Path(told).read_text() == str(stamp().withdrawals) != first
    settings.PAGE_CACHE_WITHDRAWALS_FILE = str(tmp_path / "nowhere" / "withdrawals")
    news_index.get_children().live().first().unpublish()
    assert visit(site).status == 200


@pytest.mark.django_db
def test_a_change_that_is_undone_moves_nothing():
    from django.db import transaction

    def undone():
        with transaction.atomic():
            SiteIdentity.objects.update(name="Nada")
            transaction.set_rollback(True)

    assert not moves(undone)
    assert moves(lambda: SiteIdentity.objects.update(name="Algo"))


@pytest.mark.django_db
def test_missing_triggers_are_told_and_made_anew():
    with connection.cursor() as cursor:
        dialect = triggers._dialect(connection)
        name, table = next(iter(dialect.installed(cursor).items()))
        cursor.execute(dialect.drop(name, table))
    (error,) = triggers_are_in_place(databases=["default"])
    assert error.id == "page_cache.E001"
    before = stamp()
    triggers.install("default")
    assert triggers.missing("default") == 0
    # What happened meanwhile cannot be known.
    assert stamp().version > before.version
    assert not moves(lambda: triggers.install("default"))


@pytest.mark.django_db
def test_the_stamp_never_goes_back_when_it_is_lost():
    before = stamp().version
    Stamp.objects.all().delete()
    triggers.install("default")
    assert stamp().version > before


@pytest.mark.django_db
@pytest.mark.skipif("connection.vendor != 'postgresql'")
def test_emptying_a_table_counts_and_a_transaction_counts_once():
    def empty():
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE wagtailredirects_redirect")

    assert moves(empty)
    before = stamp().version
    SiteIdentity.objects.update(name="Um")
    SiteIdentity.objects.update(name="Dois")
    MenuItem.objects.update(label="Três")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM page_cache_change")
        assert cursor.fetchone() == (1,)
    assert Stamp.objects.get().version == before
    assert stamp().version > before


@pytest.fixture
def others():
    """A second connection to the database of the tests, that commits what it does."""
    import psycopg

    options = connection.get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        options.pop(name, None)
    with psycopg.connect(**options) as other:
        yield other
        other.rollback()
        other.execute("DELETE FROM wagtailredirects_redirect WHERE old_path LIKE '/corrida%'")
        other.commit()


@pytest.mark.django_db
@pytest.mark.skipif("connection.vendor != 'postgresql'")
def test_nobody_reads_a_number_before_what_it_stands_for(others):
    insert = (
        "INSERT INTO wagtailredirects_redirect (old_path, is_permanent, redirect_link,"
        " redirect_page_route_path, automatically_created) VALUES (%s, true, '/', '', false)"
    )

    def seen() -> tuple[int, int]:
        """By a reader of its own, in one look."""
        reader = own_connection()
        try:
            with reader.cursor() as cursor:
                cursor.execute(
                    "SELECT version, (SELECT count(*) FROM wagtailredirects_redirect"
                    " WHERE old_path LIKE '/corrida%%') FROM page_cache_stamp"
                )
                return cursor.fetchone()
        finally:
            reader.close()

    before = seen()
    others.execute(insert, ["/corrida-1"])
    assert seen() == before
    # A second writer waits for nobody, and may be kept first.
    second = own_connection()
    try:
        with second.cursor() as cursor:
            cursor.execute("SET lock_timeout = '1s'")
            cursor.execute(insert, ["/corrida-2"])
    finally:
        second.close()
    version, number = seen()
    assert version > before[0]
    assert number == before[1] + 1
    others.commit()
    last, number = seen()
    assert last > version
    assert number == before[1] + 2


# The list of the pages that are open to all ------------------------------------------------------


class TestListThatIsMadeInAThread:
    """Without it nothing from before the last withdrawal is shown while there is no database."""

    READING = Reading(2, 2)

    @pytest.fixture
    def lists(self, monkeypatch):
        monkeypatch.setattr(published, "RETRY", 0.05)
        monkeypatch.setattr(
            published, "make_list", lambda reading: {"withdrawals": reading.withdrawals}
        )
        return published.Published(Shared("pages"))

    def is_made(self, lists) -> bool:
        return eventually(lambda: lists._list == {"withdrawals": self.READING.withdrawals})

    def test_another_process_that_began_it_was_killed(self, lists):
        Shared("pages").claim(f"pages-{self.READING.withdrawals}", 1)
        lists.note(self.READING, in_thread=True)
        assert self.is_made(lists)

    def test_another_process_makes_it(self, lists):
        Shared("pages").claim(f"pages-{self.READING.withdrawals}", 30)
        lists.note(self.READING, in_thread=True)
        Shared("pages").put_record("pages", {"withdrawals": self.READING.withdrawals})
        assert self.is_made(lists)

    def test_the_database_stops_meanwhile(self, lists, monkeypatch, caplog):
        tries = []

        def fail_twice(reading):
            tries.append(reading)
            if len(tries) < 3:
                raise OperationalError("gone")
            return {"withdrawals": reading.withdrawals}

        monkeypatch.setattr(published, "make_list", fail_twice)
        lists.note(self.READING, in_thread=True)
        assert self.is_made(lists)
        assert len(caplog.records) == 1


# The thread that reads the stamp ----------------------------------------------------------------


class Told:
    """In the place of a connection: tells a stamp, or fails."""

    vendor = "told"

    def __init__(self):
        self.row, self.error, self.delay, self.number = (1, 1), None, 0, 0

    def __call__(self):
        return self

    @contextmanager
    def cursor(self):
        yield self

    def execute(self, *_query):
        self.number += 1
        time.sleep(self.delay)
        if self.error:
            raise self.error

    def fetchone(self):
        return self.row

    def close(self):
        pass


@contextmanager
def watcher(told, notice=lambda reading: None):
    watching = Watcher(notice, told)
    try:
        yield watching
    finally:
        watching.stop()


def eventually(condition, seconds=3.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False


def test_a_process_reads_the_stamp_before_anybody_asks(tmp_path):
    told = Told()
    with watcher(told) as watching:
        cache = page_cache(Drawing(tmp_path / "notes"), watching)
        cache.begin()
        assert eventually(lambda: told.number > 2)
        assert watching.last == Reading(1, 1)


def test_a_process_without_a_thread_left_begins_with_its_first_request(tmp_path, monkeypatch):
    def none_left(thread):
        raise RuntimeError("can't start new thread")

    with watcher(Told()) as watching:
        cache = page_cache(Drawing(tmp_path / "notes"), watching)
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", none_left)
            cache.begin()
        assert ask(cache).status == 200


def test_what_fails_when_a_change_is_told_is_tried_again_and_ends_no_reading(caplog):
    """A thread that cannot be begun, when the system has none left, is such a failure."""
    told, tries = Told(), []

    def notice(reading):
        tries.append(reading)
        if len(tries) < 4:
            raise RuntimeError("can't start new thread")

    with watcher(told, notice) as watching:
        assert watching.current() == Reading(1, 1)
        assert eventually(lambda: len(tries) == 4)
        told.row = (2, 1)
        assert eventually(lambda: watching.current() == Reading(2, 1))
        assert eventually(lambda: tries == [Reading(1, 1)] * 4 + [Reading(2, 1)])
    assert len(caplog.records) == 1


def test_where_no_thread_can_begin_the_next_request_begins_the_readings(monkeypatch):
    def no_thread_left(_thread):
        raise RuntimeError("can't start new thread")

    with watcher(Told()) as watching:
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", no_thread_left)
            with pytest.raises(RuntimeError):
                watching.current()
        assert watching.current() == Reading(1, 1)


def test_a_change_is_known_soon_and_many_requests_read_nothing():
    told = Told()
    with watcher(told) as watching:
        assert watching.current() == Reading(1, 1)
        number = told.number
        for _time in range(10_000):
            watching.current()
        assert told.number <= number + 5
        told.row = (2, 1)
        assert eventually(lambda: watching.current() == Reading(2, 1), 0.5)


def test_a_database_that_fails_is_away_and_comes_back():
    told = Told()
    with watcher(told) as watching:
        assert watching.current()
        told.error = OperationalError("gone")
        assert eventually(lambda: watching.current() is None)
        started = time.monotonic()
        assert watching.current() is None
        assert time.monotonic() - started < 0.05
        assert watching.last == Reading(1, 1)
        told.error = None
        assert eventually(lambda: watching.current() == Reading(1, 1))


def test_a_database_that_hangs_keeps_nobody_waiting_for_long():
    told = Told()
    with watcher(told) as watching:
        assert watching.current()
        told.delay = 3
        time.sleep(0.2)
        started = time.monotonic()
        assert eventually(lambda: watching.current() is None)
        assert time.monotonic() - started < 2
        assert watching.current() is None


def test_a_database_that_tells_the_stamp_too_late_keeps_nobody_waiting():
    told, took = Told(), []
    with watcher(told) as watching:
        assert watching.current()
        told.delay = PATIENCE + 0.1
        assert eventually(lambda: watching.current() is None)
        for _time in range(15):
            started = time.monotonic()
            assert watching.current() is None
            took.append(time.monotonic() - started)
            time.sleep(0.1)
        assert sum(took) < 0.5
        told.delay = 0
        assert eventually(lambda: watching.current() == Reading(1, 1))


def test_whatever_happens_in_the_thread_it_goes_on():
    told = Told()
    with watcher(told) as watching:
        told.error = RuntimeError("of no known kind")
        assert watching.current() is None
        told.error = None
        assert eventually(lambda: watching.current() is not None)


def test_of_each_former_stamp_the_last_reading_is_known():
    told = Told()
    with watcher(told) as watching:
        for number in (1, 2, 3):
            told.row = (number, 1)
            assert eventually(lambda number=number: watching.current() == Reading(number, 1))
            time.sleep(3 * INTERVAL)
            latest = watching.last.asked_at
            assert watching.former(number, 10) is None
        first, second = watching.former(1, 10), watching.former(2, 10)
        assert (first, second) == (Reading(1, 1), Reading(2, 1))
        # Not the first reading of each, but that before the next stamp.
        assert latest - 1 < first.asked_at < second.asked_at - 3 * INTERVAL
        assert second.asked_at > latest - 5 * INTERVAL


def test_a_former_reading_is_as_old_as_when_it_was_asked_for():
    """However long the one took that told the newer stamp."""
    told = Told()
    with watcher(told) as watching:
        assert watching.current() == Reading(1, 1)
        told.delay, told.row = 0.4, (2, 1)
        assert eventually(lambda: watching.current() == Reading(2, 1))
        assert watching.former(1, 0.4 + INTERVAL) is None
        assert watching.former(1, 10) == Reading(1, 1)


def test_a_forked_process_reads_by_itself():
    told = Told()
    with watcher(told) as watching:
        assert watching.current()
        read_end, write_end = os.pipe()
        child = os.fork()
        if child == 0:
            told.row = (7, 7)
            is_right = eventually(lambda: watching.current() == Reading(7, 7), 2)
            os.write(write_end, b"right" if is_right else b"wrong")
            os._exit(0)
        os.close(write_end)
        assert os.read(read_end, 5) == b"right"
        os.waitpid(child, 0)
        os.close(read_end)


# Once -------------------------------------------------------------------------------------------


class Drawing:
    """An application whose pages take a while; notes each drawing in a file."""

    def __init__(self, notes: Path, seconds=0.3, is_kept=True):
        self.notes, self.seconds, self.is_kept = notes, seconds, is_kept
        self.status = "200 OK"

    def __call__(self, environ, start_response):
        with self.notes.open("a") as stream:
            stream.write("drawn\n")
        time.sleep(self.seconds)
        now = time.time()
        if self.is_kept and self.status == "200 OK":
            assert READING in environ
            environ[KEEPING] = Keeping(now, now + 60, now + 3600, now, None, "")
        start_response(self.status, [("Content-Type", "text/html")])
        return [b"page " * 100]

    @property
    def number(self) -> int:
        return len(self.notes.read_text().splitlines()) if self.notes.exists() else 0


class Known:
    """In the place of a reader: the stamp is known."""

    is_silent = False

    def __init__(self, *reading: Reading | None):
        (self.last,) = reading or (Reading(1, 1),)
        self.before: Reading | None = None
        self.is_away = False

    def former(self, version, seconds):
        return self.before if self.before and self.before.version == version else None

    def current(self):
        return None if self.is_away else self.last


def page_cache(application, reader=None) -> PageCache:
    cache = PageCache(application)
    cache.reader = reader or Known()
    return cache


def together(call, number: int) -> list:
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(call())) for _number in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_many_who_come_at_once_have_one_page_drawn(tmp_path):
    application = Drawing(tmp_path / "notes")
    cache = page_cache(application)
    answers = together(lambda: ask(cache), 20)
    assert application.number == 1
    assert {answer.body for answer in answers} == {b"page " * 100}


def test_many_who_come_at_once_for_what_is_not_kept_wait_for_one_only(tmp_path):
    application = Drawing(tmp_path / "notes", is_kept=False)
    cache = page_cache(application)
    started = time.monotonic()
    answers = together(lambda: ask(cache), 10)
    assert [answer.status for answer in answers] == [200] * 10
    assert application.number == 10
    assert time.monotonic() - started < 2


def test_a_page_is_shown_as_it_was_for_a_moment_while_it_is_drawn_anew(tmp_path):
    application, told = Drawing(tmp_path / "notes", seconds=0), Told()
    with watcher(told) as watching:
        cache = page_cache(application, watching)
        cache._renewal = Renewal(lambda _address: None)
        before = [ask(cache) for _time in range(2)][-1]
        told.row = (2, 1)
        changed_at = time.monotonic()
        assert eventually(lambda: watching.current() == Reading(2, 1))
        assert (ask(cache).body, application.number) == (before.body, 1)
        assert eventually(lambda: ask(cache) and application.number == 2, MOMENT)
        assert time.monotonic() - changed_at < 1


def after_a_change(tmp_path, visits=2, **change) -> tuple[Drawing, PageCache]:
    """A page was asked for, and a moment ago something changed: it will be drawn anew."""
    application, reader = Drawing(tmp_path / "notes", seconds=0), Known()
    cache = page_cache(application, reader)
    cache._renewal = Renewal(lambda _address: None)
    for _time in range(visits):
        ask(cache)
    reader.before = reader.last
    reader.last = Reading(**{"version": 2, "withdrawals": 1, **change})
    return application, cache


def test_of_a_page_as_it_was_nginx_hears_the_last_second_of_then(tmp_path):
    second = int(time.time()) - 2
    _application, cache = after_a_change(tmp_path, asked_at=second + 1.15)
    cache.reader.before = Reading(1, 1, asked_at=second + 0.95)
    assert ask(cache).headers["X-Accel-Expires"] == f"@{second}"


def test_a_page_that_nobody_draws_beforehand_is_drawn_for_who_asks(tmp_path):
    # What is kept counts as asked for from the second visitor on.
    application, cache = after_a_change(tmp_path, visits=1)
    ask(cache)
    assert application.number == 2


def test_a_page_that_is_shown_as_it_was_counts_as_asked_for(tmp_path, monkeypatch):
    application, cache = after_a_change(tmp_path)
    (address,) = cache.memory.entries()
    ask(cache)
    now = time.monotonic
    monkeypatch.setattr(renewal.time, "monotonic", lambda: now() + renewal.RECENT - 0.5)
    ask(cache)
    monkeypatch.setattr(renewal.time, "monotonic", lambda: now() + 2 * renewal.RECENT - 1)
    assert cache._renewal.draws(address)
    assert application.number == 1


def test_after_a_withdrawal_no_page_is_shown_as_it_was(tmp_path):
    application, cache = after_a_change(tmp_path, withdrawals=2)
    ask(cache)
    assert application.number == 2


def test_what_ends_by_itself_is_not_shown_after_its_end(tmp_path, clock):
    application, cache = after_a_change(tmp_path)
    ask(cache)
    assert application.number == 1
    clock.move(seconds=61)
    ask(cache)
    assert application.number == 2


def test_who_draws_a_page_beforehand_gets_no_copy_of_before(tmp_path):
    application, cache = after_a_change(tmp_path)
    (address,) = cache.memory.entries()
    cache._renew(address)
    assert application.number == 2
    ask(cache)
    assert application.number == 2


def test_many_processes_draw_a_page_once(tmp_path):
    application = Drawing(tmp_path / "notes")
    fork = multiprocessing.get_context("fork")
    barrier, results = fork.Barrier(4), fork.Queue()

    def work():
        cache = page_cache(application)
        barrier.wait()
        results.put(len(ask(cache).body))

    processes = [fork.Process(target=work) for _number in range(4)]
    for process in processes:
        process.start()
    assert [results.get(timeout=20) for _process in processes] == [500] * 4
    for process in processes:
        process.join()
    assert application.number == 1


def test_a_process_that_dies_while_it_draws_holds_up_nobody_for_long(tmp_path):
    application = Drawing(tmp_path / "notes", seconds=30)
    fork = multiprocessing.get_context("fork")
    process = fork.Process(target=lambda: ask(page_cache(application)))
    process.start()
    assert eventually(lambda: application.number == 1)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    application.seconds = 0
    started = time.monotonic()
    assert ask(page_cache(application)).status == 200
    assert time.monotonic() - started < 4


# What all processes share -----------------------------------------------------------------------


def test_a_new_process_finds_what_another_drew(tmp_path):
    application = Drawing(tmp_path / "notes", seconds=0)
    first = ask(page_cache(application), HTTP_ACCEPT_ENCODING=TAKEN)
    second = ask(page_cache(application), HTTP_ACCEPT_ENCODING=TAKEN)
    assert (second.headers, second.body) == (first.headers, first.body)
    assert application.number == 1


def files() -> list[Path]:
    return [path for path in Path(caches["pages"]._folder).glob("*/*") if path.is_file()]


@pytest.mark.parametrize("harm", ["lost", "cut", "empty", "garbage", "old"])
def test_a_lost_or_damaged_cache_only_costs_a_drawing(tmp_path, harm):
    application = Drawing(tmp_path / "notes", seconds=0)
    ask(page_cache(application))
    assert files()
    for file in files():
        data = file.read_bytes()
        if harm == "lost":
            file.unlink()
        elif harm == "old":
            file.write_bytes(data[:4] + b"\0" * 8 + data[12:])
        else:
            file.write_bytes({"cut": data[:-7], "empty": b"", "garbage": b"\x80\x04." * 50}[harm])
    answer = ask(page_cache(application))
    assert (answer.status, application.number) == (200, 2)


@pytest.fixture
def elsewhere(settings):
    """Puts the shared pages in another place."""

    def put(location, **more):
        pages = {**settings.CACHES["pages"], "LOCATION": str(location), **more}
        settings.CACHES = {**settings.CACHES, "pages": pages}

    return put


def test_a_place_where_nothing_can_be_written_only_costs_a_drawing(tmp_path, elsewhere):
    elsewhere("/proc/jundiai-pages")
    application = Drawing(tmp_path / "notes", seconds=0)
    cache = page_cache(application)
    assert [ask(cache).status for _time in range(3)] == [200] * 3
    assert application.number == 1
    assert ask(page_cache(application)).status == 200
    assert application.number == 2


def test_a_disk_that_fills_up_leaves_no_halves(tmp_path, elsewhere):
    elsewhere(tmp_path / "pages")
    application = Drawing(tmp_path / "notes", seconds=0)
    child = os.fork()
    if child == 0:
        # The system refuses to write more than so many bytes into a file.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        status = ask(page_cache(application)).status
        os._exit(0 if status == 200 else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert application.number == 1
    assert not [path for path in (tmp_path / "pages").glob("*/*") if path.stat().st_size > 100]
    assert ask(page_cache(application)).status == 200


def test_the_disk_s_share_is_bounded_and_the_oldest_go_first(tmp_path):
    cache = DiskCache(tmp_path / "pages", {"OPTIONS": {"MAX_BYTES": 400_000}})
    for number in range(200):
        cache.set(str(number), bytes(4000), timeout=60)
    assert sum(path.stat().st_size for path in (tmp_path / "pages").glob("*/*")) < 1_000_000
    cache._shrink()
    assert sum(path.stat().st_size for path in (tmp_path / "pages").glob("*/*")) <= 400_000
    assert cache.get("199")
    assert cache.get("0") is None


def test_the_disk_keeps_as_long_as_told_and_adds_once(tmp_path):
    cache = DiskCache(tmp_path / "pages", {})
    assert cache.add("a", b"1", timeout=60)
    assert not cache.add("a", b"2", timeout=60)
    assert cache.get("a") == b"1"
    assert cache.delete("a")
    assert cache.add("a", b"3", timeout=0.01)
    time.sleep(0.02)
    assert cache.get("a") is None
    assert cache.add("a", b"4", timeout=None)
    assert cache.has_key("a")
    assert cache.touch("a", 60)
    cache.clear()
    assert cache.get("a", "none") == "none"
    assert not cache.touch("a")


@pytest.fixture
def redis(elsewhere):
    """A server that speaks Redis's protocol on a socket."""
    from fakeredis import TcpFakeServer

    TcpFakeServer.allow_reuse_address = True
    server = TcpFakeServer(("127.0.0.1", 0), server_type="redis")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    from jundiai_global.settings.base import shared_pages

    place = shared_pages(f"redis://127.0.0.1:{server.server_address[1]}/0")
    elsewhere(place.pop("LOCATION"), **place)
    yield server
    server.shutdown()
    server.server_close()


def test_processes_share_pages_through_redis_and_nothing_is_unpickled(tmp_path, redis):
    application = Drawing(tmp_path / "notes", seconds=0)
    first = ask(page_cache(application))
    assert ask(page_cache(application)).headers == first.headers
    assert application.number == 1
    key = Shared._key(at())
    caches["pages"].set(key, b"cposix\nsystem\n(S'false'\ntR.", timeout=60)
    assert ask(page_cache(application)).status == 200
    assert application.number == 2


def test_a_redis_that_is_gone_or_silent_costs_little_time(tmp_path, elsewhere):
    from jundiai_global.settings.base import shared_pages

    silent = socket.create_server(("127.0.0.1", 0))
    gone = socket.create_server(("127.0.0.1", 0))
    address = gone.getsockname()
    gone.close()
    with silent:
        for host, port in (silent.getsockname(), address):
            place = shared_pages(f"redis://{host}:{port}/0")
            elsewhere(place.pop("LOCATION"), **place)
            application = Drawing(tmp_path / f"notes-{port}", seconds=0)
            cache = page_cache(application)
            started = time.monotonic()
            for path in "abcdefgh":
                assert ask(cache, f"/{path}/").status == 200
            assert time.monotonic() - started < 1.5
            assert application.number == 8


# Up when the database is down -------------------------------------------------------------------


def test_without_a_database_nginx_hears_nothing_that_would_make_its_copy_newer(tmp_path):
    reader = Known()
    cache = page_cache(Drawing(tmp_path / "notes", 0), reader)
    tag = ask(cache).headers["ETag"]
    reader.is_away = True
    assert "X-Accel-Expires" not in ask(cache).headers
    answer = ask(cache, HTTP_IF_NONE_MATCH=tag)
    assert answer.status == 304
    assert int(answer.headers["X-Accel-Expires"][1:]) < int(time.time())


def test_without_a_database_the_last_copy_is_shown_and_says_so(tmp_path):
    application, known = Drawing(tmp_path / "notes", seconds=0), Known()
    cache = page_cache(application, known)
    page = ask(cache)
    known.is_away = True
    copy = ask(cache)
    assert (copy.status, copy.body) == (200, page.body)
    assert copy.headers["Cache-Status"].startswith("jundiai; hit; ttl=-")
    assert copy.headers["Age"] == "0"
    assert "Cache-Status" not in page.headers
    assert ask(cache, method="HEAD").status == 200
    known.is_away = False
    assert "Cache-Status" not in ask(cache).headers


def test_a_new_process_has_the_last_copies_too(site):
    visit(site)
    settle()
    new = PageCache(Counting())
    new.reader = Known(None)
    copy = ask(new)
    assert copy.status == 200
    assert "Cache-Status" in copy.headers
    assert drawn(new) == 0


def test_a_page_that_cannot_be_drawn_is_shown_as_it_was(tmp_path):
    application, known = Drawing(tmp_path / "notes", seconds=0), Known()
    cache = page_cache(application, known)
    page = ask(cache)
    known.last = Reading(2, 1)
    application.status = "500 Internal Server Error"
    copy = ask(cache)
    assert (copy.status, copy.body) == (200, page.body)
    assert 'detail="error"' in copy.headers["Cache-Status"]
    assert ask(cache, "/never-drawn/").status == 500


def test_a_copy_is_shown_for_a_day_and_no_longer(site, clock, monkeypatch):
    visit(site)
    monkeypatch.setattr(site.reader, "current", lambda: None)
    clock.move(hours=24)
    assert "Cache-Status" in visit(site).headers
    clock.move(hours=2)
    assert "Cache-Status" not in visit(site).headers


def lose_database(site, monkeypatch):
    """Neither the stamp nor a page can be had."""
    settle()
    site.reader.current()
    monkeypatch.setattr(site.reader, "current", lambda: None)

    def fail(environ, start_response):
        start_response("500 Internal Server Error", [])
        return [b""]

    site._application = fail


def unpublish(page):
    page.specific.unpublish()


def delete(page):
    page.delete()


def withhold(page):
    begin(-1, 24)


def restrict(page):
    PageViewRestriction.objects.create(page=page.get_parent(), restriction_type="login")


def rename(page):
    page = page.specific
    page.slug = "outro-lugar"
    page.save()


def by_hand(page):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE wagtailcore_page SET live = %s WHERE id = %s", [False, page.pk])


@pytest.mark.parametrize(
    ("how", "is_asked_for"),
    [
        *((how, False) for how in (unpublish, delete, withhold, restrict, rename, by_hand)),
        *((how, True) for how in (delete, withhold)),
    ],
)
def test_a_page_that_was_taken_away_never_returns(site, news_index, monkeypatch, how, is_asked_for):
    article = ArticleFactory(parent=news_index)
    url = article.url
    assert visit(site, url).status == 200
    assert visit(site, "/mapa-do-site/").status == 200
    how(Page.objects.get(pk=article.pk))
    if is_asked_for:
        assert visit(site, url).status in (302, 404, 451)
        assert url not in kept(site)
    lose_database(site, monkeypatch)
    assert ask(site, url).status == 500
    new = PageCache(site._application)
    new.reader = Known(None)
    assert ask(new, url).status == 500
    # Others stay, but what was drawn before an election tells of what it withholds.
    assert ask(site, "/mapa-do-site/").status == (500 if how is withhold else 200)


def test_what_all_processes_are_to_know_is_told_again_when_it_was_lost(site, clock):
    visit(site)
    caches["pages"].clear()
    visit(site, "/noticias/")
    assert site.shared.get_record("stamp") is None
    site.published._refreshed_at -= 3600
    visit(site, "/mapa-do-site/")
    reading = site.reader.last
    assert site.shared.get_record("stamp") == [reading.version, reading.withdrawals]
    assert site.shared.get_record("pages")["withdrawals"] == reading.withdrawals


def test_an_election_that_begins_while_the_database_is_away_withholds(
    site, news_index, clock, monkeypatch
):
    begin(1, 24)
    url = ArticleFactory(parent=news_index).url
    visit(site, url)
    lose_database(site, monkeypatch)
    assert ask(site, url).status == 200
    clock.move(hours=1)
    assert ask(site, url).status == 500


@pytest.mark.django_db
@pytest.mark.one_database
def test_a_stopped_postgresql_is_survived_and_noticed_when_it_is_back(tmp_path):
    import psycopg
    from django.db.backends.postgresql.base import DatabaseWrapper

    from jundiai_global.settings.base import database

    try:
        throwaway_postgres.find_binaries()
    except SystemExit as reason:
        pytest.skip(str(reason))
    folder = Path(tempfile.mkdtemp(prefix="jundiai-cache-"))
    # The server's own user, who is not root, has to get there.
    folder.chmod(0o755)
    sockets = []

    def connect():
        usual = connections.configure_settings(
            {"default": database(throwaway_postgres.url_of(sockets[-1]))}
        )["default"]
        return DatabaseWrapper({**usual, "OPTIONS": {"connect_timeout": 2}}, "default")

    application = Drawing(tmp_path / "notes", seconds=0)
    watching = Watcher(lambda reading: None, connect)
    cache = page_cache(application, watching)
    try:
        with throwaway_postgres.private_server(folder, *throwaway_postgres.FAST) as place:
            sockets.append(place)
            with psycopg.connect(host=place, user="postgres", autocommit=True) as server:
                server.execute(
                    "CREATE TABLE page_cache_stamp AS"
                    " SELECT 1 AS id, 5::bigint AS version, 5::bigint AS withdrawals"
                )
            page = ask(cache)
            assert "Cache-Status" not in page.headers
        assert eventually(lambda: "Cache-Status" in ask(cache).headers)
        assert ask(cache).body == page.body
        with throwaway_postgres.private_server(folder, *throwaway_postgres.FAST) as place:
            sockets.append(place)
            assert eventually(lambda: "Cache-Status" not in ask(cache).headers)
        assert application.number == 1
    finally:
        watching.stop()
        shutil.rmtree(folder, ignore_errors=True)
