"""What of the site can be asked: its addresses, their parameters, and the forms."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

from bs4 import BeautifulSoup

#: Where to begin, and what no page leads to.
STARTS = (
    *(
        "/",
        "/en/",
        "/es/",
        "/busca/?q=amostra",
        "/noticias/",
        "/noticias/?q=amostra&assunto=&meta=",
    ),
    *("/noticias/?ano=2026&mes=3", "/videos/?pagina=1", "/dados-abertos/", "/robots.txt"),
    *("/favicon.ico", "/site.webmanifest", "/sitemap.xml", "/sitemap-paginas.xml"),
    *("/.well-known/security.txt", "/noticias/rss/", "/noticias/atom/", "/noticias/json/"),
    *("/api/v1/", "/api/v1/openapi.json", "/api/v1/metas/?lingua=pt-BR"),
    "/api/v1/noticias/?limite=2&depois=&lingua=pt-BR&ano=2026&mes=3&assunto=x&meta=x",
    "/api/v1/noticias.csv?separador=virgula&lingua=en&ano=2026",
    *("/api/v1/videos/?limite=1", "/documentos/1/edital.pdf", "/media/x.jpg", "/static/x.css"),
    *("/_util/login/?next=/", "/admin/login/?next=/admin/", "/admin/password_reset/"),
    *("/_util/authenticate_with_password/1/1/", "/documentos/authenticate_with_password/1/"),
)
#: Pages of a kind that are read, and pages in all.
OF_A_KIND, IN_ALL = 2, 60
#: What only a person who is signed in finds more of.
_CLOSED = ("/admin/", "/static/", "/media/")


@dataclass(frozen=True)
class Form:
    action: str
    method: str
    fields: tuple[tuple[str, str], ...]


@dataclass
class Surface:
    paths: list[str] = field(default_factory=list)
    #: Parameters known at each path, with a good value.
    parameters: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    forms: list[Form] = field(default_factory=list)

    def add(self, address: str) -> None:
        parts = urlsplit(address)
        path = unquote(parts.path)
        if path not in self.parameters:
            self.paths.append(path)
            self.parameters[path] = []
        known = self.parameters[path]
        names = {name for name, _value in known}
        for name, value in parse_qsl(parts.query, keep_blank_values=True):
            if name not in names:
                known.append((name, value))
                names.add(name)


def _kind(path: str) -> str:
    """What addresses of a kind have in common: all but the last name, and no numbers."""
    return re.sub(r"\d+", "0", re.sub(r"[^/]+/?$", "", path)) + str(path.count("/"))


def discover(get: Callable[[str], str]) -> Surface:
    """Read the site as a visitor would. ``get`` gives the HTML at an address, or nothing."""
    surface = Surface()
    waiting, seen, kinds = list(STARTS), set(STARTS), Counter()
    read = 0
    while waiting and read < IN_ALL:
        address = waiting.pop(0)
        surface.add(address)
        html = get(address)
        read += 1
        if not html:
            continue
        page = BeautifulSoup(html, "html.parser")
        for form in page.find_all("form"):
            _add_form(surface, urljoin(address, form.get("action") or address), form)
        for link in page.find_all("a", href=True):
            target = urlsplit(urljoin(address, link["href"]))
            found = target.path + (f"?{target.query}" if target.query else "")
            if target.netloc or target.scheme or found in seen or found.startswith(_CLOSED):
                continue
            seen.add(found)
            kinds[_kind(target.path)] += 1
            if kinds[_kind(target.path)] <= OF_A_KIND:
                waiting.append(found)
    for address in waiting:
        surface.add(address)
    return surface


def _add_form(surface: Surface, action: str, form) -> None:
    fields = tuple(
        (control["name"], control.get("value") or "")
        for control in form.find_all(["input", "select", "textarea", "button"])
        if control.get("name")
    )
    path = urlsplit(action).path
    made = Form(path, (form.get("method") or "get").upper(), fields)
    if made not in surface.forms:
        surface.forms.append(made)
    if made.method == "GET":
        query = "&".join(f"{name}=" for name, _value in fields)
        surface.add(f"{path}?{query}")
