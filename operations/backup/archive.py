"""One archive as a stream: never whole in memory, never readable before it is whole."""

import hashlib
import io
import json
import os
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import IO, Any

import pyrage
from django.utils.translation import gettext

from . import BackupError
from .keys import Key

#: The last member of an archive: what should be in it.
MANIFEST = "manifest.json"
#: How an age file begins (https://age-encryption.org/v1).
_AGE = b"age-encryption.org/"
_BLOCK = 1024 * 1024
#: No manifest is larger; it is read into memory.
_LONGEST_MANIFEST = 256 * _BLOCK


class _Hashing(io.RawIOBase):
    """Passes on what is read from ``file`` and knows its digest."""

    def __init__(self, file: IO[bytes]):
        self.file = file
        self.digest = hashlib.sha256()

    def readable(self):
        return True

    def read(self, size: int = -1) -> bytes:
        block = self.file.read(size)
        self.digest.update(block)
        return block


class Writer:
    """Puts files into a tar, with the digest and size of each."""

    def __init__(self, stream: IO[bytes]):
        self._tar = tarfile.open(  # noqa: SIM115 - `finish` closes it
            fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT
        )
        #: By name, as the manifest has them.
        self.members: dict[str, dict[str, Any]] = {}

    def add(self, name: str, path: Path) -> None:
        """The file at ``path``. Raises ``FileNotFoundError`` when it is gone."""
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            self.add_open(name, file, status.st_size, int(status.st_mtime))

    def add_open(self, name: str, file: IO[bytes], size: int, modified: int) -> None:
        """What ``file`` has, of ``size`` bytes; ``modified`` is in seconds since 1970."""
        entry = tarfile.TarInfo(name)
        entry.size, entry.mtime, entry.mode = size, modified, 0o600
        hashing = _Hashing(file)
        self._tar.addfile(entry, hashing)
        self.members[name] = {"sha256": hashing.digest.hexdigest(), "size": size}

    def finish(self, manifest: dict) -> None:
        text = json.dumps({**manifest, "files": self.members}, ensure_ascii=False).encode()
        entry = tarfile.TarInfo(MANIFEST)
        entry.size, entry.mode = len(text), 0o600
        self._tar.addfile(entry, io.BytesIO(text))
        self._tar.close()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        # Of an archive that is not finished, nothing may be written later, by the collector.
        with suppress(OSError):
            self._tar.fileobj.close()  # type: ignore[union-attr]


class _Pump:
    """Does ``work`` in a thread, whose one end of a pipe is the file that the caller has."""

    def __init__(self, work: Callable[[], None]):
        self._work = work
        self.error: Exception | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._work()
        except Exception as error:
            self.error = error

    def wait(self) -> None:
        self._thread.join()

    def finish(self) -> None:
        """Wait for the end. Raises what the work raised."""
        self.wait()
        if self.error is not None:
            raise self.error


@contextmanager
def written(file: IO[bytes], key: Key | None) -> Iterator[Writer]:
    """An archive that is written into ``file``, encrypted when there is a ``key``."""
    if key is None:
        with Writer(file) as writer:
            yield writer
        return
    reading, writing = os.pipe()

    def encrypt() -> None:
        with os.fdopen(reading, "rb") as source:
            pyrage.encrypt_io(source, file, [key.recipient])

    pump = _Pump(encrypt)
    try:
        # A broken pipe: the encryption failed, and says why.
        with (
            suppress(BrokenPipeError),
            os.fdopen(writing, "wb") as sink,
            Writer(sink) as writer,
        ):
            yield writer
    finally:
        pump.wait()
    try:
        pump.finish()
    except pyrage.EncryptError as error:
        # What the file's `write` raised, as text.
        raise OSError(str(error)) from error


def _is_safe(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and ".." not in parts and "\0" not in name


def _unreadable() -> BackupError:
    return BackupError(
        gettext("A cópia está danificada ou incompleta, e não pode ser usada. Use outra.")
    )


@contextmanager
def _plain(path: Path, key: Key | None) -> Iterator[IO[bytes]]:
    """The tar in the file at ``path``."""
    with ExitStack() as stack:
        try:
            file = stack.enter_context(path.open("rb"))
        except OSError as error:
            raise BackupError(
                gettext("A cópia %(path)s não pode ser lida: %(error)s")
                % {"path": path, "error": error.strerror}
            ) from error
        is_encrypted = file.read(len(_AGE)) == _AGE
        file.seek(0)
        if not is_encrypted:
            yield file
            return
        if key is None or key.identity is None:
            raise BackupError(
                gettext(
                    "A cópia está cifrada: indique a chave privada em BACKUP_KEY ou --key-file."
                )
            )
        reading, writing = os.pipe()

        def decrypt() -> None:
            with os.fdopen(writing, "wb") as sink:
                pyrage.decrypt_io(file, sink, [key.identity])

        pump = _Pump(decrypt)
        with os.fdopen(reading, "rb") as source:
            try:
                yield source
            finally:
                with suppress(OSError):
                    # What follows the end of the tar: the last chunk is authenticated, too.
                    while source.read(_BLOCK):
                        pass
        try:
            pump.finish()
        except pyrage.DecryptError as error:
            if "No matching keys" in str(error):
                raise BackupError(gettext("A chave não é a desta cópia.")) from error
            raise _unreadable() from error
        except OSError as error:
            raise _unreadable() from error


def read(path: Path, key: Key | None, keep: Callable[[str, IO[bytes]], None]) -> dict:
    """Reads and verifies the whole archive; ``keep`` is given each file by name, as it comes by.

    Returns the manifest. Raises ``BackupError`` for one that is damaged, cut or not ours, also when
    only the last byte tells; what ``keep`` got until then is worth nothing.
    """
    found: dict[str, dict[str, Any]] = {}
    manifest: dict | None = None
    try:
        with _plain(path, key) as stream:
            manifest = _read_tar(stream, found, keep)
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise _unreadable() from error
    if not isinstance(manifest, dict) or manifest.get("files") != found:
        raise _unreadable()
    return manifest


def _read_tar(stream: IO[bytes], found: dict, keep: Callable) -> dict | None:
    manifest = None
    try:
        with tarfile.open(fileobj=stream, mode="r|", errorlevel=2) as tar:
            for entry in tar:
                if manifest is not None or not entry.isreg() or not _is_safe(entry.name):
                    return None
                file = tar.extractfile(entry)
                if file is None:
                    return None
                if entry.name == MANIFEST:
                    if entry.size > _LONGEST_MANIFEST:
                        return None
                    manifest = json.loads(file.read())
                    continue
                hashing = _Hashing(file)
                keep(entry.name, hashing)
                found[entry.name] = {"sha256": hashing.digest.hexdigest(), "size": entry.size}
    except tarfile.ReadError:
        # A wrong key gives no tar at all, and says so itself when the pump is asked.
        return None
    return manifest


def copy(source: IO[bytes], target: IO[bytes]) -> None:
    while block := source.read(_BLOCK):
        target.write(block)


def skip(name: str, file: IO[bytes]) -> None:
    """Reads a file for its digest alone."""
    while file.read(_BLOCK):
        pass
