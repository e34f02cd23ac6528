from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.models import TranslatableMixin


class NewsCategory(TranslatableMixin, models.Model):
    """What an article is about; the reader filters the news by it."""

    name = models.CharField(
        _("nome"), max_length=60, help_text=_("Curto e no singular. Exemplo: Cidades-irmãs.")
    )
    slug = models.SlugField(
        _("endereço"),
        max_length=60,
        help_text=_("Letras minúsculas sem acento, números e hífens. Aparece no filtro."),
    )

    panels = [FieldPanel("name"), FieldPanel("slug")]

    class Meta(TranslatableMixin.Meta):
        verbose_name = _("assunto")
        verbose_name_plural = _("assuntos")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["locale", "slug"], name="one_category_slug_per_locale")
        ]

    def __str__(self):
        return self.name

    def clean(self):
        super().clean()
        twins = NewsCategory.objects.filter(locale_id=self.locale_id, slug=self.slug)
        if self.slug and twins.exclude(pk=self.pk).exists():
            raise ValidationError({"slug": _("Já existe um assunto com este endereço.")})
