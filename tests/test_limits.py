"""How much and how often one may ask, and what is said to who asks too much."""

from types import SimpleNamespace

import pytest
from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from wagtail.models import PageViewRestriction

from pages.limits import count_request
from tests.builders import ArticleFactory, PersonFactory

# What no database decides.
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(autouse=True)
def _one_minute(monkeypatch):
    """All that a test asks for is asked in the same minute, however slow the machine is."""
    monkeypatch.setattr("pages.limits.time", SimpleNamespace(time=lambda: 1_000_000_020.0))


def words(response) -> str:
    return response.content.decode()


# How often ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("search", "/busca/?q=acordo"),
        ("lists", "/noticias/?q=acordo"),
        ("lists", "/noticias/?pagina=2"),
        ("feeds", "/noticias/rss/"),
        ("feeds", "/noticias/atom/"),
        ("sitemaps", "/sitemap.xml"),
        ("sitemaps", "/sitemap-paginas.xml"),
    ],
)
def test_who_asks_for_expensive_things_too_often_waits(client, settings, kind, address):
    """RFC 6585, 4: 429 with Retry-After; one visitor does not keep the others from reading."""
    settings.REQUESTS_PER_MINUTE = {**settings.REQUESTS_PER_MINUTE, kind: 2}
    assert [client.get(address).status_code for _request in range(3)] == [200, 200, 429]
    refused = client.get(address)
    assert 0 < int(refused.headers["Retry-After"]) <= 61
    assert refused.headers["Cache-Control"] == "no-store"
    assert "Pedidos demais" in words(refused)
    assert "Tente de novo em" in words(refused)
    assert client.get(address, REMOTE_ADDR="192.0.2.7").status_code == 200


def test_ipv4_written_as_ipv6_is_not_one_visitor_for_all(client, settings):
    """RFC 4291, 2.5.5.2: a server that listens for IPv6 writes all of IPv4 as one network of it."""
    settings.REQUESTS_PER_MINUTE = {**settings.REQUESTS_PER_MINUTE, "search": 1}
    for address in ("::ffff:192.0.2.7", "::ffff:198.51.100.7"):
        answers = [client.get("/busca/?q=acordo", REMOTE_ADDR=address) for _request in range(2)]
        assert [answer.status_code for answer in answers] == [200, 429], address


def test_who_waits_may_read_pages_meanwhile(client, settings):
    """The limits are on what costs much, and on nothing else."""
    settings.REQUESTS_PER_MINUTE = dict.fromkeys(settings.REQUESTS_PER_MINUTE, 0)
    assert client.get("/busca/?q=acordo").status_code == 429
    for other in ("/", "/noticias/", "/videos/", "/busca/", "/dados-abertos/"):
        assert client.get(other).status_code == 200, other


@pytest.mark.parametrize("kind", ["search", "lists", "feeds", "sitemaps"])
def test_a_class_behind_one_address_is_not_kept_waiting(rf, kind):
    """Forty readers who ask three times a minute each."""
    for _request in range(40 * 3):
        count_request(rf.get("/"), kind)


def test_a_page_that_says_to_wait_asks_nothing_of_the_database(
    client, settings, django_assert_num_queries
):
    """Who asks too much must not cost much."""
    settings.REQUESTS_PER_MINUTE = {**settings.REQUESTS_PER_MINUTE, "search": 0}
    client.get("/busca/?q=acordo")
    with django_assert_num_queries(0):
        client.get("/nada/?" + "x" * 5000)


def test_the_answer_is_in_the_language_of_the_address(client, settings):
    """WCAG 2.2, 3.1.1 Language of Page."""
    settings.REQUESTS_PER_MINUTE = {**settings.REQUESTS_PER_MINUTE, "search": 0}
    response = client.get("/es/busca/?q=acordo")
    assert response.status_code == 429
    assert 'lang="es"' in words(response)
    assert response.headers["Content-Language"] == "es"


def test_the_password_of_a_page_cannot_be_guessed_by_trying(client, news_index):
    """OWASP ASVS 5, 6.3.1: attempts are limited."""
    article = news_index.get_children().live().first()
    restriction = PageViewRestriction.objects.create(
        page=article, restriction_type="password", password="segredo"
    )
    address = f"/_util/authenticate_with_password/{restriction.pk}/{article.pk}/"
    statuses = [
        client.post(address, {"password": f"{guess}", "return_url": article.url}).status_code
        for guess in range(12)
    ]
    assert statuses == [200] * 10 + [429] * 2


def test_a_password_is_asked_for_pages_that_it_opens_only(client, news_index):
    """CWE-639: neither the root, nor a draft, nor another page is drawn by this address."""
    article, other = news_index.get_children().live()[:2]
    restriction = PageViewRestriction.objects.create(
        page=article, restriction_type="password", password="segredo"
    )
    draft = ArticleFactory(parent=news_index, live=False)

    def status(page_pk) -> int:
        address = f"/_util/authenticate_with_password/{restriction.pk}/{page_pk}/"
        return client.get(address).status_code

    assert status(article.pk) == 200
    assert {status(pk) for pk in (1, other.pk, draft.pk, 10**30)} == {404}


def test_no_visitors_address_is_kept_in_clear(client):
    """LGPD (Lei 13.709/2018), art. 6, III: a keyed hash, for a minute."""
    client.get("/busca/?q=acordo", REMOTE_ADDR="198.51.100.23")
    kept = repr(caches["limits"]._cache)
    assert "search|" in kept
    assert "198.51.100.23" not in kept


# How much -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["/?" + "x" * 4000, "/" + "a" * 4000 + "/", "/busca/?q=" + "%C3%A7" * 700]
)
def test_an_address_that_is_too_long_is_refused(client, address):
    """RFC 9110, 15.5.15."""
    response = client.get(address)
    assert response.status_code == 414
    assert "O endereço é longo demais" in words(response)


@pytest.mark.parametrize("address", ["/busca/", "/admin/login/", "/_util/login/", "/nada/"])
def test_a_visitors_body_that_is_too_large_is_refused_before_it_is_read(settings, address):
    """RFC 9110, 15.5.14. Nothing of it is kept in memory or on disk."""

    class Unread:
        def read(self, *args):
            raise AssertionError("the body was read")

        readline = read

    response = Client().generic(
        "POST",
        address,
        b"",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(settings.MAX_VISITOR_BODY + 1),
        **{"wsgi.input": Unread()},
    )
    assert response.status_code == 413
    assert "O envio é grande demais" in words(response)


def test_an_editor_may_send_large_files_to_the_admin_only(settings):
    """Who is signed in; a cookie that somebody made up does not make an editor."""
    large = SimpleUploadedFile("a.pdf", bytes(settings.MAX_VISITOR_BODY + 1))
    stranger = Client()
    stranger.cookies[settings.SESSION_COOKIE_NAME] = "x" * 32
    assert stranger.post("/admin/documents/add/", {"file": large}).status_code == 413
    editor = Client()
    editor.force_login(PersonFactory(role="Edição"))
    large.seek(0)
    assert editor.post("/admin/documents/add/", {"file": large}).status_code == 200
    large.seek(0)
    assert editor.post("/busca/", {"file": large}).status_code == 413
    settings.MAX_EDITOR_BODY = settings.MAX_VISITOR_BODY
    large.seek(0)
    assert editor.post("/admin/documents/add/", {"file": large}).status_code == 413


@pytest.mark.parametrize(
    ("limit", "data", "status"),
    [
        ("DATA_UPLOAD_MAX_NUMBER_FIELDS", {f"campo{number}": "" for number in range(20)}, 400),
        ("DATA_UPLOAD_MAX_MEMORY_SIZE", {"password": "x" * 200}, 413),
    ],
)
def test_a_form_with_too_many_fields_or_too_much_text_is_refused(
    news_index, settings, limit, data, status
):
    """CWE-770: a form costs what its fields cost."""
    setattr(settings, limit, 10)
    article = news_index.get_children().live().first()
    restriction = PageViewRestriction.objects.create(page=article, restriction_type="password")
    response = Client(raise_request_exception=False).post(
        f"/_util/authenticate_with_password/{restriction.pk}/{article.pk}/", data
    )
    assert response.status_code == status
    assert "Jundiaí Global" in words(response)


# What else is refused, in Portuguese ----------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "testserver:x", "a b", "", "%00"]
)
@pytest.mark.parametrize("address", ["/", "/noticias/rss/", "/api/v1/noticias/", "/admin/login/"])
def test_a_host_that_is_not_ours_is_refused(host, address):
    """CWE-644: nothing is answered, linked or redirected under a name that somebody made up."""
    response = Client(raise_request_exception=False).get(address, headers={"host": host})
    assert response.status_code == 400
    assert "Pedido inválido" in words(response)
    assert "evil.example" not in words(response)


def test_a_host_in_another_header_is_not_believed(client):
    """CWE-644: the headers that proxies add decide nothing."""
    names = ("X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-URL", "X-Forwarded-Server")
    for address in ("/", "/noticias/rss/", "/sitemap.xml", "/api/v1/"):
        response = client.get(address, headers=dict.fromkeys(names, "evil.example"))
        assert response.status_code == 200
        assert b"evil.example" not in response.content


def test_a_form_from_elsewhere_is_refused_saying_what_to_do(news_index):
    """CWE-352: Django's protection, with an answer that people understand."""
    article = news_index.get_children().live().first()
    restriction = PageViewRestriction.objects.create(page=article, restriction_type="password")
    response = Client(enforce_csrf_checks=True).post(
        f"/_util/authenticate_with_password/{restriction.pk}/{article.pk}/", {"password": "a"}
    )
    assert response.status_code == 403
    assert "O formulário perdeu a validade" in words(response)
