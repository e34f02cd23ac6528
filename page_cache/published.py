"""Whether an old copy of a page may be shown while nobody can ask the database.

A page that was deleted, unpublished, moved, restricted or withheld must not come back. The stamp
says when that last happened to any page (``Stamp.withdrawals``); a list made afterwards says which
pages visitors may see. It is made once after each withdrawal, and shared by all processes.
"""

import logging
import threading
import time
from binascii import crc32
from pathlib import Path

from django.conf import settings
from django.db import connections
from django.db.utils import Error
from wagtail.models import Page

from pages.in_force import upcoming_election
from pages.visibility import open_q

from .entry import Terms
from .shared import Shared
from .stamp import Reading

logger = logging.getLogger(__name__)

STAMP, PAGES = "stamp", "pages"
#: Seconds after which another process makes the list, where the one that began did not; and after
#: which each looks whether it is there.
CLAIM_LASTS, RETRY = 30, 1.0
#: Seconds after which what all processes are to know is written once more.
REFRESH = 10 * 60


def _mark(url_path: str) -> int:
    return crc32(url_path.encode())


def make_list(reading: Reading) -> dict:
    """The pages that are open to all, and when the next election withholds some of them.

    ``until`` is 0 while one does.
    """
    now = time.time()
    pages = Page.objects.filter(open_q()).order_by().values_list("pk", "url_path")
    election = upcoming_election(now)
    return {
        "withdrawals": reading.withdrawals,
        "until": election,
        "pages": {str(pk): _mark(path or "") for pk, path in pages.iterator(chunk_size=5000)},
    }


class Published:
    def __init__(self, shared: Shared):
        self._shared = shared
        self._list: dict | None = None
        self._guard = threading.Lock()
        self._wanted: Reading | None = None
        self._refreshed_at = time.monotonic()
        self._told = 0

    # While the database answers -----------------------------------------------------------

    def note(self, reading: Reading, in_thread: bool) -> None:
        """The stamp is ``reading`` now: let it be known also to processes that begin later."""
        self._shared.put_record(STAMP, [reading.version, reading.withdrawals])
        self._tell_others(reading)
        if self._list is not None and self._list["withdrawals"] >= reading.withdrawals:
            return
        if not in_thread:
            self._make(reading)
            return
        with self._guard:
            is_being_made = self._wanted is not None
            self._wanted = reading
        if not is_being_made:
            try:
                threading.Thread(target=self._make_all, name="page-cache-list", daemon=True).start()
            except RuntimeError:  # the system has no thread left
                self._wanted = None
                raise

    def refresh(self, reading: Reading) -> None:
        """Now and then, let what is known be known anew: a cache throws out what is oldest."""
        now = time.monotonic()
        if now - self._refreshed_at < REFRESH:
            return
        self._refreshed_at = now
        self._shared.put_record(STAMP, [reading.version, reading.withdrawals])
        if self._list is not None and self._list["withdrawals"] >= reading.withdrawals:
            self._shared.put_record(PAGES, self._list)

    def _tell_others(self, reading: Reading) -> None:
        """Whoever keeps pages outside of the site, as nginx does, sees that a file changes."""
        path = settings.PAGE_CACHE_WITHDRAWALS_FILE
        if not path or self._told == reading.withdrawals:
            return
        self._told, text = reading.withdrawals, str(reading.withdrawals)
        try:
            if not Path(path).exists() or Path(path).read_text() != text:
                Path(path).write_text(text)
        except OSError as error:
            logger.warning("Nobody can be told that a page was withdrawn: %s", error)

    def _make_all(self) -> None:
        """One list after the other, as long as there is a newer withdrawal, each until it is there.

        Who was to make it may have been killed, or found no database.
        """
        was_told = False
        while (reading := self._wanted) is not None:
            is_there = False
            try:
                is_there = self._make(reading)
            except Error as error:
                if not was_told:
                    logger.warning("The list of public pages could not be made: %s", error)
                was_told = True
            finally:
                connections.close_all()
            if not is_there:
                time.sleep(RETRY)
                continue
            with self._guard:
                if self._wanted == reading:
                    self._wanted = None

    def _make(self, reading: Reading) -> bool:
        """Whether the list is there."""
        known = self._shared.get_record(PAGES)
        if not known or known["withdrawals"] < reading.withdrawals:
            claim = f"{PAGES}-{reading.withdrawals}"
            if not self._shared.claim(claim, CLAIM_LASTS):
                return False  # another process makes it, for all
            try:
                known = make_list(reading)
            except Error:
                self._shared.leave(claim)
                raise
            self._shared.put_record(PAGES, known)
        if self._list is None or self._list["withdrawals"] < known["withdrawals"]:
            self._list = known
        return True

    # While it does not --------------------------------------------------------------------

    def last_withdrawals(self, last: Reading | None) -> int | None:
        """When a page was last withdrawn, as far as anybody knows; None if nobody does."""
        shared = self._shared.get_record(STAMP)
        known = [each for each in (last and last.withdrawals, shared and shared[1]) if each]
        return max(known, default=None)

    def may_show(self, terms: Terms, last: Reading | None, now: float) -> bool:
        """Whether what was drawn under ``terms`` may stand in for what cannot be drawn."""
        if now >= terms.usable_until:
            return False
        withdrawals = self.last_withdrawals(last)
        if withdrawals is None:
            return False
        if terms.version >= withdrawals or terms.page is None:
            return True
        pages = self._list
        if pages is None or pages["withdrawals"] < withdrawals:
            pages = self._shared.get_record(PAGES)
        if pages is None or pages["withdrawals"] < withdrawals:
            return False
        is_open = pages["pages"].get(str(terms.page)) == _mark(terms.url_path)
        return is_open and (pages["until"] is None or now < pages["until"])
