"""Takes out of photographs what tells more than the picture does.

Cameras and programs write into a file where it was taken, with which device, by whom, and a small
copy of the picture as it was before it was cut (Lei 13.709/2018, art. 6, III: no more data than
needed). All that is cut out of the file's bytes; the picture itself is neither decoded nor encoded
again. What is needed to draw it stays: orientation, colour profile, transparency, animation.

JPEG: ITU-T T.81, annex B; Exif 2.32. PNG: W3C PNG, third edition. WebP: RFC 9649. AVIF: ISO/IEC
14496-12 and 23008-12. GIF: CompuServe's specification 89a. Other formats are returned as they came.
"""

import logging
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO

from django.conf import settings
from PIL import Image, ImageOps

logger = logging.getLogger(__name__)

_ORIENTATION = 0x0112
_UPRIGHT = 1


class BrokenFileError(Exception):
    """The file is not built as its format says."""


def without_private_metadata(data: bytes) -> bytes:
    """``data``, a picture's file, without private metadata; ``data`` itself when it has none.

    A file too broken to be cut is encoded again from what can be seen of it. Where that fails too
    it is returned as it came, and the log says so: an upload is never lost here.
    """
    cut = next((cut for is_of_kind, cut in _KINDS if is_of_kind(data)), None)
    if cut is None:
        return data
    try:
        kept = cut(data)
    except (BrokenFileError, struct.error, IndexError) as error:
        logger.warning("A picture's file is broken (%s); it is encoded again.", error)
        return _encoded_again(data)
    return data if kept == data else kept


def _encoded_again(data: bytes) -> bytes:
    try:
        with Image.open(BytesIO(data)) as image:
            if image.width * image.height > settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS:
                logger.warning("A picture is too large to be encoded again.")
                return data
            upright = ImageOps.exif_transpose(image)
            buffer = BytesIO()
            options = {"quality": 92} if image.format == "JPEG" else {}
            if profile := image.info.get("icc_profile"):
                options["icc_profile"] = profile
            for name in ("exif", "xmp", "comment"):
                upright.info.pop(name, None)
            upright.save(buffer, image.format, **options)
    except Exception:
        # Pillow raises whatever the broken file makes it stumble over.
        logger.exception("A picture's metadata could not be removed.")
        return data
    return buffer.getvalue()


def _orientation(data: bytes) -> int:
    """How the picture must be turned to stand upright (Exif, tag 0x0112), from 1 to 8."""
    try:
        with Image.open(BytesIO(data)) as image:
            orientation = image.getexif().get(_ORIENTATION, _UPRIGHT)
    except Exception:
        # Broken metadata are no reason to refuse a picture.
        return _UPRIGHT
    return orientation if orientation in range(1, 9) else _UPRIGHT


def _minimal_exif(orientation: int) -> bytes:
    """A TIFF structure that says nothing but the orientation."""
    header = b"MM\x00\x2a" + struct.pack(">I", 8)
    entry = struct.pack(">HHIHH", _ORIENTATION, 3, 1, orientation, 0)
    return header + struct.pack(">H", 1) + entry + struct.pack(">I", 0)


# JPEG -----------------------------------------------------------------------------------------

_SOI, _EOI, _SOS, _COM = 0xD8, 0xD9, 0xDA, 0xFE
_APP0, _APP1, _APP2, _APP14, _APP15 = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF
#: Markers without a segment: TEM, and the restarts within the picture's data.
_BARE = {0x01, *range(0xD0, 0xD8)}


def _is_jpeg(data: bytes) -> bool:
    return data[:3] == b"\xff\xd8\xff"


def _is_kept_in_jpeg(marker: int, content: bytes) -> bool:
    if marker == _APP0:
        return content.startswith(b"JFIF\0")
    if marker == _APP2:
        return content.startswith(b"ICC_PROFILE\0")
    if marker == _APP14:
        return content.startswith(b"Adobe")
    return not (_APP1 <= marker <= _APP15 or marker == _COM)


def _cut_jpeg(data: bytes) -> bytes:
    """Without Exif, XMP, IPTC, thumbnails, comments, and whatever follows the picture's end.

    Phones append there a second picture or a short film, with metadata of their own.
    """
    orientation = _orientation(data)
    kept = [data[:2]]
    turned = orientation == _UPRIGHT
    for marker, segment, content in _jpeg_segments(data):
        if not turned and marker != _APP0:
            exif = b"Exif\0\0" + _minimal_exif(orientation)
            kept.append(struct.pack(">BBH", 0xFF, _APP1, len(exif) + 2) + exif)
            turned = True
        if _is_kept_in_jpeg(marker, content):
            kept.append(segment)
    if not kept[-1].endswith(b"\xff\xd9"):
        kept.append(b"\xff\xd9")  # some programs forget it, and others refuse the file
    return b"".join(kept)


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Marker, whole segment and its content, of each segment after the first marker.

    The data of a scan belong to the segment that begins it.
    """
    at = 2
    while at < len(data):
        start = at
        if data[at] != 0xFF:
            raise BrokenFileError("no marker where one is due")
        while data[at] == 0xFF:  # a marker may be preceded by fill bytes
            at += 1
        marker = data[at]
        at += 1
        if marker == _EOI:
            yield marker, b"\xff\xd9", b""
            return
        if marker in _BARE:
            yield marker, data[start:at], b""
            continue
        (length,) = struct.unpack_from(">H", data, at)
        end = at + length
        if length < 2 or end > len(data):
            raise BrokenFileError("a segment is longer than the file")
        content = data[at + 2 : end]
        at = _end_of_scan(data, end) if marker == _SOS else end
        # Fill bytes say nothing; without them the file is the same each time it is cut.
        yield marker, b"\xff" + data[end - length - 1 : at], content


def _end_of_scan(data: bytes, at: int) -> int:
    """Where the next marker is that does not belong to the scan's data.

    Some programs forget the last marker: then the scan ends with the file.
    """
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            return len(data)
        following = data[at + 1]
        if following == 0xFF:
            at += 1
        elif following == 0 or following in _BARE:
            at += 2
        else:
            return at


# PNG ------------------------------------------------------------------------------------------

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
#: Chunks that say how to draw. All critical ones are kept besides.
_KEPT_IN_PNG = {
    *(b"acTL", b"bKGD", b"cHRM", b"cICP", b"cLLI", b"fcTL", b"fdAT", b"gAMA", b"hIST"),
    *(b"iCCP", b"mDCV", b"pHYs", b"sBIT", b"sPLT", b"sRGB", b"tRNS"),
}


def _is_png(data: bytes) -> bool:
    return data.startswith(_PNG_SIGNATURE)


def _png_chunk(name: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)


def _cut_png(data: bytes) -> bytes:
    """Without Exif, texts, times, private chunks, and whatever follows the end."""
    orientation = _orientation(data)
    kept = [_PNG_SIGNATURE]
    at = len(_PNG_SIGNATURE)
    name = b""
    while name != b"IEND":
        (length,) = struct.unpack_from(">I", data, at)
        name = data[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(data):
            raise BrokenFileError("a chunk is longer than the file")
        is_critical = not name[0] & 0x20
        if is_critical or name in _KEPT_IN_PNG:
            kept.append(data[at:end])
        if name == b"IHDR" and orientation != _UPRIGHT:
            kept.append(_png_chunk(b"eXIf", _minimal_exif(orientation)))
        at = end
    return b"".join(kept)


# WebP -----------------------------------------------------------------------------------------

_KEPT_IN_WEBP = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"}
_HAS_EXIF, _HAS_XMP = 0x08, 0x04


def _is_webp(data: bytes) -> bool:
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def _riff_chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def _cut_webp(data: bytes) -> bytes:
    """Without Exif, XMP and unknown chunks; the flags of the header say so."""
    orientation = _orientation(data)
    is_turned = orientation != _UPRIGHT
    (size,) = struct.unpack_from("<I", data, 4)
    end = 8 + size
    if end > len(data):
        raise BrokenFileError("the file is shorter than it says")
    kept = []
    at = 12
    while at + 8 <= end:
        name = data[at : at + 4]
        (length,) = struct.unpack_from("<I", data, at + 4)
        content = data[at + 8 : at + 8 + length]
        if len(content) < length:
            raise BrokenFileError("a chunk is longer than the file")
        if name == b"VP8X":
            flags = content[0] & ~(_HAS_EXIF | _HAS_XMP) | (_HAS_EXIF if is_turned else 0)
            content = bytes([flags]) + content[1:]
        if name in _KEPT_IN_WEBP:
            kept.append(_riff_chunk(name, content))
        at += 8 + length + length % 2
    if is_turned:  # then there was Exif, and with it the extended header
        kept.append(_riff_chunk(b"EXIF", _minimal_exif(orientation)))
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body


# AVIF -----------------------------------------------------------------------------------------

#: A TIFF structure without entries, after the offset that precedes it in HEIF.
_EMPTY_HEIF_EXIF = bytes(4) + b"MM\x00\x2a" + struct.pack(">IHI", 8, 0, 0)


def _is_avif(data: bytes) -> bool:
    return data[4:8] == b"ftyp" and data[8:12] in (b"avif", b"avis")


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start of content and end of each box between two places."""
    while at < end:
        size, kind = struct.unpack_from(">I4s", data, at)
        start = at + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, start)
            start += 8
        elif size == 0:
            size = end - at
        if size < start - at or at + size > end:
            raise BrokenFileError("a box is longer than what holds it")
        yield kind, start, at + size
        at += size


def _cut_avif(data: bytes) -> bytes:
    """With nothing in the places of Exif and XMP.

    Nothing is moved: the file is full of positions of its own parts. How the picture is turned is
    a property of the picture (``irot``, ``imir``), not of its Exif.
    """
    cut = bytearray(data)
    for kind, start, end in _boxes(data, 0, len(data)):
        if kind == b"uuid":  # XMP of some programs
            cut[start + 16 : end] = bytes(end - start - 16)
        elif kind == b"meta":
            for nothing, first, last in _heif_metadata(data, start + 4, end):
                cut[first:last] = nothing[: last - first].ljust(last - first, nothing[-1:])
    return bytes(cut)


def _heif_metadata(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """What to put in the place of each piece of metadata, and where that place is."""
    inside = {kind: (start, stop) for kind, start, stop in _boxes(data, at, end)}
    if b"iinf" not in inside or b"iloc" not in inside:
        return
    private = dict(_heif_private_items(data, *inside[b"iinf"]))
    idat = inside.get(b"idat", (0, 0))[0]
    is_first = set(private)
    for item, first, length in _heif_places(data, *inside[b"iloc"], idat):
        if item not in private:
            continue
        nothing = private[item] if item in is_first else bytes(1)
        is_first.discard(item)
        if first + length > len(data):
            raise BrokenFileError("an item lies outside the file")
        yield nothing, first, first + length


def _heif_private_items(data: bytes, at: int, end: int) -> Iterator[tuple[int, bytes]]:
    """The ids of the items that are metadata, and what says nothing in the place of each."""
    version = data[at]
    at += 6 if version == 0 else 8
    for kind, start, stop in _boxes(data, at, end):
        if kind != b"infe" or data[start] < 2:
            continue
        wide = data[start] >= 3
        (item,) = struct.unpack_from(">I" if wide else ">H", data, start + 4)
        item_kind = start + (10 if wide else 8)
        if data[item_kind : item_kind + 4] == b"Exif":
            yield item, _EMPTY_HEIF_EXIF + bytes(1)
        elif data[item_kind : item_kind + 4] == b"mime" and b"xml" in data[item_kind + 4 : stop]:
            yield item, b" "


def _heif_places(data: bytes, at: int, end: int, idat: int) -> Iterator[tuple[int, int, int]]:
    """Item, start and length of each piece of what ``iloc`` says where to find."""
    version = data[at]
    sizes = struct.unpack_from(">BB", data, at + 4)
    offset_size, length_size = sizes[0] >> 4, sizes[0] & 15
    base_size, index_size = sizes[1] >> 4, (sizes[1] & 15) if version else 0
    at += 6

    def number(size: int) -> int:
        nonlocal at
        if at + size > end:
            raise BrokenFileError("the list of places is cut short")
        value = int.from_bytes(data[at : at + size])
        at += size
        return value

    for _ in range(number(4 if version == 2 else 2)):
        item = number(4 if version == 2 else 2)
        method = number(2) & 15 if version else 0
        number(2)  # the file that holds the data: this one
        base = number(base_size)
        for _ in range(number(2)):
            number(index_size)
            offset, length = number(offset_size), number(length_size)
            if method in (0, 1):
                yield item, base + offset + (idat if method == 1 else 0), length


# GIF ------------------------------------------------------------------------------------------

_EXTENSION, _PICTURE, _TRAILER = 0x21, 0x2C, 0x3B
_CONTROL, _APPLICATION = 0xF9, 0xFF
#: Applications whose blocks say how to draw: how often to repeat, and the colour profile.
_KEPT_IN_GIF = {b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012"}


def _is_gif(data: bytes) -> bool:
    return data[:6] in (b"GIF87a", b"GIF89a")


def _colour_table(flags: int) -> int:
    """Bytes of the colour table that a descriptor's flags announce."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _end_of_sub_blocks(data: bytes, at: int) -> int:
    while data[at]:
        at += data[at] + 1
    return at + 1


def _gif_blocks(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Where each block starts and ends after the header, with what begins it."""
    at = 13 + _colour_table(data[10])
    while data[at] != _TRAILER:
        start, kind = at, data[at]
        if kind == _EXTENSION:
            at = _end_of_sub_blocks(data, at + 2)
        elif kind == _PICTURE:
            at = _end_of_sub_blocks(data, at + 11 + _colour_table(data[at + 9]))
        else:
            raise BrokenFileError("no block where one is due")
        if at > len(data):
            raise BrokenFileError("a block is longer than the file")
        yield kind, start, at


def _is_kept_in_gif(data: bytes, kind: int, start: int) -> bool:
    if kind == _PICTURE:
        return True
    label = data[start + 1]
    return label == _CONTROL or (
        label == _APPLICATION and data[start + 3 : start + 14] in _KEPT_IN_GIF
    )


def _cut_gif(data: bytes) -> bytes:
    """Without comments, XMP, texts, unknown extensions, and whatever follows the end."""
    kept = [data[: 13 + _colour_table(data[10])]]
    kept += [
        data[start:end]
        for kind, start, end in _gif_blocks(data)
        if _is_kept_in_gif(data, kind, start)
    ]
    return b"".join([*kept, bytes([_TRAILER])])


def gif_frame_sizes(data: bytes) -> Iterator[tuple[int, int]]:
    """What drawing each frame takes: the whole picture, or the frame where it is larger."""
    whole = struct.unpack_from("<HH", data, 6)
    for kind, start, _end in _gif_blocks(data):
        if kind == _PICTURE:
            left, top, width, height = struct.unpack_from("<HHHH", data, start + 1)
            yield max(whole[0], left + width), max(whole[1], top + height)


_KINDS = (
    (_is_gif, _cut_gif),
    (_is_jpeg, _cut_jpeg),
    (_is_png, _cut_png),
    (_is_webp, _cut_webp),
    (_is_avif, _cut_avif),
)
