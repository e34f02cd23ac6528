"""What every page says and has so that everybody can use it; tests/browser looks at it drawn."""

import json
import re

import pytest
from bs4 import BeautifulSoup
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.template import Context, Template
from django.test import RequestFactory
from wagtail.models import Locale, Page, PageLogEntry, PageViewRestriction, Revision

from pages import accessibility_report
from pages.accessibility_report import AccessibilityReport
from pages.blocks import BodyBlock
from pages.models import AccessibilityPage, HomePage, SiteIdentity, StandardPage
from tests.builders import PersonFactory, full_body

# What no database decides.
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

ADDRESSES = (
    "/",
    "/a-assessoria/",
    "/metas/",
    "/noticias/",
    "/noticias/arquivo/",
    "/videos/",
    "/contato/",
    "/acessibilidade/",
    "/mapa-do-site/",
    "/busca/?q=amostra",
    "/dados-abertos/",
    "/nada/",
)


def read(client, address) -> BeautifulSoup:
    return BeautifulSoup(client.get(address).content, "html.parser")


# The frame --------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ADDRESSES)
def test_skip_links_with_access_keys_come_first_in_every_page(client, address):
    """eMAG 3.1, 1.5: 1 content, 2 menu, 3 search, 4 footer, at the top of the page."""
    page = read(client, address)
    first = page.body.find(["a", "button", "input"])
    links = page.select("[accesskey]")
    assert first is links[0]
    keys = [link.get_attribute_list("accesskey")[0] for link in links]
    assert list(zip(keys, [link["href"] for link in links], strict=True)) == [
        ("1", "#conteudo"),
        ("2", "#menu"),
        ("3", "#busca"),
        ("4", "#rodape"),
    ]
    assert all(page.select_one(link["href"]) for link in links)


def test_there_is_no_link_to_a_menu_that_is_not_there(client, home):
    """WCAG 2.2, 2.4.1: a language whose menu is not made yet."""
    english = home.copy_for_translation(Locale.objects.get(language_code="en"))
    english.save_revision().publish()
    page = read(client, "/en/")
    links = [link["href"] for link in page.select("[accesskey]")]
    assert links == ["#conteudo", "#busca", "#rodape"]
    assert all(page.select_one(link) for link in links)


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_has_the_bar_and_the_symbol_that_leads_to_the_accessibility_page(
    client, address
):
    """Lei 13.146/2015, art. 63, § 1º: the symbol of accessibility; eMAG 3.1, standard elements:
    the bar."""
    page = read(client, address)
    bar = page.select_one(".utility")
    assert bar.select_one("a[href='/acessibilidade/'] svg")
    assert bar.select_one("a[href='/mapa-do-site/']")
    assert bar.select_one("[type=checkbox][data-preference=contrast]")
    assert len(bar.select("[type=radio][data-preference=text]")) == 3
    # It is no form: nothing of it gets into addresses.
    assert not bar.select("form")


@pytest.mark.parametrize("address", ADDRESSES)
def test_help_is_at_the_same_place_of_every_page(client, address):
    """WCAG 2.2, 3.2.6 Consistent Help; 3.2.3 Consistent Navigation."""

    def help_of(page):
        found = page.select("header a[href], footer a[href]")
        ways = ("/contato/", "/acessibilidade/", "/mapa-do-site/", "/busca/")
        return [link["href"] for link in found if link["href"] in ways]

    assert help_of(read(client, address)) == help_of(read(client, "/privacidade/"))


def test_words_that_are_not_translated_yet_are_marked_with_their_language(client, home):
    """WCAG 2.2, 3.1.2 Language of Parts; eMAG 3.1, 3.2."""
    identity = SiteIdentity.objects.get()
    identity.address = "Rua de Exemplo, 1"
    identity.save()
    english = home.copy_for_translation(Locale.objects.get(language_code="en"))
    english.save_revision().publish()
    page = read(client, "/en/")
    assert page.html["lang"] == "en"
    assert page.select_one(".wordmark__office")["lang"] == "pt-BR"
    assert page.select_one("address").find_parent(lang="pt-BR")
    page = read(client, "/")
    assert not page.select_one(".wordmark__office").has_attr("lang")


def test_editors_mark_parts_in_another_language_and_readers_get_them_so(client, home):
    """WCAG 2.2, 3.1.2 Language of Parts; eMAG 3.1, 3.2."""
    text = '<p>O <span lang="en">mayor</span> de Trenton.</p>'
    widget = BodyBlock().child_blocks["paragraph"].field.widget
    edited = widget.converter.to_database_format(widget.converter.from_database_format(text))
    assert '<span lang="en">mayor</span>' in edited
    page = StandardPage(title="Visita", slug="visita", body=[("paragraph", edited)])
    home.add_child(instance=page).save_revision().publish()
    assert read(client, "/visita/").select_one("main p [lang=en]").get_text() == "mayor"


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_says_what_it_is_about_to_those_who_list_it(client, address):
    """eMAG 3.1, 3.3; https://developer.chrome.com/docs/lighthouse/seo/meta-description"""
    (description,) = read(client, address).select("meta[name=description]")
    assert len(description["content"].strip()) > 20


# Forms, tables, errors --------------------------------------------------------------------------


def assert_error_is_told(page, field_id):
    field = page.select_one(f"main #{field_id}")
    assert field["aria-invalid"] == "true"
    described = [page.find(id=name) for name in field["aria-describedby"].split()]
    assert any(error and error.get_text().strip() for error in described)
    summary = page.select_one("main [role=alert]")
    assert summary.select_one(f"a[href='#{field_id}']")


def test_an_error_is_told_at_its_field_and_in_a_summary(client, home):
    """WCAG 2.2, 3.3.1 Error Identification, 3.3.3 Error Suggestion; eMAG 3.1, 6.6 and 6.7."""
    assert_error_is_told(read(client, "/busca/?q=%00"), "id_q")
    page = home.add_child(instance=StandardPage(title="Fechada", slug="fechada"))
    restriction = PageViewRestriction.objects.create(
        page=page, restriction_type=PageViewRestriction.PASSWORD, password="segredo"
    )
    answer = client.post(
        f"/_util/authenticate_with_password/{restriction.pk}/{page.pk}/",
        {"password": "outra", "return_url": page.url},
    )
    assert_error_is_told(BeautifulSoup(answer.content, "html.parser"), "id_password")


def test_a_form_without_errors_has_no_summary(client):
    assert not read(client, "/busca/?q=amostra").select("main [role=alert]")


def test_every_table_has_a_title_and_headers_with_their_scope(client, home):
    """WCAG 2.2, 1.3.1 Info and Relationships; eMAG 3.1, 3.9 and 3.10."""
    page = home.add_child(instance=StandardPage(title="Tudo", slug="tudo", body=full_body()))
    page.save_revision().publish()
    tables = [
        *read(client, "/tudo/").select("table"),
        *read(client, "/dados-abertos/").select("table"),
    ]
    assert tables
    for table in tables:
        assert table.find("caption") or table.find_parent(attrs={"aria-labelledby": True})
        assert table.select("th[scope=col]")
        assert not [header for header in table.select("th") if not header.get("scope")]


# The accessibility page -------------------------------------------------------------------------

REPORT = {
    "day": "2026-03-05",
    "browser": "Chromium 156",
    "axe": "4.12.1",
    "states": 40,
    "checks": 600,
    "failures": 0,
}


@pytest.fixture
def report(tmp_path, monkeypatch):
    """Sets the report that the site has."""

    def report(**changes):
        path = tmp_path / "report.json"
        path.write_text(json.dumps(REPORT | changes), encoding="utf-8")
        monkeypatch.setattr(accessibility_report, "PATH", path)
        accessibility_report.latest_report.cache_clear()

    yield report
    accessibility_report.latest_report.cache_clear()


def test_the_report_that_came_with_the_site_is_of_a_test_without_faults():
    """eMAG 3.1, standard elements: the page tells the state of the site; a failing site is not
    handed over."""
    report = AccessibilityReport.read(accessibility_report.PATH)
    assert report.failures == 0
    assert report.checks > report.states > 40


@pytest.mark.parametrize(
    ("failures", "told"),
    [(0, "nenhuma falha em 600"), (1, "1 falha em 600"), (3, "3 falhas em 600")],
)
def test_the_accessibility_page_tells_the_day_and_the_result_of_the_last_test(
    client, report, failures, told
):
    """eMAG 3.1, standard elements; Lei 13.146/2015, art. 63."""
    report(failures=failures)
    text = " ".join(read(client, "/acessibilidade/").main.get_text().split())
    assert "5 de março de 2026" in text
    assert told in text
    assert "Chromium 156, axe-core 4.12.1" in text


def test_the_accessibility_page_tells_rules_shortcuts_limits_and_where_to_report(client):
    """eMAG 3.1, standard elements; Lei 13.146/2015, art. 63."""
    main = read(client, "/acessibilidade/").main
    headings = [heading.get_text() for heading in main.select("h2")]
    for heading in (
        "As regras que seguimos",
        "Atalhos do teclado",
        "Limites conhecidos",
        "Encontrou uma barreira?",
        "O último teste",
    ):
        assert heading in headings
    assert main.select_one("a[href='/contato/']")


def test_contacts_on_the_accessibility_page_are_those_of_the_site(client):
    assert not read(client, "/acessibilidade/").main.select("a[href^='mailto:']")
    SiteIdentity.objects.update(email="aci@example.org")
    assert read(client, "/acessibilidade/").main.select("a[href='mailto:aci@example.org']")


def test_without_a_report_the_page_does_without_it(client, tmp_path, monkeypatch):
    monkeypatch.setattr(accessibility_report, "PATH", tmp_path / "none.json")
    accessibility_report.latest_report.cache_clear()
    assert "O último teste" not in read(client, "/acessibilidade/").main.get_text()
    accessibility_report.latest_report.cache_clear()


def test_a_report_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "report.json"
    path.write_text(json.dumps(REPORT), encoding="utf-8")
    report = AccessibilityReport.read(path)
    report.write(tmp_path / "again.json")
    assert AccessibilityReport.read(tmp_path / "again.json") == report


# A site from before -----------------------------------------------------------------------------


@pytest.fixture
def before(home):
    """The site as it was when the accessibility page was an ordinary one."""
    AccessibilityPage.objects.get().delete()
    PageLogEntry.objects.all().delete()
    home.refresh_from_db()
    page = home.add_child(
        instance=StandardPage(
            title="Acessibilidade",
            slug="acessibilidade",
            summary="Como era antes.",
            body=[("paragraph", "<p>O texto de antes.</p>")],
        )
    )
    page.save_revision().publish()
    return page


def test_a_page_that_nobody_changed_becomes_the_new_one_at_its_address(client, before):
    call_command("load_initial_content", verbosity=0)
    page = AccessibilityPage.objects.get()
    assert page.pk == before.pk
    text = read(client, "/acessibilidade/").main.get_text()
    assert "O último teste" in text
    assert "O texto de antes." not in text
    assert read(client, "/").select_one(".utility svg") is None  # no menu leads to it yet
    revisions = Revision.objects.for_instance(before).filter(object_id=str(page.pk))
    kind = ContentType.objects.get_for_model(AccessibilityPage)
    assert set(revisions.values_list("content_type", flat=True)) == {kind.pk}


def test_a_page_that_an_editor_wrote_keeps_its_text_and_its_draft(client, before):
    editor = PersonFactory(role="Edição")
    before.body = [("paragraph", "<p>O texto da editora.</p>")]
    before.save_revision(user=editor).publish()
    before.title = "Um rascunho"
    before.save_revision(user=editor)
    call_command("load_initial_content", verbosity=0)
    page = AccessibilityPage.objects.get()
    text = read(client, "/acessibilidade/").main.get_text()
    assert "O texto da editora." in text
    assert "O último teste" in text
    draft = page.get_latest_revision_as_object()
    assert (type(draft), draft.title) == (AccessibilityPage, "Um rascunho")
    assert page.title == "Acessibilidade"


def test_a_changed_page_can_be_edited_in_the_admin_and_translated(client, before):
    call_command("load_initial_content", verbosity=0)
    page = AccessibilityPage.objects.get()
    client.force_login(PersonFactory(role="Edição"))
    assert client.get(f"/admin/pages/{page.pk}/edit/").status_code == 200
    english = Locale.objects.get(language_code="en")
    copy = page.copy_for_translation(english, copy_parents=True)
    assert type(copy) is AccessibilityPage
    assert copy.body[0].value["text"] == "As regras que seguimos"


def test_a_site_without_the_page_gets_it_once(client, before):
    before.delete()
    call_command("load_initial_content", verbosity=0)
    assert client.get("/acessibilidade/").status_code == 200
    AccessibilityPage.objects.get().delete(user=PersonFactory(role="Edição"))
    call_command("load_initial_content", verbosity=0)
    assert not AccessibilityPage.objects.exists()


def test_a_page_of_another_kind_at_its_address_is_left_alone(before):
    before.slug = "outra"
    before.save()
    HomePage.objects.get().add_child(instance=Page(title="Outra", slug="acessibilidade"))
    call_command("load_initial_content", verbosity=0)
    assert not AccessibilityPage.objects.exists()


# VLibras ----------------------------------------------------------------------------------------


def translators(client, address) -> list[str]:
    return [link["href"] for link in read(client, address).select(".utility a[rel=nofollow]")]


@pytest.fixture
def offered(db):
    SiteIdentity.objects.update(offers_vlibras=True)


def policy(client, address) -> str:
    return client.get(address).headers["Content-Security-Policy"]


def test_the_translator_into_libras_is_off_until_the_office_turns_it_on(client):
    """Lei 13.709/2018, art. 6, III: a third party is a choice of the office, and of the visitor."""
    assert translators(client, "/contato/") == []
    answer = client.get("/contato/?libras=1")
    assert b"vlibras" not in answer.content
    assert "vlibras" not in answer.headers["Content-Security-Policy"]


def test_the_setting_says_that_the_translator_belongs_to_others():
    """Lei 13.709/2018, art. 6, VI: openness about who learns what."""
    text = SiteIdentity._meta.get_field("offers_vlibras").help_text
    assert "de fora deste site" in text
    assert "vlibras.gov.br" in text


def test_turned_on_it_is_a_link_and_nothing_more(client, offered):
    """Lei 13.146/2015, art. 63."""
    assert translators(client, "/contato/") == ["/contato/?libras=1"]
    assert translators(client, "/busca/?q=metas") == ["/busca/?q=metas&libras=1"]
    for address in ("/contato/", "/contato/?libras=2", "/contato/?libras="):
        assert "vlibras" not in policy(client, address)
        assert not read(client, address).select("[data-vlibras]")


def test_asked_for_it_is_let_in_by_that_answer_alone(client, offered):
    """https://www.w3.org/TR/CSP3/: the policy of one answer; no inline script, no eval."""
    directives = dict(
        part.strip().split(" ", 1) for part in policy(client, "/contato/?libras=1").split(";")
    )
    assert "https://vlibras.gov.br" in directives["script-src"]
    assert "unsafe" not in directives["script-src"]
    assert directives["frame-src"] == "https://vlibras.gov.br"
    page = read(client, "/contato/?libras=1")
    assert page.select_one("[data-vlibras]")["data-vlibras"] == "https://vlibras.gov.br/app"
    assert not [script for script in page.select("script[src]") if "//" in script["src"]]
    assert translators(client, "/contato/?libras=1") == ["/contato/"]
    assert "vlibras" not in policy(client, "/contato/")


def test_a_player_and_the_translator_are_let_in_together(client, offered, video_index):
    videos = video_index.get_children().specific()
    video = next(page for page in videos if page.player.kind == "external")
    sources = policy(client, f"{video.url}?libras=1").split("frame-src ")[1].split(";")[0]
    assert set(sources.split()) == {"https://vlibras.gov.br", "https://www.youtube-nocookie.com"}


def test_the_translator_makes_no_second_page_for_search_engines(client, offered):
    """RFC 6596: the address without the parameter is the canonical one."""
    page = read(client, "/contato/?libras=1")
    assert page.select_one("link[rel=canonical]")["href"].endswith("/contato/")


def test_only_portuguese_is_translated_into_libras(client, offered, home):
    english = home.copy_for_translation(Locale.objects.get(language_code="en"))
    english.save_revision().publish()
    assert translators(client, "/en/") == []
    assert "vlibras" not in policy(client, "/en/?libras=1")


# The symbol -------------------------------------------------------------------------------------


def test_symbols_are_drawings_that_no_screen_reader_reads():
    """WCAG 2.2, 1.1.1 Non-text Content: the words beside it say what it is."""
    template = Template('{% include "components/accessibility_symbol.html" %}')
    drawn = template.render(Context({"request": RequestFactory().get("/")}))
    assert re.search(r'<svg[^>]*aria-hidden="true"', drawn)
