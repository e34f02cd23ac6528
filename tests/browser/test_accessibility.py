"""Every template in every state, in a real browser (WCAG 2.2 AA, contrast AAA; eMAG 3.1).

Each state is opened once, and each rule is held against it there. ``docs/accessibility.md`` tells
what else there is.
"""

import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from .states import ELECTION_STATES, PAGES, STATES, State, open_gallery, open_menu

AXE = Path(find_spec("axe_playwright_python").submodule_search_locations[0]) / "axe.min.js"
#: WCAG 2.2, levels A and AA, what axe's makers advise besides, and the contrast of level AAA.
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    # The contrast of level AA is part of that of level AAA, and measuring either takes longest.
    "rules": {"color-contrast-enhanced": {"enabled": True}, "color-contrast": {"enabled": False}},
    "resultTypes": ["violations"],
}
#: WCAG 2.2, 1.4.6: 7:1, and 4.5:1 for large text.
CONTRAST = {
    "runOnly": {"type": "rule", "values": ["color-contrast-enhanced"]},
    "resultTypes": ["violations"],
}
#: How the visitor's system asks for the themes that are not the usual one.
THEMES = {
    "dark": {"color_scheme": "dark"},
    "high contrast": {"contrast": "more"},
}
USUAL = {
    "color_scheme": "light",
    "contrast": "no-preference",
    "forced_colors": "none",
    "reduced_motion": "reduce",
    "media": "screen",
}
#: What a visitor does all the time, and presses with a thumb: 44 pixels.
MAIN_TARGETS = (
    ".nav a, .menu__open, .menu__close, .searchbox input, .searchbox button, .button, "
    ".field input, .field select, .filterbox > summary, .pagination a, .player__play, "
    ".lightbox button, .noticebar button, .wordmark, .disclosure summary"
)
SNAPSHOTS = Path(__file__).parent / "snapshots"

STUBS = {
    "vlibras-plugin.js": (
        "text/javascript",
        "window.VLibras = {Widget: class { constructor(at) {"
        " document.body.dataset.widget = at; }}};",
    ),
}


def answer_for_others(route):
    """In the place of every other service: nothing leaves this machine."""
    name = route.request.url.rsplit("/", 1)[-1]
    kind, body = STUBS.get(name, ("text/html", "<!doctype html><title>x</title><p>player</p>"))
    route.fulfill(content_type=kind, body=body)


def kinds_of_video(chromium, address: str) -> dict[str, str]:
    """The last part of the addresses of the samples' videos, by kind of player."""
    page = chromium.new_page()
    page.goto(f"{address}/mapa-do-site/")
    links = page.eval_on_selector_all(
        "main a[href^='/videos/amostra-']", "links => links.map(link => link.pathname)"
    )
    found = {}
    for link in links:
        page.goto(f"{address}{link}")
        kind = "file" if page.query_selector("[data-play]") else "external"
        found[kind] = link.removeprefix("/videos/")
    page.close()
    assert set(found) == {"file", "external"}
    return found


@pytest.fixture(scope="package")
def addresses(chromium, site) -> dict[str, str]:
    """The addresses of PAGES on the site as it is installed."""
    kinds = kinds_of_video(chromium, site)
    return {name: path.format(**kinds) for name, path in PAGES.items()}


@pytest.fixture(scope="module")
def kinds(chromium, full_server) -> dict[str, str]:
    return kinds_of_video(chromium, full_server.address)


@pytest.fixture(scope="module")
def bring(chromium, full_server, kinds):
    """Opens a state: ``with bring(state, width) as page``."""

    @contextmanager
    def bring(state: State, width: int | None = None, **options) -> Iterator[Page]:
        context = chromium.new_context(
            viewport={"width": width or state.widths[0], "height": 900},
            base_url=full_server.address,
            **{"reduced_motion": "reduce", **options},
        )
        context.route(re.compile("^https://"), answer_for_others)
        page = context.new_page()
        page.set_default_timeout(15_000)
        answer = page.goto(state.path.format(**kinds))
        assert answer.status == state.status
        state.act(page)
        yield page
        context.close()

    return bring


class Opened:
    """A page in one of its states, in which each rule finds it as it was opened."""

    def __init__(self, page: Page, state: State):
        self.page = page
        self.state = state
        self._has_axe = False

    def at(self, width: int, height: int = 900) -> Page:
        self.page.set_viewport_size({"width": width, "height": height})
        return self.page

    def violations(self, options: dict) -> list[str]:
        if not self._has_axe:
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
            self._has_axe = True
        found = self.page.evaluate("options => axe.run(document, options)", options)
        return [
            f"{each['id']}: {node['target']} {node.get('failureSummary', '')}"
            for each in found["violations"]
            for node in each["nodes"]
        ]


@pytest.fixture(scope="module", params=STATES)
def opened(request, bring):
    state = STATES[request.param]
    with bring(state) as page:
        yield Opened(page, state)


@pytest.fixture(autouse=True)
def _as_it_was(request):
    """No rule leaves anything of its own to the next."""
    yield
    if "opened" in request.fixturenames:
        page = request.getfixturevalue("opened").page
        page.emulate_media(**USUAL)
        page.evaluate(
            """() => {
                document.adoptedStyleSheets = [];
                document.documentElement.removeAttribute("style");
                delete document.documentElement.dataset.text;
            }"""
        )


def add_style(page: Page, css: str) -> None:
    """A style sheet as a reader's own browser would add it, which no policy of the site stops."""
    page.evaluate(
        """css => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync(css);
            document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
        }""",
        css,
    )


SIDEWAYS = """() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll("body *")]
        .filter(e => e.getBoundingClientRect().right > width + 1)
        .slice(0, 5).map(e => e.outerHTML.slice(0, 100));
}"""


# Rules held against every state -----------------------------------------------------------------


def test_axe_finds_no_violation(opened):
    """WCAG 2.2, levels A and AA, as far as axe-core knows them; landmarks, names, states, order of
    headings among them, and 1.4.6 Contrast (Enhanced) in the light theme. eMAG 3.1, 1.1 to 1.3,
    1.8, 3.1, 3.3, 3.6, 4.1, 6.1, 6.2."""
    for width in opened.state.widths:
        opened.at(width)
        assert opened.violations(RULES) == [], width


@pytest.mark.parametrize("theme", THEMES)
def test_text_has_the_contrast_of_level_aaa_in_other_themes(opened, theme):
    """WCAG 2.2, 1.4.6 Contrast (Enhanced): 7:1, 4.5:1 for large text. eMAG 3.1, 4.1."""
    opened.at(opened.state.widths[-1])
    opened.page.emulate_media(**THEMES[theme])
    assert opened.violations(CONTRAST) == []


def test_nothing_scrolls_sideways_at_320_pixels(opened):
    """WCAG 2.2, 1.4.10 Reflow: 320 pixels are also 1280 pixels at 400 % zoom."""
    page = opened.at(320, 256)
    assert page.evaluate(SIDEWAYS) == []


def test_nothing_scrolls_sideways_with_the_largest_text_of_the_bar(opened):
    """eMAG 3.1, 4.3; WCAG 2.2, 1.4.4 and 1.4.10."""
    opened.page.evaluate("document.documentElement.dataset.text = 'larger'")
    for width in (320, 1280):
        assert opened.at(width).evaluate(SIDEWAYS) == [], width


def test_nothing_is_lost_with_text_twice_as_large(opened):
    """WCAG 2.2, 1.4.4 Resize Text: up to 200 %."""
    page = opened.at(1280)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate(SIDEWAYS) == []
    assert page.evaluate(CUT) == []


SPACED = """* {
    line-height: 1.5 !important;
    letter-spacing: 0.12em !important;
    word-spacing: 0.16em !important;
}
p { margin-block-end: 2em !important; }"""
#: Text that its box does not show whole.
CUT = """() => [...document.querySelectorAll("body *")].filter(e => {
    if (!e.checkVisibility({visibilityProperty: true, opacityProperty: true})) return false;
    const style = getComputedStyle(e);
    if (e.closest(".visually-hidden, svg, select, iframe")) return false;
    const says = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!says || ["visible", "auto", "scroll"].includes(style.overflowY)) return false;
    return e.scrollHeight > e.clientHeight + 2 || e.scrollWidth > e.clientWidth + 2;
}).map(e => e.outerHTML.slice(0, 120))"""


def test_nothing_is_lost_with_wider_spacing_of_text(opened):
    """WCAG 2.2, 1.4.12 Text Spacing: the four values of the criterion."""
    add_style(opened.page, SPACED)
    for width in (320, 1280):
        page = opened.at(width)
        assert page.evaluate(SIDEWAYS) == [], width
        assert page.evaluate(CUT) == [], width


TOO_SMALL = """([selector, least]) => [...document.querySelectorAll(selector)].filter(e => {
    if (!e.checkVisibility({visibilityProperty: true}) || e.closest(".skip, [inert]")) return false;
    const style = getComputedStyle(e);
    const target = e.closest("label") ?? e;
    const box = target.getBoundingClientRect();
    // A link in a sentence is as high as its line (2.5.8, Inline).
    const isInSentence = style.display === "inline" && e.matches("a");
    return box.width > 0 && !isInSentence
        && (box.height < least - 0.5 || box.width < least - 0.5);
}).map(e => e.outerHTML.slice(0, 120))"""


def test_targets_are_large_enough_and_main_ones_larger(opened):
    """WCAG 2.2, 2.5.8 Target Size (Minimum): 24 pixels; 2.5.5 (Enhanced) for main ones: 44."""
    every = "a[href], button, input:not([type=hidden]), select, summary"
    for width in opened.state.widths:
        page = opened.at(width)
        assert page.evaluate(TOO_SMALL, [every, 24]) == [], width
        assert page.evaluate(TOO_SMALL, [MAIN_TARGETS, 44]) == [], width


def test_nothing_moves_where_less_motion_is_asked_for(opened):
    """WCAG 2.2, 2.2.2 Pause, Stop, Hide and 2.3.3 Animation from Interactions; eMAG 3.1, 2.6,
    2.7."""
    assert opened.page.evaluate("document.getAnimations().length") == 0
    assert opened.page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") in (
        "auto"
    )


#: Controls that one could not tell from the text around them.
PLAIN = """() => [...document.querySelectorAll("input, select, button, .button")].filter(e => {
    if (!e.checkVisibility({visibilityProperty: true, opacityProperty: true})) return false;
    const style = getComputedStyle(e);
    if (e.matches("[type=checkbox], [type=radio], .share button")) return false;
    return ["none", "hidden"].includes(style.borderTopStyle) || style.borderTopWidth === "0px";
}).map(e => e.outerHTML.slice(0, 120))"""


def test_controls_and_the_place_of_the_reader_are_seen_in_forced_colours(opened):
    """WCAG 2.2, 1.4.11 Non-text Contrast and 1.4.1 Use of Color: what is told by a background
    is told by a line too, where the system replaces all colours."""
    opened.page.emulate_media(forced_colors="active")
    page = opened.at(opened.state.widths[-1])
    assert page.evaluate(PLAIN) == []
    current = page.locator(":is(.nav, .utility, .pagination) [aria-current]:visible")
    for entry in current.all():
        told = entry.evaluate(
            """e => { const s = getComputedStyle(e); return parseInt(s.fontWeight) >= 600
            || parseFloat(s.borderBottomWidth) >= 3 }"""
        )
        assert told, entry.evaluate("e => e.outerHTML")


def test_print_has_the_text_in_black_on_white_and_no_ways_of_the_screen(opened):
    """What is read on paper needs no menu, search or bar, and no ink for backgrounds (WCAG 2.2,
    1.4.6, holds of print too)."""
    opened.page.emulate_media(media="print", color_scheme="dark")
    page = opened.page
    shown = page.evaluate(
        """() => [...document.querySelectorAll(
            ".skip, .utility, .menu, .masthead__search, .pagination, .filters, .noticebar button"
        )].filter(e => e.checkVisibility()).length"""
    )
    assert shown == 0
    colours = page.evaluate(
        """() => { const s = getComputedStyle(document.body);
        return [s.color, s.backgroundColor]; }"""
    )
    assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    assert page.locator("h1").first.is_visible()


PLACES = """() => ({
    main: document.querySelectorAll("main").length,
    top: document.querySelectorAll("body > header").length,
    foot: document.querySelectorAll("body > footer").length,
    h1: document.querySelectorAll("h1").length,
    title: document.title,
    navs: [...document.querySelectorAll("nav")].map(n => n.getAttribute("aria-label")
        ?? document.getElementById(n.getAttribute("aria-labelledby"))?.textContent ?? ""),
    positive: [...document.querySelectorAll("[tabindex]")].filter(e => e.tabIndex > 0).length,
    keys: [...document.querySelectorAll("[accesskey]")].map(e => e.accessKey),
})"""


def test_landmarks_title_and_order_are_those_of_every_page(opened):
    """WCAG 2.2, 1.3.1, 2.4.1, 2.4.2, 2.4.3; eMAG 3.1, 1.4, 1.8, 3.3: one main part, one title,
    navigation with names that differ, the order of the document kept."""
    places = opened.page.evaluate(PLACES)
    assert places["main"] == places["top"] == places["h1"] == 1, places
    assert places["title"].strip()
    assert all(places["navs"])
    assert len(set(places["navs"])) == len(places["navs"])
    assert places["positive"] == 0
    assert len(set(places["keys"])) == len(places["keys"])


LANGUAGE = """() => ({
    whole: document.documentElement.lang,
    parts: [...document.querySelectorAll("body [lang]")].map(e => e.lang),
    path: location.pathname,
})"""


def test_the_language_of_the_page_is_told(opened):
    """WCAG 2.2, 3.1.1 Language of Page and 3.1.2 Language of Parts; eMAG 3.1, 3.1 and 3.2."""
    found = opened.page.evaluate(LANGUAGE)
    prefix = found["path"].split("/")[1]
    assert found["whole"] == (prefix if prefix in ("en", "es") else "pt-BR")
    assert all(re.fullmatch(r"[a-z]{2}(-[A-Z]{2})?", part) for part in found["parts"])


FIELDS = """() => [...document.querySelectorAll("main input, main select, main textarea")]
    .filter(e => e.checkVisibility()).map(e => ({
        html: e.outerHTML.slice(0, 120),
        labels: [...e.labels].map(l => l.innerText.trim()),
        invalid: e.getAttribute("aria-invalid") === "true",
        described: (e.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean)
            .map(id => document.getElementById(id)?.innerText ?? ""),
        summed: Boolean(document.querySelector(`[role=alert] a[href="#${e.id}"]`)),
    }))"""


def test_fields_have_labels_and_errors_that_are_theirs(opened):
    """WCAG 2.2, 3.3.1 Error Identification, 3.3.2 Labels or Instructions; eMAG 3.1, 6.2 to 6.7."""
    for field in opened.page.evaluate(FIELDS):
        assert any(field["labels"]), field
        if field["invalid"]:
            assert any(field["described"]), field
            assert field["summed"], field


def test_a_form_with_errors_was_among_them(bring):
    """The rule above would hold of a site without errors too."""
    for name in ("search with an error", "wrong password"):
        with bring(STATES[name]) as page:
            assert [field for field in page.evaluate(FIELDS) if field["invalid"]], name


WALK = """() => {
    const e = document.activeElement;
    if (!e || e === document.body) return null;
    const box = e.getBoundingClientRect();
    const x = box.x + box.width / 2, y = box.y + Math.min(box.height / 2, 10);
    const top = document.elementFromPoint(x, y);
    return {
        html: e.outerHTML.slice(0, 120),
        isOver: Boolean(e.closest("footer")),
        inside: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight
            && box.right > 0 && box.left < innerWidth,
        covered: Boolean(top) && !(e.contains(top) || top.contains(e) || top.closest("label")),
        outlined: [e, e.parentElement, e.nextElementSibling, e.closest("article, .player")]
            .filter(Boolean)
            .flatMap(each => [getComputedStyle(each), getComputedStyle(each, "::after")])
            .some(s => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2),
    };
}"""
STOPS = """place => [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, summary, video, iframe, [tabindex='0']"
)].filter(e => e.closest(place) && e.checkVisibility({visibilityProperty: true})
    && (e.type !== "radio" || e.checked)).length"""


def walk(page: Page, place: str) -> None:
    """Tab through ``place``: every stop is seen, uncovered and outlined, and none is missed."""
    wanted = page.evaluate(STOPS, place)
    stops = []
    for _press in range(wanted * 3 + 20):
        page.keyboard.press("Tab")
        stop = page.evaluate(WALK)
        if stop is None or (place == "main" and stop["isOver"]):
            break
        stops.append(stop)
    # A player's own controls are stops within it.
    assert len(stops) >= wanted, [stop["html"] for stop in stops]
    assert [stop for stop in stops if not stop["inside"] or stop["covered"]] == []
    foreign = ("<video", "<iframe")
    assert [s for s in stops if not s["outlined"] and not s["html"].startswith(foreign)] == []


def test_every_stop_of_the_keyboard_is_seen_and_outlined(opened):
    """WCAG 2.2, 2.1.1 Keyboard, 2.1.2 No Keyboard Trap, 2.4.7 Focus Visible, 2.4.11 Focus Not
    Obscured; eMAG 3.1, 2.1, 2.2, 4.4. The frame of the page is walked by the test below."""
    if opened.page.locator("dialog[open], :popover-open").count():
        pytest.skip("what is open takes the focus: tests of its own walk there")
    if opened.page.locator("main iframe").count():
        pytest.skip("a frame of others takes the keys: a test of its own leaves it")
    page = opened.at(opened.state.widths[-1])
    page.locator("main").focus()
    walk(page, "main")


# Rules of the frame, and of what opens ----------------------------------------------------------


@pytest.mark.parametrize("width", [360, 1280])
def test_the_whole_home_is_walked_by_keyboard(bring, width):
    """WCAG 2.2, 2.1.1, 2.4.3, 2.4.7, 2.4.11: skip links, bar, menu, search and footer."""
    with bring(STATES["home"], width) as page:
        walk(page, "body")


def test_focus_is_seen_in_forced_colours(bring):
    """WCAG 2.2, 2.4.7 Focus Visible, where the system replaces all colours."""
    with bring(STATES["contact"], 360, forced_colors="active") as page:
        walk(page, "body")


def press_access_key(page: Page, key: str) -> None:
    """Alt and ``key``. Playwright's keys lack the character that Chromium looks for."""
    with_alt = {"modifiers": 1, "key": key, "code": f"Digit{key}", "unmodifiedText": key}
    page.keyboard.down("Alt")
    session = page.context.new_cdp_session(page)
    for kind in ("keyDown", "keyUp"):
        session.send("Input.dispatchKeyEvent", {"type": kind, **with_alt})
    page.keyboard.up("Alt")


def test_the_skip_links_come_first_are_seen_and_lead_where_they_say(bring):
    """eMAG 3.1, 1.5: links to content, menu, search and footer, first in the page, with the access
    keys 1 to 4; WCAG 2.2, 2.4.1 Bypass Blocks."""
    with bring(STATES["institutional page"]) as page:
        for key, place in (("1", "conteudo"), ("2", "menu"), ("3", "busca"), ("4", "rodape")):
            page.keyboard.press("Tab")
            focused = page.locator(":focus")
            assert focused.get_attribute("accesskey") == key
            assert focused.get_attribute("href") == f"#{place}"
            box = focused.bounding_box()
            assert box["y"] >= 0
            assert box["height"] >= 24
        for key, place in (("4", "rodape"), ("3", "busca"), ("2", "menu"), ("1", "conteudo")):
            press_access_key(page, key)
            expect(page.locator(f"#{place}")).to_be_focused()
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('main') !== null")


def test_the_menu_of_a_phone_opens_closes_and_gives_the_focus_back(bring):
    """WCAG 2.2, 2.4.3 Focus Order; 2.1.2 No Keyboard Trap."""
    with bring(State("/"), 360) as page:
        opener = page.get_by_role("button", name="Menu", exact=True)
        link = page.locator("#menu a", has_text="Notícias").first
        assert not link.is_visible()
        opener.focus()
        page.keyboard.press("Enter")
        expect(link).to_be_visible()
        for _press in range(3):
            page.keyboard.press("Tab")
            stop = page.evaluate(WALK)
            assert stop["inside"], stop
            assert stop["outlined"], stop
            assert not stop["covered"], stop
        page.keyboard.press("Escape")
        expect(link).to_be_hidden()
        assert opener.evaluate("opener => opener === document.activeElement")


def test_a_gallery_opens_its_pictures_one_at_a_time_by_keyboard(bring):
    """WCAG 2.2, 2.1.1 Keyboard, 2.4.3 Focus Order, 4.1.3 Status Messages."""
    with bring(State(PAGES["article with pictures"]), 360) as page:
        link = page.locator(".gallery a").nth(1)
        link.focus()
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog", name="Galeria de amostra")
        expect(dialog.locator("[role=status]")).to_have_text("2 / 4")
        assert dialog.locator("img").get_attribute("alt")
        page.keyboard.press("ArrowRight")
        expect(dialog.locator("[role=status]")).to_have_text("3 / 4")
        dialog.get_by_role("button", name="Anterior").click()
        expect(dialog.locator("[role=status]")).to_have_text("2 / 4")
        expect(dialog.locator("> p")).to_contain_text("Imagem 2")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        assert link.evaluate("link => link === document.activeElement")


def test_a_player_of_others_does_not_keep_the_keyboard(bring):
    """WCAG 2.2, 2.1.2 No Keyboard Trap."""
    with bring(STATES["video playing"]) as page:
        page.locator("iframe").focus()
        for _press in range(20):
            page.keyboard.press("Tab")
            if page.evaluate("Boolean(document.activeElement.closest('footer'))"):
                break
        else:
            pytest.fail("the footer is not reached")


@pytest.mark.parametrize("opener", [open_menu, open_gallery])
def test_what_opens_over_the_page_is_closed_by_escape(bring, opener):
    """WCAG 2.2, 2.1.2 No Keyboard Trap."""
    path = "/" if opener is open_menu else PAGES["article with pictures"]
    with bring(State(path, opener), 360) as page:
        page.keyboard.press("Escape")
        assert page.locator("dialog[open], :popover-open").count() == 0


def test_a_video_has_captions_and_a_transcript(bring):
    """WCAG 2.2, 1.2.2 Captions, 1.2.3 Media Alternative; eMAG 3.1, 5.1."""
    with bring(STATES["uploaded video playing"]) as page:
        assert page.locator("video track[kind=captions][srclang='pt-BR']").count() == 1
        expect(page.get_by_role("heading", name="Transcrição")).to_be_visible()
    with bring(STATES["article with video"]) as page:
        page.get_by_text("Ler a transcrição").click()
        expect(page.locator("details[open] > div")).to_be_visible()


def test_links_in_texts_are_told_by_more_than_their_colour(bring):
    """WCAG 2.2, 1.4.1 Use of Color; eMAG 3.1, 4.2."""
    with bring(STATES["every block"]) as page:
        lines = page.eval_on_selector_all(
            ".prose :is(p, li) a:not(.button)",
            "links => links.map(a => getComputedStyle(a).textDecorationLine)",
        )
        assert set(lines) == {"underline"}


# The bar ----------------------------------------------------------------------------------------

BACKGROUND = "getComputedStyle(document.body).backgroundColor"
SIZE = "parseFloat(getComputedStyle(document.querySelector('main p')).fontSize)"


@pytest.mark.parametrize("has_script", [True, False])
def test_the_bar_changes_colours_and_text_with_and_without_javascript(bring, has_script):
    """eMAG 3.1, 4.3 and, of its standard elements, the accessibility bar; WCAG 2.2, 1.4.4 and
    1.4.6."""
    with bring(STATES["contact"], java_script_enabled=has_script) as page:
        plain, usual = page.evaluate(BACKGROUND), page.evaluate(SIZE)
        address = page.url
        page.get_by_role("checkbox", name="Alto contraste").check()
        assert page.evaluate(BACKGROUND) == "rgb(0, 0, 0)" != plain
        sizes = [usual]
        for name in ("A+, texto maior", "A++, texto ainda maior"):
            page.get_by_role("radio", name=name).check(force=True)
            sizes.append(page.evaluate(SIZE))
        assert sizes == sorted(set(sizes))
        assert sizes[2] == pytest.approx(usual * 1.5, rel=0.1)
        page.get_by_role("checkbox", name="Alto contraste").uncheck()
        page.get_by_role("radio", name="A, tamanho normal").check(force=True)
        assert page.evaluate(BACKGROUND) == plain
        assert page.evaluate(SIZE) == usual
        assert page.url == address
        assert page.context.cookies() == []


def test_the_bar_is_used_by_keyboard(bring):
    """WCAG 2.2, 2.1.1 Keyboard."""
    with bring(STATES["contact"]) as page:
        page.get_by_role("checkbox", name="Alto contraste").focus()
        page.keyboard.press("Space")
        assert page.evaluate(BACKGROUND) == "rgb(0, 0, 0)"
        page.keyboard.press("Tab")
        usual = page.evaluate(SIZE)
        page.keyboard.press("ArrowRight")
        assert page.evaluate(SIZE) > usual


def test_what_was_chosen_in_the_bar_stays_on_this_device_and_nowhere_else(bring):
    """Lei 13.709/2018, art. 6, III: nothing is kept before it is asked for, nor sent."""
    with bring(STATES["contact"]) as page:
        assert page.evaluate("localStorage.length") == 0
        page.get_by_role("checkbox", name="Alto contraste").check()
        page.get_by_role("radio", name="A+, texto maior").check(force=True)
        assert page.evaluate("({...localStorage})") == {"contrast": "high", "text": "large"}
        page.goto("/noticias/")
        assert page.evaluate(BACKGROUND) == "rgb(0, 0, 0)"
        assert page.get_by_role("checkbox", name="Alto contraste").is_checked()
        assert page.get_by_role("radio", name="A+, texto maior").is_checked()
        assert page.context.cookies() == []
        page.get_by_role("checkbox", name="Alto contraste").uncheck()
        page.get_by_role("radio", name="A, tamanho normal").check(force=True)
        assert page.evaluate("localStorage.length") == 0


@pytest.mark.parametrize("name", ["home", "every block", "news"])
def test_the_high_contrast_of_the_bar_has_the_contrast_of_level_aaa(bring, name):
    """WCAG 2.2, 1.4.6; eMAG 3.1, 4.1. Its colours are those of the system's high contrast
    (tests/test_contrast.py), held above against every state."""
    with bring(STATES[name]) as page:
        page.get_by_role("checkbox", name="Alto contraste").check()
        assert Opened(page, STATES[name]).violations(CONTRAST) == []


# VLibras ----------------------------------------------------------------------------------------


def test_the_translator_into_libras_comes_only_when_it_is_asked_for(bring):
    """Lei 13.709/2018, art. 6, III; Lei 13.146/2015, art. 63: a third party loads at a wish."""
    with bring(STATES["contact"]) as page:
        asked, refused = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda line: line.type == "error" and refused.append(line.text))
        page.reload()
        assert not [url for url in asked if url.startswith("https://")]
        page.get_by_role("link", name="Traduzir para Libras").click()
        page.wait_for_url("**/contato/?libras=1")
        expect(page.locator("body")).to_have_attribute("data-widget", "https://vlibras.gov.br/app")
        assert "https://vlibras.gov.br/app/vlibras-plugin.js" in asked
        assert refused == []
        page.locator("main a[href='/']").first.click()
        page.wait_for_url(re.compile(r"\d/\?libras=1$"))
        page.get_by_role("link", name="Fechar a tradução para Libras").click()
        page.wait_for_url(re.compile(r"\d/$"))


def test_a_translator_that_does_not_answer_is_told(bring):
    """WCAG 2.2, 4.1.3 Status Messages."""
    with bring(STATES["contact"]) as page:
        page.context.route(re.compile("^https://"), lambda route: route.abort())
        page.goto("/contato/?libras=1")
        expect(page.locator("[data-vlibras]")).to_contain_text("não respondeu")


# An election ------------------------------------------------------------------------------------


@pytest.fixture
def election(full_server):
    moment = datetime.now(UTC)
    span = [(moment + timedelta(days=days)).strftime("%Y-%m-%d %H:%M:%S") for days in (-1, 30)]
    with closing(sqlite3.connect(full_server.database, timeout=20)) as database:
        database.execute(
            'INSERT INTO pages_electionperiod (name, start, "end", notice) VALUES (?, ?, ?, ?)',
            ("Eleições", *span, ""),
        )
        database.commit()
        # When all visitors are to see it; and then that it is over, before others look.
        time.sleep(1)
        yield
        database.execute("DELETE FROM pages_electionperiod")
        database.commit()
        time.sleep(1)


@pytest.mark.parametrize("name", ELECTION_STATES)
def test_axe_finds_no_violation_while_an_election_withholds_news(election, bring, name):
    """WCAG 2.2, levels A and AA; Lei 9.504/1997, art. 73, VI, "b"."""
    with bring(ELECTION_STATES[name]) as page:
        opened = Opened(page, ELECTION_STATES[name])
        for width in (1280, 360):
            opened.at(width)
            assert opened.violations(RULES) == []
        assert opened.violations(CONTRAST) == []
        opened.at(320)
        assert page.evaluate(SIDEWAYS) == []


# What a screen reader is told -------------------------------------------------------------------

#: The main templates, of which the tree of accessibility is kept as a file.
TREES = (
    "home",
    "institutional page",
    "goals",
    "goal",
    "news",
    "article with pictures",
    "uploaded video",
    "search with results",
    "search with an error",
    "accessibility",
    "contact",
    "not found",
    "home in English",
)


def tree_of(page: Page) -> str:
    """What a screen reader is told of the page, without what changes from day to day."""
    tree = page.locator("body").aria_snapshot()
    months = "janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|novembro"
    dates = rf"\d+º? de (?:{months}|dezembro) de \d{{4}}|\w+\.? \d{{1,2}}, \d{{4}}"
    tree = re.sub(dates, "DATA", tree)
    # The samples are some months old at most, in one year or two.
    tree = re.sub(r'(?:\s*- option "20\d\d \(\d+\)")+', "\n- option ANO", tree)
    tree = re.sub(r"\b20\d\d\b", "ANO", tree)
    # The result of the last test, on its page.
    tree = re.sub(r"(?:nenhuma falha|\d+ falhas?) em \d+ verificações", "RESULTADO", tree)
    tree = re.sub(r"\d+ situações", "N situações", tree)
    tree = re.sub(r"Chromium [\d.]+, axe-core [\d.]+", "FERRAMENTAS", tree)
    # As it is, and as links to other services have it.
    return re.sub(r"http(://|%3A//|%3A%2F%2F)127\.0\.0\.1(:|%3A)\d+", "", tree) + "\n"


@pytest.mark.parametrize("name", TREES)
def test_a_screen_reader_is_told_what_it_was_told_before(bring, name):
    """WCAG 2.2, 1.3.1 Info and Relationships, 4.1.2 Name, Role, Value. After a change that is
    meant, ``make accessibility-snapshots`` writes the files anew, for people to read."""
    file = SNAPSHOTS / f"{name.replace(' ', '-').replace(',', '')}.yml"
    with bring(STATES[name]) as page:
        tree = tree_of(page)
    if os.environ.get("RENEW_SNAPSHOTS"):
        SNAPSHOTS.mkdir(exist_ok=True)
        file.write_text(tree, encoding="utf-8")
    assert tree == file.read_text(encoding="utf-8")


def test_every_template_of_a_page_is_among_the_states():
    """A new template comes with a state here."""
    shown = {
        "contact/contact_page", "contact/contact_page_sent", "contact/privacy_page",
        "goals/goal_index_page", "goals/goal_page", "news/article_page", "news/news_archive",
        "news/news_index_page", "pages/accessibility_page", "pages/home_page",
        "pages/institutional_page", "pages/site_map_page", "pages/standard_page",
        "pages/video_index_page", "pages/video_page", "pages/withheld", "search/search",
        "api/documentation", "404", "500", "wagtailcore/password_required",
    }  # fmt: skip
    #: Only editors see it, in the admin.
    inner = {"pages/notice_preview"}
    templates = settings.BASE_DIR / "templates"
    whole = {
        str(path.relative_to(templates).with_suffix(""))
        for path in templates.rglob("*.html")
        if re.match(r"\{% extends \"(base|page|pages/\w+)\.html\"|.*<!doctype", path.read_text())
        and path.relative_to(templates).parts[0] not in ("desk", "wagtailadmin")
    }
    assert whole - {"base", "page"} == shown | inner
