"""VLibras, the federal government's translator into Libras (https://vlibras.gov.br/).

It belongs to others: it comes from their hosts, which learn who asks, and sends them the texts to
translate. So a site has it only where the office turned it on (``SiteIdentity.offers_vlibras``),
and a page only where its visitor asked, by a link to the same page with a parameter. The
Content-Security-Policy of that answer, and of no other, lets it in.
"""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

PARAMETER, ASKED = "libras", "1"
#: Where it is, as its own instructions have it
#: (https://vlibras.gov.br/doc/widget/installation/webpageintegration.html).
ADDRESS = "https://vlibras.gov.br/app"
_HOME = "https://vlibras.gov.br"
#: Its files are kept here; the addresses at its home lead on to them.
_FILES = "https://cdn.jsdelivr.net/gh/spbgovbr-vlibras/"
#: What it needs. The figure is drawn in a frame, under a policy of its own; its style sheet stands
#: in a ``style`` element of its shadow tree, which no host's name would let in.
SOURCES = {
    "script-src": [_HOME, _FILES],
    "style-src": ["'unsafe-inline'"],
    "img-src": [_HOME, _FILES, "data:"],
    "font-src": [_HOME, _FILES],
    "frame-src": [_HOME],
    "connect-src": [
        _HOME,
        _FILES,
        "https://traducao2.vlibras.gov.br",
        "https://dicionario2.vlibras.gov.br",
        "https://repositorio.vlibras.gov.br",
    ],
}


def speaks(language_code: str) -> bool:
    """Whether it can translate texts in that language: from Portuguese only."""
    return language_code == settings.LANGUAGE_CODE


@dataclass(frozen=True)
class VLibras:
    """What a page has of it."""

    request: HttpRequest | None
    is_offered: bool

    address = ADDRESS

    @property
    def is_on(self) -> bool:
        return self.is_offered and self.request.GET.get(PARAMETER) == ASKED

    @property
    def url(self) -> str:
        """The same page with the translator, or without it where it is on."""
        query = self.request.GET.copy()
        if self.is_on:
            del query[PARAMETER]
        else:
            query[PARAMETER] = ASKED
        return f"{self.request.path}{'?' if query else ''}{query.urlencode()}"


def with_vlibras(request: HttpRequest, update: dict | None) -> dict | None:
    """``update`` of a policy, with what the translator needs where the answer has it.

    The template tag ``vlibras`` says on the request that it has.
    """
    if not getattr(request, "has_vlibras", False):
        return update
    update = dict(update or {})
    return update | {name: [*update.get(name, ()), *more] for name, more in SOURCES.items()}
