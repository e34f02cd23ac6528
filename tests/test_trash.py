"""What an editor deletes leaves the site at once, and comes back as it was for thirty days."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group, Permission
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Collection, GroupPagePermission, Page, PageLogEntry, Site

from desk.models import Trash, TrashedPage, TrashedThing
from desk.models.trashed_thing import private_storage
from goals.models import GoalIndexPage, GoalPage
from jundiai_global.demo import pictures
from news.models import ArchiveMonth, ArticlePage, NewsCategory
from pages.models import Menu, SiteImage, StandardPage, VideoCaption, VideoFile, VideoPage
from tests.builders import ArticleFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def article(news_index):
    article = ArticleFactory(parent=news_index, title="Notícia que some", slug="some")
    article.save_revision().publish()
    return article


def delete(client, page, **data):
    return client.post(reverse("wagtailadmin_pages:delete", args=[page.pk]), data, follow=True)


def restore(client, page, parent=None):
    address = reverse("desk_trash:restore", args=[page.pk])
    parent = parent or TrashedPage.objects.get(pk=page.pk).parent
    return client.post(address, {"parent": parent.pk}, follow=True)


def shown_in_month(day) -> int:
    return sum(
        ArchiveMonth.objects.filter(
            category=None, goal=None, month=day.date().replace(day=1)
        ).values_list("count", flat=True)
    )


@pytest.fixture
def editor(client, django_user_model, home):
    """Someone who publishes and deletes, but is no superuser."""
    group = Group.objects.create(name="Quem publica")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    for codename in ("add_page", "change_page", "publish_page"):
        GroupPagePermission.objects.create(
            group=group, page=home, permission=Permission.objects.get(codename=codename)
        )
    user = django_user_model.objects.create_user("editora", password="x", is_staff=True)
    user.groups.add(group)
    client.force_login(user)
    return user


def test_the_confirmation_shows_what_leads_to_the_page(admin_client, news_index):
    contact = StandardPage.objects.get(slug="contato")
    link = f'<p><a linktype="page" id="{contact.pk}">Contato</a></p>'
    article = ArticleFactory(parent=news_index, title="Cita", body=[("paragraph", link)])
    article.save_revision().publish()
    address = reverse("wagtailadmin_pages:delete", args=[contact.pk])
    page = BeautifulSoup(admin_client.get(address).content, "html.parser")
    edit = reverse("wagtailadmin_pages:edit", args=[article.pk])
    assert page.select_one(f"main a[href='{edit}']").get_text() == "Cita"
    assert "30 dias" in page.main.get_text()
    assert Page.objects.get(pk=contact.pk).live


def test_a_deleted_page_leaves_every_public_place_at_once(admin_client, client, article):
    before = shown_in_month(article.date)
    address = article.url
    response = delete(admin_client, article)
    assert "foi para a lixeira" in response.content.decode()
    assert client.get(address).status_code == 404
    for public in (
        "/",
        "/noticias/",
        "/busca/?q=some",
        "/noticias/rss/",
        "/sitemap-noticias-1.xml",
    ):
        assert article.title not in client.get(public).content.decode()
    assert shown_in_month(article.date) == before - 1
    assert Page.find_problems() == ([], [], [], [], [])


def test_a_restored_page_is_as_it_was(admin_client, client, article):
    article.title = "Rascunho mais novo"
    article.save_revision()
    address, revision = article.url, article.latest_revision_id
    before = ArticlePage.objects.get(pk=article.pk)
    count = shown_in_month(article.date)
    delete(admin_client, article)
    restore(admin_client, article)
    after = ArticlePage.objects.get(pk=article.pk)
    assert client.get(address).status_code == 200
    assert "Notícia que some" in client.get(address).content.decode()
    for name in (
        "path",
        "slug",
        "url_path",
        "live",
        "live_revision_id",
        "has_unpublished_changes",
        "first_published_at",
        "last_published_at",
        "date",
    ):
        assert getattr(after, name) == getattr(before, name), name
    assert after.latest_revision_id == revision
    assert shown_in_month(article.date) == count
    assert after.title in client.get("/busca/?q=some").content.decode().replace(
        "<mark>", ""
    ).replace("</mark>", "")
    assert not TrashedPage.objects.exists()
    assert Page.find_problems() == ([], [], [], [], [])


def test_a_page_with_pages_below_it_goes_and_comes_with_them_in_their_order(admin_client, client):
    index = GoalIndexPage.objects.get()
    goals = list(GoalPage.objects.child_of(index).order_by("path"))
    goals[1].unpublish()
    delete(admin_client, index)
    assert client.get("/metas/").status_code == 404
    assert client.get(goals[0].url).status_code == 404
    restore(admin_client, index)
    assert client.get("/metas/").status_code == 200
    assert list(GoalPage.objects.order_by("path")) == goals
    assert [goal.live for goal in GoalPage.objects.order_by("path")] == [
        goal.pk != goals[1].pk for goal in goals
    ]


def test_a_goal_comes_back_to_its_place_among_the_others(admin_client):
    goals = list(GoalPage.objects.order_by("path"))
    delete(admin_client, goals[1])
    restore(admin_client, goals[1])
    assert list(GoalPage.objects.order_by("path")) == goals


def test_two_pages_with_the_same_address_lie_in_the_trash_and_both_come_back(
    admin_client, news_index, article
):
    delete(admin_client, article)
    news_index.refresh_from_db()
    other = ArticleFactory(parent=news_index, title="Outra", slug="some")
    other.save_revision().publish()
    delete(admin_client, other)
    restore(admin_client, article)
    restore(admin_client, other)
    slugs = ArticlePage.objects.filter(pk__in=[article.pk, other.pk]).values_list("slug", flat=True)
    assert sorted(slugs) == ["some", "some-2"]


def test_a_page_whose_place_is_gone_asks_for_another(admin_client, article, news_index):
    delete(admin_client, article)
    news_index.refresh_from_db()
    delete(admin_client, news_index)
    address = reverse("desk_trash:restore", args=[article.pk])
    assert "Não há onde pôr" in admin_client.get(address).content.decode()
    restore(admin_client, news_index)
    assert admin_client.get(address).status_code == 200
    restore(admin_client, article, news_index)
    assert ArticlePage.objects.get(pk=article.pk).live


def test_what_waited_to_happen_to_a_page_is_cancelled(admin_client, news_index):
    article = ArticleFactory(parent=news_index, title="Agendada", live=False)
    article.go_live_at = timezone.now() + timedelta(minutes=1)
    article.save_revision(approved_go_live_at=article.go_live_at)
    delete(admin_client, article)
    article.revisions.update(created_at=timezone.now())
    assert not article.revisions.filter(approved_go_live_at__isnull=False).exists()
    call_command("publish_scheduled")
    assert not Page.objects.get(pk=article.pk).live


def test_a_home_cannot_be_deleted(admin_client, home):
    response = delete(admin_client, home)
    assert "Não se exclui" in response.content.decode()
    assert Site.objects.get().root_page.live


def test_many_pages_are_deleted_at_once_with_those_below_them(admin_client, news_index):
    articles = [ArticleFactory(parent=news_index) for _number in range(3)]
    goals = GoalIndexPage.objects.get()
    chosen = [goals.pk, GoalPage.objects.first().pk, *(article.pk for article in articles)]
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"])
    query = "&".join(f"id={pk}" for pk in chosen)
    asked = admin_client.get(f"{address}?{query}")
    assert "lixeira" in asked.content.decode()
    admin_client.post(f"{address}?{query}")
    assert set(TrashedPage.objects.values_list("pk", flat=True)) == {
        goals.pk,
        *(article.pk for article in articles),
    }
    assert Page.find_problems() == ([], [], [], [], [])


def test_the_trash_lists_what_was_deleted_by_whom_and_until_when(admin_client, article, admin_user):
    assert "A lixeira está vazia" in admin_client.get(reverse("desk_trash:index")).content.decode()
    delete(admin_client, article)
    page = BeautifulSoup(admin_client.get(reverse("desk_trash:index")).content, "html.parser")
    row = page.select_one("main tbody tr").get_text(" ", strip=True)
    assert article.title in row
    assert "Jundiaí Global › Notícias" in row
    assert admin_user.get_username() in row


def test_the_list_takes_as_many_queries_for_one_as_for_twenty(
    admin_client, news_index, django_assert_max_num_queries
):
    def queries():
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        admin_client.get(reverse("desk_trash:index"))
        with CaptureQueriesContext(connection) as captured:
            assert admin_client.get(reverse("desk_trash:index")).status_code == 200
        return len(captured)

    TrashedPage.objects.put(ArticleFactory(parent=news_index))
    one = queries()
    for _number in range(19):
        news_index.refresh_from_db()
        TrashedPage.objects.put(ArticleFactory(parent=news_index))
    assert queries() == one


def test_what_lies_in_the_trash_is_in_no_list_of_the_admin(admin_client, article, news_index):
    delete(admin_client, article)
    root = Page.get_first_root_node()
    for address in (
        reverse("wagtailadmin_explore", args=[root.pk]),
        reverse("wagtailadmin_explore", args=[news_index.pk]),
        reverse("articles:index"),
        reverse("wagtailadmin_choose_page_child", args=[root.pk]),
    ):
        content = admin_client.get(address).content.decode()
        assert article.title not in content, address
        assert f">{Trash.get().title}<" not in content.split("<main", 1)[-1], address


def test_a_page_in_the_trash_is_not_edited_there(admin_client, article):
    delete(admin_client, article)
    response = admin_client.get(reverse("wagtailadmin_pages:edit", args=[article.pk]))
    assert response.url == reverse("desk_trash:restore", args=[article.pk])


def test_an_editor_restores_what_was_deleted_but_does_not_delete_for_good(client, editor, article):
    delete(client, article)
    assert client.get(reverse("desk_trash:index")).status_code == 200
    purge = reverse("desk_trash:purge", args=[article.pk])
    assert client.post(purge).status_code == 302
    assert Page.objects.filter(pk=article.pk).exists()
    restore(client, article)
    assert ArticlePage.objects.get(pk=article.pk).live


def test_who_works_on_no_page_sees_no_trash(client, django_user_model, article):
    user = django_user_model.objects.create_user("outra", password="x")
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    client.force_login(user)
    TrashedPage.objects.put(article)
    for name, args in (("index", []), ("restore", [article.pk]), ("purge", [article.pk])):
        client.post(reverse(f"desk_trash:{name}", args=args))
        assert TrashedPage.objects.filter(pk=article.pk).exists()
        response = client.get(reverse(f"desk_trash:{name}", args=args))
        assert response.status_code in (302, 403)


def test_deleting_for_good_removes_the_page(admin_client, article):
    delete(admin_client, article)
    purge = reverse("desk_trash:purge", args=[article.pk])
    assert "não podem ser restauradas" in admin_client.get(purge).content.decode()
    admin_client.post(purge)
    assert not Page.objects.filter(pk=article.pk).exists()


def test_the_command_deletes_only_what_has_been_there_for_thirty_days(news_index):
    old, new = (TrashedPage.objects.put(ArticleFactory(parent=news_index)) for _number in range(2))
    TrashedPage.objects.filter(pk=old.pk).update(deleted_at=timezone.now() - timedelta(days=31))
    call_command("empty_trash", verbosity=0)
    call_command("empty_trash", verbosity=0)
    assert not Page.objects.filter(pk=old.pk).exists()
    assert list(TrashedPage.objects.all()) == [new]


def test_the_history_says_who_deleted_and_restored(admin_client, admin_user, article):
    delete(admin_client, article)
    restore(admin_client, article)
    entries = PageLogEntry.objects.filter(page=article.pk, action__startswith="desk.")
    assert {(entry.action, entry.user) for entry in entries} == {
        ("desk.trash", admin_user),
        ("desk.restore", admin_user),
    }
    history = reverse("wagtailadmin_pages:history", args=[article.pk])
    assert "Restaurou da lixeira" in admin_client.get(history).content.decode()


def test_old_addresses_lead_to_a_restored_page(
    admin_client, client, article, django_capture_on_commit_callbacks
):
    article = ArticlePage.objects.get(pk=article.pk)
    article.slug = "nome-novo"
    with django_capture_on_commit_callbacks(execute=True):
        article.save_revision().publish()
    assert client.get("/noticias/some/").status_code == 301
    delete(admin_client, article)
    assert client.get("/noticias/some/").status_code == 404
    restore(admin_client, article)
    assert client.get("/noticias/some/", follow=True).redirect_chain[-1][0].endswith("/nome-novo/")


# Things that are no pages -----------------------------------------------------------------------


@pytest.fixture
def image(admin_client):
    address = reverse("wagtailimages:add")
    file = pictures.sample_file("Foto", "foto-que-some.jpg")
    data = {
        "title": "Foto que some",
        "file": SimpleUploadedFile("foto-que-some.jpg", file.read(), "image/jpeg"),
        "description": "Uma foto",
        "tags": "Jundiaí, foto",
        "shows_people": "False",
        "collection": Collection.get_first_root_node().pk,
    }
    assert admin_client.post(address, data).status_code == 302
    return SiteImage.objects.get(title="Foto que some")


def delete_thing(client, name, thing):
    return client.post(reverse(f"{name}:delete", args=[thing.pk]), follow=True)


def restore_thing(client, title):
    record = TrashedThing.objects.get(title=title)
    return client.post(reverse("desk_trash:restore_thing", args=[record.pk]), follow=True)


def test_a_deleted_image_leaves_the_site_with_its_file_and_comes_back_to_its_pages(
    admin_client, client, news_index, image, django_capture_on_commit_callbacks
):
    article = ArticleFactory(parent=news_index, title="Com capa", cover=image)
    name, storage = image.file.name, image.file.storage
    content = storage.open(name).read()
    with django_capture_on_commit_callbacks(execute=True):
        delete_thing(admin_client, "wagtailimages", image)
    assert not SiteImage.objects.filter(pk=image.pk).exists()
    assert not storage.exists(name)
    assert ArticlePage.objects.get(pk=article.pk).cover is None
    with django_capture_on_commit_callbacks(execute=True):
        restore_thing(admin_client, "Foto que some")
    restored = SiteImage.objects.get(pk=image.pk)
    assert restored.file.name == name
    assert storage.open(name).read() == content
    assert {tag.name for tag in restored.tags.all()} == {"Jundiaí", "foto"}
    assert restored.description == "Uma foto"
    assert ArticlePage.objects.get(pk=article.pk).cover == restored
    assert client.get(article.url).status_code == 200
    assert not TrashedThing.objects.exists()


def test_a_menu_comes_back_with_its_entries_and_a_category_with_its_articles(admin_client):
    menu = Menu.objects.filter(location="main").first()
    entries = [(item.label, item.page_id, item.url) for item in menu.items.all()]
    category = NewsCategory.objects.filter(articles__isnull=False).first()
    articles = set(category.articles.values_list("pk", flat=True))
    delete_thing(admin_client, "wagtailsnippets_pages_menu", menu)
    delete_thing(admin_client, "wagtailsnippets_news_newscategory", category)
    assert not Menu.objects.filter(pk=menu.pk).exists()
    restore_thing(admin_client, str(menu))
    restore_thing(admin_client, str(category))
    restored = Menu.objects.get(pk=menu.pk)
    assert [(item.label, item.page_id, item.url) for item in restored.items.all()] == entries
    again = NewsCategory.objects.get(pk=category.pk)
    assert set(again.articles.values_list("pk", flat=True)) == articles


def test_a_video_file_comes_back_with_its_captions(
    admin_client, django_capture_on_commit_callbacks
):
    video = VideoFile.objects.create(title="Some", file=ContentFile(b"video", "some.mp4"))
    caption = ContentFile(b"WEBVTT", "some.vtt")
    VideoCaption.objects.create(video_file=video, language="pt-br", file=caption)
    VideoPage.objects.update(video_file=video)
    captions = [(each.language, each.file.read()) for each in video.captions.all()]
    assert captions == [("pt-br", b"WEBVTT")]
    with django_capture_on_commit_callbacks(execute=True):
        delete_thing(admin_client, "wagtailsnippets_pages_videofile", video)
    with django_capture_on_commit_callbacks(execute=True):
        restore_thing(admin_client, str(video))
    restored = VideoFile.objects.get(pk=video.pk)
    assert [(each.language, each.file.read()) for each in restored.captions.all()] == captions
    assert VideoPage.objects.filter(video_file=restored).exists()


def test_the_trash_lists_things_and_forgets_them_after_thirty_days(
    admin_client, image, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        delete_thing(admin_client, "wagtailimages", image)
    page = BeautifulSoup(admin_client.get(reverse("desk_trash:things")).content, "html.parser")
    assert "Foto que some" in page.select_one("main tbody tr").get_text()
    record = TrashedThing.objects.get()
    (kept,) = record.files.values()
    assert private_storage().exists(kept)
    TrashedThing.objects.update(deleted_at=timezone.now() - timedelta(days=31))
    with django_capture_on_commit_callbacks(execute=True):
        call_command("empty_trash", verbosity=0)
    assert not TrashedThing.objects.exists()
    assert not private_storage().exists(kept)


def test_a_thing_whose_place_is_taken_is_refused_with_a_message(admin_client):
    category = NewsCategory.objects.first()
    title = str(category)
    delete_thing(admin_client, "wagtailsnippets_news_newscategory", category)
    NewsCategory.objects.create(pk=category.pk, name="Outro", slug="outro", locale=category.locale)
    assert "não pode voltar" in restore_thing(admin_client, title).content.decode()
    assert TrashedThing.objects.exists()


def test_what_a_program_deletes_is_not_kept(db):
    NewsCategory.objects.filter(articles__isnull=True).delete()
    SiteImage.objects.first().delete()
    assert not TrashedThing.objects.exists()


def test_an_editor_sees_only_things_of_kinds_that_the_editor_makes(client, editor, admin_user):
    category = NewsCategory.objects.first()
    TrashedThing.objects.keep(category, admin_user)
    assert str(category) not in client.get(reverse("desk_trash:things")).content.decode()
    editor.user_permissions.add(Permission.objects.get(codename="add_newscategory"))
    client.force_login(type(editor).objects.get(pk=editor.pk))
    assert str(category) in client.get(reverse("desk_trash:things")).content.decode()
