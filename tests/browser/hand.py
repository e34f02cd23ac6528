"""A person at the admin: clicks and types as one, counts it, and reads what the screens say."""

import re
from contextlib import suppress

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, Locator, Page, expect

from tests.test_admin import picture

PASSWORD = "uma-senha-de-teste"
#: WCAG 2.2, levels A and AA, for axe.
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
#: Whether nothing is on its way in or out: what fades has no contrast yet.
STILL = """() => document.getAnimations().every(each => each.playState !== "running"
    || each.effect.getComputedTiming().endTime === Infinity)"""


def violations_in(page: Page, within: str | None = None) -> str:
    """What axe finds against ``WCAG``, told at length; empty where there is nothing."""
    page.wait_for_function(STILL)
    results = Axe().run(page, context=within, options=WCAG)
    return results.generate_report() if results.violations_count else ""


#: Words that no Portuguese sentence has.
ENGLISH = re.compile(
    r"\b(the|this|that|your|you|with|page|pages|save|draft|publish|choose|search|title|upload|"
    r"delete|edit|add|settings|history|toggle|close|cancel|submit|approve|workflow|image|images|"
    r"snippet|actions|select|order|schedule|status of|locale|root)\b",
    re.IGNORECASE,
)

#: All that a page says, to eyes and to screen readers, as far as it is shown, once it is there.
SAID = """
() => {
    if (document.readyState !== 'complete') return null;
    const said = [document.body.innerText];
    const named = document.querySelectorAll(
        '[aria-label], [title], [placeholder], img[alt], input[type=submit], input[type=button]'
    );
    for (const element of named) {
        if (!element.checkVisibility({visibilityProperty: true})) continue;
        for (const name of ['aria-label', 'title', 'placeholder', 'alt'])
            said.push(element.getAttribute(name) || '');
        if (element.matches('input[type=submit], input[type=button]')) said.push(element.value);
    }
    return [said.join('\\n')];
}
"""


def said_by(page: Page) -> list[str]:
    """The lines of ``SAID``. What was clicked may lead to another page meanwhile, and that on."""
    for _page in range(3):
        with suppress(Error):
            return page.wait_for_function(SAID).json_value()[0].splitlines()
    return page.wait_for_function(SAID).json_value()[0].splitlines()


#: A form takes what it holds two seconds after it came as what it began with, and tells so, twice
#: within a tenth of a second. What a test fills in before, no person would; and it would not be
#: saved by itself.
REMEMBERS = """
addEventListener('w-unsaved:watch-edits', () => { window.watchesSince = performance.now(); })
"""
WATCHES = """() => performance.now() - window.watchesSince > 500
    || !document.querySelector('[data-edit-form]')"""

#: Seconds that practised people take, after the keystroke-level model of Card, Moran and Newell
#: (Communications of the ACM 23, 1980): to find what comes next, to point at it, to press the
#: button, to put the hand on the keyboard or back on the mouse, and to press a key.
THINK, POINT, PRESS, HOME, KEY = 1.35, 1.1, 0.2, 0.4, 0.28


class Hand:
    """What is done with a page of the admin, step by step."""

    def __init__(self, page: Page):
        self.page = page
        page.add_init_script(REMEMBERS)
        self.clicks = self.fields = self.keys = 0
        self.english: set[str] = set()

    @property
    def seconds(self) -> float:
        """How long a person takes for what was done, by the keystroke-level model."""
        return (
            self.clicks * (THINK + POINT + PRESS)
            + self.fields * (THINK + POINT + PRESS + 2 * HOME)
            + self.keys * KEY
        )

    def read(self):
        """Note what looks English among all that is shown."""
        self.english |= {line for line in said_by(self.page) if ENGLISH.search(line)}

    def find(self, role: str, name, within: Locator | None = None) -> Locator:
        exact = isinstance(name, str)
        return (within or self.page).get_by_role(role, name=name, exact=exact).first

    def click(self, role: str, name, within: Locator | None = None):
        self.press(self.find(role, name, within))

    def press(self, target: Locator):
        target.click()
        self.clicks += 1
        self.read()

    def wait_for_form(self):
        for _attempt in range(200):
            if self.page.evaluate(WATCHES):
                return
            self.page.wait_for_timeout(100)
        pytest.fail("the form does not watch for edits")

    def fill(self, name, value: str, within: Locator | None = None, role: str = "textbox"):
        self.wait_for_form()
        self.find(role, name, within).fill(value)
        self.fields += 1
        self.keys += len(value)

    def fill_moment(self, name, moment, aside: Locator, within: Locator | None = None):
        """Type a date and a time. The calendar lies over what is below until one clicks aside."""
        self.fill(name, f"{moment:%d/%m/%Y %H:%M}", within)
        calendar = self.page.locator(".xdsoft_datetimepicker:visible")
        expect(calendar).to_have_count(1)
        self.press(aside)
        expect(calendar).to_have_count(0)

    def choose(self, name, label: str, within: Locator | None = None):
        self.find("combobox", name, within).select_option(label=label)
        self.fields += 1

    def give(self, target: Locator, name: str, content: bytes, kind: str = "image/png"):
        """Choose a file of the computer, which takes a click on it."""
        target.set_input_files({"name": name, "mimeType": kind, "buffer": content})
        self.clicks += 1

    # What everybody does ----------------------------------------------------------------------

    def sign_in(self, name: str):
        self.page.goto("/admin/")
        self.fill(re.compile("Usuário"), name)
        self.fill(re.compile("Senha"), PASSWORD)
        self.click("button", "Entrar")
        self.page.wait_for_url("**/admin/")
        self.read()

    def go_to_the_desk(self):
        self.click("link", "Painel")

    def open_article(self, title: str):
        self.click("link", "Notícias")
        self.click("link", title)

    def act(self, action: str):
        """Save the page in one of the ways that are behind the arrow beside the button."""
        self.click("button", "Mais ações")
        with self.page.expect_navigation():
            self.click("button", action)
        self.read()

    def act_on_page(self, action: str):
        """Choose from the list of what can be done with the page that is open."""
        actions = self.page.get_by_role("navigation", name="Ações", exact=True)
        self.click("button", "Ações", within=actions)
        self.click("link", action, within=actions)

    def is_told(self, text):
        expect(self.page.locator(".messages")).to_contain_text(text)

    def begin_article(self):
        with self.page.expect_navigation():
            self.click("link", "Escrever uma notícia")

    def write_article(self, title: str, summary: str, paragraph: str):
        """A news item with a photo, not yet saved."""
        self.begin_article()
        self.fill("Título*", title)
        self.fill("Resumo", summary)
        self.upload_cover(title)
        self.add_paragraph(paragraph)

    def upload_cover(self, seed: str):
        self.click("button", "Escolha uma imagem")
        self.click("tab", "Enviar")
        dialog = self.page.get_by_role("dialog").filter(has=self.page.locator("input[type=file]"))
        # No hand chooses a file before the dialogue listens for it, and names the picture after it.
        clicks = self.clicks + 1
        for _attempt in range(20):
            self.give(dialog.locator("input[type=file]"), "visita.png", picture(seed).read())
            self.clicks = clicks
            if self.find("textbox", "Título*", dialog).input_value():
                break
            self.page.wait_for_timeout(250)
        self.fill("Descrição", "Uma foto de teste", dialog)
        self.fill("Crédito", "Foto de teste", dialog)
        self.choose("Mostra pessoas*", "Não, ou não podem ser reconhecidas", dialog)
        self.click("button", "Enviar", dialog)
        expect(dialog).to_have_count(0)

    def insert(self, block: str):
        body = self.page.locator("#panel-child-conteudo-body-section")
        self.press(body.get_by_role("button", name="Inserir um bloco").last)
        self.press(self.page.get_by_role("option", name=re.compile(f"^{block}")).first)

    def add_paragraph(self, text: str):
        self.insert("Texto")
        editor = self.page.locator("#panel-child-conteudo-body-content [role=textbox]").last
        expect(editor).to_be_focused()
        self.page.keyboard.insert_text(text)
        # The editor hands it to the form a moment later.
        kept = self.page.locator("input[name^=body-][name$=-value]").last
        expect(kept).to_have_value(re.compile(re.escape(text)))
        self.fields += 1
        self.keys += len(text)
