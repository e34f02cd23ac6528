"""The sitemap: an index of sections in which every published page is found once."""

from datetime import timedelta

import pytest
import xmlschema
from defusedxml import ElementTree
from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Locale, Page, PageViewRestriction

from news import sitemaps as news_sitemaps
from news.models import ArchiveMonth, ArticlePage, NewsIndexPage
from pages import sitemaps
from pages.models import SiteIdentity, VideoPage
from tests.builders import ArticleFactory, StandardPageFactory, add_many_articles, empty

pytestmark = pytest.mark.django_db

NAMES = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "image": "http://www.google.com/schemas/sitemap-image/1.1",
    "news": "http://www.google.com/schemas/sitemap-news/0.9",
    "xhtml": "http://www.w3.org/1999/xhtml",
}
RECENT = "/sitemap-noticias-recentes.xml"


@pytest.fixture(scope="module")
def schema():
    return xmlschema.XMLSchema(settings.BASE_DIR / "tests/schemas/sitemap.xsd")


def read(client, address):
    response = client.get(address)
    assert response.status_code == 200, address
    assert response.headers["Content-Type"] == "application/xml; charset=utf-8"
    return ElementTree.fromstring(response.content)


def sections(client) -> list[str]:
    """The addresses that the index lists, without the host."""
    index = read(client, "/sitemap.xml")
    return ["/" + loc.text.split("/", 3)[3] for loc in index.findall("s:sitemap/s:loc", NAMES)]


def urls(client, address) -> list[str]:
    return [loc.text for loc in read(client, address).findall("s:url/s:loc", NAMES)]


def entry(client, address, url):
    found = read(client, address).findall("s:url", NAMES)
    return next(each for each in found if each.findtext("s:loc", None, NAMES) == url)


def publish(page, **changes):
    for name, value in changes.items():
        setattr(page, name, value)
    page.save_revision().publish()
    page.refresh_from_db()
    return page


@pytest.fixture
def english_news(home, news_index):
    english = Locale.objects.get_or_create(language_code="en")[0]
    publish(home.copy_for_translation(english))
    return publish(news_index.copy_for_translation(english), title="News", slug="news")


def test_every_file_keeps_to_the_protocol(client, schema, english_news):
    publish(ArticlePage.objects.live().first().copy_for_translation(english_news.locale))
    addresses = sections(client)
    assert addresses == ["/sitemap-paginas.xml", "/sitemap-noticias-1.xml", RECENT]
    for address in ("/sitemap.xml", *addresses):
        schema.validate(client.get(address).content.decode())


def test_every_published_page_is_in_one_section_once(client):
    listed = [
        url for address in sections(client) if address != RECENT for url in urls(client, address)
    ]
    pages = Page.objects.live().filter(depth__gt=1)
    assert sorted(listed) == sorted(page.full_url for page in pages)


def test_drafts_and_private_pages_are_in_no_section(client, news_index, home):
    public = ArticleFactory(parent=news_index, slug="publico")
    ArticleFactory(parent=news_index, slug="rascunho", live=False)
    private = ArticleFactory(parent=news_index, slug="reservado")
    PageViewRestriction.objects.create(page=private, restriction_type="login")
    StandardPageFactory(parent=home, title="Rascunho", slug="rascunho-pagina", live=False)
    hidden = StandardPageFactory(parent=home, title="Oculta", slug="reservada-pagina")
    PageViewRestriction.objects.create(page=hidden, restriction_type="login")
    text = "".join(client.get(address).content.decode() for address in sections(client))
    assert text.count(f"<loc>{public.full_url}</loc>") == 2  # among the recent ones too
    assert "rascunho" not in text
    assert "reservad" not in text


def test_expired_articles_leave_the_sitemap(client, news_index):
    from django.core.management import call_command

    article = ArticleFactory(parent=news_index, slug="vencida")
    publish(article, expire_at=timezone.now() + timedelta(hours=1))
    assert "vencida" in client.get(RECENT).content.decode()
    Page.objects.filter(pk=article.pk).update(expire_at=timezone.now() - timedelta(minutes=1))
    call_command("publish_scheduled")
    for address in sections(client):
        assert "vencida" not in client.get(address).content.decode()


def test_sections_are_whole_months_the_oldest_first_and_old_ones_stay(
    client, monkeypatch, news_index
):
    monkeypatch.setattr(news_sitemaps, "SECTION_SIZE", 5)
    before = {address: urls(client, address) for address in sections(client)[1:-1]}
    assert len(before) > 2
    months = ArchiveMonth.objects.filter(category=None, goal=None)
    largest = max(months.values_list("count", flat=True))
    for listed in before.values():
        assert 0 < len(listed) <= max(5, largest)
    ArticleFactory(parent=news_index, slug="mais-uma")
    after = {address: urls(client, address) for address in sections(client)[1:-1]}
    first, *_middle, last = before
    assert {name: after[name] for name in before if name != last} == {
        name: before[name] for name in before if name != last
    }
    oldest = ArticlePage.objects.live().order_by("date").first()
    assert before[first][0] == oldest.full_url


def test_a_month_larger_than_a_section_is_one_by_itself(client, monkeypatch, news_index):
    monkeypatch.setattr(news_sitemaps, "SECTION_SIZE", 2)
    empty(news_index)
    index = NewsIndexPage.objects.get(pk=news_index.pk)
    for day in (1, 2, 3):
        moment = timezone.make_aware(timezone.datetime(2020, 5, day, 12))
        ArticleFactory(parent=index, date=moment)
    for month in (3, 4, 6):
        moment = timezone.make_aware(timezone.datetime(2020, month, 9, 12))
        ArticleFactory(parent=index, date=moment)
    sizes = [len(urls(client, address)) for address in sections(client)[1:-1]]
    assert sizes == [2, 3, 1]


def test_a_file_is_cut_at_the_limits_of_the_protocol(client, monkeypatch):
    monkeypatch.setattr(sitemaps, "MAX_URLS", 7)
    assert len(urls(client, "/sitemap-noticias-1.xml")) == 7
    monkeypatch.setattr(sitemaps, "MAX_BYTES", 1500)
    response = client.get("/sitemap-noticias-1.xml")
    assert len(response.content) <= 1500
    assert 0 < len(urls(client, "/sitemap-noticias-1.xml")) < 7


def test_dates_of_change_are_true_or_left_out(client, news_index):
    address = "/sitemap-noticias-1.xml"
    article = ArticlePage.objects.live().first()
    shown = entry(client, address, article.full_url).findtext("s:lastmod", None, NAMES)
    changed_at = article.last_published_at.replace(microsecond=0)
    assert timezone.datetime.fromisoformat(shown) == changed_at
    never_edited = ArticleFactory(parent=news_index)
    assert entry(client, address, never_edited.full_url).find("s:lastmod", NAMES) is None
    publish(article, title="Outro título")
    index = read(client, "/sitemap.xml")
    dates = {
        each.findtext("s:loc", None, NAMES).rsplit("/")[-1]: each.findtext("s:lastmod", None, NAMES)
        for each in index.findall("s:sitemap", NAMES)
    }
    assert dates["sitemap-noticias-recentes.xml"] is None
    shown = timezone.datetime.fromisoformat(dates["sitemap-noticias-1.xml"])
    listed = ArticlePage.objects.live().values_list("last_published_at", "date")
    assert shown == max(changed or date for changed, date in listed).replace(microsecond=0)


def test_a_section_of_the_future_has_no_date_of_change(client, news_index):
    ArticleFactory(parent=news_index, date=timezone.now() + timedelta(days=3))
    index = read(client, "/sitemap.xml")
    section = index.findall("s:sitemap", NAMES)[1]
    assert section.find("s:lastmod", NAMES) is None


def test_the_picture_of_a_page_goes_with_it(client):
    article = ArticlePage.objects.live().filter(cover__isnull=False).first()
    picture = "image:image/image:loc"
    address = "/sitemap-noticias-1.xml"
    article.cover.renditions.all().delete()
    shown = entry(client, address, article.full_url).findtext(picture, None, NAMES)
    assert shown == f"http://localhost{article.cover.file.url}"
    made = article.cover.get_rendition("fill-1200x630|format-jpeg")
    shown = entry(client, address, article.full_url).findtext(picture, None, NAMES)
    assert shown == f"http://localhost{made.url}"
    video = VideoPage.objects.live().filter(poster__isnull=False).first()
    assert entry(client, "/sitemap-paginas.xml", video.full_url).find(picture, NAMES) is not None
    plain = ArticlePage.objects.live().filter(cover=None).first()
    assert entry(client, address, plain.full_url).find(picture, NAMES) is None


def test_a_page_published_in_two_languages_names_both_in_each(client, english_news):
    article = ArticlePage.objects.live().first()
    english = publish(article.copy_for_translation(english_news.locale), slug="in-english")
    draft = ArticlePage.objects.live().exclude(translation_key=article.translation_key).first()
    if draft.locale_id != english.locale_id:
        draft.copy_for_translation(english_news.locale)
    both = {"pt-BR": article.full_url, "en": english.full_url}

    def alternates(address, url):
        links = entry(client, address, url).findall("xhtml:link", NAMES)
        return {link.get("hreflang"): link.get("href") for link in links}

    for page in (article, english):
        assert alternates("/sitemap-noticias-1.xml", page.full_url) == both
    assert alternates("/sitemap-noticias-1.xml", draft.full_url) == {}
    homes = {"pt-BR": "http://localhost/", "en": "http://localhost/en/"}
    assert alternates("/sitemap-paginas.xml", "http://localhost/en/") == homes
    assert alternates("/sitemap-paginas.xml", "http://localhost/contato/") == {}


def test_recent_news_are_those_of_the_last_two_days(client, news_index, schema):
    now = timezone.now()
    new = ArticleFactory(
        parent=news_index, title="Nova & <bela>\x0b", date=now - timedelta(hours=47)
    )
    old = ArticleFactory(parent=news_index, date=now - timedelta(hours=49))
    future = ArticleFactory(parent=news_index, date=now + timedelta(hours=1))
    listed = urls(client, RECENT)
    assert new.full_url in listed
    assert old.full_url not in listed
    assert future.full_url not in listed
    news = entry(client, RECENT, new.full_url).find("news:news", NAMES)
    assert (
        news.findtext("news:publication/news:name", None, NAMES) == SiteIdentity.objects.get().name
    )
    assert news.findtext("news:publication/news:language", None, NAMES) == "pt"
    assert news.findtext("news:title", None, NAMES) == "Nova & <bela>"
    moment = timezone.datetime.fromisoformat(news.findtext("news:publication_date", None, NAMES))
    assert moment == new.date


def test_a_site_without_news_has_only_its_pages(client, news_index):
    empty(news_index)
    assert sections(client) == ["/sitemap-paginas.xml"]


@pytest.mark.parametrize(
    "name", ["nada", "noticias-0", "noticias-99", "noticias-01", "noticias", "paginas-2"]
)
def test_an_unknown_section_is_not_found(client, name):
    assert client.get(f"/sitemap-{name}.xml").status_code == 404


def test_robots_names_the_index(client):
    assert "Sitemap: http://testserver/sitemap.xml" in client.get("/robots.txt").content.decode()


def test_a_file_costs_the_same_queries_however_many_articles(client, news_index, english_news):
    addresses = ["/sitemap.xml", "/sitemap-paginas.xml", "/sitemap-noticias-1.xml", RECENT]

    def queries():
        found = {}
        for address in addresses:
            for cache in caches.all():
                cache.clear()
            with CaptureQueriesContext(connection) as captured:
                assert client.get(address).status_code == 200
            found[address] = len(captured)
        return found

    few = queries()
    assert max(few.values()) <= 15
    add_many_articles(news_index, 1500)
    assert len(sections(client)) > 3
    assert queries() == few
    oldest, newest = (urls(client, address) for address in sections(client)[1:3])
    assert len(oldest) <= 1000
    assert set(oldest).isdisjoint(newest)
