from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS
from django.template.defaultfilters import filesizeformat
from django.utils import translation
from django.utils.translation import gettext

from operations.backup import BackupError, rotation
from operations.backup.keys import Key, new_pair
from operations.backup.make import make


class Command(BaseCommand):
    help = (
        "Writes database and files into one archive in BACKUP_ROOT, encrypted when there is a "
        "BACKUP_KEY, verifies it and deletes those that are too old. The site goes on meanwhile."
    )
    # A copy is never so needed as when something is wrong.
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--output", type=Path, help="Another file; nothing else is deleted.")
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="Of the settings.")
        parser.add_argument("--key-file", help="A file with the key, instead of BACKUP_KEY.")
        parser.add_argument("--new-key", action="store_true", help="Only make and show a key.")

    def handle(self, *args, database, output, key_file, new_key, verbosity, **options):
        with translation.override(settings.LANGUAGE_CODE):
            if new_key:
                self._show_new_key()
                return
            try:
                key = Key.read_file(key_file) if key_file else Key.read(settings.BACKUP_KEY)
                made = make(settings.BACKUP_ROOT, key, output, database)
            except BackupError as error:
                raise CommandError(str(error)) from error
            gone = []
            if output is None:
                gone = rotation.rotate(
                    settings.BACKUP_ROOT, settings.BACKUP_KEEP_DAILY, settings.BACKUP_KEEP_WEEKLY
                )
            self._warn(made)
            if verbosity > 0:
                self._tell(made, gone)

    def _show_new_key(self) -> None:
        private, public = new_pair()
        self.stdout.write(
            f"# {gettext('Chave pública: basta para fazer cópias.')}\n# {public}\n"
            f"# {gettext('Chave privada: sem ela nenhuma cópia se abre. Guarde-a em outro lugar.')}"
        )
        self.stdout.write(private)

    def _warn(self, made) -> None:
        if made.lost:
            self.stderr.write(
                gettext("O banco cita arquivos que já não existem (%(count)d): %(names)s")
                % {"count": len(made.lost), "names": ", ".join(made.lost[:5])}
            )
        if made.remote:
            self.stderr.write(
                gettext("Fora da cópia, porque outro serviço os guarda: %(names)s")
                % {"names": ", ".join(made.remote)}
            )

    def _tell(self, made, gone) -> None:
        told = {
            "path": made.path,
            "files": made.files,
            "size": filesizeformat(made.size),
        }
        self.stdout.write(
            self.style.SUCCESS(
                gettext("Cópia feita: %(path)s (%(size)s, banco de dados e %(files)d arquivos).")
                % told
            )
        )
        self.stdout.write(
            gettext("Ela foi lida de volta e conferida.")
            if made.is_fully_verified
            else gettext(
                "O que está no disco é o que foi gravado; para abri-la é preciso a chave privada."
            )
        )
        for path in gone:
            self.stdout.write(gettext("Apagada, por antiga: %(path)s") % {"path": path})
