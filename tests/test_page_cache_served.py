"""The site and its cache under a real server, with several processes and threads."""

import http.client
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from tests.servers import children_of
from tests.shared_database import copy_sqlite

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="copies SQLite's database"),
]
WORKERS = 3


class Server:
    def __init__(self, folder: Path):
        self.database = folder / "site.sqlite3"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.log = folder / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "gunicorn", "jundiai_global.wsgi", "--preload"),
                    *("--bind", f"127.0.0.1:{self.port}", "--config", os.devnull),
                    *("--workers", str(WORKERS), "--threads", "2", "--keep-alive", "0"),
                ],
                cwd=settings.BASE_DIR,
                env={
                    **os.environ,
                    "DJANGO_SETTINGS_MODULE": "tests.watching_settings",
                    "DATABASE_URL": f"sqlite:///{self.database}",
                    "SHARED_PAGES": str(folder / "pages"),
                    "MEDIA_ROOT": settings.MEDIA_ROOT,
                },
                stdout=log,
                stderr=log,
            )
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                answer = self.get("/")
            except OSError:
                time.sleep(0.05)
            else:
                assert answer.status == 200, (answer.text, self.log.read_text())
                return
        raise RuntimeError(self.log.read_text())

    def get(self, address: str) -> http.client.HTTPResponse:
        asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with closing(asking):
            asking.request("GET", address, headers={"Host": "127.0.0.1", "Connection": "close"})
            answer = asking.getresponse()
            answer.text = answer.read().decode()
            return answer

    def workers(self) -> list[int]:
        return children_of(self.process.pid)

    def write(self, statement: str, *values) -> None:
        """Past Django and its models, as somebody does who types SQL."""
        with closing(sqlite3.connect(self.database, timeout=20)) as other, other:
            other.execute(statement, values)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, django_db_setup, shared_database):
    """With a copy of the content that every test finds."""
    folder = tmp_path_factory.mktemp("served")
    copy_sqlite(shared_database.filled, folder / "site.sqlite3")
    return folder


@pytest.fixture
def server(folder):
    started = Server(folder)
    yield started
    started.stop()


def test_a_change_is_seen_in_every_process_within_a_second_also_after_one_was_killed(server):
    for number in range(3):
        assert server.get("/").headers["ETag"]
        name = f"Nome {number}"
        server.write("UPDATE pages_siteidentity SET name = ?", name)
        time.sleep(1)
        # Enough for all processes to have answered some.
        assert all(name in server.get("/").text for _time in range(30))
        os.kill(server.workers()[0], signal.SIGKILL)
    # The schema is gone for all that the site can tell; its pages are not.
    server.write("ALTER TABLE page_cache_stamp RENAME TO page_cache_away")
    time.sleep(1)
    answers = [server.get("/") for _time in range(10)]
    assert {answer.status for answer in answers} == {200}
    assert all("Cache-Status" in answer.headers and name in answer.text for answer in answers)
    server.write("ALTER TABLE page_cache_away RENAME TO page_cache_stamp")
    time.sleep(1)
    assert not any("Cache-Status" in server.get("/").headers for _time in range(10))
