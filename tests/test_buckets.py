"""Files in an S3-compatible service: a real server on this machine, and what is when it is gone."""

import subprocess
from pathlib import Path

import pytest
from botocore.client import BaseClient
from bs4 import BeautifulSoup
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection

from jundiai_global.settings import base
from operations import nginx as nginx_config
from operations import readiness
from operations.backup import BackupError, folders
from operations.backup.make import make
from operations.backup.restore import _swap, restore
from operations.doctor import files as doctor
from operations.doctor.findings import Severity
from pages.library.addresses import NO_STORAGE, put_in_place
from pages.library.storage import UnreachableStorageError
from pages.picture import specs_for
from tests.bucket_server import MEDIA, PRIVATE, running
from tests.builders import ArticleFactory
from tests.servers import Server, free_port
from tests.test_backup import every_file, opened, origin, scratch  # noqa: F401
from tests.test_deploy import NGINX, Nginx
from tests.test_library import document_form, drawing, image_form
from tests.test_settings import GOOD, run

pytestmark = pytest.mark.django_db
SiteImage, SiteDocument = get_image_model(), get_document_model()
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running(tmp_path_factory.mktemp("moto")) as server:
        yield server


@pytest.fixture
def kept_in(settings, monkeypatch):
    """Lets the site keep its files in the service at an address, as its settings would."""

    def keep(service: dict[str, str]):
        chosen = base.buckets(service)
        chosen["default"]["OPTIONS"]["default_acl"] = "public-read"
        settings.STORAGES = {**settings.STORAGES, **chosen}
        field = SiteDocument._meta.get_field("file")
        monkeypatch.setattr(field, "storage", storages["private"])

    return keep


@pytest.fixture
def buckets(server, kept_in):
    server.empty()
    kept_in(server.environment)
    return server


@pytest.fixture
def gone(kept_in, server):
    """The service does not answer any more."""

    def go() -> None:
        kept_in({**server.environment, "S3_ENDPOINT_URL": f"http://127.0.0.1:{free_port()}"})

    return go


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    def run(action):
        with django_capture_on_commit_callbacks(execute=True):
            return action()

    return run


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """What the service is asked from now on."""
    operations, call = [], BaseClient._make_api_call

    def note(self, name, parameters):
        operations.append(name)
        return call(self, name, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", note)
    return operations


def uploaded(client, name="foto.png", **changes) -> SiteImage:
    answer = client.post(
        "/admin/images/add/", image_form(file=drawing("red", name, (60, 40)), **changes)
    )
    assert answer.status_code == 302
    return SiteImage.objects.latest("pk")


def document() -> SiteDocument:
    made = SiteDocument(title="Edital", collection=Collection.get_first_root_node())
    made.file.save("edital.pdf", ContentFile(PDF))
    return made


# Media ------------------------------------------------------------------------------------------


def test_an_image_and_its_versions_are_in_the_bucket_and_pages_ask_nobody(
    client, admin_client, buckets, committed, news_index, asked
):
    image = uploaded(admin_client)
    assert image.file.name in buckets.names(MEDIA)
    article = ArticleFactory(parent=news_index, live=False, cover=image)
    committed(article.save_revision().publish)
    versions = set(image.renditions.values_list("file", flat=True))
    assert len(versions) == len(specs_for("article_cover"))
    assert versions <= buckets.names(MEDIA)

    assert "PutObject" in asked
    asked.clear()
    for address in (article.get_url(), news_index.url, f"{news_index.url}rss/", "/sitemap.xml"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert asked == [], f"{address} asks the service"
    page = BeautifulSoup(client.get(article.get_url()).content, "html.parser")
    shown = page.select_one(".figure--wide img")["src"]
    assert shown.startswith("/media/images/")
    assert shown.removeprefix("/media/") in versions


def test_versions_last_and_what_pages_do_not_show_is_only_to_be_saved(admin_client, buckets):
    image = uploaded(admin_client)
    version = image.get_rendition("width-20|format-webp").file.name
    default_storage.save("pagina.html", ContentFile(b"<script>"))

    def told(name):
        return buckets.client().head_object(Bucket=MEDIA, Key=name)

    assert told(version)["CacheControl"] == "public, max-age=31536000, immutable"
    assert told(version)["ContentType"] == "image/webp"
    assert told(image.file.name)["CacheControl"] == "public, max-age=0, must-revalidate"
    assert told("pagina.html")["ContentDisposition"] == "attachment"
    assert told("pagina.html")["ContentType"] == "application/octet-stream"


def test_nothing_is_overwritten_but_what_is_replaced(admin_client, buckets, committed):
    first = default_storage.save("a.txt", ContentFile(b"first"))
    second = default_storage.save("a.txt", ContentFile(b"second"))
    assert first != second
    assert default_storage.open(first).read() == b"first"
    put_in_place(default_storage, second, first)
    assert default_storage.open(first).read() == b"second"
    assert not default_storage.exists(second)

    image = uploaded(admin_client)
    name, old = image.file.name, image.get_rendition("width-20|format-webp").file.name
    other = drawing("blue", "outra.png", (60, 40))
    committed(lambda: admin_client.post(f"/admin/images/{image.pk}/", image_form(file=other)))
    image = SiteImage.objects.get(pk=image.pk)
    assert image.file.name == name
    assert old not in buckets.names(MEDIA)
    assert len([each for each in buckets.names(MEDIA) if each.startswith("original_")]) == 1


def test_a_deleted_image_is_gone_from_the_bucket_and_comes_back_from_the_recycle_bin(
    admin_client, buckets, committed
):
    from desk.models.trashed_thing import TrashedThing

    image = uploaded(admin_client)
    image.get_rendition("width-20|format-webp")
    assert len(buckets.names(MEDIA)) == 2
    committed(lambda: admin_client.post(f"/admin/images/{image.pk}/delete/"))
    assert not SiteImage.objects.filter(pk=image.pk).exists()
    assert buckets.names(MEDIA) == set()
    (kept,) = buckets.names(PRIVATE)
    assert kept.startswith("trash/")
    committed(TrashedThing.objects.get(object_id=str(image.pk)).restore)
    assert buckets.names(MEDIA) == {image.file.name}
    assert buckets.names(PRIVATE) == set()


# Private files -----------------------------------------------------------------------------------


def test_a_document_is_private_and_given_out_by_the_site_alone(client, buckets):
    made = document()
    assert buckets.names(PRIVATE) == {made.file.name}
    assert buckets.names(MEDIA) == set()
    assert buckets.read_by_a_stranger(PRIVATE, made.file.name) == 403
    with pytest.raises(NotImplementedError):
        _ = made.file.url
    answer = client.get(made.url)
    assert b"".join(answer) == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert client.get(f"/media/{made.file.name}").status_code == 404


def test_a_document_that_is_missing_in_the_bucket_is_404(client, buckets):
    made = document()
    made.file.storage.delete(made.file.name)
    assert client.get(made.url).status_code == 404


# The service is gone -----------------------------------------------------------------------------


def test_without_the_service_pages_are_drawn_and_uploads_are_refused_in_portuguese(
    client, admin_client, buckets, gone, committed, news_index
):
    article = ArticleFactory(parent=news_index, live=False, cover=uploaded(admin_client))
    committed(article.save_revision().publish)
    other = ArticleFactory(parent=news_index, cover=uploaded(admin_client, "outra.jpg"))
    made = document()
    gone()
    page = BeautifulSoup(client.get(article.get_url()).content, "html.parser")
    assert page.select_one(".figure--wide img")["src"].startswith("/media/images/")
    # Whose versions were not made has none, and its page is there.
    answer = client.get(other.url)
    assert answer.status_code == 200
    assert b"picture-missing" in answer.content
    assert client.get(news_index.url).status_code == 200

    images, documents = SiteImage.objects.count(), SiteDocument.objects.count()
    answer = admin_client.post(
        "/admin/images/add/", image_form(file=drawing("green", size=(30, 20)))
    )
    assert answer.status_code == 200
    assert str(NO_STORAGE)[:60] in answer.content.decode()
    pdf = SimpleUploadedFile("edital.pdf", PDF + b"2")
    answer = admin_client.post("/admin/documents/add/", document_form(file=pdf))
    assert answer.status_code == 200
    assert str(NO_STORAGE)[:60] in answer.content.decode()
    assert (SiteImage.objects.count(), SiteDocument.objects.count()) == (images, documents)

    assert admin_client.get("/admin/images/").status_code == 200
    answer = client.get(made.url)
    assert answer.status_code == 503
    assert "não responde" in answer.content.decode()


def test_readiness_and_doctor_tell_that_the_service_is_gone(buckets, gone):
    readiness.media()
    assert {each.severity for each in doctor.buckets()} == {Severity.WELL}
    assert buckets.names(MEDIA) == buckets.names(PRIVATE) == set()
    gone()
    with pytest.raises(UnreachableStorageError, match=r"127\.0\.0\.1"):
        readiness.media()
    assert [each.severity for each in doctor.buckets()] == [Severity.FAULT] * 2


def test_the_doctor_tells_of_buckets_that_are_open_or_closed_to_the_wrong_ones(buckets, settings):
    chosen = {alias: dict(settings.STORAGES[alias]) for alias in ("default", "private")}
    acls = {"default": "private", "private": "public-read"}
    for alias, acl in acls.items():
        chosen[alias]["OPTIONS"] = {**chosen[alias]["OPTIONS"], "default_acl": acl}
    settings.STORAGES = {**settings.STORAGES, **chosen}
    first, second = doctor.buckets()
    assert "Ninguém além do site" in first.message
    assert "Qualquer um pode ler" in second.message


# Backup and restore -------------------------------------------------------------------------------


def contents(server) -> dict[str, bytes]:
    found = {}
    for bucket in (MEDIA, PRIVATE):
        for name in server.names(bucket):
            body = server.client().get_object(Bucket=bucket, Key=name)["Body"]
            found[f"{bucket}/{name}"] = body.read()
    return found


def fill(storage, *names: str) -> None:
    for name in names:
        storage.save(name, ContentFile(f"content of {name}".encode()))


@pytest.mark.one_database
def test_a_backup_has_what_is_in_the_buckets_and_a_restore_puts_it_back(
    origin,  # noqa: F811
    scratch,  # noqa: F811
    buckets,
    tmp_path,
):
    fill(storages["default"], "images/a.jpg", "images/açã o.jpg", "videos/b.mp4")
    fill(storages["private"], "documents/c.pdf")
    before = contents(buckets)
    made = make(tmp_path / "backups", alias=origin)
    assert made.remote == []
    assert made.files == len(before)

    # Into other buckets, empty; then over what somebody changed.
    buckets.empty()
    restore(made.path, alias=scratch)
    assert contents(buckets) == before
    storages["default"].delete("videos/b.mp4")
    storages["default"].delete("images/a.jpg")
    fill(storages["default"], "later.jpg", "images/a.jpg.2")
    storages["default"].put("images/a.jpg", ContentFile(b"changed"))
    with pytest.raises(BackupError, match="--replace"):
        restore(made.path, alias=scratch)
    restore(made.path, replace=True, alias=scratch)
    assert contents(buckets) == before


def test_if_a_file_cannot_be_put_into_a_bucket_all_of_both_are_as_they_were(
    buckets, tmp_path, monkeypatch
):
    fill(storages["default"], "a.jpg", "b.jpg", "old.jpg")
    fill(storages["private"], "c.pdf")
    before = contents(buckets)
    for name in ("media/new/a.jpg", "media/new/new.jpg", "private/new/c.pdf", "private/new/d.pdf"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"another")
    bucket = type(storages["default"])
    put, seen = bucket.put, []

    def fails(self, name, content):
        put(self, name, content)
        if name == "d.pdf":
            seen.append(contents(buckets))
            raise UnreachableStorageError("gone")

    monkeypatch.setattr(bucket, "put", fails)
    with pytest.raises(UnreachableStorageError):
        _swap(
            {
                folders.Bucket("media", "default"): tmp_path / "media",
                folders.Bucket("private", "private"): tmp_path / "private",
            }
        )
    assert contents(buckets) == before
    assert seen[0][f"{MEDIA}/a.jpg"] == seen[0][f"{PRIVATE}/c.pdf"] == b"another"
    assert f"{MEDIA}/old.jpg" not in seen[0]


@pytest.mark.one_database
def test_a_backup_without_the_service_says_so_and_leaves_nothing(
    origin,  # noqa: F811
    buckets,
    gone,
    tmp_path,
):
    gone()
    with pytest.raises(BackupError, match="serviço que os guarda"):
        make(tmp_path / "backups", alias=origin)
    assert list((tmp_path / "backups").iterdir()) == []


# nginx --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def nginx(server, tmp_path_factory):
    """Before the service, with the site's configuration; the site itself is not needed."""
    folder = tmp_path_factory.mktemp("nginx")
    site = Server(folder, ALLOWED_HOSTS="localhost", **server.environment)
    nginx = Nginx(folder, site)
    storages_there = {**settings.STORAGES, **base.buckets(server.environment)}
    with override_settings(STORAGES=storages_there):
        nginx_config.write_files(nginx.machine)
    with nginx.running():
        yield nginx


@pytest.mark.one_database
@pytest.mark.skipif(NGINX is None, reason="nginx is missing: sudo apt install nginx-light")
class TestNginx:
    @pytest.fixture(autouse=True)
    def _files(self, buckets):
        for name in ("foto.jpg", "filme.mp4", "desenho.svg", "pagina.html", ".oculto"):
            storages["default"].put(f"provas/{name}", ContentFile(b"<svg/>" * 100))
        storages["default"].put("provas/a.0123abcd.avif", ContentFile(b"avif"))
        storages["private"].put("documents/edital.pdf", ContentFile(PDF))

    @pytest.mark.parametrize("name", ["foto.jpg", "filme.mp4", "desenho.svg", "pagina.html"])
    def test_files_of_the_bucket_are_said_to_be_what_those_of_the_disk_are(self, nginx, name):
        answer = nginx.ask(f"/media/provas/{name}", Cookie="__Host-session=x")
        assert (answer.status, answer.body) == (200, b"<svg/>" * 100)
        with override_settings(ROOT_URLCONF="tests.browser.urls"):
            path = Path(settings.MEDIA_ROOT, "provas", name)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"<svg/>")
            theirs = Client().get(f"/media/provas/{name}", secure=True)
        wanted = dict(theirs.headers)
        if name not in ("foto.jpg", "filme.mp4"):
            wanted["Content-Type"] = "application/octet-stream"
        else:
            wanted.pop("Content-Disposition")  # Django says "inline", nginx nothing
        wanted["Cache-Control"] = "public, max-age=0, must-revalidate"
        own = {"server", "date", "connection", "etag", "last-modified", "accept-ranges", "vary"}
        own |= {"x-request-id", "content-length", "content-language"}

        def said(headers):
            return {key.lower(): value for key, value in headers.items() if key.lower() not in own}

        assert said(answer.headers) == said(wanted)
        assert "amz" not in str(answer.headers).lower()

    def test_versions_last_and_parts_and_validators_pass(self, nginx):
        lasting = "public, max-age=31536000, immutable"
        version = nginx.ask("/media/provas/a.0123abcd.avif")
        assert version.headers["Cache-Control"] == lasting
        assert version.headers["Content-Type"] == "image/avif"
        marked = nginx.ask("/media/provas/filme.mp4?v=0123abcd")
        assert (marked.status, marked.headers["Cache-Control"]) == (200, lasting)
        part = nginx.ask("/media/provas/filme.mp4", Range="bytes=0-4")
        assert (part.status, part.body) == (206, b"<svg/")
        again = nginx.ask("/media/provas/foto.jpg", If_None_Match=marked.headers["ETag"])
        assert (again.status, again.body) == (304, b"")
        head = nginx.ask("/media/provas/foto.jpg", method="HEAD")
        assert (head.status, head.headers["Content-Length"]) == (200, "600")

    @pytest.mark.parametrize(
        "address",
        [
            *("/media/", "/media/?list-type=2", "/media/provas/", "/media/provas/.oculto"),
            *("/media/nada", "/media/../provas-private/documents/edital.pdf"),
            *("/media/%2e%2e/provas-private/documents/edital.pdf", "/media//?acl"),
            "/media/..%2fprovas-private%2fdocuments%2fedital.pdf",
        ],
    )
    def test_nothing_else_of_the_service_is_reached(self, nginx, address):
        answer = nginx.ask(address)
        # What leads out of the media is for the site, which does not run here.
        assert answer.status in ((503,) if ".." in address or "%2e" in address else (404,))
        assert b"%PDF" not in answer.body
        assert b"edital.pdf" not in answer.body
        assert b"<Contents>" not in answer.body
        assert "text/html" in answer.headers["Content-Type"], "its page, not the service's"

    @pytest.mark.parametrize("query", ["acl", "tagging", "response-content-type=text/html"])
    def test_no_question_is_passed_on(self, nginx, query):
        answer = nginx.ask(f"/media/provas/foto.jpg?{query}")
        assert answer.body == b"<svg/>" * 100
        assert answer.headers["Content-Type"] == "image/jpeg"

    @pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
    def test_nothing_is_written_through_it(self, nginx, buckets, method):
        assert nginx.ask("/media/provas/foto.jpg", method=method, body=b"x").status in (403, 404)
        assert default_storage.open("provas/foto.jpg").read() == b"<svg/>" * 100

    def test_it_takes_the_configuration_without_a_warning(self, nginx):
        done = subprocess.run(nginx.command("-t"), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert "warn" not in done.stderr


def test_nginx_asks_for_the_services_addresses_again_and_trusts_only_its_certificate(
    kept_in, server, monkeypatch, tmp_path
):
    """By name and over TLS: addresses of a service change, and anybody may stand in between."""
    (tmp_path / "resolv.conf").write_text("nameserver 192.0.2.1\nnameserver 2001:db8::1\n")
    monkeypatch.setattr(nginx_config, "RESOLV_CONF", tmp_path / "resolv.conf")
    kept_in({**server.environment, "S3_ENDPOINT_URL": "https://s3.example.org:9000/a"})
    paths = dict.fromkeys(("folder", "certificate", "key", "static", "cache", "leases"), tmp_path)
    text = nginx_config.configuration(
        nginx_config.Machine(**paths, acme=tmp_path, logs=tmp_path, upstream="unix:/run/x.sock")
    )
    assert "resolver 192.0.2.1 [2001:db8::1] valid=30s;" in text
    assert "set $jundiai_media https://s3.example.org:9000;" in text
    assert f'rewrite "^/media/(.+)$" /a/{MEDIA}/$1? break;' in text
    assert "proxy_ssl_verify on;" in text
    assert "proxy_ssl_name s3.example.org;" in text


# Settings -----------------------------------------------------------------------------------------

SERVICE = {
    "S3_ENDPOINT_URL": "https://s3.example.org",
    "S3_MEDIA_BUCKET": "media",
    "S3_PRIVATE_BUCKET": "private",
    "S3_ACCESS_KEY": "chave",
    "S3_SECRET_KEY": "segredo",
}


def listed(result) -> list[str]:
    return [line.split()[1] for line in result.stderr.splitlines() if line.startswith("  - ")]


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"S3_PRIVATE_BUCKET": "", "S3_SECRET_KEY": ""}, ["S3_PRIVATE_BUCKET", "S3_SECRET_KEY"]),
        ({"S3_PRIVATE_BUCKET": "media"}, ["S3_PRIVATE_BUCKET"]),
        ({"S3_ENDPOINT_URL": "s3.example.org"}, ["S3_ENDPOINT_URL"]),
        ({"S3_PUBLIC_URL": "media.example.org"}, ["S3_PUBLIC_URL"]),
        (
            {**dict.fromkeys(SERVICE, ""), "S3_PUBLIC_URL": "https://m.example.org"},
            ["S3_PUBLIC_URL"],
        ),
    ],
)
def test_production_refuses_half_a_service_and_names_what_is_missing(changes, named):
    result = run(["check"], **GOOD, **{**SERVICE, **changes})
    assert result.returncode != 0
    assert listed(result) == named


@pytest.mark.one_database
def test_production_with_a_service_at_another_address_lets_pages_show_its_pictures():
    shown = (
        "from django.conf import settings as s;"
        "from django.core.files.storage import storages as f;"
        "print(s.CONTENT_SECURITY_POLICY['DIRECTIVES']['img-src'], s.MEDIA_SOURCES,"
        "f['default'].url('images/ação.jpg'), f['private'].base_url, f['private'].bucket_name)"
    )
    command = ["shell", "--verbosity", "0", "--command", shown]
    result = run(command, **GOOD, **SERVICE, S3_PUBLIC_URL="https://media.example.org/x")
    assert result.stdout.split() == [
        *(
            "[\"'self'\",",
            "'https://media.example.org']",
            "[\"'self'\",",
            "'https://media.example.org']",
        ),
        *("https://media.example.org/x/images/a%C3%A7%C3%A3o.jpg", "None", "private"),
    ]
    result = run(command, **GOOD, **SERVICE)
    assert result.stdout.split()[:3] == [
        "[\"'self'\"]",
        "[\"'self'\"]",
        "/media/images/a%C3%A7%C3%A3o.jpg",
    ]
