"""A cache of files, for a site that has one machine and nothing but its disk.

Django's own (``FileBasedCache``) lists all files at each write, bounds their number and not their
size, and fails on a file that is damaged.
"""

import os
import struct
import tempfile
import time
from contextlib import suppress
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

    def set(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        file = self._file(key, version)
        if self._writes % LOOK_EVERY == 0:
            self._shrink()
        self._writes += 1
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        number, temporary = tempfile.mkstemp(dir=file.parent)
        try:
            with open(number, "wb") as stream:
                stream.write(_HEAD.pack(_MARK, self._until(timeout)) + value)
            os.replace(temporary, file)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise

    def add(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        file = self._file(key, version)
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for _try in range(2):
            try:
                with open(file, "xb") as stream:
                    stream.write(_HEAD.pack(_MARK, self._until(timeout)) + value)
                return True
            except FileExistsError:
                if self.get(key, version=version) is not None or self._is_being_written(file):
                    return False
                with suppress(OSError):
                    file.unlink()
        return False

    @staticmethod
    def _is_being_written(file: Path) -> bool:
        """Whether it is empty, and so young that its content may be on the way."""
        try:
            state = file.stat()
        except OSError:
            return False
        return state.st_size < _HEAD.size and time.time() - state.st_mtime < 1

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
