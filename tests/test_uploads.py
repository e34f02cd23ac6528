"""What may be uploaded, by its content, and how it is given out again."""

import io
import struct
import zipfile
import zlib
from importlib import import_module
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.conf import settings as site_settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from PIL import Image
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection, CollectionViewRestriction

from desk.models.trashed_thing import TrashedThing
from pages.library.document_types import has_programs, is_what_it_says
from pages.library.photo_metadata import without_private_metadata
from pages.library.redraw import UnfitPictureError, redraw, redrawn
from pages.library.uploads import hash_of
from tests.test_library import document_form, errors_of, image_form, office, open_document
from tests.test_photo_metadata import SECRETS, opened, photo, pixels

# What no database decides.
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
SiteImage, SiteDocument = get_image_model(), get_document_model()
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
#: What a program or a script behind a picture might be.
PAYLOAD = b"<script>alert(1)</script><?php system('id'); ?>MZ\x90\x00"


def post_image(client, name: str, data: bytes):
    return client.post("/admin/images/add/", image_form(file=SimpleUploadedFile(name, data)))


def post_document(client, name: str, data: bytes):
    return client.post("/admin/documents/add/", document_form(file=SimpleUploadedFile(name, data)))


# Pictures -------------------------------------------------------------------------------------


def png_bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that says it is as large as that."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(100_000))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (chunk(b"IHDR", head), chunk(b"IDAT", body), chunk(b"IEND", b""))
    )


def gif_bomb(frames: int, size: int) -> bytes:
    """A GIF whose frames are larger than the picture that it says it is."""
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, size, size, 0) + b"\x02\x02\x4c\x01\x00"
    head = b"GIF89a" + struct.pack("<HHBBB", 10, 10, 0x80, 0, 0) + bytes(6)
    return head + frame * frames + b"\x3b"


@pytest.fixture
def nothing_is_decoded(monkeypatch):
    def decoded(*args, **kwargs):
        raise AssertionError("a bomb was decoded")

    for plugin in ("PngImagePlugin.PngImageFile", "GifImagePlugin.GifImageFile"):
        monkeypatch.setattr(f"PIL.{plugin}.load", decoded)


@pytest.mark.parametrize(
    "bomb",
    [png_bomb(60_000, 60_000), png_bomb(12_000, 12_000), gif_bomb(1, 60_000), gif_bomb(90, 1000)],
)
def test_a_decompression_bomb_is_refused_before_it_is_decoded(bomb, nothing_is_decoded):
    """OWASP File Upload Cheat Sheet: size after decompression; CWE-409."""
    assert len(bomb) < 10_000
    # Also one that is too broken to be cut: its metadata would be taken out by drawing it.
    for data in (bomb, bomb[:-2]):
        with pytest.raises(UnfitPictureError):
            redrawn(ContentFile(data, "bomba"), hash_of)


@pytest.mark.parametrize(
    ("name", "bomb"), [("a.png", png_bomb(60_000, 60_000)), ("a.gif", gif_bomb(1, 60_000))]
)
def test_an_editor_who_sends_a_bomb_is_told_so(admin_client, name, bomb):
    """CWE-409, through the form of the admin."""
    answer = post_image(admin_client, name, bomb)
    assert answer.status_code == 200
    assert errors_of(answer)
    assert not SiteImage.objects.filter(title="Foto").exists()


@pytest.mark.parametrize("name", ["a.svg", "a.png", "a.jpg", "a.gif"])
def test_a_drawing_with_scripts_is_no_picture(admin_client, name):
    """SVG runs scripts (SVG 2, 15): it is refused by its content, whatever its name."""
    answer = post_image(admin_client, name, SVG)
    assert errors_of(answer)
    assert not SiteImage.objects.filter(title="Foto").exists()


def picture_with_payload(kind: str) -> bytes:
    """A picture with something in every place where a file may hide it."""
    data = photo(kind) if kind != "GIF" else animation()
    if kind == "PNG":
        comment = struct.pack(">I", len(PAYLOAD)) + b"tEXt" + PAYLOAD
        return data[:33] + comment + struct.pack(">I", zlib.crc32(b"tEXt" + PAYLOAD)) + data[33:]
    if kind == "JPEG":
        return data[:2] + struct.pack(">BBH", 0xFF, 0xFE, len(PAYLOAD) + 2) + PAYLOAD + data[2:]
    if kind == "GIF":
        at = 13 + (3 << ((data[10] & 7) + 1) if data[10] & 0x80 else 0)
        return data[:at] + b"\x21\xfe" + bytes([len(PAYLOAD)]) + PAYLOAD + b"\0" + data[at:]
    return data


def animation() -> bytes:
    frames = [Image.new("P", (8, 8), colour) for colour in (1, 2, 3)]
    for frame in frames:
        frame.putpalette([0, 0, 0, 200, 0, 0, 0, 200, 0, 0, 0, 200])
    buffer = BytesIO()
    frames[0].save(
        buffer, "GIF", save_all=True, append_images=frames[1:], duration=[70, 80, 90], loop=2,
        comment=b"Maria Dona",
    )  # fmt: skip
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
def test_a_picture_is_drawn_anew_and_holds_nothing_else(admin_client, kind):
    """OWASP File Upload Cheat Sheet: image rewriting. LGPD, art. 6, III: no metadata."""
    suffix = {"JPEG": "jpg"}.get(kind, kind.lower())
    before = picture_with_payload(kind) + PAYLOAD
    answer = post_image(admin_client, f"foto.{suffix}", before)
    assert answer.status_code == 302, errors_of(answer)
    image = SiteImage.objects.get(title="Foto")
    stored = image.file.read()
    assert opened(stored).format == kind
    for secret in (PAYLOAD, *SECRETS):
        assert secret not in stored
    assert image.file_size == len(stored)
    assert (image.width, image.height) == opened(before).size


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_drawing_anew_changes_nothing_that_is_seen(kind, orientation):
    """A PNG keeps every dot; a JPEG keeps its tables, so that hardly a value is rounded anew."""
    before = without_private_metadata(photo(kind, orientation))
    after = redraw(before)
    assert opened(after).getexif().get(0x0112, 1) == orientation
    assert opened(after).info["icc_profile"] == opened(before).info["icc_profile"]
    differences = [abs(one - two) for one, two in zip(pixels(before), pixels(after), strict=True)]
    # The noise of the sample is the hardest there is for JPEG.
    assert max(differences) <= (0 if kind == "PNG" else 10)
    assert sum(differences) / len(differences) < 1


def test_an_animation_drawn_anew_still_moves():
    """Frames, times and repetitions stay."""
    before = animation()
    after = redraw(without_private_metadata(before))
    assert b"Maria Dona" not in after
    one, two = Image.open(BytesIO(before)), Image.open(BytesIO(after))
    assert two.n_frames == one.n_frames == 3
    assert two.info.get("loop") == 2
    for frame in range(3):
        one.seek(frame)
        two.seek(frame)
        assert two.info["duration"] == one.info["duration"]
        assert two.convert("RGB").tobytes() == one.convert("RGB").tobytes()


def test_a_gif_loses_comments_and_what_follows_its_end():
    """LGPD, art. 6, III: no more data than needed; also of a picture that waits for its form."""
    before = picture_with_payload("GIF") + PAYLOAD
    after = without_private_metadata(before)
    assert b"Maria Dona" not in after
    assert PAYLOAD not in after
    assert opened(after).n_frames == 3
    assert without_private_metadata(after) is after


def test_a_gif_cut_short_anywhere_makes_no_error():
    whole = picture_with_payload("GIF")
    for end in range(len(whole)):
        without_private_metadata(whole[:end])
        try:
            redraw(whole[:end])
        except UnfitPictureError:
            continue


def test_the_same_photo_is_known_again_though_it_was_drawn_anew(admin_client):
    """The hash is of what was sent, without its metadata."""
    sent = photo("JPEG")
    assert post_image(admin_client, "foto.jpg", sent).status_code == 302
    assert SiteImage.objects.get(title="Foto").file.read() != without_private_metadata(sent)
    for again in (sent, without_private_metadata(sent)):
        assert "já está na biblioteca" in errors_of(post_image(admin_client, "outra.jpg", again))


def drawn_in(kind: str, size: tuple[int, int], mode: str = "RGB") -> bytes:
    buffer = BytesIO()
    Image.new(mode, size).save(buffer, kind)
    return buffer.getvalue()


def turned(width: int, height: int) -> bytes:
    """A JPEG that must be turned by a quarter to stand upright."""
    buffer = BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.effect_noise((width, height), 50).save(buffer, "JPEG", exif=exif, quality=91)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
@pytest.mark.parametrize(
    ("sent", "kept"), [((120, 80), (60, 40)), ((40, 90), (27, 60)), ((60, 9), (60, 9))]
)
def test_an_original_is_kept_in_a_largest_size_and_its_format(settings, kind, sent, kept):
    """In proportion, and what is smaller stays as it is."""
    settings.IMAGES_LONGEST_SIDE = 60
    made = opened(redraw(drawn_in(kind, sent)))
    assert (made.format, made.size) == (kind, kept)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_pictures_of_few_colours_or_many_become_smaller_too(settings, mode):
    settings.IMAGES_LONGEST_SIDE = 60
    assert opened(redraw(drawn_in("PNG", (120, 80), mode))).size == (60, 40)


def test_a_photograph_made_smaller_keeps_tables_and_the_way_it_is_turned(settings):
    settings.IMAGES_LONGEST_SIDE = 60
    before, after = opened(turned(120, 80)), opened(redraw(turned(120, 80)))
    assert after.size == (60, 40)
    assert after.quantization == before.quantization
    assert after.getexif().get(0x0112) == 6


def test_an_animation_made_smaller_still_moves(settings):
    settings.IMAGES_LONGEST_SIDE = 4
    after = opened(redraw(animation()))
    assert (after.size, after.n_frames, after.info["loop"]) == ((4, 4), 3, 2)
    durations = []
    for frame in range(3):
        after.seek(frame)
        durations.append(after.info["duration"])
    assert durations == [70, 80, 90]


def test_what_editors_send_is_stored_no_larger_than_said(settings, admin_client):
    settings.IMAGES_LONGEST_SIDE = 60
    sent = drawn_in("PNG", (120, 80))
    assert post_image(admin_client, "grande.png", sent).status_code == 302
    image = SiteImage.objects.get(title="Foto")
    assert (image.width, image.height) == opened(image.file.read()).size == (60, 40)
    assert image.file_size == image.file.size
    # The same is known again by what was sent.
    assert "já está na biblioteca" in errors_of(post_image(admin_client, "outra.png", sent))


def test_the_focal_point_stays_where_it_is_in_the_picture(settings):
    settings.IMAGES_LONGEST_SIDE = 60
    point = {"focal_point_x": 90, "focal_point_y": 20, "focal_point_width": 30}
    image = SiteImage.objects.create(
        title="Foco", file=ContentFile(drawn_in("PNG", (120, 80)), "foco.png"),
        **point, focal_point_height=20,
    )  # fmt: skip

    def told() -> tuple:
        image.refresh_from_db()
        return (
            *(image.width, image.height, image.focal_point_x, image.focal_point_y),
            *(image.focal_point_width, image.focal_point_height),
        )

    assert told() == (60, 40, 45, 10, 15, 10)
    # Another file in its place, without another point: it is where it was, in proportion.
    image.file = ContentFile(drawn_in("PNG", (30, 20)), "menor.png")
    image.save()
    assert told() == (30, 20, 22, 5, 8, 5)
    image.title = "Outro título"
    image.save()
    assert told() == (30, 20, 22, 5, 8, 5)


# Documents ------------------------------------------------------------------------------------


def with_parts(data: bytes, **parts: bytes) -> bytes:
    buffer = BytesIO(data)
    with zipfile.ZipFile(buffer, "a") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def with_part(data: bytes, name: str, content: bytes = b"x") -> bytes:
    return with_parts(data, **{name: content})


def with_types(types: bytes) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr("word/document.xml", "<w/>")
    return buffer.getvalue()


REMOTE = (
    b'<Relationships><Relationship Id="1" Type="http://schemas.openxmlformats.org/officeDocument/'
    b'2006/relationships/attachedTemplate" Target="https://evil.example/a.dotm" '
    b'TargetMode="External"/></Relationships>'
)


@pytest.mark.parametrize(
    ("data", "extension"),
    [
        (with_part(office("word"), "word/vbaProject.bin"), "docx"),
        (with_part(office("xl"), "xl/VBAPROJECT.BIN"), "xlsx"),
        (with_part(office("xl"), "xl/macrosheets/sheet1.xml"), "xlsx"),
        (with_part(office("word"), "word/embeddings/oleObject1.bin"), "docx"),
        (with_part(office("word"), "word/activeX/activeX1.xml"), "docx"),
        (with_part(office("ppt"), "ppt/media/video.exe"), "pptx"),
        (with_part(office("word"), "word/_rels/settings.xml.rels", REMOTE), "docx"),
        (
            with_types(b'<Override ContentType="application/vnd.ms-word.document.macroEnabled"/>'),
            "docx",
        ),
        (with_part(open_document("text"), "Basic/Standard/Module1.xml"), "odt"),
        (with_part(open_document("spreadsheet"), "Scripts/python/a.py"), "ods"),
    ],
)
def test_a_document_with_programs_is_refused_saying_what_to_do(admin_client, data, extension):
    """OWASP File Upload Cheat Sheet: macros (MS-OVBA), objects (MS-OLEDS), remote templates."""
    answer = post_document(admin_client, f"edital.{extension}", data)
    assert "macros, programas ou objetos incorporados" in errors_of(answer)
    assert not SiteDocument.objects.filter(title="Edital").exists()


@pytest.mark.parametrize(
    ("data", "extension"),
    [
        (office("word"), "docx"),
        (with_part(office("xl"), "xl/printerSettings/printerSettings1.bin"), "xlsx"),
        (with_part(office("word"), "word/media/image1.png"), "docx"),
        (
            with_part(
                office("word"),
                "word/_rels/settings.xml.rels",
                REMOTE.replace(b"https://evil.example/a.dotm", b"file:///C:/Modelos/Normal.dotm"),
            ),
            "docx",
        ),
        (open_document("text"), "odt"),
        (PDF, "pdf"),
    ],
)
def test_an_ordinary_document_is_taken(data, extension):
    """No editor is kept from work by a rule against programs."""
    assert is_what_it_says(io.BytesIO(data), extension)
    assert not has_programs(io.BytesIO(data), extension)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


@pytest.mark.parametrize(
    ("data", "extension"),
    [
        (b"MZ\x90\x00" + bytes(60), "pdf"),
        (b"\x7fELF\x02\x01\x01" + bytes(60), "txt"),
        (b"MZ" + office("word"), "docx"),
        (OLE, "docx"),
        (OLE, "xlsx"),
        (b"MZ\x90\x00" + PDF, "pdf"),
        (b"<html><script>alert(1)</script>" + PDF, "pdf"),
        (PDF + office("word"), "pdf"),
        (b"<!doctype html><script>alert(1)</script>", "txt"),
        (b"\xef\xbb\xbf <html>", "csv"),
        (SVG, "txt"),
        (b"#!/bin/sh\nrm -rf /\n", "txt"),
        (b"<?php system('id');", "csv"),
        ("<html>".encode("utf-16"), "txt"),
        (SVG, "pdf"),
        (open_document("text")[:40], "odt"),
    ],
)
def test_a_disguised_file_is_refused(admin_client, data, extension):
    """OWASP File Upload Cheat Sheet: by content, not by name; files that are two at once too."""
    answer = post_document(admin_client, f"edital.{extension}", data)
    assert "O conteúdo deste arquivo não é do tipo" in errors_of(answer)
    assert not SiteDocument.objects.filter(title="Edital").exists()


@pytest.mark.parametrize("extension", ["exe", "svg", "html", "docm", "xlsm", "doc", "zip", "js"])
def test_a_document_of_a_kind_that_is_not_taken_is_refused(admin_client, extension):
    """OWASP File Upload Cheat Sheet: a list of what is allowed."""
    answer = post_document(admin_client, f"edital.{extension}", PDF)
    assert errors_of(answer)
    assert not SiteDocument.objects.filter(title="Edital").exists()


def test_a_document_that_unpacks_to_gigabytes_is_refused(monkeypatch):
    """CWE-409: what the archive says of its parts is enough to tell."""
    data = with_part(office("word"), "word/media/a.bin", bytes(200_000))
    assert is_what_it_says(io.BytesIO(data), "docx")
    monkeypatch.setattr("pages.library.document_types._MOST_UNPACKED", 100_000)
    assert not is_what_it_says(io.BytesIO(data), "docx")


# Giving out -----------------------------------------------------------------------------------


@pytest.fixture
def document():
    document = SiteDocument(title="Edital", collection=Collection.get_first_root_node())
    document.file.save("edital.pdf", ContentFile(PDF))
    return document


def test_a_document_is_saved_and_runs_nothing(client, admin_client, document):
    """As attachment (RFC 6266), nosniff (Fetch), sandbox (CSP 3), for visitors and editors."""
    for visitor in (client, admin_client):
        response = visitor.get(document.url)
        assert response.status_code == 200
        assert response.headers["Content-Disposition"].startswith("attachment;")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Content-Type"] == "application/pdf"
        policy = response.headers["Content-Security-Policy"]
        assert "sandbox" in policy
        assert "default-src 'none'" in policy
        assert b"".join(response) == PDF


def test_a_document_needs_and_sets_no_cookie(client, document):
    """A path without cookies: nothing of a session is asked for, nothing of it depends on one."""
    response = client.get(document.url)
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")


def test_a_documents_file_has_no_address_of_its_own(document):
    """CWE-425, direct request: only the view that asks for permission gives it out."""
    assert storages["private"].exists(document.file.name)
    assert not default_storage.exists(document.file.name)
    assert not Path(document.file.path).is_relative_to(site_settings.MEDIA_ROOT)


@pytest.mark.parametrize("kind", ["password", "login", "groups"])
def test_a_private_document_stays_private_at_every_address(client, settings, document, kind):
    """CWE-425 and CWE-862: the page's address, the media's address, and the one of long ago."""
    settings.ROOT_URLCONF = "tests.test_headers"
    CollectionViewRestriction.objects.create(
        collection=document.collection, restriction_type=kind, password="segredo"
    )
    for address in (
        document.url,
        f"/media/{document.file.name}",
        "/media/documents/../documents/edital.pdf",
        f"/media/../private/{document.file.name}",
    ):
        response = client.get(address, follow=True)
        body = b"".join(response) if response.streaming else response.content
        assert b"%PDF" not in body, address


def test_a_document_whose_file_is_missing_is_answered_with_404(client, document):
    """A backup that was not whole must not become an error of the site."""
    document.file.storage.delete(document.file.name)
    assert client.get(document.url).status_code == 404


def test_documents_move_out_of_the_media_and_back(document):
    """The migration that made them private: nothing is lost either way, also when repeated."""
    migration = import_module("pages.migrations.0007_private_documents")
    # The migration asks it for the database's name only.
    editor = SimpleNamespace(connection=connection)
    name = document.file.name
    for _time in range(2):
        migration.make_public(apps, editor)
        assert default_storage.open(name).read() == PDF
        assert not storages["private"].exists(name)
    for _time in range(2):
        migration.make_private(apps, editor)
        assert storages["private"].open(name).read() == PDF
        assert not default_storage.exists(name)


def test_a_deleted_document_comes_back_to_where_it_was(
    document, django_capture_on_commit_callbacks
):
    """Restored from the recycle bin, a private file does not become public."""
    with django_capture_on_commit_callbacks(execute=True):
        kept = TrashedThing.objects.keep(document)
        document.delete()
    with django_capture_on_commit_callbacks(execute=True):
        restored = kept.restore()
    assert restored.file.read() == PDF
    assert storages["private"].exists(restored.file.name)
    assert not default_storage.exists(restored.file.name)


def test_files_of_the_media_are_described_for_the_proxy():
    """What Django does in development, the city's server does in production."""
    text = (site_settings.BASE_DIR / "docs/security.md").read_text(encoding="utf-8")
    for words in (
        site_settings.FILE_CONTENT_SECURITY_POLICY,
        "X-Content-Type-Options",
        "Content-Disposition",
        "Cross-Origin-Resource-Policy",
    ):
        assert words in text
