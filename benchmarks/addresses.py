"""What is asked of the site: each kind of page at its easiest and its hardest."""

import re

from django.core.management import CommandError
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from goals.models import GoalPage
from news.models import ArticlePage, NewsCategory, NewsIndexPage
from pages.pagination import PARAMETER

#: Articles on a page of the news index, and pages on one of the admin's listings.
PER_PAGE, PER_ADMIN_PAGE = 12, 50
#: Of the words of the sample texts, one of the commonest and one of the rarest.
COMMON_WORD, RARE_WORD = "acordo", "ilustre"


def public(client: Client) -> dict[str, str]:
    """Addresses that anyone may ask for, by what they are called in the report."""
    index = NewsIndexPage.objects.get(locale__language_code="pt-br")
    articles = ArticlePage.objects.child_of(index).newest_first()
    count = articles.count()
    middle = articles[count // 2]
    day = timezone.localtime(middle.date)
    category = NewsCategory.objects.get(slug="eventos", locale=index.locale)
    goal = GoalPage.objects.filter(locale=index.locale).in_order().first()
    pages = -(-count // PER_PAGE)
    found = {
        "Home": "/",
        "News, first page": index.url,
        "News, middle page": f"{index.url}?{PARAMETER}={pages // 2}",
        "News, last page": f"{index.url}?{PARAMETER}={pages}",
        "News of a category": f"{index.url}?assunto={category.slug}",
        "News of a category, goal and year": (
            f"{index.url}{day.year}/?assunto={category.slug}&meta={goal.slug}"
        ),
        "News with a word": f"{index.url}?q={COMMON_WORD}",
        "News with a word, of a category and year": (
            f"{index.url}{day.year}/?q={COMMON_WORD}&assunto={category.slug}"
        ),
        "Archive": f"{index.url}arquivo/",
        "News of a month": f"{index.url}{day.year}/{day.month:02}/",
        "Oldest article": articles.last().url,
        "Middle article": middle.url,
        "Newest article": articles.first().url,
        "Goal": goal.url,
        "Search, common word": f"{reverse('search')}?q={COMMON_WORD}",
        "Search, rare word": f"{reverse('search')}?q={RARE_WORD}",
        "Search, a title": f"{reverse('search')}?q={'+'.join(middle.title.split()[1:])}",
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
