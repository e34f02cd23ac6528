from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from jundiai_global.demo.load import Demo, has_samples
from pages.models import HomePage


class Command(BaseCommand):
    help = "Adds sample news and videos that say they are samples. Does nothing if there are any."

    def handle(self, *args, **options):
        if not HomePage.objects.exists():
            raise CommandError("Load the first content before: load_initial_content")
        if has_samples():
            self.stdout.write("The samples are there already; nothing was changed.")
            return
        with transaction.atomic():
            count = Demo().load()
        self.stdout.write(self.style.SUCCESS(f"{count} sample news items and 2 videos were added."))
