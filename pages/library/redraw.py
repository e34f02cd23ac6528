"""Draws an uploaded picture anew, so that nothing is stored but the picture.

A file may hold more than it shows: a program behind the picture's end, a script in a comment, data
that make a viewer stumble. What is decoded and encoded again holds none of it. PNG, GIF and
lossless WebP keep every dot; JPEG is written with its own quantisation tables, so that hardly more
is rounded than was; lossy WebP and AVIF are written in high quality.

What is larger than the site will ever show is made smaller meanwhile (``IMAGES_LONGEST_SIDE``).
"""

import struct
from collections.abc import Callable, Iterator
from io import BytesIO

from django.conf import settings
from django.core.files.base import File
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import GifImagePlugin, Image, ImageSequence, JpegImagePlugin

from .photo_metadata import gif_frame_sizes, without_private_metadata

#: What may be drawn, as Pillow names it.
FORMATS = ("AVIF", "GIF", "JPEG", "PNG", "WEBP")
#: What says more than the picture does, of what Pillow keeps from a file it has read.
_TELLING = ("comment", "xmp", "XML:com.adobe.xmp", "photoshop", "dpi")


class UnfitPictureError(ValueError):
    """The file is no picture that can be drawn, or drawing it would take too much memory."""


class RedrawnPicture(SimpleUploadedFile):
    """A picture that was drawn anew, ready to be stored."""

    def __init__(self, name: str, content: bytes, source_hash: str, scale: float = 1):
        super().__init__(name, content, content_type="application/octet-stream")
        #: How long its sides are, of what was uploaded 1.
        self.scale = scale
        #: The hash of what was uploaded, without its metadata: the same each time it is uploaded.
        self.source_hash = source_hash


def redrawn(upload: File, hash_of: Callable[[bytes], str]) -> RedrawnPicture:
    """The picture of ``upload``, drawn anew. Raises ``UnfitPictureError``."""
    upload.seek(0)
    data = without_private_metadata(upload.read())
    upload.seek(0)
    content, scale = _redraw(data)
    return RedrawnPicture(upload.name or "", content, hash_of(data), scale)


def redraw(data: bytes) -> bytes:
    """``data``, a picture's file, encoded again. Raises ``UnfitPictureError``.

    How large it becomes is known and judged before anything is decoded.
    """
    return _redraw(data)[0]


def _redraw(data: bytes) -> tuple[bytes, float]:
    """What ``redraw`` says, and how long the sides then are, of what they were 1."""
    try:
        _judge_gif(data)
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            frames = getattr(image, "n_frames", 1)
            _judge(image.width * image.height * frames)
            scale = min(1.0, settings.IMAGES_LONGEST_SIDE / max(image.size))
            return _encoded(image, data, frames, scale), scale
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


def _encoded(image: Image.Image, data: bytes, frames: int, scale: float) -> bytes:
    kind = image.format
    exif = image.info.get("exif")  # nothing is left in it but how the picture is turned
    options = {
        name: value
        for name, value in (("exif", exif), ("icc_profile", image.info.get("icc_profile")))
        if value and kind != "GIF"
    }
    for name in _TELLING:
        image.info.pop(name, None)
    options |= _quality(image, data, scale)
    buffer = BytesIO()
    if frames > 1 and kind != "JPEG":
        first, *others = (_scaled(frame, scale) for frame in _frames(image))
        durations = [frame.info.get("duration", 0) for frame in (first, *others)]
        if "loop" in image.info:
            options["loop"] = image.info["loop"]
        first.save(buffer, kind, save_all=True, append_images=others, duration=durations, **options)
    else:
        image.load()
        _scaled(image, scale).save(buffer, kind, **options)
    return buffer.getvalue()


def _scaled(image: Image.Image, scale: float) -> Image.Image:
    if scale == 1:
        return image
    size = tuple(max(1, round(side * scale)) for side in image.size)
    source = image
    if image.mode in ("1", "P", "PA"):
        # Colours of a palette cannot be mixed.
        source = image.convert("RGBA" if image.has_transparency_data else "RGB")
    made = source.resize(size, Image.Resampling.LANCZOS, reducing_gap=3)
    if duration := image.info.get("duration"):
        made.info["duration"] = duration
    return made


def _frames(image: Image.Image) -> Iterator[Image.Image]:
    for frame in ImageSequence.Iterator(image):
        copy = frame.copy()
        for name in _TELLING:
            copy.info.pop(name, None)
        yield copy


def _quality(image: Image.Image, data: bytes, scale: float) -> dict:
    match image.format:
        case "JPEG":
            progressive = bool(image.info.get("progressive"))
            tables: dict = {"quality": "keep"}
            if scale != 1 and isinstance(image, JpegImagePlugin.JpegImageFile):
                # Pillow keeps those of what it has read only.
                tables = {"qtables": image.quantization}
                if (sampling := JpegImagePlugin.get_sampling(image)) >= 0:
                    tables["subsampling"] = sampling
            return {**tables, "progressive": progressive, "optimize": True}
        case "WEBP" if b"VP8L" in data:
            return {"lossless": True, "quality": 50, "method": 3}
        case "WEBP":
            return {"quality": 92, "method": 4}
        case "AVIF":
            return {"quality": 88, "speed": 8}
    return {}


# Frames of a GIF that share a palette keep it, and so every colour of it.
GifImagePlugin.LOADING_STRATEGY = GifImagePlugin.LoadingStrategy.RGB_AFTER_DIFFERENT_PALETTE_ONLY
