"""Pictures as cameras and programs make them, before and after they enter the library."""

import random
import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from pages.library.photo_metadata import without_private_metadata

#: What nobody should find in a published picture.
SECRETS = (b"SegredoCam", b"Maria Dona", b"SERIAL-123", b"SegredoXMP")
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF")


def exif(orientation: int = 1) -> bytes:
    """What a telephone writes: device, owner, place, serial number."""
    data = Image.Exif()
    data[0x0112] = orientation
    data[0x010F] = "SegredoCam"
    data[0x013B] = "Maria Dona"
    place = data.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "S", (23.0, 11.0, 8.0), "W", (46.0, 53.0, 1.0)
    data.get_ifd(0x8769)[0xA431] = "SERIAL-123"
    return data.tobytes()


def noise(width: int, height: int) -> Image.Image:
    """As Pillow's ``effect_noise``, but the same each time: in one of a hundred, values of a JPEG
    that is drawn anew are farther from what they were."""
    values = random.Random(7)
    dots = (min(255, max(0, round(values.gauss(128, 60)))) for _dot in range(width * height))
    return Image.frombytes("L", (width, height), bytes(dots))


def photo(kind: str, orientation: int = 1, **options) -> bytes:
    image = noise(64, 40).convert("RGB")
    if kind != "PNG":
        options["xmp"] = b"<x:xmpmeta>SegredoXMP</x:xmpmeta>"
    buffer = BytesIO()
    image.save(buffer, kind, exif=exif(orientation), icc_profile=PROFILE, **options)
    return buffer.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def pixels(data: bytes) -> bytes:
    return opened(data).convert("RGB").tobytes()


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("orientation", [1, 6])
def test_nothing_private_stays_and_nothing_seen_changes(kind, orientation):
    before = photo(kind, orientation)
    assert b"SegredoCam" in before
    after = without_private_metadata(before)
    for secret in SECRETS:
        assert secret not in after
    assert not opened(after).getexif().get_ifd(0x8825)
    assert pixels(after) == pixels(before)
    assert opened(after).getexif().get(0x0112, 1) == orientation
    assert opened(after).info["icc_profile"] == PROFILE


@pytest.mark.parametrize("kind", FORMATS)
def test_a_clean_picture_is_left_as_it_is(kind):
    clean = without_private_metadata(photo(kind, 6))
    assert without_private_metadata(clean) is clean


def test_a_jpeg_loses_comments_iptc_thumbnails_and_what_follows_its_end():
    plain = photo("JPEG", comment=b"SegredoCam", progressive=True)
    iptc = b"Photoshop 3.0\0" + b"8BIM\x04\x04" + b"Maria Dona"
    thumbnail = b"JFXX\0\x10" + photo("JPEG")[:200]
    segments = b"".join(
        struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content
        for marker, content in ((0xED, iptc), (0xE0, thumbnail), (0xE2, b"MPF\0SERIAL-123"))
    )
    before = plain[:2] + segments + plain[2:] + photo("JPEG") + b"ftypmp42 SegredoXMP"
    after = without_private_metadata(before)
    for secret in SECRETS:
        assert secret not in after
    assert after.endswith(b"\xff\xd9")
    assert pixels(after) == pixels(plain)


def test_the_colours_of_a_cmyk_jpeg_stay():
    buffer = BytesIO()
    Image.new("CMYK", (16, 16), (10, 200, 30, 40)).save(buffer, "JPEG", exif=exif())
    before = buffer.getvalue()
    after = without_private_metadata(before)
    assert b"Maria Dona" not in after
    assert pixels(after) == pixels(before)


def test_a_png_loses_texts_dates_and_private_chunks_and_stays_transparent():
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", "Maria Dona")
    texts.add_itxt("XML:com.adobe.xmp", "SegredoXMP", zip=False)
    texts.add_text("Serial", "SERIAL-123", zip=True)
    buffer = BytesIO()
    Image.new("RGBA", (8, 8), (10, 20, 30, 40)).save(buffer, "PNG", pnginfo=texts, exif=exif())
    before = buffer.getvalue()
    content = b"SegredoCam"
    private = struct.pack(">I", len(content)) + b"prVt" + content
    private += struct.pack(">I", zlib.crc32(b"prVt" + content))
    before = before[:33] + private + before[33:] + b"Maria Dona"
    after = without_private_metadata(before)
    for secret in SECRETS:
        assert secret not in after
    assert b"tEXt" not in after
    assert b"zTXt" not in after
    assert opened(after).getpixel((0, 0)) == (10, 20, 30, 40)


def test_an_animation_keeps_moving():
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "green", "blue")]
    for kind in ("PNG", "WEBP"):
        buffer = BytesIO()
        frames[0].save(
            buffer, kind, save_all=True, append_images=frames[1:], duration=100, exif=exif()
        )
        after = without_private_metadata(buffer.getvalue())
        assert b"Maria Dona" not in after
        assert opened(after).n_frames == 3


def test_broken_metadata_do_not_keep_a_picture_from_being_cleaned():
    whole = photo("JPEG")
    at = whole.index(b"Exif\0\0") + 6
    before = whole[:at] + b"\xff" * 30 + whole[at + 30 :]
    after = without_private_metadata(before)
    assert b"SERIAL-123" not in after
    assert pixels(after) == pixels(whole)


def test_a_jpeg_without_its_last_marker_is_cleaned():
    after = without_private_metadata(photo("JPEG")[:-2])
    assert b"Maria Dona" not in after
    assert opened(after).size == (64, 40)


def test_a_file_that_cannot_be_cut_is_encoded_again():
    whole = photo("JPEG", 6)
    # Something between two segments that does not belong there.
    at = whole.index(b"\xff\xdb")
    after = without_private_metadata(whole[:at] + b"\x00\x00" + whole[at:])
    assert b"Maria Dona" not in after
    assert opened(after).size == (40, 64), "it stands upright"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a picture",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe1\xff\xff",
        b"\x89PNG\r\n\x1a\n\xff\xff",
        b"RIFF\xff\xff\xff\xffWEBP",
        b"\0\0\0\x18ftypavif" + bytes(12) + b"\0\0\0\x20meta" + bytes(3),
    ],
)
def test_what_is_no_picture_comes_back_as_it_was(data):
    assert without_private_metadata(data) == data


@pytest.mark.parametrize("kind", FORMATS)
def test_a_picture_cut_short_anywhere_makes_no_error(kind):
    whole = photo(kind)
    for end in range(0, len(whole), 97):
        without_private_metadata(whole[:end])
