"""Every address of the admin, with something for each to show."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver
from django.utils import timezone
from wagtail.admin.models import EditingSession
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import (
    Collection,
    Locale,
    Page,
    Site,
    UploadedFile,
    Workflow,
)

from contact.models import ContactPage, DataOfficer
from desk.models import TrashedPage, TrashedThing
from news.models import NewsCategory
from pages.blocks import BodyBlock
from pages.models import (
    ElectionPeriod,
    HomePage,
    Menu,
    SiteIdentity,
    SiteNotice,
    StandardPage,
    VideoFile,
)
from search.models import PromotedResult
from tests.builders import ContactMessageFactory, PersonFactory, StandardPageFactory


def _walk(patterns, namespaces: tuple[str, ...], inherited: frozenset[str]) -> Iterator:
    for pattern in patterns:
        parameters = inherited | set(pattern.pattern.regex.groupindex)
        if isinstance(pattern, URLResolver):
            inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from _walk(pattern.url_patterns, inner, parameters)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield ":".join((*namespaces, pattern.name)), tuple(sorted(parameters))


def admin_names() -> dict[str, tuple[str, ...]]:
    """The parameters of each address of the admin that has a name, by name."""
    names: dict[str, tuple[str, ...]] = {}
    for resolver in get_resolver().url_patterns:
        if isinstance(resolver, URLResolver) and str(resolver.pattern) == "admin/":
            for name, parameters in _walk(resolver.url_patterns, (), frozenset()):
                names.setdefault(name, parameters)
    return names


@dataclass
class Stage:
    """One of everything that the admin shows, made by someone who is not the one who asks."""

    author: User = field(default_factory=lambda: PersonFactory(role="Edição"))

    def __post_init__(self):
        home = HomePage.objects.get(locale__language_code="pt-br")
        self.home = home
        # Left to be added.
        Locale.objects.filter(language_code="es").delete()
        self.root = Page.objects.get(depth=1)
        self.live = StandardPageFactory(
            parent=home, title="Publicada", slug="publicada", owner=self.author
        )
        self.live.save_revision(user=self.author).publish()
        self.live.refresh_from_db()
        self.draft = StandardPageFactory(
            parent=home, title="Rascunho", slug="rascunho", live=False, owner=self.author
        )
        self.draft.save_revision(user=self.author)
        self.reviewed = StandardPageFactory(
            parent=home, title="Em revisão", slug="em-revisao", live=False, owner=self.author
        )
        self.reviewed.save_revision(user=self.author)
        self.workflow = Workflow.objects.get(name="Revisão da ACI")
        self.state = self.workflow.start(self.reviewed, self.author)
        self.step = self.state.current_task_state
        self.scheduled = StandardPageFactory(
            parent=home, title="Agendada", slug="agendada", live=False, owner=self.author
        )
        self.scheduled.go_live_at = timezone.now() + timedelta(days=1)
        self.scheduled.save_revision(user=self.author).publish()
        self.scheduled.refresh_from_db()
        self.alias = self.live.create_alias(update_slug="espelho", user=self.author)
        self.image = get_image_model().objects.first()
        self.image.uploaded_by_user = self.author
        self.image.save()
        self.document = get_document_model().objects.first() or get_document_model()(title="Lei")
        self.document.uploaded_by_user = self.author
        if not self.document.pk:
            self.document.file.save("lei.txt", ContentFile(b"Lei"), save=False)
        self.document.save()
        self.video = VideoFile.objects.first()
        self.promoted = PromotedResult.objects.create(
            words="passaporte", url="https://www.gov.br/", title="Passaporte", locale=home.locale
        )
        self.redirect = Redirect.add_redirect("/antigo", self.live)
        self.collection = Collection.objects.get(depth=1).add_child(name="Acervo")
        self.session = EditingSession.objects.create(
            user=self.author,
            content_type=ContentType.objects.get_for_model(StandardPage),
            object_id=str(self.live.pk),
            last_seen_at=timezone.now(),
        )
        self.notice = SiteNotice.objects.create(
            text="Um aviso",
            locale=home.locale,
            start=timezone.now(),
            end=timezone.now() + timedelta(days=1),
        )
        # Long ago: nothing is withheld by it.
        long_ago = timezone.now() - timedelta(days=900)
        self.election = ElectionPeriod.objects.create(
            start=long_ago, end=long_ago + timedelta(days=90)
        )
        deleted = StandardPageFactory(parent=home, title="Excluída", slug="excluida", live=False)
        self.message = ContactMessageFactory()
        self.officer = DataOfficer.load()
        self.trashed = TrashedPage.objects.put(deleted, self.author)
        self.kept = TrashedThing.objects.keep(NewsCategory.objects.last(), self.author)
        self.person = PersonFactory(role="Redação")
        self.group = Group.objects.create(name="Convidados")
        self.uploads = {
            model: UploadedFile.objects.create(
                for_content_type=ContentType.objects.get_for_model(model),
                file=ContentFile(b"x", name="x.txt"),
                uploaded_by_user=self.author,
            )
            for model in (get_image_model(), get_document_model())
        }

    def rows(self) -> dict[str, int | str]:
        """The key that ``pk`` stands for, by namespace."""
        return {
            "wagtailadmin_api:documents": self.document.pk,
            "wagtailadmin_api:images": self.image.pk,
            "wagtailadmin_collections": self.collection.pk,
            "wagtaildocs_chooser": self.document.pk,
            "wagtailimages_chooser": self.image.pk,
            "wagtailadmin_workflows": self.workflow.pk,
            "wagtailsites": Site.objects.get().pk,
            "wagtaillocales": Locale.objects.get(language_code="pt-br").pk,
            "wagtailusers_users": self.person.pk,
            "wagtailusers_groups": self.group.pk,
            "wagtailsnippets_news_newscategory": NewsCategory.objects.first().pk,
            "wagtailsnippets_pages_menu": Menu.objects.first().pk,
            "wagtailsnippets_pages_siteidentity": SiteIdentity.objects.first().pk,
            "wagtailsnippets_pages_videofile": self.video.pk,
            "wagtailsnippets_search_promotedresult": self.promoted.pk,
            "wagtailsnippets_pages_sitenotice": self.notice.pk,
            "wagtailsnippets_pages_electionperiod": self.election.pk,
            "contact_messages": self.message.pk,
            "desk_trash": self.trashed.pk,
            "wagtailsettings": self.officer.pk,
        }

    def arguments(self) -> dict[str, object]:
        """What the parameters of the addresses stand for, by name."""
        return {
            "action": "delete",
            "action_name": "approve",
            "app_label": "pages",
            "app_name": "taggit",
            "block_name": "paragraph",
            "collection_id": self.collection.pk,
            "content_type_app_name": "pages",
            "content_type_model_name": "standardpage",
            "destination_id": self.home.pk,
            "doc_id": self.document.pk,
            "document_id": self.document.pk,
            "filter_spec": "width-100",
            "image_id": self.image.pk,
            "model_name": "standardpage",
            "object_id": str(self.live.pk),
            "page_id": self.live.pk,
            "page_pk": self.live.pk,
            "page_to_move_id": self.live.pk,
            "parent_page_id": self.home.pk,
            "pk": self.live.pk,
            "redirect_id": self.redirect.pk,
            "revision_id": self.live.latest_revision_id,
            "session_id": self.session.pk,
            "task_id": self.step.task_id,
            "task_state_id": self.step.pk,
            "token": "set-password",
            "uidb64": "MQ",
            "workflow_pk": self.workflow.pk,
            "workflow_state_id": self.state.pk,
        }

    def exceptions(self) -> dict[str, dict[str, object]]:
        """Arguments of single addresses that are about something else than the rest."""
        reviewed = {"page_id": self.reviewed.pk}
        task = {"pk": self.step.task_id}
        form = {"page_id": ContactPage.objects.first().pk}
        officer = {"app_name": "contact", "model_name": "dataofficer"}
        step = {"app_label": "wagtailcore", "model_name": "groupapprovaltask"}
        return {
            "wagtail_bulk_action": {"app_label": "wagtailcore", "model_name": "page"},
            "wagtailforms:list_submissions": form,
            "wagtailforms:list_submissions_results": form,
            "wagtailforms:delete_submissions": form,
            "wagtailsettings:edit": officer,
            "wagtailsettings:preview_on_edit": officer,
            "desk_trash:restore_thing": {"pk": self.kept.pk},
            "sign_in_reset": {"pk": self.person.pk},
            "wagtailadmin_api:pages:action": {"action_name": "unpublish"},
            "wagtailadmin_tag_model_autocomplete": {"model_name": "tag"},
            "wagtailadmin_pages:convert_alias": {"page_id": self.alias.pk},
            "wagtailadmin_pages:workflow_action": reviewed,
            "wagtailadmin_pages:collect_workflow_action_data": reviewed,
            "wagtailadmin_pages:confirm_workflow_cancellation": reviewed,
            "wagtailadmin_pages:workflow_preview": reviewed,
            "wagtailadmin_pages:workflow_history": reviewed,
            "wagtailadmin_pages:workflow_history_detail": reviewed,
            "wagtailadmin_pages:revisions_unschedule": {
                "page_id": self.scheduled.pk,
                "revision_id": self.scheduled.latest_revision_id,
            },
            "wagtailadmin_workflows:add_task": step,
            "wagtailadmin_workflows:edit_task": task,
            "wagtailadmin_workflows:disable_task": task,
            "wagtailadmin_workflows:enable_task": task,
            "wagtailimages:create_multiple_from_uploaded_image": {
                "uploaded_file_id": self.uploads[get_image_model()].pk
            },
            "wagtailimages:delete_upload_multiple": {
                "uploaded_file_id": self.uploads[get_image_model()].pk
            },
            "wagtaildocs:create_multiple_from_uploaded_document": {
                "uploaded_file_id": self.uploads[get_document_model()].pk
            },
            "wagtaildocs:delete_upload_multiple": {
                "uploaded_file_id": self.uploads[get_document_model()].pk
            },
            "simple_translation:submit_snippet_translation": {
                "app_label": "news",
                "model_name": "newscategory",
                "pk": NewsCategory.objects.first().pk,
            },
        }

    def address(self, name: str, parameters: tuple[str, ...]) -> str:
        """The address of that name. Raises KeyError for a parameter that is not known here."""
        if name == "wagtailadmin_pages:revisions_compare":
            return reverse(name, args=[self.live.pk, "earliest", "latest"])
        if name == "wagtailsettings:edit":
            # Without the key it only leads to this one.
            parameters = (*parameters, "pk")
        if name == "wagtail_bulk_action":
            parameters = ("app_label", "model_name", "action")
        namespace = name.rpartition(":")[0]
        namespace = namespace.replace("wagtailsnippetchoosers", "wagtailsnippets")
        known = self.arguments()
        if namespace in self.rows():
            known["pk"] = self.rows()[namespace]
        known |= self.exceptions().get(name, {})
        address = reverse(name, kwargs={parameter: known[parameter] for parameter in parameters})
        asked = {
            "wagtail_bulk_action": self.live.pk,
            "wagtailadmin_api:documents:find": self.document.pk,
            "wagtailadmin_api:images:find": self.image.pk,
            "wagtailadmin_api:pages:find": self.live.pk,
            "wagtailadmin_block_preview": BodyBlock().child_blocks["quote"].definition_prefix,
        }
        if name == "election_justify":
            return f"{address}?pagina={self.live.pk}"
        return f"{address}?id={asked[name]}" if name in asked else address


def addresses(stage: Stage) -> dict[str, str]:
    """Every address of the admin that has a name, by name."""
    return {
        name: stage.address(name, parameters) for name, parameters in sorted(admin_names().items())
    }
