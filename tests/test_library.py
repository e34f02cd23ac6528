"""Images, documents and videos: what goes into the library, and what stays at which address."""

import io
import zipfile
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from PIL import Image
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection, UploadedFile

from jundiai_global.demo import load
from pages.library.collections import COLLECTIONS, make_collections
from pages.library.document_types import is_what_it_says
from pages.models import VideoCaption, VideoFile, VideoPage
from tests.test_photo_metadata import SECRETS, photo

pytestmark = pytest.mark.django_db
SiteImage, SiteDocument = get_image_model(), get_document_model()
MP4 = (load.FOLDER / "amostra.mp4").read_bytes()
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"


@pytest.fixture
def editor(admin_client):
    return admin_client


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    """Do at once what waits for the end of the transaction, which a test never reaches."""

    def run(action):
        with django_capture_on_commit_callbacks(execute=True):
            return action()

    return run


def upload(name: str, data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def stored_bytes(thing) -> bytes:
    thing.refresh_from_db()
    with thing.file.open("rb") as content:
        return content.read()


def image_form(**changes) -> dict:
    data = {
        "title": "Foto",
        "description": "Duas pessoas apertam as mãos",
        "shows_people": "False",
        "collection": Collection.get_first_root_node().pk,
    }
    return {**data, **changes}


def drawing(colour: str, name: str = "desenho.png", size=(20, 20)) -> SimpleUploadedFile:
    buffer = BytesIO()
    Image.new("RGB", size, colour).save(buffer, Path(name).suffix[1:].replace("jpg", "jpeg"))
    return upload(name, buffer.getvalue())


def errors_of(answer) -> str:
    page = BeautifulSoup(answer.content, "html.parser")
    return " ".join(error.get_text(" ", strip=True) for error in page.select(".error-message"))


# Photographs ----------------------------------------------------------------------------------


def has_secrets(data: bytes) -> bool:
    return any(secret in data for secret in SECRETS)


def test_a_photo_loses_what_it_tells_when_it_is_uploaded(editor):
    editor.post("/admin/images/add/", image_form(file=upload("foto.jpg", photo("JPEG", 6))))
    image = SiteImage.objects.get(title="Foto")
    data = stored_bytes(image)
    assert not has_secrets(data)
    assert image.file_size == len(data)
    rendition = image.get_rendition("width-30|format-jpeg")
    assert (rendition.width, rendition.height) == (30, 48), "it stands upright"
    with rendition.file.open("rb") as content:
        assert not has_secrets(content.read())


def test_a_photo_put_in_by_a_program_loses_it_too():
    image = SiteImage.objects.create(
        title="Foto", description="Foto", file=ContentFile(photo("WEBP"), name="foto.webp")
    )
    assert not has_secrets(stored_bytes(image))
    assert image.file_hash


def test_photos_sent_many_at_a_time_wait_without_what_they_tell(editor):
    answer = editor.post(
        "/admin/images/multiple/add/",
        {"title": "Foto", "files[]": upload("foto.jpg", photo("JPEG")), "collection": 1},
        headers={"x-requested-with": "XMLHttpRequest"},
    )
    waiting = UploadedFile.objects.get()
    assert not has_secrets(stored_bytes(waiting))
    address = f"/admin/images/multiple/create_from_uploaded_image/{waiting.pk}/"
    prefix = f"uploaded-image-{waiting.pk}"
    assert prefix in answer.json()["form"]
    given = {f"{prefix}-{name}": value for name, value in image_form().items()}
    editor.post(address, given, headers={"x-requested-with": "XMLHttpRequest"})
    assert not has_secrets(stored_bytes(SiteImage.objects.get(title="Foto")))


def test_a_photo_uploaded_in_the_chooser_or_replaced_loses_what_it_tells(editor, committed):
    prefix = "image-chooser-upload"
    values = image_form(file=upload("foto.jpg", photo("JPEG")))
    answer = editor.post(
        "/admin/images/chooser/create/",
        {f"{prefix}-{name}": value for name, value in values.items()},
    )
    assert answer.json()["step"] == "chosen"
    image = SiteImage.objects.get(title="Foto")
    assert not has_secrets(stored_bytes(image))
    values = image_form(file=upload("outra.jpg", photo("JPEG", 3)))
    committed(lambda: editor.post(f"/admin/images/{image.pk}/", values))
    assert not has_secrets(stored_bytes(image))


def raw_image(name: str = "antiga.jpg", kind: str = "JPEG") -> SiteImage:
    """An image stored before metadata were taken out at upload."""
    file = ContentFile(photo(kind), name=name)
    image = SiteImage.objects.create(title="Antiga", description="Antiga", file=file)
    Path(image.file.path).write_bytes(photo(kind))
    return image


def strip(*options) -> str:
    out = StringIO()
    call_command("strip_photo_metadata", *options, stdout=out, stderr=out, no_color=True)
    return out.getvalue()


def test_photos_that_are_there_already_are_cleaned_by_a_command(committed):
    image = raw_image()
    name = image.file.name
    rendition = image.get_rendition("width-30|format-jpeg")
    with rendition.file.open("rb") as content:
        assert has_secrets(content.read()), "the version was made with what the photo tells"
    told = strip("--dry-run")
    assert name in told
    assert "1 pictures would be cleaned" in told
    assert has_secrets(stored_bytes(image))
    assert "1 pictures were cleaned" in committed(strip)
    assert not has_secrets(stored_bytes(image))
    assert image.file.name == name
    assert not rendition.file.storage.exists(rendition.file.name)
    assert "0 pictures were cleaned" in committed(strip)


def test_the_command_bears_a_file_that_is_missing(committed):
    image = raw_image()
    image.file.storage.delete(image.file.name)
    assert "1 files are missing" in committed(strip)


# Replacing ------------------------------------------------------------------------------------


def document_form(**changes) -> dict:
    return {"title": "Edital", "collection": Collection.get_first_root_node().pk, **changes}


def make_document(name: str = "edital.pdf", data: bytes = PDF):
    return SiteDocument.objects.create(title="Edital", file=ContentFile(data, name=name))


def read(answer) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def replace_document(editor, committed, document, name, data):
    return committed(
        lambda: editor.post(
            f"/admin/documents/edit/{document.pk}/", document_form(file=upload(name, data))
        )
    )


def test_a_link_to_a_document_opens_its_new_version(editor, client, committed):
    document = make_document()
    address = document.url
    former = client.get(address)
    assert read(former) == PDF
    assert former.headers["Cache-Control"] == "no-cache"
    new = PDF + b"new"
    replace_document(editor, committed, document, "edital-retificado.pdf", new)
    document.refresh_from_db()
    assert document.url == address
    assert document.file_size == len(new)
    answer = client.get(address, headers={"if-none-match": former.headers["ETag"]})
    assert answer.status_code == 200
    assert read(answer) == new
    again = client.get(address, headers={"if-none-match": answer.headers["ETag"]})
    assert again.status_code == 304
    names = [name for name in document.file.storage.listdir("documents")[1] if "retificado" in name]
    assert names == []


def test_a_document_replaced_by_another_type_is_found_at_its_former_address(
    editor, client, committed
):
    document = make_document("regulamento.txt", b"Texto do edital.\n")
    address = document.url
    replace_document(editor, committed, document, "regulamento.pdf", PDF)
    document.refresh_from_db()
    assert document.url.endswith("/regulamento.pdf")
    answer = client.get(address)
    assert answer.status_code == 302
    assert answer.url == document.url
    assert read(client.get(document.url)) == PDF
    assert not document.file.storage.exists("documents/regulamento.txt")


def test_names_that_a_document_never_had_do_not_betray_it(client):
    document = make_document()
    assert client.get(f"/documentos/{document.pk}/outro.pdf").status_code == 404
    assert client.get("/documentos/999999/edital.pdf").status_code == 404


def test_a_replaced_image_is_drawn_anew_at_new_addresses(editor, committed):
    image = SiteImage.objects.create(title="Foto", description="a", file=drawing("red", "foto.png"))
    name, old = image.file.name, image.get_rendition("width-10|format-webp")
    committed(
        lambda: editor.post(
            f"/admin/images/{image.pk}/", image_form(file=drawing("blue", "outra.png"))
        )
    )
    image = SiteImage.objects.get(pk=image.pk)
    assert image.file.name == name
    assert Image.open(BytesIO(stored_bytes(image))).getpixel((0, 0)) == (0, 0, 255)
    assert not old.file.storage.exists(old.file.name)
    new = image.get_rendition("width-10|format-webp")
    assert new.url != old.url
    assert new.file.storage.exists(new.file.name)


def test_an_image_edited_without_a_new_file_keeps_its_versions(editor, committed):
    image = SiteImage.objects.create(title="Foto", description="a", file=drawing("red", "foto.png"))
    old = image.get_rendition("width-10|format-webp")
    committed(lambda: editor.post(f"/admin/images/{image.pk}/", image_form(title="Outro título")))
    assert SiteImage.objects.get(pk=image.pk).get_rendition("width-10|format-webp").pk == old.pk
    assert old.file.storage.exists(old.file.name)


def test_a_replaced_video_keeps_its_file_and_changes_its_mark(committed):
    video = VideoFile.objects.create(title="Serra", file=ContentFile(MP4, name="serra.mp4"))
    name, address = video.file.name, video.versioned_url
    assert address == f"/media/{name}?v={video.file_hash[:8]}"

    def replace():
        video.file = ContentFile(MP4 + b"more", name="serra-nova.mp4")
        video.save()

    committed(replace)
    assert stored_bytes(video) == MP4 + b"more"
    assert video.file.name == name
    assert video.versioned_url != address
    assert video.versioned_url.startswith(f"/media/{name}?v=")


def test_pages_ask_for_the_last_version_of_videos_and_captions(client):
    page = VideoPage.objects.get(slug__startswith="amostra-", external_url="")
    shown = BeautifulSoup(client.get(page.url).content, "html.parser")
    video = page.video_file
    assert shown.select_one("video source")["src"] == video.versioned_url
    tracks = {track["src"] for track in shown.select("video track")}
    assert tracks == {caption.versioned_url for caption in video.captions.all()}
    assert all("?v=" in track for track in tracks)


def test_a_replacement_that_is_undone_leaves_the_former_file(django_capture_on_commit_callbacks):
    document = make_document()
    with django_capture_on_commit_callbacks(execute=False):
        document.file = ContentFile(PDF + b"new", name="novo.pdf")
        document.save()
    with document.file.storage.open(document.file.name) as content:
        assert content.read() == PDF, "on disk nothing changes before the database has"


def test_saving_a_part_of_a_document_does_not_touch_its_file():
    document = make_document()
    name = document.file.name
    document.file = ContentFile(b"never saved", name="nunca.pdf")
    document.title = "Outro"
    document.save(update_fields=["title"])
    document.refresh_from_db()
    assert document.file.name == name
    assert stored_bytes(document) == PDF


# Twins ----------------------------------------------------------------------------------------


def test_a_document_that_is_there_is_not_taken_again(editor):
    make_document()
    answer = editor.post("/admin/documents/add/", document_form(file=upload("copia.pdf", PDF)))
    assert "já está na biblioteca" in errors_of(answer)
    assert "Edital" in errors_of(answer)
    many = editor.post(
        "/admin/documents/multiple/add/",
        {"title": "Cópia", "files[]": upload("copia.pdf", PDF), "collection": 1},
        headers={"x-requested-with": "XMLHttpRequest"},
    ).json()
    assert not many["success"]
    assert "já está na biblioteca" in many["error_message"]
    assert not SiteDocument.objects.filter(title="Cópia").exists()


def test_titles_cannot_bring_markup_into_the_message(editor):
    document = make_document()
    SiteDocument.objects.filter(pk=document.pk).update(title="<img src=x>")
    many = editor.post(
        "/admin/documents/multiple/add/",
        {"title": "Cópia", "files[]": upload("copia.pdf", PDF), "collection": 1},
        headers={"x-requested-with": "XMLHttpRequest"},
    ).json()
    assert "<" not in many["error_message"]


def test_a_document_may_be_replaced_by_itself(editor, committed):
    document = make_document()
    answer = replace_document(editor, committed, document, "edital.pdf", PDF)
    assert answer.status_code == 302


def test_a_photo_that_is_there_is_not_taken_again_whatever_its_metadata(editor):
    SiteImage.objects.create(
        title="Original", description="a", file=ContentFile(photo_of(1), name="a.jpg")
    )
    many = editor.post(
        "/admin/images/multiple/add/",
        {"title": "Cópia", "files[]": upload("copia.jpg", photo_of(2)), "collection": 1},
        headers={"x-requested-with": "XMLHttpRequest"},
    ).json()
    assert not many["success"]
    assert "Original" in many["error_message"]
    single = editor.post("/admin/images/add/", image_form(file=upload("copia.jpg", photo_of(2))))
    assert "Original" in errors_of(single)


def photo_of(owner: int) -> bytes:
    """The same picture, taken for different owners."""
    data = Image.Exif()
    data[0x013B] = f"Dono {owner}"
    buffer = BytesIO()
    Image.new("RGB", (20, 20), "#5a1746").save(buffer, "JPEG", exif=data)
    return buffer.getvalue()


def test_the_chooser_offers_the_image_that_is_there(editor):
    SiteImage.objects.create(
        title="Original", description="a", file=ContentFile(photo_of(1), name="a.jpg")
    )
    values = image_form(file=upload("copia.jpg", photo_of(2)))
    answer = editor.post(
        "/admin/images/chooser/create/",
        {f"image-chooser-upload-{name}": value for name, value in values.items()},
    )
    assert answer.json()["step"] == "duplicate_found"
    assert "Original" in answer.json()["htmlFragment"]


def video_form(**changes) -> dict:
    data = {
        "title": "Cópia",
        "captions-TOTAL_FORMS": 0,
        "captions-INITIAL_FORMS": 0,
        "captions-MIN_NUM_FORMS": 0,
        "captions-MAX_NUM_FORMS": 1000,
    }
    return {**data, **changes}


VIDEO_ADMIN = "/admin/snippets/pages/videofile"


def test_a_video_that_is_there_is_not_taken_again_and_the_title_is_kept(editor):
    answer = editor.post(f"{VIDEO_ADMIN}/add/", video_form(file=upload("copia.mp4", MP4)))
    assert "Este vídeo já está na biblioteca, com o título “Amostra: vídeo”" in errors_of(answer)
    assert 'value="Cópia"' in answer.content.decode()
    other = video_form(file=upload("outro.mp4", MP4 + b"other"))
    assert editor.post(f"{VIDEO_ADMIN}/add/", other).status_code == 302


# Types and sizes ------------------------------------------------------------------------------


def packed(files: dict[str, str]) -> bytes:
    """The same at any time: names of tests, which all processes must tell alike, are made of it."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return buffer.getvalue()


def office(folder: str) -> bytes:
    return packed({"[Content_Types].xml": "<Types/>", f"{folder}/document.xml": "<w/>"})


def open_document(kind: str) -> bytes:
    return packed({"mimetype": f"application/vnd.oasis.opendocument.{kind}"})


@pytest.mark.parametrize(
    ("data", "extension", "expected"),
    [
        (PDF, "pdf", True),
        (b"\r\n\r\n" + PDF, "PDF", True),
        (office("word"), "docx", True),
        (office("xl"), "xlsx", True),
        (office("ppt"), "pptx", True),
        (open_document("text"), "odt", True),
        (open_document("spreadsheet"), "ods", True),
        ("Ação;São Paulo\n".encode(), "csv", True),
        ("“Ação”".encode("cp1252"), "txt", True),
        ("Ação".encode("utf-16"), "csv", True),
        (b"", "txt", True),
        (b"MZ\x90\x00\x03", "pdf", False),
        (office("xl"), "docx", False),
        (open_document("text"), "ods", False),
        (office("word"), "odt", False),
        (PDF, "docx", False),
        (b"PK\x03\x04broken", "xlsx", False),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "csv", False),
    ],
)
def test_a_document_is_known_by_its_content(data, extension, expected):
    assert is_what_it_says(io.BytesIO(data), extension) is expected


def test_a_document_of_another_type_than_its_name_says_is_refused(editor):
    given = document_form(title="Um título", file=upload("edital.pdf", b"MZ\x90\x00"))
    answer = editor.post("/admin/documents/add/", given)
    assert "O conteúdo deste arquivo não é do tipo PDF" in errors_of(answer)
    assert 'value="Um título"' in answer.content.decode(), "what was written is kept"


def test_files_that_are_too_large_are_refused_saying_the_limit(editor, settings):
    settings.WAGTAILDOCS_MAX_UPLOAD_SIZE = 10
    answer = editor.post("/admin/documents/add/", document_form(file=upload("edital.pdf", PDF)))
    assert "o limite é 10" in errors_of(answer)
    settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE = 10
    answer = editor.post("/admin/images/add/", image_form(file=drawing("red")))
    assert "o limite é 10" in errors_of(answer)
    settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE = 10_000
    settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS = 399
    answer = editor.post("/admin/images/add/", image_form(file=drawing("red")))
    assert "400 pontos, e o limite é 399" in errors_of(answer)
    assert SiteImage.objects.filter(title="Foto").count() == 0


def test_an_image_of_another_type_than_its_name_says_is_refused(editor):
    png = drawing("red").read()
    answer = editor.post("/admin/images/add/", image_form(file=upload("foto.jpg", png)))
    assert "não é uma imagem jpeg, e sim png" in errors_of(answer)
    answer = editor.post("/admin/images/add/", image_form(file=upload("foto.png", b"nothing")))
    assert "não é uma imagem" in errors_of(answer)


# People ---------------------------------------------------------------------------------------


def test_whoever_uploads_an_image_says_whether_it_shows_people(editor):
    answer = editor.post("/admin/images/add/", image_form(shows_people="", file=drawing("red")))
    assert "obrigatório" in errors_of(answer)
    assert SiteImage.objects.filter(title="Foto").count() == 0


def test_an_authorisation_is_kept_somewhere(editor):
    given = image_form(shows_people="True", is_use_authorised="on", file=drawing("red"))
    answer = editor.post("/admin/images/add/", given)
    assert "Diga onde a autorização está guardada" in errors_of(answer)
    given = {**given, "authorisation_record": "Processo 12/2026", "file": drawing("red")}
    editor.post("/admin/images/add/", given)
    image = SiteImage.objects.get(title="Foto")
    assert image.shows_people
    assert image.is_use_authorised


# Order ----------------------------------------------------------------------------------------


def test_a_new_site_has_collections_and_they_are_made_once():
    names = set(Collection.objects.values_list("name", flat=True))
    assert {*COLLECTIONS, "Biblioteca"} <= names
    assert "Root" not in names
    assert make_collections() == []
    Collection.objects.get(name="Institucional").delete()
    assert [made.name for made in make_collections()] == ["Institucional"]
    assert Collection.find_problems() == ([], [], [], [], [])


def test_the_list_of_videos_says_how_often_each_is_used(editor):
    video = VideoFile.objects.get(title="Amostra: vídeo")
    VideoFile.objects.create(title="Sem uso", file=ContentFile(MP4 + b"x", name="sem-uso.mp4"))
    page = BeautifulSoup(editor.get(f"{VIDEO_ADMIN}/").content, "html.parser")
    links = {link["href"]: link.get_text(strip=True) for link in page.select("td a")}
    assert "1" in links[video.usage_url]
    assert editor.get(video.usage_url).status_code == 200
    assert editor.get(f"{VIDEO_ADMIN}/?ordering=usage_count").status_code == 200


def test_images_and_documents_say_how_often_each_is_used(editor):
    for address in ("/admin/images/?layout=list", "/admin/documents/"):
        assert "usage" in editor.get(address).content.decode(), address


def test_captions_are_replaced_in_place_too(committed):
    caption = VideoCaption.objects.first()
    name = caption.file.name

    def replace():
        caption.file = ContentFile(b"WEBVTT\n\n00:01.000 --> 00:02.000\nOi\n", name="nova.vtt")
        caption.save()

    committed(replace)
    assert b"Oi" in stored_bytes(caption)
    assert caption.file.name == name
