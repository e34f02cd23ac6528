from django import template
from django.db.models import Q

from news.models import ArticlePage, Neighbours, NewsIndexPage, with_pictures
from pages.templatetags.site_tags import active_language, page_in_menus, remember

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
        lambda: (
            page_in_menus(context, NewsIndexPage)
            or NewsIndexPage.objects.published().in_language(language).first()
        ),
    )


@register.simple_tag
def home_news(page) -> list[ArticlePage]:
    """The articles of the home page: the pinned one, if any, then the newest."""
    if not page.news_count:
        return []
    newest = ArticlePage.objects.published().in_language_of(page).newest_first()
    articles = newest.for_cards()
    pinned_id = page.pinned_article_id
    if pinned_id:
        chosen = newest.exclude(pk=pinned_id).values("pk")[: page.news_count]
        articles = articles.filter(Q(pk=pinned_id) | Q(pk__in=chosen))
    # One more than asked for: the pinned one may be among the newest or not be public.
    found = list(articles[: page.news_count + 1])
    found.sort(key=lambda article: article.pk != pinned_id)
    return with_pictures(found[: page.news_count], "lead", "thumb")


@register.simple_tag
def goal_news(page) -> list[ArticlePage]:
    """The newest articles that serve the goal ``page``."""
    articles = ArticlePage.objects.published().serving(page).newest_first().for_cards()
    return with_pictures(list(articles[:GOAL_NEWS]), "card")


@register.simple_tag
def related_news(page: ArticlePage) -> list[ArticlePage]:
    return page.related


@register.simple_tag
def adjacent_news(page: ArticlePage) -> Neighbours:
    return page.neighbours
