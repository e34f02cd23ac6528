import html
import io
from html.parser import HTMLParser

import pytest
from django.core.management import call_command
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection, Page, Revision

from jundiai_global.content import source
from news.models import ArticlePage, NewsCategory
from pages.models import InstitutionalPage, VideoFile, VideoPage

pytestmark = pytest.mark.django_db


class _Text(HTMLParser):
    def __init__(self):
        super().__init__()
        self.parts = []

    def handle_data(self, data):
        self.parts.append(data)


def text_of(response) -> str:
    parser = _Text()
    parser.feed(response.content.decode())
    return " ".join(html.unescape("".join(parser.parts)).split())


def sentences():
    for line in source.PATH.read_text(encoding="utf-8").splitlines():
        if line := line.strip().removeprefix("•").strip():
            yield line


def test_every_line_of_the_source_text_is_on_the_pages_word_for_word(client):
    shown = " ".join(text_of(client.get(url)) for url in ("/", "/a-assessoria/", "/metas/"))
    assert [line for line in sentences() if " ".join(line.split()) not in shown] == []


def test_the_whole_institutional_text_is_on_its_own_page(client):
    shown = text_of(client.get("/a-assessoria/"))
    assert all(paragraph in shown for paragraph in source.read().paragraphs)


def test_the_home_follows_the_order_of_the_source_text(client):
    shown = text_of(client.get("/"))
    text = source.read()
    main = shown[shown.index(text.office) :]
    places = [
        main.index(part)
        for part in (text.office, text.goals_heading, text.all_news_label, text.video_heading)
    ]
    assert places == sorted(places)


def test_loading_the_first_content_again_changes_nothing_that_an_editor_changed():
    page = InstitutionalPage.objects.get()
    page.title = "Título mudado"
    page.save_revision().publish()
    Page.objects.get(url_path__endswith="/mapa-do-site/").delete()
    before = list(Page.objects.order_by("path").values_list("path", "title", "numchild"))
    revisions = Revision.objects.count()
    call_command("load_initial_content", verbosity=0)
    after = list(Page.objects.order_by("path").values_list("path", "title", "numchild"))
    assert after == before
    assert Revision.objects.count() == revisions


def state():
    return {
        "pages": list(Page.objects.order_by("path").values_list("path", "title", "numchild")),
        "images": get_image_model().objects.count(),
        "documents": get_document_model().objects.count(),
        "videos": VideoFile.objects.count(),
        "categories": NewsCategory.objects.count(),
        "collections": Collection.objects.count(),
    }


def test_removing_the_samples_leaves_the_database_as_before_them():
    call_command("remove_demo", stdout=io.StringIO())
    before = state()
    assert ArticlePage.objects.count() == VideoPage.objects.count() == before["images"] == 0
    call_command("load_demo", verbosity=0)
    assert ArticlePage.objects.count() == 24
    call_command("remove_demo", stdout=io.StringIO())
    assert state() == before


def test_loading_the_samples_twice_adds_nothing():
    before = state()
    call_command("load_demo", verbosity=0)
    assert state() == before


def test_a_sample_that_an_editor_revised_stays(admin_user):
    article = ArticlePage.objects.first()
    article.save_revision(user=admin_user).publish()
    call_command("remove_demo", stdout=io.StringIO())
    assert list(ArticlePage.objects.values_list("pk", flat=True)) == [article.pk]


def test_every_sample_says_that_it_is_one(client):
    for page in [*ArticlePage.objects.all(), *VideoPage.objects.all()]:
        assert "Amostra" in page.title


def test_the_home_does_without_the_sections_that_have_nothing(client, home):
    call_command("remove_demo", stdout=io.StringIO())
    home.refresh_from_db()
    response = client.get("/")
    assert response.status_code == 200
    assert "Vídeo em destaque" not in text_of(response)
