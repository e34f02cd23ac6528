"""Pages as files, which nginx may give out without asking, for some tenths of a second.

Of what nginx serves nothing is quicker than a file, and nothing is as easily too old: a file
stays when those who should take it away are gone. So what nginx may give out is lent. Each folder
of pages has the name of the tenth of a second for which it is lent (``1764396477.1``); nginx looks
into that of the tenth in which it is asked, and asks the site where there is none. Each process
lends the next tenths whenever it has read the stamp of the content, and takes back those of older
content. One that hangs or is killed, or that the database does not answer, lends no more, and what
it lent is over soon by itself: no page given out is older than ``LASTS``.

In the folder of ``settings.PAGE_CACHE_LEASES``::

    <release>/1764396477.1 -> pages/<stamp>-<minute>
    <release>/pages/<stamp>-<minute>/-br/noticias/.0
    <release>/validators/…

Lent is only what bears the headers that ``deploy/nginx/leases.conf`` has nginx say, which differ by
the player that a page shows (``pages.headers.page_policies``): these pages have files of another
name, ``noticias/.1``.
"""

import logging
import os
import shutil
import tempfile
import time
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import translation

from pages.headers import headers_of, page_policies

from .entry import IDENTITY, STALE_IF_ERROR, Entry
from .memory import Address
from .release import release
from .stamp import Reading

logger = logging.getLogger(__name__)

#: Seconds for which pages are lent, from when the stamp was asked for.
LASTS = 0.7
#: Seconds after which each page is lent anew: for so long it must show what a new drawing would.
ROUND = 60
#: How much one process puts into the folder in a round, in bytes. It is memory.
MOST_BYTES = 12 * 2**20
#: Names of folders by the coding of the pages in them: nginx has a minus and the coding.
CODINGS = {"br": b"-br", "zstd": b"-zstd", "gzip": b"-gzip", IDENTITY: b"-"}
#: Of a release's folder, in characters.
NAME_LENGTH = 8
#: Seconds after which nobody lends the pages of another release any more.
FORGOTTEN = 600
#: Seconds within which a release that lends has changed its folder.
NOTICED = 3
#: Longest name that a page's folder may have, as Linux has it, in bytes.
LONGEST_NAME = 255
#: Bytes that must be free for what nginx writes until the next look, a tenth of a second later.
LEAST_ROOM = 4 * 2**20


def lent_folder() -> str:
    """The name of this release's folder. Short, for nginx reads it twice for each page."""
    return release()[0][:NAME_LENGTH]


def lends(folder: Path) -> bool:
    """Whether some process lends the pages of the release whose ``folder`` this is."""
    with suppress(OSError):
        return abs(time.time() - folder.stat().st_mtime) < NOTICED
    return False


def _meant(headers: list[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Whatever their order, and that of the directives of a policy."""
    found = set()
    for name, value in headers:
        if name.lower() == "content-security-policy":
            value = ";".join(sorted(each.strip() for each in value.split(";")))
        found.add((name.lower(), value))
    return frozenset(found)


def _generation(version: int, moment: float) -> str:
    return f"{version}-{int(moment // ROUND)}"


def _parts(generation: str) -> tuple[int, int]:
    """The stamp and the round. Of what is none of ours, the oldest there can be."""
    try:
        version, number = map(int, generation.rpartition("/")[2].split("-"))
    except ValueError:
        return (0, 0)
    return (version, number)


class Leases:
    """Of this release of the site, in ``folder``; several processes may share it."""

    def __init__(self, folder: Path):
        self._folder = folder / lent_folder()
        self._host = urlsplit(settings.SITE_URL).netloc.lower()
        self._pages = self._folder / "pages"
        self._validators = self._folder / "validators"
        own = ("Content-Type", "text/html; charset=utf-8")
        #: The name of a page's file, by what it says of itself besides its language.
        self._names = {
            _meant([own, *headers_of(policy)]): f".{number}".encode()
            for number, policy in enumerate(page_policies())
        }
        #: Whether there is room for nginx's copies, and for what is lent: where nginx cannot write
        #: one, it ends the connection.
        self.has_room = True
        #: What this process has put into which folder.
        self._put: set[tuple[str, Address, str]] = set()
        self._generation = ""
        self._bytes = 0
        self._is_full = False

    # The leases ---------------------------------------------------------------------------

    def renew(self, reading: Reading) -> None:
        """Lend the pages of the stamp that was just read. Raises ``OSError``."""
        self._look_for_room()
        now = time.time()
        # Not longer from now, if the clock was set back in between.
        until = min(reading.asked_at, now) + LASTS
        first, over = int(now * 10), int(until * 10)
        lent = self._lent()
        for tenth in range(first, over):
            self._lend(tenth, reading.version, lent.get(tenth))
        for tenth in lent:
            # Another process may have asked a little later.
            if not first - 2 <= tenth <= over + 10:
                self._path(tenth).unlink(missing_ok=True)
        generation = _generation(reading.version, now)
        if generation != self._generation:
            self._begin(generation)

    def _look_for_room(self) -> None:
        """nginx's copies are in the same memory as what is lent to it (``deploy/common.sh``).

        Not with each page: a call of the system lets other threads go first, which are drawing.
        """
        try:
            memory = os.statvfs(self._folder.parent)
        except OSError:
            return  # nobody knows
        is_read_only = memory.f_flag & os.ST_RDONLY
        self.has_room = not is_read_only and memory.f_bavail * memory.f_frsize >= LEAST_ROOM

    def _path(self, tenth: int) -> Path:
        """Named as nginx's ``$msec`` begins."""
        return self._folder / f"{tenth // 10}.{tenth % 10}"

    def _lent(self) -> dict[int, str]:
        """What leads where, by tenths."""
        found = {}
        try:
            names = os.listdir(self._folder)
        except FileNotFoundError:
            self._folder.mkdir(parents=True, exist_ok=True)
            return {}
        for name in names:
            seconds, _point, tenth = name.partition(".")
            if seconds.isdigit() and tenth.isdigit():
                with suppress(OSError):
                    found[int(seconds + tenth)] = os.readlink(self._folder / name)
        return found

    def _lend(self, tenth: int, version: int, lent: str | None) -> None:
        wanted = f"pages/{_generation(version, tenth / 10)}"
        if lent is not None:
            # Whoever has read a newer stamp knows better.
            if lent == wanted or _parts(lent)[0] > version:
                return
            self._path(tenth).unlink(missing_ok=True)
        with suppress(FileExistsError):  # another process was quicker
            os.symlink(wanted, self._path(tenth))

    def _begin(self, generation: str) -> None:
        """Another stamp or round: what is older is lent no more."""
        self._generation = generation
        self._put.clear()
        self._bytes, self._is_full = 0, False
        self._pages.mkdir(exist_ok=True)
        for name in os.listdir(self._pages):
            if _parts(name) < _parts(generation):
                shutil.rmtree(self._pages / name, ignore_errors=True)
        for other in self._folder.parent.glob("[0-9a-f]" * NAME_LENGTH):
            if other == self._folder:  # it may seem old when the clock was set forward
                continue
            # Of a release that lends, it changes ten times a second.
            with suppress(OSError):
                if time.time() - other.stat().st_mtime > FORGOTTEN:
                    shutil.rmtree(other, ignore_errors=True)

    # The pages ----------------------------------------------------------------------------

    def put(self, address: Address, entry: Entry, coding: str, now: float) -> None:
        """Lend ``entry``, which is fresh, from now on, if it may be lent.

        In the ``coding`` in which nginx just asked for it, and therefore has a copy: for when all
        that is lent is over and nobody answers.
        """
        if not self.has_room:
            return
        terms = entry.terms
        generation = _generation(terms.version, now)
        is_put = (generation, address, coding) in self._put
        if is_put or generation != self._generation or now < entry.last_modified or self._is_full:
            return
        self._put.add((generation, address, coding))
        over = (now // ROUND + 1) * ROUND
        is_good_for_long = (
            terms.fresh_until >= over and terms.usable_until - over - 1 >= STALE_IF_ERROR
        )
        name = self._name(address, entry)
        if is_good_for_long and name:
            try:
                self._write(generation, address, entry, coding, name)
            except FileNotFoundError:
                pass  # it was taken away meanwhile
            except OSError as error:
                logger.warning("Pages cannot be lent to nginx: %s", error)
                self._is_full = True

    def _name(self, address: Address, entry: Entry) -> bytes | None:
        """None of a page that says anything else than nginx would."""
        language = translation.get_language_from_path(address.path) or settings.LANGUAGE_CODE
        headers = [pair for pair in entry.headers if pair != ("Content-Language", language)]
        is_in_language = len(headers) == len(entry.headers) - 1
        return self._names.get(_meant(headers)) if is_in_language else None

    def _write(
        self, generation: str, address: Address, entry: Entry, coding: str, name: bytes
    ) -> None:
        # WSGI has the bytes of an address as if they were Latin-1 (PEP 3333).
        path = address.path.encode("latin-1")
        names = path.split(b"/")[1:-1]
        is_a_folder = path.startswith(b"/") and path.endswith(b"/")
        if (
            (address.scheme, address.host) != ("https", self._host)
            or address.script
            or not is_a_folder
            or any(each in (b"", b".", b"..") or len(each) > LONGEST_NAME for each in names)
            or b"\0" in path
        ):
            return
        body = entry.bodies[coding]
        if self._bytes + len(body) > MOST_BYTES:
            self._is_full = True
            return
        self._bytes += len(body)
        folder = os.path.join(os.fsencode(self._pages / generation), CODINGS[coding], *names)
        file = os.path.join(folder, name)
        if not os.path.exists(file):
            self._write_file(file, body, self._changed(address, entry))

    def _write_file(self, file: bytes, content: bytes, changed: int) -> None:
        """Whole or not at all."""
        os.makedirs(os.path.dirname(file), exist_ok=True)
        number, temporary = tempfile.mkstemp(dir=os.path.dirname(file))
        try:
            with open(number, "wb") as stream:
                stream.write(content)
            # By nginx's group, through the folders above.
            os.chmod(temporary, 0o644)
            os.utime(temporary, (changed, changed))
            os.replace(temporary, file)
        except OSError:
            with suppress(OSError):
                os.unlink(temporary)
            raise

    def _changed(self, address: Address, entry: Entry) -> int:
        """When the page got its present content, as far as it was lent before, in seconds.

        nginx makes the validator of a file of its time and its size. With the time of the stamp a
        browser would have to fetch all pages again after a change to one of them. No two contents
        of a page have the same time (``Entry.last_modified``): who has an old one is told so.
        """
        name = blake2b(address.path.encode(), digest_size=20).hexdigest()
        file = self._validators / name
        content = entry.etag(IDENTITY)
        with suppress(OSError, ValueError):
            known, moment = file.read_text().split()
            if known == content:
                return int(moment)
        self._write_file(
            os.fsencode(file), f"{content} {entry.last_modified}".encode(), entry.last_modified
        )
        return entry.last_modified
