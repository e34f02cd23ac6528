"""Pages that are asked for all the time are drawn as soon as the content changes.

Otherwise the next visitor of each would wait for it, and on the day on which everybody reads the
page that is being corrected, always somebody does.
"""

import logging
import random
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from django.db import connections

from .memory import Address

logger = logging.getLogger(__name__)

#: Seconds since which a page was asked for, and how many of these, at the most, are drawn.
RECENT, MOST = 5.0, 20


class Renewal:
    """``ask`` is told the address of each page that is to be drawn, in a thread of its own.

    ``recent``: seconds since which it was asked for.
    """

    def __init__(self, ask: Callable[[Address], None], recent: float = RECENT):
        self._ask, self._since = ask, recent
        #: When the pages that were asked for last were asked for (``time.monotonic()``).
        self._asked: OrderedDict[Address, float] = OrderedDict()
        self._guard = threading.Lock()
        #: Grows with each change; the thread is over when it has seen the last.
        self._wanted = 0
        self._thread: threading.Thread | None = None

    def note(self, address: Address) -> None:
        """Somebody asked for a page that is kept."""
        if threading.current_thread() is self._thread:
            return
        with self._guard:
            self._asked[address] = time.monotonic()
            self._asked.move_to_end(address)
            if len(self._asked) > MOST:
                self._asked.popitem(last=False)

    def draws(self, address: Address) -> bool:
        """Whether it is among the pages that are drawn as soon as the content changes."""
        since = time.monotonic() - self._since
        with self._guard:
            return self._asked.get(address, float("-inf")) >= since

    def begin(self) -> None:
        """The content changed. It takes no time here."""
        with self._guard:
            self._wanted += 1
            if self._thread is not None or not self._asked:
                return
            self._thread = threading.Thread(
                target=self._run, name="page-cache-renewal", daemon=True
            )
            try:
                self._thread.start()
            except RuntimeError:  # the system has no thread left
                self._thread = None
                raise

    def _run(self) -> None:
        try:
            while self._renew_all():
                pass
        finally:
            connections.close_all()

    def _renew_all(self) -> bool:
        """Whether there was a newer change meanwhile."""
        wanted = self._wanted
        for address in self._recent():
            try:
                self._ask(address)
            except Exception:
                # A visitor who asks for it will see the same, and be answered as it is then.
                logger.exception("A page could not be drawn beforehand.")
            if self._wanted != wanted:
                break
        with self._guard:
            if self._wanted != wanted:
                return True
            self._thread = None
            return False

    def _recent(self) -> list[Address]:
        """In any order: several processes do the same, each page once, and begin elsewhere."""
        since = time.monotonic() - self._since
        with self._guard:
            recent = [address for address, asked_at in self._asked.items() if asked_at >= since]
        random.shuffle(recent)
        return recent
