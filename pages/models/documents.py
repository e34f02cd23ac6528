from pathlib import PurePosixPath

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.documents.models import AbstractDocument, Document

from ..library.addresses import ReplaceableFile


class SiteDocument(ReplaceableFile, AbstractDocument):
    """A document of the library. Our own from the first migration: it is hard to add later."""

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
