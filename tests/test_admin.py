"""What the office's staff meet in the admin."""

import re
import zlib
from io import BytesIO

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from PIL import Image
from wagtail.images import get_image_model
from wagtail.models import Locale, Page
from wagtail.test.utils.form_data import (
    inline_formset,
    nested_form_data,
    rich_text,
    streamfield,
)

from goals.models import GoalIndexPage, GoalPage
from news.models import ArticlePage, NewsCategory, NewsIndexPage
from pages.blocks import BodyBlock
from pages.models import HomePage, Menu, SiteIdentity, StandardPage, VideoFile

pytestmark = pytest.mark.django_db
OURS = ("pages", "goals", "news", "search")


@pytest.fixture
def editor(admin_client):
    return admin_client


def test_the_admin_greets_in_portuguese(client):
    page = client.get("/admin/login/").content.decode()
    assert '<html lang="pt-br"' in page.lower()
    assert "Jundiaí Global" in page
    assert "Senha" in page
    assert "Password" not in page


@pytest.mark.parametrize(
    "model",
    [
        model
        for label in OURS
        for model in apps.get_app_config(label).get_models()
        if model.__name__ != "SiteRendition"
    ],
)
def test_every_field_an_editor_fills_has_a_label_of_its_own(model):
    for field in model._meta.local_fields:
        if not field.editable or field.auto_created or isinstance(field, models.OneToOneField):
            continue
        if field.name.startswith("focal_point"):  # set by a click on the image
            continue
        if field.name in ("locale", "translation_key", "sort_order", "page", "menu", "video_file"):
            continue
        bare = field.name.replace("_", " ")
        assert str(field.verbose_name) != bare or field.name in ("menu",), (model, field.name)


def test_every_kind_of_page_can_be_opened_for_editing_and_previewed(editor):
    for kind in {page.specific_class for page in Page.objects.filter(depth__gt=1)}:
        page = kind.objects.first()
        assert editor.get(f"/admin/pages/{page.pk}/edit/").status_code == 200, kind
        shown = editor.get(f"/admin/pages/{page.pk}/view_draft/")
        assert shown.status_code == 200, kind
        assert page.title in shown.content.decode()


def test_every_kind_of_page_can_be_created_where_it_belongs(editor):
    for kind, parent in [
        ("news/articlepage", NewsIndexPage),
        ("goals/goalpage", GoalIndexPage),
        ("pages/standardpage", HomePage),
        ("pages/videopage", apps.get_model("pages", "VideoIndexPage")),
    ]:
        address = f"/admin/pages/add/{kind}/{parent.objects.first().pk}/"
        assert editor.get(address).status_code == 200, kind


def test_pages_go_only_where_they_belong():
    home = HomePage.objects.first()
    assert not ArticlePage.can_create_at(home)
    assert not NewsIndexPage.can_create_at(home), "one is there already"
    assert not HomePage.can_create_at(Page.get_first_root_node())
    assert StandardPage.can_create_at(home)


def article_form(**changes):
    data = {
        "title": "Comitiva visita Jundiaí",
        "slug": "comitiva",
        "summary": "Um resumo.",
        "date": "2026-11-20 10:00",
        "body": streamfield([("paragraph", rich_text("<p>Texto da notícia.</p>"))]),
        "comments": {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0},
        "action-publish": "1",
    }
    data["comments-TOTAL_FORMS"] = data["comments-INITIAL_FORMS"] = 0
    del data["comments"]
    return nested_form_data({**data, **changes})


def test_an_article_written_in_the_admin_is_published(editor, client, news_index):
    address = f"/admin/pages/add/news/articlepage/{news_index.pk}/"
    answer = editor.post(address, article_form())
    assert answer.status_code == 302, re.findall(
        r"error-message[^>]*>(.*?)<", answer.content.decode(), re.DOTALL
    )
    client.logout()
    shown = client.get("/noticias/comitiva/").content.decode()
    assert "Texto da notícia." in shown
    assert "Comitiva visita Jundiaí" in client.get("/").content.decode()


def test_an_article_sent_before_the_script_wrote_its_address_makes_one(editor, news_index):
    form = article_form(title="Sem endereço ainda", slug="")
    editor.post(f"/admin/pages/add/news/articlepage/{news_index.pk}/", form)
    assert ArticlePage.objects.get(title="Sem endereço ainda").slug == "sem-endereco-ainda"


def test_an_address_that_the_site_uses_is_refused_and_the_text_is_kept(editor, news_index):
    address = f"/admin/pages/add/news/articlepage/{news_index.pk}/"
    answer = editor.post(address, article_form(slug="rss"))
    assert answer.status_code == 200
    assert "Este endereço é usado pelo site" in answer.content.decode()
    assert "Texto da not" in answer.content.decode()


def test_every_block_has_a_portuguese_label_and_a_preview(editor):
    for name, block in BodyBlock().child_blocks.items():
        assert str(block.label), name
        assert str(block.label).lower() != name, name
        assert block.is_previewable, name
        shown = editor.get("/admin/block-preview/", {"id": block.definition_prefix})
        assert shown.status_code == 200, name
        assert "<main" in shown.content.decode() or "<body" in shown.content.decode()


@pytest.mark.parametrize("model", [NewsCategory, Menu, SiteIdentity, VideoFile])
def test_snippets_can_be_listed_and_edited(editor, model):
    base = f"/admin/snippets/{model._meta.app_label}/{model._meta.model_name}"
    assert editor.get(f"{base}/").status_code == 200
    assert editor.get(f"{base}/edit/{model.objects.first().pk}/").status_code == 200
    assert editor.get(f"{base}/add/").status_code == 200


def test_a_second_identity_menu_or_category_of_the_same_kind_is_refused():
    locale = Locale.get_default()
    for twin in (
        SiteIdentity(locale=locale),
        Menu(locale=locale, title="Outro", location=Menu.objects.get(location="main").location),
        NewsCategory(locale=locale, name="Outro", slug=NewsCategory.objects.first().slug),
    ):
        with pytest.raises(ValidationError):
            twin.clean()


def picture(name="foto.png"):
    """A picture, another for each name."""
    buffer = BytesIO()
    colour = f"#{zlib.crc32(name.encode()) & 0xFFFFFF:06x}"
    Image.new("RGB", (20, 20), colour).save(buffer, "PNG")
    return SimpleUploadedFile(name, buffer.getvalue(), "image/png")


@pytest.mark.parametrize(
    ("description", "decorative", "accepted"),
    [("", "", False), ("Uma foto", "", True), ("", "on", True), ("Uma foto", "on", False)],
)
def test_an_image_is_described_or_declared_decorative(editor, description, decorative, accepted):
    data = {"title": "Foto", "file": picture(), "description": description, "collection": 1}
    data["shows_people"] = "False"
    if decorative:
        data["is_decorative"] = decorative
    images = get_image_model().objects.filter(title="Foto")
    answer = editor.post("/admin/images/add/", data)
    assert images.exists() == accepted, answer.content.decode()[:200]


def test_goals_are_put_in_order_by_dragging(editor):
    index = GoalIndexPage.objects.get()
    listing = editor.get(f"/admin/pages/{index.pk}/").content.decode()
    assert 'data-controller="w-orderable"' in listing or "w-orderable" in listing


def test_editors_see_wagtails_bar_on_the_site_and_visitors_do_not(editor, client):
    page = editor.get("/")
    assert "wagtail-userbar" in page.content.decode()
    assert "'unsafe-inline'" in page.headers["Content-Security-Policy"]
    client.logout()
    assert "wagtail-userbar" not in client.get("/").content.decode()


def test_a_new_article_is_previewed_before_it_is_ever_saved(editor, news_index):
    address = f"/admin/pages/add/news/articlepage/{news_index.pk}/preview/"
    goal = GoalPage.objects.first()
    answer = editor.post(address, article_form(goals=goal.pk))
    assert answer.json()["is_valid"], answer.content
    shown = editor.get(address).content.decode()
    assert "Comitiva visita Jundiaí" in shown
    assert "Texto da notícia." in shown
    assert goal.title in shown


def test_the_news_index_is_previewed_with_the_articles_pinned_in_the_form(editor, news_index):
    article = ArticlePage.objects.last()
    form = {
        "title": "Notícias da cidade",
        "slug": "noticias",
        "summary": "",
        "pinned_articles": inline_formset([{"article": article.pk, "ORDER": 1}]),
        "comments-TOTAL_FORMS": 0,
        "comments-INITIAL_FORMS": 0,
    }
    address = f"/admin/pages/{news_index.pk}/edit/preview/"
    answer = editor.post(address, nested_form_data(form))
    assert answer.json()["is_valid"], answer.content
    shown = editor.get(address).content.decode()
    assert "Notícias da cidade" in shown
    pinned = shown[shown.index("em-destaque") : shown.index("</section>")]
    assert article.title in pinned
