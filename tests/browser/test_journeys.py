"""Whole journeys of those who write, review and look after the site, as they would click them."""

import re
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, expect

from desk.manual import CLICKS, FIELDS

from .hand import ENGLISH, Hand, said_by, violations_in

SUMMARY = "Comitiva visitou a cidade e conheceu os projetos de cooperação do Município."
PARAGRAPH = "A comitiva conheceu três projetos e deve voltar no próximo ano."
GONE = "Página não encontrada"
SAMPLE = "Amostra: como se escreve uma manchete"


@pytest.fixture
def hand(visit):
    """Signs someone in, in a browser of their own: ``hand("redatora")``."""

    def sign_in(name: str, **options) -> Hand:
        hand = Hand(visit("/robots.txt", **options))
        hand.page.set_default_timeout(20_000)
        hand.sign_in(name)
        return hand

    return sign_in


def heading(main: Locator) -> str:
    return main.page.locator("h1").inner_text()


# A news item ------------------------------------------------------------------------------------


def test_a_news_item_goes_from_its_first_words_to_the_public_and_back(hand, read):
    """Written with a photo and a video, sent, reviewed twice, published, corrected, compared with
    the version before, taken down, deleted and restored."""
    title, address = "Teste de uma visita", "/noticias/teste-de-uma-visita/"

    writer = hand("redatora")
    writer.write_article(title, SUMMARY, PARAGRAPH)
    writer.insert("Vídeo")
    writer.click("button", "Escolha uma página (Vídeo)")
    writer.click("link", "Amostra: vídeo guardado no site")
    expect(writer.page.get_by_role("dialog")).to_have_count(0)
    writer.click("button", "Mais ações")
    expect(writer.page.get_by_role("button", name="Publicar", exact=True)).to_have_count(0)
    writer.page.keyboard.press("Escape")
    writer.act("Enviar para Revisão da ACI")
    writer.is_told(title)
    assert heading(read(address)) == GONE

    # Each step by whoever reviews.
    reviewer, chief = hand("revisora"), hand("chefe")
    for colleague, action in ((reviewer, "Aprovar"), (chief, "Aprovar e publicar")):
        assert heading(read(address)) == GONE
        colleague.click("link", title)
        colleague.act(action)
    main = read(address)
    assert heading(main) == title
    expect(main).to_contain_text(PARAGRAPH)
    assert main.locator("figure img").first.get_attribute("alt") == "Uma foto de teste"
    expect(main.get_by_text("Amostra: vídeo guardado no site").first).to_be_visible()

    # A correction: visitors read the old text until it is published.
    reviewer.open_article(title)
    reviewer.fill("Título*", "Teste de uma visita corrigida")
    reviewer.click("button", "Salvar rascunho")
    reviewer.is_told("foi salvo")
    assert heading(read(address)) == title
    reviewer.act("Publicar")
    assert heading(read(address)) == "Teste de uma visita corrigida"

    # The two versions beside each other, and the first again.
    reviewer.open_article("Teste de uma visita corrigida")
    go_back_to_the_version_before(reviewer)
    reviewer.act("Publicar esta versão")
    assert heading(read(address)) == title

    # Off the site, back, deleted, and restored.
    reviewer.open_article(title)
    reviewer.act_on_page("Despublicar")
    reviewer.click("button", re.compile("^Sim"))
    reviewer.is_told("despublicada")
    assert heading(read(address)) == GONE
    reviewer.open_article(title)
    reviewer.act("Publicar")
    assert heading(read(address)) == title
    reviewer.open_article(title)
    reviewer.act_on_page("Remover")
    reviewer.click("button", "Pôr na lixeira")
    reviewer.is_told("foi para a lixeira")
    assert heading(read(address)) == GONE
    reviewer.click("link", "Lixeira")
    reviewer.click("link", title)
    reviewer.click("button", "Restaurar")
    reviewer.is_told("voltou para o seu lugar")
    assert heading(read(address)) == title
    assert writer.english | reviewer.english | chief.english == set()


def test_a_news_item_is_scheduled_and_appears_at_its_time(hand, read, manage):
    title, address = "Teste de agendamento", "/noticias/teste-de-agendamento/"
    editor = hand("revisora")
    editor.write_article(title, SUMMARY, PARAGRAPH)
    tomorrow = timezone.localtime() + timedelta(days=1)
    editor.click("button", "Situação e agendamento")
    editor.click("button", "Agendar")
    dialog = editor.page.get_by_role("dialog", name="Agendar a publicação")
    aside = dialog.get_by_role("heading")
    editor.fill_moment("Data/hora para entrar no ar", tomorrow, aside, dialog)
    editor.click("button", "Salvar o agendamento", dialog)
    editor.act("Agendar a publicação")
    editor.go_to_the_desk()
    expect(editor.page.locator("main")).to_contain_text(title)
    assert heading(read(address)) == GONE
    run_schedule(manage, tomorrow + timedelta(minutes=1))
    assert heading(read(address)) == title
    assert editor.english == set()


def run_schedule(manage, moment):
    """What the timer of the server does, when its clock shows ``moment``."""
    command = f"""
from datetime import datetime
from unittest import mock
from django.core.management import call_command
from django.utils import timezone

moment = datetime.fromisoformat({moment.isoformat()!r})
with mock.patch.object(timezone, "now", lambda: moment):
    call_command("publish_scheduled")
"""
    manage("shell", "--command", command)


def go_back_to_the_version_before(hand: Hand):
    """Compare the version before with the present one, and take it up again."""
    hand.click("link", "Histórico")
    saved = hand.page.locator("main tbody tr").filter(has_text="Rascunho salvo")
    before = saved.filter(has_text="chefe").first
    hand.click("button", "Ações", within=before)
    hand.click("link", "Comparar com a versão atual", within=before)
    hand.page.go_back()
    hand.click("button", "Ações", within=before)
    hand.click("link", "Retomar esta versão", within=before)


def test_publishing_a_news_item_with_one_photo_takes_as_much_as_the_manual_says(hand, read):
    """From the sign-in, under three minutes of operations, and nothing on the way is English."""
    editor = hand("revisora")
    signed_in = editor.clicks, editor.fields
    editor.write_article("Teste do esforço", SUMMARY, PARAGRAPH)
    editor.act("Publicar")
    editor.is_told("publicada")
    assert heading(read("/noticias/teste-do-esforco/")) == "Teste do esforço"
    assert (editor.clicks - signed_in[0], editor.fields - signed_in[1]) == (CLICKS, FIELDS)
    assert editor.seconds < 180
    assert editor.english == set()


# The site ---------------------------------------------------------------------------------------


def open_list_below(hand: Hand, page: str):
    """By the menu "Páginas" to the list of what is below a page of the site."""
    hand.click("button", "Páginas")
    hand.click("link", "Ver páginas filho de 'Jundiaí Global'")
    hand.click("link", page)


def test_an_editor_changes_the_order_of_the_goals(hand, read):
    editor = hand("revisora")
    before = read("/metas/").locator("h2, h3").all_inner_texts()
    open_list_below(editor, "Principais Metas")
    editor.act_on_page("Pôr em ordem")
    # By keyboard, as the page itself tells: down once, and up again.
    editor.find("button", "Arrastar Item 1 de 4").focus()
    editor.page.wait_for_load_state("load")  # Before, no script hears the keys.
    rows = editor.page.locator("tbody tr")
    goal = rows.first.get_attribute("id") or ""
    for key, position in (("ArrowDown", 1), ("ArrowUp", 0)):
        editor.page.keyboard.press(key)
        expect(rows.nth(position)).to_have_id(goal)
        with editor.page.expect_response(re.compile("set_position")):
            editor.page.keyboard.press("Enter")
        after = read("/metas/").locator("h2, h3").all_inner_texts()
        assert (after == before) == (key == "ArrowUp")
        assert sorted(after) == sorted(before)
    assert editor.english == set()


def test_an_editor_changes_the_featured_video(hand, read):
    editor = hand("revisora")
    for title in ("Amostra: vídeo por endereço", "Amostra: vídeo guardado no site"):
        editor.click("button", "Páginas")
        editor.click("link", "Editar 'Jundiaí Global'")
        video = editor.page.get_by_role("region", name="Vídeo", exact=True)
        editor.click("button", "Ações", within=video)
        editor.click("button", "Escolher outra página", within=video)
        editor.click("link", title)
        editor.act("Publicar")
        expect(read("/")).to_contain_text(title)
    assert editor.english == set()


def test_an_editor_adds_a_menu_entry_and_visitors_find_it(hand, read):
    editor = hand("revisora")
    editor.click("button", "O site")
    editor.click("link", "Menus")
    editor.click("link", "Barra de acesso")
    editor.click("button", "Adicionar item")
    item = editor.page.get_by_role("region", name=re.compile(r"^Item \d")).last
    editor.fill("Outro endereço", "https://example.org/", item)
    editor.fill("Texto do link", "Entrada de teste", item)
    editor.click("button", "Salvar")
    editor.is_told("atualizado")
    link = read("/").page.get_by_role("link", name="Entrada de teste")
    assert link.first.get_attribute("href") == "https://example.org/"
    assert editor.english == set()


@pytest.fixture
def _no_election_stays(server):
    """A period that a test which failed left behind would make others fail."""
    yield
    with closing(sqlite3.connect(server.database, timeout=20)) as database, database:
        database.execute("DELETE FROM pages_electionperiod")


@pytest.mark.usefixtures("_no_election_stays")
def test_an_administrator_sets_an_election_period_and_the_news_are_withheld(hand, read):
    address = "/noticias/amostra-como-se-escreve-uma-manchete/"
    chief = hand("chefe")
    chief.click("button", "O site")
    chief.click("link", "Período eleitoral")
    chief.click("link", "Adicionar período eleitoral")
    now = timezone.localtime()
    chief.fill("Eleição*", "Eleição de teste")
    aside = chief.page.get_by_role("heading", name="Período eleitoral").first
    chief.fill_moment("Início*", now - timedelta(hours=1), aside)
    chief.fill_moment("Fim*", now + timedelta(days=60), aside)
    chief.click("button", "Salvar")
    chief.is_told("Eleição de teste")
    assert SAMPLE not in read("/noticias/").inner_text()
    assert "9.504" in read(address).inner_text()
    assert "Metas" in read("/metas/").page.title()
    chief.click("link", "Eleição de teste")
    chief.act_on_page("Remover")
    chief.click("button", re.compile("Sim"))
    chief.is_told("Eleição de teste")
    assert heading(read(address)) == SAMPLE
    assert chief.english == set()


# The screens of our own -------------------------------------------------------------------------

SCREENS = [
    "/admin/",
    "/admin/manual/",
    "/admin/lixeira/",
    "/admin/lixeira/itens/",
    "/admin/mesa/links-quebrados/",
    "/admin/mesa/a-revisar/",
    "/admin/reports/periodo-eleitoral/",
    "/admin/periodo-eleitoral/ensaio/",
    "/admin/mesa/revisao/5/",
]


def test_the_screens_of_the_desk_are_accessible_and_portuguese(hand):
    """WCAG 2.2, levels A and AA, by axe."""
    page = hand("chefe").page
    for path in SCREENS:
        page.goto(path)
        expect(page.locator("h1")).to_have_count(1)
        assert violations_in(page, "main") == "", path
        assert [line for line in said_by(page) if ENGLISH.search(line)] == [], path
