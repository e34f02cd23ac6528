"""Knowing the stamp of the content without asking for it in each request."""

import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from django.db import connections
from django.db.utils import Error

from .models import Stamp

logger = logging.getLogger(__name__)

#: Seconds between two readings; a reading that is older does not count; for so long, at most, a
#: request waits for a newer one, unless the database refuses.
INTERVAL, PATIENCE, WAIT = 0.1, 0.5, 1.0
#: Longest that the database may take for a reading, in milliseconds.
LONGEST_READING = 500
#: Seconds after which a database that was asked, and tells neither the stamp nor an error, hangs.
SILENCE = 1.0
#: How many stamps before this one are remembered: all of a second.
REMEMBERED = round(1 / INTERVAL)


@dataclass(frozen=True)
class Reading:
    """The row of ``Stamp``, as it was read."""

    version: int
    withdrawals: int
    #: When it was asked for, in seconds since 1970: so old it is, at least.
    asked_at: float = field(default=0.0, compare=False)


def read(connection) -> Reading:
    """The stamp now. Raises a database error, or ``LookupError`` where there is none yet."""
    asked_at = time.time()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT version, withdrawals FROM page_cache_stamp WHERE id = %s", [Stamp.ROW]
        )
        row = cursor.fetchone()
    if row is None:
        raise LookupError("The content has no stamp yet.")
    version, withdrawals = row
    return Reading(version, withdrawals, asked_at)


def own_connection(alias: str = "default"):
    """A connection for the readings alone: from no pool, and one that gives up soon."""
    connection = connections.create_connection(alias)
    options = dict(connection.settings_dict["OPTIONS"])
    if connection.vendor == "postgresql":
        options.pop("pool", None)
        options["connect_timeout"] = 2  # libpq takes no less
        options["tcp_user_timeout"] = 1000
        options["options"] = f"{options.get('options', '')} -c statement_timeout={LONGEST_READING}"
    connection.settings_dict = {
        **connection.settings_dict,
        "OPTIONS": options,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": False,
    }
    return connection


def renew_pool(alias: str = "default") -> None:
    """Let the pool of this process have new connections, and throw away those that it has.

    After PostgreSQL was away all of them are dead; the pool would find that out one by one, and
    wait a second and longer after each.
    """
    if (pool := getattr(connections[alias], "pool", None)) is not None:
        pool.drain()


class DirectReader:
    """Reads at each request, over the connection of its thread: for tests and for one thread."""

    #: Nobody but the request itself asks, and waits.
    is_silent = False

    def __init__(self, notice: Callable[[Reading], None]):
        self._notice = notice
        self.last: Reading | None = None

    def former(self, version: int, seconds: float) -> Reading | None:
        """Each request reads anew: none before is good for anybody."""
        return None

    def current(self) -> Reading | None:
        """The stamp; None when the database does not tell."""
        try:
            reading = read(connections["default"])
        except (Error, LookupError):
            return None
        is_new = reading != self.last
        self.last = reading
        if is_new:
            self._notice(reading)
        return reading


class Watcher:
    """A thread that reads the stamp all the time, so that requests find it read.

    It is begun by the first request of a process, and again in each process that is forked from
    this one. In that thread ``renew`` is called with every reading, ``notice`` with each that is
    another than the one before, and ``mend`` when there is a connection again after one was lost;
    none must take long.
    """

    def __init__(
        self,
        notice: Callable[[Reading], None],
        connect: Callable = own_connection,
        mend: Callable[[], None] = renew_pool,
        name: str = "default",
        renew: Callable[[Reading], None] = lambda reading: None,
    ):
        self._renew = renew
        self._notice, self._connect, self._mend, self._name = notice, connect, mend, name
        self.last: Reading | None = None
        self._forget()
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        """There is no thread here (yet): a fork takes along only the one that forks."""
        self._thread: threading.Thread | None = None
        self._news = threading.Condition()
        self._read_at = float("-inf")
        #: The last reading of each former stamp, the latest first, and when it was asked for
        #: (``time.monotonic()``).
        self._former: tuple[tuple[Reading, float], ...] = ()
        self._is_away = False
        self._asked_at: float | None = None
        self._was_silent = False
        #: What failed the last time.
        self._failing: set[Callable] = set()

    def current(self) -> Reading | None:
        """The stamp as it was at most ``PATIENCE`` seconds ago; None when it cannot be known."""
        if self._is_known():
            return self.last
        if self._thread is None:
            self._begin()
        if not self._is_away:
            with self._news:
                self._news.wait_for(lambda: self._is_known() or self._is_away, WAIT)
        if self._is_known():
            return self.last
        self._is_away = True  # so that others need not wait
        return None

    @property
    def is_silent(self) -> bool:
        """Whether the database hangs: whoever asks it now might wait for ever."""
        asked_at = self._asked_at
        waits = asked_at is not None and time.monotonic() - asked_at > SILENCE
        return waits or self._was_silent

    def latest(self) -> Reading | None:
        """The same as ``current``, without waiting for a newer one."""
        if self._thread is None:
            self._begin()
        return self.last if self._is_known() else None

    def former(self, version: int, seconds: float) -> Reading | None:
        """The last reading of a stamp that is over, if it was asked for in the last ``seconds``:
        what was drawn under it was right then, and is no older."""
        for reading, asked_at in self._former:
            if reading.version == version and time.monotonic() - asked_at < seconds:
                return reading
        return None

    def _is_known(self) -> bool:
        return time.monotonic() - self._read_at <= PATIENCE

    def _begin(self) -> None:
        with self._news:
            if self._thread is None:
                thread = threading.Thread(
                    target=self._watch, args=(self._news,), name="page-cache-stamp", daemon=True
                )
                thread.start()  # or the next request tries it again
                self._thread = thread

    def stop(self) -> None:
        """Let the thread end, if there is one."""
        self._forget()

    def _watch(self, news: threading.Condition) -> None:
        connection, was_lost = None, False
        told: Reading | None = None
        while news is self._news:
            self._asked_at = asked_at = time.monotonic()
            try:
                connection = connection or self._connect()
                reading = read(connection)
            except Exception as error:
                # Whatever it is, the next try may go well, with a new connection.
                self._complain(error)
                # Or merely slow, and then its server is there.
                was_lost = was_lost or getattr(
                    getattr(connection, "connection", None), "closed", True
                )
                if connection is not None:
                    with suppress(Exception):
                        connection.close()
                connection = None
                self._was_silent = time.monotonic() - asked_at > SILENCE
                with news:
                    self._is_away = time.monotonic() - self._read_at > PATIENCE
                    news.notify_all()
            else:
                was_lost = was_lost and not self._succeeds(self._mend)
                self._was_silent = False
                with news:
                    if self.last is not None and self.last != reading:
                        former = (self.last, self._read_at)
                        self._former = (former, *self._former)[:REMEMBERED]
                    self.last, self._read_at = reading, asked_at
                    # One that comes too late is no reason to wait for the next.
                    self._is_away = self._is_away and not self._is_known()
                    news.notify_all()
                self._succeeds(self._renew, reading)
                if reading != told and self._succeeds(self._notice, reading):
                    told = reading
            self._asked_at = None
            time.sleep(INTERVAL)
        if connection is not None:
            connection.close()

    def _succeeds(self, do: Callable, *arguments: Reading) -> bool:
        """What fails is tried again with the next reading, and must not end the readings."""
        try:
            do(*arguments)
        except Exception as error:
            if do not in self._failing:
                logger.exception("What follows a reading of the stamp failed: %s", error)
            self._failing.add(do)
            return False
        self._failing.discard(do)
        return True

    def _complain(self, error: Exception) -> None:
        if not self._is_away:
            logger.warning("The stamp of %s cannot be read: %s", self._name, error)
