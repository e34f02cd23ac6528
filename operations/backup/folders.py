"""Where the files are that belong to the site, and what that is called in an archive.

On the disk, or in buckets of a service (S3): both are read, and can be given what an archive has.
"""

import hashlib
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, storages

from pages.library.storage import PARTIAL, PROBE

#: Storages and their names in an archive.
NAMES = {"default": "media", "private": "private"}
#: How names begin of what the site itself writes for a moment.
RESTORING = ".restore-"
HIDDEN = (PROBE, PARTIAL, RESTORING)


@dataclass(frozen=True)
class Opened:
    file: IO[bytes]
    size: int
    #: In seconds since 1970; 0 where nobody knows.
    modified: int


@dataclass(frozen=True)
class Folder:
    """One on this machine."""

    #: In the archive, and of the storage (``settings.STORAGES``).
    name: str
    alias: str

    @property
    def root(self) -> Path:
        """Where restored files are put first: on the same disk, where renaming is enough."""
        storage: Any = storages[self.alias]
        return Path(storage.location)

    def files(self) -> Iterator[str]:
        """Names of all files, with ``/`` between their parts."""
        for where, folders, names in os.walk(self.root):
            folders[:] = sorted(each for each in folders if not each.startswith(HIDDEN))
            for name in sorted(names):
                path = Path(where, name)
                if path.is_file() and not path.is_symlink() and not name.startswith(HIDDEN):
                    yield path.relative_to(self.root).as_posix()

    @contextmanager
    def opened(self, name: str) -> Iterator[Opened]:
        """Raises ``FileNotFoundError`` when it is gone."""
        with (self.root / name).open("rb") as file:
            status = os.fstat(file.fileno())
            yield Opened(file, status.st_size, int(status.st_mtime))

    def take(self, place: Path, undo: ExitStack, finally_do: Callable[[Callable], Any]) -> None:
        """Let the files below ``place``/new take the place of those here.

        ``undo`` is told how to bring back each that was here; ``finally_do`` what to clean up when
        all is decided.
        """

        def move(source: Path, target: Path) -> None:
            os.rename(source, target)
            undo.callback(os.rename, target, source)

        (place / "old").mkdir()
        for entry in sorted(self.root.iterdir()):
            if not entry.name.startswith(HIDDEN):
                move(entry, place / "old" / entry.name)
        for entry in sorted((place / "new").iterdir()):
            move(entry, self.root / entry.name)


@dataclass(frozen=True)
class Bucket:
    """One of a service."""

    name: str
    alias: str
    #: Restored files are put into a temporary folder first.
    root = None

    @property
    def storage(self) -> Any:
        return storages[self.alias]

    def _listed(self) -> Iterator[tuple[str, str]]:
        return (each for each in self.storage.files() if not each[0].startswith(HIDDEN))

    def files(self) -> Iterator[str]:
        return (name for name, _etag in self._listed())

    @contextmanager
    def opened(self, name: str) -> Iterator[Opened]:
        with self.storage.open(name) as file:
            yield Opened(file, file.size, 0)

    def take(self, place: Path, undo: ExitStack, finally_do: Callable[[Callable], Any]) -> None:
        """As of a folder. What is there and differs is copied aside within the service before."""
        storage, aside = self.storage, f"{RESTORING}{secrets.token_hex(8)}"
        new = {
            path.relative_to(place / "new").as_posix(): path
            for path in sorted((place / "new").rglob("*"))
            if path.is_file()
        }
        there = dict(self._listed())
        same = {name for name, etag in there.items() if name in new and _md5(new[name]) == etag}
        for number, name in enumerate(sorted(there.keys() - same)):
            kept = f"{aside}/{number}"
            storage.copy(name, kept)
            finally_do(lambda kept=kept: storage.delete(kept))
            undo.callback(storage.copy, kept, name)
        for name in sorted(new.keys() - same):
            if name not in there:
                undo.callback(storage.delete, name)
            with new[name].open("rb") as content:
                storage.put(name, File(content))
        for name in sorted(there.keys() - new.keys()):
            storage.delete(name)


def _md5(path: Path) -> str:
    """By which a service knows a file that came in one piece; of others it knows another."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def all_folders() -> list[Folder | Bucket]:
    """All that can be read and written here."""
    found: list[Folder | Bucket] = []
    for alias, name in NAMES.items():
        if isinstance(storages[alias], FileSystemStorage):
            found.append(Folder(name, alias))
        elif hasattr(storages[alias], "files"):
            found.append(Bucket(name, alias))
    return found


def remote_names() -> list[str]:
    """Those that cannot, of some other service, which must keep them safe itself."""
    here = {folder.name for folder in all_folders()}
    return [name for name in NAMES.values() if name not in here]
