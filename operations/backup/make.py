"""Making a backup in which every file is to which a row of its database refers.

Files get a name of their own when they are stored, before the row that names them is committed, and
are deleted after the row is. So a file to which a state of the database refers exists at that
moment. First all files are written into the archive, which may take long; then the database is
dumped as it is at one moment; then the files that came meanwhile are added. What may still be
missing was stored and deleted in between: the dump is asked for all names that it refers to, and if
one is missing, database and new files are taken again. A name that is missing twice was lost before
and is told. A file too many does no harm.
"""

import hashlib
import os
import platform
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django
import wagtail
from django.db import connections
from django.utils import timezone
from django.utils.translation import gettext

from pages.library.storage import UnreachableStorageError

from .. import migrations_state
from . import BackupError, archive, databases, folders, rotation
from .keys import Key

FORMAT = 1
#: How often the database is taken anew because files vanished under it.
TRIES = 3
#: Leftovers of a run that was killed, after so many seconds.
OLD = 24 * 60 * 60


@dataclass(frozen=True)
class Made:
    path: Path
    files: int
    size: int
    #: Files that rows name and that are nowhere.
    lost: list[str]
    #: Folders that are kept by another service.
    remote: list[str]
    #: Whether the whole archive was read again; else it was compared with what was written.
    is_fully_verified: bool


def make(
    folder: Path,
    key: Key | None = None,
    path: Path | None = None,
    alias: str = "default",
) -> Made:
    """Write an archive into ``folder``, or at ``path``, and verify it.

    Raises ``BackupError``; then no archive is left behind.
    """
    path = path or Path(folder) / rotation.name_of(timezone.now(), key is not None)
    if path.exists():
        raise BackupError(gettext("%(path)s já existe e não será sobrescrito.") % {"path": path})
    partial = path.with_name(path.name + rotation.PARTIAL)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sweep(path.parent)
        descriptor = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        try:
            with os.fdopen(descriptor, "w+b") as file:
                digest, lost = _write(file, path.parent, key, alias)
                file.flush()
                os.fsync(file.fileno())
            is_fully_verified = _verify(partial, key, digest)
            # Not `rename`, which would overwrite one that came meanwhile.
            os.link(partial, path)
            _sync_folder(path.parent)
        finally:
            partial.unlink(missing_ok=True)
    except FileExistsError as error:
        raise BackupError(
            gettext("Outra cópia está sendo feita agora (%(path)s).") % {"path": error.filename}
        ) from error
    except UnreachableStorageError as error:
        raise BackupError(
            gettext("Os arquivos não puderam ser lidos do serviço que os guarda (S3): %(error)s")
            % {"error": error}
        ) from error
    except OSError as error:
        raise BackupError(
            gettext("A cópia não pôde ser gravada em %(path)s: %(error)s")
            % {"path": path.parent, "error": error.strerror or error}
        ) from error
    size = path.stat().st_size
    return Made(path, digest.files, size, sorted(lost), folders.remote_names(), is_fully_verified)


class _Digesting:
    """A file that knows the digest of what was written into it."""

    def __init__(self, file):
        self.file = file
        self.digest = hashlib.sha256()
        self.files = 0

    def write(self, block) -> int:
        block = bytes(block)
        self.digest.update(block)
        return self.file.write(block)

    def flush(self) -> None:
        self.file.flush()


def _write(file, folder: Path, key, alias: str) -> tuple[_Digesting, set[str]]:
    engine = databases.engine(alias)
    sink = _Digesting(file)
    work = Path(tempfile.mkdtemp(prefix=".work-", dir=folder))
    try:
        with archive.written(sink, key) as writer:
            _add_files(writer)
            dump, snapshot, lost = _take_database(engine, writer, work)
            writer.add(engine.member, dump)
            sink.files = len(writer.members) - 1
            writer.finish(_manifest(engine, snapshot, lost))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return sink, lost


def _add_files(writer: archive.Writer) -> None:
    """Put in what is not there yet; what vanishes while it is looked for is left out."""
    for folder in folders.all_folders():
        for name in folder.files():
            member = f"{folder.name}/{name}"
            if member not in writer.members:
                with suppress(FileNotFoundError), folder.opened(name) as found:
                    writer.add_open(member, found.file, found.size, found.modified)


def _take_database(engine: databases.Engine, writer: archive.Writer, work: Path):
    here = {folder.alias: folder.name for folder in folders.all_folders()}
    before: set[str] | None = None
    for number in range(TRIES):
        dump = work / f"database-{number}"
        snapshot = engine.dump(dump)
        _add_files(writer)
        missing = {
            f"{here[alias]}/{name}"
            for alias, names in snapshot.files.items()
            if alias in here
            for name in names
        } - set(writer.members)
        if before is not None:
            # Missing twice: nobody deleted it in this moment.
            if missing <= before:
                return dump, snapshot, missing
        elif not missing:
            return dump, snapshot, missing
        before = missing
        dump.unlink()
    raise BackupError(
        gettext("Os arquivos mudam depressa demais para uma cópia coerente. Tente de novo.")
    )


def _manifest(engine: databases.Engine, snapshot: databases.Snapshot, lost: set[str]) -> dict:
    applied = migrations_state.applied(engine.connection)
    return {
        "format": FORMAT,
        "made_at": timezone.now().isoformat(),
        "database": {"vendor": engine.vendor, "member": engine.member, "rows": snapshot.rows},
        "migrations": sorted(list(key) for key in applied),
        "versions": {
            "django": django.get_version(),
            "wagtail": wagtail.__version__,
            "python": platform.python_version(),
            "server": _server_version(engine),
        },
        "lost": sorted(lost),
        "remote": folders.remote_names(),
    }


def _server_version(engine: databases.Engine) -> str:
    connection: Any = connections[engine.connection.alias]
    if engine.vendor == "sqlite":
        return connection.Database.sqlite_version
    connection.ensure_connection()
    return str(connection.pg_version)


def _verify(path: Path, key: Key | None, written: _Digesting) -> bool:
    """Read the archive as a restore would; with a public key alone, compare what is on the disk."""
    if key is None or key.identity is not None:
        archive.read(path, key, archive.skip)
        return True
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").digest() != written.digest.digest():
            raise BackupError(gettext("O disco não guardou o que foi gravado. Use outro disco."))
    return False


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sweep(folder: Path) -> None:
    """Take away what a run left that was killed."""
    now = timezone.now().timestamp()
    for left in (*folder.glob(f"jundiai-*{rotation.PARTIAL}"), *folder.glob(".work-*")):
        if now - left.stat().st_mtime > OLD:
            shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink()
