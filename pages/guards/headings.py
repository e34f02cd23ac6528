"""Headings that divide a text (WCAG 2.2, 1.3.1 Info and Relationships; eMAG 3.1, 1.3)."""

from collections.abc import Iterator
from itertools import groupby

from django.utils.translation import gettext

from ..tidy import tidy_line
from .content import Content
from .finding import Finding, Place, advice, error
from .titles import is_shouted


def headings_are_in_order(content: Content) -> Iterator[Finding]:
    for field, headings in groupby(content.headings, key=lambda heading: heading.place.field):
        level_above = 1
        for heading in headings:
            if not tidy_line(heading.text):
                yield error(
                    heading.place,
                    "heading-empty",
                    gettext("Escreva o intertítulo ou apague este bloco."),
                )
            if heading.level > level_above + 1:
                yield error(
                    Place(field, (*heading.place.path[:-1], "level")),
                    "heading-order",
                    gettext(
                        "O intertítulo menor divide uma parte que já tem intertítulo, e aqui "
                        "ainda não há nenhum. Troque o nível para “Intertítulo”."
                    ),
                )
            level_above = max(heading.level, 2)
            if is_shouted(heading.text):
                yield advice(
                    heading.place,
                    "heading-capitals",
                    gettext("O intertítulo está todo em maiúsculas. Escreva-o como uma frase."),
                )
    yield from _headings_of_nothing(content)


def _headings_of_nothing(content: Content) -> Iterator[Finding]:
    for heading in content.headings:
        parts = content.parts[heading.place.field]
        following = heading.place.path[0] + 1
        is_last = following == len(parts)
        is_over_another = not is_last and parts[following] == "heading"
        if is_last or (is_over_another and not _divides(content, heading, following)):
            yield advice(
                heading.place,
                "heading-of-nothing",
                gettext("Não há texto abaixo deste intertítulo. Escreva-o ou apague o bloco."),
            )


def _divides(content: Content, heading, following: int) -> bool:
    """Whether the heading right below ``heading`` is one of its subdivisions."""
    place = heading.place
    return any(
        other.place.field == place.field
        and other.place.path[0] == following
        and other.level > heading.level
        for other in content.headings
    )
