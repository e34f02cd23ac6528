"""Pages that are asked for all the time are drawn as soon as the content changes.

Otherwise the next visitor of each would wait for it, and on the day on which everybody reads the
page that is being corrected, always somebody does.
"""

import logging
import random
import threading
import time
from collections.abc import Callable
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.db import connections

from .memory import Address

logger = logging.getLogger(__name__)

#: Seconds since which a page was asked for, and how many of these, at the most, are drawn.
RECENT, MOST = 5.0, 20


class Renewal:
    """``ask`` is told the address of each page that is to be drawn, in a thread of its own."""

    def __init__(self, ask: Callable[[Address], None]):
        self._ask = ask
        #: When each page was last asked for (``time.monotonic()``).
        self._asked: dict[Address, float] = {}
        self._guard = threading.Lock()
        #: Grows with each change; the thread is over when it has seen the last.
        self._wanted = 0
        self._thread: threading.Thread | None = None

    def note(self, address: Address) -> None:
        """Somebody asked for a page that is kept."""
        if threading.current_thread() is not self._thread:
            self._asked[address] = time.monotonic()

    def begin(self) -> None:
        """The content changed. It takes no time here."""
        with self._guard:
            self._wanted += 1
            if self._thread is not None or not self._asked:
                return
            self._thread = threading.Thread(
                target=self._run, name="page-cache-renewal", daemon=True
            )
            self._thread.start()

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
        since = time.monotonic() - RECENT
        # A copy, for others note meanwhile; what they note just now may be lost.
        asked = {each: at for each, at in self._asked.copy().items() if at >= since}
        self._asked = asked.copy()
        recent = sorted(asked, key=asked.__getitem__, reverse=True)[:MOST]
        random.shuffle(recent)
        return recent


def visit(address: Address) -> dict:
    """The request (PEP 3333) of a visitor of whom nothing is known."""
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": address.script,
        "PATH_INFO": address.path,
        "QUERY_STRING": address.query,
        "HTTP_HOST": address.host,
        "wsgi.url_scheme": address.scheme,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
    }
    if settings.SECURE_PROXY_SSL_HEADER and address.scheme == "https":
        name, value = settings.SECURE_PROXY_SSL_HEADER
        environ[name] = value
    setup_testing_defaults(environ)
    return environ
