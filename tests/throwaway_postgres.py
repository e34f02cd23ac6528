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
from pathlib import Path


def find_binaries() -> Path:
    """The folder of initdb and pg_ctl; Debian keeps them off the PATH."""
    folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)
    if on_path := shutil.which("initdb"):
        folders.append(str(Path(on_path).resolve().parent))
    for folder in folders:
        if Path(folder, "initdb").exists() and Path(folder, "pg_ctl").exists():
            return Path(folder)
    sys.exit("PostgreSQL is missing: sudo apt install postgresql")


def main(command: list[str]) -> int:
    if os.environ.get("DATABASE_URL"):
        return subprocess.call(command)
    binaries = find_binaries()
    # The server refuses to run as root.
    user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="jundiai-postgres-", dir="/tmp"))
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    as_user = {"user": user.pw_uid, "group": user.pw_gid, "cwd": folder} if user else {}
    data = folder / "data"

    def server(*arguments):
        subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL, **as_user)

    try:
        server(
            binaries / "initdb", "--pgdata", data, "--username", "postgres", "--auth", "trust",
            "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync",
        )  # fmt: skip
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        server(
            binaries / "pg_ctl", "--pgdata", data, "--log", folder / "log",
            "--options", options, "--wait", "start",
        )  # fmt: skip
        try:
            # django-environ reads a path before the name as the folder of the socket.
            url = f"postgres://postgres@/{folder}/postgres"
            return subprocess.call(command, env={**os.environ, "DATABASE_URL": url})
        finally:
            server(binaries / "pg_ctl", "--pgdata", data, "--mode", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
