"""Whether this process can serve: database, migrations, caches, files.

The questions are asked in a thread of their own, and answered for by the deadline whether they are
done or not: a database whose machine hangs would hold up the one who asks for ever. While they go
on, nobody asks them again; and an answer holds for a second, so that asking often costs nothing.
"""

import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotDoneError
from dataclasses import dataclass
from typing import Any

from django.core.cache import caches
from django.core.files.storage import storages
from django.db import connection

from . import migrations_state

#: For how many seconds an answer holds.
KEPT = 1
#: The cache of whole pages.
PAGES = "pages"
#: Storages that must take files.
WRITTEN_STORAGES = ("default", "private")


@dataclass(frozen=True)
class Check:
    name: str
    error: str = ""
    milliseconds: float | None = None

    @property
    def is_well(self) -> bool:
        return not self.error

    @property
    def details(self) -> dict:
        told: dict = {"ok": self.is_well}
        if self.error:
            told["error"] = self.error
        if self.milliseconds is not None:
            told["milliseconds"] = round(self.milliseconds, 1)
        return told


def database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def migrations() -> None:
    if pending := migrations_state.pending(connection):
        shown = ", ".join(f"{app}.{name}" for app, name in pending[:5])
        raise RuntimeError(f"{len(pending)} not applied: {shown}")


def cache() -> None:
    """Not that of whole pages, without which the site is slower and no less right."""
    for alias in set(caches.settings) - {PAGES}:
        try_keeping(alias)


def try_keeping(alias: str) -> None:
    """Raises where the cache ``alias`` does not give back what it was given."""
    # Bytes, for the cache of pages takes nothing else.
    key, value = f"operations.readiness.{secrets.token_hex(4)}", secrets.token_bytes(8)
    caches[alias].set(key, value, 10)
    if caches[alias].get(key) != value:
        raise RuntimeError(f"{alias} does not keep what is put into it")
    caches[alias].delete(key)


def media() -> None:
    for alias in WRITTEN_STORAGES:
        storage: Any = storages[alias]
        storage.try_writing()


#: In this order. What is asked of the database is not asked when it is gone.
CHECKS: dict[str, Callable[[], None]] = {
    "database": database,
    "migrations": migrations,
    "cache": cache,
    "media": media,
}
_NEEDS_DATABASE = {"migrations"}


def run() -> list[Check]:
    """Every check, in this thread."""
    found: dict[str, Check] = {}
    for name, check in CHECKS.items():
        if name in _NEEDS_DATABASE and not found["database"].is_well:
            found[name] = Check(name, "not known without the database")
            continue
        start = time.perf_counter()
        try:
            check()
        except Exception as error:
            found[name] = Check(name, f"{type(error).__name__}: {error}".strip())
        else:
            found[name] = Check(name, milliseconds=(time.perf_counter() - start) * 1000)
    return list(found.values())


class _Probe:
    """The questions as they are asked now, or were a moment ago."""

    def __init__(self):
        self._lock = threading.Lock()
        self._future: Future[list[Check]] | None = None
        self._done_at = 0.0

    def ask(self) -> "Future[list[Check]]":
        with self._lock:
            future = self._future
            if future and (not future.done() or time.monotonic() - self._done_at <= KEPT):
                return future
            future = self._future = Future()
            threading.Thread(target=self._run, args=(future,), daemon=True).start()
            return future

    def _run(self, future: "Future[list[Check]]") -> None:
        try:
            found = run()
        except BaseException as error:
            future.set_exception(error)
        else:
            self._done_at = time.monotonic()
            future.set_result(found)
        finally:
            # The connection is of this thread.
            connection.close()


_probe = _Probe()


def report(timeout: float) -> list[Check]:
    """What was found, at most ``timeout`` seconds from now."""
    try:
        return _probe.ask().result(timeout)
    except NotDoneError:
        return [Check("all", f"no answer within {timeout:g} s")]
