"""Formatting that came with a pasted text and only looks like structure.

WCAG 2.2, 1.3.1 Info and Relationships (failures F2 and F43): who listens is told of a list or a
heading only where it is one. ``pages.tidy`` mends by itself what can be mended without asking.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from bs4 import NavigableString, Tag
from django.utils.translation import gettext

from .content import Content, Text
from .finding import Finding, advice, error

#: How a line begins that wants to be an item of a list. Not the dashes of a dialogue.
_ITEM = re.compile(r"^(?:[-*•·▪◦‣●]|\d{1,2}[.)])\s+\S")
#: Longest line in bold that is taken for a heading.
MAX_HEADING_LENGTH = 120
#: Fewest letters in capitals that are taken for shouting, not for acronyms.
MIN_SHOUTED_LETTERS = 20


def texts_have_no_foreign_formatting(content: Content) -> Iterator[Finding]:
    for text in content.texts:
        paragraphs = text.soup.find_all("p")
        yield from _fake_lists(text, paragraphs)
        yield from _fake_headings(text, paragraphs)
        yield from _capitals(text)


def _lines(paragraphs: list[Tag]) -> list[str]:
    lines = []
    for paragraph in paragraphs:
        shown = "".join(
            "\n" if isinstance(piece, Tag) and piece.name == "br" else str(piece)
            for piece in paragraph.descendants
            if isinstance(piece, NavigableString) or piece.name == "br"
        )
        lines.extend(line.strip() for line in shown.split("\n"))
    return lines


def _fake_lists(text: Text, paragraphs: list[Tag]) -> Iterator[Finding]:
    if "ul" not in text.features:
        return
    items = (bool(_ITEM.match(line)) for line in _lines(paragraphs))
    if any(first and second for first, second in pairwise(items)):
        yield error(
            text.place,
            "text-fake-list",
            gettext(
                "Há linhas que começam por hífen, ponto ou número, como uma lista. Selecione-as, "
                "use o botão de lista e apague os sinais. Se for um diálogo, use travessão (—)."
            ),
        )


def _is_bold(paragraph: Tag) -> bool:
    pieces = [piece for piece in paragraph.find_all(string=True) if piece.strip()]
    return bool(pieces) and all(piece.find_parent(["b", "strong"]) for piece in pieces)


def _fake_headings(text: Text, paragraphs: list[Tag]) -> Iterator[Finding]:
    if not text.is_part_of_body:
        return
    for paragraph in paragraphs:
        words = paragraph.get_text().strip()
        if words[-1:] in ".:;!?…" or len(words) > MAX_HEADING_LENGTH or not _is_bold(paragraph):
            continue
        yield error(
            text.place,
            "text-fake-heading",
            gettext(
                "“%(words)s” está em negrito para parecer um intertítulo. Ponha um bloco "
                "Intertítulo no lugar; se for só destaque, termine a frase com ponto."
            )
            % {"words": words},
        )


def _capitals(text: Text) -> Iterator[Finding]:
    for paragraph in text.soup.find_all(["p", "li"]):
        letters = [letter for letter in paragraph.get_text() if letter.isalpha()]
        is_shouted = not any(letter.islower() for letter in letters)
        if is_shouted and len(letters) >= MIN_SHOUTED_LETTERS:
            yield advice(
                text.place,
                "text-capitals",
                gettext(
                    "Há um parágrafo todo em maiúsculas, difícil de ler. Escreva-o em minúsculas; "
                    "para destacar, use negrito."
                ),
            )
            return
