"""RSS 2.0 (https://www.rssboard.org/rss-specification) and Atom (RFC 4287) feeds of the news."""

from dataclasses import dataclass

from django.contrib.syndication.views import Feed
from django.utils import feedgenerator

#: Articles in a feed.
FEED_SIZE = 20


@dataclass(frozen=True)
class FeedLink:
    title: str
    #: The kind of feed, as readers know it: ``"RSS"``.
    label: str
    url: str
    type: str


class NewsFeed(Feed):
    """The newest articles of a news index, in the index's language."""

    name: str
    #: As readers know it.
    label: str

    def __init__(self, index):
        self.index = index

    @property
    def feed_url(self) -> str:
        return self.index.url + self.index.reverse_subpage(self.name)

    def as_link(self) -> FeedLink:
        media_type = self.feed_type.content_type.split(";")[0]
        return FeedLink(f"{self.index.title} ({self.label})", self.label, self.feed_url, media_type)

    @property
    def language(self):
        return self.index.language_code

    def title(self):
        return self.index.seo_title or self.index.title

    def link(self):
        return self.index.url

    def description(self):
        return self.index.meta_description or self.index.title

    subtitle = description

    def items(self):
        return self.index.articles.select_related("category").defer("body")[:FEED_SIZE]

    def item_title(self, article):
        return article.title

    def item_description(self, article):
        return article.summary

    def item_link(self, article):
        return article.url

    def item_pubdate(self, article):
        return article.date

    def item_updateddate(self, article):
        return article.last_published_at or article.date

    def item_categories(self, article):
        return [article.category.name] if article.category else []


class RssFeed(NewsFeed):
    feed_type = feedgenerator.Rss201rev2Feed
    name = "rss"
    label = "RSS"


class AtomFeed(NewsFeed):
    feed_type = feedgenerator.Atom1Feed
    name = "atom"
    label = "Atom"


FEEDS: dict[str, type[NewsFeed]] = {feed.name: feed for feed in (RssFeed, AtomFeed)}
