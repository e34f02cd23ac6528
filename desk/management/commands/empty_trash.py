from django.core.management.base import BaseCommand
from django.db import transaction

from desk.models import TrashedPage, TrashedThing
from desk.models.trash import KEPT_DAYS


class Command(BaseCommand):
    help = (
        f"Deletes for good what has been in the recycle bin for {KEPT_DAYS} days. For a timer to "
        "call once a day; it may run twice, or on two machines at once."
    )

    def handle(self, *args, **options):
        count = self._empty_pages() + self._empty_things()
        self.stdout.write(self.style.SUCCESS(f"{count} things were deleted for good."))

    def _empty_pages(self) -> int:
        count = 0
        for pk in list(TrashedPage.objects.expired().values_list("pk", flat=True)):
            with transaction.atomic():
                # Another run, or an editor who restores it, may have been quicker.
                found = TrashedPage.objects.select_for_update(of=("self",)).expired()
                record = found.filter(pk=pk).first()
                if record:
                    record.page.specific.delete()
                    count += 1
        return count

    def _empty_things(self) -> int:
        count = 0
        for pk in list(TrashedThing.objects.expired().values_list("pk", flat=True)):
            with transaction.atomic():
                found = TrashedThing.objects.select_for_update(of=("self",)).expired()
                record = found.filter(pk=pk).first()
                if record:
                    record.purge()
                    count += 1
        return count
