"""Each role can do all of its work, and nothing of another's."""

from copy import deepcopy
from datetime import timedelta
from io import BytesIO

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone, translation
from PIL import Image
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import (
    Collection,
    Locale,
    Page,
    Site,
    Task,
    TaskState,
    Workflow,
)
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from contact.models import ContactMessage, DataOfficer
from desk.models import TrashedPage
from news.models import NewsCategory
from pages.models import Menu, SiteIdentity, StandardPage, VideoFile
from search.models import PromotedResult
from tests.admin_addresses import Stage, addresses, admin_names
from tests.builders import NewsCategoryFactory, PersonFactory, StandardPageFactory

# What no database decides.
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

R, E, A = "Redação", "Edição", "Administração"
ALL = frozenset({R, E, A})
EDITORS = frozenset({E, A})
ADMINISTRATORS = frozenset({A})
NOBODY = frozenset()
NAMES = (R, E, A)
#: What a table has at the end of a form's data, for the parts that it does not fill.
NO_COMMENTS = {"comments-TOTAL_FORMS": 0, "comments-INITIAL_FORMS": 0}


@pytest.fixture(scope="module")
def built_stage(django_db_setup, django_db_blocker):
    """Built once: each test takes back what it did itself, to where the stage stands."""
    with django_db_blocker.unblock(), translation.override("pt-br"), transaction.atomic():
        yield Stage()
        transaction.set_rollback(True)


@pytest.fixture
def stage(built_stage, db):
    return deepcopy(built_stage)


# What they do ------------------------------------------------------------------------------


def page_form(page=None, **changes):
    form = {
        "title": page.title if page else "Nova página",
        "slug": page.slug if page else "nova-pagina",
        "summary": "Um resumo novo.",
        "body": streamfield([]),
    }
    return {**nested_form_data(form), **NO_COMMENTS, **changes}


def new_page(client, stage, **changes):
    client.post(f"/admin/pages/add/pages/standardpage/{stage.home.pk}/", page_form(**changes))
    return StandardPage.objects.filter(slug="nova-pagina").first()


def edit(client, page, **changes):
    client.post(f"/admin/pages/{page.pk}/edit/", page_form(page, **changes))
    page.refresh_from_db()
    return page.get_latest_revision_as_object()


def picture():
    buffer = BytesIO()
    Image.new("RGB", (20, 20), "#5a1746").save(buffer, "PNG")
    return SimpleUploadedFile("foto.png", buffer.getvalue(), "image/png")


def write_a_draft(client, stage, me):
    page = new_page(client, stage)
    return page is not None and not page.live and page.owner == me


def publish_a_new_page(client, stage, me):
    page = new_page(client, stage, **{"action-publish": "1"})
    return page is not None and page.live


def submit_a_new_page(client, stage, me):
    page = new_page(client, stage, **{"action-submit": "1"})
    return page is not None and page.workflow_in_progress


def change_anothers_draft(client, stage, me):
    return edit(client, stage.draft).summary == "Um resumo novo."


def draft_a_change_of_a_published_page(client, stage, me):
    draft = edit(client, stage.live)
    stage.live.refresh_from_db()
    return draft.summary == "Um resumo novo." != stage.live.specific.summary


def publish_a_change(client, stage, me):
    edit(client, stage.live, **{"action-publish": "1"})
    stage.live.refresh_from_db()
    return stage.live.specific.summary == "Um resumo novo."


def schedule(client, stage, me):
    moment = (timezone.localtime() + timedelta(days=2)).strftime("%Y-%m-%d %H:%M")
    edit(client, stage.draft, **{"action-publish": "1", "go_live_at": moment})
    return stage.draft.revisions.exclude(approved_go_live_at=None).exists()


def unschedule(client, stage, me):
    revision = stage.scheduled.latest_revision
    client.post(f"/admin/pages/{stage.scheduled.pk}/revisions/{revision.pk}/unschedule/")
    revision.refresh_from_db()
    return revision.approved_go_live_at is None


def unpublish(client, stage, me):
    client.post(f"/admin/pages/{stage.live.pk}/unpublish/")
    stage.live.refresh_from_db()
    return not stage.live.live


def delete_a_published_page(client, stage, me):
    client.post(f"/admin/pages/{stage.live.pk}/delete/")
    return TrashedPage.objects.filter(pk=stage.live.pk).exists()


def delete_a_draft(client, stage, me):
    client.post(f"/admin/pages/{stage.draft.pk}/delete/")
    return TrashedPage.objects.filter(pk=stage.draft.pk).exists()


def in_bulk(client, action, page, data=None):
    client.post(f"/admin/bulk/wagtailcore/page/{action}/?id={page.pk}", data or {})


def publish_in_bulk(client, stage, me):
    in_bulk(client, "publish", stage.draft)
    return Page.objects.get(pk=stage.draft.pk).live


def unpublish_in_bulk(client, stage, me):
    in_bulk(client, "unpublish", stage.live)
    return not Page.objects.get(pk=stage.live.pk).live


def delete_a_published_page_in_bulk(client, stage, me):
    in_bulk(client, "delete", stage.live)
    return TrashedPage.objects.filter(pk=stage.live.pk).exists()


def move_in_bulk(client, stage, me):
    target = StandardPageFactory(parent=stage.home, title="Seção", slug="secao")
    in_bulk(client, "move", stage.live, {"chooser": target.pk})
    return Page.objects.get(pk=stage.live.pk).get_parent().pk == target.pk


def move(client, page, stage):
    target = StandardPageFactory(parent=stage.home, title="Seção", slug="secao")
    client.post(f"/admin/pages/{page.pk}/move/{target.pk}/confirm/")
    return Page.objects.get(pk=page.pk).get_parent().pk == target.pk


def move_a_published_page(client, stage, me):
    return move(client, stage.live, stage)


def move_a_draft(client, stage, me):
    return move(client, stage.draft, stage)


def copy(client, stage, **changes):
    form = {
        "new_title": "Cópia",
        "new_slug": "copia",
        "new_parent_page": stage.home.pk,
        **changes,
    }
    client.post(f"/admin/pages/{stage.live.pk}/copy/", form)
    return Page.objects.filter(slug="copia").first()


def copy_as_a_draft(client, stage, me):
    page = copy(client, stage)
    return page is not None and not page.live


def copy_and_publish(client, stage, me):
    page = copy(client, stage, publish_copies="on")
    return page is not None and page.live


def reorder(client, stage, me):
    client.post(f"/admin/pages/{stage.live.pk}/set_position/?position=0")
    return stage.home.get_children().first().pk == stage.live.pk


def lock(client, stage, me):
    client.post(f"/admin/pages/{stage.live.pk}/lock/")
    return Page.objects.get(pk=stage.live.pk).locked


def unlock_what_another_locked(client, stage, me):
    Page.objects.filter(pk=stage.live.pk).update(
        locked=True, locked_by=stage.author, locked_at=timezone.now()
    )
    client.post(f"/admin/pages/{stage.live.pk}/unlock/")
    return not Page.objects.get(pk=stage.live.pk).locked


def restrict(client, stage, me):
    client.post(f"/admin/pages/{stage.live.pk}/privacy/", {"restriction_type": "login"})
    return stage.live.view_restrictions.exists()


def approve(client, stage, me):
    address = f"/admin/pages/workflow/action/{stage.reviewed.pk}/approve/{stage.step.pk}/"
    client.post(address, {"comment": ""})
    stage.step.refresh_from_db()
    return stage.step.status == TaskState.STATUS_APPROVED


def ask_for_changes(client, stage, me):
    address = f"/admin/pages/workflow/action/{stage.reviewed.pk}/reject/{stage.step.pk}/"
    client.post(address, {"comment": "Falta a data."})
    stage.step.refresh_from_db()
    return stage.step.status == TaskState.STATUS_REJECTED


def cancel_anothers_review(client, stage, me):
    edit(client, stage.reviewed, **{"action-cancel-workflow": "1"})
    stage.state.refresh_from_db()
    return stage.state.status == "cancelled"


def translate(client, stage, me):
    english = Locale.objects.get_or_create(language_code="en")[0]
    client.post(f"/admin/translation/submit/page/{stage.home.pk}/", {"locales": [english.pk]})
    return stage.home.get_translations().filter(locale=english, live=False).exists()


def upload_an_image(client, stage, me):
    data = {
        "title": "Minha",
        "file": picture(),
        "description": "Uma cor",
        "collection": 1,
        "shows_people": "False",
    }
    client.post("/admin/images/add/", data)
    return get_image_model().objects.filter(title="Minha", uploaded_by_user=me).exists()


def change_image(client, image):
    form = {"title": "Mudada", "description": "Uma cor", "collection": 1, "shows_people": "False"}
    client.post(f"/admin/images/{image.pk}/", form)
    image.refresh_from_db()
    return image.title == "Mudada"


def change_ones_own_image(client, stage, me):
    image = get_image_model().objects.create(
        title="Minha", file=picture(), width=20, height=20, uploaded_by_user=me
    )
    return change_image(client, image)


def change_anothers_image(client, stage, me):
    return change_image(client, stage.image)


def delete_anothers_image(client, stage, me):
    image = get_image_model().objects.create(
        title="Alheia", file=picture(), width=20, height=20, uploaded_by_user=stage.author
    )
    client.post(f"/admin/images/{image.pk}/delete/")
    return not get_image_model().objects.filter(pk=image.pk).exists()


def upload_a_document(client, stage, me):
    file = SimpleUploadedFile("lei.txt", b"Lei")
    client.post("/admin/documents/add/", {"title": "Meu", "file": file, "collection": 1})
    return get_document_model().objects.filter(title="Meu", uploaded_by_user=me).exists()


def change_anothers_document(client, stage, me):
    form = {"title": "Mudado", "collection": 1}
    client.post(f"/admin/documents/edit/{stage.document.pk}/", form)
    stage.document.refresh_from_db()
    return stage.document.title == "Mudado"


def delete_anothers_document(client, stage, me):
    client.post(f"/admin/documents/delete/{stage.document.pk}/")
    return not get_document_model().objects.filter(pk=stage.document.pk).exists()


def snippet(client, model, path, data):
    address = f"/admin/snippets/{model._meta.app_label}/{model._meta.model_name}/{path}"
    return client.post(address, nested_form_data(data) if data else {})


def upload_a_video(client, stage, me):
    file = SimpleUploadedFile("v.mp4", b"\x00\x00\x00\x18ftypisom" + b"\x00" * 64, "video/mp4")
    form = nested_form_data({"title": "Meu vídeo", "captions": inline_formset([])})
    client.post("/admin/snippets/pages/videofile/add/", {**form, "file": file})
    return VideoFile.objects.filter(title="Meu vídeo").exists()


def change_a_video(client, stage, me):
    form = {"title": "Outro título", "captions": inline_formset([])}
    form["captions"] = inline_formset([])
    stage.video.captions.all().delete()
    snippet(client, VideoFile, f"edit/{stage.video.pk}/", form)
    stage.video.refresh_from_db()
    return stage.video.title == "Outro título"


def delete_a_video(client, stage, me):
    video = VideoFile.objects.create(title="Sobra", file="videos/sobra.mp4")
    snippet(client, VideoFile, f"delete/{video.pk}/", {})
    return not VideoFile.objects.filter(pk=video.pk).exists()


def add_a_category(client, stage, me):
    snippet(client, NewsCategory, "add/", {"name": "Novo", "slug": "novo"})
    return NewsCategory.objects.filter(slug="novo").exists()


def change_a_category(client, stage, me):
    category = NewsCategoryFactory()
    snippet(client, NewsCategory, f"edit/{category.pk}/", {"name": "Mudado", "slug": "mudado"})
    return NewsCategory.objects.filter(slug="mudado").exists()


def delete_a_category(client, stage, me):
    category = NewsCategoryFactory()
    snippet(client, NewsCategory, f"delete/{category.pk}/", {})
    return not NewsCategory.objects.filter(pk=category.pk).exists()


def add_a_menu(client, stage, me):
    form = {
        "title": "Coluna",
        "location": "footer",
        "sort_order": 9,
        "items": inline_formset([{"page": stage.live.pk, "url": "", "label": ""}]),
    }
    snippet(client, Menu, "add/", form)
    return Menu.objects.filter(title="Coluna").exists()


def delete_a_menu(client, stage, me):
    menu = Menu.objects.filter(location="footer").first()
    snippet(client, Menu, f"delete/{menu.pk}/", {})
    return not Menu.objects.filter(pk=menu.pk).exists()


def add_a_promoted_result(client, stage, me):
    form = {
        "words": "visto",
        "page": "",
        "url": "https://www.gov.br/",
        "title": "Visto",
        "description": "",
        "sort_order": 0,
    }
    snippet(client, PromotedResult, "add/", form)
    return PromotedResult.objects.filter(title="Visto").exists()


def delete_a_promoted_result(client, stage, me):
    snippet(client, PromotedResult, f"delete/{stage.promoted.pk}/", {})
    return not PromotedResult.objects.filter(pk=stage.promoted.pk).exists()


def add_a_redirect(client, stage, me):
    form = {"old_path": "/velho", "redirect_link": "https://example.org/", "is_permanent": "on"}
    client.post("/admin/redirects/add/", form)
    return Redirect.objects.filter(old_path="/velho").exists()


def delete_a_redirect(client, stage, me):
    client.post(f"/admin/redirects/{stage.redirect.pk}/delete/")
    return not Redirect.objects.filter(pk=stage.redirect.pk).exists()


def change_the_identity(client, stage, me):
    identity = SiteIdentity.objects.first()
    form = {
        "name": "Outro nome",
        **dict.fromkeys(
            ("office", "affiliation", "email", "phone", "address", "hours", "coordinates"), ""
        ),
        "social_links": streamfield([]),
    }
    snippet(client, SiteIdentity, f"edit/{identity.pk}/", form)
    identity.refresh_from_db()
    return identity.name == "Outro nome"


def delete_the_identity(client, stage, me):
    identity = SiteIdentity.objects.first()
    snippet(client, SiteIdentity, f"delete/{identity.pk}/", {})
    return not SiteIdentity.objects.filter(pk=identity.pk).exists()


def answer_a_message(client, stage, me):
    client.post(f"/admin/mensagens/{stage.message.pk}/respondida/", {"answered": "1"})
    stage.message.refresh_from_db()
    return stage.message.answered_by == me


def erase_a_message(client, stage, me):
    client.post(f"/admin/mensagens/{stage.message.pk}/apagar/")
    return not ContactMessage.objects.exists()


def erase_what_a_person_sent(client, stage, me):
    form = {"email": stage.message.email, "action": "erase"}
    client.post("/admin/mensagens/pessoa/", form)
    return not ContactMessage.objects.exists()


def delete_messages_in_wagtails_list(client, stage, me):
    address = f"/admin/forms/submissions/{stage.message.page_id}/delete/"
    client.post(f"{address}?selected-submissions={stage.message.pk}")
    return not ContactMessage.objects.exists()


def name_the_data_officer(client, stage, me):
    form = {"name": "Encarregada", "email": "dados@example.org", "phone": "", "url": ""}
    client.post(f"/admin/settings/contact/dataofficer/{stage.officer.pk}/", form)
    return DataOfficer.known() is not None


def person_form(person=None, **changes):
    return {
        "username": person.username if person else "novata",
        "email": "novata@example.org",
        "first_name": "Nova",
        "last_name": "Pessoa",
        "password1": "uma senha bem comprida 7",
        "password2": "uma senha bem comprida 7",
        "is_active": "on",
        **changes,
    }


def add_a_person(client, stage, me):
    client.post("/admin/users/new/", person_form())
    return User.objects.filter(username="novata").exists()


def change_a_person(client, stage, me):
    group = Group.objects.get(name=E)
    form = person_form(stage.person, groups=[group.pk])
    client.post(f"/admin/users/edit/{stage.person.pk}/", form)
    return stage.person.groups.filter(pk=group.pk).exists()


def delete_a_person(client, stage, me):
    client.post(f"/admin/users/delete/{stage.person.pk}/")
    return not User.objects.filter(pk=stage.person.pk).exists()


def make_a_superuser(client, stage, me):
    client.post("/admin/users/new/", person_form(is_superuser="on"))
    client.post(
        f"/admin/users/edit/{stage.person.pk}/", person_form(stage.person, is_superuser="on")
    )
    return User.objects.filter(is_superuser=True).exists()


def take_over_a_superuser(client, stage, me):
    chief = User.objects.create_superuser("chefe", "chefe@example.org", "segredo")
    client.post(f"/admin/users/edit/{chief.pk}/", person_form(chief))
    client.post(f"/admin/users/delete/{chief.pk}/")
    client.post(f"/admin/bulk/auth/user/set_active_state/?id={chief.pk}", {"mark_as_active": False})
    client.post(f"/admin/bulk/auth/user/delete/?id={chief.pk}")
    now = User.objects.filter(pk=chief.pk).first()
    return not (now and now.is_active and now.check_password("segredo"))


def group_form(name, permissions=()):
    form = {"name": name, "permissions": list(permissions)}
    for prefix in (
        "page_permissions",
        "collection_permissions",
        "document_permissions",
        "image_permissions",
    ):
        for count in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS"):
            form[f"{prefix}-{count}"] = 0
    return form


def add_a_group(client, stage, me):
    client.post("/admin/groups/new/", group_form("Estagiários"))
    return Group.objects.filter(name="Estagiários").exists()


def change_a_group(client, stage, me):
    permission = Permission.objects.get(codename="access_admin")
    client.post(f"/admin/groups/edit/{stage.group.pk}/", group_form("Mudado", [permission.pk]))
    return stage.group.permissions.exists()


def delete_a_group(client, stage, me):
    client.post(f"/admin/groups/delete/{stage.group.pk}/")
    return not Group.objects.filter(pk=stage.group.pk).exists()


def change_the_site(client, stage, me):
    site = Site.objects.get()
    form = {
        "hostname": "outro.example.org",
        "port": 80,
        "site_name": "",
        "root_page": site.root_page_id,
        "is_default_site": "on",
    }
    client.post(f"/admin/sites/edit/{site.pk}/", form)
    site.refresh_from_db()
    return site.hostname == "outro.example.org"


def add_a_language(client, stage, me):
    Locale.objects.filter(language_code="es").delete()
    client.post("/admin/locales/new/", {"language_code": "es"})
    return Locale.objects.filter(language_code="es").exists()


def add_a_collection(client, stage, me):
    parent = Collection.objects.get(depth=1)
    client.post("/admin/collections/add/", {"name": "Nova", "parent": parent.pk})
    return Collection.objects.filter(name="Nova").exists()


def restrict_a_collection(client, stage, me):
    address = f"/admin/collections/{stage.collection.pk}/privacy/"
    client.post(address, {"restriction_type": "login"})
    return stage.collection.view_restrictions.exists()


def switch_the_workflow_off(client, stage, me):
    client.post(f"/admin/workflows/disable/{stage.workflow.pk}/")
    return not Workflow.objects.get(pk=stage.workflow.pk).active


def change_a_step(client, stage, me):
    task = stage.step.task
    form = {"name": task.name, "groups": [Group.objects.get(name=E).pk]}
    client.post(f"/admin/workflows/tasks/edit/{task.pk}/", form)
    return task.specific.groups.count() == 1


def add_a_step(client, stage, me):
    form = {
        "create-task-name": "Outro passo",
        "create-task-groups": [Group.objects.get(name=E).pk],
    }
    client.post("/admin/workflows/task_chooser/create/", form)
    return Task.objects.filter(name="Outro passo").exists()


def act_by_api(client, page, action, data=None):
    """What the admin's own interface for programs can do, with the page's permissions."""
    client.post(f"/admin/api/main/pages/{page.pk}/action/{action}/", data or {})


def publish_by_api(client, stage, me):
    act_by_api(client, stage.draft, "publish")
    return Page.objects.get(pk=stage.draft.pk).live


def unpublish_by_api(client, stage, me):
    act_by_api(client, stage.live, "unpublish")
    return not Page.objects.get(pk=stage.live.pk).live


def delete_by_api(client, stage, me):
    act_by_api(client, stage.live, "delete")
    return not Page.objects.filter(pk=stage.live.pk).exists()


#: Each thing that can be done, and who can.
DEEDS = {
    write_a_draft: ALL,
    submit_a_new_page: ALL,
    change_anothers_draft: ALL,
    draft_a_change_of_a_published_page: ALL,
    delete_a_draft: ALL,
    move_a_draft: ALL,
    copy_as_a_draft: ALL,
    translate: ALL,
    upload_an_image: ALL,
    change_ones_own_image: ALL,
    upload_a_document: ALL,
    upload_a_video: ALL,
    change_a_video: ALL,
    publish_a_new_page: EDITORS,
    publish_a_change: EDITORS,
    schedule: EDITORS,
    unschedule: EDITORS,
    unpublish: EDITORS,
    delete_a_published_page: EDITORS,
    publish_in_bulk: EDITORS,
    unpublish_in_bulk: EDITORS,
    delete_a_published_page_in_bulk: EDITORS,
    move_in_bulk: EDITORS,
    move_a_published_page: EDITORS,
    copy_and_publish: EDITORS,
    reorder: EDITORS,
    lock: EDITORS,
    unlock_what_another_locked: EDITORS,
    restrict: EDITORS,
    approve: EDITORS,
    publish_by_api: EDITORS,
    unpublish_by_api: EDITORS,
    delete_by_api: EDITORS,
    ask_for_changes: EDITORS,
    cancel_anothers_review: EDITORS,
    change_anothers_image: EDITORS,
    delete_anothers_image: EDITORS,
    change_anothers_document: EDITORS,
    delete_anothers_document: EDITORS,
    delete_a_video: EDITORS,
    add_a_category: EDITORS,
    change_a_category: EDITORS,
    delete_a_category: EDITORS,
    add_a_menu: EDITORS,
    delete_a_menu: EDITORS,
    add_a_promoted_result: EDITORS,
    delete_a_promoted_result: EDITORS,
    add_a_redirect: EDITORS,
    delete_a_redirect: EDITORS,
    change_the_identity: ADMINISTRATORS,
    add_a_person: ADMINISTRATORS,
    change_a_person: ADMINISTRATORS,
    delete_a_person: ADMINISTRATORS,
    add_a_group: ADMINISTRATORS,
    change_a_group: ADMINISTRATORS,
    delete_a_group: ADMINISTRATORS,
    change_the_site: ADMINISTRATORS,
    add_a_language: ADMINISTRATORS,
    add_a_collection: ADMINISTRATORS,
    restrict_a_collection: ADMINISTRATORS,
    switch_the_workflow_off: ADMINISTRATORS,
    change_a_step: ADMINISTRATORS,
    add_a_step: ADMINISTRATORS,
    answer_a_message: EDITORS,
    erase_a_message: ADMINISTRATORS,
    erase_what_a_person_sent: ADMINISTRATORS,
    name_the_data_officer: ADMINISTRATORS,
    delete_messages_in_wagtails_list: NOBODY,
    delete_the_identity: NOBODY,
    make_a_superuser: NOBODY,
    take_over_a_superuser: NOBODY,
}


@pytest.mark.parametrize("role", NAMES)
@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__)
def test_what_each_role_does(client, stage, deed, role):
    me = PersonFactory(role=role)
    client.force_login(me)
    assert deed(client, stage, me) == (role in DEEDS[deed])


# What they may open ------------------------------------------------------------------------

LISTED = "index index_results"
FORMS = "add delete edit"
PAST = "history history_results usage"

#: Who may open each address: roles, what precedes the names, the names. The pages, files and
#: reviews concerned are another's, and published where nothing else is said.
TABLE = [
    (
        ALL,
        "",
        """
        wagtail_bulk_action wagtailadmin_account wagtailadmin_block_preview wagtailadmin_choose_page
        wagtailadmin_choose_page_anchor_link wagtailadmin_choose_page_child
        wagtailadmin_choose_page_chosen_multiple wagtailadmin_choose_page_email_link
        wagtailadmin_choose_page_external_link wagtailadmin_choose_page_phone_link
        wagtailadmin_choose_page_search wagtailadmin_dismissibles wagtailadmin_explore
        wagtailadmin_explore_results wagtailadmin_explore_root wagtailadmin_home
        wagtailadmin_javascript_catalog wagtailadmin_login wagtailadmin_logout
        wagtailadmin_password_reset wagtailadmin_password_reset_complete
        wagtailadmin_password_reset_confirm wagtailadmin_password_reset_done wagtailadmin_sprite
        wagtailadmin_tag_autocomplete wagtailadmin_tag_model_autocomplete
        """,
    ),
    # What follows the password, and one's own second factor.
    (
        ALL,
        "",
        """
        sign_in_code sign_in_recovery sign_in_enrol sign_in_first_app sign_in_first_passkey
        sign_in_session sign_in_security sign_in_confirm sign_in_app sign_in_passkey sign_in_remove
        sign_in_codes
        """,
    ),
    (ADMINISTRATORS, "", "sign_in_reset"),
    (ALL, "articles", f"choose_parent {LISTED}"),
    (ALL, "", "manual election_rehearsal desk_page_review desk_readability"),
    (EDITORS, "", "election_justify"),
    (EDITORS, "wagtailsnippets_pages_sitenotice", "preview_on_add preview_on_edit"),
    (ADMINISTRATORS, "", "election_report election_report_results"),
    (
        ALL,
        "",
        """
        desk_para-aprovar desk_para-aprovar_results desk_enviadas desk_enviadas_results
        desk_rascunhos desk_rascunhos_results desk_agendadas desk_agendadas_results desk_vao-sair
        desk_vao-sair_results desk_a-revisar desk_a-revisar_results desk_links-quebrados
        desk_links-quebrados_results desk_imagens-sem-credito desk_imagens-sem-credito_results
        desk_videos-incompletos desk_videos-incompletos_results
        """,
    ),
    (EDITORS, "contact_messages", "index index_results read answered"),
    (ADMINISTRATORS, "contact_messages", "erase person"),
    # Messages have screens of their own; Wagtail's list of forms is empty.
    (ALL, "wagtailforms", "index index_results"),
    (NOBODY, "wagtailforms", "list_submissions list_submissions_results delete_submissions"),
    (ADMINISTRATORS, "wagtailsettings", "edit"),
    # There is no preview of a setting.
    (NOBODY, "wagtailsettings", "preview_on_edit"),
    (ALL, "desk_trash", "index index_results things things_results restore"),
    (EDITORS, "desk_trash", "restore_thing"),
    (ADMINISTRATORS, "desk_trash", "purge"),
    (ALL, "simple_translation", "submit_page_translation"),
    (EDITORS, "simple_translation", "submit_snippet_translation"),
    (ALL, "wagtailadmin_api:documents", "detail find listing"),
    (ALL, "wagtailadmin_api:images", "detail find listing"),
    (ALL, "wagtailadmin_api:pages", "detail find listing"),
    (EDITORS, "wagtailadmin_api:pages", "action"),
    (ADMINISTRATORS, "wagtailadmin_collections", f"{FORMS} index set_privacy"),
    (ALL, "wagtailadmin_editing_sessions", "ping release"),
    # `move_confirm` and `confirm_workflow_cancellation` ask first, and refuse the deed.
    (
        ALL,
        "wagtailadmin_pages",
        """
        add add_subpage choose_parent confirm_workflow_cancellation convert_alias copy edit history
        history_results move_confirm preview_on_add preview_on_edit revisions_compare
        revisions_index revisions_revert revisions_view search search_results type_use
        type_use_results usage view_draft workflow_history workflow_history_detail
        """,
    ),
    (
        EDITORS,
        "wagtailadmin_pages",
        """
        collect_workflow_action_data delete lock move revisions_unschedule set_page_position
        set_privacy unlock unpublish workflow_action workflow_preview
        """,
    ),
    (
        ALL,
        "wagtailadmin_reports",
        """
        aging_pages aging_pages_results page_types_usage page_types_usage_results workflow
        workflow_results workflow_tasks workflow_tasks_results
        """,
    ),
    (
        EDITORS,
        "wagtailadmin_reports",
        "locked_pages locked_pages_results site_history site_history_results",
    ),
    (
        ADMINISTRATORS,
        "wagtailadmin_workflows",
        f"""
        {LISTED} add add_task disable disable_task edit edit_task enable enable_task remove
        select_task_type task_index task_index_results usage usage_results
        """,
    ),
    # A list of the names of the steps; making one is refused.
    (
        ALL,
        "wagtailadmin_workflows",
        "task_chooser task_chooser_create task_chooser_results task_chosen",
    ),
    (ALL, "wagtaildocs", f"{LISTED} add add_multiple"),
    (EDITORS, "wagtaildocs", "delete delete_multiple document_usage edit edit_multiple"),
    (ALL, "wagtaildocs_chooser", "choose choose_results chosen chosen_multiple create"),
    (ALL, "wagtailembeds", "chooser chooser_upload"),
    (ALL, "wagtailimages", f"{LISTED} add add_multiple"),
    (EDITORS, "wagtailimages", "delete delete_multiple edit edit_multiple image_usage preview"),
    (
        ALL,
        "wagtailimages_chooser",
        "choose choose_results chosen chosen_multiple create select_format",
    ),
    # An upload that waits for its description is finished by who began it.
    (NOBODY, "wagtaildocs", "create_multiple_from_uploaded_document delete_upload_multiple"),
    (NOBODY, "wagtailimages", "create_multiple_from_uploaded_image delete_upload_multiple"),
    # Every kind of content has a menu entry of its own instead.
    (NOBODY, "wagtailsnippets", "index"),
    (EDITORS, "wagtailredirects", f"{LISTED} {FORMS} start_import"),
    (ADMINISTRATORS, "wagtaillocales", f"{LISTED} {FORMS} {PAST}"),
    (ADMINISTRATORS, "wagtailsites", f"{LISTED} {FORMS} {PAST} copy"),
    (ADMINISTRATORS, "wagtailusers_groups", f"{LISTED} {FORMS} {PAST}"),
    (ADMINISTRATORS, "wagtailusers_users", f"{LISTED} {FORMS} {PAST} copy"),
]

#: Who may change and who may delete each kind of content.
CONTENTS = {
    "news_newscategory": (EDITORS, EDITORS),
    "pages_menu": (EDITORS, EDITORS),
    "pages_siteidentity": (ADMINISTRATORS, NOBODY),
    "pages_sitenotice": (EDITORS, EDITORS),
    "pages_electionperiod": (ADMINISTRATORS, ADMINISTRATORS),
    "pages_videofile": (ALL, EDITORS),
    "search_promotedresult": (EDITORS, EDITORS),
}
for _content, (_changers, _deleters) in CONTENTS.items():
    _space, _chooser = f"wagtailsnippets_{_content}", f"wagtailsnippetchoosers_{_content}"
    TABLE += [
        (_changers, _space, f"list list_results add copy edit {PAST}"),
        (_deleters, _space, "delete"),
        (ALL, _chooser, "choose choose_results chosen chosen_multiple"),
        (_changers, _chooser, "create"),
    ]

#: Addresses that fail by themselves, whoever asks: a test of the page for failures, the second half
#: of a form without the first, and addresses of images that this site does not give out.
FAILING = {
    "wagtailadmin_error_test",
    "wagtailredirects:process_import",
    "wagtailimages:url_generator",
    "wagtailimages:url_generator_output",
}

WHO_MAY_OPEN = {
    f"{space}:{name}" if space else name: roles
    for roles, space, names in TABLE
    for name in names.split()
}


def test_the_table_has_every_address_of_the_admin():
    assert sum(len(names.split()) for _, _, names in TABLE) == len(WHO_MAY_OPEN), "one twice"
    assert set(admin_names()) == WHO_MAY_OPEN.keys() | FAILING


def is_refused(answer):
    """Told so, or told that there is no such thing."""
    if answer.status_code in (403, 404):
        return True
    said = [str(message) for message in get_messages(answer.wsgi_request)]
    return answer.status_code == 302 and any("não tem permissão" in text for text in said)


@pytest.mark.parametrize("role", NAMES)
def test_what_each_role_may_open(client, stage, role):
    me = PersonFactory(role=role)
    wrong = {}
    for name, address in addresses(stage).items():
        if name in FAILING:
            continue
        if "_auth_user_id" not in client.session:
            client.force_login(me)
        client.cookies.pop("messages", None)
        with transaction.atomic():
            answer = client.get(address)
            if answer.status_code == 405:
                answer = client.post(address)
            transaction.set_rollback(True)
        if is_refused(answer) == (role in WHO_MAY_OPEN[name]):
            wrong[name] = answer.status_code
    assert wrong == {}


def test_who_has_no_role_does_not_enter(client, stage):
    client.force_login(PersonFactory())
    opened = {
        name
        for name, address in addresses(stage).items()
        if name not in FAILING and client.get(address).status_code == 200
    }
    public = {
        *("wagtailadmin_javascript_catalog", "wagtailadmin_login", "wagtailadmin_sprite"),
        "sign_in_session",
    }
    assert {name for name in opened - public if "password_reset" not in name} == set()
