from .archive import ArchiveMonth, Listing, Month
from .article import ArticlePage, ArticlePageQuerySet, Neighbours, with_pictures
from .category import NewsCategory
from .news_index import NewsIndexPage, PinnedArticle

__all__ = [
    "ArchiveMonth",
    "ArticlePage",
    "ArticlePageQuerySet",
    "Listing",
    "Month",
    "Neighbours",
    "NewsCategory",
    "NewsIndexPage",
    "PinnedArticle",
    "with_pictures",
]
