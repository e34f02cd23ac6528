"""axe, widths and keyboard on every template (WCAG 2.2 AA, eMAG 3.1)."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

#: One address of every template and state.
PAGES = {
    "home": "/",
    "institutional page": "/a-assessoria/",
    "goals": "/metas/",
    "goal": "/metas/entidades-internacionais/",
    "news": "/noticias/",
    "news, second page": "/noticias/?pagina=2",
    "news, filtered": "/noticias/?assunto=acordos",
    "news archive": "/noticias/arquivo/",
    "article without picture": "/noticias/amostra-noticia-sem-imagem/",
    "article with pictures": "/noticias/amostra-galeria-de-imagens-mapa-e-documentos/",
    "article with video": "/noticias/amostra-um-video-no-meio-do-texto/",
    "videos": "/videos/",
    "uploaded video": "/videos/{file}",
    "video by address": "/videos/{external}",
    "contact": "/contato/",
    "accessibility": "/acessibilidade/",
    "privacy": "/privacidade/",
    "site map": "/mapa-do-site/",
    "search": "/busca/",
    "search with results": "/busca/?q=amostra",
    "search corrected and filtered": "/busca/?q=cooperasao&tipo=meta",
    "search without results": "/busca/?q=zzzz",
    "open data": "/dados-abertos/",
    "not found": "/nada/",
}
AXE = {
    "runOnly": {
        "type": "tag",
        "values": [
            *("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"),
            "best-practice",
        ],
    }
}


@pytest.fixture(scope="session")
def addresses(chromium, site):
    page = chromium.new_page()
    page.goto(f"{site}/mapa-do-site/")
    links = page.eval_on_selector_all(
        "main a[href^='/videos/amostra-']", "links => links.map(link => link.pathname)"
    )
    kinds = {}
    for link in links:
        page.goto(f"{site}{link}")
        kind = "file" if page.query_selector("video") else "external"
        kinds[kind] = link.removeprefix("/videos/")
    page.close()
    assert set(kinds) == {"file", "external"}
    return {name: path.format(**kinds) for name, path in PAGES.items()}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_no_violation(visit, addresses, name, width, scheme):
    page = visit(addresses[name], width=width, color_scheme=scheme, reduced_motion="reduce")
    results = Axe().run(page, options=AXE)
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("name", PAGES)
def test_nothing_scrolls_sideways_at_320_pixels(visit, addresses, name):
    page = visit(addresses[name], width=320)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("name", ["home", "article with pictures", "news"])
def test_nothing_scrolls_sideways_with_text_twice_as_large(visit, addresses, name):
    page = visit(addresses[name], width=1280)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


WALK = """() => {
    const e = document.activeElement;
    if (!e || e === document.body) return null;
    const box = e.getBoundingClientRect();
    const x = box.x + box.width / 2, y = box.y + Math.min(box.height / 2, 10);
    const top = document.elementFromPoint(x, y);
    return {
        html: e.outerHTML.slice(0, 120),
        inside: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight
            && box.right > 0 && box.left < innerWidth,
        covered: Boolean(top) && !(e.contains(top) || top.contains(e) || top.closest("label")),
        outlined: [e, e.parentElement, ...[e.closest("article, .player")].filter(Boolean)]
            .flatMap(each => [getComputedStyle(each), getComputedStyle(each, "::after")])
            .some(s => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2),
    };
}"""


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize(
    "name",
    ["home", "news", "article with pictures", "uploaded video", "video by address", "search"],
)
def test_every_stop_of_the_keyboard_is_seen_and_outlined(visit, addresses, name, width):
    page = visit(addresses[name], width=width, reduced_motion="reduce")
    wanted = page.evaluate(
        """() => [...document.querySelectorAll("a[href], button, input, select, summary, video")]
        .filter(e => e.checkVisibility({visibilityProperty: true})).length"""
    )
    stops = []
    for _press in range(wanted * 2 + 20):
        page.keyboard.press("Tab")
        stop = page.evaluate(WALK)
        if stop is None:
            break
        stops.append(stop)
    page.keyboard.press("Tab")
    htmls = {stop["html"] for stop in stops}
    assert len(htmls) >= min(wanted, 10) * 0.9
    assert [stop for stop in stops if not stop["inside"] or stop["covered"]] == []
    assert [stop for stop in stops if not stop["outlined"] and "<video" not in stop["html"]] == []


def test_the_skip_link_comes_first_and_leads_to_the_content(visit):
    page = visit("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.hash") == "#conteudo"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id || location.hash.slice(1)") == "conteudo"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_the_menu_of_a_phone_opens_closes_and_gives_the_focus_back(visit):
    page = visit("/", width=360)
    opener = page.get_by_role("button", name="Menu", exact=True)
    link = page.locator("#menu a", has_text="Notícias").first
    assert not link.is_visible()
    opener.focus()
    page.keyboard.press("Enter")
    expect(link).to_be_visible()
    results = Axe().run(page, options=AXE)
    assert results.violations_count == 0, results.generate_report()
    page.keyboard.press("Escape")
    expect(link).to_be_hidden()
    assert opener.evaluate("opener => opener === document.activeElement")


def test_a_gallery_opens_its_pictures_one_at_a_time_by_keyboard(visit, addresses):
    page = visit(addresses["article with pictures"], width=360, reduced_motion="reduce")
    link = page.locator(".gallery a").nth(1)
    link.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Galeria de amostra")
    expect(dialog.locator("[role=status]")).to_have_text("2 / 4")
    assert dialog.locator("img").get_attribute("alt")
    results = Axe().run(page, options=AXE)
    assert results.violations_count == 0, results.generate_report()
    page.keyboard.press("ArrowRight")
    expect(dialog.locator("[role=status]")).to_have_text("3 / 4")
    dialog.get_by_role("button", name="Anterior").click()
    expect(dialog.locator("[role=status]")).to_have_text("2 / 4")
    expect(dialog.locator("> p")).to_contain_text("Imagem 2")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert link.evaluate("link => link === document.activeElement")
