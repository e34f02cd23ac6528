"""Answers visitors from memory, before Django: see *The page cache* in ``docs/operations.md``."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from urllib.parse import urlsplit

from django.conf import settings

from pages.invented_visit import invented_visit

from .entry import Entry, Terms
from .leases import ROUND, Leases
from .memory import Address, Memory
from .middleware import KEEPING, READING, Keeping
from .published import Published
from .release import release
from .renewal import RECENT, Renewal
from .replica import SOURCE, Replica
from .replica import is_there as has_replica
from .room import Room
from .shared import Shared
from .stamp import DirectReader, Reading, Watcher

Application = Callable[[dict, Callable], Iterable[bytes]]
#: How many addresses whose answers are not kept are known, so that nobody waits at them.
MARKS = 4096
#: Seconds for which requests of one process wait for the one that draws their page.
WAIT = 10
#: In the request's environment, for the metrics: which view answers. Here it is none.
VIEW, KEPT_PAGE = "jundiai.view", "kept page"
#: In the environment of who asks in nobody's name, so that the page is there.
BEFOREHAND = "page_cache.beforehand"
#: Seconds within which nginx has a page anew, once its copy is too old.
RENEWAL = 0.1
#: Seconds for which a page is shown as it was while it is drawn anew. What is left of the second is
#: for whoever must draw it, and for nginx.
MOMENT = 0.6


def own_cookies() -> tuple[str, ...]:
    """The names of the site's cookies: who has one is no mere visitor."""
    return (
        settings.SESSION_COOKIE_NAME,
        settings.CSRF_COOKIE_NAME,
        settings.MESSAGES_COOKIE_NAME,
        settings.BROWSER_COOKIE_NAME,
        settings.LANGUAGE_COOKIE_NAME,
    )


def wrap(application: Application) -> Application:
    """``application`` with the cache before it, where ``settings.PAGE_CACHE`` is on."""
    return PageCache(application) if settings.PAGE_CACHE else application


class _Drawing:
    """One request at a time for each address."""

    def __init__(self):
        self._guard = Lock()
        self._locks: dict[Address, tuple[Lock, int]] = {}

    @contextmanager
    def of(self, address: Address) -> Iterator[None]:
        """Who waited too long goes on without the others' leave."""
        with self._guard:
            lock, number = self._locks.get(address, (None, 0))
            lock = lock or Lock()
            self._locks[address] = (lock, number + 1)
        is_mine = lock.acquire(timeout=WAIT)
        try:
            yield
        finally:
            if is_mine:
                lock.release()
            with self._guard:
                lock, number = self._locks[address]
                if number == 1:
                    del self._locks[address]
                else:
                    self._locks[address] = (lock, number - 1)


class PageCache:
    """A WSGI application (PEP 3333) that asks ``application`` for what it does not have."""

    def __init__(self, application: Application):
        self._application = application
        self._room = Room(
            lambda environ, start: self._application(environ, start),
            lambda: self.reader.is_silent,
        )
        self.memory = Memory(settings.PAGE_CACHE_MEMORY_BYTES)
        self.shared = Shared("pages")
        self.published = Published(self.shared)
        is_watched = settings.PAGE_CACHE_WATCHES
        self._release, self._released = release()
        self._leases: Leases | None = None
        if is_watched and settings.PAGE_CACHE_LEASES:
            self._leases = Leases(Path(settings.PAGE_CACHE_LEASES))
        # What is lent is asked for here once in each round, however many visitors it has.
        recent = RECENT + (ROUND if self._leases else 0)
        self._renewal = Renewal(self._renew, recent) if is_watched else None
        self.reader: Watcher | DirectReader = DirectReader(self._note)
        if is_watched:
            self.reader = Watcher(self._note, renew=self._lend)
        self._replica = Replica() if is_watched and has_replica() else None
        self._drawing = _Drawing()
        self._marks: OrderedDict[Address, int] = OrderedDict()
        #: Who asked for what under which reading: see ``_note_visit``.
        self._visits_under: Reading | None = None
        self._visits: set[tuple[int, str]] = set()
        self._cookies = tuple(f"{name}=" for name in own_cookies())
        self._others = (
            *(
                f"/{prefix.strip('/')}/"
                for prefix in (settings.ADMIN_PATH, settings.STATIC_URL, settings.MEDIA_URL)
            ),
            *settings.PAGE_CACHE_PASSES,
        )
        site = urlsplit(settings.SITE_URL)
        named = {host.lower() for host in settings.ALLOWED_HOSTS if host[:1] not in ("*", ".")}
        self._hosts = {site.hostname, *named}
        self._site_port = str(site.port or "")
        secure: tuple[str, str] = settings.SECURE_PROXY_SSL_HEADER or ("", "")
        self._scheme_header, self._secure = secure

    def begin(self) -> None:
        """Read the stamp, and lend what is kept, before anybody asks."""
        if isinstance(self.reader, Watcher):
            with suppress(RuntimeError):  # no thread is left: the first request tries again
                self.reader.latest()

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        address = self._address(environ)
        if address is None:
            return self._room(environ, start_response)
        reading = self.reader.current()
        entry = self.memory.get(address)
        now = time.time()
        if reading is None:
            return self._answer_without_database(environ, start_response, address)
        if entry is not None and entry.is_fresh(reading.version, self._release, now):
            environ[VIEW] = KEPT_PAGE
            if address.is_plain and BEFOREHAND not in environ:
                self._note_visit(environ, address, entry, reading, now)
            return self._give(entry, environ, start_response, address, reading)
        if entry is not None and BEFOREHAND not in environ:
            former = self._a_moment_ago(address, entry, reading, now)
            if former is not None:
                environ[VIEW] = KEPT_PAGE
                return self._give(entry, environ, start_response, address, former)
        if self._room.is_stuck:  # to be refused, or shown the last copy
            return self._draw(environ, start_response, address, reading)
        if environ["REQUEST_METHOD"] == "HEAD" or self._marks.get(address) == reading.version:
            return self._draw(environ, start_response, address, reading)
        with self._drawing.of(address):
            # Who waited may have waited past a change.
            reading = self.reader.current() or reading
            answer = self._find_or_draw(environ, start_response, address, reading)
        if answer is None:
            return self._draw(environ, start_response, address, reading)
        return answer

    def _note(self, reading: Reading) -> None:
        """The stamp is another one."""
        try:
            if self._renewal:  # visitors wait for it, and for nothing else here
                self._renewal.begin()
        finally:
            self.published.note(reading, in_thread=self._renewal is not None)

    def _lend(self, reading: Reading) -> None:
        """The stamp was read."""
        if self._leases:
            self._leases.renew(reading)

    def _renew(self, address: Address) -> None:
        """Have the page drawn as for a visitor, without one who waits for it."""
        environ = invented_visit(
            address.scheme, address.host, address.path, address.query, address.script
        )
        environ[BEFOREHAND] = True
        _close(self(environ, lambda *_said: None))

    # Whom it is for -----------------------------------------------------------------------

    def _address(self, environ: dict) -> Address | None:
        """What the page asked for is kept under; None for what is never kept.

        What the site reads of a visitor's request is here, or is taken out of it before a page is
        drawn: the cookies that others set for the whole domain are not ours to read.
        """
        asked = environ.get
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or "HTTP_AUTHORIZATION" in environ:
            return None
        path = environ["PATH_INFO"]
        if path.startswith(self._others):
            return None
        cookies = asked("HTTP_COOKIE")
        if cookies and any(
            cookie.strip().startswith(self._cookies) for cookie in cookies.split(";")
        ):
            return None
        host = asked("HTTP_HOST")
        if not host:
            return None
        scheme = environ["wsgi.url_scheme"]
        if self._scheme_header and (said := asked(self._scheme_header)) is not None:
            scheme = "https" if said.split(",")[0].strip() == self._secure else "http"
        query = asked("QUERY_STRING") or ""
        is_ours = self._is_ours(host.lower(), asked("SERVER_PORT"))
        return Address(scheme, host.lower(), asked("SCRIPT_NAME") or "", path, query, is_ours)

    def _is_ours(self, host: str, server_port: str | None) -> bool:
        name, _colon, port = host.rpartition(":") if host[-1].isdigit() else (host, "", "")
        if not name:  # without a port, the host ends in a digit
            name, port = host, ""
        return name in self._hosts and port in ("", server_port, self._site_port)

    # The answer ----------------------------------------------------------------------------

    def _a_moment_ago(
        self, address: Address, entry: Entry, reading: Reading, now: float
    ) -> Reading | None:
        """The reading under which ``entry`` was right a moment ago, while it is drawn anew.

        None for what nobody draws, for what is older, and when any page was withdrawn, which is not
        shown again once that is known.
        """
        if self._renewal is None or not self._renewal.draws(address):
            return None
        former = self.reader.former(entry.terms.version, MOMENT)
        if former is None or former.withdrawals != reading.withdrawals:
            return None
        if not entry.is_fresh(former.version, self._release, now):
            return None
        self._renewal.note(address)
        return former

    def _note_visit(
        self, environ: dict, address: Address, entry: Entry, reading: Reading, now: float
    ) -> None:
        """Somebody asks for a page that is kept: it is worth to be lent, and to be drawn anew.

        Once for each reading of the stamp, for it may be asked for thousands of times meanwhile.
        """
        if self._visits_under is not reading:
            self._visits_under, self._visits = reading, set()
        accepted = environ.get("HTTP_ACCEPT_ENCODING", "")
        visit = (id(entry), accepted)
        if visit in self._visits:
            return
        self._visits.add(visit)
        if self._renewal:
            self._renewal.note(address)
        if self._leases:
            self._leases.put(address, entry, entry.coding(accepted), now)

    def _give(
        self, entry: Entry, environ: dict, start_response, address: Address, reading: Reading
    ):
        """The page, and until when nginx may answer with it by itself: a second after ``reading``.

        nginx counts whole seconds, so it is told which second is the last
        (https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_cache_valid): the one in
        which the stamp was read, and of a stamp read at its very beginning the one before, so that
        all is over in time though it shows the copy while it asks. ``X-Accel-Expires`` comes after
        ``Cache-Control``, or older versions overlook what that says of stale copies. Addresses that
        anybody can invent are not for its disk.
        """
        now = time.time()
        answer = entry.answer(environ, now)
        headers = answer.headers[:]
        is_for_nginx = reading.asked_at and address.is_worth_keeping(entry)
        can_write = self._leases is None or self._leases.has_room
        # Of a copy that it has it hears how long it is good (304), whether it can write or not.
        if is_for_nginx and (can_write or answer.status.startswith("304")):
            # Not later than now, if the clock was set back in between.
            last = min(reading.asked_at, now) - RENEWAL
            headers.append(("X-Accel-Expires", f"@{int(last)}"))
        return _send(answer.status, headers, answer.body, environ, start_response)

    # What is not in memory ----------------------------------------------------------------

    def _find_or_draw(self, environ, start_response, address: Address, reading: Reading):
        """Somebody else may have drawn the page meanwhile: here, or in another process.

        None where they found that it is not kept: then nobody need wait for anybody.
        """
        found = self._fresh(address, reading)
        if found is None and self._marks.get(address) == reading.version:
            return None
        if found is None and address.is_plain:
            with self.shared.drawing(address, reading.version):
                found = self._fresh(address, reading)
                if found is None:
                    return self._draw(environ, start_response, address, reading)
        if found is None:
            return self._draw(environ, start_response, address, reading)
        environ[VIEW] = KEPT_PAGE
        return self._give(found, environ, start_response, address, reading)

    def _fresh(self, address: Address, reading: Reading) -> Entry | None:
        now = time.time()
        entry = self.memory.get(address)
        if entry is None or not entry.is_fresh(reading.version, self._release, now):
            entry = self.shared.get(address) if address.may_be_linked else None
            if entry is None or not entry.is_fresh(reading.version, self._release, now):
                return None
            self.memory.put(address, entry)
        return entry

    def _draw(self, environ, start_response, address: Address, reading: Reading):
        """Let the application answer, and keep what may be kept."""
        environ.pop("HTTP_COOKIE", None)
        environ[READING] = reading
        is_of_now = lambda theirs: theirs.version == reading.version  # noqa: E731
        said, result = self._ask(environ, is_of_now)
        status, headers = said[:2]
        keeping: Keeping | None = environ.get(KEEPING)
        if keeping is not None:
            entry = self._entry(keeping, reading, headers, result)
            self._keep(address, entry, reading)
            return self._give(entry, environ, start_response, address, reading)
        if status.startswith("5"):
            copy = self._last_copy(address)
            if copy is not None:
                _close(result)
                return _give_old(copy, environ, start_response, "error")
        elif environ["REQUEST_METHOD"] == "GET" and not status.startswith("429"):
            self._leave(address, reading)
        _say(said, start_response)
        return result

    def _ask(
        self, environ: dict, accepts: Callable[[Reading], bool], is_alone: bool = False
    ) -> tuple[list, Iterable]:
        """What the application says and gives: of the replica's content if ``accepts`` its stamp.

        ``is_alone``: there is no primary that could be asked instead.
        """
        said: list = []

        def keep_in_mind(status, headers, exc_info=None):
            said[:] = [status, headers, exc_info]
            return said.append  # nobody here writes in this way (PEP 3333)

        if self._replica is None:
            return said, self._room(environ, keep_in_mind)
        as_it_came = environ.copy()
        with self._replica.may_be_read(accepts, is_alone) as drawing:
            # A primary that hangs keeps nobody from the replica.
            application = self._application if is_alone and drawing else self._room
            result = application(environ, keep_in_mind)
        has_read = drawing is not None and drawing.has_read_replica
        if has_read and not is_alone and said[0].startswith("5"):
            _close(result)
            self._replica.has_failed()
            environ.clear()
            environ.update(as_it_came)
            result = self._room(environ, keep_in_mind)
            environ[SOURCE] = "failed"
        else:
            environ[SOURCE] = "replica" if has_read else "primary"
        return said, result

    def _entry(self, keeping: Keeping, reading: Reading, headers, result) -> Entry:
        try:
            body = b"".join(result)
        finally:
            _close(result)
        terms = Terms(
            version=reading.version,
            release=self._release,
            made=keeping.made,
            fresh_until=keeping.fresh_until,
            usable_until=keeping.usable_until,
            changed=max(keeping.changed, self._released),
            page=keeping.page,
            url_path=keeping.url_path,
            is_linked=keeping.is_linked,
        )
        return Entry.of(terms, headers, body)

    def _keep(self, address: Address, entry: Entry, reading: Reading) -> None:
        """Unless something changed while it was drawn: parts of it may be newer than others."""
        if self.reader.last != reading or time.time() >= entry.terms.fresh_until:
            return
        self.memory.put(address, entry)
        if address.is_worth_keeping(entry):
            self.shared.put(address, entry)
        self.published.refresh(reading)

    def _leave(self, address: Address, reading: Reading) -> None:
        """What is there now is kept by nobody, and what was there must not come back."""
        if self._marks.get(address) == reading.version:
            return
        self.memory.drop(address)
        if address.may_be_linked:
            self.shared.drop(address)
        self._marks[address] = reading.version
        self._marks.move_to_end(address)
        while len(self._marks) > MARKS:
            self._marks.popitem(last=False)

    # Without the database -----------------------------------------------------------------

    def _last_copy(self, address: Address) -> Entry | None:
        """The newest copy that may be shown in the place of a page that cannot be drawn."""
        copies = [self.memory.get(address)]
        if address.may_be_linked:
            copies.append(self.shared.get(address))
        now, last = time.time(), self.reader.last
        usable = [
            copy for copy in copies if copy and self.published.may_show(copy.terms, last, now)
        ]
        return max(usable, key=lambda copy: copy.terms.version, default=None)

    def _answer_without_database(self, environ, start_response, address: Address):
        copy = self._last_copy(address)
        if copy is None:
            return self._answer_from_replica(environ, start_response)
        self.memory.put(address, copy)
        environ[VIEW] = KEPT_PAGE
        return _give_old(copy, environ, start_response, "database unavailable")

    def _answer_from_replica(self, environ: dict, start_response: Callable):
        """A page of the replica's content, kept nowhere, for it may be older than the primary's.

        Nothing that was withdrawn comes back: the replica must have the last withdrawal.
        """
        withdrawals = self.published.last_withdrawals(self.reader.last)
        knows_it = lambda theirs: withdrawals is not None and theirs.version >= withdrawals  # noqa: E731
        said, result = self._ask(environ, knows_it, is_alone=True)
        _say(said, start_response)
        return result


def _give_old(copy: Entry, environ: dict, start_response, why: str):
    """A page that may be old. nginx keeps none; of its own copy it hears that it is no older, which
    makes it no newer: the second that is named is over.
    """
    now = time.time()
    answer = copy.stale_answer(environ, now, why)
    headers = answer.headers[:]
    if answer.status.startswith("304"):
        headers.append(("X-Accel-Expires", f"@{int(now) - 1}"))
    return _send(answer.status, headers, answer.body, environ, start_response)


def _say(said: list, start_response: Callable) -> None:
    status, headers, exc_info = said
    start_response(status, headers, exc_info) if exc_info else start_response(status, headers)


def _send(
    status: str, headers: list[tuple[str, str]], body: bytes, environ: dict, start_response
) -> list[bytes]:
    """``headers`` is the server's from now on."""
    start_response(status, headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" or not body else [body]


def _close(result: Iterable[bytes]) -> None:
    close = getattr(result, "close", None)
    if close is not None:
        close()
