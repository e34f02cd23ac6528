"""Pages that all processes share, and all machines where there is Redis or Valkey.

Whatever goes wrong with it costs time only, and little.
"""

import json
import logging
import time
from collections.abc import Callable
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any

from django.core.cache import caches

from .entry import Entry
from .memory import Address

logger = logging.getLogger(__name__)

#: A call that took so many seconds to fail, or to succeed, is a sign that the next would, too: for
#: ``PAUSE`` seconds none is made.
SLOW_FAILURE, SLOW, PAUSE = 0.1, 0.5, 1.0
#: Seconds for which one process keeps the others from drawing the same page; for so long, and no
#: longer, they wait for it.
LOCK_LASTS, LOCK_WAIT, LOCK_STEP = 5, 2.0, 0.02


class BytesOnly:
    """The serializer of the Redis cache: values are bytes already, and nothing is unpickled."""

    def dumps(self, value: bytes) -> bytes:
        return value

    def loads(self, data: bytes) -> bytes:
        return data


class Shared:
    def __init__(self, alias: str):
        self._alias = alias
        self._paused_until = 0.0
        self._said_at = float("-inf")

    def _try(self, call: Callable[[Any], Any], otherwise: Any) -> Any:
        start = time.monotonic()
        if start < self._paused_until:
            return otherwise
        limit = SLOW
        try:
            return call(caches[self._alias])
        except Exception as error:
            limit = SLOW_FAILURE
            # Of whatever kind: the cache's library has its own, the disk others.
            if start - self._said_at > 60:
                self._said_at = start
                logger.warning("The shared cache of pages fails: %s", error)
            return otherwise
        finally:
            if time.monotonic() - start > limit:
                self._paused_until = time.monotonic() + PAUSE

    @staticmethod
    def _key(address: Address) -> str:
        return "page-" + blake2b(repr(address).encode(), digest_size=20).hexdigest()

    def get(self, address: Address) -> Entry | None:
        def call(cache):
            data = cache.get(self._key(address))
            return Entry.from_bytes(data) if data else None

        return self._try(call, None)

    def put(self, address: Address, entry: Entry) -> None:
        lasts = entry.terms.usable_until - time.time()
        if lasts > 0:
            self._try(
                lambda cache: cache.set(self._key(address), entry.to_bytes(), timeout=lasts), None
            )

    def drop(self, address: Address) -> None:
        self._try(lambda cache: cache.delete(self._key(address)), None)

    def get_record(self, name: str) -> Any:
        """What was kept under ``name``; None if nothing was."""

        def call(cache):
            data = cache.get(f"record-{name}")
            return json.loads(data) if data else None

        return self._try(call, None)

    def put_record(self, name: str, value: Any) -> None:
        data = json.dumps(value).encode()
        self._try(lambda cache: cache.set(f"record-{name}", data, timeout=None), None)

    def claim(self, name: str, seconds: int) -> bool:
        """Whether this process, and no other for so long, is to do something."""
        return self._try(lambda cache: cache.add(f"claim-{name}", b"1", timeout=seconds), True)

    def leave(self, name: str) -> None:
        """Let another process do what this one claimed."""
        self._try(lambda cache: cache.delete(f"claim-{name}"), None)

    @contextmanager
    def drawing(self, address: Address, version: int):
        """While one process draws a page, others that come here wait for it, but not for long.

        Whoever comes out of the waiting, or did not have to wait, looks again: somebody else may
        have drawn meanwhile.
        """
        key = f"lock-{self._key(address)}-{version}"
        if self._try(lambda cache: cache.add(key, b"1", timeout=LOCK_LASTS), True):
            try:
                yield
            finally:
                self._try(lambda cache: cache.delete(key), None)
            return
        until = time.monotonic() + LOCK_WAIT
        while time.monotonic() < until and self._try(lambda cache: cache.has_key(key), False):
            time.sleep(LOCK_STEP)
        yield
