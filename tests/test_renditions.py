"""The versions of images are there before a visitor asks, and a page is drawn without them."""

import logging
import os
import threading
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image
from wagtail.images import get_image_model
from wagtail.models import Page, ReferenceIndex

from desk import schedule
from jundiai_global.demo.pictures import sample_file
from news.models import ArticlePage
from pages import renditions
from pages.models import SiteRendition
from pages.picture import PRESETS, specs_for
from tests.builders import ArticleFactory, StandardPageFactory, VideoPageFactory
from tests.test_library import image_form
from tests.test_schedule import scheduled

pytestmark = pytest.mark.django_db
SiteImage = get_image_model()
ALT = "Uma serra ao longe"


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    """Do at once what waits for the end of the transaction, which a test never reaches."""

    def run(action):
        with django_capture_on_commit_callbacks(execute=True):
            return action()

    return run


def picture(name: str, size=(60, 40)) -> SiteImage:
    return SiteImage.objects.create(
        title=name, description=ALT, file=sample_file(name, f"{name}.jpg", size)
    )


def with_pictures(names="abcd") -> dict:
    """Fields of an article with a cover, an image in the text and a gallery of two."""
    cover, inline, *gallery = [picture(name) for name in names]
    body = [
        ("image", {"image": inline, "caption": "", "credit": ""}),
        ("gallery", {"title": "", "items": [{"image": one, "caption": ""} for one in gallery]}),
    ]
    return {"cover": cover, "body": body}


def draft(index, **fields) -> ArticlePage:
    return ArticleFactory(parent=index, live=False, **(fields or with_pictures()))


def empty_caches() -> None:
    for cache in caches.all():
        cache.clear()


def stored() -> tuple[int, set[str]]:
    """Renditions, and the files of the folder where they are."""
    folder = Path(SiteRendition._meta.get_field("file").storage.path("images"))
    return SiteRendition.objects.count(), {path.name for path in folder.iterdir()}


def queries_of(client, address: str) -> int:
    empty_caches()
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


# Made at publication ---------------------------------------------------------------------------


def test_the_first_visits_of_a_published_article_make_no_version(
    client, committed, news_index, home
):
    """Of the article, of the lists and the home that show its card, of feeds and open data."""
    # What a process asks once in its life: types of content, languages, sites.
    client.get(ArticleFactory(parent=news_index).url)
    article = draft(news_index)
    assert article.cover.renditions.count() == 0
    committed(article.save_revision().publish)
    before = stored()
    addresses = [
        *(article.get_url(), news_index.url, home.url, f"{news_index.url}rss/"),
        f"/api/v1/noticias/{article.translation_key}/",
    ]
    first = [queries_of(client, address) for address in addresses]
    assert ALT in client.get(article.get_url()).content.decode()
    assert stored() == before
    assert [queries_of(client, address) for address in addresses] == first


def test_whoever_publishes_the_first_visit_makes_no_version(client):
    """What programs published, with every kind of page: the first content and the samples."""
    before = stored()
    assert before[0] > 100
    for page in Page.objects.live().filter(depth__gt=1):
        assert client.get(page.url).status_code == 200
    assert stored() == before


def test_what_is_made_is_what_the_table_says_and_no_more(committed, news_index):
    article = draft(news_index)
    committed(article.save_revision().publish)
    made = set(article.cover.renditions.values_list("filter_spec", flat=True))
    assert made == set(specs_for("article_cover"))
    inline = article.body[0].value["image"]
    assert set(inline.renditions.values_list("filter_spec", flat=True)) == set(
        specs_for("illustration")
    )


def test_a_page_tells_all_images_that_it_refers_to(news_index):
    """A new block or field with an image must be told by the page, or its versions come late."""
    article = draft(news_index, **with_pictures(), social_image=picture("partilha"))
    kind = ReferenceIndex._get_base_content_type(SiteImage)
    referred = ReferenceIndex.get_references_for_object(article).filter(to_content_type=kind)
    assert {image.pk for image, _role in article.own_pictures() if image} == {
        int(pk) for pk in referred.values_list("to_object_id", flat=True)
    }
    assert referred.count() == 5


def test_a_draft_makes_no_version(committed, news_index):
    article = draft(news_index)
    committed(article.save_revision)
    assert article.cover.renditions.count() == 0


def test_the_schedule_makes_the_versions(committed, news_index):
    article = committed(lambda: scheduled(news_index, **with_pictures()))
    assert article.cover.renditions.count() == 0
    committed(schedule.run)
    assert article.cover.renditions.count() == len(specs_for("article_cover"))


def test_a_new_file_or_focal_point_of_an_image_in_use_makes_its_versions(
    client, admin_client, committed, news_index
):
    article = draft(news_index)
    committed(article.save_revision().publish)
    image = SiteImage.objects.get(pk=article.cover_id)
    buffer = BytesIO()
    Image.new("RGB", (90, 60), "blue").save(buffer, "JPEG")
    upload = SimpleUploadedFile("outra.jpg", buffer.getvalue())
    point = {f"focal_point_{name}": 10 for name in ("x", "y", "width", "height")}
    for change in ({"file": upload}, point):
        before = set(image.renditions.values_list("file", flat=True))
        committed(
            lambda change=change: admin_client.post(
                f"/admin/images/{image.pk}/", image_form(**change)
            )
        )
        made = set(image.renditions.values_list("file", flat=True)) - before
        assert len(made) >= len(PRESETS["cover"].specs)
        there = stored()
        for address in (article.get_url(), news_index.url):
            empty_caches()
            client.get(address)
        assert stored() == there
    with SiteRendition.objects.filter(image=image).first().file.open() as content:
        red, _green, blue = Image.open(content).convert("RGB").getpixel((1, 1))
    assert blue > red, "they are made of the new file"


def test_an_image_that_no_page_shows_makes_no_version(committed):
    image = picture("sozinha")
    committed(image.save)
    assert image.renditions.count() == 0


def test_a_failure_is_logged_and_the_page_is_published(client, committed, news_index, caplog):
    article = draft(news_index)
    os.unlink(article.cover.file.path)
    committed(article.save_revision().publish)
    article.refresh_from_db()
    assert article.live
    assert f"The versions of the image {article.cover_id}" in caplog.text
    # The others are there.
    assert article.body[0].value["image"].renditions.count() == len(specs_for("illustration"))


def test_whatever_goes_wrong_publication_goes_on(committed, news_index, monkeypatch, caplog):
    def fail(*args):
        raise RuntimeError("sem memória")

    monkeypatch.setattr(renditions, "Wanted", fail)
    article = draft(news_index)
    committed(article.save_revision().publish)
    assert ArticlePage.objects.get(pk=article.pk).live
    assert "sem memória" in caplog.text


def test_the_editor_does_not_wait_for_the_versions(settings, monkeypatch):
    """They are made in another thread, one after the other, which survives what fails in it."""
    settings.RENDITIONS_IN_BACKGROUND = True
    free, made = threading.Event(), []

    def slow():
        assert free.wait(60)
        made.append(threading.current_thread().name)
        raise RuntimeError

    renditions._begin(slow)
    renditions._begin(lambda: made.append("next"))
    assert made == []
    free.set()
    renditions._thread().submit(int).result(60)
    assert made[0].startswith("renditions")
    assert made[1:] == ["next"]


def test_the_command_makes_what_is_missing_and_then_nothing(client, news_index):
    article = ArticleFactory(parent=news_index, **with_pictures())
    article.cover.renditions.all().delete()
    SiteRendition.objects.update(file_size=None)

    def run() -> str:
        out = StringIO()
        call_command("make_renditions", stdout=out)
        return out.getvalue()

    assert not run().startswith("0 ")
    assert article.cover.renditions.count() == len(specs_for("article_cover"))
    assert not SiteRendition.objects.filter(file_size=None).exists()
    before = stored()
    assert run().startswith("0 renditions were made; 0 images")
    assert stored() == before


def test_what_somebody_else_makes_meanwhile_is_not_made_twice(news_index, monkeypatch):
    """A visitor who comes while the versions of a page are made."""
    specs = specs_for("illustration")
    image, visitors = picture("disputada"), []
    generate = SiteImage.generate_rendition_file

    def generate_and_be_visited(self, chosen, **source):
        if not visitors:
            visitors.append(SiteImage.objects.get(pk=image.pk))
            visitors[0].get_renditions(*specs[1:])
        return generate(self, chosen, **source)

    monkeypatch.setattr(SiteImage, "generate_rendition_file", generate_and_be_visited)
    before = stored()[1]
    found = image.get_renditions(*specs)
    assert set(found) == set(specs)
    assert len(stored()[1] - before) == len(specs) == image.renditions.count()


def test_nobody_waits_for_the_database_while_a_version_is_drawn(monkeypatch):
    """SQLite has one writer, who may not take seconds."""
    image, depths = picture("demorada"), set()
    generate = SiteImage.generate_rendition_file

    def look_and_generate(self, chosen, **source):
        depths.add(len(connection.savepoint_ids))
        return generate(self, chosen, **source)

    monkeypatch.setattr(SiteImage, "generate_rendition_file", look_and_generate)
    image.get_renditions(*specs_for("illustration"))
    assert depths == {len(connection.savepoint_ids)}


# Focal point -----------------------------------------------------------------------------------


def test_a_card_is_cut_around_the_focal_point():
    """A picture blue at its left and red at its right, far wider than a card."""
    buffer = BytesIO()
    image = Image.new("RGB", (1200, 200), "blue")
    image.paste("red", (600, 0, 1200, 200))
    image.save(buffer, "PNG")
    photo = SiteImage.objects.create(
        title="Larga", description="a", file=SimpleUploadedFile("larga.png", buffer.getvalue())
    )

    def colour() -> tuple:
        rendition = photo.version("fill-360x240|format-webp")
        with rendition.file.open() as content:
            return Image.open(content).convert("RGB").getpixel((rendition.width // 2, 20))

    for place, strongest in ((150, 2), (1050, 0)):
        photo.focal_point_x, photo.focal_point_y = place, 100
        photo.focal_point_width = photo.focal_point_height = 40
        assert max(range(3), key=lambda band: colour()[band]) == strongest


# Drawn without ---------------------------------------------------------------------------------


def gone(image) -> None:
    os.unlink(image.file.path)


def broken(image) -> None:
    Path(image.file.path).write_bytes(b"GIF89a nonsense")


def closed(image) -> None:
    """Nobody may read it; root may read everything, so that it is a folder here."""
    os.unlink(image.file.path)
    os.mkdir(image.file.path)


@pytest.mark.parametrize("spoil", [gone, broken, closed])
def test_a_page_whose_images_cannot_be_read_is_drawn_with_their_words(
    client, news_index, home, spoil, caplog
):
    fields = with_pictures()
    video = VideoPageFactory(
        parent=StandardPageFactory(parent=home, slug="pasta"),
        poster=picture("v"), external_url="https://www.youtube.com/watch?v=abcdefghijk",
    )  # fmt: skip
    article = ArticleFactory(parent=news_index, **fields, social_image=picture("s"))
    used = [image for image, _role in [*article.own_pictures(), *video.own_pictures()] if image]
    for image in used:
        spoil(image)
    for address in (article.url, news_index.url, home.url, video.url, f"{news_index.url}rss/"):
        assert client.get(address).status_code == 200, address
    page = BeautifulSoup(client.get(article.url).content, "html.parser")
    assert [each.text for each in page.select("article .picture-missing")] == [ALT] * 4
    assert not page.select(".gallery a")
    assert page.select_one('meta[property="og:image"]')["content"].endswith(".png")
    told = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert len(told) == len(used), "each is told once"
    assert told[0].getMessage().startswith("The image ")


def test_versions_made_before_are_shown_when_the_original_is_gone(client, news_index):
    article = ArticleFactory(parent=news_index, **with_pictures())
    shown = {PRESETS["cover"].specs[0], PRESETS["cover"].fallback_spec}
    article.cover.get_renditions(*shown)
    gone(article.cover)
    page = BeautifulSoup(client.get(article.url).content, "html.parser")
    figure = page.select_one(".figure--wide picture")
    assert [each["type"] for each in figure.select("source")] == ["image/avif"]
    assert figure.img["src"].endswith(".jpg")


def test_a_page_that_lacks_a_picture_is_kept_for_a_minute_only(client, news_index, rf):
    from page_cache.middleware import KEPT_WITHOUT_PICTURE, Clock, KeepingMiddleware

    article = ArticleFactory(parent=news_index, **with_pictures())
    gone(article.cover)
    request = client.get(article.url).wsgi_request
    assert request.lacks_pictures
    request.asked_at, request.clock = 0.0, Clock(1, 0.0, None, None, None)
    keeping = KeepingMiddleware(lambda request: None)._keeping(request)
    assert keeping.fresh_until <= KEPT_WITHOUT_PICTURE


@pytest.mark.parametrize("spoil", [gone, broken, closed])
@pytest.mark.parametrize(
    "address", ["/admin/images/", "/admin/images/chooser/", "/admin/images/{}/"]
)
def test_the_admin_lists_images_whose_file_cannot_be_read(admin_client, spoil, address):
    image = picture("perdida")
    spoil(image)
    assert admin_client.get(address.format(image.pk)).status_code == 200


def test_a_picture_comes_back_with_its_file(client, news_index):
    article = ArticleFactory(parent=news_index, **with_pictures())
    path = Path(article.cover.file.path)
    data = path.read_bytes()
    path.unlink()
    assert b"picture-missing" in client.get(article.url).content
    path.write_bytes(data)
    empty_caches()
    page = BeautifulSoup(client.get(article.url).content, "html.parser")
    assert page.select_one(".figure--wide img")
