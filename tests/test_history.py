"""Who did what and when, whichever way they did it."""

import csv
import re
from collections import Counter
from io import BytesIO, StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook
from PIL import Image
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.log_actions import LogContext, log
from wagtail.models import Collection, ModelLogEntry, Workflow

from news.models import NewsCategory
from tests.builders import NewsCategoryFactory, PersonFactory, StandardPageFactory

pytestmark = pytest.mark.django_db

REPORT = "/admin/reports/site-history/"


@pytest.fixture
def chief(client):
    """An administrator who is signed in with ``client``."""
    person = PersonFactory(role="Administração", first_name="Célia", last_name="Chefe")
    client.force_login(person)
    return person


def picture(name="foto.png"):
    buffer = BytesIO()
    Image.new("RGB", (20, 20), "#5a1746").save(buffer, "PNG")
    return SimpleUploadedFile(name, buffer.getvalue(), "image/png")


def entries(instance, **fields):
    return list(
        ModelLogEntry.objects.for_instance(instance).filter(**fields).values_list("action", "user")
    )


def test_a_file_uploaded_among_several_is_in_the_history(client, chief):
    answer = client.post(
        "/admin/documents/multiple/add/",
        {"files[]": SimpleUploadedFile("lei.txt", b"Lei"), "collection": 1, "title": "Lei nova"},
        headers={"x-requested-with": "XMLHttpRequest"},
    )
    assert answer.json()["success"]
    document = get_document_model().objects.latest("pk")
    assert entries(document) == [("wagtail.create", chief.pk)]


def test_an_image_uploaded_from_a_page_is_in_the_history(client, chief):
    client.post(
        "/admin/images/chooser/create/",
        {
            "image-chooser-upload-title": "Comitiva",
            "image-chooser-upload-file": picture(),
            "image-chooser-upload-description": "Pessoas numa sala",
            "image-chooser-upload-collection": 1,
            "image-chooser-upload-shows_people": "False",
        },
    )
    image = get_image_model().objects.get(title="Comitiva")
    assert entries(image) == [("wagtail.create", chief.pk)]


def test_what_a_form_changes_is_written_once(client, chief):
    category = NewsCategoryFactory()
    base = "/admin/snippets/news/newscategory"
    client.post(f"{base}/edit/{category.pk}/", {"name": "Outro nome", "slug": category.slug})
    category.refresh_from_db()
    assert category.name == "Outro nome"
    assert entries(category) == [("wagtail.edit", chief.pk)]
    client.post(f"{base}/delete/{category.pk}/")
    assert not NewsCategory.objects.filter(pk=category.pk).exists()
    (entry,) = ModelLogEntry.objects.filter(
        object_id=str(category.pk), action="wagtail.delete", label="Outro nome"
    )
    assert entry.user == chief


def test_what_is_done_to_many_rows_at_once_is_in_the_history_of_each(client, chief):
    people = PersonFactory.create_batch(2)
    ids = "&".join(f"id={person.pk}" for person in people)
    base = "/admin/bulk/auth/user"
    role = Group.objects.get(name="Redação")
    client.post(f"{base}/assign_role/?{ids}", {"role": role.pk})
    for person in people:
        assert person.groups.get() == role
        assert entries(person) == [("wagtail.edit", chief.pk)]
    client.post(f"{base}/set_active_state/?{ids}", {"mark_as_active": "False"})
    for person in people:
        assert entries(person) == [("wagtail.edit", chief.pk)] * 2
    client.post(f"{base}/delete/?{ids}")
    for person in people:
        deleted = ModelLogEntry.objects.filter(
            object_id=str(person.pk), action="wagtail.delete", user=chief
        )
        assert [entry.label for entry in deleted] == [person.username]


def test_images_deleted_together_are_in_the_history(client, chief):
    image = get_image_model().objects.create(
        title="Sobra", file=picture(), width=20, height=20, description="Uma cor"
    )
    client.post(f"/admin/bulk/pages/siteimage/delete/?id={image.pk}")
    assert not get_image_model().objects.filter(pk=image.pk).exists()
    (entry,) = ModelLogEntry.objects.filter(object_id=str(image.pk), label="Sobra")
    assert (entry.action, entry.user, entry.deleted) == ("wagtail.delete", chief, True)


def test_settings_groups_and_people_are_in_the_history(client, chief):
    workflow = Workflow.objects.get(active=True)
    client.post(f"/admin/workflows/disable/{workflow.pk}/")
    workflow.refresh_from_db()
    assert not workflow.active
    assert entries(workflow) == [("wagtail.edit", chief.pk)]

    group = Group.objects.create(name="Convidados")
    client.post(f"/admin/groups/delete/{group.pk}/")
    assert ModelLogEntry.objects.filter(label="Convidados", action="wagtail.delete", user=chief)

    collection = Collection.objects.get(depth=1).add_child(name="Reservada")
    client.post(
        f"/admin/collections/{collection.pk}/privacy/",
        {"restriction_type": "login", "password": ""},
    )
    assert collection.view_restrictions.exists()
    assert entries(collection) == [("wagtail.edit", chief.pk)]


def test_imported_redirects_are_in_the_history(client, chief):
    rows = "antigo,novo\n/velho,https://example.org/novo\n"
    shown = client.post(
        "/admin/redirects/import/",
        {"import_file": SimpleUploadedFile("r.csv", rows.encode(), "text/csv"), "input_format": 0},
    ).content.decode()
    signed = dict(re.findall(r'name="(import_file_name|input_format)" value="([^"]+)"', shown))
    client.post(
        "/admin/redirects/import/process/",
        {
            **signed,
            "from_index": 0,
            "to_index": 1,
            "permanent": "on",
            "site": "",
        },
    )
    redirect = Redirect.objects.get(old_path="/velho")
    assert entries(redirect) == [("wagtail.create", chief.pk)]


def test_a_request_that_fails_leaves_no_trace(client, chief):
    count = ModelLogEntry.objects.count()
    client.post("/admin/snippets/news/newscategory/add/", {"name": "", "slug": ""})
    client.get("/admin/snippets/news/newscategory/")
    assert ModelLogEntry.objects.count() == count


def many_entries(person, count):
    """Things done to all kinds of objects, ``count`` to each."""
    from pages.models import HomePage

    home = HomePage.objects.get(locale__language_code="pt-br")
    with LogContext(user=person):
        for number in range(count):
            page = StandardPageFactory(parent=home, title=f"P{number}", slug=f"p{number}-{count}")
            image = get_image_model().objects.create(
                title=f"I{number}", file=picture(), width=20, height=20
            )
            objects = (
                page,
                image,
                NewsCategoryFactory(),
                PersonFactory(),
                Redirect.add_redirect(f"/r{number}-{count}", page),
            )
            for instance in objects:
                log(instance, "wagtail.create")


def test_the_report_takes_the_same_queries_for_many_entries(client, chief):
    def queries():
        client.get(REPORT)
        with CaptureQueriesContext(connection) as context:
            assert client.get(REPORT).status_code == 200
        return Counter(
            re.sub(r"\d[\d, ]*", "?", query["sql"]) for query in context.captured_queries
        )

    many_entries(chief, 1)
    few = queries()
    many_entries(chief, 8)
    many = queries()
    assert many.total() <= few.total(), many - few


def test_the_report_says_in_portuguese_who_did_what(client, chief):
    many_entries(chief, 1)
    shown = client.get(REPORT).content.decode()
    assert "Histórico do site" in shown
    assert "Célia Chefe" in shown
    assert "Criado" in shown or "Criada" in shown


def test_the_report_is_exported_as_csv_and_xlsx_with_portuguese_headings(client, chief):
    many_entries(chief, 1)
    answer = client.get(REPORT, {"export": "csv"})
    assert "historico-" in answer.headers["Content-Disposition"]
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    heading, *rows = csv.reader(StringIO(text))
    assert not {"Name", "Type", "Action type", "User", "Date/Time"} & set(heading)
    assert any("Célia Chefe" in row for row in rows)

    answer = client.get(REPORT, {"export": "xlsx"})
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    sheet = load_workbook(BytesIO(content)).active
    assert [cell.value for cell in next(sheet.iter_rows())] == heading


@pytest.mark.parametrize(("role", "sees_people"), [("Edição", False), ("Administração", True)])
def test_who_sees_what_of_the_history(client, chief, role, sees_people):
    many_entries(chief, 1)
    client.force_login(PersonFactory(role=role))
    shown = client.get(REPORT).content.decode()
    assert "P0" in shown
    assert "I0" in shown
    assert ("pessoa-" in shown) is sees_people


def test_writers_have_neither_the_report_nor_its_menu_entry(client):
    client.force_login(PersonFactory(role="Redação"))
    assert client.get(REPORT).status_code == 302
    assert REPORT not in client.get("/admin/").content.decode()


def test_entries_outlive_the_person_who_made_them(client, chief):
    leaver = PersonFactory(role="Edição")
    category = NewsCategoryFactory(name="Assunto guardado")
    with LogContext(user=leaver):
        log(category, "wagtail.edit")
    leaver.delete()
    shown = client.get(REPORT).content.decode()
    assert "Assunto guardado" in shown
