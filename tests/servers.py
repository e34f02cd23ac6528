"""Servers that tests start: the site under gunicorn, as it runs in production."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from tests.shared_database import copy_sqlite


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def hold_port() -> socket.socket:
    """A socket that keeps a port from everybody who asks for a free one, while it is open.

    Who names the port may listen to it, with ``SO_REUSEADDR``, as servers do.
    """
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    return held


def children_of(process: int) -> list[int]:
    """The processes that another one has started, as Linux lists them."""
    children = Path(f"/proc/{process}/task/{process}/children")
    return [int(child) for child in children.read_text().split()]


class Server:
    """The site as it runs in production, on a database and files of its own in ``folder``."""

    def __init__(self, folder: Path, **environment):
        port = free_port()
        self.folder = folder
        self.database = folder / "site.sqlite3"
        self.address = f"http://127.0.0.1:{port}"
        self._bind = f"127.0.0.1:{port}"
        self.environment = {
            **os.environ,
            "ENV_FILE": os.devnull,
            "DJANGO_SETTINGS_MODULE": "tests.browser.settings",
            "SECRET_KEY": "browser-tests-0123456789-abcdefghijklmnopqrstuvwxyz",
            "DATABASE_URL": f"sqlite:///{self.database}",
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "PORT": str(port),
            "SITE_URL": self.address,
            "STATIC_ROOT": str(folder / "static"),
            "MEDIA_ROOT": str(folder / "media"),
            "PRIVATE_ROOT": str(folder / "private"),
            **environment,
        }

    def begin_with(self, database: Path) -> None:
        """Start from a copy of another site's database."""
        copy_sqlite(database, self.database)

    def manage(self, *command, **extra):
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=settings.BASE_DIR,
            env={**self.environment, **extra},
            check=True,
            stdout=subprocess.DEVNULL,
        )

    @contextmanager
    def running(self, workers: int = 2):
        with (self.folder / "server.log").open("w") as log:
            server = subprocess.Popen(
                [
                    *(sys.executable, "-m", "gunicorn", "--bind", self._bind),
                    *("--workers", str(workers), "--timeout", "120", "jundiai_global.wsgi"),
                ],
                cwd=settings.BASE_DIR,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
            self.process = server
            try:
                self._wait()
                yield
            finally:
                server.terminate()
                server.wait(40)

    def _wait(self) -> None:
        """Until it answers."""
        for _attempt in range(150):
            try:
                urllib.request.urlopen(f"{self.address}/healthz", timeout=5)  # noqa: S310
                return
            except OSError:
                time.sleep(0.2)
        pytest.fail((self.folder / "server.log").read_text())


@contextmanager
def gunicorn_serving(folder: Path, application: str, **environment):
    """Gunicorn as it is started here, for another application, whose text this is.

    Gives its port and the file with what it logs.
    """
    port = free_port()
    log = folder / "log"
    (folder / "hello.py").write_text(application)
    with log.open("w") as out:
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py"),
                *("--bind", f"127.0.0.1:{port}", "--pythonpath", f".,{folder}"),
                *("--env", "DJANGO_SETTINGS_MODULE=jundiai_global.settings.test", "hello"),
            ],
            cwd=settings.BASE_DIR,
            env={**os.environ, "WEB_CONCURRENCY": "1", **environment},
            stdout=out,
            stderr=out,
        )
    try:
        for _attempt in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=5).close()
                break
            except OSError:
                time.sleep(0.2)
        else:
            pytest.fail(log.read_text())
        yield port, log
    finally:
        server.terminate()
        server.wait(20)
