from django import template

from news.models import ArticlePage, Neighbours, NewsIndexPage
from pages.templatetags.site_tags import active_language, remember

register = template.Library()

#: Articles shown with a goal.
GOAL_NEWS = 6


@register.simple_tag(takes_context=True)
def news_index(context) -> NewsIndexPage | None:
    """The news index in the language of the page, when visitors may see it."""
    language = active_language(context)
    return remember(
        context,
        f"news_index_{language}",
        lambda: NewsIndexPage.objects.published().in_language(language).first(),
    )


@register.simple_tag
def home_news(page) -> list[ArticlePage]:
    """The articles of the home page: the pinned one, if any, then the newest."""
    if not page.news_count:
        return []
    articles = ArticlePage.objects.published().for_cards()
    newest = articles.in_language_of(page).newest_first()
    if not page.pinned_article_id:
        return list(newest[: page.news_count])
    pinned = list(articles.filter(pk=page.pinned_article_id))
    rest = newest.exclude(pk=page.pinned_article_id)
    return pinned + list(rest[: page.news_count - len(pinned)])


@register.simple_tag
def goal_news(page) -> list[ArticlePage]:
    """The newest articles that serve the goal ``page``."""
    return list(
        ArticlePage.objects.published().serving(page).newest_first().for_cards()[:GOAL_NEWS]
    )


@register.simple_tag
def related_news(page: ArticlePage) -> list[ArticlePage]:
    return page.related()


@register.simple_tag
def adjacent_news(page: ArticlePage) -> Neighbours:
    return page.neighbours
