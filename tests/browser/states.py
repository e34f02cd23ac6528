"""Every template of the site in every state that a visitor can bring it into."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

#: One address of every template and state. ``file`` and ``external`` are videos of the samples.
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


def _nothing(page: Page) -> None:
    pass


@dataclass(frozen=True)
class State:
    path: str
    #: What the visitor does once the page is there.
    act: Callable[[Page], None] = _nothing
    #: Widths at which it can be brought about, in CSS pixels.
    widths: tuple[int, ...] = (1280, 360)
    #: Of the answer: a page that went wrong must not pass for the one that was meant.
    status: int = 200


def open_menu(page: Page) -> None:
    page.get_by_role("button", name="Menu", exact=True).click()
    expect(page.locator("#menu a", has_text="Notícias").first).to_be_visible()


def open_filters(page: Page) -> None:
    page.locator(".filterbox summary").click()
    expect(page.locator(".filterbox form")).to_be_visible()


def open_gallery(page: Page) -> None:
    page.locator(".gallery a").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def open_everything(page: Page) -> None:
    page.evaluate("document.querySelectorAll('main details').forEach(d => { d.open = true; })")


def play(page: Page) -> None:
    page.locator("a[data-embed-url]").first.click()
    page.locator("iframe").wait_for()


def play_here(page: Page) -> None:
    page.locator("a[data-play]").first.click()
    page.locator("video").evaluate("video => video.pause()")


def give_a_wrong_password(page: Page) -> None:
    page.get_by_label("Senha").fill("outra")
    page.get_by_role("button", name="Continuar").click()
    page.wait_for_url("**/_util/**")


def send_nothing(page: Page) -> None:
    page.get_by_role("button", name="Enviar mensagem").click()
    page.locator(".faults").wait_for()


def put_away_the_notices(page: Page) -> None:
    while (button := page.get_by_role("button", name=re.compile("Dispensar"))).count():
        button.first.click()


STATES = {
    **{name: State(path) for name, path in PAGES.items()},
    "not found": State("/nada/", status=404),
    "every block": State("/tudo/", open_everything),
    "news, nothing found": State("/noticias/?q=zzzz"),
    "news, filters open": State("/noticias/", open_filters, widths=(360,)),
    "menu open": State("/", open_menu, widths=(360,)),
    "gallery open": State(PAGES["article with pictures"], open_gallery),
    "video playing": State(PAGES["video by address"], play),
    "uploaded video playing": State(PAGES["uploaded video"], play_here),
    "transcript open": State(PAGES["article with video"], open_everything),
    "search with an error": State("/busca/?q=%00"),
    "page with a password": State("/com-senha/"),
    "wrong password": State("/com-senha/", give_a_wrong_password),
    "message with errors": State("/contato/", send_nothing),
    "message sent": State("/contato/enviada/"),
    "notices put away": State("/contato/", put_away_the_notices),
    "translator into Libras on": State("/contato/?libras=1"),
    "something went wrong": State("/quebra/", status=500),
    "home in English": State("/en/"),
    "institutional page in English": State("/en/a-assessoria/"),
    "accessibility in English": State("/en/acessibilidade/"),
    "news in English": State("/en/noticias/"),
    "search in English": State("/en/busca/?q=zzzz"),
    "not found in English": State("/en/nothing/", status=404),
    "home in Spanish": State("/es/"),
    "contact in Spanish": State("/es/contato/"),
    "search in Spanish": State("/es/busca/?q=zzzz"),
}
#: Shown while an election withholds news and videos (Lei 9.504/1997, art. 73, VI, "b").
ELECTION_STATES = {
    "news withheld": State("/noticias/"),
    "article withheld": State(PAGES["article without picture"], status=451),
    "home without news": State("/"),
}
