from django.core.management.base import BaseCommand
from django.db import transaction

from jundiai_global.demo.load import Removal


class Command(BaseCommand):
    help = "Takes the samples away. Keeps, and names, those that an editor has revised."

    def add_arguments(self, parser):
        parser.add_argument(
            "--force", action="store_true", help="Remove also samples that editors have revised."
        )

    def handle(self, *args, force, **options):
        removal = Removal(force=force)
        with transaction.atomic():
            removal.run()
        self.stdout.write(self.style.SUCCESS(f"{removal.removed} sample pages were removed."))
        for line in removal.kept:
            self.stdout.write(f"  kept: {line}")
