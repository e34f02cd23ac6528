"""The news in the sitemap: sections of whole months, the oldest first, so that old ones stay."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from django.utils import timezone

from pages.languages import html_language
from pages.models import SiteIdentity
from pages.sitemaps import Alternate, Entry, RecentNews, Section, picture_file, picture_url

from .models import ArticlePage, ArticlePageQuerySet, NewsIndexPage, months_of_all_indexes

#: Articles in a section; a month with more is a section by itself.
SECTION_SIZE = 1000
#: What Google News reads: articles of the last two days, a thousand of them.
RECENT_DAYS = 2
MAX_RECENT = 1000


@dataclass
class _Run:
    """Consecutive months of one section."""

    first: date
    last: date
    count: int
    changed_at: datetime


def news_sections() -> Iterator[Section]:
    """Consecutive months together, while they have no more than ``SECTION_SIZE`` articles."""
    runs: list[_Run] = []
    # The months of all languages, from the counts: no article is read.
    for month in reversed(months_of_all_indexes()):
        if runs and runs[-1].count + month.count <= SECTION_SIZE:
            run = runs[-1]
            run.last, run.count = month.first_day, run.count + month.count
            run.changed_at = max(run.changed_at, month.changed_at)
        else:
            runs.append(_Run(month.first_day, month.first_day, month.count, month.changed_at))
    for number, run in enumerate(runs, start=1):
        yield Section(
            f"noticias-{number}", partial(_month_entries, run.first, run.last), run.changed_at
        )
    if runs:
        yield Section("noticias-recentes", _recent_entries)


def _indexes() -> list[NewsIndexPage]:
    return list(NewsIndexPage.objects.published().select_related("locale"))


class _Addresses:
    """Addresses of articles by their place in the tree: no query, and no page, for each."""

    def __init__(self, indexes: list[NewsIndexPage]):
        self._urls = {index.path: index.full_url for index in indexes}
        self.languages = {index.path: index.language_code for index in indexes}

    def url(self, path: str, slug: str) -> str:
        return f"{self._urls[path[: -ArticlePage.steplen]]}{slug}/"

    def language(self, path: str) -> str:
        return self.languages[path[: -ArticlePage.steplen]]

    def knows(self, path: str) -> bool:
        return path[: -ArticlePage.steplen] in self._urls


def _month_entries(first: date, last: date) -> Iterator[Entry]:
    addresses = _Addresses(_indexes())
    articles = ArticlePage.objects.published().between_months(first, last)
    translations = _translations(articles, addresses)
    rows = articles.order_by("date", "pk").annotate(picture=picture_file("cover"))
    for path, slug, key, published_at, picture in rows.values_list(
        "path", "slug", "translation_key", "last_published_at", "picture"
    ).iterator(2000):
        if addresses.knows(path):
            url = addresses.url(path, slug)
            yield Entry(url, published_at, picture_url(picture, url), translations.get(key, ()))


def _translations(
    articles: ArticlePageQuerySet, addresses: _Addresses
) -> dict[object, tuple[Alternate, ...]]:
    """The articles published in several languages, by what their translations share."""
    if len(addresses.languages) < 2:
        return {}
    keys = articles.order_by().values("translation_key")
    rows = ArticlePage.objects.published().filter(translation_key__in=keys).order_by("locale_id")
    found = defaultdict(list)
    for path, slug, key in rows.values_list("path", "slug", "translation_key"):
        if addresses.knows(path):
            language = html_language(addresses.language(path))
            found[key].append(Alternate(language, addresses.url(path, slug)))
    return {key: tuple(each) for key, each in found.items() if len(each) > 1}


def _recent_entries() -> Iterator[Entry]:
    addresses = _Addresses(_indexes())
    now = timezone.now()
    articles = ArticlePage.objects.published().filter(
        date__gte=now - timedelta(days=RECENT_DAYS), date__lte=now
    )
    identities = {each.locale_id: each.name for each in SiteIdentity.objects.all()}
    default = next(iter(identities.values()), "")
    rows = articles.newest_first().annotate(picture=picture_file("cover"))
    fields = ("path", "slug", "title", "date", "locale_id", "last_published_at", "picture")
    for path, slug, title, moment, locale_id, published_at, picture in rows.values_list(*fields)[
        :MAX_RECENT
    ]:
        if addresses.knows(path):
            url = addresses.url(path, slug)
            publication = identities.get(locale_id, default)
            language = addresses.language(path).partition("-")[0]
            news = RecentNews(publication, language, moment, title)
            yield Entry(url, published_at, picture_url(picture, url), news=news)
