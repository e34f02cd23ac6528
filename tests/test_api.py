"""Open data: read only, complete, described, at a constant cost, for anyone."""

import csv
import io
import json
import uuid
from datetime import timedelta

import jsonschema
import pytest
from bs4 import BeautifulSoup
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openapi_spec_validator import validate
from wagtail.models import Locale, Page, PageViewRestriction

from api import spreadsheet
from api.resources import RESOURCES
from goals.models import GoalPage
from news.models import ArticlePage, NewsCategory, NewsIndexPage
from pages.limits import client_network
from pages.models import VideoPage
from tests.builders import (
    ArticleFactory,
    NewsCategoryFactory,
    VideoPageFactory,
    add_many_articles,
    empty,
)

pytestmark = pytest.mark.django_db
#: As opposed to a look at the one that a notice leads to.
READS_ARTICLES = 'FROM "news_articlepage" INNER JOIN'

NEWS, GOALS, VIDEOS = (f"/api/v1/{name}/" for name in ("noticias", "metas", "videos"))
CSV = "/api/v1/noticias.csv"


@pytest.fixture(autouse=True)
def _ample_limits(settings):
    settings.API_REQUESTS_PER_MINUTE = {"json": 10_000, "csv": 10_000}


def read(client, address, status=200, **headers):
    response = client.get(address, headers=headers)
    assert response.status_code == status, response.content
    assert response.headers["Content-Type"] == "application/json"
    return response.json()


def walk(client, address) -> list[dict]:
    """All items, page after page."""
    items = []
    for _page in range(1000):
        answer = read(client, address)
        items += answer["itens"]
        address = answer["proxima"]
        if address is None:
            break
    return items


def rows(client, address=CSV, delimiter=",") -> list[list[str]]:
    response = client.get(address)
    assert response.status_code == 200
    text = response.getvalue().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def publish(page, **changes):
    for name, value in changes.items():
        setattr(page, name, value)
    page.save_revision().publish()
    page.refresh_from_db()
    return page


@pytest.fixture
def english_news(home, news_index):
    english = Locale.objects.get_or_create(language_code="en")[0]
    publish(home.copy_for_translation(english))
    return publish(news_index.copy_for_translation(english), title="News", slug="news")


@pytest.fixture
def empty_index(news_index):
    empty(news_index)
    return NewsIndexPage.objects.get(pk=news_index.pk)


def moment(*date_and_time):
    return timezone.make_aware(timezone.datetime(*date_and_time))


# What is there --------------------------------------------------------------------------------


def test_the_description_is_valid_openapi(client):
    description = read(client, "/api/v1/openapi.json")
    validate(description)
    assert description["servers"] == [{"url": "http://testserver/api/v1"}]


def test_answers_are_as_the_description_says(client, english_news):
    publish(ArticlePage.objects.live().first().copy_for_translation(english_news.locale))
    ArticleFactory(parent=NewsIndexPage.objects.first(), summary="", category=None)
    description = read(client, "/api/v1/openapi.json")

    def check(data, schema):
        checked = {
            "$ref": f"#/components/schemas/{schema}",
            "components": description["components"],
        }
        jsonschema.Draft202012Validator(
            checked, format_checker=jsonschema.FormatChecker()
        ).validate(data)

    for name, resource in RESOURCES.items():
        answer = read(client, f"/api/v1/{name}/?limite=100")
        assert answer["itens"]
        check(answer, f"Lista{resource.schema_name}")
        one = read(client, f"/api/v1/{name}/{answer['itens'][0]['id']}/")
        check(one, resource.schema_name)
        assert one == answer["itens"][0]
    check(read(client, f"{NEWS}?lingua=en"), "ListaNoticia")
    check(read(client, f"{NEWS}?limite=0", status=400), "Erro")
    wrong = read(client, NEWS)
    del wrong["itens"][0]["titulo"]
    with pytest.raises(jsonschema.ValidationError):
        check(wrong, "ListaNoticia")


def test_an_article_is_told_whole(client, news_index):
    goals = list(GoalPage.objects.in_order()[:2])
    category = NewsCategory.objects.get(slug="eventos")
    cover = ArticlePage.objects.filter(cover__isnull=False).first().cover
    article = ArticleFactory(
        parent=news_index,
        title="Título",
        category=category,
        goals=reversed(goals),
        cover=cover,
        credits="Alguém",
        corrections="<p>Correção</p>",
        date=moment(2026, 11, 24, 9, 30),
        body=[
            ("paragraph", "<p>Um &amp; <b>dois</b></p><ul><li>três</li></ul>"),
            ("heading", {"text": "Quatro", "level": "2"}),
        ],
    )
    shown = read(client, f"{NEWS}{article.translation_key}/")
    assert shown["titulo"] == "Título"
    assert shown["url"] == article.full_url
    assert shown["texto"] == "Um & dois\ntrês\nQuatro"
    assert "<b>dois</b>" in shown["html"]
    assert shown["publicado_em"] == "2026-11-24T09:30:00-03:00"
    assert shown["atualizado_em"] is None or shown["atualizado_em"].endswith("-03:00")
    assert shown["assunto"] == {"nome": category.name, "slug": "eventos"}
    assert [goal["titulo"] for goal in shown["metas"]] == [goal.title for goal in goals]
    assert shown["imagem"]["url"] == f"http://localhost{cover.file.url}"
    assert shown["imagem"]["descricao"] == cover.description
    assert (shown["imagem"]["largura"], shown["imagem"]["altura"]) == (cover.width, cover.height)
    assert shown["creditos"] == "Alguém"
    assert shown["correcoes"] == "<p>Correção</p>"
    assert shown["lingua"] == "pt-BR"


def test_goals_and_videos_are_told_in_the_sites_order(client):
    goals = read(client, GOALS)
    assert [goal["titulo"] for goal in goals["itens"]] == [
        goal.title for goal in GoalPage.objects.in_order()
    ]
    assert all(goal["enunciado"] for goal in goals["itens"])
    videos = read(client, VIDEOS)["itens"]
    assert [video["titulo"] for video in videos] == [
        video.title for video in VideoPage.objects.live().newest_first()
    ]
    kept = next(video for video in videos if video["arquivo"])
    assert kept["arquivo"]["tipo"] == "video/mp4"
    assert {caption["lingua"] for caption in kept["legendas"]} == {"pt-BR", "en", "es"}
    assert kept["endereco_externo"] is None
    elsewhere = next(video for video in videos if not video["arquivo"])
    assert elsewhere["endereco_externo"].startswith("https://")


def test_drafts_private_and_expired_things_are_never_told(client, news_index, video_index):
    public = ArticleFactory(parent=news_index, title="Público xyz")
    hidden = [ArticleFactory(parent=news_index, title="Rascunho xyz", live=False)]
    private = ArticleFactory(parent=news_index, title="Reservado xyz")
    expired = publish(ArticleFactory(parent=news_index, title="Vencido xyz"))
    Page.objects.filter(pk=expired.pk).update(expire_at=timezone.now() - timedelta(minutes=1))
    call_command("publish_scheduled")
    hidden += [private, expired]
    hidden.append(VideoPageFactory(parent=video_index, title="Vídeo xyz", live=False))
    goal = GoalPage.objects.first()
    goal.title = "Meta xyz"
    publish(goal).unpublish()
    hidden.append(goal)
    PageViewRestriction.objects.create(page=private, restriction_type="login")
    public.goals = [goal]
    publish(public)
    text = "".join(json.dumps(walk(client, address)) for address in (NEWS, GOALS, VIDEOS))
    text += client.get(CSV).getvalue().decode()
    assert text.count("xyz") == 2
    for page in hidden:
        for address in (NEWS, GOALS, VIDEOS):
            read(client, f"{address}{page.translation_key}/", status=404)
    assert read(client, NEWS)["total"] == ArticlePage.objects.published().count()


def test_the_id_stays_when_the_address_changes_and_is_shared_by_translations(client, english_news):
    article = ArticlePage.objects.live().newest_first().first()
    before = read(client, NEWS)["itens"][0]
    publish(article, slug="outro")
    english = publish(article.copy_for_translation(english_news.locale), slug="in-english")
    after = read(client, NEWS)["itens"][0]
    assert after["id"] == before["id"]
    assert after["url"] != before["url"]
    assert after["traducoes"] == [{"lingua": "en", "url": english.full_url}]
    answer = read(client, f"{NEWS}?lingua=en")
    assert answer["total"] == 1
    assert answer["itens"][0]["id"] == before["id"]
    assert answer["itens"][0]["traducoes"] == [{"lingua": "pt-BR", "url": article.full_url}]
    assert read(client, f"{NEWS}{before['id']}/?lingua=EN")["lingua"] == "en"
    assert read(client, f"{NEWS}?lingua=es") == {"total": 0, "proxima": None, "itens": []}


# Pages and filters ----------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 3, 7, 100])
def test_following_the_next_address_gives_each_article_once_even_with_equal_dates(
    client, empty_index, limit
):
    same = moment(2026, 5, 5, 12)
    for number in range(9):
        ArticleFactory(parent=empty_index, date=same if number < 6 else same - timedelta(days=40))
    items = walk(client, f"{NEWS}?limite={limit}")
    wanted = ArticlePage.objects.live().newest_first().values_list("translation_key", flat=True)
    assert [item["id"] for item in items] == [str(key) for key in wanted]


def test_an_article_published_meanwhile_neither_repeats_nor_hides_another(client, news_index):
    first = read(client, f"{NEWS}?limite=5")
    before = list(ArticlePage.objects.live().newest_first().values_list("title", flat=True))
    ArticleFactory(parent=news_index, title="No meio")
    titles = [item["titulo"] for item in (*first["itens"], *walk(client, first["proxima"]))]
    assert titles == before


def test_videos_without_a_date_and_goals_are_walked_through_too(client, video_index):
    undated = [VideoPageFactory(parent=video_index).pk for _number in range(3)]
    VideoPage.objects.filter(pk__in=undated).update(date=None)
    for address, model in ((VIDEOS, VideoPage), (GOALS, GoalPage)):
        ids = [item["id"] for item in walk(client, f"{address}?limite=1")]
        keys = {str(key) for key in model.objects.live().values_list("translation_key", flat=True)}
        assert len(ids) == len(keys)
        assert set(ids) == keys


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Fim de março", "Março", "Janeiro", "Dezembro"]),
        ("ano=2023", ["Dezembro"]),
        ("ano=2024&mes=3", ["Fim de março", "Março"]),
        ("ano=2024&mes=03&assunto=acordos", ["Março"]),
        ("assunto=acordos", ["Março", "Dezembro"]),
        ("meta={goal}", ["Janeiro", "Dezembro"]),
        ("meta={goal}&assunto=eventos&ano=2024", ["Janeiro"]),
        ("ano=1999", []),
        ("ano=9999&mes=12", []),
        ("ano=1", []),
    ],
)
def test_filters_combine_in_json_and_in_the_spreadsheet(client, empty_index, query, expected):
    acordos, eventos = (
        NewsCategory.objects.get_or_create(
            locale=Locale.get_default(), slug=name.lower(), defaults={"name": name}
        )[0]
        for name in ("Acordos", "Eventos")
    )
    goal = GoalPage.objects.in_order()[0]
    for title, date, category, goals in [
        ("Dezembro", moment(2023, 12, 31, 23, 30), acordos, [goal]),
        ("Janeiro", moment(2024, 1, 1, 0, 30), eventos, [goal]),
        ("Março", moment(2024, 3, 15, 12), acordos, []),
        ("Fim de março", moment(2024, 3, 31, 23, 59), eventos, []),
    ]:
        ArticleFactory(parent=empty_index, title=title, date=date, category=category, goals=goals)
    query = query.format(goal=goal.slug)
    answer = read(client, f"{NEWS}?{query}")
    assert [item["titulo"] for item in answer["itens"]] == expected
    assert answer["total"] == len(expected)
    assert [row[1] for row in rows(client, f"{CSV}?{query}")[1:]] == expected
    walked = walk(client, f"{NEWS}?limite=1&{query}")
    assert [item["titulo"] for item in walked] == expected


BAD = [
    "limite=0",
    "limite=101",
    "limite=-1",
    "limite=abc",
    "limite=",
    "limite=٣",
    "limite=1e1",
    "limite=%00",
    "depois=abc",
    "depois=",
    "depois=%00",
    "depois=%FF%FE",
    "depois=MjAyNi0xMS0xOXw",
    "depois=" + "A" * 3000,
    "depois=MDAwMS0wMS0wMVQwMDowMDowMCsxNDowMHwx",  # year 1, beyond what UTC can hold
    "ano=0",
    "ano=abc",
    "ano=%00",
    "ano=20266",
    "mes=3",
    "ano=2026&mes=13",
    "assunto=nada",
    "assunto=",
    "assunto=%00",
    "meta=nada",
    "meta=%FF%FE",
    "lingua=fr",
    "lingua=%00",
    "pagina=2",
    "limit=5",
    "%00=1",
]


@pytest.mark.parametrize("query", BAD)
def test_what_is_asked_amiss_is_refused_in_portuguese(client, query):
    message = read(client, f"{NEWS}?{query}", status=400)["erro"]
    assert message.endswith(".")
    assert any(word in message for word in ("parâmetro", "Não há"))


def test_a_place_of_another_list_is_refused(client):
    following = read(client, f"{GOALS}?limite=1")["proxima"].split("?")[1]
    read(client, f"{NEWS}?{following}", status=400)
    read(client, f"{VIDEOS}?{following}", status=400)


@pytest.mark.parametrize("query", ["separador=tab", "limite=5", "ano=x", "depois=abc"])
def test_a_spreadsheet_asked_amiss_is_refused_too(client, query):
    read(client, f"{CSV}?{query}", status=400)


@pytest.mark.parametrize(
    "path",
    ["nada/", "noticias/nada/", f"noticias/{uuid.UUID(int=0)}/", "a/b/c/", "noticias.csv/", "%00/"],
)
def test_what_does_not_exist_is_told_in_json(client, path):
    assert "erro" in read(client, f"/api/v1/{path}", status=404)


def test_an_address_without_its_final_slash_leads_to_the_right_one(client):
    response = client.get("/api/v1/noticias?limite=1")
    assert response.status_code == 301
    assert response.headers["Location"] == f"{NEWS}?limite=1"


# The spreadsheet ------------------------------------------------------------------------------


def test_the_spreadsheet_has_every_article_under_the_same_names(client):
    header, *lines = rows(client)
    items = walk(client, f"{NEWS}?limite=100")
    names = ["id", "titulo", "url", "resumo", "publicado_em", "atualizado_em", "lingua"]
    assert set(names) < set(header)
    for line, item in zip(lines, items, strict=True):
        told = dict(zip(header, line, strict=True))
        assert {name: told[name] for name in names} == {name: item[name] or "" for name in names}
        assert told["metas"] == "; ".join(goal["titulo"] for goal in item["metas"])


def test_the_spreadsheet_is_rfc_4180_with_a_byte_order_mark(client, news_index):
    ArticleFactory(parent=news_index, title='Com "aspas", vírgula', summary="Duas\nlinhas\x0b\x1f")
    response = client.get(CSV)
    content = response.getvalue()
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="noticias-pt-br.csv"' in response.headers["Content-Disposition"]
    assert content.startswith(b"\xef\xbb\xbfid,titulo,")
    assert content.endswith(b"\r\n")
    assert 'Com ""aspas"", vírgula' in content.decode()
    assert rows(client)[1][3] == "Duas\nlinhas"


def test_the_spreadsheet_comes_with_semicolons_for_excel_in_portuguese(client):
    address = f"{CSV}?separador=ponto-e-virgula"
    assert rows(client, address, delimiter=";") == rows(client)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_is_a_formula(client, news_index, start):
    category = NewsCategoryFactory(name=f"{start}assunto", locale=Locale.get_default())
    title = f'{start}HYPERLINK("http://example.org")'
    ArticleFactory(parent=news_index, title=title, summary=title, category=category)
    for cell in rows(client)[1]:
        assert not cell.startswith(start)
    assert rows(client)[1][1] == f"'{title}"
    assert spreadsheet.safe_cell("\x00=1") == "'=1"


def test_the_spreadsheet_is_read_in_batches_without_the_texts(client, news_index, monkeypatch):
    monkeypatch.setattr(spreadsheet, "BATCH_SIZE", 50)
    add_many_articles(news_index, 200)
    with CaptureQueriesContext(connection) as captured:
        assert len(rows(client)) == 1 + 224
    reads = [each["sql"] for each in captured if READS_ARTICLES in each["sql"]]
    assert len(reads) == 6
    assert not any('"news_articlepage"."body"' in sql or "OFFSET" in sql for sql in reads)


def test_the_head_of_the_spreadsheet_reads_no_article(client):
    with CaptureQueriesContext(connection) as captured:
        response = client.head(CSV)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert not [each for each in captured if READS_ARTICLES in each["sql"]]


# Over HTTP ------------------------------------------------------------------------------------

ADDRESSES = ["/api/v1/", NEWS, GOALS, VIDEOS, CSV, "/api/v1/openapi.json"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_any_site_may_read_and_nobody_may_write(address):
    client = Client(enforce_csrf_checks=True)
    response = client.get(address)
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Cache-Control"] == "public, max-age=60"
    assert not response.cookies
    head = client.head(address)
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["ETag"] == response.headers["ETag"]
    for method in ("post", "put", "patch", "delete", "options"):
        refused = getattr(client, method)(address)
        assert refused.status_code == 405
        assert refused.headers["Allow"] == "GET, HEAD"
        assert refused.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_did_not_change_is_not_sent_again(client, address):
    etag = client.get(address).headers["ETag"]
    again = client.get(address, headers={"if-none-match": etag})
    assert again.status_code == 304
    assert again.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("address", [NEWS, CSV])
def test_an_edit_changes_the_validator(client, address):
    article = ArticlePage.objects.live().newest_first().first()

    def validator():
        return client.get(address).headers["ETag"]

    before = validator()
    for edit in (
        lambda: publish(article, title="Outro"),
        lambda: publish(article, slug="outro"),
        lambda: NewsCategory.objects.update(name="Outro nome"),
        lambda: publish(GoalPage.objects.first(), title="Outra meta"),
        lambda: publish(article, goals=list(GoalPage.objects.all())),
        lambda: article.unpublish(),
        lambda: publish(article),
        lambda: publish(NewsIndexPage.objects.get(), slug="novidades"),
    ):
        edit()
        after = validator()
        assert after != before
        before = after


@pytest.mark.parametrize(("address", "kind"), [(NEWS, "json"), (CSV, "csv")])
def test_one_address_may_ask_so_often_and_the_others_do_not_notice(
    client, settings, monkeypatch, address, kind
):
    # No minute ends meanwhile.
    monkeypatch.setattr("pages.limits.time.time", lambda: 1_000_000_020.0)
    settings.API_REQUESTS_PER_MINUTE = {"json": 10_000, "csv": 10_000, kind: 3}
    statuses = [client.get(address).status_code for _request in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    refused = client.get(address)
    assert 0 < int(refused.headers["Retry-After"]) <= 61
    assert "Tente de novo" in refused.json()["erro"]
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    assert refused.headers["Cache-Control"] == "no-store"
    assert client.get(address, REMOTE_ADDR="192.0.2.7").status_code == 200
    assert client.get(GOALS).status_code == (429 if kind == "json" else 200)
    assert client.get("/noticias/").status_code == 200


def test_who_waited_may_ask_again(client, settings, monkeypatch):
    settings.API_REQUESTS_PER_MINUTE = {"json": 1, "csv": 1}
    monkeypatch.setattr("pages.limits.time.time", lambda: 1_000_000_020.0)
    assert client.get(GOALS).status_code == 200
    wait = int(client.get(GOALS).headers["Retry-After"])
    monkeypatch.setattr("pages.limits.time.time", lambda: 1_000_000_020.0 + wait)
    assert client.get(GOALS).status_code == 200


def test_no_address_is_kept_in_clear(client):
    client.get(GOALS, REMOTE_ADDR="198.51.100.23")
    kept = repr(caches["limits"]._cache)
    assert "json|" in kept
    assert "198.51.100.23" not in kept


def test_the_visitor_is_known_behind_a_proxy_that_says_who_it_is(rf, settings):
    settings.CLIENT_ADDRESS_HEADER = "X-Real-IP"
    request = rf.get(NEWS, REMOTE_ADDR="127.0.0.1", headers={"x-real-ip": "203.0.113.9"})
    assert client_network(request) == "203.0.113.9"
    assert client_network(rf.get(NEWS)) == ""
    settings.CLIENT_ADDRESS_HEADER = ""
    assert client_network(request) == "127.0.0.1"
    one = client_network(rf.get(NEWS, REMOTE_ADDR="2001:db8:1:2::1"))
    assert one == client_network(rf.get(NEWS, REMOTE_ADDR="2001:db8:1:2:ffff::9"))
    assert client_network(rf.get(NEWS, REMOTE_ADDR="")) == ""


def test_a_visitor_whose_address_is_not_known_is_answered(client, settings):
    settings.API_REQUESTS_PER_MINUTE = {"json": 1, "csv": 1}
    for _request in range(3):
        assert client.get(GOALS, REMOTE_ADDR="").status_code == 200


# Cost -----------------------------------------------------------------------------------------


def test_any_place_of_any_list_costs_the_same_queries(client, news_index):
    goal = ArticlePage.objects.exclude(goals=None).first().goals.first()
    filtered = f"{NEWS}?assunto=eventos&ano=2026&meta={goal.slug}"

    def queries(address):
        client.get(address)
        for cache in caches.all():
            cache.clear()
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    few = {address: queries(address) for address in (*ADDRESSES, filtered)}
    assert max(few.values()) <= 15
    add_many_articles(news_index, 1200)
    # The spreadsheet takes as many more as it has batches.
    assert {
        address for address in few if address != CSV and queries(address) > few[address]
    } == set()
    first = read(client, f"{NEWS}?limite=100")
    address = first["proxima"]
    for _page in range(8):
        address = read(client, address)["proxima"]
    assert first["total"] == 1224
    with CaptureQueriesContext(connection) as captured:
        read(client, address)
    assert not any("OFFSET" in each["sql"] for each in captured)
    articles = [each["sql"] for each in captured if "news_articlepage" in each["sql"]]
    assert not any("COUNT(" in sql for sql in articles)


# For people -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prefix", "heading"), [("", "Dados abertos"), ("/en", "Open data"), ("/es", "Datos abiertos")]
)
def test_the_documentation_has_every_field_and_parameter(client, prefix, heading):
    page = BeautifulSoup(client.get(f"{prefix}/dados-abertos/").content, "html.parser")
    assert page.h1.get_text() == heading
    documented = {code.get_text() for code in page.select("th code")}
    for resource in RESOURCES.values():
        assert {name for name, _field in resource.rows} <= documented
        assert {parameter.name for parameter in resource.list_parameters} <= documented
    for table in page.select("table"):
        assert table.caption.get_text()
        assert table.select("thead th[scope=col]")


def test_the_footer_and_the_site_map_lead_to_the_documentation(client):
    for address in ("/", "/mapa-do-site/"):
        page = BeautifulSoup(client.get(address).content, "html.parser")
        part = page.select_one("main" if address != "/" else "footer")
        assert part.select_one("a[href='/dados-abertos/']").get_text() == "Dados abertos"
