"""Where an article leads: its neighbours in time, and the articles most like it."""

from datetime import timedelta

import pytest
from django.utils import timezone
from wagtail.models import Locale, PageViewRestriction

from goals.models import GoalPage
from news.models import ArticlePage, NewsIndexPage
from tests.builders import ArticleFactory, NewsCategoryFactory, add_many_articles, empty

pytestmark = pytest.mark.django_db


@pytest.fixture
def index(news_index):
    empty(news_index)
    return NewsIndexPage.objects.get(pk=news_index.pk)


@pytest.fixture
def category():
    return NewsCategoryFactory(locale=Locale.get_default())


def ago(days):
    return timezone.now() - timedelta(days=days)


def nearby(article):
    found = ArticlePage.objects.get(pk=article.pk).nearby
    return found.previous, found.next, found.related


def test_an_article_alone_leads_nowhere(index, category):
    assert nearby(ArticleFactory(parent=index, category=category)) == (None, None, [])


def test_neighbours_are_the_nearest_in_time_and_of_one_time_by_number(index):
    same_time = ago(5)
    oldest = ArticleFactory(parent=index, date=ago(9))
    first = ArticleFactory(parent=index, date=same_time)
    second = ArticleFactory(parent=index, date=same_time)
    third = ArticleFactory(parent=index, date=same_time)
    newest = ArticleFactory(parent=index, date=ago(1))
    line = [oldest, first, second, third, newest]
    for before, article, after in zip([None, *line], line, [*line[1:], None], strict=False):
        assert nearby(article) == (before, after, [])


def test_drafts_and_private_articles_are_led_to_by_none(index, category):
    article = ArticleFactory(parent=index, category=category, date=ago(5))
    ArticleFactory(parent=index, category=category, date=ago(6), live=False)
    private = ArticleFactory(parent=index, category=category, date=ago(4))
    PageViewRestriction.objects.create(page=private, restriction_type="login")
    assert nearby(article) == (None, None, [])
    public = ArticleFactory(parent=index, category=category, date=ago(3))
    assert nearby(article) == (None, public, [public])


def test_what_shares_more_goals_comes_before_what_is_newer(index, category):
    goals = list(GoalPage.objects.in_order()[:2])
    article = ArticleFactory(parent=index, category=category, goals=goals)
    ArticleFactory(parent=index, date=ago(1))
    newer = ArticleFactory(parent=index, category=category, date=ago(2))
    both = ArticleFactory(parent=index, goals=goals, date=ago(30))
    everything = ArticleFactory(parent=index, category=category, goals=goals, date=ago(300))
    assert nearby(article)[2] == [everything, both, newer]


def test_what_shares_words_of_the_title_comes_before_what_is_newer(index, category):
    titles = [
        "Feira de livros em Pádua",
        "Curso de culinária",
        "Mostra de cinema",
        "Feira em Padua",
    ]
    made = [
        ArticleFactory(parent=index, title=title, category=category, date=ago(days))
        for days, title in enumerate(titles)
    ]
    assert nearby(made[0])[2] == [made[3], made[1], made[2]]


def test_words_that_most_titles_have_tell_nothing(index, category):
    made = [
        ArticleFactory(
            parent=index, title=f"Amostra para {name}", category=category, date=ago(days)
        )
        for days, name in enumerate(["gatos", "peixes", "cavalos", "pássaros", "abelhas"])
    ]
    assert nearby(made[4])[2] == made[:3]


def test_any_number_of_articles_takes_the_same_queries(index, category, django_assert_num_queries):
    goals = list(GoalPage.objects.in_order()[:3])
    article = ArticleFactory(parent=index, category=category, goals=goals, date=ago(5000))
    ArticleFactory(parent=index, category=category)
    for _time in range(2):
        fresh = ArticlePage.objects.get(pk=article.pk)
        with django_assert_num_queries(4):  # one of them for the goals
            assert fresh.nearby.related
        add_many_articles(NewsIndexPage.objects.get(pk=index.pk), 300)
