"""An editor at work in the admin, in a real browser, under the policies of production."""

import pytest
from playwright.sync_api import expect

from tests.test_admin import picture


@pytest.fixture
def editor(visit):
    """A page of the admin, signed in, that remembers what the browser complained of."""
    page = visit("/admin/")
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on(
        "console",
        lambda line: line.type == "error" and page.complaints.append(line.text),
    )
    page.get_by_label("Usuário").fill("editora")
    page.get_by_label("Senha").fill("uma-senha-de-teste")
    page.get_by_role("button", name="Entrar").click()
    page.wait_for_url("**/admin/")
    return page


def publish(page):
    page.get_by_role("button", name="Mais ações").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Publicar", exact=True).click()


def open_for_editing(page, address):
    """By Wagtail's bar on the page itself, as an editor who is reading it would."""
    page.goto(address)
    bar = page.locator("wagtail-userbar")
    bar.evaluate("bar => bar.shadowRoot.querySelector('button').click()")
    links = bar.evaluate("bar => [...bar.shadowRoot.querySelectorAll('a')].map(a => a.href)")
    page.goto(next(link for link in links if link.endswith("/edit/")))


def test_an_editor_signs_in_changes_the_institutional_text_and_visitors_read_it(editor, read):
    editor.goto("/a-assessoria/")
    original = editor.locator(".pagehead__lead").inner_text()
    for summary in ("Um resumo mudado por um teste.", original):
        open_for_editing(editor, "/a-assessoria/")
        editor.get_by_role("textbox", name="Resumo").fill(summary)
        publish(editor)
        expect(editor.locator(".messages")).to_contain_text("publicada")
        assert read("/a-assessoria/").locator(".pagehead__lead").inner_text() == summary
    assert editor.complaints == []


def test_the_preview_beside_the_form_is_the_real_page(editor):
    open_for_editing(editor, "/a-assessoria/")
    editor.get_by_role("textbox", name="Título*", exact=True).fill("Título só na prévia")
    editor.get_by_role("button", name="Alternar pré-visualização").click()
    frame = editor.frame_locator("iframe[title]").first
    expect(frame.locator("h1")).to_have_text("Título só na prévia", timeout=20_000)
    assert editor.complaints == []


def test_a_picture_without_description_is_refused_with_a_reason_and_nothing_is_lost(editor):
    editor.goto("/admin/images/add/")
    editor.get_by_label("Título").fill("Foto do teste")
    file = picture()
    editor.locator("input[type=file]").set_input_files(
        {"name": file.name, "mimeType": file.content_type, "buffer": file.read()}
    )
    editor.get_by_role("button", name="Enviar").click()
    expect(editor.locator("main")).to_contain_text("Descreva o que a imagem mostra")
    assert editor.get_by_label("Título").input_value() == "Foto do teste"
