"""What a visitor gets from each address, right or wrong."""

import json
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.core.cache import caches
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.images import get_image_model
from wagtail.models import Page, PageViewRestriction

from goals.models import GoalIndexPage, GoalPage
from news.models import ArticlePage, NewsCategory
from pages.models import InstitutionalPage, Menu, SiteIdentity, StandardPage, VideoPage
from pages.models.home import HomePageGoal
from tests.builders import ArticleFactory, add_many_articles, empty, full_body

pytestmark = pytest.mark.django_db

OTHER_ADDRESSES = [
    "/busca/",
    "/busca/?q=cooperacao",
    "/busca/?q=amostra&tipo=noticia&ano=2026",
    "/busca/?q=cooperassao",
    "/noticias/?pagina=2",
    "/noticias/?assunto=acordos&meta=entidades-internacionais",
    "/noticias/?q=amostra",
    "/noticias/?q=amostar",
    "/noticias/?q=amostra&assunto=eventos&meta=entidades-internacionais",
    "/noticias/2026/?q=amostar&assunto=eventos&meta=entidades-internacionais",
    "/noticias/2026/?q=xyzabc&assunto=acordos&meta=entidades-internacionais",
    "/noticias/rss/",
    "/noticias/atom/",
    "/noticias/json/",
    "/noticias/assunto/eventos/rss/",
    "/dados-abertos/",
    "/api/v1/",
    "/api/v1/noticias/",
    "/api/v1/noticias/?assunto=eventos&limite=100",
    "/api/v1/noticias/?assunto=eventos&meta=entidades-internacionais&ano=2026",
    "/api/v1/metas/",
    "/api/v1/videos/",
    "/api/v1/openapi.json",
    "/robots.txt",
    "/sitemap.xml",
    "/sitemap-paginas.xml",
    "/sitemap-noticias-1.xml",
    "/sitemap-noticias-recentes.xml",
    "/site.webmanifest",
]


def addresses():
    return [page.url for page in Page.objects.live().filter(depth__gt=1)] + OTHER_ADDRESSES


def queries(client, address) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def soup(client, address, status=200):
    response = client.get(address)
    assert response.status_code == status
    return BeautifulSoup(response.content, "html.parser")


def titles(page) -> list[str]:
    return [link.get_text(strip=True) for link in page.select("main article :is(h2, h3) a")]


_answers: dict[str, HttpResponse] = {}


@pytest.fixture
def answers(client):
    """What every address answers on the site as it came, asked once for all who only read it."""
    if not _answers:
        _answers.update({address: client.get(address) for address in addresses()})
    return _answers


def html_of(answers) -> dict[str, BeautifulSoup]:
    """The answers that are pages, by address."""
    return {
        address: BeautifulSoup(answer.content, "html.parser")
        for address, answer in answers.items()
        if answer.headers["Content-Type"].startswith("text/html")
    }


def test_every_page_answers_without_cookies_under_the_strict_policy(answers):
    for address, response in answers.items():
        assert response.status_code == 200, address
        assert not response.cookies, address
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


def test_no_page_has_an_inline_script_or_style(answers):
    for address, page in html_of(answers).items():
        assert not page.select("style, [style], [onclick], [onload]"), address
        for script in page.select("script"):
            assert script.get("src") or script.get("type") == "application/ld+json", address


def test_every_page_has_one_main_heading_a_title_and_a_canonical_address(answers):
    pages = html_of(answers)
    for url in [page.url for page in Page.objects.live().filter(depth__gt=1)]:
        shown = pages[url]
        assert len(shown.select("h1")) == 1, url
        assert shown.title.get_text(strip=True)
        assert shown.select_one("link[rel=canonical]")["href"].endswith(url)
        assert shown.html["lang"] == "pt-BR"


def test_every_link_inside_the_site_leads_somewhere(client, answers):
    links = {
        link["href"].split("#")[0]
        for page in html_of(answers).values()
        for link in page.select("a[href^='/']")
    }
    links = {href for href in links if not href.startswith(("/media/", "/admin/"))}
    found = {href: (answers.get(href) or client.get(href)).status_code for href in links}
    assert found == dict.fromkeys(links, 200)


def make_full(page, **fields) -> None:
    """Give ``page`` all that it may show."""
    for name, value in fields.items():
        setattr(page, name, value)
    page.body = full_body()
    page.save_revision().publish()


def test_any_page_takes_at_most_15_queries_and_no_more_with_2000_articles(client, news_index, home):
    article = ArticlePage.objects.filter(category__slug="eventos").order_by("-date").first()
    link = f'<p><a linktype="page" id="{news_index.pk}">Notícias</a></p>'
    article.goals.set(GoalPage.objects.all())
    make_full(article, corrections=link, cover=get_image_model().objects.first())
    make_full(GoalPage.objects.first())
    make_full(VideoPage.objects.exclude(video_file=None).first(), transcript=link)
    make_full(InstitutionalPage.objects.get())
    for page in StandardPage.objects.specific():
        make_full(page)
    make_full(home, hero_text=link, pinned_article=ArticlePage.objects.order_by("date").first())
    # One article shows all that articles may; of the others one is enough.
    spared = [each.url for each in ArticlePage.objects.live() if each.pk != article.pk][1:]
    checked = [address for address in addresses() if address not in spared]

    def count():
        found = {}
        for address in checked:
            client.get(address)  # makes the versions of images, which happens only once
            for cache in caches.all():
                cache.clear()
            found[address] = queries(client, address)
        return found

    few = count()
    assert {address: n for address, n in few.items() if n > 15} == {}
    # Older than those there are, whose long texts stay the newest: feeds draw the same.
    oldest = ArticlePage.objects.order_by("date").first().date
    add_many_articles(news_index, 2000 - 24, until=oldest)
    assert ArticlePage.objects.live().count() == 2000
    assert count() == few


@pytest.mark.parametrize("number", ["0", "-1", "abc", "999999", "", "1e9", "٣", "%00", "9" * 3000])
@pytest.mark.parametrize("address", ["/noticias/", "/busca/?q=amostra", "/videos/"])
def test_a_page_number_asked_amiss_is_answered_with_a_page(client, address, number):
    joint = "&" if "?" in address else "?"
    assert client.get(f"{address}{joint}pagina={number}").status_code == 200


BAD_ADDRESSES = [
    "/noticias/?ano=1900",
    "/noticias/?ano=abc",
    "/noticias/?ano=-1",
    "/noticias/?ano=%00",
    "/noticias/?assunto=nada",
    "/noticias/?assunto=%00",
    "/noticias/?assunto=%FF%FE",
    "/noticias/nao-existe/",
    "/metas/nao-existe/",
    "/videos/nao-existe/",
    "/nao-existe/",
    "/%00/",
    "/%FF%FE/",
    "/noticias/%00/",
    "/fr/",
    "/en/",
    "/" + "a" * 3000 + "/",
    "/a/" * 200,
]


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_an_unknown_address_is_answered_with_404_in_the_language_of_the_address(client, address):
    response = client.get(address)
    assert response.status_code == 404
    words = "Page not found" if address == "/en/" else "Página não encontrada"
    assert words in response.content.decode()


@pytest.mark.parametrize(
    "query", ["q=%00", "q=%FF%FE", "q=" + "a" * 3_000, "q=%22%27%29%28", "q[]=1", "q=&q=", "q=%25"]
)
def test_the_search_copes_with_any_words(client, query):
    assert client.get(f"/busca/?{query}").status_code == 200


def test_three_kilobytes_of_query_are_answered_with_the_plain_page(client):
    assert client.get("/?" + "x" * 3_072).status_code == 200
    assert client.get("/noticias/?x=" + "y" * 3_072).status_code == 200


def test_the_search_finds_with_and_without_accents(client):
    for words in ("cooperação", "cooperacao", "COOPERACAO"):
        results = soup(client, f"/busca/?q={words}").select("main h2 a, main h3 a")
        assert results, words


def test_the_news_index_lists_all_articles_newest_first_over_its_pages(client):
    first = titles(soup(client, "/noticias/"))
    second = titles(soup(client, "/noticias/?pagina=2"))
    published = ArticlePage.objects.live().order_by("-date", "-pk").values_list("title", flat=True)
    assert first + second == list(published)


def test_drafts_and_private_pages_appear_in_no_listing(client, news_index):
    ArticleFactory(parent=news_index, title="Público xyz")
    ArticleFactory(parent=news_index, title="Rascunho xyz", live=False)
    private = ArticleFactory(parent=news_index, title="Reservado xyz")
    PageViewRestriction.objects.create(
        page=private,
        restriction_type=PageViewRestriction.PASSWORD,
        password="segredo",
    )
    for address in (
        "/",
        "/noticias/",
        "/noticias/rss/",
        "/busca/?q=xyz",
        "/sitemap-noticias-1.xml",
    ):
        content = client.get(address).content.decode()
        if not address.startswith("/sitemap"):
            # The search marks words: what is read has no marks.
            assert "Público xyz" in content.replace("<mark>", "").replace("</mark>", ""), address
        assert "Rascunho xyz" not in content, address
        assert "Reservado xyz" not in content, address
        assert private.url not in content, address


def test_a_page_with_a_password_asks_for_it_and_opens(client, news_index):
    private = ArticleFactory(parent=news_index, title="Reservado")
    PageViewRestriction.objects.create(
        page=private,
        restriction_type=PageViewRestriction.PASSWORD,
        password="segredo",
    )
    asked = soup(client, private.url)
    assert asked.select_one("form input[type=password]")
    form = asked.select_one("main form")
    answer = client.post(
        form["action"], {"password": "segredo", "return_url": private.url}, follow=True
    )
    assert "Um resumo." in answer.content.decode()


def test_the_goals_are_listed_in_the_order_the_editor_gave(client):
    index = GoalIndexPage.objects.get()
    goals = list(GoalPage.objects.child_of(index).order_by("path"))
    goals[-1].move(goals[0], pos="left")
    shown = [a.get_text(strip=True) for a in soup(client, "/metas/").select(".goals a")]
    assert shown == [goals[-1].title, *(goal.title for goal in goals[:-1])]


def test_an_article_leads_to_the_ones_just_before_and_after_it(client):
    articles = list(ArticlePage.objects.live().order_by("date", "pk"))
    shown = soup(client, articles[5].url)
    assert shown.select_one("a[rel=prev]").get_text() == articles[4].title
    assert shown.select_one("a[rel=next]").get_text() == articles[6].title
    assert not soup(client, articles[0].url).select_one("a[rel=prev]")
    assert not soup(client, articles[-1].url).select_one("a[rel=next]")


def test_related_news_are_the_newest_that_share_a_goal_or_category(client, news_index):
    empty(news_index)
    news_index.refresh_from_db()
    goals = list(GoalPage.objects.order_by("path"))
    category = NewsCategory.objects.first()
    first = ArticleFactory(parent=news_index, goals=[goals[0]], category=category)
    same_goal = ArticleFactory(parent=news_index, goals=[goals[0], goals[1]])
    same_category = ArticleFactory(parent=news_index, category=category)
    ArticleFactory(parent=news_index, goals=[goals[2]])
    shown = soup(client, first.url).select("section[aria-labelledby=relacionadas] :is(h2, h3) a")
    assert [a.get_text(strip=True) for a in shown] == [same_category.title, same_goal.title]


def test_the_home_shows_the_chosen_goals_in_the_chosen_order_or_all(client, home):
    goals = list(GoalPage.objects.order_by("path"))

    def shown():
        return [a.get_text(strip=True) for a in soup(client, "/").select(".goals a")]

    HomePageGoal.objects.all().delete()
    assert shown() == [goal.title for goal in goals]
    HomePageGoal.objects.create(page=home, goal=goals[2], sort_order=0)
    HomePageGoal.objects.create(page=home, goal=goals[0], sort_order=1)
    assert shown() == [goals[2].title, goals[0].title]
    goals[2].unpublish()
    assert shown() == [goals[0].title]


def test_the_pinned_article_comes_first_and_the_home_shows_as_many_as_asked(client, home):
    oldest = ArticlePage.objects.order_by("date").first()
    home.pinned_article = oldest
    home.news_count = 3
    home.save()
    shown = titles(soup(client, "/"))
    newest = ArticlePage.objects.order_by("-date", "-pk").values_list("title", flat=True)[:2]
    assert shown[:3] == [oldest.title, *newest]


def test_a_goal_shows_the_news_that_serve_it(client):
    article = next(a for a in ArticlePage.objects.order_by("-date") if a.goals.exists())
    goal = article.goals.first()
    assert article.title in soup(client, goal.url).get_text()


def test_the_feeds_carry_the_newest_articles(client):
    import feedparser

    newest = ArticlePage.objects.live().order_by("-date").first()
    for kind in ("rss", "atom"):
        feed = feedparser.parse(client.get(f"/noticias/{kind}/").content)
        assert not feed.bozo
        assert feed.entries[0].title == newest.title
        assert feed.entries[0].link.endswith(newest.url)


def test_the_icon_that_browsers_ask_for_by_themselves_is_there(client):
    assert client.get("/favicon.ico").headers["Location"] == "/static/img/favicon.ico"


def test_robots_names_the_sitemap_and_the_manifest_is_json(client):
    assert "Sitemap: http" in client.get("/robots.txt").content.decode()
    manifest = json.loads(client.get("/site.webmanifest").content)
    assert manifest["lang"] == "pt-BR"
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}


@pytest.mark.parametrize(
    ("find", "kinds"),
    [
        (lambda: "/", {"GovernmentOrganization", "WebSite"}),
        (lambda: ArticlePage.objects.first().url, {"NewsArticle", "BreadcrumbList"}),
        (lambda: "/videos/amostra-video/", {"VideoObject", "BreadcrumbList"}),
    ],
)
def test_structured_data_says_what_the_page_is(client, find, kinds):
    address = find()
    if address.startswith("/videos/"):
        from pages.models import VideoPage

        address = VideoPage.objects.live().first().url
    found = set()
    for script in soup(client, address).select("script[type='application/ld+json']"):
        data = json.loads(script.string)
        things = data.get("@graph", [data]) if isinstance(data, dict) else data
        found |= {thing["@type"] for thing in things}
    assert kinds <= found


def test_structured_data_cannot_end_its_own_script(client, news_index):
    article = ArticleFactory(parent=news_index, title="</script><script>alert(1)</script>")
    assert "<script>alert" not in client.get(article.url).content.decode()


def test_very_long_titles_and_capital_letters_are_shown_whole(client, news_index):
    title = "SUPERCALIFRAGILISTICO " * 11
    article = ArticleFactory(parent=news_index, title=title.strip(), summary="X" * 200)
    assert title.strip() in soup(client, article.url).get_text()
    assert client.get("/").status_code == client.get("/noticias/").status_code == 200


def test_an_article_dated_in_the_future_or_updated_still_shows(client, news_index):
    article = ArticleFactory(parent=news_index, date=timezone.now() + timedelta(days=400))
    assert client.get(article.url).status_code == 200


def test_a_site_without_menus_identity_or_categories_still_answers(client):
    Menu.objects.all().delete()
    SiteIdentity.objects.all().delete()
    NewsCategory.objects.all().delete()
    StandardPage.objects.all().delete()
    for address in ("/", "/noticias/", "/metas/", "/videos/", "/busca/", "/nada/"):
        assert client.get(address).status_code in (200, 404)


def test_the_500_page_needs_no_database():
    from django.template.loader import render_to_string

    shown = render_to_string("500.html")
    assert 'lang="pt-BR"' in shown
    assert "Jundiaí Global" in shown


def test_a_broken_view_is_answered_with_the_500_page(monkeypatch):
    from pages.models import HomePage

    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(HomePage, "serve", broken)
    response = Client(raise_request_exception=False).get("/")
    assert response.status_code == 500
    assert "Jundiaí Global" in response.content.decode()
