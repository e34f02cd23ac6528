"""Templates are indented for who reads them, pages are not."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.template.exceptions import TemplateSyntaxError
from django.template.loader import get_template, render_to_string

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))


@pytest.fixture
def templates(tmp_path, monkeypatch) -> Path:
    """An empty folder in place of the project's templates."""
    engine = engines["django"].engine
    monkeypatch.setattr(engine, "dirs", [tmp_path])
    engine.template_loaders[0].reset()
    yield tmp_path
    engine.template_loaders[0].reset()


def test_html_comes_without_the_indentation_of_its_template(templates):
    (templates / "lines.html").write_text("<ul>\n    <li>\n\t{{ words }}\n    </li>\n\n</ul>\n")
    written = render_to_string("lines.html", {"words": "um\n    dois  três"})
    assert written == "<ul>\n<li>\num\n    dois  três\n</li>\n\n</ul>\n"


def test_texts_keep_their_indentation(templates):
    (templates / "letter.txt").write_text("Assunto:\n    {{ words }}\n")
    assert render_to_string("letter.txt", {"words": "olá"}) == "Assunto:\n    olá\n"


def test_an_error_names_the_line_of_the_template(templates):
    (templates / "wrong.html").write_text("<p>\n\n    {% nothing_of_that_name %}\n</p>\n")
    with pytest.raises(TemplateSyntaxError, match="line 3"):
        get_template("wrong.html")


def test_nothing_that_keeps_its_lines_stands_on_several_in_a_template():
    """``pre`` and ``textarea`` show indentation, and ``blocktranslate`` looks it up."""
    assert TEMPLATES
    for path in TEMPLATES:
        text = path.read_text(encoding="utf-8")
        for _tag, inside in re.findall(r"<(pre|textarea)\b(.*?)</\1>", text, re.DOTALL):
            assert "\n" not in inside, path
        for options, message in re.findall(
            r"{%\s*blocktrans(?:late)?\b([^%]*)%}(.*?){%\s*endblocktrans", text, re.DOTALL
        ):
            assert "trimmed" in options or "\n" not in message, (path, message)


def test_a_page_has_no_indented_line(client, home):
    lines = client.get("/").content.decode().splitlines()
    assert len(lines) > 50
    assert [line for line in lines if line.startswith((" ", "\t"))] == []
