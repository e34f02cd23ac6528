"""Files in buckets of an S3-compatible service.

Media are public, at addresses below ``MEDIA_URL`` that are known without asking the service;
private files have none.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urljoin

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from django.utils.encoding import filepath_to_uri
from storages.backends.s3 import S3Storage

from .media import SHOWN, cache_control
from .storage import PROBE, UnreachableStorageError


@contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise UnreachableStorageError(str(error)) from error


def _told(method):
    @wraps(method)
    def wrapped(*args, **kwargs):
        with _telling():
            return method(*args, **kwargs)

    return wrapped


class BucketStorage(S3Storage):
    """django-storages', with addresses of our own and errors that are files' errors.

    ``base_url`` is what addresses begin with; without it there are none.
    """

    def get_default_settings(self) -> dict[str, Any]:
        return {
            **super().get_default_settings(),
            "base_url": None,
            "file_overwrite": False,
            # Bytes of a file that is read, in memory; larger ones are put on the disk meanwhile.
            "max_memory_size": 5 * 1024 * 1024,
            "client_config": Config(
                # Seconds. An editor waits for it.
                connect_timeout=2,
                read_timeout=20,
                retries={"mode": "standard", "total_max_attempts": 2},
                signature_version="s3v4",
                # As nginx asks; and no more checksums than every service knows.
                s3={"addressing_style": "path"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        }

    def url(self, name, parameters=None, expire=None, http_method=None):
        if self.base_url is None:
            raise NotImplementedError("private files have no address")
        return urljoin(self.base_url, filepath_to_uri(name).lstrip("/"))

    def get_object_parameters(self, name):
        """What the service says with a file, should anybody ask it and not the site."""
        found = super().get_object_parameters(name)
        if self.base_url is None:
            return {**found, "CacheControl": "private, no-store"}
        found["CacheControl"] = cache_control(name)
        if PurePosixPath(name).suffix.lower() not in SHOWN:
            found |= {"ContentDisposition": "attachment", "ContentType": self.default_content_type}
        return found

    def _open(self, name, mode="rb"):
        with _telling():
            file = super()._open(name, mode)
            if "r" in mode:
                # Now, and not when somebody reads who does not know of services.
                _ = file.file
            return file

    _save = _told(S3Storage._save)
    delete = _told(S3Storage.delete)
    exists = _told(S3Storage.exists)
    size = _told(S3Storage.size)
    listdir = _told(S3Storage.listdir)

    @_told
    def copy(self, name: str, other: str) -> None:
        """Store ``name`` as ``other``, too, within the service; it replaces what is there."""
        source = {"Bucket": self.bucket_name, "Key": self._normalize_name(name)}
        terms = {"MetadataDirective": "REPLACE", **self._get_write_parameters(other)}
        self.bucket.Object(self._normalize_name(other)).copy(source, ExtraArgs=terms)

    def replace(self, fresh: str, name: str) -> None:
        """Give the file stored as ``fresh`` the name of another, which it replaces at once."""
        self.copy(fresh, name)
        self.delete(fresh)

    def put(self, name: str, content: File) -> None:
        """Store ``content`` as ``name``, whatever was there."""
        self._save(name, content)

    def files(self) -> Iterator[tuple[str, str]]:
        """Name and ETag of each file, in the order of their names."""
        prefix = f"{self.location.rstrip('/')}/" if self.location else ""
        with _telling():
            for item in self.bucket.objects.filter(Prefix=prefix):
                yield item.key.removeprefix(prefix), item.e_tag.strip('"')

    @_told
    def anyone_may_read(self) -> bool:
        """Whether the service gives a file to who has no key; it is tried with one of a moment."""
        probe = self.bucket.Object(self._normalize_name(f"{PROBE}{secrets.token_hex(8)}"))
        probe.put(Body=b"ok", **self._get_write_parameters(probe.key))
        try:
            self.unsigned_connection.Object(probe.bucket_name, probe.key).get()
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] in (401, 403, 404):
                return False
            raise
        finally:
            probe.delete()
        return True

    @_told
    def try_writing(self, size: int = 4096) -> None:
        """Raises ``OSError`` where the service takes no file, whatever its ``size``."""
        probe = self.bucket.Object(self._normalize_name(f"{PROBE}{secrets.token_hex(8)}"))
        probe.put(Body=b"ok", **self.get_object_parameters(probe.key))
        probe.delete()
