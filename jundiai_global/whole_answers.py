"""Gunicorn's answers, each with its headers and its first piece at once.

Gunicorn hands the headers to the system and then the body. nginx passes the headers on as soon as
it has them, and can ask no other process then: a process killed in between would leave the reader
with half an answer. What is handed over at once, the system delivers though the process ends.
"""

import socket

from gunicorn.http import wsgi


class _Gathering:
    """What is sent to ``connection``, kept until ``send``."""

    def __init__(self, connection: socket.socket):
        self._connection = connection
        self._pieces: list[bytes] = []

    def sendall(self, data: bytes) -> None:
        self._pieces.append(data)

    def send(self) -> None:
        if self._pieces:
            self._connection.sendall(b"".join(self._pieces))


class Response(wsgi.Response):
    def write(self, arg: bytes) -> None:
        if self.headers_sent:
            super().write(arg)
            return
        connection = self.sock
        self.sock = gathering = _Gathering(connection)
        try:
            super().write(arg)
        finally:
            self.sock = connection
            gathering.send()


def install() -> None:
    """Have Gunicorn answer in this way; it has no setting for it."""
    wsgi.Response = Response
