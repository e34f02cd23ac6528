"""Draws an uploaded picture anew, so that nothing is stored but the picture.

A file may hold more than it shows: a program behind the picture's end, a script in a comment, data
that make a viewer stumble. What is decoded and encoded again holds none of it. PNG, GIF and
lossless WebP keep every dot; JPEG is written with its own quantisation tables, so that hardly more
is rounded than was; lossy WebP and AVIF are written in high quality.
"""

import struct
from collections.abc import Callable, Iterator
from io import BytesIO

from django.conf import settings
from django.core.files.base import File
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import GifImagePlugin, Image, ImageSequence

from .photo_metadata import gif_frame_sizes, without_private_metadata

#: What may be drawn, as Pillow names it.
FORMATS = ("AVIF", "GIF", "JPEG", "PNG", "WEBP")
#: What says more than the picture does, of what Pillow keeps from a file it has read.
_TELLING = ("comment", "xmp", "XML:com.adobe.xmp", "photoshop", "dpi")


class UnfitPictureError(ValueError):
    """The file is no picture that can be drawn, or drawing it would take too much memory."""


class RedrawnPicture(SimpleUploadedFile):
    """A picture that was drawn anew, ready to be stored."""

    def __init__(self, name: str, content: bytes, source_hash: str):
        super().__init__(name, content, content_type="application/octet-stream")
        #: The hash of what was uploaded, without its metadata: the same each time it is uploaded.
        self.source_hash = source_hash


def redrawn(upload: File, hash_of: Callable[[bytes], str]) -> RedrawnPicture:
    """The picture of ``upload``, drawn anew. Raises ``UnfitPictureError``."""
    upload.seek(0)
    data = without_private_metadata(upload.read())
    upload.seek(0)
    return RedrawnPicture(upload.name or "", redraw(data), hash_of(data))


def redraw(data: bytes) -> bytes:
    """``data``, a picture's file, encoded again. Raises ``UnfitPictureError``.

    How large it becomes is known and judged before anything is decoded.
    """
    try:
        _judge_gif(data)
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            frames = getattr(image, "n_frames", 1)
            _judge(image.width * image.height * frames)
            return _encoded(image, data, frames)
    except UnfitPictureError:
        raise
    except Exception as error:
        # Pillow raises whatever a broken file makes it stumble over.
        raise UnfitPictureError(f"the picture cannot be drawn: {error}") from error


def _judge(pixels: int) -> None:
    if pixels > settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS:
        raise UnfitPictureError(f"the picture has {pixels} pixels")


def _judge_gif(data: bytes) -> None:
    """The frames of a GIF may be larger than what the file says of the whole."""
    if data[:4] == b"GIF8":
        try:
            _judge(sum(width * height for width, height in gif_frame_sizes(data)))
        except (struct.error, IndexError) as error:
            raise UnfitPictureError("the GIF is cut short") from error


def _encoded(image: Image.Image, data: bytes, frames: int) -> bytes:
    kind = image.format
    exif = image.info.get("exif")  # nothing is left in it but how the picture is turned
    options = {
        name: value
        for name, value in (("exif", exif), ("icc_profile", image.info.get("icc_profile")))
        if value and kind != "GIF"
    }
    for name in _TELLING:
        image.info.pop(name, None)
    options |= _quality(image, data)
    buffer = BytesIO()
    if frames > 1 and kind != "JPEG":
        first, *others = _frames(image)
        durations = [frame.info.get("duration", 0) for frame in (first, *others)]
        if "loop" in image.info:
            options["loop"] = image.info["loop"]
        first.save(buffer, kind, save_all=True, append_images=others, duration=durations, **options)
    else:
        image.load()
        image.save(buffer, kind, **options)
    return buffer.getvalue()


def _frames(image: Image.Image) -> Iterator[Image.Image]:
    for frame in ImageSequence.Iterator(image):
        copy = frame.copy()
        for name in _TELLING:
            copy.info.pop(name, None)
        yield copy


def _quality(image: Image.Image, data: bytes) -> dict:
    match image.format:
        case "JPEG":
            progressive = bool(image.info.get("progressive"))
            return {"quality": "keep", "progressive": progressive, "optimize": True}
        case "WEBP" if b"VP8L" in data:
            return {"lossless": True, "quality": 50, "method": 3}
        case "WEBP":
            return {"quality": 92, "method": 4}
        case "AVIF":
            return {"quality": 88, "speed": 8}
    return {}


# Frames of a GIF that share a palette keep it, and so every colour of it.
GifImagePlugin.LOADING_STRATEGY = GifImagePlugin.LoadingStrategy.RGB_AFTER_DIFFERENT_PALETTE_ONLY
