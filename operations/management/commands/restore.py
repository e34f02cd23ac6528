from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS
from django.utils import translation
from django.utils.translation import gettext

from contact.models import ContactMessage
from operations.backup import BackupError, rotation
from operations.backup.keys import Key
from operations.backup.restore import inspect, restore


class Command(BaseCommand):
    help = (
        "Puts a backup in the place of the present database and files, or leaves everything as it "
        "is. Stop the site before, and start it afterwards."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument(
            "archive", type=Path, nargs="?", help="Default: the newest one in BACKUP_ROOT."
        )
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="Of the settings.")
        parser.add_argument("--key-file", help="A file with the key, instead of BACKUP_KEY.")
        parser.add_argument(
            "--replace", action="store_true", help="Even if the site has content, which is lost."
        )
        parser.add_argument(
            "--verify", action="store_true", help="Only read and verify it; restore nothing."
        )

    def handle(self, *args, database, archive, key_file, replace, verify, verbosity, **options):
        with translation.override(settings.LANGUAGE_CODE):
            try:
                archive = archive or self._newest()
                key = Key.read_file(key_file) if key_file else Key.read(settings.BACKUP_KEY)
                if verify:
                    manifest = inspect(archive, key)
                else:
                    manifest = restore(archive, key, replace, database)
                    # Promised to their senders, whatever an old copy had.
                    ContactMessage.objects.using(database).expired().delete()
            except BackupError as error:
                raise CommandError(str(error)) from error
            if verbosity > 0:
                self._tell(manifest, archive, verify)

    @staticmethod
    def _newest() -> Path:
        found = rotation.archives(settings.BACKUP_ROOT)
        if not found:
            raise BackupError(
                gettext("Não há cópia de segurança em %(path)s.") % {"path": settings.BACKUP_ROOT}
            )
        return found[0].path

    def _tell(self, manifest: dict, archive: Path, is_verified_only: bool) -> None:
        told = {
            "path": archive,
            "made_at": manifest["made_at"],
            "files": len(manifest["files"]) - 1,
            "rows": sum(manifest["database"]["rows"].values()),
        }
        line = (
            gettext(
                "A cópia está inteira: %(path)s, de %(made_at)s, com %(rows)d linhas do banco e "
                "%(files)d arquivos."
            )
            if is_verified_only
            else gettext(
                "O site é de novo o de %(made_at)s (%(path)s): %(rows)d linhas do banco e "
                "%(files)d arquivos. Reinicie o site e as tarefas agendadas."
            )
        )
        self.stdout.write(self.style.SUCCESS(line % told))
