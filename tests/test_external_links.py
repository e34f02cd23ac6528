"""Addresses of other sites, asked of a real server on this machine."""

import threading
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from desk.links import external
from desk.links.external import Asker, Outcome, Pace, ask_all, is_public
from desk.models import Link, Problem

ENDLESS_DRIP = 6


class Site(BaseHTTPRequestHandler):
    """Answers by what the path says."""

    protocol_version = "HTTP/1.1"
    asked: list = []

    def do_GET(self):
        self.answer(is_head=False)

    def do_HEAD(self):
        self.answer(is_head=True)

    def answer(self, is_head):
        self.asked.append((self.command, self.path, dict(self.headers)))
        path, _mark, _query = self.path.partition("?")
        kind, _slash, rest = path.strip("/").partition("/")
        if kind == "status":
            self.reply(int(rest))
        elif kind == "no-head":
            self.reply(int(rest) if is_head else 200)
        elif kind == "hangs-up-on-head":
            if is_head:
                self.close_connection = True
                return
            self.reply(200)
        elif kind == "loop":
            self.reply(302, Location="/loop")
        elif kind == "to":
            self.reply(301, Location=f"/{rest}")
        elif kind == "out":
            self.reply(302, Location=rest)
        elif kind == "silent":
            time.sleep(1)
            self.close_connection = True
        elif kind == "drip":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            for number in range(ENDLESS_DRIP):
                time.sleep(0.25)
                try:
                    self.wfile.write(f"X-{number}: 1\r\n".encode())
                    self.wfile.flush()
                except OSError:
                    break
            self.close_connection = True
        elif kind == "large":
            self.send_response(200)
            self.send_header("Content-Length", str(10**9))
            self.end_headers()
            self.close_connection = True
        else:
            self.reply(200)

    def reply(self, status, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def site():
    """The address of a server, and what it was asked."""
    Site.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def asker():
    return Asker(is_allowed=lambda address: True, timeout=0.4, total_timeout=0.8, interval=0)


def methods() -> list[str]:
    return [method for method, _path, _headers in Site.asked]


def test_a_page_that_is_there_is_asked_for_once_without_its_body(site, asker):
    assert asker.ask(f"{site}/") == Outcome()
    assert methods() == ["HEAD"]


def test_the_request_says_who_asks(site, asker, settings):
    asker.ask(f"{site}/")
    agent = Site.asked[0][2]["User-Agent"]
    assert "JundiaiGlobal" in agent
    assert settings.SITE_URL in agent


@pytest.mark.parametrize("status", [403, 404, 405, 500, 501])
def test_where_head_is_refused_get_is_asked(site, asker, status):
    assert asker.ask(f"{site}/no-head/{status}") == Outcome()
    assert methods() == ["HEAD", "GET"]


def test_where_the_server_hangs_up_on_head_get_is_asked(site, asker):
    assert asker.ask(f"{site}/hangs-up-on-head") == Outcome()


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        (404, Problem.GONE),
        (410, Problem.GONE),
        (400, Problem.CLIENT_ERROR),
        (401, Problem.REFUSED),
        (403, Problem.REFUSED),
        (429, Problem.REFUSED),
        (500, Problem.SERVER_ERROR),
        (503, Problem.SERVER_ERROR),
    ],
)
def test_answers_are_told_apart(site, asker, status, problem):
    assert asker.ask(f"{site}/status/{status}") == Outcome(problem, status)


def test_too_many_requests_are_not_answered_with_another(site, asker):
    asker.ask(f"{site}/status/429")
    assert methods() == ["HEAD"]


def test_redirects_are_followed_to_their_end(site, asker):
    assert asker.ask(f"{site}/to/to/there") == Outcome()
    assert asker.ask(f"{site}/to/status/404") == Outcome(Problem.GONE, 404)


def test_a_redirect_that_never_ends_is_given_up(site, asker):
    assert asker.ask(f"{site}/loop") == Outcome(Problem.ENDLESS)
    assert len(Site.asked) == external.MAX_REDIRECTS + 1


def test_a_server_that_keeps_silent_is_given_up(site, asker):
    assert asker.ask(f"{site}/silent") == Outcome(Problem.TIMEOUT)


def test_a_server_that_answers_drop_by_drop_is_given_up(site, asker):
    begun = time.monotonic()
    assert asker.ask(f"{site}/drip") == Outcome(Problem.TIMEOUT)
    assert time.monotonic() - begun < ENDLESS_DRIP * 0.25


def test_a_body_is_never_waited_for(site, asker):
    assert asker.ask(f"{site}/large") == Outcome()


def test_nobody_there(site, asker):
    port = int(site.rpartition(":")[2])
    free = port - 1 if port > 1024 else port + 1
    assert asker.ask(f"http://127.0.0.1:{free}/").problem == Problem.UNREACHABLE


def test_a_name_that_does_not_exist(asker):
    assert asker.ask("http://nao-existe.invalid/") == Outcome(Problem.UNKNOWN_HOST)


def test_a_server_without_tls_is_insecure(site, asker):
    found = asker.ask(site.replace("http://", "https://"))
    assert found.problem == Problem.INSECURE


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("http://", Problem.MALFORMED),
        ("http://[::1", Problem.MALFORMED),
        ("http://a..b/", Problem.MALFORMED),
        ("http://example.org:99999/", Problem.MALFORMED),
        ("ftp://example.org/", Problem.SCHEME),
        ("javascript:alert(1)", Problem.SCHEME),
        ("exemplo", Problem.MALFORMED),
    ],
)
def test_what_is_no_address_of_the_web_is_asked_of_nobody(asker, address, problem):
    assert asker.ask(address) == Outcome(problem)


def test_accents_and_spaces_in_addresses_are_escaped(site, asker):
    assert asker.ask(f"{site}/relações exteriores?q=São João") == Outcome()
    assert Site.asked[0][1] == "/rela%C3%A7%C3%B5es%20exteriores?q=S%C3%A3o%20Jo%C3%A3o"


# What is inside the network -----------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104
        "224.0.0.1",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:127.0.0.1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
    ],
)
def test_addresses_of_the_inside_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8"])
def test_addresses_of_the_outside_are(address):
    assert is_public(address)


def test_what_is_inside_is_not_asked(site):
    asker = Asker(interval=0)
    assert asker.ask(f"{site}/") == Outcome(Problem.NOT_PUBLIC)
    assert asker.ask("http://localhost/") == Outcome(Problem.NOT_PUBLIC)
    assert Site.asked == []


def test_a_redirect_does_not_lead_inside_either(site):
    port = site.rpartition(":")[2]
    outside = {"127.0.0.1"}
    asker = Asker(is_allowed=lambda address: address in outside, timeout=0.4, interval=0)
    assert asker.ask(f"{site}/out/http://127.0.0.2:{port}/") == Outcome(Problem.NOT_PUBLIC)
    assert asker.ask(f"{site}/out/file:///etc/passwd") == Outcome(Problem.SCHEME)
    assert len(Site.asked) == 2


def test_the_address_that_was_judged_is_the_one_connected_to(site, monkeypatch, asker):
    """A name server that answers otherwise the second time gets nowhere (DNS rebinding)."""
    port = int(site.rpartition(":")[2])
    looked_up = []

    def getaddrinfo(host, *arguments, **more):
        looked_up.append(host)
        address = "127.0.0.1" if len(looked_up) == 1 or host == "127.0.0.1" else "10.0.0.1"
        return [(2, 1, 6, "", (address, port))]

    monkeypatch.setattr(external.socket, "getaddrinfo", getaddrinfo)
    assert asker.ask(f"http://exemplo.test:{port}/") == Outcome()
    assert looked_up.count("exemplo.test") == 1


# Many at once --------------------------------------------------------------------------------


def links(*addresses):
    return [Link(kind=Link.Kind.EXTERNAL, address=address) for address in addresses]


def test_a_host_is_asked_once_in_an_interval_by_however_many_threads(monkeypatch):
    waits = defaultdict(list)
    # The clock stands, so that each turn waits for all those before it.
    monkeypatch.setattr("desk.links.external.time.monotonic", lambda: 100.0)
    monkeypatch.setattr(
        "desk.links.external.time.sleep",
        lambda seconds: waits[threading.current_thread().name].append(round(seconds, 2)),
    )
    pace = Pace(0.05)

    def ask(host):
        for _turn in range(3):
            pace.wait(host)

    threads = [threading.Thread(target=ask, args=(host,), name=host) for host in ("a", "a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waits["a"]) == [0.05, 0.1, 0.15, 0.2, 0.25]
    assert waits["b"] == [0.05, 0.1]


def test_all_are_asked_each_with_its_answer(site, asker):
    wanted = links(f"{site}/", f"{site}/status/404", "ftp://example.org/", "http://[::1")
    found = {link.address: outcome.problem for link, outcome in ask_all(wanted, asker)}
    assert found == {
        f"{site}/": "",
        f"{site}/status/404": Problem.GONE,
        "ftp://example.org/": Problem.SCHEME,
        "http://[::1": Problem.MALFORMED,
    }


def test_nothing_is_begun_after_the_time_is_up(site, asker):
    assert list(ask_all(links(f"{site}/"), asker, deadline=time.monotonic() - 1)) == []
    assert Site.asked == []


def test_whoever_stops_listening_stops_the_asking(site, asker):
    answers = ask_all(links(*(f"{site}/{number}" for number in range(50))), asker)
    next(answers)
    answers.close()
    assert len(Site.asked) < 50


def test_a_video_is_asked_of_the_service_that_tells_whether_it_is_there(monkeypatch, asker):
    asked = []

    def answer(parts):
        asked.append(parts.geturl())
        return 200, ""

    monkeypatch.setattr(asker, "_answer", answer)
    asker.ask("https://www.youtube.com/watch?v=dQw4w9WgXcQ")
    assert asked[0].startswith("https://www.youtube.com/oembed?url=https%3A%2F%2Fwww.youtube.com")
