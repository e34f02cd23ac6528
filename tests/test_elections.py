"""In an election period institutional publicity is nowhere, and afterwards all is as it was."""

import json
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth import get_user_model
from django.core.cache import caches
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Locale, Page, PageViewRestriction

from goals.models import GoalPage
from news.models import ArchiveMonth, ArticlePage, NewsCategory, PinnedArticle
from pages.models import (
    ElectionPeriod,
    HomePage,
    Menu,
    MenuItem,
    SiteNotice,
    StandardPage,
    VideoPage,
)
from search.models import PromotedResult, SearchEntry
from tests.builders import ArticleFactory, StandardPageFactory, VideoPageFactory
from tests.test_pages import OTHER_ADDRESSES

pytestmark = pytest.mark.django_db

#: Words of the titles of what is withheld, which stand nowhere else.
SECRET = ("zarzuela", "marimba")
EXEMPT = ("bandolim", "cavaquinho")
MORE_ADDRESSES = [
    "/busca/?q=secreta",
    "/busca/?q=zarzuola",
    "/busca/?q=zarzuola+contato",
    "/busca/?q=instrumento",
    "/noticias/?q=secreta",
    "/noticias/?q=zarzuola",
    "/noticias/?assunto=eventos",
    "/noticias/?assunto=eventos&q=secreta",
    "/noticias/arquivo/",
    "/noticias/assunto/eventos/json/",
    "/api/v1/noticias/?limite=100",
    "/api/v1/noticias.csv",
    "/nao-existe/",
]


def begin(hours=-1, until=24, **fields) -> ElectionPeriod:
    """A period from so many hours from now until so many."""
    now = timezone.now()
    return ElectionPeriod.objects.create(
        name="Eleições municipais",
        start=now + timedelta(hours=hours),
        end=now + timedelta(hours=until),
        **fields,
    )


@pytest.fixture
def site(news_index, video_index, home):
    """A site whose every corner shows or leads to a news item and a video that are publicity."""
    category = NewsCategory.objects.get(slug="eventos")
    goal = GoalPage.objects.first()
    both = {"category": category, "goals": [goal]}
    news = ArticleFactory(
        parent=news_index, title="Zarzuela secreta", slug="zarzuela", summary="Instrumento", **both
    )
    ArticleFactory(
        parent=news_index,
        title="Bandolim de serviço",
        slug="bandolim",
        summary="Instrumento",
        is_publicity=False,
        body=[("paragraph", f'<p><a linktype="page" id="{news.pk}">Veja</a></p>')],
        **both,
    )
    video = VideoPageFactory(
        parent=video_index,
        title="Marimba secreta",
        slug="marimba",
        external_url="https://www.youtube.com/watch?v=dQw4w9WgXcQ",
    )
    VideoPageFactory(
        parent=video_index, title="Cavaquinho de serviço", slug="cavaquinho", is_publicity=False
    )
    call = {"title": "", "text": "", "label": "Ir", "page": news, "external_url": ""}
    body = [
        ("paragraph", f'<p><a linktype="page" id="{news.pk}">Notícia</a></p>'),
        ("video", video),
        ("call_to_action", call),
    ]
    StandardPageFactory(parent=home, title="Página que leva a tudo", slug="tudo", body=body)
    home.refresh_from_db()
    home.pinned_article = news
    home.featured_video = video
    home.about_page = news
    home.about_link_label = "Ler tudo"
    home.body = body
    home.save()
    PinnedArticle.objects.create(page=news_index, article=news, sort_order=0)
    menu = Menu.objects.get(location="main", locale=home.locale)
    for number, page in enumerate((news, video)):
        MenuItem.objects.create(menu=menu, page=page, sort_order=90 + number)
    PromotedResult.objects.create(locale=home.locale, words="instrumento", page=news)
    SiteNotice.objects.create(
        locale=home.locale,
        text="Um aviso",
        page=news,
        start=timezone.now() - timedelta(days=1),
        end=timezone.now() + timedelta(days=900),
    )
    return {"news": news, "video": video}


def addresses() -> list[str]:
    pages = [page.url for page in Page.objects.live().filter(depth__gt=1)]
    year = timezone.localtime().year
    return [*pages, *OTHER_ADDRESSES, *MORE_ADDRESSES, f"/noticias/{year}/"]


#: A form of visitors has another each time (``contact.tokens``).
TOKEN = re.compile(r'name="token" value="[^"]+"')


def answer(client, address) -> tuple[int, str]:
    response = client.get(address)
    return response.status_code, TOKEN.sub("", response.getvalue().decode())


def everything(client) -> dict[str, tuple[int, str]]:
    return {address: answer(client, address) for address in addresses()}


def tells(content: str, words=SECRET) -> list[str]:
    return [word for word in words if word in content.lower()]


def test_nothing_that_is_publicity_is_told_at_any_address(client, site):
    shown = [address for address, (_, text) in everything(client).items() if tells(text)]
    assert {"/", "/noticias/", "/tudo/", "/noticias/rss/", "/api/v1/noticias.csv"} <= set(shown)
    begin()
    told = {address: tells(text) for address, (_, text) in everything(client).items()}
    assert {address: words for address, words in told.items() if words} == {}


def test_every_title_of_the_newsroom_is_gone_from_lists_feeds_and_maps(client, site):
    titles = [page.title for page in ArticlePage.objects.live().filter(is_publicity=True)]
    begin()
    for address in (
        "/",
        "/noticias/",
        "/noticias/rss/",
        "/noticias/atom/",
        "/noticias/json/",
        "/api/v1/noticias/?limite=100",
        "/api/v1/noticias.csv",
        "/mapa-do-site/",
    ):
        _status, text = answer(client, address)
        assert [title for title in titles if title in text] == [], address


# What is withheld is asked of both databases above; this is of everything else.
@pytest.mark.one_database
def test_before_and_after_a_period_every_answer_is_the_same_byte_for_byte(client, site):
    before = everything(client)
    stored = (
        list(ArchiveMonth.objects.order_by("pk").values()),
        list(SearchEntry.objects.order_by("pk").values()),
    )
    period = begin(1, 2)
    assert everything(client) == before
    ElectionPeriod.objects.filter(pk=period.pk).update(start=timezone.now() - timedelta(days=9))
    assert everything(client) != before
    ElectionPeriod.objects.filter(pk=period.pk).update(end=timezone.now() - timedelta(hours=1))
    assert everything(client) == before
    assert stored == (
        list(ArchiveMonth.objects.order_by("pk").values()),
        list(SearchEntry.objects.order_by("pk").values()),
    )


def test_it_begins_and_ends_at_the_second_in_the_time_of_the_office(client, site, monkeypatch):
    zone = ZoneInfo("America/Sao_Paulo")
    start, end = datetime(2028, 7, 1, tzinfo=zone), datetime(2028, 10, 30, tzinfo=zone)
    ElectionPeriod.objects.create(name="2028", start=start, end=end)
    assert start.isoformat() == "2028-07-01T00:00:00-03:00"

    def is_there(moment) -> bool:
        monkeypatch.setattr(timezone, "now", lambda: moment)
        return "Zarzuela" in answer(client, "/noticias/")[1]

    second = timedelta(seconds=1)
    assert is_there(start - second)
    assert not is_there(start)
    assert not is_there(end - second)
    assert is_there(end)


@pytest.mark.parametrize("which", ["news", "video"])
def test_what_is_withheld_says_why_and_until_when(client, site, which):
    begin(until=48)
    response = client.get(site[which].url)
    assert response.status_code == 451
    assert response.headers["Cache-Control"] == "no-store"
    assert 'rel="blocked-by"' in response.headers["Link"]
    page = BeautifulSoup(response.content, "html.parser")
    text = page.main.get_text()
    assert "Lei nº 9.504/1997" in text
    assert "O período vai até" in text
    assert page.select("main a")


def test_what_is_exempt_stays_everywhere(client, site):
    begin()
    for address in (
        "/",
        "/noticias/",
        "/noticias/bandolim/",
        "/noticias/?assunto=eventos",
        "/noticias/rss/",
        "/noticias/json/",
        "/sitemap-noticias-1.xml",
        "/api/v1/noticias/",
        "/api/v1/noticias.csv",
        GoalPage.objects.first().url,
    ):
        status, text = answer(client, address)
        assert status == 200, address
        assert tells(text, EXEMPT) == ["bandolim"], address
    for address in ("/videos/", "/videos/cavaquinho/", "/sitemap-paginas.xml", "/api/v1/videos/"):
        assert tells(answer(client, address)[1], EXEMPT) == ["cavaquinho"], address
    found = BeautifulSoup(answer(client, "/busca/?q=instrumento")[1], "html.parser")
    assert [link["href"] for link in found.select(".results h2 a")] == ["/noticias/bandolim/"]


def test_the_counts_are_those_of_what_is_left(client, site):
    begin()
    page = BeautifulSoup(answer(client, "/noticias/")[1], "html.parser")
    assert page.select_one(".listing-count").get_text() == "1 notícia"
    year = timezone.localtime().year
    assert f"{year} (1)" in page.select_one("select[name=ano]").get_text()
    assert "Eventos (1)" in page.select_one("select[name=assunto]").get_text()
    archive = BeautifulSoup(answer(client, "/noticias/arquivo/")[1], "html.parser")
    assert [small.get_text() for small in archive.select(".archive h2 small")] == ["1 notícia"]
    assert json.loads(answer(client, "/api/v1/noticias/")[1])["total"] == 1


def test_empty_feeds_and_lists_are_still_valid(client):
    import feedparser

    begin()
    for kind in ("rss", "atom"):
        feed = feedparser.parse(client.get(f"/noticias/{kind}/").content)
        assert not feed.bozo
        assert feed.feed.title
        assert feed.entries == []
    assert json.loads(client.get("/noticias/json/").content)["items"] == []
    assert "sitemap-noticias" not in answer(client, "/sitemap.xml")[1]
    assert client.get("/sitemap-noticias-1.xml").status_code == 404


@pytest.mark.parametrize("address", ["/noticias/", "/noticias/arquivo/", "/videos/"])
def test_lists_explain_why_they_are_empty(client, address):
    begin(notice="Um texto da Procuradoria.")
    page = BeautifulSoup(answer(client, address)[1], "html.parser")
    assert "Um texto da Procuradoria." in page.select_one("main .notice").get_text()
    assert "Ainda não há" not in page.main.get_text()


def test_a_year_of_which_all_is_withheld_keeps_its_address(client):
    year = ArticlePage.objects.order_by("date").first().date.year
    begin()
    status, text = answer(client, f"/noticias/{year}/")
    assert status == 200
    assert "Nenhuma notícia com esses filtros" in text
    assert client.get("/noticias/1900/").status_code == 404


def test_every_page_says_that_an_election_is_on_in_its_own_language(client, home):
    english = home.copy_for_translation(Locale.objects.get(language_code="en"))
    english.save_revision().publish()
    begin(until=24, notice="Em português.")
    assert "Por causa das eleições" in answer(client, "/")[1]
    bar = BeautifulSoup(answer(client, "/en/")[1], "html.parser").select_one(".noticebar")
    assert "Por causa" not in bar.get_text()
    assert "election" in bar.get_text().lower()


def test_validators_change_with_the_period(client, site):
    for address in ("/noticias/rss/", "/api/v1/noticias/", "/api/v1/noticias.csv"):
        first = client.get(address)
        assert first.headers["Cache-Control"] == "public, max-age=60"
        again = {"headers": {"if-none-match": first.headers["ETag"]}}
        assert client.get(address, **again).status_code == 304
        period = begin()
        assert client.get(address, **again).status_code == 200, address
        period.delete()
        assert client.get(address, **again).status_code == 304


def test_open_data_tell_what_is_withheld_from_what_never_was(client, site):
    begin()
    address = f"/api/v1/noticias/{site['news'].translation_key}/"
    status, text = answer(client, address)
    assert status == 451
    assert "9.504" in json.loads(text)["erro"]
    gone = "/api/v1/noticias/00000000-0000-4000-8000-000000000000/"
    assert client.get(gone).status_code == 404


def test_what_is_published_meanwhile_appears_afterwards(client, site, news_index):
    period = begin()
    ArticleFactory(parent=news_index, title="Escrita durante", slug="durante")
    ArticleFactory(parent=news_index, title="Isenta durante", slug="isenta", is_publicity=False)
    shown = answer(client, "/noticias/")[1]
    assert "Escrita durante" not in shown
    assert "Isenta durante" in shown
    period.delete()
    assert "Escrita durante" in answer(client, "/noticias/")[1]
    months = ArchiveMonth.objects.filter(category=None, goal=None)
    assert sum(month.count for month in months) == ArticlePage.objects.live().count()
    assert "Escrita durante" in answer(client, "/busca/?q=durante")[1].replace(
        "<mark>", ""
    ).replace("</mark>", "")


def test_the_institutional_pages_are_found_however_many_news_have_the_words(
    client, news_index, home
):
    StandardPageFactory(parent=home, title="Serviço de apostila", slug="apostila")
    for number in range(3):
        ArticleFactory(parent=news_index, title=f"Apostila {number}")
    begin()
    found = BeautifulSoup(answer(client, "/busca/?q=apostila")[1], "html.parser")
    assert [link["href"] for link in found.select(".results h2 a")] == ["/apostila/"]


def test_a_mistyped_word_is_corrected_to_words_that_visitors_may_see(client, site, home):
    StandardPageFactory(parent=home, title="Serviço de apostila", slug="apostila")
    begin()
    assert "apostila" in answer(client, "/busca/?q=apostilha")[1]
    assert not tells(answer(client, "/busca/?q=zarzuola")[1])


@pytest.mark.one_database
def test_a_page_takes_as_few_queries_as_ever(client, site):
    def count() -> dict[str, int]:
        found = {}
        for address in addresses():
            client.get(address)
            for cache in caches.all():
                cache.clear()
            with CaptureQueriesContext(connection) as captured:
                client.get(address)
            found[address] = len(captured)
        return found

    assert {address: n for address, n in count().items() if n > 15} == {}
    begin()
    assert {address: n for address, n in count().items() if n > 15} == {}


def test_a_private_page_stays_private(client, site, news_index):
    private = ArticleFactory(parent=news_index, title="Reservada", is_publicity=False)
    PageViewRestriction.objects.create(page=private, restriction_type="login")
    begin()
    assert "Reservada" not in answer(client, "/noticias/")[1]
    assert client.get(private.url).status_code == 302


# The staff ----------------------------------------------------------------------------------


def test_a_period_that_ends_before_it_begins_or_overlaps_another_is_refused():
    period = begin(0, 48)
    backwards = ElectionPeriod(name="x", start=period.end, end=period.start)
    with pytest.raises(ValidationError) as refused:
        backwards.full_clean()
    assert "depois do início" in str(refused.value)
    overlapping = ElectionPeriod(
        name="y", start=period.end - timedelta(hours=1), end=period.end + timedelta(hours=1)
    )
    with pytest.raises(ValidationError) as refused:
        overlapping.full_clean()
    assert "Eleições municipais" in str(refused.value)
    following = ElectionPeriod(name="z", start=period.end, end=period.end + timedelta(hours=1))
    following.full_clean()
    endless = ElectionPeriod(name="z", start=period.end, end=period.end + timedelta(days=400))
    with pytest.raises(ValidationError):
        endless.full_clean()


def test_periods_are_kept_in_the_admin_with_their_state(admin_client):
    begin(-2, -1)
    begin(-1, 1)
    begin(2, 3)
    listed = admin_client.get("/admin/snippets/pages/electionperiod/").content.decode()
    for state in ("No ar agora", "Agendado", "Encerrado", "Ensaiar no site"):
        assert state in listed
    assert admin_client.get("/admin/snippets/pages/electionperiod/add/").status_code == 200


def test_an_editor_rehearses_the_period_and_nobody_else_sees_it(admin_client, client, site):
    before = answer(client, "/")
    asked = admin_client.get("/admin/periodo-eleitoral/ensaio/")
    assert "Só você" in asked.content.decode()
    assert admin_client.post("/admin/periodo-eleitoral/ensaio/").status_code == 302
    for address in ("/", "/noticias/", "/tudo/", "/noticias/rss/", "/api/v1/noticias/"):
        response = admin_client.get(address)
        assert not tells(response.content.decode().split("<wagtail-userbar")[0]), address
        assert response.headers["Cache-Control"] == "private, no-store", address
        assert "ETag" not in response.headers
    assert admin_client.get(site["news"].url).status_code == 451
    shown = BeautifulSoup(admin_client.get("/").content, "html.parser")
    assert "só você" in shown.select_one(".noticebar").get_text()
    assert answer(client, "/") == before
    left = admin_client.post("/admin/periodo-eleitoral/ensaio/", {"acao": "sair"})
    assert left.headers["Location"] == "/"
    assert tells(admin_client.get("/").content.decode())


def test_a_rehearsal_is_for_those_who_may_enter_the_admin(client, site):
    get_user_model().objects.create_user("visita", password="senha-de-visita")
    client.login(username="visita", password="senha-de-visita")
    client.post("/admin/periodo-eleitoral/ensaio/")
    session = client.session
    session["election_rehearsal"] = True
    session.save()
    assert tells(answer(client, "/")[1])


def test_news_and_videos_are_publicity_until_somebody_says_otherwise(admin_client, site):
    assert ArticlePage.objects.get(slug="zarzuela").is_publicity
    assert VideoPage.objects.get(slug="marimba").is_publicity
    form = admin_client.get(f"/admin/pages/{site['news'].pk}/edit/").content.decode()
    assert "art. 73, VI" in form
    assert not hasattr(StandardPage.objects.first(), "is_publicity")
    assert not hasattr(HomePage.objects.first(), "is_publicity")
