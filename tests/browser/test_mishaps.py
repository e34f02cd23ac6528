"""When things go wrong at the desk, no work is lost and a clear message says what to do."""

import re
from contextlib import suppress

import pytest
from playwright.sync_api import expect

from .hand import PASSWORD, Hand

SUMMARY = "Um resumo com tamanho bastante para dizer do que trata esta notícia de teste."


#: What the server answers first to a form that saves itself is kept from it until ``letGo``.
HOLD = """
() => {
    const fetchNow = window.fetch;
    window.fetch = async (address, options) => {
        const answer = await fetchNow(address, options);
        if (options?.headers?.Accept === 'application/json' && !window.letGo)
            await new Promise((letGo) => { window.letGo = letGo; });
        return answer;
    };
}
"""


@pytest.fixture
def hand(visit):
    """Signs someone in, in a browser of their own: ``hand("redatora")``."""

    def sign_in(name: str) -> Hand:
        hand = Hand(visit("/robots.txt"))
        hand.page.set_default_timeout(20_000)
        hand.sign_in(name)
        return hand

    return sign_in


def begin(hand: Hand, title: str) -> str:
    """A draft that is saved, and its address in the admin."""
    hand.begin_article()
    hand.fill("Título*", title)
    hand.fill("Resumo", SUMMARY)
    hand.click("button", "Salvar rascunho")
    hand.page.wait_for_url("**/edit/")
    return hand.page.url


def is_saved(hand: Hand):
    """The form says by itself that it was saved."""
    # The words are always there, and shown when they are true.
    indicator = hand.page.locator(".w-autosave-indicator")
    expect(indicator).to_contain_text("Salvo", use_inner_text=True)


def test_two_editors_on_the_same_page_see_each_other_and_neither_is_overwritten(hand):
    first, second = hand("revisora"), hand("chefe")
    address = begin(first, "Teste de duas pessoas")
    second.page.goto(address)
    second.fill("Resumo", "O que a segunda pessoa escreveu depois que a primeira abriu a página.")
    is_saved(second)
    # The first is told, and what she writes does not take the place of it.
    told = first.find("button", "chefe salvou uma nova versão")
    expect(told).to_be_visible(timeout=30_000)
    first.fill("Resumo", "O que a primeira pessoa escreveu sem saber da segunda pessoa na página.")
    warning = "Se salvar, você substituirá uma versão mais nova."
    expect(first.page.locator("main")).to_contain_text(warning)
    second.page.reload()
    expect(second.find("textbox", "Resumo")).to_have_value(re.compile("segunda pessoa escreveu"))
    expect(first.find("textbox", "Resumo")).to_have_value(re.compile("primeira pessoa escreveu"))
    assert first.english | second.english == set()


def test_publishing_while_the_form_is_saving_itself_waits_for_it(hand, visit):
    editor = hand("revisora")
    editor.begin_article()
    editor.page.evaluate(HOLD)
    editor.fill("Título*", "Teste de quem tem pressa")
    editor.fill("Resumo", SUMMARY)
    editor.add_paragraph("Um parágrafo.")
    editor.page.wait_for_function("() => 'letGo' in window")
    editor.click("button", "Mais ações")
    # The form is sent once it is known that its editor is still signed in.
    with editor.page.expect_response("**/entrar/sessao/"):
        editor.click("button", "Publicar")
    editor.page.wait_for_timeout(100)
    editor.page.evaluate("letGo()")
    editor.is_told("publicada")
    page = visit("/noticias/teste-de-quem-tem-pressa/")
    assert page.locator("h1").inner_text() == "Teste de quem tem pressa"


def write_until_told(writer, text: str):
    """Go on writing, as people do, until the form says that it cannot save itself any more. What
    was on its way when the connection went may be waited for, for some seconds, without a word."""
    for _attempt in range(8):
        writer.fill("Resumo", f"{text} ")
        writer.fill("Resumo", text)
        with suppress(AssertionError):
            expect(writer.page.locator("main")).to_contain_text(
                "Salvamento automático parado", timeout=6_000
            )
            return
    pytest.fail("the form does not say that it no longer saves itself")


def test_a_lost_connection_is_told_and_what_was_written_is_saved_when_it_is_back(hand):
    writer = hand("redatora")
    address = begin(writer, "Teste da conexão perdida")
    writer.page.context.set_offline(True)
    text = "O que se escreveu enquanto não havia conexão com o servidor do site."
    write_until_told(writer, text)
    writer.click("button", "Salvar rascunho")
    dialog = writer.page.get_by_role("dialog", name="A rede falhou")
    expect(dialog).to_contain_text("Verifique a conexão com o site antes de continuar.")
    writer.page.context.set_offline(False)
    writer.click("button", "Salvar rascunho", dialog)
    writer.is_told("foi salvo")
    writer.page.goto(address)
    expect(writer.find("textbox", "Resumo")).to_have_value(text)
    assert writer.english == set()


def test_a_session_that_ends_while_writing_loses_nothing(hand, visit):
    writer = hand("revisora")
    begin(writer, "Teste da sessão que acaba")
    text = "O que se escreveu depois que a sessão acabou, sem que ninguém visse."
    writer.page.context.clear_cookies()
    write_until_told(writer, text)
    # Signed in again in another tab, the form that is open goes on.
    other = writer.page.context.new_page()
    other.goto("/admin/")
    other.get_by_label("Usuário").fill("revisora")
    other.get_by_label("Senha").fill(PASSWORD)
    other.get_by_role("button", name="Entrar").click()
    other.wait_for_url("**/admin/")
    expect(writer.find("textbox", "Resumo")).to_have_value(text)
    assert writer.english == set()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"isto nao e uma imagem", "imagem"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * (21 * 1024 * 1024), "A imagem tem 21,0 MB"),
    ],
    ids=["wrong type", "too large"],
)
def test_a_file_that_cannot_be_taken_is_refused_with_a_reason_and_the_form_is_kept(
    hand, content, reason
):
    writer = hand("redatora")
    writer.page.goto("/admin/images/add/")
    writer.fill("Título*", "Foto que não serve")
    writer.give(writer.page.locator("input[type=file]"), "foto.png", content)
    writer.fill("Descrição", "A descrição que se escreveu")
    writer.click("button", "Enviar")
    expect(writer.page.locator("main")).to_contain_text(reason)
    expect(writer.find("textbox", "Descrição")).to_have_value("A descrição que se escreveu")
    assert writer.english == set()
