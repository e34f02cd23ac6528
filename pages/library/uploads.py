"""What happens to a picture's file before it is stored."""

from io import BytesIO

from django.core.files.base import ContentFile
from wagtail.utils.file import hash_filelike

from .photo_metadata import without_private_metadata


def clean_upload(field_file) -> None:
    """Take private metadata out of a picture that is being uploaded.

    What is stored already is left to ``manage.py strip_photo_metadata``.
    """
    if not field_file or field_file._committed:
        return
    upload = field_file.file
    upload.seek(0)
    data = upload.read()
    upload.seek(0)
    kept = without_private_metadata(data)
    if kept is not data:
        field_file.file = ContentFile(kept, name=upload.name)


def hash_of(data: bytes) -> str:
    """The hash by which Wagtail knows a file."""
    return hash_filelike(BytesIO(data))
