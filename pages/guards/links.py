"""Links that say where they go (WCAG 2.2, 2.4.4 Link Purpose; eMAG 3.1, 3.5)."""

import re
import unicodedata
from collections.abc import Iterator

from django.utils.translation import gettext

from ..tidy import tidy_line
from .content import Content
from .finding import Finding, Place, error

#: What says nothing when it is read out of a list of links: without accents, in the languages of
#: the site.
_VAGUE = frozenset(
    """
    acesse|acesse aqui|acesse o link|acesse o site|aqui|clicando aqui|clique|clique aqui
    clique neste link|confira|confira aqui|continue lendo|leia|leia aqui|leia mais|link|link aqui
    mais|mais detalhes|mais informacoes|neste link|nesta pagina|nesse link|saber mais|saiba mais
    saiba mais aqui|site|veja|veja aqui|veja mais|ver mais|este link|esta pagina|esse link
    click|click here|details|here|learn more|link here|more|more details|more information|read more
    read more here|see here|see more|this link|this page
    aqui mismo|este enlace|enlace|haga clic|haga clic aqui|leer mas|mas|mas informacion
    pulse aqui|saber mas|ver aqui|ver mas
    """.strip()
    .replace("\n    ", "|")
    .split("|")
)
_ADDRESS = re.compile(r"^(?:[a-z][a-z0-9+.-]*://|www\.)\S+$|^[\w-]+(?:\.[\w-]+)+/\S+$", re.I)


def plain_words(text: str) -> str:
    """``text`` in small letters, without accents or signs."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    kept = (letter if letter.isalnum() else " " for letter in letters if letter.isascii())
    return " ".join("".join(kept).split())


def links_say_where_they_go(content: Content) -> Iterator[Finding]:
    for text in content.texts:
        for link in text.soup.find_all("a"):
            yield from _of_link(text.place, link.get_text())
    for label in content.labels:
        if tidy_line(label.text):  # a button without text is refused by its own block
            yield from _of_link(label.place, label.text)


def _of_link(place: Place, words: str) -> Iterator[Finding]:
    words = tidy_line(words)
    if not words:
        yield error(place, "link-empty", gettext("Há um link sem texto. Apague-o ou dê-lhe texto."))
    elif plain_words(words) in _VAGUE:
        yield error(
            place,
            "link-vague",
            gettext(
                "O link “%(words)s” não diz aonde leva. Faça do nome da página ou do documento o "
                "texto do link, por exemplo “Ver o edital de 2026”."
            )
            % {"words": words},
        )
    elif _ADDRESS.match(words):
        yield error(
            place,
            "link-address",
            gettext(
                "O texto do link é um endereço (%(words)s), que ninguém entende de ouvido. "
                "Escreva o nome do lugar aonde ele leva."
            )
            % {"words": words if len(words) <= 60 else words[:59] + "…"},
        )
