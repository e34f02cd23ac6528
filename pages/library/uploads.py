"""What happens to a picture's file before it is stored."""

import logging
from io import BytesIO

from django.core.files.base import ContentFile
from wagtail.utils.file import hash_filelike

from .photo_metadata import without_private_metadata
from .redraw import RedrawnPicture, UnfitPictureError, redrawn

logger = logging.getLogger(__name__)


def redraw_upload(field_file) -> str:
    """Draw a picture that is being uploaded anew; the hash of what was uploaded.

    The forms of the admin have done it, and refused what cannot be drawn. What a program puts in
    and cannot be drawn is stored without its metadata only, and the log says so.
    """
    upload = field_file.file
    if not isinstance(upload, RedrawnPicture):
        try:
            upload = field_file.file = redrawn(upload, hash_of)
        except UnfitPictureError as error:
            logger.warning("%s was not drawn anew: %s", field_file.name, error)
            clean_upload(field_file)
            field_file.file.seek(0)
            file_hash = hash_of(field_file.file.read())
            field_file.file.seek(0)
            return file_hash
    return upload.source_hash


def clean_upload(field_file) -> None:
    """Take private metadata out of a picture that is being uploaded, or waits to be described.

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
