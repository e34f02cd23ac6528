"""Files that may be replaced by newer ones without a link to them ever breaking.

What keeps its address, and how caches come by the new file:

- A document: the address in links (``/documentos/5/edital.pdf``) stays, and every former one leads
  to it. It is served with the hash of its content as validator, and must be asked for again.
- A video and its captions: the file keeps its name. Pages and open data add a mark made of the
  content (``?v=…``), so a browser that kept the old file asks for the new.
- An image: the original keeps its name. Its versions, which are what pages show, have names made
  of the content (``SiteRendition``); the old ones go away.

A file of another type gets another name, for a name that ends in ``.docx`` must not be a PDF.
"""

import errno
import logging
from pathlib import PurePosixPath

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from wagtail.utils.file import hash_filelike

logger = logging.getLogger(__name__)

#: What a system says where there is no room for a file: of the disk, of the user, of one file.
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
NO_ROOM = _(
    "Não há espaço no servidor para guardar este arquivo. Nada do que já estava no site foi "
    "perdido. Avise quem cuida do servidor e, depois, envie o arquivo de novo."
)
NO_STORAGE = _(
    "O servidor não consegue guardar arquivos neste momento. Nada do que já estava no site foi "
    "perdido. Espere alguns minutos e envie o arquivo de novo; se continuar assim, avise quem "
    "cuida do servidor."
)


def put_in_place(storage, fresh: str, name: str) -> None:
    """Give the file stored as ``fresh`` the name of another, which it replaces.

    At once: nobody finds a half-written file, or none.
    """
    if fresh == name:
        return
    storage.replace(fresh, name)


def _kind(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


class ReplaceableFile(models.Model):
    """Has a ``file`` and its ``file_hash``. A new file takes the name and place of the old."""

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        is_new_file = bool(self.file) and not self.file._committed
        former = self._stored_name() if is_new_file and self.pk else ""
        super().save(*args, **kwargs)
        # Not when ``update_fields`` left the file out.
        if former and self.file._committed:
            self._settle(former)
            self.file_was_replaced(former)

    def clean(self):
        """Refuse a new file where it could not be stored: the form then says so."""
        super().clean()
        if self.file and not self.file._committed:
            try:
                self.file.storage.try_writing(self.file.size)
            except FileNotFoundError:
                pass  # the folder is made when the first file is stored
            except OSError as error:
                logger.error("A file that was sent could not be stored: %s", error)
                is_full = error.errno in _FULL
                raise ValidationError({"file": NO_ROOM if is_full else NO_STORAGE}) from error

    def file_was_replaced(self, former: str) -> None:
        """What else must be done when a new file took the place of the one stored as ``former``."""

    def _stored_name(self) -> str:
        stored = type(self)._base_manager.filter(pk=self.pk).values_list("file", flat=True)
        return stored.first() or ""

    def _settle(self, former: str) -> None:
        """Leave only the new file, by the name of the former where it is of the same type.

        On disk this happens once the database has it for certain: until then both files are there.
        """
        storage, fresh = self.file.storage, self.file.name
        if _kind(fresh) == _kind(former):
            type(self)._base_manager.filter(pk=self.pk).update(file=former)
            self.file.name = former
            transaction.on_commit(lambda: put_in_place(storage, fresh, former))
        else:
            transaction.on_commit(lambda: storage.delete(former))


class VersionedFile(ReplaceableFile):
    """A file served under its own name, whose address in pages changes with its content."""

    # SHA-1, as Wagtail notes it for images and documents.
    file_hash = models.CharField(
        _("impressão digital do arquivo"), max_length=40, blank=True, editable=False
    )

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        if self.file and not self.file._committed:
            self.file_hash = self.hash_of_upload()
        super().save(*args, **kwargs)

    def hash_of_upload(self) -> str:
        self.file.open()
        return hash_filelike(self.file.file)

    @property
    def versioned_url(self) -> str:
        """The file's address, with a mark of its content for caches."""
        mark = f"?v={self.file_hash[:8]}" if self.file_hash else ""
        return self.file.url + mark
