"""Writing to the office as people do: with a keyboard, a phone, without scripts."""

import pytest
from playwright.sync_api import expect

from .hand import violations_in

#: Longer than the form takes for a program's hand.
AS_PEOPLE_DO = 3_500


def fill(page):
    page.get_by_label("E-mail", exact=True).fill("maria@example.org")
    page.get_by_label("Assunto").fill("Visita a Jundiaí")
    page.get_by_label("Mensagem").fill("Queremos visitar a cidade.")
    page.get_by_role("checkbox", name="Concordo").check()


def submit(page):
    with page.expect_navigation():
        page.get_by_role("button", name="Enviar mensagem").click()


def assert_accessible(page):
    assert violations_in(page) == ""


def test_a_message_is_sent_without_script_cookie_or_a_request_to_others(visit, site):
    page = visit("/contato/", java_script_enabled=False, width=360)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    fill(page)
    page.wait_for_timeout(AS_PEOPLE_DO)
    submit(page)
    assert page.url == f"{site}/contato/enviada/"
    assert page.locator("h1").inner_text() == "Mensagem enviada"
    assert page.context.cookies() == []
    assert [url for url in asked if not url.startswith(site)] == []
    # POST, then GET: loading again sends nothing again.
    assert page.reload().request.method == "GET"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_in_any_state_of_the_form(visit, width, scheme):
    """WCAG 2.2 AA; the form as it is opened is among the pages of test_accessibility."""
    page = visit("/contato/", width=width, color_scheme=scheme, reduced_motion="reduce")
    submit(page)
    assert page.locator(".faults li").count() == 4
    assert_accessible(page)
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    page.goto("/contato/enviada/")
    assert_accessible(page)


def test_errors_get_the_focus_and_lead_to_their_fields(visit):
    """WCAG 2.2, 3.3.1, 2.4.3 Focus Order; what was typed is still there."""
    page = visit("/contato/")
    page.get_by_label("Nome").fill("Maria")
    page.get_by_label("E-mail", exact=True).fill("maria")
    submit(page)
    assert page.title().startswith("Erro: Contato")
    expect(page.locator(".faults")).to_be_focused()
    page.keyboard.press("Tab")
    assert "Confira o e-mail" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id === 'id_email' || location.hash")
    assert page.url.endswith("#id_email")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") in ("id_email", "id_subject")
    assert page.get_by_label("Nome").input_value() == "Maria"
    assert page.get_by_label("E-mail", exact=True).input_value() == "maria"


@pytest.mark.parametrize("state", ["opened", "with errors"])
def test_the_form_fits_320_pixels_and_its_targets_are_large(visit, state):
    """WCAG 2.2, 1.4.10 Reflow, 2.5.8 Target Size."""
    page = visit("/contato/", width=320)
    if state == "with errors":
        submit(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    boxes = page.eval_on_selector_all(
        ".letter :is(input:not([type=hidden], [tabindex]), textarea, button), .faults a",
        "all => all.map(e => { const b = e.getBoundingClientRect(); return [b.width, b.height] })",
    )
    assert len(boxes) >= 6
    assert [box for box in boxes if min(box) < 24] == []


def test_the_hidden_field_is_out_of_reach_of_people(visit):
    page = visit("/contato/")
    stops = []
    page.get_by_label("Nome").focus()
    for _press in range(8):
        stops.append(page.evaluate("document.activeElement.id"))
        page.keyboard.press("Tab")
    assert "id_consent" in stops
    assert "id_homepage" not in stops
    box = page.locator("#id_homepage").bounding_box()
    assert box is None or box["x"] + box["width"] <= 0
