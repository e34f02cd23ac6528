"""A summary where lists, search engines and shares show it (Lei 14.129/2021, art. 3, VII).

Longer than 200 characters it is cut by search engines and messengers, which show 120 to 160, and
takes more than four lines of a card on a phone. Shorter than 30 it says no more than a title does.
"""

from collections.abc import Iterator

from django.utils.translation import gettext

from ..tidy import tidy_line
from .content import Content
from .finding import Finding, Place, advice, error

MIN_LENGTH, MAX_LENGTH = 30, 200


def summary_says_what_the_page_is_about(content: Content) -> Iterator[Finding]:
    page = content.page
    summary = tidy_line(page.summary)
    place = Place("summary")
    if not summary:
        if page.needs_summary:
            yield error(
                place,
                "summary-missing",
                gettext(
                    "Escreva o resumo: uma ou duas frases que dizem do que a página trata. Ele "
                    "aparece nas listas, nos buscadores e quando a página é compartilhada."
                ),
            )
    elif summary.casefold() == tidy_line(page.title).casefold():
        yield advice(
            place,
            "summary-repeats-title",
            gettext("O resumo repete o título. Diga nele o que o título não diz."),
        )
    elif len(summary) < MIN_LENGTH:
        yield advice(
            place,
            "summary-short",
            gettext("O resumo tem %(length)d letras. Com ao menos %(min)d ele diz mais.")
            % {"length": len(summary), "min": MIN_LENGTH},
        )
    elif len(summary) > MAX_LENGTH:
        yield advice(
            place,
            "summary-long",
            gettext(
                "O resumo tem %(length)d letras. Os buscadores cortam o que passa de %(max)d: "
                "deixe para o texto o que couber lá."
            )
            % {"length": len(summary), "max": MAX_LENGTH},
        )
