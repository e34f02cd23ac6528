"""What waits for each editor, on the admin's first page and in whole lists."""

import re
from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group, Permission
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.images import get_image_model
from wagtail.models import (
    Collection,
    GroupApprovalTask,
    GroupCollectionPermission,
    GroupPagePermission,
    Page,
    Workflow,
    WorkflowTask,
)

from desk.dashboard.work_lists import SHOWN_FIRST, WORK_LISTS
from desk.links.collect import collect_all, store
from desk.links.internal import check_chosen
from desk.models import Link, LinkPlace, LinkUse, PageReview, Problem
from jundiai_global.demo import many
from pages.models import Menu, MenuItem, VideoCaption, VideoFile
from tests.builders import ArticleFactory, StandardPageFactory, VideoPageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(django_user_model):
    """Makes people who may change what is below a page, and nothing else."""

    def make(name, *pages, codename="change_page"):
        group = Group.objects.create(name=f"Grupo de {name}")
        group.permissions.add(Permission.objects.get(codename="access_admin"))
        permission = Permission.objects.get(codename=codename)
        for page in pages:
            GroupPagePermission.objects.create(group=group, page=page, permission=permission)
        user = django_user_model.objects.create_user(name)
        user.groups.add(group)
        return user

    return make


@pytest.fixture
def redator(person, home):
    return person("redator", home)


@pytest.fixture
def empty_desk(db):
    """No sample leaves anything to do."""
    get_image_model().objects.update(credit="Assessoria")
    Page.objects.filter(pk__in=Page.objects.type(VideoPageFactory._meta.model)).update(live=False)
    Page.objects.update(has_unpublished_changes=False)


def desk_of(client, user) -> dict[str, BeautifulSoup]:
    """The lists that ``user`` finds on the first page, by their headings."""
    client.force_login(user)
    answer = client.get("/admin/")
    assert answer.status_code == 200
    page = BeautifulSoup(answer.content, "html.parser")
    found = {}
    for section in page.select(".desk__list"):
        heading = " ".join(section.select_one(".desk__heading").get_text(" ").split())
        found[re.sub(r" \(.*", "", heading)] = section
    return found


def titles(section) -> list[str]:
    return [link.get_text(strip=True) for link in section.select(".desk__items a")]


def rows(client, name, query="") -> list[str]:
    """The titles in a whole list."""
    answer = client.get(f"/admin/mesa/{name}/{query}")
    assert answer.status_code == 200
    page = BeautifulSoup(answer.content, "html.parser")
    return [link.get_text(strip=True) for link in page.select("td.title a")]


def overdue(page, responsible=None, days=200):
    PageReview.objects.filter(page=page).update(
        reviewed_on=timezone.localdate() - timedelta(days=days), responsible=responsible
    )


def broken_link(page, text="Velho", address="https://www.example.org/velho"):
    page.body = [("paragraph", f'<p><a href="{address}">{text}</a></p>')]
    page.save()
    store([page])
    Link.objects.filter(address=address).update(
        state=Link.State.BROKEN, problem=Problem.GONE, status=404, failing_since="2026-01-05"
    )


# The first page --------------------------------------------------------------------------------


def test_an_empty_desk_says_that_nothing_waits(client, redator, empty_desk):
    assert desk_of(client, redator) == {}
    assert "Nada espera por você." in client.get("/admin/").content.decode()


def test_the_first_page_is_in_portuguese_and_has_headings_and_lists(client, redator, home):
    page = StandardPageFactory(parent=home, title="Velha", slug="velha")
    overdue(page)
    section = desk_of(client, redator)["Páginas a revisar"]
    assert section.name == "section"
    heading = section.select_one("h3")
    assert section["aria-labelledby"] == heading["id"]
    assert section.select("ul > li")
    shown = client.get("/admin/").content.decode()
    assert "Recent edits" not in shown
    assert 'class="w-summary"' not in shown


def test_only_the_beginning_of_a_list_is_shown_with_the_whole_number(client, redator, home):
    for number in range(SHOWN_FIRST + 2):
        page = StandardPageFactory(parent=home, title=f"Velha {number}", slug=f"velha-{number}")
        overdue(page)
    section = desk_of(client, redator)["Páginas a revisar"]
    assert len(titles(section)) == SHOWN_FIRST
    assert f"({SHOWN_FIRST + 2})" in section.select_one(".desk__heading").get_text()
    whole = section.select_one(".desk__all a")
    assert "Páginas a revisar" in whole.get_text(), "links are told apart by their texts"
    assert client.get(whole["href"]).status_code == 200


def test_drafts_are_those_that_the_editor_touched_last(client, redator, admin_user, news_index):
    for user, title in ((redator, "Do redator"), (admin_user, "De outra pessoa")):
        article = ArticleFactory(parent=news_index, title=title)
        article.save_revision(user=user)
    found = desk_of(client, redator)["Seus rascunhos"]
    assert titles(found) == ["Do redator"]
    assert "publicada, com mudanças por publicar" in found.get_text()


def test_a_scheduled_page_is_told_with_its_moment_and_is_no_draft(client, redator, news_index):
    article = ArticleFactory(parent=news_index, title="Para amanhã", live=False)
    article.go_live_at = timezone.now() + timedelta(days=1)
    article.save_revision(user=redator).publish()
    found = desk_of(client, redator)
    assert titles(found["Publicação agendada"]) == ["Para amanhã"]
    moment = timezone.localtime(article.go_live_at)
    assert f"{moment:%d/%m/%Y}" in found["Publicação agendada"].get_text()
    assert "Seus rascunhos" not in found


def test_pages_that_expire_soon_are_told(client, redator, news_index):
    now = timezone.now()
    for title, days, live in (
        ("Logo", 29, True), ("Depois", 31, True), ("Fora do ar", 3, False)
    ):  # fmt: skip
        ArticleFactory(
            parent=news_index, title=title, expire_at=now + timedelta(days=days), live=live
        )
    assert titles(desk_of(client, redator)["Saem do ar em até 30 dias"]) == ["Logo"]


def test_pages_to_review_are_told_ones_own_first(client, redator, admin_user, home):
    for number, (title, responsible, days) in enumerate(
        [("De ninguém", None, 400), ("De outra", admin_user, 300), ("Minha", redator, 200)]
    ):
        page = StandardPageFactory(parent=home, title=title, slug=f"p{number}")
        overdue(page, responsible, days)
    found = desk_of(client, redator)["Páginas a revisar"]
    assert titles(found) == ["Minha", "De ninguém", "De outra"]
    assert "sem pessoa responsável" in found.get_text()


def test_broken_links_are_told_with_the_page_and_the_way_to_mend_them(client, redator, home):
    page = StandardPageFactory(parent=home, title="Com link", slug="com-link")
    broken_link(page)
    found = desk_of(client, redator)["Links quebrados"]
    assert titles(found) == ["Velho"]
    assert found.select_one(".desk__items a")["href"] == f"/admin/pages/{page.pk}/edit/"
    assert "em “Com link”: O outro site diz que esta página não existe (404)." in found.get_text()


def test_images_without_credit_are_told_to_those_who_may_change_them(
    client, redator, admin_user, empty_desk
):
    get_image_model().objects.create(
        title="Sem nome", description="x", file="x.png", width=1, height=1
    )
    assert titles(desk_of(client, admin_user)["Imagens sem crédito"]) == ["Sem nome"]
    assert "Imagens sem crédito" not in desk_of(client, redator)
    group = redator.groups.get()
    for codename in ("change_image", "change_siteimage"):
        permission = Permission.objects.filter(codename=codename).first()
        if permission:
            GroupCollectionPermission.objects.create(
                group=group, collection=Collection.get_first_root_node(), permission=permission
            )
    assert titles(desk_of(client, redator)["Imagens sem crédito"]) == ["Sem nome"]


def test_videos_are_told_with_what_they_lack(client, redator, video_index, empty_desk):
    silent = VideoFile.objects.create(title="Mudo", file="videos/mudo.mp4")
    told = VideoFile.objects.create(title="Com legendas", file="videos/legendas.mp4")
    for language in ("pt-br", "en"):
        VideoCaption.objects.create(video_file=told, language=language, file="videos/x.vtt")
    text = "<p>O que se fala.</p>"
    blank = '<p data-block-key="a1b2c"></p>'
    for title, file, transcript in (
        ("Nada", silent, ""),
        ("Só transcrição", silent, text),
        ("Só legendas", told, blank),
        ("Inteiro", told, text),
    ):
        VideoPageFactory(parent=video_index, title=title, video_file=file, transcript=transcript)
    found = desk_of(client, redator)["Vídeos sem legendas ou sem transcrição"]
    notes = {
        item.a.get_text(strip=True): item.select_one(".desk__note").get_text(strip=True)
        for item in found.select("li")
    }
    assert notes == {
        "Nada": "falta: legendas e transcrição",
        "Só transcrição": "falta: legendas",
        "Só legendas": "falta: transcrição",
    }


# Approval --------------------------------------------------------------------------------------


@pytest.fixture
def approval(person, home):
    """A workflow with one step, and the person who decides there."""
    decider = person("decisora", home)
    task = GroupApprovalTask.objects.create(name="Leitura")
    task.groups.set(decider.groups.all())
    workflow = Workflow.objects.create(name="Aprovação")
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=1)
    return workflow, decider


def test_what_was_sent_waits_for_the_one_who_decides(client, approval, redator, news_index):
    workflow, decider = approval
    article = ArticleFactory(parent=news_index, title="Para ler", live=False)
    article.save_revision(user=redator)
    workflow.start(article, redator)
    found = desk_of(client, decider)["Esperam a sua aprovação"]
    assert titles(found) == ["Para ler"]
    assert "redator" in found.get_text()
    sent = desk_of(client, redator)
    assert "Esperam a sua aprovação" not in sent
    assert titles(sent["Enviadas por você para aprovação"]) == ["Para ler"]
    assert "espera por “Leitura”" in sent["Enviadas por você para aprovação"].get_text()
    assert "Seus rascunhos" not in sent, "it is told once"


def test_what_came_back_is_told_first_to_the_one_who_sent_it(client, approval, redator, news_index):
    workflow, decider = approval
    for title in ("Ainda lá", "Devolvida"):
        article = ArticleFactory(parent=news_index, title=title, live=False)
        article.save_revision(user=redator)
        state = workflow.start(article, redator)
    state.current_task_state.reject(user=decider, comment="Falta a data")
    found = desk_of(client, redator)["Enviadas por você para aprovação"]
    assert titles(found) == ["Devolvida", "Ainda lá"]
    assert "devolvida para ajustes" in found.get_text()
    client.force_login(redator)
    assert "Falta a data" in client.get("/admin/mesa/enviadas/").content.decode()


# Who sees what ---------------------------------------------------------------------------------


def test_each_editor_sees_only_what_is_his_to_mend(client, person, home, news_index, video_index):
    of_news, of_videos = person("noticias", news_index), person("videos", video_index)
    article = ArticleFactory(
        parent=news_index, title="Some logo", expire_at=timezone.now() + timedelta(days=3)
    )
    broken_link(article)
    page = StandardPageFactory(parent=home, title="Velha", slug="velha")
    overdue(page)
    seen = desk_of(client, of_news)
    assert titles(seen["Saem do ar em até 30 dias"]) == ["Some logo"]
    assert titles(seen["Links quebrados"]) == ["Velho"]
    assert "Páginas a revisar" not in seen
    assert rows(client, "links-quebrados") == ["Velho"]
    seen = desk_of(client, of_videos)
    assert not {"Saem do ar em até 30 dias", "Links quebrados", "Páginas a revisar"} & set(seen)
    assert rows(client, "links-quebrados") == []


def test_whoever_may_only_add_pages_sees_his_own(client, person, news_index):
    author = person("autora", news_index, codename="add_page")
    soon = timezone.now() + timedelta(days=3)
    ArticleFactory(parent=news_index, title="Minha", owner=author, expire_at=soon)
    ArticleFactory(parent=news_index, title="Alheia", expire_at=soon)
    assert titles(desk_of(client, author)["Saem do ar em até 30 dias"]) == ["Minha"]


def test_broken_links_of_menus_are_told_to_those_who_may_change_menus(
    client, redator, admin_user, home
):
    target = StandardPageFactory(parent=home, title="Destino", slug="destino", live=False)
    menu = Menu.objects.get(location="main", locale=home.locale)
    menu.items.add(MenuItem(page=target, label="Destino"))
    menu.save()
    collect_all()
    check_chosen(Link.objects.all())
    client.force_login(admin_user)
    shown = client.get("/admin/mesa/links-quebrados/").content.decode()
    assert f"/admin/snippets/pages/menu/edit/{menu.pk}/" in shown
    assert f"Menu: {menu.title}" in shown
    client.force_login(redator)
    assert rows(client, "links-quebrados") == []


def test_somebody_without_any_page_is_kept_out_of_the_lists_of_pages(client, person):
    client.force_login(person("ninguem"))
    assert client.get("/admin/").status_code == 200
    for shown in WORK_LISTS:
        if not shown.is_personal:
            assert client.get(f"/admin/mesa/{shown.name}/").status_code == 302, shown.name


# The whole lists -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [shown.name for shown in WORK_LISTS])
def test_every_list_opens_empty_or_not_and_as_a_spreadsheet(admin_client, name):
    page = admin_client.get(f"/admin/mesa/{name}/")
    assert page.status_code == 200
    assert admin_client.get(f"/admin/mesa/{name}/resultados/?p=99").status_code == 200
    csv = admin_client.get(f"/admin/mesa/{name}/?export=csv")
    assert csv.status_code == 200
    b"".join(csv.streaming_content)
    assert admin_client.get(f"/admin/mesa/{name}/?export=xlsx").status_code == 200


def test_the_shared_lists_are_in_the_menu_of_reports(client, redator):
    client.force_login(redator)
    shown = client.get("/admin/").content.decode()
    assert "/admin/mesa/links-quebrados/" in shown
    assert "/admin/mesa/a-revisar/" in shown
    assert "/admin/mesa/imagens-sem-credito/" not in shown, "he may not change images"


def test_broken_links_are_filtered_and_others_are_shown_when_asked_for(client, redator, home):
    client.force_login(redator)
    page = StandardPageFactory(parent=home, title="Página", slug="com-links")
    broken_link(page)
    other = StandardPageFactory(parent=home, title="Outra", slug="com-outros")
    broken_link(other, "Suspeito", "https://www.example.org/suspeito")
    Link.objects.filter(address__endswith="suspeito").update(
        state=Link.State.SUSPECT, problem=Problem.TIMEOUT
    )
    assert rows(client, "links-quebrados") == ["Velho"]
    assert rows(client, "links-quebrados", "?state=suspect") == ["Suspeito"]
    assert rows(client, "links-quebrados", "?problem=gone") == ["Velho"]
    assert rows(client, "links-quebrados", "?problem=timeout") == []
    assert rows(client, "links-quebrados", "?kind=page") == []
    assert rows(client, "links-quebrados", "?state=tudo&kind=xyz&p=-3") == ["Velho"]


def test_reviews_are_filtered_by_the_person_who_answers(client, redator, admin_user, home):
    for title, responsible in (("Minha", redator), ("De ninguém", None)):
        page = StandardPageFactory(parent=home, title=title, slug=title[:2].lower())
        overdue(page, responsible)
    client.force_login(admin_user)
    assert rows(client, "a-revisar", f"?responsible={redator.pk}") == ["Minha"]
    assert rows(client, "a-revisar", "?responsible=null") == ["De ninguém"]


def test_the_spreadsheet_says_what_the_list_says_and_runs_no_formula(client, redator, home):
    page = StandardPageFactory(parent=home, title="=Página", slug="formula")
    broken_link(page, "=HYPERLINK(1)")
    client.force_login(redator)
    text = b"".join(client.get("/admin/mesa/links-quebrados/?export=csv").streaming_content)
    head, line = text.decode().splitlines()
    assert head.startswith("Texto do link,Onde,Leva a,O que há,Desde")
    assert line.startswith("'=HYPERLINK(1),'=Página,https://www.example.org/velho,")
    assert "05/01/2026" in line
    assert f"/admin/pages/{page.pk}/edit/" in line
    answer = client.get("/admin/mesa/links-quebrados/?export=xlsx")
    book = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))
    cell = book.active["A2"]
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")


# What it costs ---------------------------------------------------------------------------------


def fill(news_index, home, redator, count, first=0):
    """``count`` things in each list that has no samples."""
    soon = timezone.now() + timedelta(days=2)
    for number in range(first, first + count):
        slug = f"cheia-{number}"
        article = ArticleFactory(parent=news_index, slug=slug, expire_at=soon)
        broken_link(article, address=f"https://www.example.org/{number}")
        article.save_revision(user=redator)
        later = ArticleFactory(parent=news_index, slug=f"{slug}-depois", live=False)
        later.go_live_at = soon
        later.save_revision(user=redator).publish()
        page = StandardPageFactory(parent=home, title=slug, slug=slug)
        overdue(page, redator)
        get_image_model().objects.create(
            title=slug, description="x", file="x.png", width=1, height=1
        )


def queries(client, address) -> int:
    for cache in caches.all():
        cache.clear()
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_the_first_page_and_the_lists_cost_the_same_for_many_things_as_for_few(
    client, redator, admin_user, news_index, home
):
    fill(news_index, home, redator, SHOWN_FIRST + 1)
    for user in (redator, admin_user):
        lists = [f"/admin/mesa/{shown.name}/" for shown in WORK_LISTS if shown.is_for(user)]
        addresses = ["/admin/", *lists]
        client.force_login(user)
        for address in addresses:
            client.get(address)
        few = {address: queries(client, address) for address in addresses}
        first = SHOWN_FIRST + 1 if user == redator else 20
        fill(news_index, home, redator, 10, first=first)
        assert {address: queries(client, address) for address in addresses} == few


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="plans are PostgreSQL's")
def test_the_first_page_reads_no_large_table_whole(client, redator, news_index, home, monkeypatch):
    monkeypatch.setattr(many.Newsroom, "make_known", lambda self: None)
    call_command("make_articles", 5000, verbosity=0)
    image = get_image_model()
    image.objects.bulk_create(
        image(title="x", description="x", credit="x", file="x.png", width=1, height=1)
        for _number in range(5000)
    )
    news_index.refresh_from_db()
    fill(news_index, home, redator, SHOWN_FIRST + 1)
    collect_all()
    kind = Link.Kind.EXTERNAL
    addresses = [f"https://{number}.example.org/" for number in range(5000)]
    links = Link.objects.bulk_create(
        Link(kind=kind, address=address, digest=Link.digest_of(kind, address, None))
        for address in addresses
    )
    LinkUse.objects.bulk_create(
        LinkUse(place=place, link=link)
        for place, link in zip(LinkPlace.objects.all(), links, strict=False)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        # As on an SSD. The default is that of a spinning disk, and reads small tables whole.
        cursor.execute("SET LOCAL random_page_cost = 1.1")
    client.force_login(redator)
    with CaptureQueriesContext(connection) as captured:
        assert client.get("/admin/").status_code == 200
    large = (
        "news_articlepage|wagtailcore_page|pages_siteimage|desk_linkuse|desk_link|desk_linkplace"
    )
    slow = []
    with connection.cursor() as cursor:
        for query in captured.captured_queries:
            if query["sql"].startswith("SELECT"):
                cursor.execute(f"EXPLAIN {query['sql']}")
                plan = "\n".join(row[0] for row in cursor)
                if re.search(rf"Seq Scan on ({large})\b", plan):
                    slow.append(f"{query['sql']}\n{plan}")
    assert LinkUse.objects.count() > 1000
    assert not slow, "\n\n".join(slow)
