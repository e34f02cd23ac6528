"""Reading what visitors' pages are made of from a replica, while it is as new as the primary.

A page is drawn under a stamp that was read from the primary. The stamp moves in the transaction of
each change, so a replica that has it has all that it stands for, and one that lags has an older
one. Before its first query a drawing asks the replica for its stamp, over the connection that it
goes on with; if it is another, the whole page is read from the primary. What is replicated
meanwhile makes parts of the page newer than its stamp, as on the primary; never older.

Nobody waits for a replica that is away or slow: a thread of each process reads its stamp all the
time. If it fails in the middle of a page, the page is drawn again from the primary.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.utils import Error

from .stamp import Reading, Watcher, own_connection, read, renew_pool

ALIAS = "replica"
#: Seconds for which a replica is left alone after a page that it failed.
PAUSE = 10
#: Seconds that it may lag without being called slow.
LAG = 5
#: In the request's environment, for the metrics: from where its page was read.
SOURCE = "jundiai.replica"


class Drawing:
    """From where one request reads. ``accepts`` says whether the replica's stamp will do."""

    def __init__(self, accepts: Callable[[Reading], bool]):
        self._accepts = accepts
        self._alias = ""
        self.has_read_replica = False

    def alias(self) -> str:
        if not self._alias:
            try:
                is_right = self._accepts(read(connections[ALIAS]))
            except (Error, LookupError):
                is_right = False
            self._alias = ALIAS if is_right else DEFAULT_DB_ALIAS
            self.has_read_replica = is_right
        if connections[DEFAULT_DB_ALIAS].in_atomic_block:
            return DEFAULT_DB_ALIAS
        return self._alias

    def wrote(self) -> None:
        """From now on it must read what it has written."""
        self._alias = DEFAULT_DB_ALIAS


_drawing: ContextVar[Drawing | None] = ContextVar("drawing_from_replica", default=None)


class Router:
    """The replica for drawings that may read it, the primary for everything else."""

    def db_for_read(self, model, **hints) -> str:
        drawing = _drawing.get()
        return drawing.alias() if drawing else DEFAULT_DB_ALIAS

    def db_for_write(self, model, **hints) -> str:
        if drawing := _drawing.get():
            drawing.wrote()
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one, other, **hints) -> bool:
        return True  # they are the same rows

    def allow_migrate(self, db, app_label, **hints) -> bool | None:
        return False if db == ALIAS else None


class Replica:
    """The replica as one process sees it."""

    def __init__(self):
        self._watcher = Watcher(
            lambda reading: None,
            partial(own_connection, ALIAS),
            partial(renew_pool, ALIAS),
            name=ALIAS,
        )
        self._paused_until = 0.0

    @contextmanager
    def may_be_read(
        self, accepts: Callable[[Reading], bool], is_alone: bool = False
    ) -> Iterator[Drawing | None]:
        """Within it, in this thread, as far as that is right; gives None where it is not.

        ``is_alone``: there is no primary either.
        """
        reading = self._watcher.latest()
        is_paused = time.monotonic() < self._paused_until and not is_alone
        if reading is None or not accepts(reading) or is_paused:
            yield None
            return
        drawing = Drawing(accepts)
        token = _drawing.set(drawing)
        try:
            yield drawing
        finally:
            _drawing.reset(token)

    def has_failed(self) -> None:
        self._paused_until = time.monotonic() + PAUSE


def is_there() -> bool:
    """Whether a replica is configured."""
    return ALIAS in settings.DATABASES


def problem() -> str:
    """What is wrong with the replica, asked now; empty if nothing is.

    Raises a database error, of the primary or of the replica, or ``LookupError``.
    """
    ours = read(connections[DEFAULT_DB_ALIAS])
    with connections[ALIAS].cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery()")
        if not cursor.fetchone()[0]:
            return "it follows no other server"
    theirs = read(connections[ALIAS])
    late = time.time() - ours.version / 1e6
    if theirs.version < ours.version and late > LAG:
        return f"it has not got what was changed {late:.0f} s ago"
    return ""
