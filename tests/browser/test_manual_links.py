"""The way from a block's help text to the manual, in a block that an editor has just added."""

from playwright.sync_api import expect

from .hand import violations_in
from .test_editing import editor, open_for_editing  # noqa: F401


def test_a_block_just_added_leads_to_the_manual(editor):  # noqa: F811
    open_for_editing(editor, "/a-assessoria/")
    editor.get_by_role("button", name="Inserir um bloco").last.click()
    editor.get_by_role("option", name="Citação").click()
    link = editor.locator("[data-contentpath=text] .manual-link").last
    expect(link).to_have_text("Manual: Montar o texto com blocos (abre em outra aba)")
    quotation = editor.get_by_role("textbox", name="Citação").last
    expect(quotation).to_have_accessible_description("Sem aspas: o site as põe.")
    assert violations_in(editor, ".manual-link") == ""
    quotation.focus()
    editor.keyboard.press("Shift+Tab")
    expect(link).to_be_focused()
    with editor.context.expect_page() as opened:
        editor.keyboard.press("Enter")
    manual = opened.value
    manual.wait_for_url("**/admin/manual/#texto")
    expect(manual.get_by_role("heading", name="Montar o texto com blocos")).to_be_in_viewport()
    assert violations_in(manual, ".manual") == ""
    assert editor.complaints == []
