"""What the search finds, what it must not find, and what it shows of it."""

import random
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Locale, Page, PageViewRestriction

from news.models import ArticlePage
from pages.models import StandardPage
from search import excerpts, index, words
from search.answers import answer
from search.models import Misspelling, PromotedResult, SearchEntry, Word
from tests.builders import ArticleFactory, StandardPageFactory, add_many_articles
from tests.search_judgements import ARTICLES, NOISE, QUESTIONS

pytestmark = pytest.mark.django_db


def soup(client, address, status=200):
    response = client.get(address)
    assert response.status_code == status
    return BeautifulSoup(response.content, "html.parser")


def found(client, question, language="", **parameters) -> list[str]:
    """Titles on the first page of results."""
    prefix = f"/{language}" if language else ""
    response = client.get(f"{prefix}/busca/", {"q": question, **parameters})
    assert response.status_code == 200
    page = BeautifulSoup(response.content, "html.parser")
    return [link.get_text() for link in page.select("ol.results h2 a")]


def text_of(client, question, **parameters) -> str:
    response = client.get("/busca/", {"q": question, **parameters})
    assert response.status_code == 200
    main = BeautifulSoup(response.content, "html.parser").main
    return " ".join(main.get_text().split())


def say(text):
    """A body that says ``text``."""
    return [("paragraph", f"<p>{text}</p>")]


@pytest.fixture
def english_news(home, news_index):
    english = Locale.objects.get_or_create(language_code="en")[0]
    copies = []
    for page in (home, news_index):
        copy = page.copy_for_translation(english)
        copy.save_revision().publish()
        copies.append(copy)
    return type(news_index).objects.get(pk=copies[1].pk)


# What is found --------------------------------------------------------------------------------


@pytest.fixture
def judged(news_index):
    now = timezone.now()
    for number, (title, summary, text) in enumerate(ARTICLES):
        ArticleFactory(
            parent=news_index,
            title=title,
            summary=summary,
            body=say(text),
            date=now - timedelta(days=10 * number + 5),
        )
    chance = random.Random(7)
    for number in range(120):
        ArticleFactory(
            parent=news_index,
            title=f"Ruído {number}: " + " ".join(chance.choices(NOISE, k=5)),
            summary=" ".join(chance.choices(NOISE, k=12)),
            body=say(" ".join(chance.choices(NOISE, k=80))),
            date=now - timedelta(days=number),
        )


def test_readers_find_what_they_ask_for_among_the_first_five(judged):
    assert len(QUESTIONS) >= 40
    missed = []
    for question, title in QUESTIONS:
        hits = answer(question, "pt-br").hits[:5]
        if not SearchEntry.objects.filter(page__in=[h.page_id for h in hits], title=title).exists():
            missed.append(question)
    share = 1 - len(missed) / len(QUESTIONS)
    assert share >= 0.95, missed


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("cooperações", "cooperacao"),
        ("cidades-irmãs", "cidade irma"),
        ("visitaram", "visita"),
        ("acordos", "acordo"),
        ("ação", "acoes"),
        ("Tai'an", "taian"),
        ("COMITIVA", "comitiva"),
        ("países", "pais"),
    ],
)
def test_other_forms_of_a_word_are_found(client, news_index, written, asked):
    ArticleFactory(parent=news_index, title=f"Título com {written} zymbrado")
    assert found(client, f"{asked} zymbrado") == [f"Título com {written} zymbrado"]


def test_all_that_a_page_says_is_found_whatever_its_type(client, home):
    StandardPageFactory(
        parent=home,
        title="Página comum qualquer",
        slug="qualquer",
        body=[
            ("quote", {"text": "Palavra zabumbeira", "author": "Fulana Xisto", "role": ""}),
            ("accordion", {"items": [{"title": "Pergunta", "text": "<p>Resposta quixotesca</p>"}]}),
        ],
    )
    for question in ("zabumbeira", "xisto", "quixotesco"):
        assert found(client, question) == ["Página comum qualquer"], question


def test_the_title_comes_before_the_summary_and_the_summary_before_the_text(client, news_index):
    same = {"parent": news_index, "date": timezone.now()}
    ArticleFactory(title="Terceiro", summary="Nada.", body=say("fala de zanzibar"), **same)
    ArticleFactory(title="Segundo", summary="Resumo de zanzibar.", **same)
    ArticleFactory(title="Primeiro em zanzibar", summary="Nada.", **same)
    assert found(client, "zanzibar") == ["Primeiro em zanzibar", "Segundo", "Terceiro"]


def test_a_page_named_by_the_words_comes_first_however_long_and_old_it_is(client, home, news_index):
    ArticleFactory(parent=news_index, title="Curta", summary="De zanzibar.", date=timezone.now())
    old = timezone.now() - timedelta(days=3650)
    ArticleFactory(
        parent=news_index, title="Casa de Zanzibar", body=say("muito texto " * 2000), date=old
    )
    assert found(client, "zanzibar") == ["Casa de Zanzibar", "Curta"]


def test_of_two_alike_the_newer_comes_first(client, news_index):
    now = timezone.now()
    for years in (3, 0, 1):
        date = now - timedelta(days=365 * years)
        ArticleFactory(parent=news_index, title=f"Zanzibar há {years}", date=date)
    assert found(client, "zanzibar") == ["Zanzibar há 0", "Zanzibar há 1", "Zanzibar há 3"]


def test_each_language_is_searched_at_its_own_address_with_its_own_endings(client, english_news):
    ArticleFactory(
        parent=english_news, locale=english_news.locale, title="Zesty cities visited", slug="zesty"
    )
    assert found(client, "zesty city visit", "en") == ["Zesty cities visited"]
    assert found(client, "zesty") == []
    assert client.get("/es/busca/", {"q": "zesty"}).status_code == 200


def test_the_words_typed_come_first_when_no_page_has_them_all_those_with_some_are_shown(
    client, news_index
):
    ArticleFactory(parent=news_index, title="Zanzibar apenas")
    ArticleFactory(parent=news_index, title="Quirguistão apenas")
    assert set(found(client, "zanzibar quirguistao")) == {"Zanzibar apenas", "Quirguistão apenas"}
    assert "Nenhuma página tem todas essas palavras" in text_of(client, "zanzibar quirguistao")


def test_a_word_that_no_page_has_does_not_hide_what_the_others_find(client, news_index):
    ArticleFactory(parent=news_index, title="Zanzibar apenas")
    assert found(client, "zanzibar wxyzkqj") == ["Zanzibar apenas"]
    assert "Nenhuma página tem a palavra “wxyzkqj”" in text_of(client, "zanzibar wxyzkqj")


# What must not be found -----------------------------------------------------------------------


def restrict(page):
    return PageViewRestriction.objects.create(
        page=page, restriction_type=PageViewRestriction.PASSWORD, password="segredo"
    )


def test_drafts_and_private_pages_are_not_found(client, news_index):
    ArticleFactory(parent=news_index, title="Zanzibar público")
    ArticleFactory(parent=news_index, title="Zanzibar rascunho", live=False)
    restrict(ArticleFactory(parent=news_index, title="Zanzibar reservado"))
    assert found(client, "zanzibar") == ["Zanzibar público"]


def test_pages_below_a_private_one_are_not_found_until_it_is_opened(client, news_index):
    ArticleFactory(parent=news_index, title="Zanzibar abaixo")
    restriction = restrict(news_index)
    assert found(client, "zanzibar") == []
    restriction.delete()
    assert found(client, "zanzibar") == ["Zanzibar abaixo"]


def test_words_of_private_pages_are_not_offered_as_corrections(client, news_index):
    restrict(ArticleFactory(parent=news_index, title="Zanzibar"))
    assert "zanzibar" not in text_of(client, "zanzibarr").replace("zanzibarr", "")


def test_what_is_closed_without_the_index_knowing_is_not_shown(client, news_index):
    closed = ArticleFactory(parent=news_index, title="Zanzibar fechado")
    private = ArticleFactory(parent=news_index, title="Zanzibar reservado")
    Page.objects.filter(pk=closed.pk).update(live=False)
    PageViewRestriction.objects.bulk_create(
        [PageViewRestriction(page=private, restriction_type=PageViewRestriction.LOGIN)]
    )
    assert SearchEntry.objects.filter(title__startswith="Zanzibar").count() == 2
    assert found(client, "zanzibar") == []


def test_expired_pages_are_not_found(client, news_index):
    past = timezone.now() - timedelta(hours=1)
    article = ArticleFactory(parent=news_index, title="Zanzibar vencido")
    article.expire_at = past
    article.save_revision().publish()
    ArticlePage.objects.filter(pk=article.pk).update(expire_at=past)
    call_command("publish_scheduled", verbosity=0)
    assert found(client, "zanzibar") == []


# The index keeps in step ----------------------------------------------------------------------


def test_an_edit_is_found_when_it_is_published_and_not_before(client, news_index):
    article = ArticleFactory(parent=news_index, title="Zanzibar")
    article.title = "Quirguistão"
    revision = article.save_revision()
    assert found(client, "zanzibar") == ["Zanzibar"]
    assert found(client, "quirguistao") == []
    revision.publish()
    assert found(client, "zanzibar") == []
    assert found(client, "quirguistao") == ["Quirguistão"]
    assert not Word.objects.filter(folded="zanzibar").exists()


def test_an_unpublished_or_deleted_page_is_found_no_more(client, news_index):
    first = ArticleFactory(parent=news_index, title="Zanzibar um")
    second = ArticleFactory(parent=news_index, title="Zanzibar dois")
    first.unpublish()
    assert found(client, "zanzibar") == ["Zanzibar dois"]
    second.delete()
    assert found(client, "zanzibar") == []
    assert not SearchEntry.objects.filter(title__startswith="Zanzibar").exists()
    assert not Word.objects.filter(folded="zanzibar").exists()
    first.refresh_from_db()
    first.save_revision().publish()
    assert found(client, "zanzibar") == ["Zanzibar um"]


def test_deleting_a_page_takes_those_below_it_along(client, home):
    parent = StandardPageFactory(parent=home, title="Zanzibar mãe", slug="mae")
    StandardPageFactory(parent=parent, title="Zanzibar filha", slug="filha")
    StandardPage.objects.get(pk=parent.pk).delete()
    assert found(client, "zanzibar") == []


def test_a_page_moved_below_a_private_one_is_found_no_more_and_again_when_it_leaves(client, home):
    private = StandardPageFactory(parent=home, title="Reservada", slug="reservada")
    restrict(private)
    page = StandardPageFactory(parent=home, title="Zanzibar", slug="zanzibar")
    assert found(client, "zanzibar") == ["Zanzibar"]
    page.move(private, pos="last-child")
    assert found(client, "zanzibar") == []
    page = StandardPage.objects.get(pk=page.pk)
    page.move(type(home).objects.get(pk=home.pk), pos="last-child")
    shown = soup(client, "/busca/?q=zanzibar").select_one("ol.results h2 a")
    assert shown["href"] == "/zanzibar/"


def test_rebuilding_finds_pages_written_in_bulk_and_can_be_repeated(client, news_index):
    add_many_articles(news_index, 30)
    assert not any("massa" in title for title in found(client, "massa"))
    state = []
    for _ in range(2):
        call_command("rebuild_search", verbosity=0)
        assert answer("em massa 7", "pt-br").hits
        state.append(
            (SearchEntry.objects.count(), Word.objects.count(), Misspelling.objects.count())
        )
    assert state[0] == state[1]
    assert SearchEntry.objects.count() == index.open_pages().count()


def test_the_vocabulary_is_the_same_kept_in_step_or_made_anew(news_index):
    article = ArticleFactory(parent=news_index, title="Zanzibar", body=say("Quirguistão à vista"))
    article.title = "Zanzibar de novo"
    article.save_revision().publish()
    ArticleFactory(parent=news_index, title="Samarcanda").delete()

    def state():
        return set(Word.objects.values_list("language", "folded", "pages", "titles"))

    kept = state()
    index.rebuild()
    assert state() == kept


def test_an_empty_index_is_filled_after_migrating(client):
    SearchEntry.objects.all().delete()
    call_command("migrate", verbosity=0)
    assert found(client, "amostra")


# What is shown --------------------------------------------------------------------------------


def test_words_are_marked_in_the_title_and_in_the_piece_of_text_that_has_them(client, news_index):
    ArticleFactory(
        parent=news_index,
        title="Cooperações em Zanzibar",
        summary="Um resumo.",
        body=say("palavra " * 200 + "onde a cooperação de zanzibar floresce " + "fim " * 200),
    )
    result = soup(client, "/busca/?q=cooperacao+zanzibar").select_one("ol.results li")
    assert [mark.get_text() for mark in result.select("h2 mark")] == ["Cooperações", "Zanzibar"]
    excerpt = result.select("p")[-1]
    assert [mark.get_text() for mark in excerpt.select("mark")] == ["cooperação", "zanzibar"]
    assert len(excerpt.get_text()) < 300
    assert excerpt.get_text().startswith("… ")


def test_marked_pieces_are_escaped(client, news_index):
    ArticleFactory(
        parent=news_index,
        title="<script>alert('zanzibar')</script>",
        summary="<img src=x onerror=alert(1)> zanzibar & <b>",
    )
    page = client.get("/busca/?q=zanzibar").content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(&#x27;<mark>zanzibar</mark>&#x27;)&lt;/script&gt;" in page
    assert "&amp; &lt;b&gt;" in page


def test_an_excerpt_keeps_whole_words_and_says_where_it_was_cut():
    marker = excerpts.Marker(words.terms_of("agulha", "pt"), "pt-br")
    text = "palha " * 100 + "agulhas " + "palha " * 100
    excerpt = str(marker.excerpt("", text))
    assert "<mark>agulhas</mark>" in excerpt
    assert excerpt.startswith("… palha")
    assert excerpt.endswith("palha …")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("coperação", "cooperação"),
        ("cooperaçao", None),
        ("coperasao", "cooperação"),
        ("iwakumi", "iwakuni"),
        ("padva", "pádua"),
        ("zanzibra", "zanzibar"),
    ],
)
def test_typing_mistakes_are_forgiven_and_said(client, news_index, typed, meant):
    ArticleFactory(parent=news_index, title="Iwakuni, Pádua e Zanzibar: amostra de cooperação")
    shown = text_of(client, typed)
    assert "Iwakuni, Pádua e Zanzibar" in shown
    if meant:
        assert f"Mostrando resultados para “{meant}”" in shown
        assert f"Nenhuma página tem a palavra “{typed}”" in shown
    else:
        assert "Mostrando resultados" not in shown


def test_numbers_are_not_corrected(client, news_index):
    ArticleFactory(parent=news_index, title="Lei 13709")
    assert found(client, "13709") == ["Lei 13709"]
    assert found(client, "13708") == []


def test_nobody_is_left_without_a_way_on(client):
    for question in ("zzzzqqq", "zzzzqqq wxwxwx", "de", "!!!"):
        page = soup(client, f"/busca/?q={question}")
        assert "Nada encontrado" in page.main.get_text()
        links = {link["href"] for link in page.select("main .empty a")}
        assert {"/noticias/", "/metas/"} <= links


def test_the_results_come_in_pages_and_every_one_is_shown_once(client, news_index):
    now = timezone.now()
    for number in range(30):
        ArticleFactory(
            parent=news_index, title=f"Zanzibar {number}", date=now - timedelta(days=number)
        )
    pages = [found(client, "zanzibar", pagina=number) for number in (1, 2, 3)]
    assert [len(page) for page in pages] == [12, 12, 6]
    assert len({title for page in pages for title in page}) == 30
    assert found(client, "zanzibar", pagina="abc") == pages[0]
    links = soup(client, "/busca/?q=zanzibar&ano=" + str(now.year)).select(".pagination a")
    assert all(f"ano={now.year}" in link["href"] for link in links)


def test_more_matches_than_are_counted_are_said_to_be_more(client, news_index):
    add_many_articles(news_index, 320)
    index.rebuild()
    shown = text_of(client, "massa")
    assert "Mais de 200 resultados" in shown
    assert len(found(client, "massa", pagina=17)) == 8
    assert len(answer("massa", "pt-br").hits) == 200
    narrowed = answer("massa", "pt-br", kind="pages.videopage")
    assert narrowed.hits == []
    assert not narrowed.is_capped


# Filters --------------------------------------------------------------------------------------


@pytest.fixture
def mixed(news_index, home):
    for year in (2019, 2019, 2021):
        moment = timezone.make_aware(timezone.datetime(year, 6, 1, 12))
        ArticleFactory(parent=news_index, title=f"Zanzibar em {year}", date=moment)
    eve = timezone.make_aware(timezone.datetime(2019, 12, 31, 23, 30))
    ArticleFactory(parent=news_index, title="Zanzibar na véspera", date=eve)
    StandardPageFactory(parent=home, title="Zanzibar comum", slug="zanzibar-comum")


def test_results_are_narrowed_by_kind_and_year(client, mixed):
    assert len(found(client, "zanzibar")) == 5
    assert found(client, "zanzibar", tipo="pagina-comum") == ["Zanzibar comum"]
    assert found(client, "zanzibar", ano="2021") == ["Zanzibar em 2021"]
    assert set(found(client, "zanzibar", ano="2019", tipo="noticia")) == {
        "Zanzibar em 2019",
        "Zanzibar na véspera",
    }
    assert found(client, "zanzibar", ano="2021", tipo="pagina-comum") == []


def test_the_filters_say_how_many_pages_are_behind_them(client, mixed):
    page = soup(client, "/busca/?q=zanzibar")
    kinds = {option["value"]: option.get_text() for option in page.select("[name=tipo] option")}
    assert kinds == {"": "Todos", "noticia": "Notícia (4)", "pagina-comum": "Página comum (1)"}
    years = {option["value"]: option.get_text() for option in page.select("[name=ano] option")}
    assert years["2019"] == "2019 (3)"
    assert "5 resultados para “zanzibar”" in " ".join(page.main.get_text().split())
    chosen = soup(client, "/busca/?q=zanzibar&ano=2019").select_one("[name=ano] [selected]")
    assert chosen["value"] == "2019"


@pytest.mark.parametrize(
    "parameters",
    ["ano=1900", "ano=abc", "ano=-1", "ano=%00", "ano=٢٠١٩", "tipo=nada", "tipo=%00", "tipo=%FF"],
)
def test_an_unknown_kind_or_year_is_answered_with_404(client, parameters):
    assert client.get(f"/busca/?q=amostra&{parameters}").status_code == 404
    assert client.get(f"/busca/?{parameters}").status_code == 404


def test_filters_work_the_same_when_there_are_more_matches_than_are_counted(client, news_index):
    moment = timezone.make_aware(timezone.datetime(2009, 6, 1, 12))
    ArticleFactory(parent=news_index, title="Velha notícia em massa", date=moment)
    add_many_articles(news_index, 320)
    index.rebuild()
    assert found(client, "massa", ano="2009") == ["Velha notícia em massa"]
    assert found(client, "massa", ano="2009", tipo="noticia") == ["Velha notícia em massa"]


# Promoted results -----------------------------------------------------------------------------


def promote(**values):
    promoted = PromotedResult(locale=Locale.get_default(), **values)
    promoted.full_clean(exclude=["translation_key"])
    promoted.save()
    return promoted


def shown_first(client, question, language="") -> list[str]:
    page = soup(client, f"{language}/busca/?q={question}")
    return [link.get_text() for link in page.select(".results--promoted a")]


def test_what_an_editor_promotes_is_shown_first_in_its_order(client, news_index):
    article = ArticleFactory(parent=news_index, title="Como tirar o passaporte")
    promote(
        words="visto\npassaportes, emissão",
        url="https://www.example.org/",
        title="Fora daqui",
        description="Um lugar fora.",
        sort_order=2,
    )
    promote(words="passaporte", page=article, sort_order=1)
    assert shown_first(client, "emissao+de+passaporte") == ["Como tirar o passaporte", "Fora daqui"]
    assert shown_first(client, "VISTOS") == ["Fora daqui"]
    assert shown_first(client, "vistto") == []
    assert shown_first(client, "amostra") == []
    page = soup(client, "/busca/?q=visto")
    assert "Em destaque" in page.select_one(".results--promoted").get_text()
    assert page.select_one(".results--promoted a")["href"] == "https://www.example.org/"


def test_a_promoted_page_that_is_not_public_is_not_shown(client, news_index):
    draft = ArticleFactory(parent=news_index, title="Rascunho", live=False)
    private = ArticleFactory(parent=news_index, title="Reservado")
    restrict(private)
    for page in (draft, private):
        promote(words="zanzibar", page=page)
    assert shown_first(client, "zanzibar") == []


def test_promoted_results_are_of_one_language_and_can_be_translated(client, english_news):
    promoted = promote(words="zanzibar", url="https://example.org/", title="Zanzibar")
    assert shown_first(client, "zanzibar", "/en") == []
    copy = promoted.copy_for_translation(english_news.locale)
    copy.title = "In English"
    copy.save()
    assert shown_first(client, "zanzibar", "/en") == ["In English"]


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"url": "https://example.org/"},
        {"url": "javascript:alert(1)", "title": "x"},
        {"url": "ftp://example.org/", "title": "x"},
    ],
)
def test_a_promoted_result_leads_somewhere_and_says_where(values):
    with pytest.raises(ValidationError):
        promote(words="zanzibar", **values)


def test_a_promoted_result_leads_to_one_place_only(news_index):
    with pytest.raises(ValidationError):
        promote(words="x", title="x", page=news_index, url="https://example.org/")


def test_editors_promote_results_in_the_admin(admin_client):
    promote(words="zanzibar", url="https://example.org/", title="Zanzibar")
    base = "/admin/snippets/search/promotedresult"
    assert "Zanzibar" in admin_client.get(f"{base}/").content.decode()
    assert admin_client.get(f"{base}/add/").status_code == 200
    assert admin_client.get(f"{base}/edit/{PromotedResult.objects.get().pk}/").status_code == 200


# Any input, any number ------------------------------------------------------------------------

BAD_QUESTIONS = [
    "\x00", "cooperação\x00", "\ufffd", "a" * 3_000, "palavra " * 400, "'", '"', '"cooperação',
    "!!!", "& | ! ( ) : * < >", "cooperação & !amostra:*", "(", "NEAR(a b)", "title : amostra",
    "a AND OR NOT", "%", "_", "\\", "\\'", "$$", "--", "; DROP TABLE x", "1e999", "-1", "٣", "²",
    "中文", "😀", "İstanbul", "ẞ", "e\u0301", "\u200b", "a-" * 100, "'" * 100, "x" * 39 + "'s",
    "de da do", " ", "\t\n",
]  # fmt: skip


@pytest.mark.parametrize("question", BAD_QUESTIONS)
def test_any_question_is_answered(client, question):
    assert client.get("/busca/", {"q": question}).status_code == 200


@pytest.mark.parametrize("query", ["q=%FF%FE", "q=%ED%A0%80", "q[]=1", "q=a&q=b", "q", "%00=1"])
def test_any_query_string_is_answered(client, query):
    assert client.get(f"/busca/?{query}").status_code == 200


def test_a_page_may_say_anything(client, news_index):
    for number, question in enumerate(BAD_QUESTIONS):
        text = question.replace("\x00", " ")
        ArticleFactory(
            parent=news_index, title=f"Zanzibar {number}", summary=text[:300], body=say(text)
        )
    assert len(answer("zanzibar", "pt-br").hits) == len(BAD_QUESTIONS)


QUESTIONS_OF_COST = [
    "q=cooperacao",
    "q=amostra",
    "q=zzzzqqq",
    "q=coperasao",
    "q=amostra+imagem+wxyzkqj",
    "q=amostra&tipo=noticia",
    "q=amostra&tipo=noticia&ano=" + str(timezone.localdate().year),
]


def test_an_answer_takes_at_most_15_queries_and_no_more_with_2000_articles(client, news_index):
    def count():
        numbers = {}
        for question in QUESTIONS_OF_COST:
            client.get(f"/busca/?{question}")
            with CaptureQueriesContext(connection) as captured:
                assert client.get(f"/busca/?{question}").status_code == 200
            numbers[question] = len(captured)
        return numbers

    few = count()
    add_many_articles(news_index, 2000 - ArticlePage.objects.count())
    ArticlePage.objects.filter(slug__startswith="em-massa").update(
        title="Notícia de amostra sobre cooperação"
    )
    index.rebuild()
    many = count()
    assert max(many.values()) <= 15
    plain = [question for question in QUESTIONS_OF_COST if "&" not in question]
    assert {question: few[question] for question in plain} == {
        question: many[question] for question in plain
    }
    # With more matches than are counted, a filter is asked of the index anew.
    assert all(many[question] <= few[question] + 1 for question in QUESTIONS_OF_COST)


@pytest.mark.skipif("connection.vendor != 'postgresql'")
def test_no_listing_of_the_search_reads_a_whole_table(client, news_index):
    """Plans with many rows: each table of the search is read through an index."""
    add_many_articles(news_index, 4000)
    index.rebuild()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE wagtailcore_page")
        # As on an SSD. The default is that of a spinning disk, and reads small tables whole.
        cursor.execute("SET LOCAL random_page_cost = 1.1")
    for question in (*QUESTIONS_OF_COST, "q=massa", "q=massa&tipo=noticia", "q=massa+7"):
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/busca/?{question}")
        for query in captured.captured_queries:
            if "search_" not in query["sql"]:
                continue
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN " + query["sql"].replace("%", "%%"), None)
                plan = "\n".join(row[0] for row in cursor.fetchall())
            for table in (
                "search_index",
                "search_searchentry",
                "search_word",
                "search_misspelling",
            ):
                assert f"Seq Scan on {table}" not in plan, (question, plan)
