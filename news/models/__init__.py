from .archive import ArchiveMonth, Listing, Month, months_of_all_indexes
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
    "months_of_all_indexes",
    "with_pictures",
]
