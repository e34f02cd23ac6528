"""Each help text of the admin's forms points to the section of the manual that says more."""

import json
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

import pytest
import wagtail.admin
from bs4 import BeautifulSoup
from django.conf import settings
from django.urls import reverse
from wagtail.models import Page

from desk.field_help import EXPLAINED, section_of
from desk.manual import SECTIONS
from news.models import ArticlePage
from pages.models import HomePage, SitePage, StandardPage
from tests.admin_addresses import Stage, addresses

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

#: Wagtail's templates of which the desk has a version with the link.
OVERRIDDEN = (
    "shared/formatted_field.html",
    "panels/field_panel.html",
    "panels/field_row_panel.html",
    "panels/inline_panel.html",
    "panels/multi_field_panel.html",
)
#: How the names of the addresses of forms end, lists and the answers to forms left aside.
FORMS = (
    *("account", "add", "choose", "choose_parent", "copy", "edit", "election_justify"),
    *("set_privacy", "move", "page_review", "start_import", "submit_page_translation"),
)
#: The beginnings of Wagtail's own notes in forms, which explain no field.
NOTES = ("Os fluxos de trabalho valem também para as subpáginas.",)


def parse(html) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def texts_of_blocks(value) -> Iterator[str]:
    """The help texts that a script is to draw, as they are described to it."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key in ("helpText", "CAPTION_HELP_TEXT"):
                # A text that comes again is told once, with a name, and then by its name.
                text = each.get("_val", "") if isinstance(each, dict) else each
                if text:
                    yield text
            else:
                yield from texts_of_blocks(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts_of_blocks(each)


def help_texts(page: BeautifulSoup) -> Iterator[tuple[str, BeautifulSoup]]:
    """Each help text of a page, and the part in which its link should be."""
    for part in (*page.select(".help"), *page.select("form .help-block.help-info")):
        text = part.get_text(" ", strip=True)
        if text and not text.startswith(NOTES) and not part.find_parent("template"):
            yield text, part.find_parent(attrs={"data-field-wrapper": True}) or part
    for template in page.select("template"):
        if template.select_one(".help") and not template.find_parent("template"):
            yield from help_texts(parse(template.decode_contents()))
    for block in page.select("[data-w-block-data-value]"):
        for text in texts_of_blocks(json.loads(block["data-w-block-data-value"])):
            yield text, parse(text)


def form_addresses() -> dict[str, str]:
    """The addresses of the admin's forms, and one for each kind of page."""
    found = {name: to for name, to in addresses(Stage()).items() if name.endswith(FORMS)}
    originals = Page.objects.filter(depth__gt=1, live=True, alias_of=None)
    of_each_kind = {page.specific_class: page for page in originals}
    for kind, page in of_each_kind.items():
        found[kind.__name__] = reverse("wagtailadmin_pages:edit", args=[page.pk])
    return found


def html_of(answer) -> bytes | str:
    """The HTML of a page, or that of a dialogue, which comes as JSON."""
    kind = answer.headers.get("Content-Type", "")
    if answer.status_code != 200 or answer.streaming:
        return ""
    if kind.startswith("text/html"):
        return answer.content
    content = answer.json() if kind == "application/json" else {}
    return content.get("html", "") if isinstance(content, dict) else ""


def test_each_help_text_of_the_admin_leads_to_a_section_that_is_there(admin_client):
    """Whoever does not understand a field finds what explains it (WCAG 2.2, 3.3.5 Help)."""
    manual = parse(admin_client.get(reverse("manual")).content)
    there = {f"{reverse('manual')}#{part['id']}" for part in manual.select("[id]")}
    led, asked = set(), set()
    for name, address in form_addresses().items():
        for text, part in help_texts(parse(html_of(admin_client.get(address)))):
            links = {link["href"] for link in part.select("a.manual-link")}
            assert links, f"{name}: {text}"
            led |= links
            asked.add(name)
    assert led <= there
    assert {kind.__name__ for kind in SitePage.__subclasses__()} <= asked
    snippets = ("news_newscategory", "pages_menu", "pages_videofile", "search_promotedresult")
    assert {f"wagtailsnippets_{each}:edit" for each in snippets} <= asked
    others = ("wagtailimages", "wagtaildocs", "wagtailusers_users", "wagtailadmin_collections")
    assert {f"{each}:edit" for each in others} <= asked


def test_a_link_says_where_it_leads_and_stands_beside_the_description(admin_client):
    """WCAG 2.2, 2.4.4 Link Purpose; G201 for a new window; 1.3.1 for what describes a field."""
    article = ArticlePage.objects.first()
    address = reverse("wagtailadmin_pages:edit", args=[article.pk])
    page = parse(admin_client.get(address).content)
    described = page.select_one("#id_summary")["aria-describedby"]
    help_text = page.select_one(f"#{described}")
    assert help_text.get_text(strip=True)
    assert not help_text.select("a")
    link = help_text.find_next_sibling("a")
    assert link.get_text() == "Manual: Publicar uma notícia com foto (abre em outra aba)"
    assert link["target"] == "_blank"


@pytest.mark.parametrize(
    ("model", "field", "slug"),
    [
        (ArticlePage, "title", "noticia"),
        (ArticlePage, "slug", "enderecos"),
        (ArticlePage, "is_publicity", "eleitoral"),
        (StandardPage, "title", "paginas"),
        (StandardPage, "go_live_at", "agendar"),
        (HomePage, "body", "texto"),
    ],
)
def test_a_field_is_explained_by_its_own_section_before_that_of_its_page(model, field, slug):
    assert section_of(model.__mro__, field).slug == slug


def test_what_nobody_explains_has_no_link():
    assert section_of([dict], "title") is None


def test_the_table_names_sections_of_the_manual_only():
    named = {
        slug
        for each in EXPLAINED.values()
        for slug in (each.section, *each.fields.values())
        if slug
    }
    assert named <= {section.slug for section in SECTIONS}


@pytest.mark.parametrize("template", OVERRIDDEN)
def test_our_versions_of_wagtails_templates_differ_by_the_link_only(template):
    """So that a new version of Wagtail is noticed when it changes one of them."""
    theirs = Path(wagtail.admin.__file__).parent / "templates/wagtailadmin" / template
    ours = settings.BASE_DIR / "templates/wagtailadmin" / template
    lines = [path.read_text(encoding="utf-8").splitlines() for path in (theirs, ours)]
    changed = [
        line
        for line in unified_diff(*lines, lineterm="", n=0)
        if line.startswith(("+", "-")) and not line.startswith(("+++", "---"))
    ]
    assert len(changed) <= 4
    without_ours = [
        line[1:]
        .replace(" manual_tags", "")
        .replace(" {% manual_link self %}", "")
        .replace("|explained_as:field", "")
        for line in changed
        if line.startswith("+") and "help_text.section" not in line and "{# Beside" not in line
    ]
    assert without_ours == [line[1:] for line in changed if line.startswith("-")]
