"""Asks a WSGI application as a server does (PEP 3333)."""

import gzip
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from unittest import mock

import brotli
import zstandard
from django.db import connections

DECODERS = {
    None: bytes,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().decompressobj().decompress(body),
}


@dataclass(frozen=True)
class Answered:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return DECODERS[self.headers.get("Content-Encoding")](self.body).decode()


def environment(address: str = "/", method: str = "GET", **more) -> dict:
    path, _mark, query = address.partition("?")
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **more,
    }


def ask(application, address: str = "/", method: str = "GET", **more) -> Answered:
    said = []

    def start_response(status, headers, exc_info=None):
        said[:] = [int(status.split()[0]), headers]

    result = application(environment(address, method, **more), start_response)
    try:
        body = b"".join(result)
    finally:
        if hasattr(result, "close"):
            result.close()
    status, headers = said
    assert len({name.lower() for name, _value in headers}) == len(headers), headers
    return Answered(status, dict(headers), body)


@contextmanager
def connection_kept() -> Iterator[None]:
    """Requests end without closing the connection, whose transaction the test is in."""
    with mock.patch.object(connections["default"], "close_if_unusable_or_obsolete"):
        yield
