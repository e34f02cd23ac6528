"""Runs a command with DATABASE_URL leading to a private PostgreSQL server, gone when it ends.

    python tests/throwaway_postgres.py python -m pytest

With DATABASE_URL set already, the command runs with that one.
"""

import glob
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

#: What is lost when the machine stops is thrown away anyhow.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def find_binaries() -> Path:
    """The folder of initdb and pg_ctl; Debian keeps them off the PATH."""
    folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)
    if on_path := shutil.which("initdb"):
        folders.append(str(Path(on_path).resolve().parent))
    for folder in folders:
        if Path(folder, "initdb").exists() and Path(folder, "pg_ctl").exists():
            return Path(folder)
    sys.exit("PostgreSQL is missing: sudo apt install postgresql")


class Postgres:
    """A server with its files in ``folder``, and a socket of its own for whoever may be here."""

    def __init__(self, folder: Path, *settings: str):
        self.folder, self.data, self._settings = folder, folder / "data", settings
        self._binaries = find_binaries()
        # The server refuses to run as root.
        user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        self._as_user = {"user": user.pw_uid, "group": user.pw_gid, "cwd": "/"} if user else {}
        # Short, for the address of a socket may not be long.
        self.socket = tempfile.mkdtemp(prefix="jundiai-postgres-", dir="/tmp")
        for place in (folder, self.socket):
            Path(place).mkdir(parents=True, exist_ok=True)
            if user:
                os.chown(place, user.pw_uid, user.pw_gid)

    def _run(self, program: str, *arguments) -> None:
        command = [self._binaries / program, *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **self._as_user)

    def make(self) -> None:
        """An empty one, unless there is one."""
        if not (self.data / "PG_VERSION").exists():
            self._run(
                "initdb", "--pgdata", self.data, "--username", "postgres",
                "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync",
            )  # fmt: skip
        if (self.data / "postmaster.pid").exists():
            # Of a run that was killed. It may be gone too, and then there is nothing to stop.
            with suppress(subprocess.CalledProcessError):
                self.stop()

    def copy(self, primary: "Postgres") -> None:
        """A replica of ``primary``, which runs: it follows it from now on."""
        self._run(
            "pg_basebackup", "--host", primary.socket, "--username", "postgres",
            "--pgdata", self.data, "--checkpoint", "fast", "--wal-method", "stream",
            "--write-recovery-conf", "--no-sync",
        )  # fmt: skip

    def start(self) -> None:
        places = ("listen_addresses=''", f"unix_socket_directories={self.socket}")
        options = " ".join(f"-c {setting}" for setting in (*places, *self._settings))
        self._run(
            "pg_ctl", "--pgdata", self.data, "--log", self.folder / "log",
            "--options", options, "--wait", "start",
        )  # fmt: skip

    def stop(self, mode: str = "fast") -> None:
        """``immediate`` is as if it had crashed."""
        self._run("pg_ctl", "--pgdata", self.data, "--mode", mode, "--wait", "stop")

    @contextmanager
    def running(self) -> Iterator["Postgres"]:
        """The socket's folder is gone afterwards; the others stay."""
        try:
            self.start()
            try:
                yield self
            finally:
                if (self.data / "postmaster.pid").exists():
                    self.stop()
        finally:
            shutil.rmtree(self.socket, ignore_errors=True)


@contextmanager
def private_server(folder: Path, *settings: str) -> Iterator[str]:
    """A server with its files in ``folder``, kept there; gives the folder of its socket."""
    server = Postgres(folder, *settings)
    server.make()
    with server.running():
        yield server.socket


def url_of(socket: str, database: str = "postgres") -> str:
    # django-environ reads a path before the name as the folder of the socket.
    return f"postgres://postgres@/{socket}/{database}"


def main(command: list[str]) -> int:
    if os.environ.get("DATABASE_URL"):
        return subprocess.call(command)
    folder = Path(tempfile.mkdtemp(prefix="jundiai-postgres-", dir="/tmp"))
    try:
        with private_server(folder, *FAST) as socket:
            return subprocess.call(command, env={**os.environ, "DATABASE_URL": url_of(socket)})
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
