"""How often somebody may try: ever longer waits, for the account and for the address.

NIST SP 800-63B-4, 3.2.2, allows a hundred failures in a row for one account. Waits alone would let
anybody keep an editor out, by failing in the editor's name. So a browser from which the editor
signed in before has a count of its own, which strangers cannot reach (OWASP, "Device Cookies").
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from .models import FailedAttempts, digest


@dataclass(frozen=True)
class Limit:
    """After ``free`` failures one waits, twice as long each time, up to ``longest``."""

    free: int
    first: timedelta
    longest: timedelta
    #: From this many failures on there is no trying at all.
    most: int | None = None
    #: Without a try for so long, all is forgotten.
    forgotten_after: timedelta = timedelta(days=365)

    def open_again(self, count: int, last_at: datetime) -> datetime | None:
        """When the next try may be, after ``count`` failures; None for never."""
        if self.most and count >= self.most:
            return None
        if count < self.free:
            return last_at
        doublings = min(count - self.free, 20)
        return last_at + min(self.first * 2**doublings, self.longest)


_SHORT, _HOUR, _DAY = timedelta(seconds=30), timedelta(hours=1), timedelta(days=1)

#: Passwords, and codes of the second factor, for one account.
ACCOUNT = Limit(free=5, first=_SHORT, longest=_HOUR, most=100)
#: Of one address: an office has one for all.
ADDRESS = Limit(free=30, first=_SHORT, longest=_HOUR, forgotten_after=_DAY)
#: Messages for a forgotten password to one person.
MESSAGES = Limit(free=3, first=timedelta(minutes=15), longest=_DAY, forgotten_after=_DAY)


@dataclass(frozen=True)
class Count:
    """The failures of one account, or of one address."""

    limit: Limit
    key: str

    @classmethod
    def of(cls, limit: Limit, *parts: object) -> "Count":
        return cls(limit, digest("attempts", "|".join(map(str, parts))))

    def charge(self) -> bool:
        """Count a try before it is made, so that many at once are many; whether it may be made."""
        now = timezone.now()
        with transaction.atomic():
            FailedAttempts.objects.get_or_create(key=self.key, defaults={"last_at": now})
            row = FailedAttempts.objects.select_for_update().get(key=self.key)
            if row.last_at < now - self.limit.forgotten_after:
                row.count = 0
            if row.count:
                again = self.limit.open_again(row.count, row.last_at)
                if again is None or now < again:
                    return False
            row.count, row.last_at = row.count + 1, now
            row.save()
        return True

    def refund(self) -> None:
        """The try was no failure."""
        FailedAttempts.objects.filter(key=self.key, count__gt=0).update(count=F("count") - 1)

    def clear(self) -> None:
        FailedAttempts.objects.filter(key=self.key).delete()


def charge(counts: Iterable[Count]) -> bool:
    """Count a try everywhere, or nowhere if it may not be made; whether it may."""
    charged: list[Count] = []
    for count in counts:
        if not count.charge():
            for other in charged:
                other.refund()
            return False
        charged.append(count)
    return True


def forget_old() -> None:
    """Take away counts that no limit remembers."""
    limit = timezone.now() - ACCOUNT.forgotten_after
    FailedAttempts.objects.filter(last_at__lt=limit).delete()
