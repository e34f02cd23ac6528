"""Rules of the house that no tool checks by itself."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = settings.BASE_DIR
APPS = (
    *("pages", "contact", "goals", "news", "search", "api", "desk", "sign_in", "page_cache"),
    "operations",
)
#: What each app may import of the others: downwards only.
ALLOWED = {
    "pages": set(),
    "contact": {"pages"},
    "goals": {"pages"},
    "news": {"pages", "goals", "search"},
    "api": {"pages", "goals", "news", "search"},
    "desk": {"pages", "contact", "goals", "news", "search", "sign_in", "api"},
    "operations": {"pages", "contact", "search", "sign_in", "page_cache"},
    "search": {"pages"},
    "sign_in": {"pages"},
    "page_cache": {"pages"},
}
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SHEETS = sorted((ROOT / "static/css").rglob("*.css"))


def _imports(path: Path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("app", APPS)
def test_apps_import_downwards_only(app):
    others = {*APPS, "jundiai_global"} - {app} - ALLOWED[app]
    files = [path for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]
    assert files
    wrong = {(path.name, name) for path in files for name in _imports(path) if name in others}
    assert wrong == set()


def test_no_template_has_an_inline_style_or_handler():
    assert TEMPLATES
    for path in TEMPLATES:
        text = path.read_text(encoding="utf-8")
        if path.parts[-2] == "wagtailadmin":
            continue
        assert not re.search(r"\s(style|on[a-z]+)=[\"']", text), path
        assert "<style" not in text, path


def test_nothing_refers_to_another_host():
    for path in [*SHEETS, *(ROOT / "static/js").glob("*.js")]:
        text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert "//" not in re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE), path


def test_every_sheet_is_imported_in_a_layer_by_the_entry():
    entry = (ROOT / "static/css/site.css").read_text(encoding="utf-8")
    # The fonts' sheet has nothing but @font-face, which layers do not concern.
    imported = set(re.findall(r'@import url\("([^"]+)"\)(?: layer\(|;)', entry))
    there = {str(path.relative_to(ROOT / "static/css")) for path in SHEETS}
    assert {name.removeprefix("./") for name in imported} == there - {"site.css", "admin.css"}


def test_javascript_weighs_little():
    import gzip

    scripts = b"".join(path.read_bytes() for path in (ROOT / "static/js").glob("*.js"))
    assert 0 < len(gzip.compress(scripts, 9)) <= 4 * 1024
