"""Whether addresses of other sites still answer, asked as politely as one who clicks.

An address is asked for with HEAD, and with GET where HEAD is refused; no body is read. A host is
asked at most once a second, and each address once in some days, by a program that says who it is
and why. robots.txt (RFC 9309) is not consulted: it is for crawlers, which find addresses by
following what they read. This asks only for the addresses to which the site sends its visitors,
and follows nothing found there.

Nobody can make it ask for what is inside the network (OWASP, Server-Side Request Forgery): only
http and https, only public addresses, each looked up once and connected to as it was looked up,
at every redirect again.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from urllib.parse import SplitResult, urlencode, urljoin, urlsplit

from django.conf import settings
from django.utils.encoding import iri_to_uri

from pages.external_video import parse_external_video

from ..models import Link, Problem

#: Seconds for which each step of a conversation may keep silent, and for which all of it may last.
TIMEOUT = 10.0
TOTAL_TIMEOUT = 20.0
#: Seconds between two requests to one host.
INTERVAL = 1.0
#: Hosts asked at the same time.
WORKERS = 4
#: What asks. Whoever wonders why finds the site's address beside it.
PROGRAM = "JundiaiGlobal-links/1.0"
#: Redirects followed; browsers give up at 20 (https://fetch.spec.whatwg.org/#http-redirect-fetch).
MAX_REDIRECTS = 10
#: Addresses that a network without IPv4 gives to those of the outside (RFC 6052).
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
#: Answers that HEAD and GET share, so that asking again would say nothing more.
_SAME_FOR_GET = frozenset({410, 429})
#: Answers of sites that do not let programs in, or have enough of them: they say nothing about
#: the address. 999 is LinkedIn's.
_NOT_TELLING = frozenset({401, 403, 405, 406, 407, 429, 451, 999})


@dataclass(frozen=True)
class Outcome:
    problem: str = ""
    status: int | None = None


def is_public(address: str) -> bool:
    """Whether an IP address is one that anybody on the internet may reach."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if found.version == 6:
        # What is inside an IPv6 address that stands for an IPv4 one.
        if found in _NAT64:
            found = ipaddress.ip_address(int(found) & 0xFFFFFFFF)
        else:
            found = found.ipv4_mapped or found.sixtofour or found
    return found.is_global and not found.is_multicast


class Pace:
    """Lets each host be asked once in ``interval`` seconds, by however many threads."""

    def __init__(self, interval: float = INTERVAL):
        self._interval = interval
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}

    def wait(self, host: str) -> None:
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next.get(host, now))
            self._next[host] = turn + self._interval
        if turn > now:
            time.sleep(turn - now)


class _Failure(Exception):  # noqa: N818 - it is the outcome of a check, not an error of ours
    def __init__(self, problem: str):
        super().__init__(problem)
        self.problem = problem


class Asker:
    """Asks other sites for addresses. Threads may share one."""

    def __init__(
        self,
        is_allowed: Callable[[str], bool] | None = None,
        timeout: float = TIMEOUT,
        total_timeout: float = TOTAL_TIMEOUT,
        interval: float = INTERVAL,
    ):
        self._is_allowed = is_allowed or is_public
        self._timeout = timeout
        self._total_timeout = total_timeout
        self._pace = Pace(interval)
        self._tls = ssl.create_default_context()
        self._headers = {
            "User-Agent": f"Mozilla/5.0 (compatible; {PROGRAM}; +{settings.SITE_URL}/)",
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            "Accept-Language": "pt-BR, *;q=0.5",
            "Connection": "close",
        }

    def ask(self, address: str) -> Outcome:
        """What is at ``address``, after redirects. Never raises for what an address may be."""
        url = _asked_instead_of(address)
        try:
            for _hop in range(MAX_REDIRECTS + 1):
                status, location = self._answer(_parse(url))
                if status not in _REDIRECTS or not location:
                    return _outcome_of(status)
                url = urljoin(url, location)
        except _Failure as failure:
            return Outcome(failure.problem)
        except ValueError:  # of urljoin
            return Outcome(Problem.MALFORMED)
        return Outcome(Problem.ENDLESS)

    def _answer(self, parts: SplitResult) -> tuple[int, str]:
        """Status and place of redirection, by HEAD, or by GET where HEAD tells nothing."""
        try:
            status, location = self._request("HEAD", parts)
        except _Failure as failure:
            # Some servers hang up on HEAD.
            if failure.problem != Problem.UNREACHABLE:
                raise
        else:
            if status < 400 or status in _SAME_FOR_GET:
                return status, location
        return self._request("GET", parts)

    def _request(self, method: str, parts: SplitResult) -> tuple[int, str]:
        host, port = self._host_of(parts)
        self._pace.wait(host)
        addresses = self._look_up(host, port)
        kind = _SecureConnection if parts.scheme == "https" else _Connection
        more = {"context": self._tls} if parts.scheme == "https" else {}
        connection = kind(host, port, timeout=self._timeout, **more)
        connection.addresses = addresses
        is_late = threading.Event()

        def hang_up():
            is_late.set()
            connection.hang_up()

        clock = threading.Timer(self._total_timeout, hang_up)
        clock.daemon = True
        clock.start()
        target = iri_to_uri(f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}")
        try:
            connection.request(method, target, headers=self._headers)
            with connection.getresponse() as response:
                if is_late.is_set():  # cut among the headers, which looks like their end
                    raise TimeoutError
                return response.status, _location_of(response)
        except TimeoutError as error:
            raise _Failure(Problem.TIMEOUT) from error
        except ssl.SSLError as error:
            raise _Failure(Problem.TIMEOUT if is_late.is_set() else Problem.INSECURE) from error
        except (OSError, http.client.HTTPException) as error:
            problem = Problem.TIMEOUT if is_late.is_set() else Problem.UNREACHABLE
            raise _Failure(problem) from error
        except ValueError as error:  # a control character in the path
            raise _Failure(Problem.MALFORMED) from error
        finally:
            clock.cancel()
            connection.close()

    @staticmethod
    def _host_of(parts: SplitResult) -> tuple[str, int]:
        try:
            host = (parts.hostname or "").encode("idna").decode()
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError as error:
            raise _Failure(Problem.MALFORMED) from error
        if not host:
            raise _Failure(Problem.MALFORMED)
        return host, port

    def _look_up(self, host: str, port: int) -> list[str]:
        """The addresses of a host. All that it has must be allowed, or none is."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise _Failure(Problem.UNKNOWN_HOST) from error
        addresses = [str(each[4][0]) for each in found]
        if not addresses:
            raise _Failure(Problem.UNKNOWN_HOST)
        if not all(self._is_allowed(address) for address in addresses):
            raise _Failure(Problem.NOT_PUBLIC)
        return addresses


class _Connection(http.client.HTTPConnection):
    #: Where the host was found to be. Looking it up again could give another answer.
    addresses: Sequence[str] = ()

    def connect(self):
        for number, address in enumerate(self.addresses, start=1):
            try:
                self.sock = socket.create_connection((address, self.port), self.timeout)
                return
            except OSError:
                # A host with IPv6 is reached by IPv4 too.
                if number == len(self.addresses):
                    raise

    def hang_up(self) -> None:
        sock = self.sock
        if sock is not None:
            with suppress(OSError):  # closed meanwhile
                sock.shutdown(socket.SHUT_RDWR)


class _SecureConnection(_Connection, http.client.HTTPSConnection):
    def connect(self):
        super().connect()
        self.sock = self._context.wrap_socket(self.sock, server_hostname=self.host)


def _location_of(response: http.client.HTTPResponse) -> str:
    """Where a redirect leads. ``http.client`` reads headers as Latin-1; servers mean UTF-8."""
    written = response.headers.get("Location", "").strip()
    try:
        return written.encode("latin-1").decode()
    except UnicodeError:
        return written


def _parse(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise _Failure(Problem.MALFORMED) from error
    if parts.scheme not in ("http", "https"):
        raise _Failure(Problem.SCHEME if parts.scheme else Problem.MALFORMED)
    return parts


def _asked_instead_of(address: str) -> str:
    """Where to ask for a video: YouTube answers 200 for those that are gone, except by oEmbed.

    https://oembed.com/
    """
    video = parse_external_video(address)
    if video and video.provider == "YouTube":
        query = urlencode({"url": video.watch_url, "format": "json"})
        return f"https://www.youtube.com/oembed?{query}"
    return address


def _outcome_of(status: int) -> Outcome:
    if status < 400:
        return Outcome()
    if status in (404, 410):
        return Outcome(Problem.GONE, status)
    if status in _NOT_TELLING:
        return Outcome(Problem.REFUSED, status)
    return Outcome(Problem.SERVER_ERROR if status >= 500 else Problem.CLIENT_ERROR, status)


def ask_all(
    links: Iterable[Link], asker: Asker, deadline: float | None = None
) -> Iterator[tuple[Link, Outcome]]:
    """Ask for all ``links``, a few hosts at a time; gives each as it is answered.

    Nothing new is asked for after ``deadline``, a time of ``time.monotonic``. The threads touch no
    database: what to do with the answers is up to the one who asked.
    """
    by_host: dict[str, list[Link]] = defaultdict(list)
    for link in links:
        try:
            host = urlsplit(link.address).hostname or ""
        except ValueError:
            host = ""
        by_host[host].append(link)
    answers: SimpleQueue = SimpleQueue()
    stop = threading.Event()

    def ask_host(queue: list[Link]) -> None:
        for link in queue:
            if stop.is_set() or (deadline is not None and time.monotonic() >= deadline):
                return
            answers.put((link, asker.ask(link.address)))

    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        asked = [pool.submit(ask_host, queue) for queue in by_host.values()]
        try:
            while True:
                all_done = all(each.done() for each in asked)
                try:
                    yield answers.get(timeout=0 if all_done else 0.2)
                except Empty:
                    if all_done:
                        break
            for each in asked:
                each.result()
        finally:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
