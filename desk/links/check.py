"""A run of the link checker. It may be cut at any moment: what was found is stored link by link."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone

from ..models import Link
from .collect import collect_all
from .external import Asker, ask_all
from .internal import SiteItself, check_chosen, check_written

#: Links read from the database at a time.
BATCH_SIZE = 1000


@dataclass
class Run:
    """What to check, and how much of it; afterwards, what was found.

    ``days``: addresses of other sites that were asked in the last so many are not asked again.
    ``limit``: most addresses of other sites to ask for. ``budget``: seconds after which nothing
    new is begun.
    """

    days: int = 7
    limit: int | None = None
    budget: float | None = None
    with_external: bool = True
    collect_everything: bool = False
    asker: Asker | None = None
    report: Callable[[str], None] = lambda line: None

    pages_read: int = 0
    #: How many links were found in each state.
    states: Counter = field(default_factory=Counter)
    is_cut: bool = False

    def execute(self) -> None:
        start = time.monotonic()
        self._deadline = None if self.budget is None else start + self.budget
        self._begun = timezone.now()
        self.pages_read = collect_all(
            self.collect_everything, lambda count: self.report(f"{count} pages read")
        )
        self._check_chosen()
        self._check_written()
        if self.with_external:
            self._check_external()

    @property
    def _is_late(self) -> bool:
        return self._deadline is not None and time.monotonic() >= self._deadline

    def _check_chosen(self) -> None:
        chosen = Link.objects.filter(
            kind__in=(Link.Kind.PAGE, Link.Kind.DOCUMENT, Link.Kind.IMAGE)
        ).order_by("pk")
        last = 0
        while batch := list(chosen.filter(pk__gt=last)[:BATCH_SIZE]):
            check_chosen(batch)
            self.states.update(link.state for link in batch)
            last = batch[-1].pk

    def _check_written(self) -> None:
        """Paths are asked for from the one checked longest ago on, for the time may run out."""
        site = SiteItself()
        paths = Link.objects.filter(kind=Link.Kind.PATH).due(before=self._begun)
        while batch := list(paths[:50]):
            if self._is_late:
                self.is_cut = True
                return
            check_written(batch, site)
            self.states.update(link.state for link in batch)

    def _check_external(self) -> None:
        asker = self.asker or Asker()
        due = Link.objects.external().due(before=self._begun - timedelta(days=self.days))
        left = self.limit
        while left is None or left > 0:
            if self._is_late:
                self.is_cut = True
                return
            batch = list(due[: BATCH_SIZE if left is None else min(left, BATCH_SIZE)])
            if not batch:
                return
            for link, outcome in ask_all(batch, asker, self._deadline):
                link.found(outcome.problem, outcome.status, timezone.now())
                link.save(update_fields=Link.CHECKED_FIELDS)
                self.states[link.state] += 1
                self.report(f"{link.get_state_display()}: {link.address}")
                if left is not None:
                    left -= 1
