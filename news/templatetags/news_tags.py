from dataclasses import dataclass

from django import template

from news.models import ArticlePage, Nearby, NewsIndexPage, with_pictures
from news.models.news_index import NewsFilter
from pages.templatetags.site_tags import active_language, page_in_menus, remember

register = template.Library()

#: Articles shown with a goal.
GOAL_NEWS = 6


@dataclass(frozen=True)
class GoalNews:
    articles: list[ArticlePage]
    #: Where the rest of them is; empty when all are here.
    more_url: str


@register.simple_tag(takes_context=True)
def news_index(context) -> NewsIndexPage | None:
    """The news index in the language of the page, when visitors may see it."""
    language = active_language(context)
    return remember(
        context,
        f"news_index_{language}",
        lambda: (
            page_in_menus(context, NewsIndexPage)
            or NewsIndexPage.objects.published().in_language(language).first()
        ),
    )


@register.simple_tag(takes_context=True)
def home_news(context, page) -> list[ArticlePage]:
    """The articles of the home page: the pinned one, if any, then the newest."""
    index = news_index(context)
    if not (index and page.news_count):
        return []
    # One more than asked for: the pinned one may be among the newest.
    newest = list(index.articles.for_cards()[: page.news_count + 1])
    pinned_id = page.pinned_article_id
    if pinned_id:
        among = [article for article in newest if article.pk == pinned_id]
        pinned = among or ArticlePage.objects.published().for_cards().filter(pk=pinned_id)
        newest = [*pinned, *(article for article in newest if article.pk != pinned_id)]
    return with_pictures(newest[: page.news_count], "lead", "thumb")


@register.simple_tag(takes_context=True)
def goal_news(context, page) -> GoalNews | None:
    """The newest articles that serve the goal ``page``, and the way to all of them."""
    index = news_index(context)
    if not index:
        return None
    chosen = NewsFilter(goal=page)
    listing = index.listing(chosen)
    articles = with_pictures(listing[:GOAL_NEWS], "card")
    more_url = index.url + chosen.address if len(listing) > len(articles) else ""
    return GoalNews(articles, more_url) if articles else None


@register.simple_tag
def nearby_news(page: ArticlePage) -> Nearby:
    """The articles just before and after ``page``, and those most like it."""
    return page.nearby
