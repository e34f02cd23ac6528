"""Guards: what is checked of a page before visitors see it.

A draft is never held back. Errors hold back publishing, scheduling and sending for review; advice
is told, and leaves the choice to the editor. Errors are what shuts somebody out or breaks a law;
what is a matter of degree is advice.

A guard is a function that takes a ``Content`` and yields ``Finding``; ``GUARDS`` has them all.
"""

from collections.abc import Callable, Iterator

from .content import Content
from .finding import Finding, Place
from .headings import headings_are_in_order
from .images import images_are_described_credited_and_authorised
from .links import links_say_where_they_go
from .summaries import summary_says_what_the_page_is_about
from .texts import texts_have_no_foreign_formatting
from .titles import title_is_clear
from .videos import video_has_an_alternative

Guard = Callable[[Content], Iterator[Finding]]

GUARDS: tuple[Guard, ...] = (
    title_is_clear,
    summary_says_what_the_page_is_about,
    headings_are_in_order,
    links_say_where_they_go,
    images_are_described_credited_and_authorised,
    video_has_an_alternative,
    texts_have_no_foreign_formatting,
)

__all__ = ["GUARDS", "Content", "Finding", "Guard", "Place", "errors", "find"]


def find(page, **known) -> list[Finding]:
    """All that the guards have to say of ``page`` as it is in memory, errors first.

    ``known`` is passed to ``Content``.
    """
    content = Content(page, **known)
    found = [finding for guard in GUARDS for finding in guard(content)]
    return sorted(found, key=lambda finding: not finding.is_error)


def errors(page, **known) -> list[Finding]:
    """What must be mended before ``page`` is published."""
    return [finding for finding in find(page, **known) if finding.is_error]
