"""Where uploaded files are kept: on the disk here, in buckets of a service in ``buckets``.

Both keep a file whole or not at all, raise ``OSError`` where they cannot, and can be asked before.
"""

import os
import secrets
from contextlib import suppress
from pathlib import PurePosixPath

from django.core.files.storage import FileSystemStorage

#: How the names of what is there for a moment only begin; nobody may fetch it.
PROBE, PARTIAL = ".ready-", ".partial-"


class UnreachableStorageError(OSError):
    """The service that keeps the files does not answer, or refuses."""


class DiskStorage(FileSystemStorage):
    """Django's, by which a file that could not be written whole is not there at all."""

    def _save(self, name, content):
        # Written under another name first: a full disk, or a machine that stops, leaves no half.
        folder = PurePosixPath(name.replace("\\", "/")).parent
        partial = str(folder / f"{PARTIAL}{secrets.token_hex(8)}")
        path = self.path(partial)
        try:
            super()._save(partial, content)
            while True:
                try:
                    # Not `rename`, which would overwrite one that came meanwhile.
                    os.link(path, self.path(name))
                except FileExistsError:
                    name = self.get_available_name(name)
                else:
                    return name.replace("\\", "/")
        finally:
            with suppress(FileNotFoundError):
                os.unlink(path)

    def replace(self, fresh: str, name: str) -> None:
        """Give the file stored as ``fresh`` the name of another, which it replaces at once."""
        os.replace(self.path(fresh), self.path(name))

    def try_writing(self, size: int = 4096) -> None:
        """Raises ``OSError`` where there is no room for ``size`` bytes, or nothing can be written.

        The room is taken for real, and given back.
        """
        # Not `save`, which would make the folder: one that is gone is not mounted.
        path = os.path.join(self.location, f"{PROBE}{secrets.token_hex(8)}")
        with open(path, "xb", opener=_vanishing) as file:
            os.posix_fallocate(file.fileno(), 0, max(size, 1))


def _vanishing(path: str, flags: int) -> int:
    """Opens ``path`` and takes its name away at once, so that no crash leaves it."""
    opened = os.open(path, flags, 0o600)
    os.unlink(path)
    return opened
