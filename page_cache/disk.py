"""A cache of files, for a site that has one machine and nothing but its disk.

Django's own (``FileBasedCache``) lists all files at each write, bounds their number and not their
size, and fails on a file that is damaged.
"""

import os
import struct
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache

#: Before a file's content: what it is, and until when it is good (seconds since 1970).
_HEAD = struct.Struct(">4sd")
_MARK = b"jpc1"
#: Writes after which a process looks how much there is.
LOOK_EVERY = 100
SUFFIX = ".page"


class DiskCache(BaseCache):
    """Values are bytes. ``OPTIONS``: ``MAX_BYTES``, of all files together.

    A file appears whole or not at all. One that is damaged, cannot be read or is too old is as if
    there were none. Writing raises ``OSError`` where the disk takes nothing.
    """

    def __init__(self, location: str, params: dict):
        super().__init__(params)
        self._folder = Path(location)
        self._max_bytes = params.get("OPTIONS", {}).get("MAX_BYTES", 256 * 2**20)
        self._writes = 0

    def _file(self, key: str, version: int | None) -> Path:
        name = blake2b(self.make_and_validate_key(key, version).encode(), digest_size=20)
        text = name.hexdigest()
        return self._folder / text[:2] / (text[2:] + SUFFIX)

    def get(self, key, default=None, version=None):
        try:
            data = self._file(key, version).read_bytes()
            mark, until = _HEAD.unpack_from(data)
        except (OSError, struct.error):
            return default
        return data[_HEAD.size :] if mark == _MARK and time.time() < until else default

    def _until(self, timeout) -> float:
        until = self.get_backend_timeout(timeout)
        return float("inf") if until is None else until

    @contextmanager
    def _written(self, file: Path, value: bytes, timeout) -> Iterator[str]:
        """A file beside ``file`` with all of its content, there for as long as it is not moved."""
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        number, temporary = tempfile.mkstemp(dir=file.parent)
        try:
            with open(number, "wb") as stream:
                stream.write(_HEAD.pack(_MARK, self._until(timeout)) + value)
            yield temporary
        finally:
            with suppress(OSError):
                os.unlink(temporary)

    def set(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        file = self._file(key, version)
        if self._writes % LOOK_EVERY == 0:
            self._shrink()
        self._writes += 1
        with self._written(file, value, timeout) as written:
            os.replace(written, file)

    def add(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        file = self._file(key, version)
        with self._written(file, value, timeout) as written:
            for _try in range(2):
                try:
                    os.link(written, file)
                except FileExistsError:
                    if self.get(key, version=version) is not None:
                        return False
                    with suppress(OSError):
                        file.unlink()
                else:
                    return True
        return False

    def touch(self, key, timeout=DEFAULT_TIMEOUT, version=None):
        value = self.get(key, version=version)
        if value is None:
            return False
        self.set(key, value, timeout, version)
        return True

    def delete(self, key, version=None):
        try:
            self._file(key, version).unlink()
        except OSError:
            return False
        return True

    def has_key(self, key, version=None):
        return self.get(key, version=version) is not None

    def clear(self):
        for file in self._files():
            with suppress(OSError):
                file.unlink()

    def _files(self):
        return self._folder.glob("??/*")

    def _shrink(self) -> None:
        """Delete the oldest files until there is room again for a tenth of what may be there."""
        found = []
        for file in self._files():
            with suppress(OSError):
                state = file.stat()
                found.append((state.st_mtime, state.st_blocks * 512, file))
        size = sum(each for _moment, each, _file in found)
        if size <= self._max_bytes:
            return
        for _moment, each, file in sorted(found):
            if size <= self._max_bytes * 0.9:
                return
            with suppress(OSError):
                file.unlink()
            size -= each
