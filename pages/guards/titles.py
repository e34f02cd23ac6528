"""One clear title (WCAG 2.2, 2.4.2 Page Titled and 2.4.6 Headings and Labels; eMAG 3.1, 3.3)."""

import re
from collections.abc import Iterator

from django.utils.translation import gettext

from ..tidy import tidy_line
from .content import Content
from .finding import Finding, Place, error

#: Fewest letters of a title: "Mapa" and "Metas" are titles, "Oi" is none.
MIN_LETTERS = 3
#: Words of more letters than this are no acronym; in capitals they shout.
LONGEST_ACRONYM = 6
#: Abbreviations with which a title may end.
_ABBREVIATION = re.compile(r"(?:\b(?:cia|co|corp|etc|inc|jr|ltd|ltda|sr|sra)|\b\w\.\w)\.$", re.I)


def is_shouted(text: str) -> bool:
    """Whether ``text`` is in capitals only, and more than an acronym."""
    letters = [character for character in text if character.isalpha()]
    if not letters or any(letter.islower() for letter in letters):
        return False
    words = re.findall(r"[^\W\d_]+", text)
    long_words = [word for word in words if len(word) > 1]
    return len(letters) > LONGEST_ACRONYM or len(long_words) > 1


def title_is_clear(content: Content) -> Iterator[Finding]:
    title = tidy_line(content.page.title)
    place = Place("title")
    if sum(character.isalnum() for character in title) < MIN_LETTERS:
        yield error(
            place,
            "title-short",
            gettext("O título é curto demais. Diga em poucas palavras do que a página trata."),
        )
    if is_shouted(title):
        yield error(
            place,
            "title-capitals",
            gettext(
                "O título está todo em maiúsculas, o que cansa a leitura. Escreva-o como uma "
                "frase: maiúscula só no começo e nos nomes próprios."
            ),
        )
    if title.endswith(".") and not title.endswith("..") and not _ABBREVIATION.search(title):
        yield error(place, "title-period", gettext("Apague o ponto no fim do título."))
    if content.has_twin:
        yield error(
            place,
            "title-twin",
            gettext(
                "Já existe aqui uma página publicada com este título. Acrescente o que distingue "
                "esta, como o lugar ou o ano."
            ),
        )
