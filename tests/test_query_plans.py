"""PostgreSQL answers every public address from indexes, so that no number of articles slows it."""

import re

import pytest
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import PageViewRestriction

from goals.models import GoalPage
from jundiai_global.demo import many
from news.models import ArticlePage
from tests.builders import ArticleFactory
from tests.test_elections import begin

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="plans are PostgreSQL's"),
]
COUNT = 5000
READS_ALL = re.compile(r"Seq Scan on (news_articlepage|wagtailcore_page)\b")
#: What is shown of each, and for each of which what stands at the beginning, middle and end.
ADDRESSES = [
    "/",
    "/noticias/",
    "/noticias/?pagina=200",
    "/noticias/?pagina=400",
    "/noticias/?assunto=eventos",
    "/noticias/?meta={goal}",
    "/noticias/{year}/?assunto=eventos&meta={goal}",
    "/noticias/{year}/{month:02}/",
    "/noticias/arquivo/",
    "/noticias/rss/",
    "/noticias/atom/",
    "/noticias/json/",
    "/api/v1/noticias/",
    "/sitemap.xml",
    "/sitemap-noticias-1.xml",
    "/metas/",
    "/metas/{goal}/",
    "/videos/",
    "{oldest}",
    "{middle}",
    "{newest}",
]


@pytest.fixture
def large_newsroom(news_index, monkeypatch):
    # Neither search matters here.
    monkeypatch.setattr(many.Newsroom, "make_known", lambda self: None)
    call_command("make_articles", COUNT, verbosity=0)
    # Without any, a plan says little of how restrictions are looked for.
    for _number in range(3):
        private = ArticleFactory(parent=type(news_index).objects.get(pk=news_index.pk))
        PageViewRestriction.objects.create(page=private, restriction_type="login")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        # As on an SSD. The default is that of a spinning disk, and reads small tables whole.
        cursor.execute("SET LOCAL random_page_cost = 1.1")
    return news_index


def plans(client, address) -> list[str]:
    """The plans of the queries that the address takes with empty caches."""
    client.get(address)  # makes the versions of images
    for cache in caches.all():
        cache.clear()
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code in (200, 451)
    found = []
    with connection.cursor() as cursor:
        for query in captured.captured_queries:
            if query["sql"].startswith("SELECT"):
                cursor.execute(f"EXPLAIN {query['sql']}")
                found.append(query["sql"] + "\n" + "\n".join(row[0] for row in cursor))
    return found


def slow_plans(client, *more: str) -> list[str]:
    """The plans of all addresses that read all articles or pages."""
    articles = ArticlePage.objects.published().newest_first()
    middle = articles[COUNT // 2]
    day = timezone.localtime(middle.date)
    places = {
        "goal": GoalPage.objects.in_order().first().slug,
        "year": day.year,
        "month": day.month,
        "oldest": articles.last().url,
        "middle": middle.url,
        "newest": articles.first().url,
    }
    return [
        f"{address}\n{plan}"
        for address in (*ADDRESSES, *more)
        for plan in plans(client, address.format(**places))
        if READS_ALL.search(plan)
    ]


def test_no_public_address_reads_all_articles_or_pages(client, large_newsroom):
    slow = slow_plans(client)
    assert not slow, "\n\n".join(slow)


def test_nor_does_any_while_an_election_withholds_most_articles(client, large_newsroom):
    keys = ArticlePage.objects.newest_first().values_list("pk", flat=True)[: COUNT : COUNT // 20]
    ArticlePage.objects.filter(pk__in=list(keys)).update(is_publicity=False)
    exempt = ArticlePage.objects.filter(is_publicity=False).first()
    begin()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    slow = slow_plans(client, exempt.url, "/busca/?q=amostra", "/noticias/?q=amostra")
    assert not slow, "\n\n".join(slow)
