"""The forms in which images and documents enter the library. Nothing enters twice."""

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm
from wagtail.utils.file import hash_filelike

from .document_types import has_programs, is_what_it_says
from .redraw import UnfitPictureError, redrawn
from .uploads import hash_of

#: In the chooser Wagtail itself asks whether to take the image that is there already.
_IMAGE_CHOOSER_PREFIX = "image-chooser-upload"


class LibraryFormMixin:
    """What the forms of images and documents have in common."""

    def __init__(self, *args, user=None, **kwargs):
        super().__init__(*args, user=user, **kwargs)
        if "tags" in self.fields:
            self.fields["tags"].help_text = _("Palavras para achar o arquivo na biblioteca.")
        self.for_user = user
        # The model itself puts a new file in the place of the old one, and takes that away.
        self.original_file = None

    def refuse_twin(self, file_hash: str) -> None:
        """Say where the same file is in the library already, if the editor may use it there."""
        model = type(self.instance)
        if self.for_user:
            known = self.permission_policy.instances_user_has_any_permission_for(
                self.for_user, ["choose"]
            )
        else:
            known = model.objects.all()
        twin = (
            known.filter(file_hash=file_hash)
            .exclude(pk=self.instance.pk)
            .select_related("collection")
            .first()
        )
        if twin:
            raise ValidationError(
                gettext(
                    "Este arquivo já está na biblioteca, com o título “%(title)s”, na coleção "
                    "“%(collection)s”. Use-o de lá."
                ),
                "twin",
                # Wagtail's page for many uploads shows messages as HTML.
                {"title": _safe(twin.title), "collection": _safe(twin.collection.name)},
            )


def _safe(words: str) -> str:
    return words.replace("<", "").replace(">", "")


class SiteImageField(WagtailImageField):
    """Wagtail's, which bears pictures that Pillow refuses to open: broken or far too large ones."""

    def check_image_pixel_size(self, f):
        try:
            super().check_image_pixel_size(f)
        except ValidationError:
            raise
        except Exception as error:
            # Pillow raises whatever the file makes it stumble over.
            raise ValidationError(self.error_messages["invalid_image"], "invalid_image") from error


class SiteImageForm(LibraryFormMixin, BaseImageForm):
    """Wagtail's, with messages that say how to mend what is wrong."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "file" in self.fields:
            known = self.fields["file"]
            self.fields["file"] = SiteImageField(
                label=known.label, required=known.required, widget=known.widget
            )
        if "shows_people" in self.fields:
            self.fields["shows_people"].required = True
        if "file" in self.fields:
            self.fields["file"].error_messages.update(IMAGE_MESSAGES)

    def clean_file(self):
        upload = self.cleaned_data["file"]
        if not isinstance(upload, UploadedFile):
            return upload
        try:
            picture = redrawn(upload, hash_of)
        except UnfitPictureError as error:
            raise ValidationError(IMAGE_MESSAGES["invalid_image"], "invalid_image") from error
        if self.prefix != _IMAGE_CHOOSER_PREFIX:
            self.refuse_twin(picture.source_hash)
        return picture


class SiteDocumentForm(LibraryFormMixin, BaseDocumentForm):
    """Wagtail's, which also looks into the file."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "file" in self.fields:
            self.fields["file"].error_messages.update(DOCUMENT_MESSAGES)

    def clean_file(self):
        upload = self.cleaned_data["file"]
        if isinstance(upload, UploadedFile):
            extension = upload.name.rsplit(".", 1)[-1]
            if not is_what_it_says(upload.file, extension):
                raise ValidationError(
                    gettext(
                        "O conteúdo deste arquivo não é do tipo %(kind)s. Converta-o: mudar o nome "
                        "não basta."
                    ),
                    "wrong_type",
                    {"kind": _safe(extension.upper())},
                )
            if has_programs(upload.file, extension):
                raise ValidationError(
                    gettext(
                        "Este documento traz macros, programas ou objetos incorporados, que podem "
                        "esconder vírus. Salve uma cópia sem eles, ou em PDF, e envie-a."
                    ),
                    "programs",
                )
            self.refuse_twin(hash_filelike(upload.file))
        return upload


IMAGE_MESSAGES = {
    "file_too_large": _(
        "A imagem tem %(file_size)s, e o limite é %(max_filesize)s. Reduza-a ou salve-a em JPEG."
    ),
    "file_too_many_pixels": _(
        "A imagem tem %(num_pixels)s pontos, e o limite é %(max_pixels_count)s. Reduza a largura e "
        "a altura dela: o site não usa mais de 1680 pontos de largura."
    ),
    "invalid_image_known_format": _(
        "O conteúdo deste arquivo não é uma imagem %(extension)s, e sim %(image_format)s. "
        "Converta-a: mudar o nome não basta."
    ),
    "invalid_image": _(
        "Este arquivo não é uma imagem, está corrompido ou, aberto, ficaria grande demais."
    ),
}
DOCUMENT_MESSAGES = {
    "file_too_large": _(
        "O documento tem %(file_size)s, e o limite é %(max_filesize)s. Reduza-o ou divida-o."
    ),
}
