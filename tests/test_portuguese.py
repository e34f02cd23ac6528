"""No English in the admin: what Wagtail left untranslated is in `locale/pt_BR`."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import polib
import pytest
from django.apps import apps
from django.conf import settings
from django.utils.translation import trans_real

from tests.admin_addresses import Stage, addresses

OURS = settings.BASE_DIR / "locale/pt_BR/LC_MESSAGES"


def sources(domain):
    """The catalogues of English of the packages, which list all that they say."""
    for config in apps.get_app_configs():
        path = Path(config.path) / f"locale/en/LC_MESSAGES/{domain}.po"
        if path.exists():
            yield path


def keys(entry):
    """Under which keys gettext looks an entry up."""
    name = f"{entry.msgctxt}\x04{entry.msgid}" if entry.msgctxt else entry.msgid
    return [(name, 0), (name, 1)] if entry.msgid_plural else [name]


def missing_in(catalogue, path):
    entries = [entry for entry in polib.pofile(str(path)) if not entry.obsolete]
    assert entries
    return [entry.msgid for entry in entries if any(not catalogue.get(key) for key in keys(entry))]


@pytest.mark.parametrize("path", list(sources("django")), ids=lambda path: path.parts[-5])
def test_every_string_of_the_packages_is_in_portuguese(path):
    catalogue = trans_real.translation("pt-br")._catalog
    assert missing_in(catalogue, path) == []


def test_every_string_of_the_scripts_is_in_portuguese(client, admin_user):
    client.force_login(admin_user)
    said = client.get("/admin/jsi18n/")
    newest = re.search(r"newcatalog = (\{.*?\n  \});", said.content.decode(), re.DOTALL)
    catalogue = json.loads(newest[1])
    for path in sources("djangojs"):
        for entry in polib.pofile(str(path)):
            assert catalogue.get(entry.msgid), entry.msgid


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_the_compiled_catalogue_is_that_of_the_source(domain):
    source = polib.pofile(str(OURS / f"{domain}.po"))
    compiled = polib.mofile(str(OURS / f"{domain}.mo"))
    assert {(e.msgid, e.msgstr, str(e.msgstr_plural)) for e in source} == {
        (e.msgid, e.msgstr, str(e.msgstr_plural)) for e in compiled
    }


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_placeholders_are_kept(domain):
    for entry in polib.pofile(str(OURS / f"{domain}.po")):
        pattern = r"%\(\w+\)[sd]|\{\w+\}"
        pairs = [(entry.msgid, entry.msgstr)]
        if entry.msgid_plural:
            pairs = [(entry.msgid_plural, entry.msgstr_plural[1])]
        for english, portuguese in pairs:
            found = set(re.findall(pattern, portuguese))
            wanted = set(re.findall(pattern, english))
            # Wagtail says "None" for it in the results of a search.
            assert found | ({"%(model_name)s"} & wanted) == wanted, entry.msgid


class Words(HTMLParser):
    """All that a page of the admin says, to eyes and to screen readers."""

    SPOKEN = ("title", "aria-label", "placeholder", "alt")
    BUTTONS = ("submit", "button", "reset")
    UNREAD = ("script", "style")

    def __init__(self):
        super().__init__()
        self.said: list[str] = []
        self.unread = 0

    def handle_starttag(self, tag, attributes):
        self.unread += tag in self.UNREAD
        said = dict(attributes)
        self.said += [said[name] for name in self.SPOKEN if said.get(name)]
        if tag == "input" and said.get("type") in self.BUTTONS:
            self.said.append(said.get("value") or "")

    def handle_endtag(self, tag):
        self.unread -= tag in self.UNREAD

    def handle_data(self, data):
        if not self.unread and data.strip():
            self.said.append(" ".join(data.split()))


#: Words that no Portuguese sentence has.
ENGLISH = re.compile(
    r"\b(the|of|your|you|with|from|this|that|these|are|is|was|has|have|been|not|and|or|by|"
    r"actions|add|edit|delete|save|view|choose|search|settings|upload|toggle|options|any|"
    r"sort|order|filter|page|pages|image|images|document|documents|user|users|group|groups|"
    r"name|date|type|history|report|reports|help|account|enabled|disabled|approve|"
    r"locale|snippet|snippets|workflow|workflows|moderation|approval|publish|live|unpublish|"
    r"close|cancel|next|previous|show|hide|new|create|update|updated|created|move|lock)\b",
    re.IGNORECASE,
)


#: What Wagtail says past its translations: headings of columns and names of models that it made
#: without gettext. Only administrators meet them.
UNTRANSLATABLE = {"Type", "Root page", "Site name", "Page", "Locale", "Novo: Locale"}
#: Pages with the names of Django's permissions, which are rows of the database.
PERMISSIONS = {"wagtailusers_groups:add", "wagtailusers_groups:edit"}
FAILING = {"wagtailadmin_error_test", "wagtailredirects:process_import"}


@pytest.mark.one_database
def test_no_page_of_the_admin_speaks_english(client, admin_user):
    english = {}
    for name, address in addresses(Stage()).items():
        if name in FAILING | PERMISSIONS:
            continue
        client.force_login(admin_user)
        answer = client.get(address)
        if answer.status_code != 200 or "html" not in answer.headers["Content-Type"]:
            continue
        words = Words()
        words.feed(answer.content.decode())
        found = {
            said
            for said in words.said
            if ENGLISH.search(said)
            and said not in UNTRANSLATABLE
            and "idioma: Locale" not in said
            and not re.fullmatch(r"\w+\.\w+", said)  # the label of a model
        }
        if found:
            english[name] = found
    assert english == {}
