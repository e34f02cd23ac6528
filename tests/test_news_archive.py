"""The news by year, month, category and goal, and the counts that let them be cut anywhere."""

import random
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from wagtail.models import Locale, PageViewRestriction

from goals.models import GoalPage
from news.models import ArchiveMonth, ArticlePage, NewsCategory, NewsIndexPage, PinnedArticle
from news.models.article import month_of
from tests.builders import ArticleFactory, NewsCategoryFactory, add_many_articles, empty

pytestmark = pytest.mark.django_db


def moment(*date_and_time):
    return timezone.datetime(*date_and_time, tzinfo=ZoneInfo("America/Sao_Paulo"))


def titles(client, address) -> list[str]:
    response = client.get(address, follow=True)
    assert response.status_code == 200, address
    page = BeautifulSoup(response.content, "html.parser")
    return [link.get_text(strip=True) for link in page.select("main .grid article a")]


def soup(client, address):
    response = client.get(address, follow=True)
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


@pytest.fixture
def empty_index(news_index):
    empty(news_index)
    return NewsIndexPage.objects.get(pk=news_index.pk)


@pytest.fixture
def three_months(empty_index):
    """Articles of December 2023, January 2024 and March 2024, in two categories, for two goals."""
    acordos, eventos = (
        NewsCategory.objects.get_or_create(
            locale=Locale.get_default(), slug=name.lower(), defaults={"name": name}
        )[0]
        for name in ("Acordos", "Eventos")
    )
    first, second = GoalPage.objects.in_order()[:2]
    for title, date, category, goals in [
        ("Dezembro", moment(2023, 12, 31, 23, 30), acordos, [first]),
        ("Janeiro", moment(2024, 1, 1, 0, 30), eventos, [first, second]),
        ("Março", moment(2024, 3, 15, 12), acordos, []),
        ("Fim de março", moment(2024, 3, 31, 23, 59), eventos, [second]),
    ]:
        ArticleFactory(parent=empty_index, title=title, date=date, category=category, goals=goals)
    return empty_index


def counts(index) -> dict:
    rows = ArchiveMonth.objects.filter(index=index)
    return {(row.month, row.category_id, row.goal_id): (row.count, row.changed_at) for row in rows}


def recounted(index) -> dict:
    ArchiveMonth.objects.recount(index)
    return counts(index)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/noticias/", ["Fim de março", "Março", "Janeiro", "Dezembro"]),
        ("/noticias/2023/", ["Dezembro"]),
        ("/noticias/2024/", ["Fim de março", "Março", "Janeiro"]),
        ("/noticias/2024/01/", ["Janeiro"]),
        ("/noticias/2024/02/", []),
        ("/noticias/2024/03/", ["Fim de março", "Março"]),
        ("/noticias/?assunto=acordos", ["Março", "Dezembro"]),
        ("/noticias/2024/?assunto=acordos", ["Março"]),
        ("/noticias/?meta={first}", ["Janeiro", "Dezembro"]),
        ("/noticias/?meta={second}&assunto=eventos", ["Fim de março", "Janeiro"]),
        ("/noticias/2024/03/?meta={second}&assunto=eventos", ["Fim de março"]),
        ("/noticias/2023/?meta={second}", []),
    ],
)
def test_filters_combine_in_readable_addresses(client, three_months, address, expected):
    first, second = GoalPage.objects.in_order()[:2]
    assert titles(client, address.format(first=first.slug, second=second.slug)) == expected


@pytest.mark.parametrize(
    ("asked", "address"),
    [
        ("ano=&assunto=&meta=", "/noticias/"),
        ("ano=2024&assunto=&meta=", "/noticias/2024/"),
        ("ano=2024&mes=03&assunto=acordos&meta=", "/noticias/2024/03/?assunto=acordos"),
        ("ano=2024&mes=3", "/noticias/2024/03/"),
        ("ano=&mes=03", "/noticias/"),
    ],
)
def test_the_form_leads_to_the_address_without_blanks(client, three_months, asked, address):
    response = client.get(f"/noticias/?{asked}")
    assert response.status_code == 302
    assert response.headers["Location"] == address


@pytest.mark.parametrize(
    "address",
    [
        "/noticias/1999/",
        "/noticias/2024/00/",
        "/noticias/2024/13/",
        "/noticias/2024/3/",
        "/noticias/?ano=2024&mes=13",
        "/noticias/?ano=2024&mes=%00",
        "/noticias/?meta=nada",
        "/noticias/?meta=%00",
        "/noticias/0000/",
        "/noticias/9999/12/",
    ],
)
def test_what_does_not_exist_is_not_found(client, three_months, address):
    assert client.get(address).status_code == 404


def test_each_choice_says_how_many_it_would_show_beside_the_others(client, three_months):
    page = soup(client, "/noticias/2024/")
    options = {
        select["name"]: [option.get_text() for option in select.select("option")[1:]]
        for select in page.select("main form select")
    }
    first, second = GoalPage.objects.in_order()[:2]
    assert options["ano"] == ["2024 (3)", "2023 (1)"]
    assert options["mes"] == ["janeiro (1)", "março (2)"]
    assert options["assunto"] == ["Acordos (1)", "Eventos (2)"]
    assert options["meta"] == [f"{first} (1)", f"{second} (2)"]
    assert "3 notícias" in page.select_one("main [role=status]").get_text()


def test_a_narrowed_listing_is_named_in_its_heading_title_trail_and_address(client, three_months):
    page = soup(client, "/noticias/2024/03/?assunto=acordos")
    assert page.h1.get_text() == "Notícias de março de 2024: Acordos"
    assert page.title.get_text().startswith("Notícias de março de 2024: Acordos")
    trail = [step.get_text() for step in page.select(".breadcrumbs li")]
    assert trail[-3:] == ["Notícias", "2024", "março"]
    canonical = page.select_one("link[rel=canonical]")["href"]
    assert canonical.endswith("/noticias/2024/03/?assunto=acordos")
    assert not page.select("meta[name=robots]")


def test_an_empty_result_offers_ways_on_and_stays_out_of_search_engines(client, three_months):
    second = GoalPage.objects.in_order()[1]
    page = soup(client, f"/noticias/2023/?meta={second.slug}")
    ways = {link["href"] for link in page.select("main .empty a")}
    assert ways == {"/noticias/2023/", f"/noticias/?meta={second.slug}", "/noticias/"}
    assert "noindex" in page.select_one("meta[name=robots]")["content"]
    for way in ways:
        assert titles(client, way)


def test_the_archive_has_every_year_and_month_with_its_count(client, three_months):
    page = soup(client, "/noticias/arquivo/")
    links = {link["href"]: link.parent.get_text() for link in page.select(".archive a")}
    assert {href: text.split()[-1] for href, text in links.items() if href.count("/") == 4} == {
        "/noticias/2023/12/": "1",
        "/noticias/2024/01/": "1",
        "/noticias/2024/03/": "2",
    }
    for href in links:
        assert titles(client, href)


def test_pinned_articles_stand_first_and_stay_in_the_list(client, three_months):
    articles = {article.title: article for article in ArticlePage.objects.all()}
    for order, title in enumerate(("Janeiro", "Dezembro")):
        PinnedArticle.objects.create(page=three_months, article=articles[title], sort_order=order)
    draft = ArticleFactory(parent=three_months, title="Rascunho", live=False)
    PinnedArticle.objects.create(page=three_months, article=draft, sort_order=9)
    twice = articles["Janeiro"]
    PinnedArticle.objects.create(page=three_months, article=twice, sort_order=10)
    page = soup(client, "/noticias/")
    pinned = [link.get_text(strip=True) for link in page.select(".pinned article a")]
    assert pinned == ["Janeiro", "Dezembro"]
    assert titles(client, "/noticias/")[2:] == ["Fim de março", "Março", "Janeiro", "Dezembro"]
    assert not soup(client, "/noticias/2024/").select(".pinned")


def test_every_slice_of_a_listing_is_that_of_all_its_articles(three_months):
    add_many_articles(three_months, 60)
    listing = three_months.listing()
    everything = list(three_months.articles)
    assert len(listing) == len(everything) == 64
    for start in range(0, 64, 5):
        for length in (1, 7, 12, 100):
            assert listing[start : start + length] == everything[start : start + length]
    assert listing[0] == everything[0]
    assert listing[64:80] == []


def test_deep_pages_read_only_the_months_they_show(three_months, django_assert_num_queries):
    listing = three_months.listing()
    with django_assert_num_queries(1) as captured:
        list(listing[3:4])
    assert "2023-12" in captured.captured_queries[0]["sql"] or "2024-01-01" in str(
        captured.captured_queries[0]["sql"]
    )


def test_counts_keep_in_step_with_whatever_editors_do(empty_index):
    """Random editorial operations; after each, the counts are those of a fresh count."""
    rng = random.Random(20261124)
    goals = list(GoalPage.objects.in_order())
    categories = [NewsCategoryFactory(locale=Locale.get_default()) for _number in range(2)]

    def some_date():
        return moment(rng.choice((2023, 2024)), rng.randint(1, 12), rng.randint(1, 28), 12)

    def create():
        ArticleFactory(
            parent=NewsIndexPage.objects.get(pk=empty_index.pk),
            date=some_date(),
            category=rng.choice([None, *categories]),
            goals=rng.sample(goals, rng.randint(0, 2)),
            live=rng.random() < 0.8,
        )

    def change(article):
        article.date = some_date()
        article.category = rng.choice([None, *categories])
        article.goals = rng.sample(goals, rng.randint(0, 3))
        article.save_revision().publish()

    def save_without_revision(article):
        article.date = some_date()
        article.save()

    def restrict(article):
        PageViewRestriction.objects.create(page=article, restriction_type="login")

    operations = [
        change,
        save_without_revision,
        restrict,
        lambda article: article.unpublish(),
        lambda article: article.page_ptr.unpublish(),
        lambda article: article.save_revision().publish(),
        lambda article: article.delete(),
        lambda article: article.copy(update_attrs={"slug": f"copia-{rng.randrange(10**9)}"}),
        lambda article: PageViewRestriction.objects.filter(page=article).delete(),
        lambda article: goals[0].articles.add(article),
        lambda article: goals[1].articles.clear(),
    ]
    for _step in range(8):
        create()
    for _step in range(60):
        pages = list(ArticlePage.objects.all())
        if not pages or rng.random() < 0.2:
            create()
        else:
            rng.choice(operations)(rng.choice(pages))
        kept = counts(empty_index)
        assert kept == recounted(empty_index)


def test_a_restriction_on_the_whole_list_or_above_it_hides_all_counts(home, three_months):
    for page in (three_months, home):
        restriction = PageViewRestriction.objects.create(page=page, restriction_type="login")
        assert counts(three_months) == {}
        restriction.delete()
        assert counts(three_months)


def test_articles_changed_behind_wagtails_back_are_counted_by_a_command(client, three_months):
    ArticlePage.objects.filter(title="Março").update(date=moment(2022, 5, 1, 12))
    call_command("recount_news", verbosity=0)
    assert titles(client, "/noticias/2022/05/") == ["Março"]


def test_a_site_that_had_articles_before_the_counts_is_counted_after_migrating(three_months):
    from django.apps import apps
    from django.db.models.signals import post_migrate

    before = counts(three_months)
    ArchiveMonth.objects.all().delete()
    config = apps.get_app_config("news")
    post_migrate.send(sender=config, app_config=config, using="default", verbosity=0)
    assert counts(three_months) == before


def test_a_scheduled_article_appears_at_its_time_and_not_before(client, three_months, monkeypatch):
    its_time = timezone.now() + timedelta(hours=1)
    article = ArticleFactory.build(
        title="Agendada", slug="agendada", date=moment(2024, 3, 20, 9), live=False
    )
    three_months.add_child(instance=article)
    article.go_live_at = its_time
    article.save_revision().publish()
    addresses = (
        "/",
        "/noticias/",
        "/noticias/2024/03/",
        "/noticias/rss/",
        "/sitemap-noticias-1.xml",
    )
    for now, is_shown in [
        (its_time - timedelta(seconds=1), False),
        (its_time + timedelta(seconds=1), True),
    ]:
        monkeypatch.setattr(timezone, "now", lambda now=now: now)
        call_command("publish_scheduled")
        for address in addresses:
            assert ("agendada" in client.get(address).content.decode()) == is_shown, address


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="plans are PostgreSQL's")
def test_postgresql_serves_listings_from_indexes(three_months):
    add_many_articles(three_months, 3000)
    goal = GoalPage.objects.first()
    category = NewsCategory.objects.get(slug="eventos")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    index = NewsIndexPage.objects.get(pk=three_months.pk)
    listing = index.listing()
    month = listing.months[len(listing.months) // 2].first_day
    for articles in (
        index.articles.for_cards().between_months(month, month),
        index.articles.in_category(category).for_cards(),
        index.articles.serving(goal).for_cards(),
    ):
        plan = articles[:12].explain()
        assert "Seq Scan on news_articlepage " not in plan, plan
        assert "Seq Scan on wagtailcore_page " not in plan, plan
    plan = ArchiveMonth.objects.of(index).order_by("-month").explain()
    assert "Seq Scan on news_archivemonth" not in plan or ArchiveMonth.objects.count() < 300, plan


@pytest.fixture
def worded(three_months):
    """Articles of ``three_months`` that say something of vineyards, and one that does not."""
    for title in ("Dezembro", "Março", "Fim de março"):
        article = ArticlePage.objects.get(title=title)
        article.summary = "Uma visita às vinhas da região."
        article.save_revision().publish()
    return three_months


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/noticias/?q=vinhas", ["Fim de março", "Março", "Dezembro"]),
        ("/noticias/?q=VINHA", ["Fim de março", "Março", "Dezembro"]),
        ("/noticias/2024/?q=vinhas", ["Fim de março", "Março"]),
        ("/noticias/2024/03/?q=vinhas&assunto=acordos", ["Março"]),
        ("/noticias/?q=vinhas&meta={second}", ["Fim de março"]),
        ("/noticias/?q=vinhas+amostra", []),
        ("/noticias/?q=%00", ["Fim de março", "Março", "Janeiro", "Dezembro"]),
    ],
)
@pytest.mark.parametrize("most", [200, 1])
def test_words_narrow_the_news_beside_the_other_filters(
    client, worded, monkeypatch, address, expected, most
):
    """The same whether what is found can be counted or is more than that."""
    monkeypatch.setattr("search.answers.MOST", most)
    second = GoalPage.objects.in_order()[1]
    assert titles(client, address.format(second=second.slug)) == expected


def test_choices_beside_words_are_counted_among_what_has_them(client, worded):
    page = soup(client, "/noticias/2024/?q=vinhas")
    options = {
        select["name"]: [option.get_text() for option in select.select("option")[1:]]
        for select in page.select("main form select")
    }
    second = GoalPage.objects.in_order()[1]
    assert options["ano"] == ["2024 (2)", "2023 (1)"]
    assert options["mes"] == ["março (2)"]
    assert options["assunto"] == ["Acordos (1)", "Eventos (1)"]
    assert options["meta"] == [f"{second} (1)"]
    assert page.h1.get_text() == "Notícias de 2024: “vinhas”"
    assert page.select_one("main form input[name=q]")["value"] == "vinhas"
    assert "noindex" in page.select_one("meta[name=robots]")["content"]


def test_of_too_many_matches_the_newest_are_listed_and_that_is_said(client, worded, monkeypatch):
    monkeypatch.setattr("search.answers.MOST", 2)
    monkeypatch.setattr("news.models.selection.MOST", 2)
    page = soup(client, "/noticias/?q=vinhas")
    assert titles(client, "/noticias/?q=vinhas") == ["Fim de março", "Março"]
    assert "As 2 mais recentes; há mais." in page.select_one("main [role=status]").get_text()
    assert [option.get_text() for option in page.select("select[name=ano] option")] == [
        "Todos",
        "2024",
        "2023",
    ]


def test_a_mistyped_word_is_taken_for_the_one_meant_and_that_is_said(client, worded):
    page = soup(client, "/noticias/?q=vinhhas")
    assert "procuramos “vinhas”" in page.select_one("main").get_text()
    assert titles(client, "/noticias/?q=vinhhas")[0] == "Fim de março"


def test_words_follow_an_articles_change_of_category_and_goals(client, worded):
    article = ArticlePage.objects.get(title="Março")
    first = GoalPage.objects.in_order()[0]
    article.category = NewsCategory.objects.get(slug="eventos")
    article.save_revision().publish()
    first.articles.add(ArticlePage.objects.get(title="Fim de março"))
    assert titles(client, "/noticias/?q=vinhas&assunto=acordos") == ["Dezembro"]
    assert titles(client, f"/noticias/?q=vinhas&meta={first.slug}") == ["Fim de março", "Dezembro"]
    first.articles.clear()
    assert titles(client, f"/noticias/?q=vinhas&meta={first.slug}") == []


def test_an_article_that_moves_is_counted_where_it_is(news_index, home):
    other = NewsIndexPage(title="Outra lista", slug="outra-lista")
    home.add_child(instance=other)
    article = ArticleFactory(parent=news_index)
    month = month_of(article.date)

    def counted(index) -> int:
        rows = ArchiveMonth.objects.of(index).filter(month=month)
        return sum(rows.values_list("count", flat=True))

    before = counted(news_index)
    article.move(other, pos="last-child")
    assert (counted(news_index), counted(other)) == (before - 1, 1)
