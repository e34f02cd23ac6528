"""Whole journeys of those who write, review and look after the site, as they would click them."""

import re
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from desk.manual import CLICKS, FIELDS
from tests.test_admin import picture

PASSWORD = "uma-senha-de-teste"
SUMMARY = "Um resumo com tamanho bastante para dizer do que trata esta notícia de teste."
#: Words of English that Wagtail shows where a translation is missing.
ENGLISH = re.compile(
    r"\b(the|this|page|pages|save|draft|publish|choose|search|title|upload|delete|edit|add|"
    r"settings|history|toggle|close|cancel|submit|approve|workflow|image|snippet)\b",
    re.IGNORECASE,
)


@pytest.fixture
def person(visit):
    """Signs someone in, in a browser of their own: ``person("redatora")``."""

    def sign_in(name: str, **options) -> Page:
        page = visit("/admin/", **options)
        page.set_default_timeout(15_000)
        page.get_by_label("Usuário").fill(name)
        page.get_by_label("Senha").fill(PASSWORD)
        page.get_by_role("button", name="Entrar").click()
        page.wait_for_url("**/admin/")
        return page

    return sign_in


class Hand:
    """Counts what a person clicks and fills in, and reads what the screens say on the way."""

    def __init__(self, page: Page):
        self.page = page
        self.clicks = self.fields = 0
        self.english: set[str] = set()

    def click(self, target):
        target.click()
        self.clicks += 1
        self.read()

    def fill(self, target, value: str):
        target.fill(value)
        self.fields += 1

    def read(self):
        """Note the words that look English among those shown."""
        self.page.wait_for_load_state("load")
        text = self.page.locator("body").inner_text()
        self.english |= {line for line in text.splitlines() if ENGLISH.search(line)}


def title_of(page: Page):
    return page.get_by_role("textbox", name="Título*", exact=True).first


def save(page: Page, action: str):
    """Open the arrow beside the button that saves, and choose what to do."""
    page.get_by_role("button", name="Mais ações").click()
    with page.expect_navigation():
        page.get_by_role("button", name=action, exact=True).click()


def begin_article(page: Page, title: str):
    page.get_by_role("link", name="Notícias").first.click()
    page.get_by_role("link", name="Adicionar notícia").first.click()
    title_of(page).fill(title)
    page.get_by_role("textbox", name="Resumo", exact=True).fill(SUMMARY)


def add_paragraph(page: Page, text: str):
    page.get_by_role("button", name="Inserir um bloco").first.click()
    page.get_by_role("option", name="Texto", exact=True).click()
    page.locator("[data-draftail-editor-wrapper] [contenteditable=true]").first.click()
    page.keyboard.type(text)


def upload_cover(page: Page, title: str):
    page.get_by_role("button", name="Escolha uma imagem").first.click()
    page.get_by_role("tab", name="Enviar").click()
    dialog = page.locator(".modal-content")
    file = picture(name=f"{title}.png")
    dialog.locator("input[type=file]").set_input_files(
        {"name": file.name, "mimeType": file.content_type, "buffer": file.read()}
    )
    dialog.get_by_label("Título").fill(title)
    dialog.get_by_label("Descrição").fill("Uma foto de teste")
    dialog.get_by_label("Crédito").fill("Foto de teste")
    dialog.get_by_label("Mostra pessoas").select_option(label="Não, ou não podem ser reconhecidas")
    dialog.get_by_role("button", name="Enviar", exact=True).click()
    expect(page.locator(".modal-content")).to_have_count(0)


def open_page(page: Page, path: str):
    page.goto(path)
    assert page.locator("main").count()


# A news item ------------------------------------------------------------------------------------


def test_a_news_item_goes_from_its_first_words_to_the_public_and_back(person, visit):
    writer, reviewer = person("redatora"), person("revisora")

    begin_article(writer, "Teste de uma visita")
    upload_cover(writer, "Capa da visita")
    add_paragraph(writer, "Um parágrafo escrito pelo teste.")
    save(writer, "Enviar para Revisão da ACI")
    expect(writer.locator(".messages")).to_contain_text("Teste de uma visita")
    assert not writer.get_by_role("button", name="Publicar", exact=True).count()

    # Two steps, each by whoever reviews.
    for _step in range(2):
        reviewer.goto("/admin/")
        reviewer.get_by_role("link", name="Teste de uma visita").first.click()
        save(reviewer, "Aprovar")
    address = "/noticias/teste-de-uma-visita/"
    page = visit(address)
    assert page.locator("h1").inner_text() == "Teste de uma visita"
    assert "Um parágrafo escrito pelo teste." in page.locator("main").inner_text()
    assert page.locator("main figure img").first.get_attribute("alt") == "Uma foto de teste"

    # A correction: visitors read the old text until it is published.
    reviewer.goto("/admin/noticias/")
    reviewer.get_by_role("link", name="Teste de uma visita").first.click()
    title_of(reviewer).fill("Teste de uma visita corrigida")
    save(reviewer, "Publicar")
    assert visit(address).locator("h1").inner_text() == "Teste de uma visita corrigida"
    editing = reviewer.url

    # Off the site, and deleted, and back.
    reviewer.goto(editing.replace("/edit/", "/unpublish/"))
    reviewer.get_by_role("button", name=re.compile("Sim, despublicar")).click()
    assert visit(address).locator("h1").inner_text() == "Página não encontrada"
    reviewer.goto(editing.replace("/edit/", "/edit/"))
    save(reviewer, "Publicar")
    reviewer.goto(editing.replace("/edit/", "/delete/"))
    reviewer.get_by_role("button", name="Pôr na lixeira").click()
    expect(reviewer.locator(".messages")).to_contain_text("foi para a lixeira")
    assert visit(address).locator("h1").inner_text() == "Página não encontrada"
    reviewer.get_by_role("link", name="Desfazer").click()
    reviewer.get_by_role("button", name="Restaurar").click()
    expect(reviewer.locator(".messages")).to_contain_text("voltou para o seu lugar")
    assert visit(address).locator("h1").inner_text() == "Teste de uma visita corrigida"


def test_publishing_a_news_item_with_one_photo_takes_as_much_as_the_manual_says(person, visit):
    page = person("revisora")
    hand = Hand(page)
    hand.read()
    hand.click(page.get_by_role("link", name="Notícias").first)
    hand.click(page.get_by_role("link", name="Adicionar notícia").first)
    hand.fill(title_of(page), "Teste do esforço")
    hand.fill(page.get_by_role("textbox", name="Resumo", exact=True), SUMMARY)
    hand.click(page.get_by_role("button", name="Escolha uma imagem").first)
    hand.click(page.get_by_role("tab", name="Enviar"))
    dialog = page.locator(".modal-content")
    file = picture(name="esforco.png")
    dialog.locator("input[type=file]").set_input_files(
        {"name": file.name, "mimeType": file.content_type, "buffer": file.read()}
    )
    hand.clicks += 1  # the file is chosen by a click
    hand.fill(dialog.get_by_label("Descrição"), "Uma foto de teste")
    hand.fill(dialog.get_by_label("Crédito"), "Foto de teste")
    dialog.get_by_label("Mostra pessoas").select_option(label="Não, ou não podem ser reconhecidas")
    hand.fields += 1
    hand.click(dialog.get_by_role("button", name="Enviar", exact=True))
    expect(page.locator(".modal-content")).to_have_count(0)
    hand.click(page.get_by_role("button", name="Inserir um bloco").first)
    hand.click(page.get_by_role("option", name="Texto", exact=True))
    page.locator("[data-draftail-editor-wrapper] [contenteditable=true]").first.click()
    hand.clicks += 1
    page.keyboard.type("Um parágrafo.")
    hand.fields += 1
    hand.click(page.get_by_role("button", name="Mais ações"))
    with page.expect_navigation():
        hand.click(page.get_by_role("button", name="Publicar", exact=True))
    expect(page.locator(".messages")).to_contain_text("publicada")
    assert visit("/noticias/teste-do-esforco/").locator("h1").inner_text() == "Teste do esforço"
    assert (hand.clicks, hand.fields) == (CLICKS, FIELDS)
    assert hand.english == set()


def test_a_news_item_is_scheduled_and_says_when_it_appears(person, visit):
    page = person("revisora")
    begin_article(page, "Teste de agendamento")
    page.get_by_role("button", name="Alternar status").click()
    page.get_by_role("button", name="Definir agendamento").click()
    tomorrow = timezone.localtime() + timedelta(days=1)
    page.get_by_label("Data/hora para entrar no ar").fill(f"{tomorrow:%Y-%m-%d %H:%M}")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Salvar agendamento").click()
    save(page, "Agendar publicação")
    expect(page.locator(".messages")).to_contain_text("agendada")
    assert visit("/noticias/teste-de-agendamento/").locator("h1").inner_text() == (
        "Página não encontrada"
    )
    page.goto("/admin/")
    expect(page.locator("main")).to_contain_text("Teste de agendamento")


# The site ---------------------------------------------------------------------------------------


def test_an_editor_adds_a_menu_entry_and_visitors_find_it(person, visit):
    page = person("revisora")
    page.goto("/admin/snippets/pages/menu/")
    page.locator("main tbody a").first.click()
    page.get_by_role("button", name=re.compile("Adicionar")).last.click()
    page.locator("input[name$='-url']").last.fill("https://example.org/")
    page.locator("input[name$='-label']").last.fill("Entrada de teste")
    page.get_by_role("button", name="Salvar", exact=True).click()
    expect(page.locator(".messages")).to_contain_text("atualizado")
    assert visit("/").get_by_role("link", name="Entrada de teste").count()


def test_an_administrator_sets_an_election_period_and_the_news_are_withheld(person, visit):
    address = "/noticias/amostra-como-se-escreve-uma-manchete/"
    assert visit(address).locator("h1").inner_text().startswith("Amostra")
    page = person("chefe")
    page.goto("/admin/snippets/pages/electionperiod/add/")
    page.get_by_label("Eleição").fill("Eleição de teste")
    now = timezone.localtime()
    page.get_by_label("Início").fill(f"{now - timedelta(hours=1):%Y-%m-%d %H:%M}")
    page.get_by_label("Fim").fill(f"{now + timedelta(days=60):%Y-%m-%d %H:%M}")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Salvar", exact=True).click()
    expect(page.locator(".messages")).to_be_visible()
    try:
        assert "Amostra" not in visit("/noticias/").locator("main").inner_text()
        assert "9.504" in visit(address).locator("main").inner_text()
    finally:
        page.goto("/admin/snippets/pages/electionperiod/")
        page.locator("main tbody a").first.click()
        page.goto(page.url.replace("/edit/", "/delete/"))
        page.get_by_role("button", name=re.compile("Sim")).click()
        expect(page.locator(".messages")).to_be_visible()
    assert visit(address).locator("h1").inner_text().startswith("Amostra")


# When things go wrong ---------------------------------------------------------------------------


def test_a_session_that_ends_while_writing_loses_nothing(person):
    page = person("revisora")
    begin_article(page, "Teste da sessão que acaba")
    page.get_by_role("button", name="Salvar rascunho").click()
    page.wait_for_url("**/edit/")
    editing = page.url
    title_of(page).fill("Teste da sessão que acabou")
    page.context.clear_cookies()
    page.get_by_role("button", name="Salvar rascunho").click()
    # What was typed is still on the screen, or is asked for after signing in again.
    expect(page.locator("body")).not_to_contain_text("500")
    if page.get_by_label("Usuário").count():
        page.get_by_label("Usuário").fill("revisora")
        page.get_by_label("Senha").fill(PASSWORD)
        page.get_by_role("button", name="Entrar").click()
        page.goto(editing)
    expect(title_of(page)).to_have_value(re.compile("Teste da sessão que acab"))


def test_a_file_of_the_wrong_type_is_refused_with_a_reason(person):
    page = person("redatora")
    page.goto("/admin/images/add/")
    page.get_by_label("Título").fill("Não é imagem")
    page.locator("input[type=file]").set_input_files(
        {"name": "texto.jpg", "mimeType": "image/jpeg", "buffer": b"isto nao e uma imagem"}
    )
    page.get_by_label("Descrição").fill("Nada")
    page.get_by_role("button", name="Enviar", exact=True).click()
    expect(page.locator("main .error-message, main .w-field__errors").first).to_be_visible()
    expect(page.get_by_label("Título")).to_have_value("Não é imagem")


# The screens of our own -------------------------------------------------------------------------

SCREENS = [
    "/admin/",
    "/admin/manual/",
    "/admin/lixeira/",
    "/admin/lixeira/itens/",
    "/admin/mesa/links-quebrados/",
    "/admin/mesa/a-revisar/",
    "/admin/reports/periodo-eleitoral/",
]


@pytest.mark.parametrize("path", SCREENS)
def test_the_screens_of_the_desk_are_accessible_and_portuguese(person, path):
    page = person("chefe")
    page.goto(path)
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    results = Axe().run(page, context="main", options=options)
    assert results.violations_count == 0, results.generate_report()
    text = page.locator("main").inner_text()
    assert [line for line in text.splitlines() if ENGLISH.search(line)] == []
