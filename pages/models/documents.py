from pathlib import PurePosixPath

from django.core.files.storage import storages
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.documents.models import AbstractDocument, Document

from ..library.addresses import ReplaceableFile


def document_storage():
    """Where no server has an address for a file: only ``pages.library.serving`` gives it out."""
    return storages["private"]


class SiteDocument(ReplaceableFile, AbstractDocument):
    """A document of the library. Our own from the first migration: it is hard to add later.

    Its file is not among the media, where who knows a name needs no permission.
    """

    file = models.FileField(_("arquivo"), upload_to="documents", storage=document_storage)
    former_names = models.JSONField(
        _("nomes anteriores"),
        default=list,
        blank=True,
        editable=False,
        help_text=_("Os nomes de arquivo que links antigos ainda usam."),
    )

    admin_form_fields = Document.admin_form_fields

    class Meta(AbstractDocument.Meta):
        verbose_name = _("documento")
        verbose_name_plural = _("documentos")

    def save(self, *args, **kwargs):
        """Note size and hash of a file that does not come by the admin's form, which does it."""
        if self.file and not self.file._committed:
            self._set_document_file_metadata()
        super().save(*args, **kwargs)

    def file_was_replaced(self, former):
        name = PurePosixPath(former).name
        if name != self.filename and name not in self.former_names:
            self.former_names = [*self.former_names, name]
            type(self).objects.filter(pk=self.pk).update(former_names=self.former_names)
