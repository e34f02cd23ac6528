"""What a browser is told to fetch first, and what only when it is needed."""

import pytest
from bs4 import BeautifulSoup

from news.models import ArticlePage
from news.models.news_index import PinnedArticle
from pages.models import HomePage, SiteImage, VideoPage

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def pictures(client, address: str) -> list:
    return BeautifulSoup(client.get(address).content, "html.parser").select("main img")


def opened_by_a_picture(home: HomePage) -> str:
    home.hero_image = SiteImage.objects.first()
    home.save_revision().publish()
    return home.url


def a_video_elsewhere(home: HomePage) -> str:
    return next(video.url for video in VideoPage.objects.live() if video.player.kind == "external")


def a_video_here(home: HomePage) -> str:
    return next(video.url for video in VideoPage.objects.live() if video.player.kind == "file")


@pytest.mark.parametrize(
    "address",
    [
        "/noticias/",
        "/noticias/?pagina=2",
        "/videos/",
        "/noticias/amostra-galeria-de-imagens-mapa-e-documentos/",
        opened_by_a_picture,
        a_video_elsewhere,
        a_video_here,
    ],
)
def test_the_first_picture_comes_first_and_the_others_when_they_are_near(client, home, address):
    found = pictures(client, address(home) if callable(address) else address)
    first, *others = found
    assert first["fetchpriority"] == "high"
    assert "loading" not in first.attrs
    for picture in others:
        assert picture["loading"] == "lazy"
        assert "fetchpriority" not in picture.attrs
    assert all(picture["width"] and picture["height"] for picture in found)
    assert {picture["decoding"] for picture in found} == {"async"}


def test_no_picture_of_the_home_hurries_where_none_opens_it(client):
    found = pictures(client, "/")
    assert len(found) > 2
    assert {picture["loading"] for picture in found} == {"lazy"}


def test_only_the_first_picture_hurries_where_news_are_pinned(client, news_index):
    articles = ArticlePage.objects.live().filter(cover__isnull=False)[:2]
    for article in articles:
        PinnedArticle.objects.create(page=news_index, article=article)
    first, *others = pictures(client, "/noticias/")
    assert first.find_parent(class_="pinned")
    assert first["fetchpriority"] == "high"
    assert {picture["loading"] for picture in others} == {"lazy"}


def test_a_video_further_down_waits_and_one_that_is_the_page_does_not(client):
    """Without script it is the video, with it a picture in its place.

    https://html.spec.whatwg.org/multipage/media.html#attr-video-loading
    """
    home = BeautifulSoup(client.get("/").content, "html.parser").select_one("video")
    assert home["loading"] == "lazy"
    assert home["poster"].endswith(".webp")
    page = next(video for video in VideoPage.objects.live() if video.player.kind == "file")
    alone = BeautifulSoup(client.get(page.url).content, "html.parser").select_one("video")
    assert "loading" not in alone.attrs
