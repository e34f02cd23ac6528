"""The interface in English and Spanish says all that it says in Portuguese."""

import shutil
import subprocess
import sys

import polib
import pytest
from django.conf import settings

LOCALE = settings.BASE_DIR / "locale"
LANGUAGES = ("en", "es")


def catalogue(language):
    return polib.pofile(str(LOCALE / language / "LC_MESSAGES" / "django.po"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_entry_is_missing_or_fuzzy(language):
    entries = [entry for entry in catalogue(language) if not entry.obsolete]
    assert entries
    assert [entry.msgid for entry in entries if not entry.translated()] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_that_of_the_source(language):
    compiled = polib.mofile(str(LOCALE / language / "LC_MESSAGES" / "django.mo"))
    source = catalogue(language)
    assert {(e.msgctxt, e.msgid): (e.msgstr, e.msgstr_plural) for e in compiled} == {
        (e.msgctxt, e.msgid): (e.msgstr, e.msgstr_plural) for e in source if not e.obsolete
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_and_spaces_at_the_ends_are_kept(language):
    import re

    for entry in catalogue(language):
        if entry.obsolete or entry.msgid_plural:
            continue
        pattern = r"%\(\w+\)[sd]|\{\w+\}"
        assert set(re.findall(pattern, entry.msgid)) == set(re.findall(pattern, entry.msgstr))
        assert entry.msgid.startswith(" ") == entry.msgstr.startswith(" ")


@pytest.mark.skipif(not shutil.which("xgettext"), reason="gettext is not installed")
def test_the_catalogues_have_every_string_of_the_code(tmp_path):
    folders = (
        "pages",
        "contact",
        "goals",
        "news",
        "search",
        "api",
        "desk",
        "sign_in",
        "page_cache",
        "operations",
        "jundiai_global",
        "templates",
    )
    for name in (*folders, "manage.py"):
        there = settings.BASE_DIR / name
        if there.is_dir():
            shutil.copytree(there, tmp_path / name)
        else:
            shutil.copy(there, tmp_path / name)
    (tmp_path / "locale").mkdir()
    subprocess.run(
        [sys.executable, "-m", "django", "makemessages", "--locale", "en", "--no-location"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(tmp_path)},
        check=True,
        capture_output=True,
    )
    found = polib.pofile(str(tmp_path / "locale/en/LC_MESSAGES/django.po"))
    wanted = {(entry.msgctxt, entry.msgid) for entry in found}
    for language in LANGUAGES:
        there = {(e.msgctxt, e.msgid) for e in catalogue(language) if not e.obsolete}
        assert wanted == there


def test_admin_and_site_are_in_portuguese_by_default(client, db):
    assert "Ir para o conteúdo" in client.get("/").content.decode()
