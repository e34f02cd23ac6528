from .archive import ArchiveMonth, Listing, Month
from .article import ArticlePage, ArticlePageQuerySet, with_pictures
from .category import NewsCategory
from .nearby import Nearby
from .news_index import NewsIndexPage, PinnedArticle

__all__ = [
    "ArchiveMonth",
    "ArticlePage",
    "ArticlePageQuerySet",
    "Listing",
    "Month",
    "Nearby",
    "NewsCategory",
    "NewsIndexPage",
    "PinnedArticle",
    "with_pictures",
]
