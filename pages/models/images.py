import os

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.images.models import AbstractImage, AbstractRendition, Image

from ..library.addresses import ReplaceableFile
from ..library.uploads import redraw_upload

#: Whether an image shows people, as the editors answer.
SHOWS_PEOPLE = [
    (True, _("Sim, e podem ser reconhecidas")),
    (False, _("Não, ou não podem ser reconhecidas")),
]


class SiteImage(ReplaceableFile, AbstractImage):
    """An image of the library: says what it shows, or that it is decoration, and who made it.

    Whether people in it can be recognised and have authorised its use is asked when it is uploaded
    (Lei 13.709/2018, LGPD, art. 7; Código Civil, art. 20); until somebody answers for an older
    one, ``shows_people`` is None.

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

    shows_people = models.BooleanField(
        _("mostra pessoas"),
        null=True,
        blank=True,
        choices=SHOWS_PEOPLE,
        help_text=_("A imagem de uma pessoa que se pode reconhecer é um dado pessoal."),
    )
    is_use_authorised = models.BooleanField(
        _("uso autorizado"),
        default=False,
        help_text=_(
            "Marque quando as pessoas, ou os responsáveis por menores de idade, autorizaram o uso "
            "da imagem. Sem autorização, nenhuma página é publicada com ela."
        ),
    )
    authorisation_record = models.CharField(
        _("onde está a autorização"),
        max_length=200,
        blank=True,
        help_text=_("O número do processo ou a pasta em que o documento está guardado."),
    )

    admin_form_fields = (
        "title",
        "file",
        "description",
        "is_decorative",
        "credit",
        "shows_people",
        "is_use_authorised",
        "authorisation_record",
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

    def save(self, *args, **kwargs):
        if self.file and not self.file._committed:
            self._set_image_file_metadata()
        super().save(*args, **kwargs)

    def file_was_replaced(self, former):
        self.renditions.all().delete()

    def _set_image_file_metadata(self):
        """Draw a new file anew, and note its size and the hash of what was uploaded.

        The hash is by that file, without its metadata: the same file then is recognised whatever
        version of the programs that draw was there at the time.
        """
        is_new = self.file and not self.file._committed
        source_hash = redraw_upload(self.file) if is_new else ""
        super()._set_image_file_metadata()
        if source_hash:
            self.file_hash = source_hash

    def clean(self):
        super().clean()
        if self.shows_people and self.is_use_authorised and not self.authorisation_record.strip():
            raise ValidationError(
                {"authorisation_record": _("Diga onde a autorização está guardada.")}
            )
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

    def get_upload_to(self, filename):
        """A name made of the image's content: when that changes, caches ask for the new one."""
        stem, extension = os.path.splitext(filename)
        mark = f".{self.image.file_hash[:8]}" if self.image.file_hash else ""
        return super().get_upload_to(f"{stem}{mark}{extension}")
