"""What is in force while a request is answered: an election period, the site's notices, and
whether any page is restricted.

It comes with the sites (``pages.sites.all_sites``), which every public address needs, so that it
costs no query of its own. Nothing of it is kept from one request to the next: what the staff saves
counts at once in every process, and the time is compared anew each time, so that periods and
notices begin and end by themselves.

Only visitors' requests have anything in force (``pages.middleware.InForceMiddleware``). The admin,
commands and signals see the site as it is stored, and so cannot store it as it is shown.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.apps import apps
from django.db.models import Exists, Max, Min, Q, QuerySet, Subquery
from django.utils import timezone
from wagtail.models import PageViewRestriction

#: In an editor's session: show me the site as in an election period.
REHEARSAL_KEY = "election_rehearsal"


@dataclass(frozen=True)
class Election:
    """The period in which institutional publicity is withheld; ``pk`` is None in a rehearsal."""

    pk: int | None = None
    end: datetime | None = None
    #: In the site's main language; empty where the usual one stands.
    notice: str = ""


@dataclass(frozen=True)
class InForce:
    election: Election | None = None
    #: What ``pages.models.notice.read_notices`` makes of the notices of all languages.
    notices: tuple = ()
    #: Whether some page asks for a password, a sign-in or a group: mostly there is none.
    has_restrictions: bool = True


class Request:
    """A visitor's request, for which it is found out once what is in force."""

    def __init__(self, ask: Callable[[], object], is_rehearsal: bool = False):
        self._ask = ask
        self.is_rehearsal = is_rehearsal
        self._known: InForce | None = None

    def learn(self, in_force: InForce) -> None:
        if self._known is None:
            if self.is_rehearsal and in_force.election is None:
                in_force = replace(in_force, election=Election())
            self._known = in_force

    @property
    def is_asked(self) -> bool:
        """Whether the answer depends on what is in force."""
        return self._known is not None

    @property
    def in_force(self) -> InForce:
        if self._known is None:
            self._ask()
            self.learn(InForce())  # there is no site that could have told
        return self._known

    @contextmanager
    def being_answered(self) -> Iterator[None]:
        token = _request.set(self)
        try:
            yield
        finally:
            _request.reset(token)

    def streamed(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """``chunks``, each made as the rest of the answer was: servers ask for them afterwards."""
        chunks = iter(chunks)
        while True:
            with self.being_answered():
                chunk = next(chunks, None)
            if chunk is None:
                return
            yield chunk


_request: ContextVar[Request | None] = ContextVar("request_being_answered", default=None)
_NOTHING = InForce()


def current() -> InForce:
    """What is in force for the request being answered; nothing outside of visitors' requests."""
    request = _request.get()
    return request.in_force if request else _NOTHING


def current_election() -> Election | None:
    return current().election


def may_be_restricted() -> bool:
    """Whether a page may be; what nobody asked for yet is not asked for here."""
    request = _request.get()
    return not (request and request.is_asked) or request.in_force.has_restrictions


def is_rehearsal() -> bool:
    """Whether an editor is being shown the site as in an election period."""
    request = _request.get()
    return bool(request and request.is_rehearsal)


# With the sites -----------------------------------------------------------------------------


def asked_with(sites: QuerySet) -> QuerySet:
    """``sites``, each bringing what is in force now."""
    now = timezone.now()
    period = apps.get_model("pages.ElectionPeriod").objects.at(now).order_by("start")
    notices = apps.get_model("pages.SiteNotice").objects.at(now)
    return sites.annotate(
        election_pk=Subquery(period.values("pk")[:1]),
        election_end=Subquery(period.values("end")[:1]),
        election_notice=Subquery(period.values("notice")[:1]),
        notices_in_force=Subquery(notices.as_one_value()),
        has_restrictions=Exists(PageViewRestriction.objects.all()),
    )


def changes_around(moment: float) -> tuple[float | None, float | None]:
    """When a period or notice last began or ended by itself, up to ``moment``, and when one next
    does, after it.

    Moments are seconds since 1970, and None where there is none.
    """
    at = datetime.fromtimestamp(moment, UTC)
    last, next = [], []
    for name in ("ElectionPeriod", "SiteNotice"):
        span = _spans(name).aggregate(
            **{f"last_{end}": Max(end, filter=Q(**{f"{end}__lte": at})) for end in _ENDS},
            **{f"next_{end}": Min(end, filter=Q(**{f"{end}__gt": at})) for end in _ENDS},
        )
        last += [span[f"last_{end}"].timestamp() for end in _ENDS if span[f"last_{end}"]]
        next += [span[f"next_{end}"].timestamp() for end in _ENDS if span[f"next_{end}"]]
    return max(last, default=None), min(next, default=None)


def upcoming_election(after: float) -> float | None:
    """When an election next withholds something after a moment; 0 while one does."""
    moment = datetime.fromtimestamp(after, UTC)
    periods = _spans("ElectionPeriod").filter(end__gt=moment)
    start = periods.aggregate(start=Min("start"))["start"]
    if start is None:
        return None
    return start.timestamp() if start > moment else 0


#: The moments of a span at which something changes by itself.
_ENDS = ("start", "end")


def _spans(name: str) -> QuerySet:
    return apps.get_model("pages", name).objects.order_by()


def tell(site) -> None:
    """Let the request being answered know what ``site``, asked as above, brought."""
    request = _request.get()
    if request is None:
        return
    election = None
    if site.election_pk is not None:
        election = Election(site.election_pk, site.election_end, site.election_notice)
    notices = tuple(site.notices_in_force or ())
    request.learn(InForce(election, notices, site.has_restrictions))
