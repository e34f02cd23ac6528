from django.utils.translation import gettext_lazy as _
from wagtail.documents.models import AbstractDocument, Document


class SiteDocument(AbstractDocument):
    """A document of the library. Our own from the first migration: it is hard to add later."""

    admin_form_fields = Document.admin_form_fields

    class Meta(AbstractDocument.Meta):
        verbose_name = _("documento")
        verbose_name_plural = _("documentos")

    def save(self, *args, **kwargs):
        """Note the size of a file that does not come by the admin's form, which does it."""
        if self.file and self.file_size is None:
            self.file_size = self.file.size
        super().save(*args, **kwargs)
