"""What an editor deletes that is no page: images, documents, videos, menus, categories.

It is deleted indeed, its files too, so that nothing of it stays public. What is needed to make it
again is kept apart.
"""

from datetime import datetime, timedelta
from itertools import chain
from pathlib import PurePosixPath
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import File
from django.core.files.storage import storages
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, models, router, transaction
from django.db.models.deletion import Collector
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from modelcluster.models import (
    ClusterableModel,
    get_all_child_relations,
    get_serializable_data_for_fields,
    model_from_serializable_data,
)
from wagtail.documents import get_document_model
from wagtail.documents import permissions as document_permissions
from wagtail.images import get_image_model
from wagtail.images import permissions as image_permissions
from wagtail.log_actions import log
from wagtail.models import Page
from wagtail.snippets.models import get_snippet_models

from .trash import KEPT_DAYS

#: The storage of files that no one may fetch (``settings.STORAGES``).
STORAGE = "private"


def trashable_models() -> set[type[models.Model]]:
    """What is kept when it is deleted, besides pages."""
    return {get_image_model(), get_document_model(), *get_snippet_models()}


def private_storage():
    return storages[STORAGE]


class TrashedThingQuerySet(models.QuerySet):
    def expired(self, now: datetime | None = None):
        """Those whose time is over."""
        return self.filter(deleted_at__lt=(now or timezone.now()) - timedelta(days=KEPT_DAYS))

    def seen_by(self, user):
        """Those of kinds that ``user`` may make."""
        kinds = [
            ContentType.objects.get_for_model(model)
            for model in trashable_models()
            if _may_make(user, model)
        ]
        return self.filter(content_type__in=kinds)


def _may_make(user, model: type[models.Model]) -> bool:
    policies = {
        get_image_model(): image_permissions.permission_policy,
        get_document_model(): document_permissions.permission_policy,
    }
    policy = policies.get(model) or model.snippet_viewset.permission_policy
    return policy.user_has_permission(user, "add")


class TrashedThingManager(models.Manager.from_queryset(TrashedThingQuerySet)):
    @transaction.atomic
    def keep(self, thing: models.Model, user=None) -> "TrashedThing":
        """Keep what is needed to make ``thing`` again, which is about to be deleted."""
        kept = self.create(
            content_type=ContentType.objects.get_for_model(thing),
            object_id=str(thing.pk),
            title=str(thing)[:500],
            data=_data_of(thing),
            tags=_tags_of(thing),
            references=_references_to(thing),
            deleted_by=user,
        )
        kept.files = _copy_files(thing, kept.pk)
        kept.save(update_fields=["files"])
        return kept


def _data_of(thing: models.Model) -> dict:
    if isinstance(thing, ClusterableModel):
        return thing.serializable_data()
    return get_serializable_data_for_fields(thing)


def _tags_of(thing: models.Model) -> list[str]:
    tags = getattr(thing, "tags", None)
    return sorted(tags.names()) if tags is not None and hasattr(tags, "names") else []


def _parts_of(thing: models.Model) -> list[models.Model]:
    """``thing`` and what belongs to it alone."""
    if not isinstance(thing, ClusterableModel):
        return [thing]
    children = (
        getattr(thing, relation.get_accessor_name()).all()
        for relation in get_all_child_relations(type(thing))
    )
    return [thing, *chain.from_iterable(children)]


def _copy_files(thing: models.Model, key: int) -> dict[str, str]:
    """Put copies of the files of ``thing`` where no one fetches them: public name to kept name."""
    copies = {}
    for part in _parts_of(thing):
        for field in part._meta.concrete_fields:
            file = getattr(part, field.attname) if isinstance(field, models.FileField) else None
            if file and file.storage.exists(file.name):
                with file.storage.open(file.name) as content:
                    name = f"trash/{key}/{PurePosixPath(file.name).name}"
                    copies[file.name] = private_storage().save(name, content)
    return copies


def _references_to(thing: models.Model) -> list[dict]:
    """Foreign keys that forget ``thing`` when it is deleted, by model, field and ids."""
    collector = Collector(using=router.db_for_write(type(thing)), origin=thing)
    collector.collect([thing])
    found = []
    for (field, value), groups in collector.field_updates.items():
        keys = sorted({each.pk for each in chain.from_iterable(groups)})
        if value is None and keys:
            found.append({"model": field.model._meta.label, "field": field.name, "ids": keys})
    return found


class TrashedThing(models.Model):
    """A deleted thing as it was."""

    content_type = models.ForeignKey(
        ContentType, on_delete=models.CASCADE, related_name="+", editable=False
    )
    object_id = models.CharField(max_length=255, editable=False)
    title = models.CharField(_("título"), max_length=500, editable=False)
    #: As ``modelcluster`` writes it, with what belongs to the thing.
    data = models.JSONField(encoder=DjangoJSONEncoder, editable=False)
    tags = models.JSONField(default=list, editable=False)
    references = models.JSONField(default=list, editable=False)
    #: Where copies of its files are: names where they were and in the private storage.
    files = models.JSONField(default=dict, editable=False)
    deleted_at = models.DateTimeField(
        _("quando"), default=timezone.now, editable=False, db_index=True
    )
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("por quem"),
    )

    objects = TrashedThingManager()

    class Meta:
        verbose_name = _("item na lixeira")
        verbose_name_plural = _("itens na lixeira")

    def __str__(self):
        return self.title

    @property
    def kept_until(self) -> datetime:
        """When it goes for good."""
        return self.deleted_at + timedelta(days=KEPT_DAYS)

    @cached_property
    def kind(self) -> str:
        model = self.content_type.model_class()
        return str(model._meta.verbose_name).capitalize() if model else ""

    @transaction.atomic
    def restore(self, user=None) -> models.Model:
        """Make the thing again, with its id, files and whatever forgot it. The record is gone then.

        Raises ``ValueError`` when something it cannot be without is gone, or its place is taken.
        """
        model = self.content_type.model_class()
        if model is None or model._base_manager.filter(pk=self.object_id).exists():
            raise ValueError(f"{self} cannot be made again")
        names = self._put_files_back()
        thing = self._made(model, _renamed(self.data, names))
        if self.tags:
            thing.tags.add(*self.tags)
        for reference in self.references:
            self._remember(reference, thing)
        log(instance=thing, action="desk.restore", user=user)
        transaction.on_commit(self._forget_files)
        self.delete()
        return thing

    def _made(self, model, data: dict) -> models.Model:
        try:
            thing = model_from_serializable_data(model, data, check_fks=True, strict_fks=True)
            if thing is None:
                raise ValueError(f"{self} lacks something that is gone")
            with transaction.atomic():
                thing.save(force_insert=True)
        except IntegrityError as error:
            raise ValueError(f"the place of {self} is taken") from error
        if issubclass(model, ClusterableModel):
            # What belongs to it is made when it is there itself.
            thing = model.from_serializable_data(data, check_fks=True, strict_fks=True)
            thing.save()
        return thing

    def _put_files_back(self) -> dict[str, str]:
        """Copy the files to where they were; their names there, by those they had."""
        if not self.files:
            return {}
        storage = self.content_type.model_class()._meta.get_field("file").storage
        names = {}
        for name, kept in self.files.items():
            # A file that is still there is the one: not all are deleted with what they belong to.
            if storage.exists(name):
                names[name] = name
            else:
                with private_storage().open(kept) as content:
                    names[name] = storage.save(name, File(content))
        return names

    @staticmethod
    def _remember(reference: dict, thing: models.Model) -> None:
        model = apps.get_model(reference["model"])
        field = reference["field"]
        forgetful = model._base_manager.filter(pk__in=reference["ids"], **{field: None})
        forgetful.update(**{field: thing})

    def _forget_files(self) -> None:
        for kept in self.files.values():
            private_storage().delete(kept)

    def purge(self) -> None:
        """Delete it for good, with the copies of its files."""
        transaction.on_commit(self._forget_files)
        self.delete()


def _renamed(data: Any, names: dict[str, str]) -> Any:
    """``data`` with the files' names of today."""
    if isinstance(data, dict):
        return {key: _renamed(value, names) for key, value in data.items()}
    if isinstance(data, list):
        return [_renamed(value, names) for value in data]
    return names.get(data, data) if isinstance(data, str) else data


def is_kept_when_deleted(thing: models.Model) -> bool:
    return not isinstance(thing, Page) and type(thing) in trashable_models()
