"""Requests that nobody should send, to every public address, parameter and form."""

import time
from itertools import chain, islice
from urllib.parse import unquote_to_bytes

import pytest
from django.core.cache import caches
from django.test import Client
from wagtail.models import PageViewRestriction

from fuzzing.judgement import faults
from fuzzing.requests import INJECTED, MARKUP, TAG, Fuzzer, Request
from fuzzing.surface import Form, Surface, discover

pytestmark = pytest.mark.django_db
SEED = 20_261_125
#: Requests besides one for each parameter.
AT_RANDOM = 250


def send(client: Client, request: Request):
    """Through all middleware, as a server hands a request over."""
    path, _, query = request.target.partition("?")
    environ = {
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "HTTP_HOST": "testserver",
    }
    kind = "application/octet-stream"
    for name, value in request.headers:
        raw = value.encode().decode("latin-1")
        if name == "Content-Type":
            kind = raw
        else:
            environ["HTTP_" + name.upper().replace("-", "_")] = raw
    return client.generic(request.method, "/", request.body, kind, **environ)


def judged(client: Client, request: Request) -> list[str]:
    """What is wrong with the answer. It is slow when it is slow each time it is asked for."""
    found = _judged(client, request)
    for _again in range(3):
        if not (len(found) == 1 and found[0].startswith("took")):
            break
        found = _judged(client, request)
    return found


def _judged(client: Client, request: Request) -> list[str]:
    start = time.perf_counter()
    response = send(client, request)
    body = b"".join(response) if response.streaming else response.content
    seconds = time.perf_counter() - start
    headers = {name.lower(): value for name, value in response.headers.items()}
    return faults(response.status_code, headers, body, seconds)


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


@pytest.fixture
def surface(client, settings, news_index):
    settings.SECURITY_CONTACTS = ["mailto:seguranca@example.org"]
    article = news_index.get_children().live().last()
    PageViewRestriction.objects.create(page=article, restriction_type="password", password="x")

    def get(address: str) -> str:
        response = client.get(address)
        is_html = response.headers.get("Content-Type", "").startswith("text/html")
        return response.content.decode() if is_html else ""

    found = discover(get)
    found.add(article.url)
    return found


def test_the_requests_reach_every_kind_of_address(surface):
    """The fuzz test tests something: pages, lists, search, feeds, open data, forms."""
    assert len(surface.paths) > 35
    for path in ("/", "/busca/", "/noticias/", "/noticias/rss/", "/api/v1/noticias/", "/en/"):
        assert path in surface.parameters
    known = {name for parameters in surface.parameters.values() for name, _value in parameters}
    assert {"q", "pagina", "ano", "mes", "assunto", "meta", "lingua", "limite", "depois"} <= known
    assert {form.action for form in surface.forms} >= {"/busca/", "/noticias/", "/admin/login/"}


def test_no_request_breaks_the_site_or_comes_back_as_markup(client, surface, settings):
    """OWASP ASVS 5, 2.2 and 16.5: no answer 5xx, nothing reflected, none over two seconds."""
    # The limits have tests of their own; here everything is to be answered.
    settings.REQUESTS_PER_MINUTE = dict.fromkeys(settings.REQUESTS_PER_MINUTE, 100_000)
    settings.API_REQUESTS_PER_MINUTE = {"json": 100_000, "csv": 100_000}
    fuzzer = Fuzzer(surface, SEED)
    wrong = {}
    for request in chain(fuzzer.each_parameter(), islice(fuzzer.any(), AT_RANDOM)):
        if found := judged(client, request):
            wrong[str(request)] = found
    caches["limits"].clear()
    assert wrong == {}


def test_the_same_seed_asks_the_same_things():
    """What was found once is found again."""
    form = Form("/busca/", "POST", (("q", ""), ("ano", "2026")))
    surface = Surface(["/", "/busca/"], {"/": [], "/busca/": [("q", "x")]}, [form])
    one, two = (list(islice(Fuzzer(surface, 1).any(), 200)) for _time in range(2))
    assert one == two
    assert one != list(islice(Fuzzer(surface, 2).any(), 200))


@pytest.mark.parametrize(
    ("status", "headers", "body", "seconds"),
    [
        (500, {}, b"", 0),
        (200, {"content-type": "text/html"}, MARKUP.encode(), 0),
        (404, {"content-type": "application/xml"}, f"<{TAG}/>".encode(), 0),
        (302, {"location": "//evil.example/"}, b"", 0),
        (200, {INJECTED.lower(): "1"}, b"", 0),
        (200, {}, b"", 2.5),
    ],
)
def test_a_bad_answer_is_seen(status, headers, body, seconds):
    """The judgement itself."""
    assert faults(status, headers, body, seconds)
    assert not faults(200, {"content-type": "application/json"}, f'"<{TAG}>"'.encode(), 0.1)
