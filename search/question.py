"""What is looked for, as each database's index is asked for it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from . import words

#: Most pages that an answer brings.
MOST = 200
#: The newest pages that are gathered: one more tells whether there are more.
GATHERED = MOST + 1
#: The newest pages that are gathered for their titles.
GATHERED_BY_TITLE = 100
#: How much more a page is worth that has all the words in its title: more than a short text, which
#: the databases favour, and a recent date together.
TITLE_WORTH = 20


@dataclass(frozen=True)
class Question:
    terms: tuple[words.Term, ...]
    #: As in ``settings.LANGUAGES``.
    language: str
    #: Label of a page model, or empty for all.
    kind: str = ""
    year: int | None = None
    #: A month of ``year``.
    month: int | None = None
    #: Words of ``SitePage.search_marks`` that the pages have.
    marks: tuple[str, ...] = ()
    #: At most so many pages have the words, at most so many in the title, of so many in all.
    pages: int = 0
    titles: int = 0
    among: int = 0
    #: One of the words is enough.
    any_word: bool = False
    #: Those of the newest pages that have the words in their title are gathered besides.
    by_title: bool = True

    @property
    def most_by_title(self) -> int:
        """Most pages that are gathered for their titles."""
        return GATHERED_BY_TITLE if self.by_title else 0

    def expression(self, say, both: str, either: str) -> str:
        """The terms joined by the words of a query language; ``say(word)`` writes one."""
        return (either if self.any_word else both).join(
            f"({either.join(f'({both.join(map(say, choice))})' for choice in term.choices)})"
            for term in self.terms
        )

    @property
    def first_day(self) -> date | None:
        """The first day of the period asked for, if any."""
        return date(self.year, self.month or 1, 1) if self.year else None

    @property
    def period(self) -> tuple[datetime, datetime]:
        """From when until when, in the time zone of the office."""
        zone = timezone.get_default_timezone()
        if self.first_day is None:
            return datetime(1, 1, 2, tzinfo=zone), datetime(9999, 12, 30, tzinfo=zone)
        days = 31 if self.month else 366
        end = (self.first_day + timedelta(days=days)).replace(day=1)
        midnights = (datetime.combine(day, time(), tzinfo=zone) for day in (self.first_day, end))
        return tuple(midnights)
