"""The measure of plain language beside the text, in the editor of a real browser."""

import re

from playwright.sync_api import expect

from .test_editing import editor, open_for_editing  # noqa: F401


def test_an_editor_sees_how_easy_the_text_is_beside_the_checks(editor):  # noqa: F811
    """Lei 14.129/2021, art. 3, VII: plain language."""
    open_for_editing(editor, "/a-assessoria/")
    editor.get_by_role("button", name="Alternar verificações").click()
    expect(editor.locator("[data-readability-level]")).to_have_text(
        re.compile(r"muito difícil .*, índice -?\d+"), timeout=20_000
    )
    expect(editor.locator("[data-readability] li").first).to_contain_text("Divida")
    assert editor.complaints == []
