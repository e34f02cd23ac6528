from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.images.models import AbstractImage, AbstractRendition, Image


class SiteImage(AbstractImage):
    """An image of the library: says what it shows, or that it is decoration, and who made it.

    The alternative text is Wagtail's own ``description`` field, so that every chooser and block
    proposes it (WCAG 2.2, 1.1.1 Non-text Content; eMAG 3.1, 3.6).
    """

    is_decorative = models.BooleanField(
        _("imagem decorativa"),
        default=False,
        help_text=_(
            "Marque só quando a imagem nada informa: leitores de tela passarão por ela em silêncio."
        ),
    )
    credit = models.CharField(
        _("crédito"),
        max_length=160,
        blank=True,
        help_text=_("Quem fez a imagem, como deve aparecer. Exemplo: Foto de Maria Silva."),
    )

    admin_form_fields = (
        "title",
        "file",
        "description",
        "is_decorative",
        "credit",
        "collection",
        "tags",
        "focal_point_x",
        "focal_point_y",
        "focal_point_width",
        "focal_point_height",
    )
    search_fields = [*Image.search_fields]

    class Meta(AbstractImage.Meta):
        verbose_name = _("imagem")
        verbose_name_plural = _("imagens")

    def clean(self):
        super().clean()
        if not self.description.strip() and not self.is_decorative:
            raise ValidationError(
                {
                    "description": _(
                        "Descreva o que a imagem mostra ou, se ela nada informa, "
                        "marque “imagem decorativa”."
                    )
                }
            )
        if self.description.strip() and self.is_decorative:
            raise ValidationError(
                {
                    "is_decorative": _(
                        "Uma imagem decorativa não tem descrição: apague a descrição "
                        "ou desmarque esta opção."
                    )
                }
            )

    @property
    def default_alt_text(self):
        return "" if self.is_decorative else self.description


class SiteRendition(AbstractRendition):
    image = models.ForeignKey(SiteImage, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        unique_together = (("image", "filter_spec", "focal_point_key"),)
        verbose_name = _("versão de imagem")
        verbose_name_plural = _("versões de imagens")
