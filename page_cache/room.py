"""Some threads of each process stay free for kept pages, whatever the others wait for."""

import threading
import time
from collections.abc import Callable, Iterable

from django.conf import settings

from pages.refusals import NO_ROOM

Application = Callable[[dict, Callable], Iterable[bytes]]
#: Seconds for which requests wait outside while none of those inside is done.
PATIENCE = 2.0


class Room:
    """A WSGI application before ``application``, in which only so many requests are at once.

    A request that waits for the database, or for a lock in it, holds a thread for as long. If all
    were held, kept pages could not be answered either, which need no database. The requests that
    find ``settings.PAGE_CACHE_ROOM`` others inside wait; once the oldest of these is inside for
    ``PATIENCE``, so that they are not merely many, or when ``is_silent`` says that the database
    does not answer at all, they are refused at once: ``pages.refusals`` does it.
    """

    def __init__(self, application: Application, is_silent: Callable[[], bool]):
        self._application, self._is_silent = application, is_silent
        #: When each request that is inside came, the oldest first.
        self._inside: dict[object, float] = {}
        self._left = threading.Condition()
        # These ask nothing of the database.
        self._passes = tuple(settings.PAGE_CACHE_PASSES) + tuple(
            f"/{prefix.strip('/')}/" for prefix in (settings.STATIC_URL, settings.MEDIA_URL)
        )

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(self._passes):
            return self._application(environ, start_response)
        place = self._enter()
        if place is None:
            environ[NO_ROOM] = True
            return self._application(environ, start_response)
        try:
            return self._application(environ, start_response)
        finally:
            with self._left:
                del self._inside[place]
                self._left.notify()

    @property
    def is_stuck(self) -> bool:
        """Whether nobody is let in now."""
        if self._is_silent():
            return True
        with self._left:
            return self._seconds_to_wait() <= 0

    def _seconds_to_wait(self) -> float:
        """For how long it is worth to wait, for which the lock must be held."""
        if len(self._inside) < settings.PAGE_CACHE_ROOM:
            return PATIENCE
        return next(iter(self._inside.values())) + PATIENCE - time.monotonic()

    def _enter(self) -> object | None:
        """A place inside; None where there is none."""
        if self._is_silent():
            return None
        with self._left:
            while len(self._inside) >= settings.PAGE_CACHE_ROOM:
                left = self._seconds_to_wait()
                if left <= 0 or self._is_silent():
                    return None
                self._left.wait(left)
            place = object()
            self._inside[place] = time.monotonic()
            return place
