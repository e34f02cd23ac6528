"""What a first visit weighs, and what makes the next page quick."""

import re
import urllib.request
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest

from .test_accessibility import PAGES, addresses  # noqa: F401

#: Of the first visit to the home, with an opening picture: bytes that travel, headers and all
#: (1000 to the kilobyte), and requests.
BYTES, REQUESTS = 100_000, 10
#: What fits the first round trip: ten packets (RFC 6928) of 1,460 bytes.
FIRST_ROUND_TRIP = 14_600
#: Of that, headers of a page and of its style sheet, as nginx sends them by HTTP/2 (1,810 bytes).
HEADERS = 1_900
#: Pages that are kept, in Brotli too. The others answer one visitor, and weigh less.
KEPT = [name for name in PAGES if not name.startswith(("contact", "search", "not found"))]
#: Weights and sizes in which the system's typeface is shown.
FACES = """() => [...document.querySelectorAll("body *")].filter((one) => one.checkVisibility())
  .map(getComputedStyle).filter((style) => style.fontFamily.startsWith("system-ui"))
  .map((style) => [style.fontWeight, style.fontSize])"""
CLOSE_THE_PICTURE = """
from pages.models import HomePage
home = HomePage.objects.get(locale__language_code="pt-br")
image, home.hero_image = home.hero_image, None
home.save_revision().publish()
image.delete()
"""


def eventually(page, condition) -> None:
    """The policy of the pages allows no ``wait_for_function``, which evaluates texts."""
    for _attempt in range(200):
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError("It did not happen within ten seconds.")


class Asked:
    """What the browser asks for by itself while ``page`` is open, by DevTools' protocol."""

    def __init__(self, page):
        self.addresses: dict[str, str] = {}
        self.bytes: dict[str, float] = {}
        self.purposes: dict[str, str] = {}
        session = page.context.new_cdp_session(page)
        session.on("Network.requestWillBeSent", self._sent)
        session.on("Network.loadingFinished", self._finished)
        session.send("Network.enable")

    def _sent(self, event):
        request = event["request"]
        if request["url"].startswith("http"):
            self.addresses[event["requestId"]] = request["url"]
            self.purposes[request["url"]] = request["headers"].get("Sec-Purpose", "")

    def _finished(self, event):
        if event["requestId"] in self.addresses:
            self.bytes[event["requestId"]] = event["encodedDataLength"]


@pytest.fixture(scope="module")
def opened_by_a_picture(site, manage) -> Iterator[str]:
    """Address of the home with an opening picture as heavy as a photograph."""
    manage("shell", "--command", "import tests.browser.open_with_a_picture")
    # The versions of its pictures are made.
    urllib.request.urlopen(f"{site}/").close()  # noqa: S310
    yield f"{site}/"
    manage("shell", "--command", CLOSE_THE_PICTURE)


@pytest.mark.parametrize(("width", "height", "density"), [(360, 640, 2), (1280, 800, 1)])
def test_the_first_visit_to_the_home_is_light(
    chromium, opened_by_a_picture, width, height, density
):
    context = chromium.new_context(
        viewport={"width": width, "height": height}, device_scale_factor=density
    )
    page = context.new_page()
    asked = Asked(page)
    page.goto(opened_by_a_picture, wait_until="networkidle")
    shown = page.evaluate("[...document.images].filter(i => i.complete).map(i => i.currentSrc)")
    assert any("abertura" in address for address in shown)
    # This browser has no windows, and so asks for no icon.
    icon = page.request.get(page.locator("link[rel=icon]").first.evaluate("link => link.href"))
    size = sum(asked.bytes.values()) + len(icon.body()) + 1000
    assert len(asked.bytes) == len(asked.addresses)
    assert len(asked.addresses) + 1 <= REQUESTS, asked.addresses
    assert size <= BYTES, dict(zip(asked.addresses.values(), asked.bytes.values(), strict=True))
    context.close()


def test_pictures_further_down_come_when_the_visitor_does(visit):
    page = visit("/", width=360, height=640)
    late = page.locator(".newsfront img")
    assert late.count() > 2
    assert not late.last.evaluate("image => image.complete && image.naturalWidth > 0")
    late.last.scroll_into_view_if_needed()
    eventually(page, lambda: late.last.evaluate("image => image.naturalWidth > 0"))
    poster = page.locator(".feature .player img")
    poster.scroll_into_view_if_needed()
    eventually(page, lambda: poster.evaluate("image => image.naturalWidth > 0"))


#: What moved without the reader's doing, whatever had moved before somebody listened.
SHIFTS = """async () => new Promise(done => {
    const found = [];
    new PerformanceObserver(list => {
        for (const shift of list.getEntries()) {
            found.push(...shift.sources.map(each => each.node?.parentElement?.outerHTML));
        }
    }).observe({ type: "layout-shift", buffered: true });
    setTimeout(() => done(found), 200);
})"""


@pytest.mark.parametrize(
    ("name", "width"),
    [("home", 360), ("news", 360), ("article with pictures", 360), ("videos", 1280)],
)
def test_nothing_moves_while_pictures_come(visit, addresses, name, width):  # noqa: F811
    """Cumulative Layout Shift (https://web.dev/articles/cls) of 0, to the foot of the page."""
    page = visit(addresses[name], width=width, height=640)
    height = page.evaluate("document.documentElement.scrollHeight")
    for _step in range(0, height, 400):
        page.mouse.wheel(0, 400)
        page.wait_for_timeout(50)
    page.wait_for_load_state("networkidle")
    assert page.evaluate(SHIFTS) == []


def settles(page, condition) -> None:
    """It comes, and is still so when what moves has come to rest."""
    eventually(page, lambda: condition(page))
    page.wait_for_timeout(300)
    assert condition(page)


def is_at_the_end(page) -> bool:
    return page.evaluate("document.documentElement.scrollHeight - innerHeight - scrollY") < 2


def is_at_the_footer(page) -> bool:
    """As far from the edge as ``scroll-padding`` has it, or as far as the page goes."""
    foot = page.locator("#rodape").bounding_box()
    return abs(foot["y"] - max(32, page.viewport_size["height"] - foot["height"])) < 2


#: By template, the last of these parts of a page.
DRAWN_LATE = {
    "home": "main > section",
    "news": ".grid > li",
    "goal": ".grid > li",
    "article with pictures": "main > section",
    "search with results": ".results > li",
    "privacy": ".prose > dl",
    "open data": ".prose > .table",
}


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize(("name", "part"), DRAWN_LATE.items())
def test_what_is_far_below_is_drawn_late_and_one_arrives_below_it(
    visit,
    addresses,  # noqa: F811
    name,
    part,
    width,
):
    is_drawn = "part => part.firstElementChild.checkVisibility({contentVisibilityAuto: true})"
    at = {"width": width, "height": 640, "reduced_motion": "no-preference"}
    page = visit(addresses[name], **at)
    foot, last = page.locator("#rodape"), page.locator(part).last
    assert [each.evaluate(is_drawn) for each in (last, foot)] == [False, False]
    page.locator(".skip a[href='#rodape']").focus()
    page.keyboard.press("Enter")
    came_with_its_address = visit(f"{addresses[name]}#rodape", **at)
    for each in (page, came_with_its_address):
        settles(each, is_at_the_footer)
        assert each.locator("#rodape").evaluate(is_drawn)
    # The second press is for Chromium, which now and then stops early (docs/decisions.md).
    by_key = visit(addresses[name], **at)
    by_key.keyboard.press("End")
    by_key.wait_for_timeout(500)
    by_key.keyboard.press("End")
    settles(by_key, is_at_the_end)


#: For each part that is not drawn yet, or that has no elements: by how much less is kept than its
#: height.
TOO_LITTLE = """() => {
    const isDrawn = part => part?.checkVisibility({ contentVisibilityAuto: true });
    const late = [...document.querySelectorAll("main *, footer")].filter(part => {
        const style = getComputedStyle(part);
        return style.contentVisibility === "auto"
            && style.containIntrinsicBlockSize.startsWith("auto ")
            && isDrawn(part) && !isDrawn(part.firstElementChild);
    });
    const kept = late.map(part => part.getBoundingClientRect().height);
    for (const part of late) part.style.contentVisibility = "visible";
    return late.map((part, number) => part.getBoundingClientRect().height - kept[number]);
}"""


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", DRAWN_LATE)
def test_more_than_its_height_is_kept_for_what_is_drawn_late(visit, addresses, name, width):  # noqa: F811
    """With less, the page would grow while the End key leads to where its end was."""
    page = visit(addresses[name], width=width, height=640)
    missing = page.evaluate(TOO_LITTLE)
    assert missing
    assert max(missing) <= 0, missing


@pytest.mark.parametrize("name", ["home", "news", "article with pictures", "goals", "contact"])
def test_the_systems_typeface_has_two_sizes_and_two_weights(visit, addresses, name):  # noqa: F811
    """Each further one is a question that the first frame waits for (docs/decisions.md)."""
    page = visit(addresses[name], width=360, height=640)
    faces = page.evaluate(FACES)
    assert {weight for weight, _size in faces} == {"400", "700"}
    assert len({size for _weight, size in faces}) == 2, faces


@pytest.mark.parametrize("name", KEPT)
def test_a_page_and_its_style_sheet_fit_the_first_round_trip(site, addresses, name):  # noqa: F811
    def size(address: str) -> tuple[int, str]:
        request = urllib.request.Request(address, headers={"Accept-Encoding": "br"})  # noqa: S310
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            assert answer.headers["Content-Encoding"] == "br"
            return len(answer.read()), answer.headers["Content-Type"]

    page = f"{site}{addresses[name]}"
    with urllib.request.urlopen(page) as answer:  # noqa: S310
        sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', answer.read().decode())
    assert len(sheets) == 1
    html, css = size(page)[0], size(urljoin(page, sheets[0]))[0]
    assert html + css + HEADERS <= FIRST_ROUND_TRIP, (html, css)


def test_static_files_last_for_ever_and_are_compressed_beforehand(site, server):
    with urllib.request.urlopen(f"{site}/") as answer:  # noqa: S310
        files = set(re.findall(r"/static/[^\"' )]+", answer.read().decode()))
    assert {name.rpartition(".")[2] for name in files} >= {"css", "js", "woff2"}
    for file in files:
        request = urllib.request.Request(  # noqa: S310
            f"{site}{file}", headers={"Accept-Encoding": "br, gzip"}
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            assert re.search(r"\.[0-9a-f]{12}\.\w+$", file)
            assert "immutable" in answer.headers["Cache-Control"], file
            if file.endswith((".css", ".js", ".svg")):
                assert answer.headers["Content-Encoding"] == "br", file
                assert answer.headers["Content-Length"], file


# The first frame -------------------------------------------------------------------------------

#: When the page took the colours that were chosen before, in milliseconds as the browser counts.
NOTE_THE_CHANGE = """
    new MutationObserver(() => {
        if (document.documentElement?.dataset.contrast) window.changedAt ??= performance.now();
    }).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-contrast"] });
"""
FIRST_PAINT = "performance.getEntriesByName('first-paint')[0]?.startTime"


def test_a_page_is_never_drawn_in_other_colours_than_were_chosen(visit):
    page = visit("/a-assessoria/")
    page.get_by_role("checkbox", name="Alto contraste").check()
    page.add_init_script(NOTE_THE_CHANGE)
    for _visit in range(5):
        page.reload()
        eventually(page, lambda: page.evaluate(FIRST_PAINT))
        eventually(page, lambda: page.evaluate("window.changedAt"))
        assert page.evaluate(f"window.changedAt < {FIRST_PAINT}")


def test_what_nobody_needs_to_see_the_page_comes_when_it_has_been_drawn(visit, addresses):  # noqa: F811
    """Also where the page's own pictures are slow: they have the line to themselves."""
    page = visit("/robots.txt")
    asked, held = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.route("**/media/images/*", lambda route: held.append(route))
    page.goto(addresses["article with pictures"], wait_until="commit")
    eventually(page, lambda: page.evaluate(FIRST_PAINT) and held)
    page.wait_for_timeout(200)
    assert [url for url in asked if "/js/" in url and "/js/start." not in url] == []
    for route in held:
        route.continue_()
    names = ("gallery", "share", "prefetch")
    eventually(page, lambda: all(any(f"/js/{n}." in url for url in asked) for n in names))


# Pages fetched beforehand -----------------------------------------------------------------------


class Prefetching:
    """What the rules let the browser fetch beforehand, as the browser understands them."""

    def __init__(self, page):
        self.rules: list[dict] = []
        self.candidates: set[str] = set()
        session = page.context.new_cdp_session(page)
        session.on("Preload.ruleSetUpdated", lambda event: self.rules.append(event["ruleSet"]))
        session.on("Preload.preloadingAttemptSourcesUpdated", self._updated)
        session.send("Preload.enable")

    def _updated(self, event):
        self.candidates = {source["key"]["url"] for source in event["preloadingAttemptSources"]}


@pytest.mark.parametrize("name", ["home", "news, filtered", "article with pictures", "open data"])
def test_only_pages_of_this_site_may_be_fetched_beforehand(visit, addresses, site, name):  # noqa: F811
    page = visit("/robots.txt")
    prefetching = Prefetching(page)
    page.goto(addresses[name])
    page.evaluate(
        """hrefs => document.querySelector("main").append(...hrefs.map(href => {
            const link = document.createElement("a");
            link.href = href;
            link.textContent = href;
            return link;
        }))""",
        ["https://example.org/", "/busca/?q=x", "/documentos/1/x.pdf", "/media/x.avif"],
    )
    eventually(page, lambda: prefetching.candidates)
    assert [rule.get("errorType") for rule in prefetching.rules] == [None]
    assert f"{site}/noticias/" in prefetching.candidates | {page.url}
    links = set(page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)"))
    kept_away = links - prefetching.candidates
    assert {"https://example.org/", f"{site}/busca/?q=x", f"{site}/media/x.avif"} <= kept_away
    for address in prefetching.candidates:
        parts = urlsplit(address)
        assert f"{parts.scheme}://{parts.netloc}" == site, address
        assert parts.query == "", address
        # What is fetched is a page, and not counted as a search is.
        answer = page.request.get(address)
        assert answer.headers["content-type"].startswith("text/html"), address


def test_a_page_is_fetched_when_the_pointer_stays_on_its_link(visit, site):
    page = visit("/robots.txt")
    asked = Asked(page)
    page.goto("/", wait_until="networkidle")
    assert "prefetch" not in asked.purposes.values()
    # A document, that is saved, and another site: whoever points there asks for nothing.
    page.hover(".foot a[href^='https://']")
    page.hover(".nav a[href='/noticias/']")
    eventually(page, lambda: f"{site}/noticias/" in asked.purposes)
    assert asked.purposes[f"{site}/noticias/"] == "prefetch"
    assert all(address.startswith(site) for address in asked.purposes)


# From page to page ------------------------------------------------------------------------------


@pytest.mark.parametrize(("motion", "is_drawn"), [("no-preference", True), ("reduce", False)])
def test_pages_fade_into_each_other_where_motion_is_welcome(visit, motion, is_drawn):
    page = visit("/robots.txt", reduced_motion=motion)
    page.add_init_script(
        "addEventListener('pagereveal', event => { window.fades = Boolean(event.viewTransition); })"
    )
    page.goto("/")
    page.click(".nav a[href='/noticias/']")
    page.wait_for_url("**/noticias/")
    eventually(page, lambda: page.evaluate("window.fades") is not None)
    assert page.evaluate("window.fades") is is_drawn
    # What was pressed is gone at once; the page is there for keys as before.
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.skip') !== null")
