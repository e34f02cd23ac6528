"""What every answer tells browsers, whatever made it."""

import pytest
from django.conf import settings as site_settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import path
from wagtail.documents import get_document_model

from jundiai_global.urls import urlpatterns as site_urlpatterns
from pages.library.media import serve_media
from pages.models import VideoPage
from tests import observatory
from tests.builders import VideoPageFactory

# What no database decides.
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

#: The proxy's part, done by Django as in development.
urlpatterns = [
    path("media/<path:path>", serve_media, {"document_root": site_settings.MEDIA_ROOT}),
    *site_urlpatterns,
]
ADDRESS = "https://testserver/"


@pytest.fixture
def production(settings):
    """The answers as production gives them over TLS."""
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False)


def asked(client, address, **options):
    response = client.get(address, secure=True, **options)
    body = b"".join(response) if response.streaming else response.content
    return response, body


def picture() -> str:
    if not default_storage.exists("provas/desenho.svg"):
        default_storage.save("provas/desenho.svg", ContentFile(b"<svg onload='alert(1)'/>"))
    return "/media/provas/desenho.svg"


# Each answer ----------------------------------------------------------------------------------


@pytest.fixture
def addresses(news_index):
    document = get_document_model()(title="Edital")
    document.file.save("edital.pdf", ContentFile(b"%PDF-1.7\n"))
    article = news_index.get_children().live().first()
    return {
        "/": 200,
        article.url: 200,
        "/busca/?q=amostra": 200,
        "/noticias/rss/": 200,
        "/sitemap.xml": 200,
        "/robots.txt": 200,
        "/site.webmanifest": 200,
        "/api/v1/noticias/": 200,
        "/api/v1/noticias.csv": 200,
        "/api/v1/nada/": 404,
        "/nada/": 404,
        "/?" + "x" * 5000: 414,
        "/admin/login/": 200,
        "/media/nada.jpg": 404,
        picture(): 200,
        document.url: 200,
        "/static/js/share.js": 200,
        "/favicon.ico": 302,
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Strict-Transport-Security", "max-age=31536000; includeSubDomains; preload"),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "strict-origin-when-cross-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ],
)
def test_every_answer_has_the_header(production, addresses, name, value, settings):
    """RFC 6797 (HSTS), Fetch (nosniff), Referrer Policy and HTML (COOP): pages, files, errors."""
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    production = Client(raise_request_exception=False)
    for address, status in addresses.items():
        response, _body = asked(production, address)
        assert response.status_code == status, address
        assert response.headers[name] == value, address


def test_every_answer_denies_what_no_page_uses_and_has_a_policy(production, addresses, settings):
    """Permissions Policy (W3C) and Content Security Policy 3 (W3C)."""
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    production = Client(raise_request_exception=False)
    for address in addresses:
        response, _body = asked(production, address)
        features = response.headers["Permissions-Policy"]
        assert "camera=()" in features, address
        assert "geolocation=()" in features, address
        assert "fullscreen" not in features, "players may fill the screen"
        assert observatory.policy(response.headers["Content-Security-Policy"]), address
        assert response.headers["X-Frame-Options"] in ("SAMEORIGIN", "DENY"), address


def test_errors_have_the_headers_too(production, monkeypatch):
    """An answer that no view gave: a failure of the site, and a wrong host."""
    from pages.models import HomePage

    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(HomePage, "serve", broken)
    failure = production.get("/", secure=True)
    stranger = production.get("/", headers={"host": "evil.example"})
    assert [failure.status_code, stranger.status_code] == [500, 400]
    for response in (failure, stranger):
        for name in (
            "X-Content-Type-Options",
            "Referrer-Policy",
            "Cross-Origin-Opener-Policy",
            "Cross-Origin-Resource-Policy",
            "Permissions-Policy",
            "Content-Security-Policy",
        ):
            assert response.headers[name], name


def test_others_may_show_what_is_made_for_it_and_nothing_else(production, addresses, settings):
    """Cross-Origin-Resource-Policy (Fetch): by kind of answer."""
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    production = Client(raise_request_exception=False)
    shared = {
        *("/noticias/rss/", "/api/v1/noticias/", "/api/v1/noticias.csv", "/api/v1/nada/"),
        *("/media/nada.jpg", picture(), "/static/js/share.js"),
    }
    for address in addresses:
        response, _body = asked(production, address)
        expected = "cross-origin" if address in shared else "same-origin"
        assert response.headers["Cross-Origin-Resource-Policy"] == expected, address


# Policies -------------------------------------------------------------------------------------


def directives(client, address) -> dict[str, set[str]]:
    response = client.get(address)
    assert response.status_code == 200, address
    return observatory.policy(response.headers["Content-Security-Policy"])


def test_public_pages_may_load_nothing_but_what_is_theirs(client):
    """Content Security Policy 3: nothing inline, nothing evaluated, nothing from elsewhere."""
    policy = directives(client, "/noticias/")
    assert policy["default-src"] == {"'none'"}
    assert policy["frame-ancestors"] == policy["form-action"] == policy["base-uri"] == {"'self'"}
    assert policy["object-src"] == {"'none'"}
    assert policy["script-src"] == {"'self'", site_settings.SPECULATION_RULES}
    for name in ("style-src", "img-src", "font-src", "connect-src"):
        assert policy[name] == {"'self'"}
    assert not {"media-src", "frame-src", "worker-src"} & set(policy)


def test_media_and_frames_are_allowed_only_where_a_player_is(client, video_index):
    """Content Security Policy 3, media-src and frame-src."""
    own = VideoPage.objects.live().exclude(video_file=None).first()
    policy = directives(client, own.url)
    assert policy["media-src"] == {"'self'"}
    assert "frame-src" not in policy
    foreign = VideoPageFactory(parent=video_index, external_url="https://vimeo.com/123456789")
    policy = directives(client, foreign.url)
    assert policy["frame-src"] == {"https://player.vimeo.com"}
    assert "media-src" not in policy
    assert not {"media-src", "frame-src"} & set(directives(client, video_index.url))


def test_the_admin_has_a_policy_that_loads_from_this_site_only(admin_client):
    """Wagtail's interface needs inline scripts and styles; nothing comes from elsewhere."""
    policy = directives(admin_client, "/admin/")
    assert policy["default-src"] == policy["connect-src"] == policy["form-action"] == {"'self'"}
    assert policy["object-src"] == {"'none'"}
    assert policy["frame-ancestors"] == {"'self'"}
    for sources in policy.values():
        assert "'unsafe-eval'" not in sources
        assert not any(source.startswith("http") or source == "*" for source in sources)


def test_an_uploaded_file_opened_by_itself_runs_nothing(production):
    """A sandbox without scripts (HTML, 7.6.6), and to be saved where no page shows its kind."""
    response, _body = asked(production, picture())
    policy = observatory.policy(response.headers["Content-Security-Policy"])
    assert "sandbox" in policy
    assert policy["default-src"] == {"'none'"}
    assert "script-src" not in policy
    assert response.headers["Content-Disposition"] == "attachment"


# Mozilla's score ------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["", "noticias/", "en/", "busca/?q=acordo"])
def test_mozillas_observatory_gives_an_a_plus(production, address):
    """120 at least by https://developer.mozilla.org/en-US/observatory/docs/tests_and_scoring."""
    url = ADDRESS + address
    response = production.get(f"/{address}", secure=True, follow=True)
    insecure = production.get(f"/{address}")
    given = observatory.modifiers(response, insecure, url)
    assert observatory.score(given) >= 120, given
    assert all(value >= 0 for value in given.values()), given


def test_the_score_falls_when_a_header_is_missing(production):
    """The computation itself: a penalty takes the bonuses with it."""
    response = production.get("/", secure=True)
    insecure = production.get("/")
    whole = observatory.modifiers(response, insecure, ADDRESS)
    del response.headers["Content-Security-Policy"]
    del response.headers["X-Frame-Options"]
    without = observatory.modifiers(response, insecure, ADDRESS)
    assert observatory.score(without) == 100 - 25 - 20
    assert observatory.score(whole) - observatory.score(without) >= 75
