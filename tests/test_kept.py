"""What pages show alike is found once for each version of the content, and for visitors alone."""

import pytest
from django.conf import settings
from django.core.cache import caches
from django.core.wsgi import get_wsgi_application
from django.db import connection

from goals.models import GoalPage
from news.models import ArticlePage
from page_cache.wsgi import PageCache
from pages.kept import kept, kept_each, kept_on
from pages.models import MenuItem
from pages.templatetags.site_tags import picture
from tests.builders import ArticleFactory, full_body
from tests.test_guards import make_image
from tests.test_notices import put_up
from tests.test_page_cache import Clock, settle
from tests.wsgi import ask, connection_kept

#: Tables of what every page shows.
COMMON = ('FROM "pages_siteidentity"', 'FROM "pages_menuitem"', 'FROM "wagtailcore_site"')


@pytest.fixture
def draw(db):
    """Draws an address anew, as for a visitor under the stamp of now: its text, and the queries."""
    with connection_kept():
        site = PageCache(get_wsgi_application())

        def draw(address: str, **more) -> tuple[str, list[str]]:
            settle()
            site.memory.clear()
            caches["pages"].clear()
            asked: list[str] = []

            def note(execute, sql, *rest):
                asked.append(sql)
                return execute(sql, *rest)

            with connection.execute_wrapper(note):
                answer = ask(site, address, **more)
            assert answer.status == 200
            return answer.text, [sql for sql in asked if "page_cache_stamp" not in sql]

        yield draw


def common(queries: list[str]) -> set[str]:
    return {table for table in COMMON if any(table in sql for sql in queries)}


def test_pages_under_one_stamp_ask_once_for_sites_menus_and_identity(draw):
    assert common(draw("/")[1]) == set(COMMON)
    assert common(draw("/noticias/")[1]) == set()
    assert common(draw("/metas/")[1]) == set()


def test_a_change_takes_away_what_was_kept(draw):
    draw("/")
    item = MenuItem.objects.filter(menu__location="main", menu__locale__language_code="pt-br")[0]
    item.label = "Um nome novo"
    item.save()
    text, queries = draw("/metas/")
    assert common(queries) == set(COMMON)
    assert "Um nome novo" in text


def test_what_begins_by_itself_takes_away_what_was_kept(draw, monkeypatch):
    clock = Clock(monkeypatch)
    put_up("Obras no prédio", hours=1, until=2)
    assert "Obras no prédio" not in draw("/")[0]
    assert "Obras no prédio" not in draw("/metas/")[0]
    clock.move(hours=1, minutes=1)
    text, queries = draw("/metas/")
    assert "Obras no prédio" in text
    assert COMMON[2] in common(queries)


def test_who_is_signed_in_is_shown_nothing_that_was_kept(draw):
    draw("/")
    cookie = f"{settings.SESSION_COOKIE_NAME}=anything"
    assert common(draw("/", HTTP_COOKIE=cookie)[1]) == set(COMMON)


def test_articles_of_a_category_weigh_the_same_candidates_found_once(draw, news_index):
    first, second = ArticlePage.objects.filter(category__slug="eventos").order_by("date")[:2]
    assert any("news_archivemonth" in sql for sql in draw(first.url)[1])
    _text, queries = draw(second.url)
    assert not [sql for sql in queries if "news_archivemonth" in sql and "goal_id" in sql]


def test_home_news_and_articles_take_at_most_12_queries_and_the_first_after_a_change_15(
    draw, home, news_index
):
    article = ArticlePage.objects.filter(category__slug="eventos").order_by("-date").first()
    article.goals.set(GoalPage.objects.all())
    article.body = full_body()
    article.save_revision().publish()
    home.pinned_article = ArticlePage.objects.order_by("date").first()
    home.save_revision().publish()
    for address in ("/", "/noticias/", article.url):
        draw(address)  # makes the versions of pictures
        ArticleFactory(parent=news_index)  # the stamp is another one
        first, second = draw(address)[1], draw(address)[1]
        # Three tell, once for each stamp, what begins and ends by itself.
        assert len(second) < len(first) <= 15 + 3, address
        assert len(second) <= 12, address


def footer_of(text: str) -> str:
    return text[text.index("<footer") : text.index("</footer>")]


def test_the_footer_says_on_each_page_whether_it_leads_there(draw):
    for here, elsewhere in 2 * [("/noticias/", "/videos/"), ("/videos/", "/noticias/")]:
        footer = footer_of(draw(here)[0])
        assert f'<a href="{here}" aria-current="page">' in footer
        assert f'<a href="{elsewhere}">' in footer


def test_a_picture_has_in_each_place_its_own_words_and_urgency(db):
    image = make_image(description="Duas pessoas")

    def drawn(**more) -> str:
        return picture({}, image, "card", **more)

    alone = [drawn(), drawn(alt=""), drawn(alt="Outra"), drawn(loading="eager")]
    assert len(set(alone)) == len(alone)
    with kept_on({}):
        for _time in range(2):
            assert [
                drawn(),
                drawn(alt=""),
                drawn(alt="Outra"),
                drawn(loading="eager"),
            ] == alone
            assert drawn(**{"class": "capa"}).count('class="capa"') == 1


def test_only_so_much_is_kept(monkeypatch):
    monkeypatch.setattr("pages.kept.MOST", 2)
    made = iter(range(9))
    with kept_on({}):
        assert [kept(name, lambda: next(made)) for name in "abab"] == [0, 1, 0, 1]
        assert [kept("c", lambda: next(made)) for _time in range(2)] == [2, 3]
        assert kept_each("many", [1], lambda keys: {1: next(made)}) == {1: 4}
        assert kept_each("many", [1], lambda keys: {1: next(made)}) == {1: 5}


def test_nothing_is_kept_where_there_is_no_shelf():
    made = iter(range(9))
    assert [kept("number", lambda: next(made)) for _time in range(2)] == [0, 1]
    shelf: dict = {}
    with kept_on(shelf):
        assert [kept("number", lambda: next(made)) for _time in range(2)] == [2, 2]
        with kept_on(None):
            assert kept("number", lambda: next(made)) == 3
    with kept_on({}):
        assert kept("number", lambda: next(made)) == 4


def test_of_many_only_those_are_made_that_are_not_there():
    asked = []

    def make(keys):
        asked.append(keys)
        return {key: key * 10 for key in keys}

    with kept_on({}):
        assert kept_each("tens", [1, 2], make) == {1: 10, 2: 20}
        assert kept_each("tens", [2, 3], make) == {2: 20, 3: 30}
        assert kept_each("tens", [1, 3], make) == {1: 10, 3: 30}
    assert kept_each("tens", [1], make) == {1: 10}
    assert asked == [[1, 2], [3], [1]]
