"""What ``gunicorn.conf.py`` has Gunicorn do otherwise."""

import socket

import pytest

from tests.servers import gunicorn_serving

pytestmark = pytest.mark.one_database

PAGE = 10_000
#: With a length said before, in pieces of unknown length, and without a body.
APPLICATION = f"""
def application(environ, start_response):
    kind = environ["PATH_INFO"]
    start_response("200 OK", [("Content-Length", "{PAGE}")] if kind == "/page" else [])
    return [] if kind == "/nothing" else [b"p" * {PAGE}]
"""


def pieces(port: int, path: str) -> list[bytes]:
    """What arrives of an answer, each time that something does."""
    with socket.create_connection(("127.0.0.1", port)) as visitor:
        visitor.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        return list(iter(lambda: visitor.recv(4 * PAGE), b""))


@pytest.mark.parametrize("path", ["/page", "/chunks"])
def test_a_page_leaves_with_its_headers_or_not_at_all(tmp_path, path):
    """A process that is killed in between would leave nginx with headers that it has already passed
    on: it could not ask another process, and the reader would have half an answer.
    """
    with gunicorn_serving(tmp_path, APPLICATION) as (port, _log):
        first = [pieces(port, path)[0] for _request in range(100)]
    assert [piece for piece in first if b"p" * PAGE not in piece] == []
    assert all(piece.startswith(b"HTTP/1.1 200 OK\r\n") for piece in first)


def test_answers_are_whole_whatever_they_bear(tmp_path):
    with gunicorn_serving(tmp_path, APPLICATION) as (port, _log):
        answers = {
            path: b"".join(pieces(port, path)).split(b"\r\n\r\n", 1)
            for path in ("/page", "/chunks", "/nothing")
        }
    assert answers["/page"][1] == b"p" * PAGE
    assert answers["/chunks"][1] == b"%X\r\n" % PAGE + b"p" * PAGE + b"\r\n0\r\n\r\n"
    assert answers["/nothing"][1] == b"0\r\n\r\n"


def test_a_process_begins_before_anybody_asks(tmp_path):
    """To read the stamp and to lend pages: ``PageCache.begin``."""
    application = """
class Application:
    begun = b"no"

    def begin(self):
        self.begun = b"yes"

    def __call__(self, environ, start_response):
        start_response("200 OK", [])
        return [self.begun]

application = Application()
"""
    with gunicorn_serving(tmp_path, application) as (port, _log):
        assert b"yes" in b"".join(pieces(port, "/"))
