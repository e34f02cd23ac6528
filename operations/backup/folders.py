"""The folders of files that belong to the site, and what they are called in an archive."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.core.files.storage import FileSystemStorage, storages

from pages.library.storage import PARTIAL, PROBE

#: Storages and their names in an archive.
NAMES = {"default": "media", "private": "private"}
#: What the site itself writes for a moment.
HIDDEN = (PROBE, PARTIAL, ".restore-")


@dataclass(frozen=True)
class Folder:
    #: In the archive, and of the storage (``settings.STORAGES``).
    name: str
    alias: str
    root: Path

    def files(self) -> Iterator[str]:
        """Names of all files, with ``/`` between their parts."""
        for where, folders, names in os.walk(self.root):
            folders[:] = sorted(each for each in folders if not each.startswith(HIDDEN))
            for name in sorted(names):
                path = Path(where, name)
                if path.is_file() and not path.is_symlink() and not name.startswith(HIDDEN):
                    yield path.relative_to(self.root).as_posix()


def local_folders() -> list[Folder]:
    """Those on this machine. What is kept elsewhere (S3) is for that service to keep safe."""
    return [
        Folder(name, alias, Path(storages[alias].location))
        for alias, name in NAMES.items()
        if isinstance(storages[alias], FileSystemStorage)
    ]


def remote_names() -> list[str]:
    here = {folder.name for folder in local_folders()}
    return [name for name in NAMES.values() if name not in here]
