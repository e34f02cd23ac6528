import logging
import os
from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import Error as DatabaseError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.images.models import AbstractImage, AbstractRendition, Image, SourceImageIOError

from ..library.addresses import ReplaceableFile
from ..library.uploads import redraw_upload
from ..picture import filter_of
from ..renditions import make_for_image_soon

logger = logging.getLogger(__name__)

#: Seconds after which a file that could not be drawn is tried again, and told of again.
TRIED_AGAIN_AFTER, TOLD_AGAIN_AFTER = 60, 60 * 60

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
        is_new = self._state.adding
        if self.file and not self.file._committed:
            self._set_image_file_metadata()
            self._move_focal_point()
        super().save(*args, **kwargs)
        if not is_new and kwargs.get("update_fields") is None:
            # Of another file or focal point; of what is as it was, all versions are there.
            make_for_image_soon(self)

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
        if getattr(self.file.file, "scale", 1) != 1:
            # What was measured when it came was larger.
            self.file.__dict__.pop("_dimensions_cache", None)
            self._meta.get_field("file").update_dimension_fields(self, force=True)

    def _move_focal_point(self):
        """Let the focal point be where it is in the picture, if that is now of another size.

        One that is set with a new picture is in that as it was uploaded; one that was there before
        is in the picture that is replaced.
        """
        point = self.get_focal_point()
        if point is None:
            return
        across = down = getattr(self.file.file, "scale", 1)
        former = type(self)._base_manager.filter(pk=self.pk).first() if self.pk else None
        if former and former.get_focal_point() == point:
            across, down = self.width / former.width, self.height / former.height
        self.focal_point_x = round(self.focal_point_x * across)
        self.focal_point_y = round(self.focal_point_y * down)
        self.focal_point_width = round(self.focal_point_width * across)
        self.focal_point_height = round(self.focal_point_height * down)

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

    # Versions: Wagtail's ways to get one raise when it is not there and cannot be made. ----------

    def versions(self, *specs: str) -> "dict[str, SiteRendition]":
        """Those of the versions ``specs`` that are there or can be made now, by their specs.

        The file may be missing, broken, or out of reach for a while; a page is drawn all the same.
        Such a file is tried again after a minute, and the log tells of it once an hour.
        """
        failed = f"image-{self.pk}-{self.file_hash}-failed"
        if not cache.get(failed):
            try:
                return self.get_renditions(*map(filter_of, specs))
            except SourceImageIOError as error:
                cache.set(failed, True, TRIED_AGAIN_AFTER)
                if cache.add(f"{failed}-told", True, TOLD_AGAIN_AFTER):
                    logger.error(
                        "The image %s (“%s”) is shown as far as it was drawn before: its file %s "
                        "cannot be read, or no version of it written: %s",
                        *(self.pk, self.title, self.file.name, error),
                    )
        existing = self.find_existing_renditions(*map(filter_of, specs))
        return {chosen.spec: rendition for chosen, rendition in existing.items()}

    def version(self, spec: str) -> "SiteRendition | None":
        return self.versions(spec).get(spec)

    def create_rendition(self, chosen):
        return self.create_renditions(chosen)[chosen]

    def create_renditions(self, *filters):
        """One after the other, each looked for before it is made: others may be making them.

        Wagtail makes three at once, which takes three times the memory for no less work, and looks
        when all are made.
        """
        return _telling_of_files(lambda: self._create_one_by_one(filters)) if filters else {}

    def _create_one_by_one(self, filters) -> dict:
        with self.open_file() as file:
            data = file.read()
        made = {}
        for chosen in filters:
            terms = {"filter_spec": chosen.spec, "focal_point_key": chosen.get_cache_key(self)}
            found = self.renditions.filter(**terms).first()
            if found is None:
                # Before the database is written to, which others would have to wait for.
                source = File(BytesIO(data), name=self.file.name)
                file = self.generate_rendition_file(chosen, source=source)
                found, _is_new = self.renditions.get_or_create(**terms, defaults={"file": file})
            made[chosen] = found
        return made


def _telling_of_files(make: Callable[[], Any]) -> Any:
    """What ``make`` makes. Raises Wagtail's own error, which its pages bear, for any of a file.

    Pillow raises whatever a broken file makes it stumble over, and storages what they like.
    """
    try:
        return make()
    except (SourceImageIOError, DatabaseError):
        raise
    except Exception as error:
        raise SourceImageIOError(f"{type(error).__name__}: {error}") from error


class SiteRendition(AbstractRendition):
    image = models.ForeignKey(SiteImage, on_delete=models.CASCADE, related_name="renditions")
    #: Bytes. Empty in those of before it was noted.
    file_size = models.PositiveIntegerField(null=True, editable=False)

    class Meta:
        unique_together = (("image", "filter_spec", "focal_point_key"),)
        verbose_name = _("versão de imagem")
        verbose_name_plural = _("versões de imagens")

    def save(self, *args, **kwargs):
        if self.file and not self.file._committed:
            self.file_size = self.file.size
        super().save(*args, **kwargs)

    @property
    def size(self) -> int | None:
        """Bytes of the file; None when nobody knows and it cannot be asked."""
        if self.file_size is None:
            try:
                return self.file.size
            except Exception:
                # A storage raises what it likes.
                return None
        return self.file_size

    def get_upload_to(self, filename):
        """A name made of the image's content: when that changes, caches ask for the new one."""
        stem, extension = os.path.splitext(filename)
        mark = f".{self.image.file_hash[:8]}" if self.image.file_hash else ""
        return super().get_upload_to(f"{stem}{mark}{extension}")
