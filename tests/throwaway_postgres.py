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


@contextmanager
def private_server(folder: Path, *settings: str) -> Iterator[str]:
    """A server with its files in ``folder``, kept there; gives the folder of its socket."""
    binaries = find_binaries()
    # The server refuses to run as root.
    user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    as_user = {"user": user.pw_uid, "group": user.pw_gid, "cwd": "/"} if user else {}
    # Short, for the address of a socket may not be long.
    socket = tempfile.mkdtemp(prefix="jundiai-postgres-", dir="/tmp")
    for place in (folder, socket):
        Path(place).mkdir(parents=True, exist_ok=True)
        if user:
            os.chown(place, user.pw_uid, user.pw_gid)
    data = folder / "data"

    def server(*arguments):
        subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL, **as_user)

    try:
        if not (data / "PG_VERSION").exists():
            server(
                binaries / "initdb", "--pgdata", data, "--username", "postgres",
                "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync",
            )  # fmt: skip
        if (data / "postmaster.pid").exists():
            # Of a run that was killed. It may be gone too, and then there is nothing to stop.
            with suppress(subprocess.CalledProcessError):
                server(binaries / "pg_ctl", "--pgdata", data, "--mode", "fast", "--wait", "stop")
        places = ("listen_addresses=''", f"unix_socket_directories={socket}")
        options = " ".join(f"-c {setting}" for setting in (*places, *settings))
        server(
            binaries / "pg_ctl", "--pgdata", data, "--log", folder / "log",
            "--options", options, "--wait", "start",
        )  # fmt: skip
        try:
            yield socket
        finally:
            server(binaries / "pg_ctl", "--pgdata", data, "--mode", "fast", "--wait", "stop")
    finally:
        shutil.rmtree(socket, ignore_errors=True)


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
