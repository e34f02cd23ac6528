"""What is asked of the site: each kind of page at its easiest and its hardest."""

import re

from django.core.management import CommandError
from django.db.models import Sum
from django.test import Client
from django.urls import NoReverseMatch, reverse

from goals.models import GoalPage
from news.models import ArchiveMonth, ArticlePage, NewsCategory, NewsIndexPage
from pages.pagination import PARAMETER
from search.answers import answer
from search.models import Word

#: Articles on a page of the news index, and pages on one of the admin's listings.
PER_PAGE, PER_ADMIN_PAGE = 12, 50
#: Of the words of the sample texts, one of the commonest, and how many pages have a rare one: as
#: many as an answer shows at once, whatever the size of the newsroom.
COMMON_WORD, RARE_IN = "acordo", range(12, 19)
#: What an article has of the library, for articles of all sizes to be alike.
ILLUSTRATED = {"image", "documents", "video"}


def public(client: Client) -> dict[str, str]:
    """Addresses that anyone may ask for, by what they are called in the report.

    They show as much at every size, where there is as much: a month or a year of a category and
    goal is the one that has the most articles.
    """
    index = NewsIndexPage.objects.get(locale__language_code="pt-br")
    articles = ArticlePage.objects.child_of(index).newest_first()
    count = articles.count()
    months = ArchiveMonth.objects.filter(index=index)
    month = months.filter(category=None, goal=None).order_by("-count", "month")[0].month
    by_year = months.values("category", "goal", "month__year").annotate(total=Sum("count"))
    busiest = by_year.filter(category__isnull=False).order_by("-total", "month__year")
    both = busiest.filter(goal__isnull=False)[0]
    category = NewsCategory.objects.get(pk=both["category"])
    goal = GoalPage.objects.get(pk=both["goal"])
    year = both["month__year"]
    pages = -(-count // PER_PAGE)
    unique = next(each for each in articles[count // 2 :][:50] if _is_alone(each.title))
    # In the middle of the alphabet, for the shortest and longest words are not like the others.
    rare = Word.objects.filter(language="pt-br", pages__in=RARE_IN, titles=0).order_by("folded")
    rare_word = rare[rare.count() // 2].written
    found = {
        "Home": "/",
        "News, first page": index.url,
        "News, middle page": f"{index.url}?{PARAMETER}={pages // 2}",
        "News, last page": f"{index.url}?{PARAMETER}={pages}",
        "News of a category": f"{index.url}?assunto={category.slug}",
        "News of a category, goal and year": (
            f"{index.url}{year}/?assunto={category.slug}&meta={goal.slug}"
        ),
        "News with a word": f"{index.url}?q={COMMON_WORD}",
        "News with a word, of a category and year": (
            f"{index.url}{year}/?q={COMMON_WORD}&assunto={category.slug}"
        ),
        "Archive": f"{index.url}arquivo/",
        "News of a month": f"{index.url}{month:%Y/%m}/",
        "Oldest article": _illustrated(articles.reverse()).url,
        "Middle article": _illustrated(articles[count // 2 :]).url,
        "Newest article": _illustrated(articles).url,
        "Goal": goal.url,
        "Search, common word": f"{reverse('search')}?q={COMMON_WORD}",
        "Search, rare word": f"{reverse('search')}?q={rare_word}",
        "Search, a title": f"{reverse('search')}?q={'+'.join(unique.title.split()[1:])}",
        "Search, nothing found": f"{reverse('search')}?q=inexistentissimo",
        "RSS": f"{index.url}rss/",
        "Atom": f"{index.url}atom/",
        "JSON feed": f"{index.url}json/",
        "API": "/api/v1/noticias/",
        **_sitemaps(client),
    }
    optional = ("JSON feed", "API")
    for name in optional:
        if client.get(found[name]).status_code != 200:
            del found[name]
    for name, address in found.items():
        if not name.startswith("Sitemap") and client.get(address).status_code != 200:
            raise CommandError(f"{name}: {address} does not answer")
    return found


def _illustrated(articles) -> ArticlePage:
    """The first of ``articles`` that has all there is of the library in its text."""
    return next(
        article
        for article in articles[:200]
        if {part["type"] for part in article.body.raw_data} >= ILLUSTRATED
    )


def _is_alone(title: str) -> bool:
    """Whether no other page has all the words of the title."""
    return len(answer(title, "pt-br").hits) == 1


def _sitemaps(client: Client) -> dict[str, str]:
    """The site map, and where it is in sections, the largest of the news."""
    address = reverse("sitemap")
    content = client.get(address).content.decode()
    if "<sitemapindex" not in content:
        return {"Sitemap": address}
    sections = re.findall(r"<loc>https?://[^/]+([^<]+)</loc>", content)
    of_news = [section for section in sections if re.search("news|noticia|article", section)]
    return {"Sitemap": address, "Sitemap, one section": (of_news or sections)[0]}


def administrative() -> dict[str, str]:
    """Listings of the admin, for an editor who is signed in."""
    index = NewsIndexPage.objects.get(locale__language_code="pt-br")
    explorer = reverse("wagtailadmin_explore", args=[index.pk])
    deep = f"?p={index.numchild // PER_ADMIN_PAGE}"
    found = {"Admin, explorer": explorer, "Admin, explorer, last page": explorer + deep}
    try:
        listing = reverse("articles:index")
    except NoReverseMatch:
        return found
    return {**found, "Admin, news": listing, "Admin, news, last page": listing + deep}
