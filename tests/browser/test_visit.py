"""What travels between the visitor and the network, and what scripts do."""

import re
import urllib.request

import pytest
from playwright.sync_api import expect

from .test_accessibility import PAGES, addresses  # noqa: F401

#: Notes whatever tells one device from another (https://www.w3.org/TR/fingerprinting-guidance/).
WATCH = """
window.told = [];
const watch = (owner, names) => {
    for (const name of names) {
        const found = owner && Object.getOwnPropertyDescriptor(owner, name);
        if (!found?.configurable) continue;
        const key = "value" in found ? "value" : "get";
        const was = found[key];
        found[key] = function (...given) {
            window.told.push(name);
            return new.target ? Reflect.construct(was, given) : was.apply(this, given);
        };
        Object.defineProperty(owner, name, found);
    }
};
watch(HTMLCanvasElement.prototype, ["getContext", "toDataURL", "toBlob"]);
watch(Navigator.prototype, ["plugins", "mimeTypes", "hardwareConcurrency", "deviceMemory",
    "getBattery", "userAgentData", "userAgent", "platform", "languages", "connection",
    "sendBeacon", "serviceWorker"]);
watch(Screen.prototype, ["width", "height", "colorDepth", "availWidth", "availHeight"]);
watch(Document.prototype, ["cookie", "fonts"]);
watch(window, ["AudioContext", "OfflineAudioContext", "RTCPeerConnection", "indexedDB", "caches"]);
"""


@pytest.mark.parametrize("name", PAGES)
def test_a_visit_asks_nothing_of_others_and_leaves_nothing_behind(visit, addresses, site, name):  # noqa: F811
    page = visit("/robots.txt")
    asked, errors = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    page.add_init_script(WATCH)
    page.goto(addresses[name])
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_timeout(200)
    assert page.evaluate("window.told") == []
    assert asked
    assert [url for url in asked if not url.startswith((site, "data:"))] == []
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    if name == "not found":
        errors = [error for error in errors if "404" not in error]
    assert errors == []


def test_the_watch_over_devices_sees_what_it_is_there_for(visit):
    page = visit("/robots.txt")
    page.add_init_script(WATCH)
    page.goto("/")
    page.evaluate(
        """() => { document.createElement("canvas").getContext("2d"); navigator.userAgent;
        screen.width; document.cookie; new RTCPeerConnection(); }"""
    )
    told = page.evaluate("window.told")
    assert told == ["getContext", "userAgent", "width", "cookie", "RTCPeerConnection"]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_reads_whole_without_javascript(visit, addresses, name):  # noqa: F811
    page = visit(addresses[name], java_script_enabled=False, width=360)
    with_script = visit(addresses[name], width=360)
    # The button that copies an address is the one thing that scripts bring; the link to a video of
    # this site stands for the video itself.
    with_script.evaluate("document.querySelectorAll('[data-copy]').forEach(b => b.hidden = true)")
    with_script.evaluate("document.querySelectorAll('[data-play]').forEach(a => a.remove())")
    assert page.locator("main").inner_text() == with_script.locator("main").inner_text()
    assert page.locator("h1").first.is_visible()


def test_the_menu_of_a_phone_works_without_javascript(visit):
    page = visit("/", width=360, java_script_enabled=False)
    page.get_by_role("button", name="Menu", exact=True).click()
    assert page.locator("#menu a", has_text="Notícias").first.is_visible()


def test_search_and_filters_work_without_javascript(visit):
    page = visit("/", java_script_enabled=False)
    page.fill("#busca", "amostra")
    page.keyboard.press("Enter")
    page.wait_for_url("**/busca/?q=amostra")
    assert "resultados para" in page.locator("main").inner_text()
    page.goto("/noticias/")
    form = page.locator("main form")
    form.get_by_label("Assunto").select_option(index=1)
    form.get_by_role("button").click()
    page.wait_for_url("**/noticias/?assunto=acordos")
    assert page.locator("main article").count() > 0


def test_without_javascript_a_gallery_leads_to_the_picture_itself(visit, addresses):  # noqa: F811
    page = visit(addresses["article with pictures"], java_script_enabled=False)
    page.locator(".gallery a").first.click()
    page.wait_for_url("**/media/images/**")
    assert page.locator("img").evaluate("image => image.naturalWidth") > 400


def test_the_address_of_an_article_is_copied_where_scripts_run(visit, addresses, site):  # noqa: F811
    page = visit(
        addresses["article with pictures"], permissions=["clipboard-read", "clipboard-write"]
    )
    button = page.get_by_role("button", name="Copiar o endereço")
    button.click()
    expect(page.locator(".share [role=status]")).to_have_text("Endereço copiado")
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    plain = visit(addresses["article with pictures"], java_script_enabled=False)
    assert not plain.locator(".share button").is_visible()
    assert plain.locator(".share a").count() == 2


def test_a_press_before_the_scripts_are_there_is_kept_until_they_are(visit, addresses):  # noqa: F811
    page = visit("/robots.txt")
    held = []
    page.route("**/gallery*.js", lambda route: held.append(route))
    page.goto(addresses["article with pictures"], wait_until="commit")
    page.locator(".gallery a").first.click()
    while not held:
        page.wait_for_timeout(50)
    page.wait_for_load_state("load")
    assert page.get_by_role("dialog").count() == 0
    held[0].continue_()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.url.endswith(addresses["article with pictures"])


def test_where_a_script_does_not_come_a_press_leads_on_as_without(visit, addresses):  # noqa: F811
    page = visit("/robots.txt")
    page.route("**/gallery*.js", lambda route: route.abort())
    page.goto(addresses["article with pictures"])
    page.locator(".gallery a").first.click()
    page.wait_for_url("**/media/images/**")


def test_another_services_player_loads_only_when_the_visitor_asks(visit, addresses, site):  # noqa: F811
    page = visit(addresses["video by address"])
    asked = []
    page.context.route("https://**", lambda route: route.fulfill(body="<p>player</p>"))
    page.on("request", lambda request: asked.append(request.url))
    link = page.locator("a[data-embed-url]")
    assert link.get_attribute("href").startswith("https://www.youtube.com/watch?v=")
    link.click()
    frame = page.locator("iframe")
    frame.wait_for()
    page.wait_for_timeout(300)
    # The site's own pictures may come meanwhile, for the link scrolls into view.
    others = [url for url in asked if not url.startswith(f"{site}/")]
    assert others
    wrong = [url for url in others if not url.startswith("https://www.youtube-nocookie.com/embed/")]
    assert wrong == []
    assert frame.get_attribute("title")
    assert page.evaluate("document.activeElement.tagName") == "IFRAME"


def test_the_uploaded_video_plays_with_captions_on(visit, addresses):  # noqa: F811
    page = visit(addresses["uploaded video"])
    assert page.locator("video").count() == 0
    page.get_by_role("link", name=re.compile("^Assistir")).click()
    page.locator("video").evaluate("video => { video.muted = true; }")
    assert page.evaluate("document.activeElement.tagName") == "VIDEO"
    for _attempt in range(100):
        if page.evaluate("document.querySelector('video').currentTime") > 0.2:
            break
        page.wait_for_timeout(200)
    else:
        pytest.fail("the video does not play")
    showing = page.evaluate(
        """() => [...document.querySelector("video").textTracks]
        .filter(track => track.mode === "showing").map(track => track.language)"""
    )
    assert showing == ["pt-BR"]


def test_without_javascript_an_uploaded_video_is_in_the_page(visit, addresses):  # noqa: F811
    page = visit(addresses["uploaded video"], java_script_enabled=False)
    expect(page.locator("video[controls] track[default]")).to_have_count(1)
    assert page.locator("video").is_visible()
    assert not page.locator(".player__link").is_visible()


def _size(url) -> int:
    """Bytes of the answer's body as a browser that reads gzip gets it."""
    request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip, br"})  # noqa: S310
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        assert answer.headers["Content-Encoding"] in ("gzip", "br")
        return len(answer.read())


def test_the_scripts_of_the_home_weigh_little(visit):
    page = visit("/")
    scripts = page.eval_on_selector_all("script[src]", "scripts => scripts.map(s => s.src)")
    assert scripts
    assert sum(_size(script) for script in scripts) <= 4 * 1024


@pytest.mark.parametrize("name", ["home", "news", "article with pictures", "videos"])
@pytest.mark.parametrize("width", [360, 1280])
def test_pictures_have_their_place_and_no_more_than_their_size(visit, addresses, name, width):  # noqa: F811
    page = visit(addresses[name], width=width)
    page.evaluate("document.querySelectorAll('img').forEach(i => i.loading = 'eager')")
    page.wait_for_load_state("networkidle")
    pictures = page.eval_on_selector_all(
        "main img",
        """images => images.map(i => ({
            src: i.currentSrc, width: i.getAttribute("width"), height: i.getAttribute("height"),
            natural: i.naturalWidth, shown: i.getBoundingClientRect().width, complete: i.complete,
        }))""",
    )
    for picture in pictures:
        assert picture["complete"], picture
        assert picture["natural"] > 0, picture
        assert picture["width"], picture
        assert picture["height"], picture
        assert picture["src"].split("?")[0].endswith(".avif"), picture
        # The next size up at most: never an image several times too large.
        assert picture["natural"] <= picture["shown"] * 2.6 + 1, picture


def test_nothing_shifts_while_the_home_loads(chromium, site):
    page = chromium.new_page(viewport={"width": 360, "height": 800})
    page.add_init_script(
        """window.shift = 0; new PerformanceObserver(list => { for (const entry of
        list.getEntries()) window.shift += entry.value; }).observe({type: "layout-shift",
        buffered: true});"""
    )
    page.goto(f"{site}/")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_timeout(600)
    assert page.evaluate("window.shift") < 0.02
    page.close()
