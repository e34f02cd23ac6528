"""An upload for which there is no room is refused in the form, and leaves nothing behind."""

import errno
import os
import resource
import subprocess
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection, UploadedFile

from pages.library.addresses import NO_ROOM, NO_STORAGE
from pages.library.storage import DiskStorage
from pages.models import VideoFile
from tests.builders import ArticleFactory
from tests.test_library import MP4, document_form, image_form

# What no database decides.
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
ROOM = 64 * 1024


@pytest.fixture
def folders(settings, tmp_path, monkeypatch):
    """Folders of files of their own."""
    for name in ("media", "private"):
        (tmp_path / name).mkdir()
    settings.MEDIA_ROOT = str(tmp_path / "media")
    private = {**settings.STORAGES["private"]}
    private["OPTIONS"] = {"location": str(tmp_path / "private"), "base_url": None}
    settings.STORAGES = {**settings.STORAGES, "private": private}
    field = get_document_model()._meta.get_field("file")
    monkeypatch.setattr(field, "storage", storages["private"])
    return tmp_path


@contextmanager
def limited_files():
    """No file of this process may become longer than ``ROOM`` (RLIMIT_FSIZE, as of a quota)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def full_disks(root: Path):
    """File systems of ``ROOM`` bytes, in memory. Only root may mount them."""
    mounted = []
    try:
        for name in ("media", "private"):
            command = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "none", str(root / name)]
            if subprocess.run(command, capture_output=True, check=False).returncode:
                pytest.skip("no file system can be mounted here")
            mounted.append(root / name)
        yield
    finally:
        for path in mounted:
            subprocess.run(["umount", str(path)], check=True)


@pytest.fixture(params=["limit", "disk"])
def without_room(request, folders):
    with limited_files() if request.param == "limit" else full_disks(folders):
        yield folders


def noise() -> SimpleUploadedFile:
    """A picture that no program makes small: more than ``ROOM``."""
    buffer = BytesIO()
    Image.effect_noise((400, 400), 80).save(buffer, "PNG")
    assert len(buffer.getvalue()) > ROOM
    return SimpleUploadedFile("ruído.png", buffer.getvalue())


def files(*roots: Path) -> list[str]:
    return [str(path) for root in roots for path in root.rglob("*") if path.is_file()]


def forms() -> dict[str, tuple[str, dict]]:
    root = Collection.get_first_root_node().pk
    pdf = SimpleUploadedFile("edital.pdf", b"%PDF-1.7\n" + os.urandom(2 * ROOM))
    video = SimpleUploadedFile("serra.mp4", MP4 + bytes(2 * ROOM))
    captions = {
        f"captions-{name}": value
        for name, value in {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0}.items()
    }
    return {
        "image": ("/admin/images/add/", image_form(file=noise())),
        "images": (
            "/admin/images/multiple/add/",
            {"title": "Foto", "collection": root, "files[]": noise()},
        ),
        "chosen image": (
            "/admin/images/chooser/create/",
            {f"image-chooser-upload-{name}": value for name, value in image_form().items()}
            | {"image-chooser-upload-file": noise()},
        ),
        "document": ("/admin/documents/add/", document_form(file=pdf)),
        "video": (
            reverse(VideoFile.snippet_viewset.get_url_name("add")),
            {"title": "Serra", "file": video, **captions},
        ),
    }


@pytest.mark.parametrize("kind", ["image", "images", "chosen image", "document", "video"])
def test_an_upload_without_room_is_refused_in_the_form(admin_client, without_room, kind):
    address, data = forms()[kind]
    models = (get_image_model(), get_document_model(), VideoFile, UploadedFile)
    before = [model.objects.count() for model in models]
    headers = {"X-Requested-With": "XMLHttpRequest"} if kind == "images" else {}
    answer = admin_client.post(address, data, headers=headers)
    assert answer.status_code == 200
    told = answer.content.decode(answer.charset)
    told = told.encode().decode("unicode_escape") if kind in ("images", "chosen image") else told
    assert str(NO_ROOM)[:60] in told
    assert [model.objects.count() for model in models] == before
    assert files(without_room / "media", without_room / "private") == []


def test_the_same_upload_is_taken_when_there_is_room_again(admin_client, folders):
    with limited_files():
        answer = admin_client.post("/admin/images/add/", image_form(file=noise()))
        assert answer.status_code == 200
    answer = admin_client.post("/admin/images/add/", image_form(file=noise()))
    assert answer.status_code == 302
    assert get_image_model().objects.get(title="Foto").file.size > ROOM


def test_a_folder_that_takes_nothing_is_told_apart(admin_client, folders, monkeypatch):
    """Read-only, or a share that is gone; root writes everywhere, so that it is only said here."""

    def refuse(self, size=0):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(DiskStorage, "try_writing", refuse)
    answer = admin_client.post("/admin/images/add/", image_form(file=noise()))
    assert str(NO_STORAGE)[:60] in answer.content.decode()
    assert files(folders) == []


def test_a_file_that_could_not_be_written_whole_is_not_there(folders):
    """Where the room is gone between the asking and the writing."""
    storage = storages["default"]
    with limited_files(), pytest.raises(OSError, match="too large"):
        storage.save("pasta/longa.bin", ContentFile(bytes(2 * ROOM)))
    assert files(folders) == []
    assert storage.save("pasta/curta.bin", ContentFile(b"abc")) == "pasta/curta.bin"
    other = storage.save("pasta/curta.bin", ContentFile(b"outro"))
    assert other != "pasta/curta.bin"
    assert storage.open("pasta/curta.bin").read() == b"abc"
    assert len(files(folders)) == 2


def test_a_name_that_is_taken_meanwhile_is_left_to_who_took_it(folders, monkeypatch):
    storage = storages["default"]
    asked = []

    def take(self, name, max_length=None):
        asked.append(name)
        return name if len(asked) == 1 else f"{name}.2"

    storage.save("a.bin", ContentFile(b"first"))
    monkeypatch.setattr(DiskStorage, "get_available_name", take)
    assert storage.save("a.bin", ContentFile(b"second")) == "a.bin.2"
    assert storage.open("a.bin").read() == b"first"
    assert storage.open("a.bin.2").read() == b"second"


def test_a_page_whose_versions_cannot_be_written_is_drawn(
    client, news_index, folders, monkeypatch, caplog
):
    cover = get_image_model().objects.create(title="Ruído", description="Ruído", file=noise())
    article = ArticleFactory(parent=news_index, cover=cover)

    def full(*args):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("pages.library.storage.os.link", full)
    answer = client.get(article.url)
    assert answer.status_code == 200
    assert b"picture-missing" in answer.content
    assert not [name for name in files(folders / "media") if "/images/" in name]
    assert "No space left on device" in caplog.text
